"""An open page of a review that is told what has changed: the stream as it comes over the wire, and the page that listens or asks instead."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.exc import OperationalError

from server.pages import review_events, review_pages
from server.review import Reviews
from server.store.reviews import Review
from server.threads import MOST_STREAMS, ORDINARY_THREADS
from tests.server.conftest import Clock, Running
from tests.server.fake_network import FakeNetwork
from tests.server.pages.in_a_browser import InBrowser, served, visit
from tests.server.pages.reviewed import found_of, review_of
from tests.server.test_main import PATIENCE, free_port
from tests.server.test_review_killed import kill, started, until

FOUND = found_of(6)
NOWHERE = "http://127.0.0.1:9"


class Message(NamedTuple):
    event: str
    id: str
    data: str

    @property
    def positions(self) -> list[int]:
        return [row["position"] for row in json.loads(self.data)["rows"]]


def messages_in(lines: Iterator[str]) -> Iterator[Message]:
    """The messages of a stream, as a browser reads them."""
    fields: dict[str, str] = {}
    for line in lines:
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                yield Message(fields.get("event", "message"), fields.get("id", ""), fields["data"])
            fields = {}


@contextmanager
def listening(address: str, **headers: str) -> Iterator[tuple[httpx2.Response, Iterator[Message]]]:
    with httpx2.stream("GET", address, headers=headers, timeout=10) as answer:
        yield answer, messages_in(answer.iter_lines())


def begun(running: Running, done: int = 2) -> tuple[str, Review]:
    """A review in which so many of six accounts are done: its path, and itself."""
    path = review_of(running, FOUND[:done], waiting=[handle for handle, _, _ in FOUND[done:]])
    review = running.service.reviews.find(path.removeprefix("/review/"))
    assert review is not None
    return path, review


def settle(running: Running, review: Review, position: int) -> None:
    running.service.reviews._store.settle(
        review.id, position, "unknown", "Not there.", FOUND[position][0], running.lookup.now()
    )


def finish(running: Running, review: Review) -> None:
    running.service.reviews._store.finish(review.id, "done", "", int(running.clock()))


def beside(folder: Path) -> Running:
    """An application on the folder of a service that runs, at its time: whatever is much older is tidied away there."""
    clock = Clock()
    clock.time = time.time()
    return Running(folder, FakeNetwork(), clock)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Running]]:
    """The service as it is run, with its threads; and an application on the same folder, to change what it tells."""
    folder, port = tmp_path_factory.mktemp("events"), free_port()
    running = beside(folder)
    service = started(folder, port, NOWHERE, {})
    yield f"http://127.0.0.1:{port}", running
    kill(service)


def test_changes_come_as_events_that_go_on_where_a_page_was_and_the_end_is_told(real: tuple[str, Running]) -> None:
    address, running = real
    path, review = begun(running)
    events = f"{address}{path}/events"
    with listening(events) as (answer, messages):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        first = next(messages)
        asked = httpx2.get(f"{address}{path}/rows.json").json()
        assert json.loads(first.data) | {"now": 0} == asked | {"now": 0}
        assert first.id == str(asked["revision"])
        settle(running, review, 2)
        second = next(messages)
        assert second.positions == [2]
    settle(running, review, 3)
    with listening(events + "?since=0", **{"Last-Event-ID": second.id}) as (_, messages):
        assert next(messages).positions == [3]
    with listening(f"{events}?since={first.id}") as (_, messages):
        assert next(messages).positions == [2, 3]
        finish(running, review)
        last, end = messages
        assert (json.loads(last.data)["state"], last.positions) == ("done", [])
        assert (end.event, end.data) == ("end", "done")


def test_streams_leave_threads_to_ordinary_requests_and_their_places_to_others_when_they_go(
    real: tuple[str, Running],
) -> None:
    address, running = real
    path, review = begun(running)
    events = f"{address}{path}/events"

    def status() -> int:
        with listening(events) as (answer, _):
            return answer.status_code

    with ExitStack() as others, ExitStack() as leaver:
        leaver.enter_context(listening(events))
        for _ in range(MOST_STREAMS - 1):
            _, messages = others.enter_context(listening(events))
            next(messages)
        busy = httpx2.get(events)
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "60")
        ordinary = [f"{address}{at}" for at in (path, f"{path}/rows.json", f"{path}.csv", "/")] * ORDINARY_THREADS
        with ThreadPoolExecutor(len(ordinary)) as at_once:
            answers = list(at_once.map(lambda at: httpx2.get(at, timeout=5).status_code, ordinary))
        assert answers == [200] * len(ordinary)
        assert status() == 503
        leaver.close()
        running.service.reviews.keep(review, 0, True)
        until(lambda: status() == 200)


def test_an_open_stream_does_not_keep_the_service_from_stopping(tmp_path: Path) -> None:
    running, port = beside(tmp_path), free_port()
    service = started(tmp_path, port, NOWHERE, {})
    try:
        path, _ = begun(running)
        with listening(f"http://127.0.0.1:{port}{path}/events") as (_, messages):
            next(messages)
            os.kill(service.pid, signal.SIGTERM)
            assert list(messages) == []
        assert service.wait(PATIENCE / 4) == 0
    finally:
        if service.poll() is None:
            kill(service)
    # Nor does the server doubt the number of its threads.
    assert "threads" not in (tmp_path / "service.log").read_text()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """News are noticed at once."""
    monkeypatch.setattr(review_events, "LOOK_SECONDS", 0.02)


@pytest.fixture
def short(hurried: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a stream ends soon, to be followed by the next."""
    monkeypatch.setattr(review_events, "STREAM_SECONDS", 0.3)
    monkeypatch.setattr(review_events, "AGAIN_MS", 50)


