"""Simulated accounts whose truth is known: what they send, and what people do to it, with heavy tails."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from server.account import AccountRef
from server.activity import (
    Activity,
    ActivityBuilder,
    Coverage,
    Depth,
    Interaction,
    InteractionKind,
    Post,
    PostKind,
    Profile,
)
from server.scoring.sample import DAY, ENGAGED_POSTS, WINDOW_DAYS

NOW = 1_790_000_000
SPREAD = 1.2
"""Standard deviation of ln(expected count of a post): one post in a hundred gets sixteen times the median."""
PEOPLE_WHO_COME_BACK = 0.35
"""Share of reactions that come from the few regular readers; the rest from people seen once."""


@dataclass(frozen=True)
class Person:
    """How somebody posts and is received; rates per day, counts per original post on average."""

    name: str = "honest"
    followers: int = 2000
    following: int = 400
    originals: float = 2.5
    replies: float = 2.0
    reposts: float = 0.8
    likes: float = 12.0
    reposted: float = 2.0
    answered: float = 1.5
    partners: int = 60
    engager_followers: float = 400.0
    seed: int = 0


@dataclass(frozen=True)
class Company:
    """People who react to every original post: how many, how soon, and how many they follow and are followed by."""

    name: str
    people: int
    seconds_after: int
    following: int = 300
    followers: int = 200
    reposting: bool = True


@dataclass
class History:
    """What one account did and got, oldest first; days before NOW are negative. Columns share their index."""

    person: Person
    day: NDArray[np.float64]
    kind: NDArray[np.int64]
    likes: NDArray[np.int64]
    reposted: NDArray[np.int64]
    answered: NDArray[np.int64]
    extra: dict[int, dict[str, object]] = field(default_factory=dict)
    """Columns of single posts that differ from the usual."""
    company: tuple[Company, ...] = ()
    """Already in the counts."""
    counts: tuple[tuple[float, int, int], ...] = ()
    """Readings of the network's own counts: day, followers, following."""


def live(person: Person, days: float = WINDOW_DAYS, until: float = 0.0) -> History:
    """So many days of a person's posts, the last one ``until`` days after NOW."""
    random = np.random.default_rng(person.seed)
    rates = np.array([person.originals, person.replies, person.reposts])
    number = random.poisson(rates.sum() * days)
    day = np.sort(_by_daylight(random, number, days)) + until
    kind = random.choice([PostKind.ORIGINAL, PostKind.REPLY, PostKind.REPOST], number, p=rates / rates.sum())
    # One post's likes, reposts and replies rise together: it was seen by many or by few.
    luck = np.exp(SPREAD * random.standard_normal(number) - SPREAD**2 / 2)
    carried = np.where(kind == PostKind.ORIGINAL, 1.0, np.where(kind == PostKind.REPLY, 0.1, 0.0)) * luck
    columns = [random.poisson(mean * carried) for mean in (person.likes, person.reposted, person.answered)]
    return History(person, day, np.asarray(kind, np.int64), *columns)


def _by_daylight(random: np.random.Generator, number: int, days: float) -> NDArray[np.float64]:
    """Moments in days before NOW, none between one and seven in the morning."""
    awake = 7 / 24 + random.random(number) * 18 / 24
    return np.asarray(-np.floor(random.random(number) * days) - 1 + awake, np.float64)


def activity(
    history: History,
    keep: NDArray[np.bool_] | None = None,
    sent: int | None = None,
    now: int = NOW,
    study: bool = True,
    followers: int | None = None,
    complete: bool = True,
    engaged_posts: int = ENGAGED_POSTS,
    read_each_week: int = 0,
) -> Activity:
    """What the service knows of it: all posts, or those of ``keep``.

    ``sent``: the network's own count of posts in the window, read at its start and its end. ``study``: who reacted to the newest
    posts was read, too, of ``engaged_posts`` or of the newest ``read_each_week`` of every week. ``complete``: the timeline was
    read to the window's start.
    """
    person = history.person
    followers = person.followers if followers is None else followers
    profile = Profile(
        AccountRef("bluesky", person.name),
        person.name,
        url="https://example.org/",
        followers=followers,
        following=person.following,
    )
    builder = ActivityBuilder(profile, now)
    rows = np.flatnonzero(np.ones(len(history.day), np.bool_) if keep is None else keep)
    for row in rows.tolist():
        builder.post(_post(history, row))
    builder.coverage = Coverage(Depth.STUDY if study else Depth.GLANCE, timeline_complete=complete and sent is None)
    if sent is not None:
        builder.count(now - WINDOW_DAYS * DAY, followers, person.following, 1000)
        builder.count(now, followers, person.following, 1000 + sent)
    for day, then_followers, then_following in history.counts:
        builder.count(int(now + day * DAY), then_followers, then_following, None)
    if study:
        _read_engagers(builder, history, _posts_read(history, rows, engaged_posts, read_each_week))
    return builder.build()


