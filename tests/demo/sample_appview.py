"""Sample answers of a Bluesky AppView about invented people, for a demonstration without any network.

The answers have the AppView's own form and go through the same connector as real ones. The same people post the same things at
every start; only their times move along with today.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

HOUR = 3600
CROWD = 160
NIGHT = range(7)
"""Hours (UTC) in which the people sleep; what posts by clockwork does not."""
STIRRED_DAYS = 41
TOPICS = (
    "the tram depot",
    "night trains",
    "the budget",
    "plums",
    "the crossing on Mill Street",
    "postgres",
    "old films",
    "the match",
)


@dataclass(frozen=True)
class Persona:
    """How somebody posts. Shares are of 100 items; ``linked``: of 100 original posts; ``answered``: of those who write, how many of ten
    get an answer."""

    handle: str
    name: str
    followers: int
    following: int
    total: int
    replies: int = 0
    reposts: int = 0
    about_self: int = 0
    every_hours: float = 6.0
    clockwork: bool = False
    link: str = ""
    linked: int = 100
    likes: float = 10.0
    answered: int = 0
    items: int = 100
    labels: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    """Whom it replies to; readers when it says nothing."""
    tags: tuple[str, ...] = ()
    """Hashtags that stand under half of its original posts."""
    grew: float = 0.0
    """Followers that it gained a day."""
    stirred: int = 0
    """So many days ago something happened, since when its posts are reacted to twice as much."""


PERSONAS = (
    Persona(
        "alice.test",
        "Alice Moreau",
        3412,
        611,
        4180,
        replies=55,
        reposts=5,
        likes=42,
        answered=6,
        items=600,
        tags=("trams", "planning"),
        grew=6.5,
        stirred=STIRRED_DAYS,
    ),
    Persona(
        "ben.test",
        "Ben Okafor",
        1820,
        402,
        2210,
        replies=20,
        reposts=12,
        likes=14,
        answered=2,
        items=400,
        tags=("trams", "football"),
    ),
    Persona(
        "gazette.test",
        "City Gazette",
        48_200,
        112,
        61_900,
        replies=1,
        every_hours=1.3,
        link="gazette.example",
        linked=45,
        likes=160,
        items=900,
    ),
    Persona(
        "deals.test",
        "Deals 24/7",
        9100,
        3,
        88_012,
        every_hours=1.5,
        clockwork=True,
        link="shop.example",
        likes=2,
        items=900,
    ),
    Persona(
        "greta.test", "Greta Lind", 20_400, 19_800, 12_020, replies=6, reposts=55, about_self=50, likes=25, items=400
    ),
    Persona(
        "harbour.test",
        "Harbour Weather",
        2600,
        0,
        30_210,
        every_hours=3,
        clockwork=True,
        likes=6,
        labels=("bot",),
        items=700,
    ),
    Persona("quiet.test", "Quinn Iversen", 41, 88, 6, items=6, every_hours=100, likes=2),
)

VIEWER = Persona(
    "robin.test",
    "Robin Vale",
    212,
    len(PERSONAS),
    640,
    replies=30,
    items=60,
    likes=3,
    tags=("trams",),
    answers=("alice.test", "alice.test", "ben.test", "reader7.test"),
)
"""Follows all of these, and is shown nowhere but in a review."""


def did(name: str) -> str:
    """A DID of the right form for an invented name."""
    digest = hashlib.sha256(name.encode()).digest()
    return "did:plc:" + base64.b32encode(digest).decode().lower()[:24]


def moment(seconds: float) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass
class World:
    """Everybody, their timelines, and who wrote to them."""

    now: float
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    timelines: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    threads: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    until: float = inf
    """Seconds since 1970 up to which the world is shown: what it looked like then."""

    def feed(self, who: str, limit: int, cursor: str) -> dict[str, Any]:
        """A page of the timeline of somebody, newest first."""
        shown = [item for item in self.timelines.get(who, []) if _time_of(item) <= self.until]
        start = int(cursor or 0)
        page = {"feed": shown[start : start + limit]}
        return page | ({"cursor": str(start + limit)} if start + limit < len(shown) else {})

    def profile_then(self, actor: dict[str, Any]) -> dict[str, Any]:
        """A profile with the followers that it had then."""
        grew = next((p.grew for p in PERSONAS if p.handle == actor["handle"]), 0.0)
        gone_by = max(0.0, self.now - self.until) / (24 * HOUR)
        return actor | {"followersCount": round(actor["followersCount"] - grew * gone_by)}

    def profile(
        self, name: str, handle: str, followers: int, following: int, total: int, labels: tuple[str, ...]
    ) -> None:
        """Make somebody known."""
        who = did(handle)
        self.profiles[handle] = self.profiles[who] = {
            "did": who,
            "handle": handle,
            "displayName": name,
            "createdAt": moment(self.now - 900 * 24 * HOUR),
            "followersCount": followers,
            "followsCount": following,
            "postsCount": total,
            "labels": [
                {"src": who, "uri": f"at://{who}/app.bsky.actor.profile/self", "val": label} for label in labels
            ],
        }

    def view(self, handle: str, text: str, at: float, **more: Any) -> dict[str, Any]:
        """A post as the AppView shows it."""
        who = did(handle)
        uri = f"at://{who}/app.bsky.feed.post/{len(self.posts):013d}"
        counts = {name: more.pop(name, 0) for name in ("likeCount", "repostCount", "replyCount", "quoteCount")}
        author = {key: self.profiles[handle][key] for key in ("did", "handle", "displayName")}
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": moment(at), **more}
        post = {"uri": uri, "cid": "c", "author": author, "record": record, "indexedAt": moment(at), **counts}
        self.posts[uri] = post
        return post


def _time_of(item: dict[str, Any]) -> float:
    return datetime.fromisoformat(item.get("reason", {}).get("indexedAt") or item["post"]["indexedAt"]).timestamp()


def world(now: float | None = None) -> World:
    """All invented people as of now (seconds since 1970)."""
    made = World(time.time() if now is None else now)
    chance = random.Random(11)
    for number in range(CROWD):
        made.profile(f"Reader {number}", f"reader{number}.test", round(chance.lognormvariate(6, 1.4)), 200, 900, ())
    for persona in (*PERSONAS, VIEWER):
        made.profile(persona.name, persona.handle, persona.followers, persona.following, persona.total, persona.labels)
        _timeline(made, persona, random.Random(persona.handle))
    return made


def _timeline(made: World, persona: Persona, chance: random.Random) -> None:
    at, items = made.now - HOUR, []
    for _ in range(persona.items):
        pause = persona.every_hours * HOUR
        at -= pause if persona.clockwork else chance.expovariate(1 / pause)
        while not persona.clockwork and datetime.fromtimestamp(at, UTC).hour in NIGHT:
            at -= HOUR
        items.append(_item(made, persona, at, chance))
    made.timelines[did(persona.handle)] = items
    for item in items[:12]:
        if item["post"]["author"]["handle"] == persona.handle and item["post"]["replyCount"]:
            _thread(made, persona, item["post"], chance)


def _item(made: World, persona: Persona, at: float, chance: random.Random) -> dict[str, Any]:
    reader, roll = f"reader{chance.randrange(CROWD)}.test", chance.randrange(100)
    if persona.answers:
        reader = chance.choice(persona.answers)
    if roll < persona.replies:
        theirs = made.view(reader, "What do you think?", at - HOUR, replyCount=1)
        links = {"root": {"uri": theirs["uri"], "cid": "c"}, "parent": {"uri": theirs["uri"], "cid": "c"}}
        words = f"I think so too, and {chance.choice(TOPICS)} shows why ({chance.randrange(9999)})."
        answer = made.view(persona.handle, words, at, reply=links, likeCount=chance.randrange(4))
        return {"post": answer, "reply": {"root": theirs, "parent": theirs}}
    if roll < persona.replies + persona.reposts:
        mention = {"facets": [_mention(persona.handle)]} if roll < persona.replies + persona.about_self else {}
        theirs = made.view(reader, f"@{persona.handle} has a point.", at - HOUR, likeCount=3, **mention)
        reason = {
            "$type": "app.bsky.feed.defs#reasonRepost",
            "by": made.profiles[persona.handle],
            "indexedAt": moment(at),
        }
        return {"post": theirs, "reason": reason}
    stirred = 2 if at > made.now - persona.stirred * 24 * HOUR else 1
    likes = round(chance.lognormvariate(0, 0.9) * persona.likes * (stirred if persona.stirred else 1))
    linked = persona.link and chance.randrange(100) < persona.linked
    address = f"https://{persona.link}/{chance.randrange(10_000)}" if linked else ""
    more = (
        {"embed": {"$type": "app.bsky.embed.external", "external": {"uri": address, "title": "", "description": ""}}}
        if address
        else {}
    )
    text = f"About {chance.choice(TOPICS)}, and why {chance.choice(TOPICS)} matters more ({chance.randrange(9999)})."
    if persona.tags and chance.random() < 0.5:
        more["tags"] = [chance.choice(persona.tags)]
    replies = min(round(likes * 0.2), 9 * stirred) if persona.answered else min(round(likes * 0.05), 5)
    counts = {
        "likeCount": likes,
        "repostCount": round(likes * 0.24),
        "quoteCount": round(likes * 0.03),
        "replyCount": replies,
    }
    return {"post": made.view(persona.handle, text, at, **counts, **more)}


def _mention(handle: str) -> dict[str, Any]:
    feature = {"$type": "app.bsky.richtext.facet#mention", "did": did(handle)}
    return {"index": {"byteStart": 0, "byteEnd": len(handle) + 1}, "features": [feature]}


def _thread(made: World, persona: Persona, post: dict[str, Any], chance: random.Random) -> None:
    """Readers who wrote under a post, and the answers they got."""
    at = datetime.fromisoformat(post["record"]["createdAt"]).timestamp()
    branches = []
    for number in range(post["replyCount"]):
        links = {"root": {"uri": post["uri"], "cid": "c"}, "parent": {"uri": post["uri"], "cid": "c"}}
        reader = f"reader{chance.randrange(CROWD)}.test"
        theirs = made.view(reader, f"Is that so? ({number})", at + 60 * number, reply=links)
        branch: dict[str, Any] = {"$type": "app.bsky.feed.defs#threadViewPost", "post": theirs, "replies": []}
        if chance.randrange(10) < persona.answered:
            answer = made.view(
                persona.handle,
                "It is.",
                at + 60 * number + 30,
                reply={**links, "parent": {"uri": theirs["uri"], "cid": "c"}},
            )
            branch["replies"].append({"$type": "app.bsky.feed.defs#threadViewPost", "post": answer, "replies": []})
        branches.append(branch)
    made.threads[post["uri"]] = branches


def application(made: World) -> Flask:
    """The seven queries of an AppView that the service asks."""
    app = Flask("sample-appview", static_folder=None)

    @app.get("/xrpc/<method>")
    def answer(method: str) -> Response | tuple[Response, int]:
        kind = method.removeprefix("app.bsky.").split(".")[-1]
        actor, uri = made.profiles.get(request.args.get("actor", "")), request.args.get("uri", "")
        if kind in ("getProfile", "getAuthorFeed") and actor is None:
            return jsonify(error="InvalidRequest", message="Profile not found"), 400
        if kind == "getProfile" and actor is not None:
            return jsonify(made.profile_then(actor))
        if kind == "getAuthorFeed" and actor is not None:
            limit, cursor = int(request.args.get("limit", "50")), request.args.get("cursor", "")
            return jsonify(made.feed(actor["did"], limit, cursor))
        if kind == "getFollows":
            return jsonify(follows=[made.profiles[p.handle] for p in PERSONAS])
        if kind == "getProfiles":
            return jsonify(profiles=[made.profiles[a] for a in request.args.getlist("actors") if a in made.profiles])
        return jsonify(_about_post(made, kind, uri))

    return app


def _about_post(made: World, kind: str, uri: str) -> dict[str, Any]:
    post = made.posts.get(uri)
    chance = random.Random(uri + kind)
    if kind == "getPostThread":
        thread = {"$type": "app.bsky.feed.defs#threadViewPost", "post": post, "replies": made.threads.get(uri, [])}
        return {"thread": thread}
    number = {"getLikes": "likeCount", "getRepostedBy": "repostCount"}.get(kind)
    readers = (
        [made.profiles[f"reader{n}.test"] for n in chance.sample(range(CROWD), min(CROWD, post[number]))]
        if post and number
        else []
    )
    if kind == "getLikes":
        return {
            "uri": uri,
            "likes": [{"actor": r, "createdAt": moment(made.now), "indexedAt": moment(made.now)} for r in readers],
        }
    return {"uri": uri, "repostedBy": readers} if kind == "getRepostedBy" else {"uri": uri, "posts": []}


class SampleAppview:
    """The running server; ``url`` is what RAPPORT_BLUESKY_APPVIEW takes."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.world = world()
        self._server = make_server("127.0.0.1", 0, application(self.world), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
