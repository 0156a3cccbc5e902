"""What holds for all tests: which files come first, and that none fails because the machine was busy for a moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import hypothesis
import pytest

from server import settings

# How long something takes is measured in tests/benchmarks, beside a yardstick.
hypothesis.settings.register_profile("rapport", deadline=None)
hypothesis.settings.load_profile("rapport")
# Read by every module that connects to Redis when it is imported, and this file is the first that is.
settings.REDIS_PATIENCE_SECONDS = 20.0

BROWSERS = frozenset({"chromium", "firefox", "in_browser", "show", "show_in_both"})
"""Fixtures with which a test works in a browser."""
SECONDS_WAITING = 2.0
SECONDS = 0.1


def seconds(item: pytest.Item) -> float:
    """About how long a test takes: long in a browser, and in a module that starts processes."""
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    waits = not BROWSERS.isdisjoint(fixtures) or hasattr(getattr(item, "module", None), "subprocess")
    return SECONDS_WAITING if waits else SECONDS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest files first, so that none of them is left alone at the end while all else has ended; the tests of a file stay together and in
    their order."""
    of_file: defaultdict[str, float] = defaultdict(float)
    for item in items:
        of_file[item.nodeid.split("::")[0]] += seconds(item)
    items.sort(key=lambda item: -of_file[item.nodeid.split("::")[0]])
