"""Work done by the clock says how it went."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from server.happenings import ChoreDone, Happening, Tell
from server.jobs.chores import Due, chore
from server.store.chores import GIVEN_UP_SECONDS, ChoreStore
from server.store.database import open_database
from tests.server.conftest import Clock
from tests.server.databases import Database

pytestmark = pytest.mark.databases("sqlite", "postgresql")

HOURLY = Due(3600, 37 * 60)
Begin = Callable[..., Callable[[], None]]


@pytest.fixture
def begin(database: Database, clock: Clock) -> Begin:
    """A chore as a process of its own has it, on the database that all of them share."""

    def made(work: Callable[[], Any], tell: Tell = lambda _: None, name: str = "hourly") -> Callable[[], None]:
        return chore(name, HOURLY, work, ChoreStore(open_database(database.url)), clock, tell)

    return made


def test_work_that_was_done_is_told(begin: Begin, caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []
    told: list[Happening] = []
    begin(lambda: done.append("tidied"), told.append, "tidy")()
    assert done == ["tidied"]
    assert [(one.name, one.failure) for one in told if isinstance(one, ChoreDone)] == [("tidy", "")]
    assert not caplog.records


def test_work_that_fails_is_told_by_the_kind_of_error_and_logged(
    begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Happening] = []

    def fails() -> None:
        raise OSError("the disk of alice.test is full")

    with caplog.at_level(logging.ERROR):
        begin(fails, told.append)()
    assert [(one.name, one.failure) for one in told if isinstance(one, ChoreDone)] == [("hourly", "OSError")]
    assert [record.getMessage() for record in caplog.records] == ["the hourly work failed"]


def test_of_several_processes_one_does_what_is_due(begin: Begin, clock: Clock) -> None:
    done: list[str] = []
    one, other = begin(lambda: done.append("one")), begin(lambda: done.append("other"))
    one()
    other()
    one()
    assert done == ["one"]
    clock.time += 3600
    other()
    one()
    assert done == ["one", "other"]


def test_at_the_same_moment_only_one_process_does_it(begin: Begin) -> None:
    done: list[int] = []
    chores = [begin(lambda n=n: done.append(n)) for n in range(4)]
    threads = [threading.Thread(target=one) for one in chores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1


def test_a_process_that_starts_does_what_was_due_while_none_ran(begin: Begin, clock: Clock) -> None:
    done: list[float] = []
    begin(lambda: done.append(clock.time))()
    # To just before, and just after, the next time by the clock.
    clock.time = HOURLY.last(int(clock.time)) + 3599
    begin(lambda: done.append(clock.time))()
    assert len(done) == 1
    clock.time += 1
    begin(lambda: done.append(clock.time))()
    assert len(done) == 2


def test_what_a_killed_process_was_at_is_done_again_after_a_while(begin: Begin, clock: Clock) -> None:
    done: list[str] = []

    def killed() -> None:
        raise SystemExit

    clock.time = HOURLY.last(int(clock.time)) + 1.0
    with pytest.raises(SystemExit):
        begin(killed)()
    again = begin(lambda: done.append("done"))
    clock.time += GIVEN_UP_SECONDS
    again()
    assert done == []
    clock.time += 2
    again()
    assert done == ["done"]


@pytest.mark.parametrize(
    ("now", "due"),
    [("2026-09-01T10:36:59", "09:37"), ("2026-09-01T10:37:00", "10:37"), ("2026-09-01T00:01:00", "23:37")],
)
def test_what_is_hourly_is_due_at_a_minute_of_the_hour(now: str, due: str) -> None:
    last = HOURLY.last(int(datetime.fromisoformat(now).replace(tzinfo=UTC).timestamp()))
    assert datetime.fromtimestamp(last, UTC).strftime("%H:%M") == due
