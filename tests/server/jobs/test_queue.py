"""Background work on real threads, within one process and shared by several through Redis."""

from __future__ import annotations

import logging
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
import redis
from huey.registry import Message

from server.errors import QueueFull, QueueUnreachable
from server.jobs import queue as queues
from server.jobs import shared_tasks as shared
from server.jobs.presence import Shared
from server.jobs.queue import GatherQueue
from server.jobs.shared_tasks import connect, shared_tasks
from tests.server.redis_server import redis_url, wire
from tests.server.wires import Wire

__all__ = ["redis_url", "wire"]

PATIENCE = 60.0

Begin = Callable[..., GatherQueue]


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


class Recorder:
    """Remembers what was gathered; a study waits until it is let go."""

    def __init__(self) -> None:
        self.done: list[tuple[str, bool]] = []
        self.arrived = threading.Semaphore(0)
        self.let_studies_go = threading.Event()
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def gather(self, network: str, handle: str, study: bool) -> None:
        if study:
            with self._lock:
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
            self.let_studies_go.wait(PATIENCE)
            with self._lock:
                self.at_once -= 1
        self.done.append((handle, study))
        self.arrived.release()
        if handle == "broken.test":
            raise RuntimeError("a mistake")

    def wait_for(self, number: int) -> None:
        for _ in range(number):
            assert self.arrived.acquire(timeout=PATIENCE), self.done


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(params=["in memory", "in Redis"])
def begin(request: pytest.FixtureRequest, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """Begin a queue; where tasks are shared, every one as a process of its own has it."""
    monkeypatch.setattr(shared, "WAITING_SECONDS", 0.1)
    url = request.getfixturevalue("redis_url") if request.param == "in Redis" else ""
    begun: list[GatherQueue] = []

    def made(**given: Any) -> GatherQueue:
        shared = {"tasks": shared_tasks(url), "presence": Shared(connect(url))} if url else {}
        without = {"tidy": lambda: None, "review": lambda number: None, "hourly": lambda: None}
        begun.append(GatherQueue(recorder.gather, **({"workers": 4} | without | shared | given)))
        return begun[-1]

    yield made
    recorder.let_studies_go.set()
    for queue in begun:
        queue.stop()


@pytest.fixture
def queue(begin: Begin) -> GatherQueue:
    return begin()


def test_glances_come_before_studies(queue: GatherQueue, recorder: Recorder) -> None:
    recorder.let_studies_go.set()
    queue.enqueue("bluesky", "study.test", True)
    queue.enqueue("bluesky", "glance.test", False)
    queue.run_waiting()
    assert recorder.done == [("glance.test", False), ("study.test", True)]


def test_the_work_of_reviews_comes_after_all_that_somebody_waits_for(begin: Begin, recorder: Recorder) -> None:
    queue = begin(review=lambda number: recorder.done.append((f"review {number}", False)))
    recorder.let_studies_go.set()
    queue.enqueue_review(7, 0)
    queue.enqueue("bluesky", "study.test", True)
    queue.enqueue("bluesky", "glance.test", False)
    queue.run_waiting()
    assert [name for name, _ in recorder.done] == ["glance.test", "study.test", "review 7"]


def test_a_review_that_waits_is_gone_on_with_when_its_time_has_come(begin: Begin) -> None:
    done = threading.Event()
    queue = begin(workers=1, review=lambda number: done.set())
    queue.enqueue_review(7, 1.5)
    queue.start()
    assert not done.wait(0.5)
    assert done.wait(PATIENCE)
    queue.stop()


def test_studies_never_hold_all_workers(queue: GatherQueue, recorder: Recorder) -> None:
    for number in range(8):
        queue.enqueue("bluesky", f"study-{number}.test", True)
    queue.start()
    queue.enqueue("bluesky", "glance.test", False)
    recorder.wait_for(1)
    assert recorder.done == [("glance.test", False)]
    recorder.let_studies_go.set()
    recorder.wait_for(8)
    assert recorder.most_at_once <= 2
    assert {handle for handle, _ in recorder.done} == {"glance.test", *(f"study-{n}.test" for n in range(8))}


def test_a_task_that_fails_does_not_stop_the_workers(queue: GatherQueue, recorder: Recorder) -> None:
    queue.start()
    for _ in range(6):
        queue.enqueue("bluesky", "broken.test", False)
    queue.enqueue("bluesky", "alice.test", False)
    recorder.wait_for(7)
    assert ("alice.test", False) in recorder.done


def test_the_queue_tells_how_much_waits(queue: GatherQueue) -> None:
    queue.enqueue("bluesky", "alice.test", False)
    queue.enqueue("bluesky", "bob.test", False)
    assert queue.depth() == 2
    queue.run_waiting()
    assert queue.depth() == 0


def test_the_queue_tells_what_waits_and_what_is_worked_on(queue: GatherQueue, recorder: Recorder) -> None:
    for number in range(3):
        queue.enqueue("bluesky", f"study-{number}.test", True)
    queue.enqueue("bluesky", "glance.test", False)
    queue.enqueue_review(7, 3600)
    assert queue.waiting() == {"glance": 1, "study": 3, "review": 1}
    assert queue.working() == {"glance": 0, "study": 0, "review": 0}
    queue.start()
    until(lambda: recorder.at_once == 2 and queue.waiting() == {"glance": 0, "study": 1, "review": 1})
    assert queue.working()["study"] >= 2
    recorder.let_studies_go.set()
    recorder.wait_for(4)
    until(lambda: queue.waiting() == {"glance": 0, "study": 0, "review": 1})
    until(lambda: not any(queue.working().values()))


def test_a_task_that_fails_is_not_worked_on_any_more(queue: GatherQueue) -> None:
    queue.enqueue("bluesky", "broken.test", False)
    queue.run_waiting()
    assert not any(queue.working().values())
    assert not any(queue.waiting().values())


def test_every_start_tidies_for_a_machine_may_be_off_at_night(begin: Begin) -> None:
    tidied = threading.Event()
    begin(workers=1, tidy=tidied.set).start()
    assert tidied.wait(PATIENCE)


def test_more_than_can_be_done_in_a_while_is_not_taken(queue: GatherQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "MOST_WAITING", 2)
    for number in range(2):
        queue.enqueue("bluesky", f"{number}.test", False)
    with pytest.raises(QueueFull, match="wait to be gathered already"):
        queue.enqueue("bluesky", "one-too-many.test", False)


in_redis = pytest.mark.parametrize("begin", ["in Redis"], indirect=True)


@in_redis
def test_what_one_process_is_asked_for_others_do_each_once(begin: Begin, recorder: Recorder) -> None:
    asked, working = begin(), [begin(), begin()]
    for number in range(40):
        asked.enqueue("bluesky", f"{number}.test", False)
    for one in working:
        one.start()
    recorder.wait_for(40)
    assert sorted(recorder.done) == sorted((f"{number}.test", False) for number in range(40))
    until(lambda: asked.depth() == 0)


@in_redis
def test_what_waits_outlives_the_process_that_asked_for_it(begin: Begin, recorder: Recorder) -> None:
    asked = begin()
    asked.enqueue("bluesky", "alice.test", False)
    asked.stop()
    begin().run_waiting()
    assert recorder.done == [("alice.test", False)]


@in_redis
def test_how_many_work_in_all_processes_is_known(begin: Begin) -> None:
    asked, one, other = begin(), begin(workers=2), begin(workers=3)
    assert asked.workers() == 0
    one.start()
    other.start()
    until(lambda: asked.workers() == 5)
    one.stop()
    assert asked.workers() == 3


@in_redis
def test_those_who_work_look_after_reviews_of_which_no_piece_waits(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "ATTENDED_SECONDS", 0.1)
    told: list[set[int]] = []
    queue = begin(revive=lambda waiting: told.append(set(waiting)))
    queue.enqueue_review(7, 3600)
    queue.start()
    until(lambda: len(told) > 1)
    assert all(waiting == {7} for waiting in told)


def test_without_redis_nothing_is_taken_and_with_it_the_work_goes_on(
    recorder: Recorder, wire: Wire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shared, "AWAY_SECONDS", 0.02)
    monkeypatch.setattr(shared, "WAITING_SECONDS", 0.1)
    caplog.set_level(logging.INFO)
    queue = GatherQueue(
        recorder.gather,
        tidy=lambda: None,
        workers=2,
        review=lambda number: None,
        hourly=lambda: None,
        tasks=shared_tasks(wire.url),
        presence=Shared(connect(wire.url)),
    )
    queue.start()
    wire.cut()
    for ask in (queue.depth, queue.waiting, queue.workers, lambda: queue.enqueue("bluesky", "alice.test", False)):
        with pytest.raises(QueueUnreachable, match="Redis cannot be asked"):
            ask()
    until(lambda: "nothing is gathered until it can" in caplog.text)
    wire.mend()
    until(lambda: "the work goes on" in caplog.text)
    queue.enqueue("bluesky", "alice.test", False)
    recorder.wait_for(1)
    queue.stop()
    assert recorder.done == [("alice.test", False)]
    assert caplog.text.count("Redis cannot be asked") == 1


class Runs:
    """What is pickled runs as it is read."""

    ran: ClassVar[list[str]] = []

    def __reduce__(self) -> Any:
        return self.ran.append, ("somebody's code",)


@in_redis
def test_what_others_put_where_tasks_wait_is_never_run(begin: Begin, recorder: Recorder, redis_url: str) -> None:
    queue = begin()
    tasks = shared.SharedTasks(shared.NAME, redis_url)
    task = Message("1", "nothing.of.ours", args=("bluesky", "alice.test", False), retries=0, retry_delay=0)
    for written in (pickle.dumps(Runs()), b"", b"\xc1", shared.PlainTasks().serialize(task)):
        tasks.enqueue(written, priority=100)
    assert queue.depth() == 4
    queue.enqueue("bluesky", "bob.test", False)
    assert queue.waiting() == {"glance": 1, "study": 0, "review": 0}
    queue.start()
    recorder.wait_for(1)
    assert recorder.done == [("bob.test", False)]
    assert queue.depth() == 0
    assert Runs.ran == []


def test_what_a_worker_hears_late_of_redis_is_no_news(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One asks while Redis is away and hears so only after another was answered; and the other way round."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(shared, "AWAY_SECONDS", 0.0)
    tasks = shared.SharedTasks("rapport-test", redis_url)
    asked, heard = threading.Event(), threading.Event()

    def ask(late: Exception | None, meanwhile: Exception | None) -> None:
        """One thread asks first and hears last."""

        def answer(*_keys: object, **_options: object) -> None:
            outcome = meanwhile
            if threading.current_thread() is not threading.main_thread():
                asked.set()
                heard.wait(20)
                outcome = late
            if outcome is not None:
                raise outcome

        monkeypatch.setattr(tasks._patient, "bzpopmin", answer)
        first = threading.Thread(target=tasks.dequeue)
        first.start()
        asked.wait(20)
        tasks.dequeue()
        heard.set()
        first.join(20)
        asked.clear()
        heard.clear()

    ask(late=redis.ConnectionError(), meanwhile=None)
    ask(late=None, meanwhile=redis.ConnectionError())
    assert [record.levelname for record in caplog.records if record.name == shared.__name__] == ["WARNING"]
