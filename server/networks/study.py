"""How an account is studied, the same on every network: further pages, threads, the people who engaged."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from server.activity import Activity, ActivityBuilder, Coverage, Depth, Post, PostKind
from server.errors import AnswerTooLarge, CallBudgetSpent, UpstreamRefusal, UpstreamUnavailable
from server.networks.network import WINDOW

STUDY_CALLS = 30
"""Upstream calls one study may make."""
OWN_POSTS_WANTED = 100
MOST_PAGES = 4


class Study(ABC):
    """One study under way. A network says how a page, a thread and a post's engagers are read into ``builder``."""

    most_threads = 10
    most_engaged_posts = 4

    def __init__(self, activity: Activity, now: int) -> None:
        self.builder = ActivityBuilder.of(activity)
        self.builder.gathered_at = now
        self.builder.coverage = replace(activity.coverage, depth=Depth.STUDY)
        self.now = now
        self._answers = 0

    @abstractmethod
    def read_page(self, cursor: str) -> Coverage:
        """Read the timeline on from the cursor; gives where the next page begins and whether the timeline is through."""

    @abstractmethod
    def read_thread(self, post: Post) -> Iterable[str]:
        """Read the replies to a post; gives the ids of the account's own posts whose replies were all seen with it."""

    @abstractmethod
    def read_engagers(self, post: Post) -> None:
        """Read who liked, reposted and quoted a post."""

    def read_further(self) -> None:  # noqa: B027
        """Whatever else a network has to be asked for; most have nothing."""

    def run(self) -> Activity:
        """The activity with all that was added; what was got before an upstream failed is kept.

        Raises UpstreamUnavailable only when nothing at all was answered.
        """
        try:
            self._pages()
            self._threads()
            self._engagers()
            self.read_further()
        except (UpstreamUnavailable, CallBudgetSpent):
            if not self._answers:
                raise
        return self.builder.build(self.now - WINDOW)

    def answer(self, ask: Callable[[], Any]) -> Any:
        """What an upstream answers; None when that one thing is not to be had: deleted since, too large, not public."""
        try:
            answered = ask()
        except (UpstreamRefusal, AnswerTooLarge):
            answered = None
        self._answers += 1
        return answered

    def _pages(self) -> None:
        """Until the timeline holds 100 posts of the account's own, or the window or four pages are through."""
        for _ in range(MOST_PAGES):
            coverage = self.builder.coverage
            enough = sum(post.timeline for post in self.builder.own_posts()) >= OWN_POSTS_WANTED
            if enough or coverage.timeline_complete or not coverage.cursor:
                return
            try:
                newer = self.read_page(coverage.cursor)
            except UpstreamRefusal:
                # A cursor does not live for ever; the newest items stay reachable by a glance.
                self.builder.coverage = replace(coverage, cursor="")
                return
            self._answers += 1
            # An upstream that pays no heed to the cursor would give the same page for ever.
            stuck = newer.cursor == coverage.cursor
            self.builder.coverage = replace(
                coverage, cursor="" if stuck else newer.cursor, timeline_complete=newer.timeline_complete or stuck
            )

    def _threads(self) -> None:
        """The newest answered posts that were not read before."""
        for _ in range(self.most_threads):
            read = self.builder.coverage.threads_read
            post = next((p for p in self.builder.own_posts() if p.replies > 0 and p.id not in read), None)
            if post is None:
                return
            seen = (*read, post.id, *self.read_thread(post))
            self.builder.coverage = replace(self.builder.coverage, threads_read=tuple(dict.fromkeys(seen)))

    def _engagers(self) -> None:
        """The newest posts that anybody liked, reposted or quoted, those said to everybody before replies; what was read before is not again.

        Always the newest few: an account must not change by being looked up twice on end.
        """
        engaged = [p for p in self.builder.own_posts() if max(p.likes, p.reposts, p.quotes) > 0]
        engaged.sort(key=lambda post: post.kind in (PostKind.REPLY, PostKind.THREAD))
        for post in engaged[: self.most_engaged_posts]:
            if post.id in self.builder.coverage.engagers_read:
                continue
            self.read_engagers(post)
            coverage = self.builder.coverage
            self.builder.coverage = replace(coverage, engagers_read=(*coverage.engagers_read, post.id))
