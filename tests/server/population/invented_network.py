"""An invented network, as the tables of the population path and, account by account, as the activities of the live one."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import ibis
import pyarrow as pa

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
from server.population.tables import KINDS

NOW = 1_790_000_000
HOUR, DAY = 3600, 86_400
ACTS = pa.schema(
    [(name, pa.string()) for name in ("actor", "target", "kind")]
    + [("time", pa.int64()), ("post", pa.string()), ("made", pa.string())]
)
ACCOUNTS = pa.schema([("id", pa.string())] + [(name, pa.int64()) for name in ("followers", "following", "listed")])
WRITES = {"post": PostKind.ORIGINAL, "reply": PostKind.REPLY, "repost": PostKind.REPOST, "quote": PostKind.QUOTE}
DONE_TO = {
    "like": InteractionKind.LIKE,
    "repost": InteractionKind.REPOST,
    "quote": InteractionKind.QUOTE,
    "reply": InteractionKind.REPLY,
}


@dataclass
class InventedNetwork:
    """Rows as they come, each person and each post by its id."""

    acts: list[dict[str, Any]] = field(default_factory=list)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    author: dict[str, str] = field(default_factory=dict)
    once: set[tuple[str, str, str]] = field(default_factory=set)

    def account(
        self, name: str, followers: int | None = 300, following: int | None = 200, listed: int | None = None
    ) -> None:
        self.accounts[name] = {"id": name, "followers": followers, "following": following, "listed": listed}

    def act(self, actor: str, kind: str, time: int, post: str = "", made: str = "") -> str:
        """Somebody does something; gives the id of the post that this makes, if any. Liking or reposting a post twice is once."""
        assert kind in KINDS
        if kind in ("like", "repost") and (actor, kind, post) in self.once:
            return ""
        self.once.add((actor, kind, post))
        made = made or (f"{kind}-{len(self.acts):06}" if kind in ("post", "reply", "quote") else "")
        target = None if kind == "post" else self.author[post]
        self.acts.append(
            {"actor": actor, "target": target, "kind": kind, "time": min(time, NOW), "post": made if kind == "post" else post,
             "made": made or None}
        )  # fmt: skip
        if made:
            self.author[made] = actor
        return made

    def tables(self) -> tuple[ibis.Table, ibis.Table]:
        """The rows as they are, not cleaned."""
        return (
            ibis.memtable(pa.Table.from_pylist(self.acts, ACTS)),
            ibis.memtable(pa.Table.from_pylist(list(self.accounts.values()), ACCOUNTS)),
        )

    def activity(self, name: str) -> Activity:
        """The same of one account as a study that saw everything would have gathered it."""
        known = self.accounts[name]
        profile = Profile(
            AccountRef("bluesky", name),
            name,
            followers=known["followers"],
            following=known["following"],
            listed=known["listed"],
        )
        builder = ActivityBuilder(profile, NOW)
        for person, row in self.accounts.items():
            builder.person(person, followers=row["followers"], following=row["following"])
        counts: dict[str, dict[str, int]] = {}
        for number, act in enumerate(self.acts):
            if act["target"] == name and act["kind"] in DONE_TO:
                of_post = counts.setdefault(act["post"], dict.fromkeys(("likes", "reposts", "quotes", "replies"), 0))
                of_post[{"reply": "replies"}.get(act["kind"], act["kind"] + "s")] += 1
                builder.interaction(
                    Interaction(f"act-{number}", DONE_TO[act["kind"]], act["actor"], act["time"], post=act["post"])
                )
        for number, act in enumerate(self.acts):
            if act["actor"] == name and act["kind"] in WRITES:
                own = act["target"] == name
                kind = PostKind.THREAD if act["kind"] == "reply" and own else WRITES[act["kind"]]
                seen = counts.get(act["made"] or "", dict.fromkeys(("likes", "reposts", "quotes", "replies"), 0))
                builder.post(
                    Post(
                        act["made"] or f"repost-{number}",
                        act["time"],
                        kind,
                        target=act["target"] or "",
                        parent=act["post"],
                        own=own,
                        **seen,
                    )
                )
        written = tuple(post.id for post in builder.own_posts())
        builder.coverage = Coverage(Depth.STUDY, timeline_complete=True, threads_read=written, engagers_read=written)
        return builder.build()


def invented(seed: int, people: int = 30, days: int = 200) -> InventedNetwork:
    """A network with the famous and the unheard, the silent, rings, those who follow everybody, and posts of the same second."""
    draw, network = random.Random(seed), InventedNetwork()
    names = [f"did:plc:p{number:03}" for number in range(people)]
    for name in names:
        network.account(
            name,
            followers=draw.choice([None, 0, int(draw.lognormvariate(5, 2))]),
            following=draw.choice([None, 50, 900, 5000, 40_000]),
            listed=draw.choice([None, 0, 12, 4000]),
        )
    fame = {name: 1 / (rank + 1) for rank, name in enumerate(names)}
    for name in names:
        silent = draw.choice([0, 0, 3, 40, 150]) * DAY
        for _ in range(draw.choice([0, 1, 3, 8, 40, 80])):
            time = NOW - silent - draw.randrange(days * 24) * HOUR
            kind = draw.choice(["post", "post", "reply", "quote", "repost"])
            others = [post for post, author in network.author.items() if author != name or draw.random() < 0.2]
            network.act(name, kind if others else "post", time, draw.choice(others) if others else "")
    for post, author in list(network.author.items()):
        sent = next(act["time"] for act in network.acts if act["made"] == post)
        for fan in draw.sample(
            names, min(people, int(draw.paretovariate(1.2) * people * fame[author] * draw.random()))
        ):
            kind = draw.choice(["like", "like", "like", "repost", "quote", "reply"])
            kind = "repost" if fan == author else kind
            network.act(fan, kind, min(NOW, sent + draw.choice([60, 600, HOUR, 9 * DAY])), post)
    _ring(network, draw, names[3:6])
    return network


def _ring(network: InventedNetwork, draw: random.Random, members: list[str]) -> None:
    """They repost each other's posts within minutes, and that is how they engage back, too: their newest posts stay original ones."""
    for turn in range(6):
        for name in members:
            post = network.act(name, "post", NOW - turn * 8 * HOUR - draw.randrange(HOUR))
            sent = network.acts[-1]["time"]
            for other in members:
                if other != name:
                    network.act(other, "repost", sent + draw.randrange(10, 800), post)
                    if draw.random() < 0.5:
                        network.act(other, "like", sent + draw.randrange(10, 1200), post)
