"""Accounts as the pages meet them: made up here, measured and scored by the real code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

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
from server.history import Remembered, points_over_time
from server.history import changes as history_changes
from server.report import compose, to_json
from tests.server.scoring.formulas import MEASURES, next_formula, scored

NOW = int(datetime(2026, 11, 22, 20, 0, tzinfo=UTC).timestamp())
HOUR = 3600
TAGS = ("trams planning", "trams", "", "bikes", "", "planning")
"""What the first account's broadcasts carry, in turn."""

WITH_THE_ANSWER = {"stale": False, "refreshing": False, "ask_again_after": 21_600, "kept": True}


def talkative(
    display_name: str = "Alice Moreau", post_address: str = "https://bsky.app/profile/alice.test/post/{}"
) -> Activity:
    """74 replies to 41 people, 60 broadcasts, people who react and write."""
    ref = AccountRef("bluesky", "did:plc:alice")
    profile = Profile(
        ref, "alice.test", display_name, "https://bsky.app/profile/alice.test", NOW - 900 * 86_400, 5_400, 380, 190
    )
    builder = ActivityBuilder(profile, NOW)
    for i in range(60):
        kind = (PostKind.ORIGINAL, PostKind.QUOTE, PostKind.REPOST)[0 if i % 4 else 1 + i % 8 // 4]
        counts = {"likes": 4 + i * 7 % 60, "reposts": i * 5 % 17, "replies": i * 3 % 6, "quotes": i % 2}
        told = {"text_hash": i + 1, "tags": TAGS[i % len(TAGS)] if kind != PostKind.REPOST else ""}
        builder.post(Post(f"b{i}", NOW - 20 * HOUR * i - i * 777, kind, post_address.format(f"b{i}"), **told, **counts))
    for i in range(74):
        builder.post(
            Post(
                f"r{i}",
                NOW - 17 * HOUR * i - i * 555,
                PostKind.REPLY,
                post_address.format(f"r{i}"),
                target=f"p{i % 41}",
                parent=f"x{i}",
                conversation=f"t{i % 50}",
                likes=i % 4,
                reposts=0,
                replies=i % 2,
                quotes=0,
                text_hash=1000 + i,
            )
        )
    for i in range(12):
        builder.person(f"w{i}", f"writer{i}.test", 200 * (i + 1))
        builder.interaction(
            Interaction(
                f"x{i}" if i < 7 else f"y{i}",
                InteractionKind.REPLY,
                f"w{i}",
                NOW - i * 9 * HOUR,
                f"https://bsky.app/profile/w{i}/post/1",
                "b1",
            )
        )
    builder.coverage = Coverage(Depth.STUDY, False, "more", ("b1", "b2"), ("b1",))
    return builder.build()


def broadcaster() -> Activity:
    """214 broadcasts and no reply to anybody."""
    profile = Profile(
        AccountRef("mastodon", "gazette@news.example"),
        "gazette@news.example",
        "City Gazette",
        "https://news.example/@gazette",
    )
    builder = ActivityBuilder(profile, NOW)
    for i in range(214):
        builder.post(
            Post(
                f"b{i}",
                NOW - 10 * HOUR * i - i * i % 997,
                PostKind.ORIGINAL,
                f"https://news.example/@gazette/{i}",
                likes=i % 30,
                reposts=i % 9,
                replies=i % 5,
                quotes=0,
                text_hash=i + 1,
                link_source="news.example",
            )
        )
    return builder.build()


def quiet() -> Activity:
    """Two posts."""
    profile = Profile(AccountRef("bluesky", "did:plc:quiet"), "quiet.test", "", "https://bsky.app/profile/quiet.test")
    builder = ActivityBuilder(profile, NOW)
    for i in range(2):
        builder.post(Post(f"b{i}", NOW - HOUR * i, PostKind.ORIGINAL, likes=0, reposts=0, replies=0, quotes=0))
    return builder.build()


def report_of(activity: Activity, now: int = NOW, **changed: Any) -> dict[str, Any]:
    """The report as the look-up hands it over."""
    report = to_json(compose(activity, now))
    network, handle = report["account"]["network"], report["account"]["handle"]
    return report | WITH_THE_ANSWER | {"report_url": f"/accounts/{network}/{handle}"} | changed


def history(months: int = 6) -> list[dict[str, Any]]:
    """A score that grows, under a formula that changed once; oldest first."""
    return [
        {
            "scored_at": f"2026-{5 + i:02}-22T20:00:00Z",
            "score": None if i == 1 else 40 + 4 * i,
            "low": None if i == 1 else 34 + 4 * i,
            "high": None if i == 1 else 45 + 4 * i,
            "formula_version": "1" if i < 4 else "2",
            "verdict": "too_little" if i == 1 else "in_conversation",
            "replies": 60 + i,
            "broadcasts": 50,
            "other_versions": [{"formula_version": "1", "score": 38.5}] if i == 5 else [],
            "pillars": None if i == 1 else {"true_reach": 20.0 + i, "amplification": 14.0 + i, "network": 6.0 + 2 * i},
            "reply_share": {"value": (60 + i) / (110 + i), "low": 0.45, "high": 0.62},
        }
        for i in range(months)
    ]


def changes() -> list[dict[str, Any]]:
    """Why a score differs from the one before (a little) and from that of a month before (a pause, a list), by the real code."""
    month, day = scored(MEASURES, days_ago=30), scored(MEASURES | {"followers": 330.0}, days_ago=1)
    newest = scored(MEASURES | {"followers": 340.0, "listed": 40_000.0}, 29.0)
    first = replace(scored(MEASURES, days_ago=7), formula_version="0")
    earlier = scored(day.measures, formula=next_formula(), days_ago=1)
    stored = [Remembered(s, "in_conversation", 60, 50) for s in (month, first, earlier, day, newest)]
    return history_changes(points_over_time(stored, newest.formula_version), [])
