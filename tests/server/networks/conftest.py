"""Upstream answers for the connectors: recorded ones, invented ones, and real HTTP with the guarded client."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from server.errors import CallBudgetSpent
from server.fetching import FetchingLimits, GuardedClient

ANSWERS = Path(__file__).parents[2] / "fixtures" / "answers"


class Canned:
    """A Fetcher that answers from functions or values by the last part of the path; an exception given is raised."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, str]]] = []
        self._left: list[int] = []

    def get_json(self, url: str, params: Any = None, *, user_named: bool = False) -> Any:
        self._left = [left - 1 for left in self._left]
        if any(left < 0 for left in self._left):
            raise CallBudgetSpent("no further upstream call is allowed")
        self.calls.append((url, dict(params or {})))
        path = urlsplit(url).path
        answer = next((self.answers[part] for part in self.answers if path.endswith(part)), None)
        answer = answer(dict(params or {}), url) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        assert answer is not None, f"nothing was prepared for {path}"
        return answer

    def get_linked_json(self, url: str, params: Any = None, *, user_named: bool = False) -> tuple[Any, str]:
        answer = self.get_json(url, params, user_named=user_named)
        assert isinstance(answer, tuple)
        return answer

    def get_text(self, url: str, params: Any = None, *, accept: str, user_named: bool = False) -> str:
        text = self.get_json(url, params, user_named=user_named)
        assert isinstance(text, str)
        return text

    def budget(self, calls: int, seconds: float = 0) -> Canned:
        self._left.append(calls)
        return self

    def asked(self, part: str) -> list[dict[str, str]]:
        """Parameters of the calls whose path ends so."""
        return [params for url, params in self.calls if urlsplit(url).path.endswith(part)]


@pytest.fixture
def canned() -> type[Canned]:
    return Canned


@pytest.fixture
def answer_of() -> Callable[[str], Any]:
    """A recorded answer by its path below tests/fixtures/answers, without ``.json``."""
    return lambda name: json.loads((ANSWERS / f"{name}.json").read_text())


@pytest.fixture
def shared() -> Path:
    """The folder of recorded material that is not part of this project; named by RAPPORT_SHARED."""
    folder = os.environ.get("RAPPORT_SHARED")
    if not folder:
        pytest.skip("RAPPORT_SHARED is not set, so recorded answers of other projects are not read")
    return Path(folder)


@pytest.fixture
def client() -> Iterator[GuardedClient]:
    """The real client, allowed to reach loopback, with short limits."""
    limits = FetchingLimits(allowed_networks=("127.0.0.0/8",), total=1.0, back_off=0.01, spacing=0.0, longest_wait=0.5)
    made = GuardedClient(limits)
    yield made
    made.close()
