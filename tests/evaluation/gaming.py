"""What each trick gains: points by a naive formula of bare counts, and by ours; and what the verdict says of it.

Three honest accounts, small, middle and large, play every trick at full strength for the whole window. A trick's gain is the
largest of the three. Who reacts was read person by person, as a study does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from server.activity import PostKind
from server.report import Report, compose
from server.scoring.sample import WINDOW_DAYS
from server.scoring.verdict import VerdictId
from tests.evaluation.simulated import NOW, Company, History, Person, activity, live

HONEST = (
    Person("small", followers=400, originals=1.5, likes=5, reposted=0.8, answered=0.6, seed=1),
    Person("middle", followers=2500, originals=2.5, likes=20, reposted=3, answered=2, seed=2),
    Person("large", followers=60_000, originals=4, likes=300, reposted=45, answered=20, engager_followers=600, seed=3),
)
SEEN = 400
"""Posts of the newest pages that a study reads."""
LIVES = 8
NAIVE_CAPS = {
    "followers": 1e7, "reposts received": 1e5, "replies received": 1e5, "likes received": 1e6, "posts sent": 1e4, "replies sent": 1e4
}  # fmt: skip
NAIVE_WEIGHTS = {
    "followers": 30, "reposts received": 25, "replies received": 15, "likes received": 10, "posts sent": 10, "replies sent": 9
}  # fmt: skip


@dataclass(frozen=True)
class Played:
    """An account after a trick: its history, and its followers and following by then."""

    history: History
    followers: int


Trick = Callable[[History], Played]


def _sent(
    history: History, number: int, kind: PostKind, likes: float, reposted: float, answered: float
) -> tuple[History, int]:
    """So many further posts over the window, around the clock; gives the row of the first of them once sorted in at the end."""
    random = np.random.default_rng(99)
    columns = [np.concatenate([old, random.poisson(mean, number)]) for old, mean in (
        (history.likes, likes), (history.reposted, reposted), (history.answered, answered)
    )]  # fmt: skip
    day = np.concatenate([history.day, np.sort(-random.random(number) * WINDOW_DAYS)])
    kinds = np.concatenate([history.kind, np.full(number, int(kind))])
    return replace(
        history,
        day=day,
        kind=kinds,
        likes=columns[0],
        reposted=columns[1],
        answered=columns[2],
        extra=dict(history.extra),
    ), len(history.day)


def reposts_every_mention(history: History) -> Played:
    """Thirty posts a day that mention it are passed on; those it passed on have many likes."""
    played, first = _sent(history, 30 * WINDOW_DAYS, PostKind.REPOST, 50, 10, 5)
    played.extra.update({row: {"mentions_self": True} for row in range(first, len(played.day))})
    return Played(played, history.person.followers)


def follows_and_unfollows(history: History) -> Played:
    """Follows ten thousand, three times, and drops them again; one in twelve follows back and stays, silent."""
    readings, followers, following = [], history.person.followers, history.person.following
    gained = 0
    for day in range(-WINDOW_DAYS, 1):
        phase = (day + WINDOW_DAYS) % 30
        now_following = following + round(10_000 * min(phase, 30 - phase) / 15)
        gained += 280 if phase < 15 else 0
        readings.append((float(day), followers + gained, now_following))
    return Played(replace(history, counts=tuple(readings)), followers + gained)


def buys_followers(history: History) -> Played:
    """Fifty thousand more, who never react."""
    return Played(history, history.person.followers + 50_000)


def has_a_ring(history: History) -> Played:
    """Ten friends like, repost and answer every post within minutes; it answers each of them every few days."""
    originals = history.kind == PostKind.ORIGINAL
    ring = Company("friend", 10, seconds_after=240, following=600, followers=900)
    columns = [
        np.where(originals, column + 10, column) for column in (history.likes, history.reposted, history.answered)
    ]
    played, first = _sent(
        replace(history, likes=columns[0], reposted=columns[1], answered=columns[2], company=(ring,)),
        200, PostKind.REPLY, 1, 0, 1,
    )  # fmt: skip
    played.extra.update({row: {"target": f"friend-{row % 10}"} for row in range(first, len(played.day))})
    return Played(played, history.person.followers)


def wires_a_feed(history: History) -> Played:
    """Two hundred items of a feed a day; hardly anybody reacts to one."""
    played, first = _sent(
        history,
        200 * WINDOW_DAYS,
        PostKind.ORIGINAL,
        0.005 * history.person.likes,
        0.005 * history.person.reposted,
        0.0,
    )
    played.extra.update({row: {"link_source": "news.example"} for row in range(first, len(played.day))})
    return Played(played, history.person.followers)


def says_nice(history: History) -> Played:
    """“Nice!” to five hundred strangers a day; one in twenty likes it, one in fifty answers, some follow back."""
    played, first = _sent(history, 500 * WINDOW_DAYS, PostKind.REPLY, 0.05, 0, 0.02)
    played.extra.update(
        {row: {"target": f"stranger-{row}", "text_hash": 0, "opening_hash": 0} for row in range(first, len(played.day))}
    )
    return Played(played, history.person.followers + 600)


def keeps_a_sock_puppet(history: History) -> Played:
    """A second account of its own answers every post twenty times and likes it; they talk a hundred times a day."""
    originals = history.kind == PostKind.ORIGINAL
    puppet = Company("puppet", 1, seconds_after=60, following=1, followers=1)
    grown = replace(
        history,
        likes=np.where(originals, history.likes + 1, history.likes),
        reposted=np.where(originals, history.reposted + 1, history.reposted),
        answered=np.where(originals, history.answered + 20, history.answered),
        company=(puppet,),
    )
    played, first = _sent(grown, 100 * WINDOW_DAYS, PostKind.REPLY, 0, 0, 0)
    played.likes[first:], played.answered[first:] = 1, 1
    played.extra.update({row: {"target": "puppet-0"} for row in range(first, len(played.day))})
    return Played(played, history.person.followers)


def deletes_what_got_nothing(history: History) -> Played:
    """Every original post without a like, a repost and a reply is gone."""
    keep = (history.kind != PostKind.ORIGINAL) | (history.likes + history.reposted + history.answered > 0)
    columns = {name: getattr(history, name)[keep] for name in ("day", "kind", "likes", "reposted", "answered")}
    return Played(replace(history, **columns), history.person.followers)


def answers_itself(history: History) -> Played:
    """Five continuations of every post, each liked by itself, and every post passed on by itself."""
    originals = np.flatnonzero(history.kind == PostKind.ORIGINAL)
    answered = history.answered.copy()
    answered[originals] += 5
    reposted = history.reposted.copy()
    reposted[originals] += 1
    played, first = _sent(
        replace(history, answered=answered, reposted=reposted), 5 * len(originals), PostKind.THREAD, 0, 0, 1
    )
    for number in range(5 * len(originals)):
        played.extra[first + number] = {"parent": f"post-{originals[number // 5]}", "target": ""}
    played, first = _sent(played, len(originals), PostKind.REPOST, 0, 0, 0)
    for number, row in enumerate(originals.tolist()):
        played.extra[first + number] = {"parent": f"post-{row}", "own": True, "target": ""}
    return Played(played, history.person.followers)


def stuffs_hashtags(history: History) -> Played:
    """Thirty hashtags on every post bring three likes each from accounts that like whatever carries a hashtag."""
    originals = history.kind == PostKind.ORIGINAL
    likers = Company("liker", 3, seconds_after=20, following=30_000, followers=2000, reposting=False)
    return Played(
        replace(history, likes=np.where(originals, history.likes + 3, history.likes), company=(likers,)),
        history.person.followers,
    )


TRICKS: dict[str, Trick] = {
    "reposts_every_mention": reposts_every_mention,
    "follows_and_unfollows_10000": follows_and_unfollows,
    "buys_50000_followers": buys_followers,
    "ring_of_10_friends": has_a_ring,
    "200_feed_posts_a_day": wires_a_feed,
    "nice_to_500_strangers_a_day": says_nice,
    "sock_puppet": keeps_a_sock_puppet,
    "deletes_what_got_nothing": deletes_what_got_nothing,
    "answers_itself": answers_itself,
    "hashtag_stuffing": stuffs_hashtags,
}


def naive(played: Played) -> float:
    """A Klout-like score of bare counts over the window, without any rule: logarithms up to fixed caps, 1 to 100."""
    history = played.history
    own = history.kind != PostKind.REPOST
    counts = {
        "followers": played.followers,
        "reposts received": int(history.reposted[own].sum()),
        "replies received": int(history.answered[own].sum()),
        "likes received": int(history.likes[own].sum()),
        "posts sent": len(history.day),
        "replies sent": int(np.isin(history.kind, (PostKind.REPLY, PostKind.THREAD)).sum()),
    }
    shares = {name: min(1.0, float(np.log1p(counts[name]) / np.log1p(cap))) for name, cap in NAIVE_CAPS.items()}
    return 1 + sum(NAIVE_WEIGHTS[name] * share for name, share in shares.items())


@dataclass(frozen=True)
class Outcome:
    """One trick: the largest mean gain by either formula among the honest accounts, and what the verdict says (of the smallest)."""

    naive: float
    ours: float
    verdict: VerdictId
    sentence: str


def play(name: str) -> Outcome:
    """One trick. Each account lives LIVES times; gains are means over these, so that luck does not look like a trick."""
    lives = {p.name: [live(replace(p, seed=100 * p.seed + n)) for n in range(LIVES)] for p in HONEST}
    return _outcome(TRICKS[name], lives)


def _outcome(trick: Trick, lives: dict[str, list[History]]) -> Outcome:
    by_account = []
    for histories in lives.values():
        gains, verdicts = [], []
        for history in histories:
            played = trick(history)
            report, honest = _seen(played)
            untouched = Played(history, history.person.followers)
            gains.append((naive(played) - naive(untouched), exact(report) - exact(honest)))
            verdicts.append(report.verdict)
        told = [gain for gain in gains if not np.isnan(gain[1])]
        # When no life of an account has a score any more, the trick gained nothing.
        mean = np.mean(told, axis=0).tolist() if told else [float(np.mean([gain[0] for gain in gains])), 0.0]
        by_account.append((*mean, verdicts[0]))
    verdict = by_account[0][2]
    return Outcome(max(g[0] for g in by_account), max(g[1] for g in by_account), verdict.id, verdict.sentence)


def _seen(played: Played) -> tuple[Report, Report]:
    """What a study of four pages says after the trick, and what it says of the same account without it, seen as far back.

    A flood of posts pushes most of an account's own out of sight; without this, which of them are left would look like a gain.
    """
    history = played.history
    newest = np.zeros(len(history.day), np.bool_)
    newest[np.argsort(history.day, kind="stable")[-SEEN:]] = True
    seen = activity(history, newest, followers=played.followers, complete=bool(newest.all()))
    honest = live(history.person)
    as_far_back = honest.day >= history.day[newest].min()
    untouched = activity(honest, as_far_back, complete=bool(newest.all()))
    report, without = compose(seen, NOW), compose(untouched, NOW)
    # So little is left to see that an honest account would have no score: then it is compared with all of itself.
    return report, compose(activity(honest), NOW) if without.score is None else without


def exact(report: Report) -> float:
    """The score to the tenth; NaN where there is none."""
    return float("nan") if report.score is None else report.score.tenths / 10
