"""Background work on real threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from server.jobs.queue import GatherQueue

PATIENCE = 10.0


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


@pytest.fixture
def queue(recorder: Recorder) -> Iterator[GatherQueue]:
    queue = GatherQueue(recorder.gather, lambda: None, workers=4, review=lambda number: None, hourly=lambda: None)
    yield queue
    recorder.let_studies_go.set()
    queue.stop()


def test_glances_come_before_studies(queue: GatherQueue, recorder: Recorder) -> None:
    recorder.let_studies_go.set()
    queue.enqueue("bluesky", "study.test", True)
    queue.enqueue("bluesky", "glance.test", False)
    queue.run_waiting()
    assert recorder.done == [("glance.test", False), ("study.test", True)]


def test_the_work_of_reviews_comes_after_all_that_somebody_waits_for(recorder: Recorder) -> None:
    queue = GatherQueue(
        recorder.gather,
        lambda: None,
        workers=4,
        review=lambda number: recorder.done.append((f"review {number}", False)),
        hourly=lambda: None,
    )
    recorder.let_studies_go.set()
    queue.enqueue_review(7, 0)
    queue.enqueue("bluesky", "study.test", True)
    queue.enqueue("bluesky", "glance.test", False)
    queue.run_waiting()
    assert [name for name, _ in recorder.done] == ["glance.test", "study.test", "review 7"]


def test_a_review_that_waits_is_gone_on_with_when_its_time_has_come(recorder: Recorder) -> None:
    done = threading.Event()
    queue = GatherQueue(recorder.gather, lambda: None, workers=1, review=lambda number: done.set(), hourly=lambda: None)
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


def test_every_start_tidies_for_a_machine_may_be_off_at_night(recorder: Recorder) -> None:
    tidied = threading.Event()
    queue = GatherQueue(recorder.gather, tidied.set, workers=1, review=lambda number: None, hourly=lambda: None)
    queue.start()
    assert tidied.wait(PATIENCE)
    queue.stop()
