"""A report from 300 posts already fetched, 200 bootstrap resamples included, JSON form and all: CPU milliseconds."""

from __future__ import annotations

import json
import statistics
import time

from server.activity import Activity, InteractionKind, PostKind
from server.report import compose, to_json
from tests.server.invented import NOW, Invented

BUDGET_MS = 5.0
ROUNDS = 40


def activity() -> Activity:
    """300 posts of every kind, 200 reactions by 120 people."""
    account = Invented()
    kinds = [PostKind.ORIGINAL, PostKind.REPLY, PostKind.REPOST, PostKind.ORIGINAL, PostKind.QUOTE, PostKind.REPLY]
    for number in range(300):
        kind = kinds[number % len(kinds)]
        target = f"person-{number % 70}" if kind not in (PostKind.ORIGINAL, PostKind.THREAD) else ""
        account.post(
            kind, target=target, parent=f"theirs-{number}", conversation=f"thread-{number // 2}",
            likes=number * 7 % 90, reposts=number * 3 % 14, replies=number % 5, link_source=f"site-{number % 12}.example",
        )  # fmt: skip
    account.received(80, kind=InteractionKind.LIKE, followers=900)
    return account.received(40, each=3, kind=InteractionKind.REPLY, followers=400, name="writer").build()


def run() -> bool:
    """Print the figure; within the budget?"""
    seen = activity()
    text = json.dumps(to_json(compose(seen, NOW)))

    def cpu(work: object) -> float:
        began = time.process_time()
        work()  # type: ignore[operator]
        return (time.process_time() - began) * 1000

    ours = [cpu(lambda: json.dumps(to_json(compose(seen, NOW)))) for _ in range(ROUNDS)]
    parsing = [cpu(lambda: [json.loads(text) for _ in range(10)]) / 10 for _ in range(ROUNDS)]
    mine, yardstick = statistics.median(ours), statistics.median(parsing)
    print(
        f"report of 300 posts: {mine:.2f} ms CPU (budget {BUDGET_MS}); {mine / yardstick:.0f} x reading its own JSON ({len(text) / 1000:.0f} kB)"
    )
    return mine <= BUDGET_MS
