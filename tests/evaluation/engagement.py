"""The verdict on real accounts of known kind: ``engagement/accounts.parquet`` and ``engagement/posts.parquet``.

Each account is looked at when its archive ends, through what the service would have seen then: the newest 300 posts of 90 days.
An archive whose last 90 days hold hardly a post is looked at when its busiest 90 days ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from server.account import AccountRef
from server.activity import Activity, ActivityBuilder, Coverage, Depth, Post, PostKind, Profile
from server.report import Report, compose
from server.scoring.sample import DAY, WINDOW_DAYS
from server.scoring.verdict import VerdictId

MOST_POSTS = 300
ENOUGH_POSTS = 100
KINDS = {"original": PostKind.ORIGINAL, "reply": PostKind.REPLY, "repost": PostKind.REPOST, "quote": PostKind.QUOTE}
FEEDS = ("automated_feed", "news_feed")
TALKER_SHARE = 0.25
"""Who replies in at least this share of the posts looked at talks with people."""
ACCUSATIONS = (VerdictId.LOOKS_AUTOMATED, VerdictId.GAMES_ITS_NUMBERS)
TALKING = (VerdictId.IN_CONVERSATION, VerdictId.SOME_REPLIES)
SMALL_SAMPLE = 20
DRAWS = 20


@dataclass(frozen=True)
class Archive:
    """One account: its label, its posts (oldest first, column ``seconds``), and whether replies were in the source at all."""

    account: str
    label: str
    posts: pd.DataFrame

    @property
    def replies_shown(self) -> bool:
        return bool(self.posts["kind_reliable"].all())

    def looked_at(self) -> pd.DataFrame:
        """The posts that the service would have seen, oldest first."""
        seconds = self.posts["seconds"].to_numpy()
        before = np.searchsorted(seconds, seconds - WINDOW_DAYS * DAY, side="right")
        inside = np.arange(1, len(seconds) + 1) - before
        last = len(seconds) - 1
        if inside[last] < ENOUGH_POSTS:
            enough = np.flatnonzero(inside >= ENOUGH_POSTS)
            last = int(enough[-1]) if len(enough) else int(np.argmax(inside))
        return self.posts.iloc[before[last] : last + 1].iloc[-MOST_POSTS:]


def read_archives(folder: Path) -> list[Archive]:
    """Every account of a data folder, by its id. Raises FileNotFoundError."""
    accounts = pd.read_parquet(folder / "engagement" / "accounts.parquet").set_index("account")
    posts = pd.read_parquet(folder / "engagement" / "posts.parquet")
    posts["seconds"] = posts["timestamp"].astype("datetime64[s, UTC]").astype("int64")
    posts = posts.sort_values(["account", "seconds"], kind="stable")
    return [
        Archive(str(name), str(accounts["label"][name]), group.reset_index(drop=True))
        for name, group in posts.groupby("account", sort=True)
    ]


def activity_of(archive: Archive, posts: pd.DataFrame, sent: int | None = None) -> Activity:
    """These posts of an archive as the service holds them. Where links lead is not in the data: each has a source of its own.

    ``sent``: these are only a part of so many that were sent in the window, as the network's own post counts tell.
    """
    now = int(posts["seconds"].iloc[-1])
    builder = ActivityBuilder(
        Profile(AccountRef("x", archive.account), archive.account, url="https://example.org/"), now
    )
    builder.coverage = Coverage(Depth.GLANCE, timeline_complete=sent is None, replies_shown=archive.replies_shown)
    columns = (
        "seconds",
        "kind",
        "target",
        "n_links",
        "n_mentions",
        "source",
        "mentions_self",
        "text_hash",
        "opening_hash",
        "self_target",
    )
    rows = zip(*(posts[name].tolist() for name in columns), strict=True)
    for number, (seconds, kind, target, links, mentions, source, mentions_self, text, opening, own) in enumerate(rows):
        what = PostKind.THREAD if kind == "reply" and own else KINDS[kind]
        builder.post(
            Post(
                id=f"{archive.account}-{number}",
                time=int(seconds),
                kind=what,
                url=f"https://example.org/{number}",
                target=target if isinstance(target, str) and not own else "",
                parent=f"theirs-{number}",
                link_source=f"source-{number}.example" if links else "",
                client=source if isinstance(source, str) else "",
                mentions=int(mentions),
                mentions_self=bool(mentions_self),
                own=bool(own) and what in (PostKind.REPOST, PostKind.QUOTE),
                text_hash=_whole(text),
                opening_hash=_whole(opening),
            )
        )
    _add_counts(builder, archive, now)
    if sent is not None:
        builder.count(now - WINDOW_DAYS * DAY, None, None, 0)
        builder.count(now, None, None, sent)
    return builder.build()


def _add_counts(builder: ActivityBuilder, archive: Archive, now: int) -> None:
    """Followers and following as read once a day at most, up to now."""
    known = archive.posts[archive.posts["following_then"].notna() & (archive.posts["seconds"] <= now)]
    daily = known.groupby(known["seconds"] // DAY).last()
    for seconds, followers, following in zip(
        daily["seconds"], daily["followers_then"], daily["following_then"], strict=True
    ):
        builder.count(int(seconds), int(followers), int(following), None)


def _whole(digest: object) -> int:
    return int(digest, 16) if isinstance(digest, str) and digest else 0


@dataclass(frozen=True)
class Judged:
    """One account with what was said of it."""

    archive: Archive
    report: Report
    reply_share: float
    """Of the posts looked at, replies to others, reposts and all counted."""

    @property
    def verdict(self) -> VerdictId:
        return self.report.verdict.id

    @property
    def talker(self) -> bool:
        return self.archive.label == "human" and self.reply_share >= TALKER_SHARE


def judge_all(archives: list[Archive]) -> list[Judged]:
    """The verdict on every archive."""
    return [_judged(archive, archive.looked_at()) for archive in archives]


def _judged(archive: Archive, posts: pd.DataFrame, sent: int | None = None) -> Judged:
    activity = activity_of(archive, posts, sent)
    share = float(((posts["kind"] == "reply") & ~posts["self_target"]).mean())
    return Judged(archive, compose(activity, int(posts["seconds"].iloc[-1])), share)


def small_samples(archives: list[Archive]) -> Iterator[tuple[Judged, float]]:
    """The verdict on 20 random posts of each human, again and again, with the reply share of all posts looked at."""
    for archive in archives:
        if archive.label != "human":
            continue
        posts = archive.looked_at()
        whole = _judged(archive, posts).reply_share
        random = np.random.default_rng(int(archive.account, 16) % 2**32)
        if len(posts) > SMALL_SAMPLE:
            for _ in range(DRAWS):
                drawn = np.sort(random.choice(len(posts), SMALL_SAMPLE, replace=False))
                yield _judged(archive, posts.iloc[drawn], sent=len(posts)), whole


def right_on_little(judged: Judged, whole_share: float) -> bool:
    """Too little to tell, or no accusation and, of somebody who talks, that it talks."""
    if judged.verdict is VerdictId.TOO_LITTLE:
        return True
    if judged.verdict in ACCUSATIONS:
        return False
    return judged.verdict in TALKING if whole_share >= TALKER_SHARE else judged.verdict is not VerdictId.IN_CONVERSATION