def test_a_stream_without_news_is_kept_alive_and_ends_after_a_minute(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, review = begun(running)
    waited: list[float] = []
    monkeypatch.setattr(review_events, "monotonic", lambda: sum(waited))
    monkeypatch.setattr(running.service.stopping, "wait", waited.append)
    retry, news, *rest = running.client.get(f"{path}/events?since={review.revision}").text.split("\n\n")
    assert retry == "retry: 1000"
    assert '"rows":[]' in news
    assert rest == [":"] * 4 + [""]
    assert sum(waited) == 60
    assert min(waited) >= 1


@pytest.mark.usefixtures("hurried")
def test_what_a_review_waits_for_is_told_though_no_account_has_changed(running: Running, clock: Clock) -> None:
    path, review = begun(running)
    messages = messages_in(_lines(running.client.get(f"{path}/events")))
    before = next(messages)
    running.service.reviews._pause(review.id, "Bluesky asks to be left alone.", 60)
    waiting = next(messages)
    clock.time += 61
    after = next(messages)
    told = [json.loads(message.data)["progress"] for message in (before, waiting, after)]
    assert told == ["2 of 6", "2 of 6 · waiting: Bluesky asks to be left alone.", "2 of 6"]
    assert (waiting.id, waiting.positions) == (before.id, [])


@pytest.mark.usefixtures("hurried")
def test_the_stream_of_a_review_that_is_deleted_ends_and_the_next_is_not_there(running: Running) -> None:
    path, review = begun(running)
    messages = messages_in(_lines(running.client.get(f"{path}/events")))
    next(messages)
    running.service.reviews.delete(review)
    assert list(messages) == []
    assert running.client.get(f"{path}/events").status_code == 404
    assert running.client.get("/review/nothing/events").status_code == 404


def test_a_review_that_has_ended_is_told_once(running: Running) -> None:
    path = review_of(running, FOUND)
    told = list(messages_in(iter(running.client.get(f"{path}/events").text.splitlines())))
    assert [message.event for message in told] == ["message", "end"]
    assert told[0].positions == list(range(6))


def test_an_answer_that_nobody_reads_takes_no_place(running: Running) -> None:
    path, _ = begun(running)
    for _ in range(MOST_STREAMS + 1):
        assert running.client.head(f"{path}/events", buffered=True).status_code == 200
        unread = running.client.get(f"{path}/events")
        assert unread.status_code == 200
        unread.close()


@pytest.mark.usefixtures("hurried")
def test_a_stream_that_fails_ends_frees_its_place_and_says_so_in_the_log_alone(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, _ = begun(running)

    def fails(reviews: Reviews, key: str) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr(Reviews, "standing", fails)
    for _ in range(MOST_STREAMS + 1):
        assert running.client.get(f"{path}/events", buffered=True).text == "retry: 1000\n\n"
    told = [record.message for record in caplog.records if record.name == review_events.log.name]
    assert told == ["a stream of a review failed"] * (MOST_STREAMS + 1)


def test_events_are_guarded_as_the_rows_are(start: Any, tmp_path: Path) -> None:
    running = start(tmp_path, requests_per_minute=3)
    path = review_of(running, FOUND)
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert running.client.get(f"{path}/events", headers=elsewhere).status_code == 403
    assert [running.client.get(f"{path}/events").status_code for _ in range(3)] == [200, 200, 429]


def _lines(answer: Any) -> Iterator[str]:
    """The lines of an answer of the test client, while it comes in."""
    for part in answer.iter_encoded():
        yield from part.decode().splitlines()


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with served(running.app) as at:
        yield at
        running.service.stopping.set()


def asked_for(page: Page) -> list[str]:
    """The last parts of the addresses that the page's script asks for, as it goes on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.extend(re.findall(r"/(events|rows\.json)\b", request.url)))
    return asked


@pytest.mark.usefixtures("short")
def test_rows_appear_by_events_over_several_streams_and_nothing_is_asked_for(
    in_browser: InBrowser, address: str, running: Running
) -> None:
    path, review = begun(running)

    def look(page: Page) -> list[str]:
        asked = asked_for(page)
        page.goto(address + path)
        for position in (2, 3):
            with page.expect_request("**/events"):
                settle(running, review, position)
            expect(page.locator(f"#row-{position}")).to_contain_text("Not there.")
        expect(page.locator("#progress")).to_contain_text("4 of 6")
        finish(running, review)
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        ended = len(asked)
        page.wait_for_timeout(300)
        assert len(asked) == ended
        return asked

    asked = visit(in_browser, look)
    assert len(asked) >= 2
    assert set(asked) == {"events"}


@pytest.mark.usefixtures("hurried")
def test_an_open_page_of_a_review_that_is_deleted_says_so(
    in_browser: InBrowser, address: str, running: Running
) -> None:
    path, review = begun(running)

    def look(page: Page) -> None:
        with page.expect_request("**/events"):
            page.goto(address + path)
        running.service.reviews.delete(review)
        expect(page.locator("body")).to_contain_text("There is no review at this address")

    visit(in_browser, look)


@pytest.mark.parametrize("how", ["places taken", "no EventSource"])
def test_a_page_whose_events_are_refused_asks_by_itself(
    in_browser: InBrowser, address: str, running: Running, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(review_pages, "LOOK_AGAIN_SECONDS", 1)
    # However long a busy machine takes to open the page.
    monkeypatch.setattr(review_events, "STREAM_SECONDS", 600.0)
    path, review = begun(running)

    def look(page: Page) -> list[str]:
        asked = asked_for(page)
        if how == "no EventSource":
            page.add_init_script("delete window.EventSource")
        page.goto(address + path)
        settle(running, review, 2)
        expect(page.locator("#row-2")).to_contain_text("Not there.")
        finish(running, review)
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        return asked

    with ExitStack() as taken:
        for _ in range(MOST_STREAMS if how == "places taken" else 0):
            _, messages = taken.enter_context(listening(f"{address}{path}/events"))
            next(messages)
        asked = visit(in_browser, look)
    assert asked.count("events") == (0 if how == "no EventSource" else 1)
    assert asked.count("rows.json") >= 2


def test_a_page_whose_events_are_held_up_on_their_way_asks_by_itself(
    in_browser: InBrowser, address: str, running: Running
) -> None:
    path, review = begun(running)

    def look(page: Page) -> list[str]:
        asked = asked_for(page)
        page.clock.install()
        page.route("**/events", lambda route: None)
        with page.expect_request("**/events"):
            page.goto(address + path)
        settle(running, review, 2)
        page.clock.run_for(9_000)
        assert asked == ["events"]
        page.clock.run_for(2_000)
        expect(page.locator("#row-2")).to_contain_text("Not there.")
        return asked

    assert visit(in_browser, look) == ["events", "rows.json"]


@pytest.mark.usefixtures("short")
def test_a_page_that_was_told_by_events_asks_by_itself_when_the_service_goes_away(
    in_browser: InBrowser, address: str, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_pages, "LOOK_AGAIN_SECONDS", 1)
    path, review = begun(running)

    def look(page: Page) -> list[str]:
        asked = asked_for(page)
        page.goto(address + path)
        settle(running, review, 2)
        expect(page.locator("#row-2")).to_contain_text("Not there.")
        assert "rows.json" not in asked
        with page.expect_request("**/rows.json*"):
            page.route("**/events", lambda route: route.abort())
        settle(running, review, 3)
        expect(page.locator("#row-3")).to_contain_text("Not there.")
        return asked

    asked = visit(in_browser, look)
    first = asked.index("rows.json")
    assert set(asked[first:]) == {"rows.json"}
