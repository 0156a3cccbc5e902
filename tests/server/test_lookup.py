"""One look-up from end to end, short of the web: at once from what is known, gathered in the background, never lost."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.account import AccountRef
from server.activity import Activity, Coverage, Depth, PostKind
from server.errors import AccountRefused, BadHandle, CallBudgetSpent, UnknownNetwork, UpstreamUnavailable
from server.jobs import queue
from server.report import compose, to_json
from server.store.database import DatabaseUnusable
from tests.server.conftest import Running
from tests.server.databases import PostgreSQL
from tests.server.fake_network import ephemeral
from tests.server.invented import DAY, NOW, Invented

pytestmark = pytest.mark.databases("sqlite", "postgresql")

HOUR = 3600


def gathered(running: Running, handle: str = "alice.test", study: bool = False) -> dict[str, Any]:
    running.lookup.report("bluesky", handle, study)
    running.work()
    report = running.lookup.report("bluesky", handle, study).report
    assert report is not None
    return report


def test_an_account_not_known_yet_is_pending_and_ready_once_gathered(running: Running) -> None:
    first = running.lookup.report("bluesky", "alice.test")
    assert (first.state, first.report, first.ask_again_after) == ("pending", None, 2)
    assert running.work() == 1
    second = running.lookup.report("bluesky", "alice.test")
    assert second.state == "ready"
    assert second.report is not None
    assert second.report["verdict"]["id"] == "in_conversation"
    assert second.ask_again_after == 6 * HOUR


def test_whoever_asks_however_often_one_account_is_gathered_once(running: Running) -> None:
    for handle in ("alice.test", "@ALICE.test", "alice.test "):
        running.lookup.report("bluesky", handle)
    running.work()
    assert running.network.glances == ["alice.test"]


def test_an_account_without_posts_is_too_little_to_tell(running: Running) -> None:
    assert gathered(running, "quiet.test")["state"] == "too_little"


def test_an_account_that_is_not_there_is_unknown_and_not_asked_again_within_the_hour(running: Running) -> None:
    running.lookup.report("bluesky", "nobody.test")
    running.work()
    answer = running.lookup.report("bluesky", "nobody.test")
    assert (answer.state, answer.detail) == ("unknown", "There is no account nobody.test.")
    assert running.work() == 0


def test_a_handle_or_network_that_cannot_be_is_said_at_once(running: Running) -> None:
    with pytest.raises(BadHandle):
        running.lookup.report("bluesky", "two words")
    with pytest.raises(UnknownNetwork, match="there are bluesky"):
        running.lookup.report("myspace", "tom")


def test_after_six_hours_the_old_report_is_served_while_a_new_one_is_gathered(running: Running, start: Any) -> None:
    gathered(running)
    running.clock.time += 7 * HOUR
    again = start(running.settings.data_folder)
    old = again.lookup.report("bluesky", "alice.test")
    assert old.report is not None
    assert (old.state, old.report["stale"], old.report["refreshing"]) == ("ready", True, True)
    again.work()
    new = again.lookup.report("bluesky", "alice.test").report
    assert (new["stale"], new["refreshing"]) == (False, False)


def test_an_upstream_that_fails_takes_nothing_away(running: Running, start: Any) -> None:
    gathered(running)
    running.clock.time += 7 * HOUR
    running.network.should_raise = UpstreamUnavailable("fakesky.example did not answer.", retry_after=120)
    again = start(running.settings.data_folder)
    again.lookup.report("bluesky", "alice.test")
    again.work()
    answer = again.lookup.report("bluesky", "alice.test")
    assert answer.state == "ready"
    assert (answer.report["stale"], answer.report["stale_reason"]) == (True, "fakesky.example did not answer.")
    assert answer.report["score"] is not None
    assert answer.ask_again_after == answer.report["ask_again_after"] == 120
    assert again.work() == 0, "it is not asked again before the time the upstream named"


def test_an_upstream_that_fails_for_an_unknown_account_is_unavailable_never_a_zero(running: Running) -> None:
    running.network.should_raise = UpstreamUnavailable("fakesky.example did not answer.", retry_after=120)
    running.lookup.report("bluesky", "alice.test")
    running.work()
    answer = running.lookup.report("bluesky", "alice.test")
    assert (answer.state, answer.report, answer.ask_again_after) == ("unavailable", None, 120)


def test_a_fault_of_our_own_leaves_nobody_waiting(running: Running) -> None:
    running.network.should_raise = RuntimeError("a mistake")
    running.lookup.report("bluesky", "alice.test")
    running.work()
    assert running.lookup.report("bluesky", "alice.test").state == "unavailable"


def test_a_study_adds_who_wrote_and_is_not_repeated_within_six_hours(running: Running) -> None:
    report = gathered(running, study=True)
    assert report["depth"] == "study"
    assert next(s for s in report["signals"] if s["id"] == "answer_rate")["state"] == "found"
    assert running.work() == 0
    running.lookup.report("bluesky", "alice.test", study=True)
    assert running.work() == 0
    assert running.network.studies == ["alice.test"]


def test_a_study_asked_for_during_a_glance_follows_it(running: Running) -> None:
    running.network.before = lambda handle: running.lookup.report("bluesky", handle, study=True) and None
    running.lookup.report("bluesky", "alice.test")
    running.work()
    assert running.network.studies == ["alice.test"]


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(
    "failure", [UpstreamUnavailable("enough"), CallBudgetSpent("enough")], ids=["unavailable", "slow"]
)
def test_a_study_that_fails_midway_keeps_the_glance(running: Running, failure: Exception, kept: bool) -> None:
    def fail_second_time(_handle: str) -> None:
        if running.network.studies:
            raise failure

    if not kept:
        ephemeral(running.network.accounts["alice.test"])
    running.network.before = fail_second_time
    running.lookup.report("bluesky", "alice.test", study=True)
    running.work()
    answer = running.lookup.report("bluesky", "alice.test")
    assert answer.state == "ready"
    assert (answer.report["depth"], answer.report["kept"]) == ("glance", kept)


def test_the_grade_is_the_share_of_the_accounts_scored_here_that_stand_no_higher(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.lookup.FEWEST_GRADED", 4)
    reports = {}
    for number, likes in enumerate((2, 20, 200, 900)):
        account = Invented(f"graded-{number}.test").post(times=30, likes=likes, reposts=likes // 3)
        running.network.accounts[f"graded-{number}.test"] = account
        reports[likes] = gathered(running, f"graded-{number}.test")
        grade = running.lookup.grade("bluesky", reports[likes])
        assert (grade is None) == (number < 3), "among too few accounts there is none"
    shares = {likes: running.lookup.grade("bluesky", report).share for likes, report in reports.items()}
    assert shares == {2: 0.25, 20: 0.5, 200: 0.75, 900: 1.0}
    assert running.lookup.grade("bluesky", gathered(running, "quiet.test")) is None


def test_history_grows_by_a_point_a_gather_but_no_more_than_one_an_hour(running: Running) -> None:
    gathered(running)
    assert len(running.lookup.history("bluesky", "alice.test")) == 1
    running.lookup.gather("bluesky", "alice.test", study=False)
    assert len(running.lookup.history("bluesky", "alice.test")) == 1
    running.clock.time += 7 * HOUR
    running.lookup.gather("bluesky", "alice.test", study=False)
    points = running.lookup.history("bluesky", "alice.test")
    assert [p["scored_at"] for p in points] == sorted(p["scored_at"] for p in points)
    assert len(points) == 2


def test_posts_add_up_over_gathers_and_deleted_ones_go(running: Running) -> None:
    gathered(running)
    account = Invented("alice.test").post(times=3)
    account.builder.profile = running.network.accounts["alice.test"].builder.profile
    for number in range(1, 6):
        account.post(id=f"new-{number}")
    running.network.accounts["alice.test"] = account
    running.lookup.gather("bluesky", "alice.test", study=False)
    ids = set(running.service.repository.activity(account.builder.profile.ref).posts.id)
    assert {"new-1", "post-1", "post-50"} <= ids
    assert "post-5" not in ids, "newer than the oldest post of the page, and no longer on it"


def test_who_asks_not_to_be_indexed_is_answered_but_not_kept(running: Running, start: Any) -> None:
    gathered(running)
    ephemeral(running.network.accounts["alice.test"])
    running.lookup.gather("bluesky", "alice.test", study=False)
    answer = running.lookup.report("bluesky", "alice.test")
    assert answer.report["kept"] is False
    assert running.lookup.history("bluesky", "alice.test") == []
    assert start(running.settings.data_folder).lookup.report("bluesky", "alice.test").state == "pending"


def test_who_asks_not_to_be_scored_is_refused_and_what_was_kept_is_deleted(running: Running) -> None:
    gathered(running)
    running.network.should_raise = AccountRefused("It asks not to be scored.")
    running.lookup.gather("bluesky", "alice.test", study=False)
    answer = running.lookup.report("bluesky", "alice.test")
    assert (answer.state, answer.report) == ("refused", None)
    assert running.lookup.history("bluesky", "alice.test") == []


def test_opting_out_deletes_at_once_under_every_name_and_lasts(running: Running, start: Any) -> None:
    gathered(running)
    running.lookup.opt_out("bluesky", "Alice.test")
    for name in ("alice.test", "did:plc:alice.test"):
        assert running.lookup.report("bluesky", name).state == "refused"
    again = start(running.settings.data_folder)
    assert again.lookup.report("bluesky", "alice.test").state == "refused"
    assert again.work() == 0, "its network is not even asked"


def test_an_account_that_opted_out_by_its_id_is_recognised_under_a_new_handle(running: Running) -> None:
    gathered(running)
    running.lookup.opt_out("bluesky", "alice.test")
    account = running.network.accounts.pop("alice.test")
    running.network.accounts["renamed.test"] = account
    running.lookup.report("bluesky", "renamed.test")
    running.work()
    assert running.lookup.report("bluesky", "renamed.test").state == "refused"


@pytest.mark.databases("sqlite")
def test_the_database_holds_no_name_of_who_opted_out(running: Running) -> None:
    gathered(running)
    running.lookup.opt_out("bluesky", "alice.test")
    with sqlite3.connect(running.settings.data_folder / "rapport.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("VACUUM")
    assert b"alice" not in (running.settings.data_folder / "rapport.db").read_bytes()


@pytest.mark.databases("sqlite")
def test_a_database_that_cannot_be_written_still_answers_and_loses_nothing(running: Running, start: Any) -> None:
    gathered(running, "carla.test")
    blocker = sqlite3.connect(running.settings.data_folder / "rapport.db", isolation_level=None)
    with running.service.repository._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    blocker.execute("BEGIN IMMEDIATE")
    running.lookup.report("bluesky", "alice.test")
    running.work()
    assert running.lookup.report("bluesky", "alice.test").state == "ready"
    blocker.execute("ROLLBACK")
    blocker.close()
    assert start(running.settings.data_folder).lookup.report("bluesky", "carla.test").state == "ready"


def test_accounts_nobody_asks_for_are_deleted_after_ninety_days(running: Running) -> None:
    gathered(running)
    running.clock.time += 91 * DAY
    assert running.service.repository.forget_older_than(int(running.clock()) - 90 * DAY) == 1
    assert running.lookup.history("bluesky", "alice.test") == []


def test_observed_posts_add_up_and_are_counted_once(running: Running, tmp_path: Path) -> None:
    first = Invented("bob", network="x").post(PostKind.ORIGINAL, times=6).build()
    second = Invented("bob", network="x").post(PostKind.ORIGINAL, times=9, likes=50).build()
    assert running.lookup.observe("x", [first])[0]["posts_added"] == 6
    result = running.lookup.observe("x", [second])[0]
    assert (result["posts_added"], result["posts_known"]) == (3, 9)


def test_a_renamed_account_is_unknown_under_its_old_handle_and_keeps_its_history_under_the_new_one(
    running: Running,
) -> None:
    gathered(running)
    account = running.network.accounts.pop("alice.test")
    account.builder.profile = replace(account.builder.profile, handle="renamed.test")
    running.network.accounts["renamed.test"] = account
    running.clock.time += 7 * HOUR
    running.lookup.gather("bluesky", "alice.test", study=False)
    assert running.lookup.report("bluesky", "alice.test").state == "unknown"
    assert gathered(running, "renamed.test")["account"]["handle"] == "renamed.test"
    assert len(running.lookup.history("bluesky", "renamed.test")) == 2


@pytest.mark.parametrize("study", [False, True])
def test_opting_out_while_the_account_is_being_read_leaves_nothing_stored(running: Running, study: bool) -> None:
    def opt_out_at_the_end(_handle: str) -> None:
        if running.network.studies or not study:
            running.network.before = lambda _handle: None
            running.lookup.opt_out("bluesky", "alice.test")

    running.network.before = opt_out_at_the_end
    running.lookup.report("bluesky", "alice.test", study)
    running.work()
    assert running.service.repository.activity(AccountRef("bluesky", "did:plc:alice.test")) is None
    assert running.lookup.report("bluesky", "alice.test").state == "refused"


def test_a_wish_written_while_a_report_is_being_stored_wins(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    repository, opted_out = running.service.repository, running.service.repository.opted_out

    def just_before(network: str, *names: str) -> bool:
        answer = opted_out(network, *names)
        repository.opt_out(network, {"alice.test"}, NOW)
        return answer

    report = compose(running.network.accounts["alice.test"].build(), NOW)
    monkeypatch.setattr(repository, "opted_out", just_before)
    assert not repository.opted_out("bluesky", "alice.test")
    with pytest.raises(AccountRefused):
        repository.save(report, to_json(report), {"alice.test"}, 0)
    assert repository.find("bluesky", "alice.test") is None


def test_opting_out_of_an_account_that_is_not_kept_holds_under_its_other_names(running: Running) -> None:
    ephemeral(running.network.accounts["alice.test"])
    gathered(running)
    running.lookup.opt_out("bluesky", "alice.test")
    assert running.lookup.report("bluesky", "did:plc:alice.test").state == "refused"


def test_who_is_refused_is_refused_at_once_under_every_name(running: Running) -> None:
    gathered(running)
    running.network.should_raise = AccountRefused("It asks not to be scored.")
    running.lookup.gather("bluesky", "alice.test", study=False)
    assert running.lookup.report("bluesky", "did:plc:alice.test").state == "refused"


def test_a_deleted_account_does_not_come_back_when_the_hour_is_over(running: Running, start: Any) -> None:
    account = running.network.accounts.pop("alice.test")
    running.network.accounts["did:plc:alice.test"] = account
    gathered(running, "did:plc:alice.test")
    running.network.accounts.clear()
    running.lookup.gather("bluesky", "did:plc:alice.test", study=False)
    again = start(running.settings.data_folder)
    assert again.lookup.report("bluesky", "did:plc:alice.test").state == "pending"
    again.work()
    assert again.lookup.report("bluesky", "did:plc:alice.test").state == "unknown"


def test_observations_of_one_account_that_come_at_once_all_count(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [Invented("bob", network="x"), Invented("bob", network="x")]
    for number, page in enumerate(pages):
        page.post(id=f"seen-{number}")
        page.builder.coverage = Coverage(depth=Depth.OBSERVED)
    repository, read, both = running.service.repository, running.service.repository.activity, threading.Barrier(2)

    def read_together(ref: AccountRef) -> Activity | None:
        known = read(ref)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return known

    monkeypatch.setattr(repository, "activity", read_together)
    threads = [threading.Thread(target=running.lookup.observe, args=("x", [page.build()])) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    known = read(AccountRef("x", "bob"))
    assert known is not None
    assert set(known.posts.id) == {"seen-0", "seen-1"}


def test_a_lost_key_stops_the_start_when_somebody_opted_out(running: Running, start: Any) -> None:
    start(running.settings.data_folder).lookup.opt_out("bluesky", "alice.test")
    (running.settings.data_folder / "secret.key").unlink()
    with pytest.raises(DatabaseUnusable, match=r"secret\.key is missing\. Put the old file back"):
        start(running.settings.data_folder)


@pytest.mark.databases("sqlite")
def test_a_lost_key_is_made_anew_beside_the_database_while_nobody_opted_out(running: Running, start: Any) -> None:
    for _ in range(2):
        (running.settings.data_folder / "secret.key").unlink()
        start(running.settings.data_folder)


def test_another_machine_with_another_key_stops_at_the_start_with_words(
    running: Running, start: Any, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    shared = {"database_url": postgresql.without_rows().url}
    start(tmp_path / "first", **shared)
    start(tmp_path / "first", **shared)
    with pytest.raises(
        DatabaseUnusable, match=r"secret\.key is another key .* copy it from the machine that was first"
    ):
        start(tmp_path / "second", **shared)
    shutil.copy(tmp_path / "first" / "secret.key", tmp_path / "second" / "secret.key")
    start(tmp_path / "second", **shared)


def test_who_opts_out_before_ever_being_looked_up_stays_out_under_a_new_handle(running: Running) -> None:
    running.lookup.opt_out("bluesky", "carla.test")
    account = running.network.accounts.pop("carla.test")
    account.builder.profile = replace(account.builder.profile, handle="renamed.test")
    running.network.accounts["renamed.test"] = account
    running.lookup.report("bluesky", "renamed.test")
    running.work()
    assert running.lookup.report("bluesky", "renamed.test").state == "refused"


def test_opting_out_holds_though_the_network_cannot_be_asked(running: Running) -> None:
    running.network.should_raise = UpstreamUnavailable("No answer.")
    running.lookup.opt_out("bluesky", "carla.test")
    assert running.lookup.report("bluesky", "carla.test").state == "refused"


def test_a_handle_and_the_id_behind_it_are_gathered_once(running: Running, start: Any) -> None:
    gathered(running)
    running.clock.time += 7 * HOUR
    again = start(running.settings.data_folder)
    again.lookup.report("bluesky", "alice.test")
    again.lookup.report("bluesky", "did:plc:alice.test")
    assert again.work() == 1


def test_more_accounts_than_the_queue_takes_stay_pending_and_are_gathered_later(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_WAITING", 1)
    for handle in ("alice.test", "carla.test"):
        assert running.lookup.report("bluesky", handle).state == "pending"
    assert running.work() == 1
    assert running.lookup.report("bluesky", "carla.test").state == "pending"
    assert running.work() == 1
    assert running.lookup.report("bluesky", "carla.test").state == "ready"


def test_a_network_too_slow_for_its_budget_is_unavailable_not_a_fault(running: Running) -> None:
    running.network.should_raise = CallBudgetSpent("no further upstream call is allowed")
    running.lookup.report("bluesky", "alice.test")
    running.work()
    answer = running.lookup.report("bluesky", "alice.test")
    assert (answer.state, answer.detail) == ("unavailable", "Its network took too long to answer.")
