"""Where the data is: the folder named in RAPPORT_SHARED, or nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.evaluation.engagement import Archive, read_archives
from tests.evaluation.influence import Pairs, read_pairs


@pytest.fixture(scope="session")
def data() -> Path:
    """The data folder; without the setting the test is skipped, with it a missing file is a failure."""
    shared = os.environ.get("RAPPORT_SHARED")
    if not shared:
        pytest.skip("RAPPORT_SHARED is not set: the data that this measures is not part of the project")
    return Path(shared) / "data"


@pytest.fixture(scope="session")
def pairs(data: Path) -> Pairs:
    """The judged pairs."""
    return read_pairs(data)


@pytest.fixture(scope="session")
def archives(data: Path) -> list[Archive]:
    """The accounts of known kind."""
    return read_archives(data)
