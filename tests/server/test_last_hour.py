"""What is remembered of the last hour, and forgotten after it."""

from __future__ import annotations

from server.happenings import Asked, ChoreDone, Gathered, LookedUp, Streamed, ToldToWait
from server.last_hour import Ended, LastHour
from tests.server.conftest import Clock
from tests.server.invented import NOW

MINUTE = 60


def test_the_same_is_added_up_and_other_things_stand_apart(clock: Clock) -> None:
    last_hour = LastHour(clock)
    for outcome in ("ready", "ready", "unknown"):
        last_hour(Gathered("bluesky", "glance", outcome, 0.5))
    last_hour(Gathered("bluesky", "study", "ready", 2.0))
    last_hour(Asked("mastodon", "2xx", 0.1))
    last_hour(LookedUp("badges", "hit", 49))
    last_hour(LookedUp("badges", "hit"))
    assert last_hour.gathered() == {
        ("bluesky", "glance"): {"ready": 2, "unknown": 1},
        ("bluesky", "study"): {"ready": 1},
    }
    assert last_hour.asked() == {"mastodon": {"2xx": 1}}
    assert last_hour.looked_up() == {"badges": {"hit": 50}}


def test_after_an_hour_it_is_forgotten_whether_or_not_anything_happened_since(clock: Clock) -> None:
    last_hour = LastHour(clock)
    last_hour(Asked("bluesky", "2xx", 0.1))
    clock.time += 30 * MINUTE
    last_hour(Asked("bluesky", "5xx", 0.1))
    assert last_hour.asked() == {"bluesky": {"2xx": 1, "5xx": 1}}
    clock.time += 31 * MINUTE
    assert last_hour.asked() == {"bluesky": {"5xx": 1}}
    clock.time += 60 * MINUTE
    assert last_hour.asked() == {}


def test_so_many_minutes_are_kept_and_no_more(clock: Clock) -> None:
    last_hour = LastHour(clock)
    for _ in range(500):
        last_hour(Asked("bluesky", "2xx", 0.1))
        clock.time += MINUTE
    assert len(last_hour._minutes) <= 60


def test_the_longest_wait_of_a_network_counts_until_it_is_over(clock: Clock) -> None:
    last_hour = LastHour(clock)
    last_hour(ToldToWait("mastodon", 600))
    last_hour(ToldToWait("mastodon", 60))
    assert last_hour.waits_until("mastodon") == NOW + 600
    assert last_hour.waits_until("bluesky") is None
    clock.time += 601
    assert last_hour.waits_until("mastodon") is None


def test_the_last_time_of_each_chore_is_remembered_however_long_ago(clock: Clock) -> None:
    last_hour = LastHour(clock)
    last_hour(ChoreDone("tidy", 0.4))
    last_hour(ChoreDone("hourly", 1.0))
    clock.time += 7200
    last_hour(ChoreDone("hourly", 2.0, "OSError"))
    assert last_hour.chores() == {"tidy": Ended(NOW, 0.4, ""), "hourly": Ended(NOW + 7200, 2.0, "OSError")}


def test_streams_are_those_begun_and_not_ended(clock: Clock) -> None:
    last_hour = LastHour(clock)
    for change in (1, 1, -1):
        last_hour(Streamed(change))
    assert last_hour.streams() == 1
