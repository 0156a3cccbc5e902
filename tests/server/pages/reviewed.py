"""Reviews with whatever was found, without looking anybody up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from server.review import Between, Finding
from server.scoring.dealings import Deeds
from server.scoring.verdict import VerdictId
from server.store.reviews import DONE
from tests.server.conftest import Running
from tests.server.invented import NOW

Found = tuple[str, str, Finding | str]
"""Handle, state, and what was found or why nothing was."""

NAMES = ("Ada Straße", "ΟΔΟΣ Άλφα", "İpek", "ǅemal ŉ", "Zoë 𐐷", "<b>Eva</b>", "", "Bo & Co", "ﬁne art", "Åsa")
HANDLES = ("straße{}.test", "ZOO{}.test", "ipek{}.test", "𐐨{}.test", "\uff41{}.test", "ada{}.test")
TAGS = ("#birds", "Machine Learning", "#ΤΕΑ", "#straße", "#1&2")
VERDICTS = [verdict.value for verdict in VerdictId]


def finding(chance: random.Random, handle: str = "") -> Finding:
    """What could have been found: everything from nothing to all, with many that are alike."""
    strangers = chance.choice((0, 0, 3, 4))
    score = chance.choice((None, 1, 30, 30, 31, 70, 100))
    days = chance.choice((None, 0, 0.5, 1, 59, 60, 91.31, 91.33, 182.63, 182.65, 365.27, 365.29, 4000))
    deeds = [Deeds(*(chance.choice((0, 0, 0, 1, 2)) for _ in range(4))) for _ in range(2)]
    verdict = chance.choice(VERDICTS)
    return Finding(
        verdict=verdict,
        title=VerdictId(verdict).label,
        display_name=chance.choice(NAMES),
        score=score,
        low=score and max(1, score - 6),
        high=score and min(100, score + 7),
        ratio=chance.choice(("", "1 : 2", "only replies")),
        replies=chance.choice((0, 0, 3, 9)),
        broadcasts=chance.choice((0, 0, 3, 7)),
        last_post=None if days is None else datetime.fromtimestamp(NOW - days * 86400, UTC).isoformat(),
        posts_per_week=chance.choice((None, 0.0, 0.04, 0.25, 0.35, 3.0, 12.5, 1204.0)),
        talks_about=chance.sample(TAGS, chance.choice((0, 0, 1, 3))),
        answered=chance.randint(0, strangers),
        strangers=strangers,
        moved_to="new.test" if score == 31 else "",
        between=chance.choice((None, Between(*deeds, topics=chance.sample(TAGS, chance.choice((0, 1)))))),
    )


def found_of(number: int, seed: int = 1) -> list[Found]:
    """So many accounts, a tenth of them without a finding."""
    chance, made = random.Random(seed), list[Found]()
    states = ("unknown", "refused", "unavailable", "not_kept")
    for at in range(number):
        handle = chance.choice(HANDLES).format(at)
        if chance.random() < 0.1:
            made.append((handle, chance.choice(states), "Why <i>not</i>."))
        else:
            made.append((handle, DONE, finding(chance, handle)))
    return made


def review_of(running: Running, found: Sequence[Found], waiting: Sequence[str] = (), whose: str = "me.test") -> str:
    """The path of a review of these accounts' findings; it is done unless some wait."""
    store, key = running.service.reviews._store, f"key-of-{random.random()}"
    review = store.begin(key, "bluesky", whose, int(running.clock()))
    names = [*(handle for handle, _, _ in found), *waiting]
    store.add_page(review, (("bluesky", name, name) for name in names), "", None, len(names))
    for position, (handle, state, what) in enumerate(found):
        text = what if isinstance(what, str) else msgspec.json.encode(what).decode()
        store.settle(review, position, state, text, handle, int(running.clock()))
    if not waiting:
        store.finish(review, "done", "", int(running.clock()))
    return f"/review/{key}"
