"""What an AppView says when it is asked directly: the truth that Rapport's answers are held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import httpx2

REPOST = "app.bsky.feed.defs#reasonRepost"
Item = dict[str, Any]


class AppView:
    """Reads without Rapport's own code, so that a fault there does not hide itself."""

    def __init__(self, url: str) -> None:
        self._http = httpx2.Client(base_url=f"{url}/xrpc/", timeout=30, trust_env=False)

    def profile(self, actor: str) -> Item:
        """The profile with its counts."""
        return self._get("app.bsky.actor.getProfile", {"actor": actor})

    def follows(self, actor: str) -> list[Item]:
        """Whom it follows, as the AppView lists them; at most a hundred."""
        found: list[Item] = self._get("app.bsky.graph.getFollows", {"actor": actor, "limit": "100"})["follows"]
        return found

    def timeline(self, actor: str) -> list[Item]:
        """All posts, replies and reposts of an account, newest first."""
        items: list[Item] = []
        cursor = ""
        while True:
            params = {"actor": actor, "limit": "100", "filter": "posts_with_replies"}
            page = self._get("app.bsky.feed.getAuthorFeed", params | ({"cursor": cursor} if cursor else {}))
            items += page["feed"]
            cursor = page.get("cursor", "")
            if not cursor or not page["feed"]:
                return items

    def replies_below(self, uri: str) -> list[Item]:
        """Every reply in the thread that a post starts, as post views."""
        answer = self._get("app.bsky.feed.getPostThread", {"uri": uri, "depth": "10", "parentHeight": "0"})
        return list(_replies(answer["thread"]))

    def close(self) -> None:
        self._http.close()

    def _get(self, method: str, params: dict[str, str]) -> Any:
        answer = self._http.get(method, params=params)
        answer.raise_for_status()
        return answer.json()


def _replies(thread: Item) -> Iterator[Item]:
    for node in thread.get("replies", []):
        yield node["post"]
        yield from _replies(node)


def parent_of(post: Item) -> str:
    """URI of the post that a post answers; empty when it answers none."""
    reply = post["record"].get("reply")
    return reply["parent"]["uri"] if reply else ""


def author_in(uri: str) -> str:
    """The DID of whoever wrote the post of that URI."""
    return uri.removeprefix("at://").split("/")[0]


def is_repost(item: Item) -> bool:
    """Does this item of a timeline pass on a post?"""
    return bool(item.get("reason", {}).get("$type") == REPOST)


def balance(items: Sequence[Item], did: str) -> tuple[int, int]:
    """Replies to other people, and broadcasts (posts to nobody in particular and reposts), among these of somebody's items."""
    kinds: Counter[str] = Counter()
    for item in items:
        parent = "" if is_repost(item) else parent_of(item["post"])
        kinds["broadcast" if not parent else "thread" if author_in(parent) == did else "reply"] += 1
    return kinds["reply"], kinds["broadcast"]
