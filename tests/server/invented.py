"""Invented accounts for tests: what an account did, in a line each."""

from __future__ import annotations

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

NOW = 1_790_000_000
DAY = 86_400


class Invented:
    """Adds posts and interactions one after the other; each post is an hour older than the one before."""

    def __init__(self, handle: str = "alice.test", network: str = "bluesky", **profile: object) -> None:
        ref = AccountRef(network, f"did:plc:{handle}" if network == "bluesky" else handle)
        known = {"followers": 300, "following": 200, "posts": 1000, "url": f"https://example.org/{handle}"} | profile
        self.builder = ActivityBuilder(Profile(ref=ref, handle=handle, **known), NOW)  # type: ignore[arg-type]
        self.builder.coverage = Coverage(depth=Depth.GLANCE)
        self._age = 0.0
        self._number = 0

    def post(
        self, kind: PostKind = PostKind.ORIGINAL, times: int = 1, every_hours: float = 1.0, **columns: object
    ) -> Invented:
        """Send so many posts, going back in time."""
        for _ in range(times):
            self._number += 1
            self._age += every_hours * 3600
            row: dict[str, object] = {
                "id": f"post-{self._number}",
                "url": f"https://example.org/post/{self._number}",
                "time": int(NOW - self._age),
                "kind": kind,
                "likes": 3,
                "reposts": 1,
                "replies": 1,
                "quotes": 0,
                "text_hash": self._number,
                "opening_hash": self._number,
            }
            self.builder.post(Post(**(row | columns)))  # type: ignore[arg-type]
        return self

    def replies(self, people: int, each: int = 1) -> Invented:
        """Reply to so many people, so often each, every time to another post of theirs."""
        for turn in range(each):
            for person in range(people):
                self.post(
                    PostKind.REPLY,
                    target=f"person-{person}",
                    parent=f"theirs-{person}-{turn}",
                    conversation=f"thread-{person}",
                )
        return self

    def received(
        self,
        people: int,
        each: int = 1,
        kind: InteractionKind = InteractionKind.LIKE,
        followers: int | None = None,
        name: str = "fan",
    ) -> Invented:
        """So many people react, so often each."""
        for person in range(people):
            self.builder.person(f"{name}-{person}", f"{name}{person}", followers)
            for turn in range(each):
                self.builder.interaction(
                    Interaction(
                        id=f"{kind.name}:{name}-{person}:{turn}",
                        kind=kind,
                        actor=f"{name}-{person}",
                        time=NOW - DAY - turn,
                        url=f"https://example.org/{name}/{person}/{turn}",
                        post="post-1",
                    )
                )
        return self.studied()

    def studied(self) -> Invented:
        """Mark that threads and engagers were read."""
        self.builder.coverage = Coverage(Depth.STUDY, threads_read=("post-1",), engagers_read=("post-1",))
        return self

    def build(self) -> Activity:
        """The activity."""
        return self.builder.build()
