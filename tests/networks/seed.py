"""Fills a Bluesky network with invented accounts through its own public API.

Alice posts and answers those who write to her; frank mostly reposts; newsbot says of itself that it is a bot and posts
links; quiet does nothing; bob once answers himself; the rest write to alice. The same every time, up to the clock.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2

POSTS = {
    "alice": 150, "bob": 40, "carla": 40, "dan": 25, "erin": 25, "frank": 15, "grace": 15, "heidi": 10, "ivan": 10, "judy": 10,
    "newsbot": 120, "quiet": 0,
}  # fmt: skip
WRITE_TO_ALICE = ("bob", "carla", "dan", "erin", "frank", "grace", "heidi", "ivan", "judy")
QUOTE_ALICE = ("carla", "dan", "erin")
ANSWERS_OF_ALICE = 40
DAYS, NEWSBOT_DAYS = 60, 15
WRITES_AT_ONCE = 100
"""No more than 200 are taken in one request."""
INDEXED_WITHIN_SECONDS = 120

TOPICS = ["tea", "trains", "sourdough", "birds", "budget law", "the match", "a new phone", "my garden", "an old film"]
PASSWORD = "hunter2"
POST, REPOST, LIKE = "app.bsky.feed.post", "app.bsky.feed.repost", "app.bsky.feed.like"
FOLLOW, PROFILE = "app.bsky.graph.follow", "app.bsky.actor.profile"


@dataclass(frozen=True)
class Reference:
    """A post as other records name it."""

    uri: str
    cid: str

    def json(self) -> dict[str, str]:
        return {"uri": self.uri, "cid": self.cid}


@dataclass(frozen=True)
class Written:
    """A post that was written: by whom, when, and the thread it stands in."""

    author: str
    reference: Reference
    at: dt.datetime
    root: Reference


@dataclass
class Author:
    """An account that can write; ``posts`` are its posts to nobody in particular, newest first."""

    name: str
    did: str
    token: str
    posts: list[Written] = field(default_factory=list)


class Pds:
    """The server that accounts write to."""

    def __init__(self, url: str) -> None:
        self._http = httpx2.Client(base_url=f"{url}/xrpc/", timeout=60, trust_env=False)

    def create_account(self, name: str) -> Author:
        """A new account <name>.test."""
        handle = {"email": f"{name}@example.test", "handle": f"{name}.test", "password": PASSWORD}
        session = self._post("com.atproto.server.createAccount", handle)
        return Author(name, session["did"], session["accessJwt"])

    def write(self, author: Author, collection: str, records: list[dict[str, Any]], key: str = "") -> list[Reference]:
        """Create records, in this order. ``key``: the record's name, where the collection holds but one."""
        written: list[Reference] = []
        for start in range(0, len(records), WRITES_AT_ONCE):
            writes = [
                {
                    "$type": "com.atproto.repo.applyWrites#create",
                    "collection": collection,
                    **({"rkey": key} if key else {}),
                    "value": {"$type": collection, **record},
                }
                for record in records[start : start + WRITES_AT_ONCE]
            ]
            answer = self._post("com.atproto.repo.applyWrites", {"repo": author.did, "writes": writes}, author.token)
            written += [Reference(result["uri"], result["cid"]) for result in answer["results"]]
        return written

    def delete(self, author: Author, written: Reference) -> None:
        """Delete a record of the author's own."""
        collection, key = written.uri.split("/")[-2:]
        self._post(
            "com.atproto.repo.deleteRecord", {"repo": author.did, "collection": collection, "rkey": key}, author.token
        )

    def deactivate(self, author: Author) -> None:
        """Have the account gone until it comes back."""
        self._post("com.atproto.server.deactivateAccount", {}, author.token)

    def records(self, did: str, collection: str) -> set[str]:
        """The URIs of all records of somebody's in a collection, as the server lists them."""
        found: set[str] = set()
        cursor = ""
        while True:
            params = {"repo": did, "collection": collection, "limit": "100"} | ({"cursor": cursor} if cursor else {})
            answer = self._http.get("com.atproto.repo.listRecords", params=params)
            answer.raise_for_status()
            page = answer.json()
            found |= {record["uri"] for record in page["records"]}
            cursor = page.get("cursor", "")
            if not cursor:
                return found

    def close(self) -> None:
        self._http.close()

    def _post(self, method: str, body: dict[str, Any], token: str = "") -> Any:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = self._http.post(method, json=body, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{method} answered {answer.status_code}: {answer.text[:300]}")
        return answer.json() if answer.content else None


class Seeding:
    """The accounts and their records, drawn from one fixed seed."""

    def __init__(self, pds: Pds) -> None:
        self._pds = pds
        self._random = Random(7)
        self._now = dt.datetime.now(dt.UTC)
        self.authors = {name: pds.create_account(name) for name in POSTS}

    def posts(self) -> None:
        """Everybody's posts to nobody in particular, spread evenly over the days before now."""
        for author in self.authors.values():
            count, days = POSTS[author.name], NEWSBOT_DAYS if author.name == "newsbot" else DAYS
            records = []
            for i in range(count):
                minutes = 0 if author.name == "newsbot" else self._random.randrange(60)
                at = self._now - dt.timedelta(days=days * (i + 1) / (count + 1), minutes=minutes)
                records.append(self._headline(i, at) if author.name == "newsbot" else self._thought(author.name, i, at))
            for record, reference in zip(records, self._pds.write(author, POST, records), strict=True):
                author.posts.append(Written(author.name, reference, _time(record["createdAt"]), reference))

    def replies(self) -> list[Written]:
        """Nine people write to alice nine times each, and once to bob: bob to himself."""
        alice, bob = self.authors["alice"], self.authors["bob"]
        written = []
        for name in WRITE_TO_ALICE:
            targets = [self._random.choice(alice.posts[:60]) for _ in range(9)] + [self._random.choice(bob.posts)]
            texts = ["I agree.", "No way, that is wrong.", "Source?", "You always say that.", "Thank you for this."]
            answers = [(to, self._random.choice(texts), self._random.randrange(1, 600)) for to in targets]
            written += [w for w, to in zip(self._answer(name, answers), targets, strict=True) if to.author == "alice"]
        return written

    def answers(self, received: list[Written]) -> None:
        """Alice answers the first of those who wrote to her."""
        texts = ["Thank you!", "Fair point.", "Here is the source: …"]
        self._answer("alice", [(to, self._random.choice(texts), 5) for to in received[:ANSWERS_OF_ALICE]])

    def mention_and_quotes(self) -> None:
        """Bob mentions alice; three quote her."""
        alice, at = self.authors["alice"], self._now - dt.timedelta(hours=2)
        feature = {"$type": "app.bsky.richtext.facet#mention", "did": alice.did}
        mention = {"index": {"byteStart": 6, "byteEnd": 17}, "features": [feature]}
        text = "hello @alice.test have you seen this"
        self._pds.write(self.authors["bob"], POST, [{"text": text, "createdAt": _iso(at), "facets": [mention]}])
        for name in QUOTE_ALICE:
            at = self._now - dt.timedelta(hours=self._random.randrange(1, 40))
            quoted = self._random.choice(alice.posts[:20]).reference.json()
            embed = {"$type": "app.bsky.embed.record", "record": quoted}
            quote = {"text": "Quoting this, because no.", "createdAt": _iso(at), "embed": embed}
            self._pds.write(self.authors[name], POST, [quote])

    def follows(self) -> None:
        """Alice follows everybody; all but quiet follow alice and newsbot, and some of the others."""
        for author in self.authors.values():
            followed = [o for o in self.authors.values() if o is not author and self._follows(author.name, o.name)]
            records = [{"subject": other.did, "createdAt": _iso(self._now)} for other in followed]
            self._pds.write(author, FOLLOW, records)

    def likes_and_reposts(self) -> None:
        """All but quiet and newsbot like and repost; frank far more than the others."""
        for author in self.authors.values():
            if author.name in ("quiet", "newsbot"):
                continue
            seen = [post for other in self.authors.values() if other is not author for post in other.posts]
            liked = [p for p in seen if self._random.random() < (0.25 if p.author == "alice" else 0.08)]
            passed_on = [p for p in seen if self._random.random() < (0.4 if author.name == "frank" else 0.05)]
            self._pds.write(author, LIKE, [self._deed(post, self._now) for post in liked])
            later = dt.timedelta(minutes=30)
            self._pds.write(author, REPOST, [self._deed(post, min(self._now, post.at + later)) for post in passed_on])

    def profiles(self) -> None:
        """Everybody but quiet says who they are; newsbot that it is a bot; alice pins an old post."""
        for author in self.authors.values():
            if author.name == "quiet":
                continue
            profile: dict[str, Any] = {
                "displayName": author.name.capitalize(),
                "description": f"I am {author.name}, and I am invented.",
                "createdAt": _iso(self._now),
            }
            if author.name == "newsbot":
                profile["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "bot"}]}
            if author.name == "alice":
                profile["pinnedPost"] = author.posts[30].reference.json()
            self._pds.write(author, PROFILE, [profile], "self")

    def _answer(self, name: str, answers: Iterable[tuple[Written, str, int]]) -> list[Written]:
        """Replies by one account: to what, with which text, how many minutes later."""
        records, times, roots = [], [], []
        for to, text, minutes in answers:
            at = min(self._now, to.at + dt.timedelta(minutes=minutes))
            reply = {"root": to.root.json(), "parent": to.reference.json()}
            records.append({"text": text, "createdAt": _iso(at), "reply": reply})
            times.append(at)
            roots.append(to.root)
        references = self._pds.write(self.authors[name], POST, records)
        return [Written(name, r, at, root) for r, at, root in zip(references, times, roots, strict=True)]

    def _thought(self, name: str, i: int, at: dt.datetime) -> dict[str, Any]:
        one, other = self._random.sample(TOPICS, 2)
        texts = [
            f"Thinking about {one} again ({name} {i})",
            f"Does anyone here know about {one}? ({i})",
            f"{one.capitalize()} is better than {other}, and I will not be taking questions. {i}",
            f"Good morning! {i}",
            f"Ünïcödé 日本語 🧵 {one} {i}",
        ]
        return {"text": self._random.choice(texts), "createdAt": _iso(at), "langs": ["en"]}

    def _headline(self, i: int, at: dt.datetime) -> dict[str, Any]:
        address, title = f"https://example.com/n/{i}", f"Headline {i}"
        start = f"{title}: markets do things "
        link = {
            "index": {"byteStart": len(start), "byteEnd": len(start + address)},
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": address}],
        }
        card = {"uri": address, "title": title, "description": "What happened"}
        embed = {"$type": "app.bsky.embed.external", "external": card}
        return {"text": start + address, "createdAt": _iso(at), "langs": ["en"], "facets": [link], "embed": embed}

    def _follows(self, name: str, other: str) -> bool:
        return name != "quiet" and (name == "alice" or other in ("alice", "newsbot") or self._random.random() < 0.4)

    def _deed(self, post: Written, at: dt.datetime) -> dict[str, Any]:
        return {"subject": post.reference.json(), "createdAt": _iso(at)}


def seed(pds_url: str, appview_url: str) -> dict[str, str]:
    """Fill the network and wait until its AppView shows all of it; gives the DID of each name. Raises TimeoutError."""
    pds = Pds(pds_url)
    try:
        seeding = Seeding(pds)
        seeding.posts()
        seeding.answers(seeding.replies())
        seeding.mention_and_quotes()
        seeding.follows()
        seeding.likes_and_reposts()
        seeding.profiles()
    finally:
        pds.close()
    dids = {name: author.did for name, author in seeding.authors.items()}
    _wait_until_indexed(appview_url, dids)
    return dids


def _wait_until_indexed(appview_url: str, dids: dict[str, str]) -> None:
    """Profiles are written last, and records are indexed in order: once all are shown, everything is."""
    end = time.monotonic() + INDEXED_WITHIN_SECONDS
    expected = dict(POSTS)
    for name in WRITE_TO_ALICE:
        expected[name] += 10
    for name in QUOTE_ALICE:
        expected[name] += 1
    expected["bob"] += 1
    expected["alice"] += ANSWERS_OF_ALICE
    wanted = {dids[name]: (count, "" if name == "quiet" else name.capitalize()) for name, count in expected.items()}
    shown: dict[str, tuple[int, str]] = {}
    with httpx2.Client(base_url=f"{appview_url}/xrpc/", timeout=30, trust_env=False) as http:
        while time.monotonic() < end:
            answer = http.get("app.bsky.actor.getProfiles", params=[("actors", did) for did in dids.values()]).json()
            views = answer.get("profiles", [])
            shown = {v["did"]: (v.get("postsCount", 0), v.get("displayName") or "") for v in views}
            if shown == wanted:
                return
            time.sleep(0.3)
    raise TimeoutError(f"the AppView does not show what was written: {shown}, expected {wanted}")


def _iso(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