def _post(history: History, row: int) -> Post:
    kind = PostKind(int(history.kind[row]))
    whom = f"partner-{row * 7 % history.person.partners}" if kind is not PostKind.ORIGINAL else ""
    columns: dict[str, object] = {
        "target": whom,
        "parent": f"theirs-{row}" if whom else "",
        "conversation": f"thread-{row}",
        "text_hash": row + 1,
        "opening_hash": row + 1,
        "mentions": 0,
    }
    return Post(
        id=f"post-{row}",
        time=int(NOW + history.day[row] * DAY),
        kind=kind,
        url=f"https://example.org/post/{row}",
        likes=int(history.likes[row]),
        reposts=int(history.reposted[row]),
        replies=int(history.answered[row]),
        quotes=0,
        **(columns | history.extra.get(row, {})),  # type: ignore[arg-type]
    )


def _posts_read(history: History, rows: NDArray[np.int64], engaged_posts: int, read_each_week: int) -> list[int]:
    """Rows of the posts whose reactions a study reads: the newest that have any, those said to everybody first."""
    newest = rows[np.argsort(-history.day[rows], kind="stable")].tolist()
    newest.sort(key=lambda row: history.kind[row] != PostKind.ORIGINAL)
    any_reaction = history.likes + history.reposted > 0
    engaged = [row for row in newest if any_reaction[row] and history.kind[row] != PostKind.REPOST]
    if not read_each_week:
        return engaged[:engaged_posts]
    of_week: dict[int, int] = {}
    read = []
    for row in engaged:
        week = int(history.day[row] // 7)
        of_week[week] = of_week.get(week, 0) + 1
        read += [row] if of_week[week] <= read_each_week else []
    return read


def _read_engagers(builder: ActivityBuilder, history: History, engaged: list[int]) -> None:
    """Who liked and reposted these posts: regular readers and people seen once."""
    for row in engaged:
        for kind, count in (
            (InteractionKind.LIKE, int(history.likes[row])),
            (InteractionKind.REPOST, int(history.reposted[row])),
        ):
            for company in history.company:
                if history.kind[row] == PostKind.ORIGINAL and (company.reposting or kind is InteractionKind.LIKE):
                    count -= company.people
                    _arrive(builder, history, row, kind, company)
            random = np.random.default_rng([history.person.seed, crc32(f"{history.day[row]:.6f}-{kind}".encode())])
            for who in _who_reacts(history, row, kind, random)[: max(0, count)]:
                _react(builder, history, row, kind, who)
    builder.coverage = replace(builder.coverage, engagers_read=tuple(f"post-{row}" for row in engaged))


def _who_reacts(history: History, row: int, kind: InteractionKind, random: np.random.Generator) -> list[str]:
    """Up to forty people in the order in which they come to a post: with one reaction more, one more of them."""
    regulars = [f"regular-{n}" for n in random.permutation(max(5, int(history.person.likes)))]
    comes_back = random.random(40) < PEOPLE_WHO_COME_BACK
    return [
        regulars.pop() if again and regulars else f"once-{history.day[row]:.6f}-{kind}-{number}"
        for number, again in enumerate(comes_back.tolist())
    ]


def _arrive(builder: ActivityBuilder, history: History, row: int, kind: InteractionKind, company: Company) -> None:
    for number in range(company.people):
        who = f"{company.name}-{number}"
        builder.person(who, who, company.followers, company.following)
        sent = int(NOW + history.day[row] * DAY) + company.seconds_after
        builder.interaction(Interaction(f"{kind.name}:{who}:{row}", kind, who, sent, post=f"post-{row}"))


def _react(builder: ActivityBuilder, history: History, row: int, kind: InteractionKind, who: str) -> None:
    # By the name, so that somebody is the same at every post; a generator of random numbers for each would cost most of the time.
    lot = int.from_bytes(blake2b(f"{history.person.seed}-{who}".encode(), digest_size=4).digest())
    audience = float(np.exp(np.log(history.person.engager_followers) + 1.5 * ndtri((lot + 0.5) / 2**32)))
    builder.person(who, who, int(audience), 50 + lot % 850)
    sent = int(NOW + history.day[row] * DAY)
    builder.interaction(
        Interaction(f"{kind.name}:{who}:{row}", kind, who, sent + 600 + lot % (2 * DAY), post=f"post-{row}")
    )
