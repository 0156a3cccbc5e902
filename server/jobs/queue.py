"""The queue of accounts to gather, the work of reviews behind them, what is done every hour, and the daily clean-up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from huey import MemoryHuey, crontab
from huey.consumer import Consumer

from server.errors import QueueFull

log = logging.getLogger(__name__)

GLANCE_PRIORITY, STUDY_PRIORITY, REVIEW_PRIORITY = 10, 1, 0
LEISURE_SHARE = 0.5
"""Studies and reviews take seconds; the other half of the workers stays free for glances, which somebody waits for."""
POLL_SECONDS = 0.05
MOST_WAITING = 2000
"""At a glance a second this is half an hour; whoever asks for more is told to ask again."""


class GatherQueue:
    """Calls ``gather(network, handle, study)`` on worker threads, glances before studies, and ``review(number)`` when nobody waits for those.

    Kept in memory: what was asked for does not reach the disk, and what a restart loses is asked for again.
    """

    def __init__(
        self,
        gather: Callable[[str, str, bool], Any],
        tidy: Callable[[], Any],
        workers: int,
        review: Callable[[int], Any],
        hourly: Callable[[], Any],
    ) -> None:
        """``gather`` does the work of one account, ``review`` a piece of a review; ``tidy`` is called at the start and once a day.

        ``hourly`` is called at the start and every hour.
        """
        self._huey = MemoryHuey("rapport", results=False, store_none=False)
        self._workers = workers
        self._leisure = threading.Semaphore(max(1, int(workers * LEISURE_SHARE)))
        self._consumer: Consumer | None = None
        self._gather = gather
        self._task = self._huey.task()(self._run)
        self._reviewing = self._huey.task()(self._review)
        self._reviewed = review
        self._tidy = self._huey.periodic_task(crontab(minute="17", hour="4"), name="tidy")(tidy)
        self._hourly = self._huey.periodic_task(crontab(minute="37"), name="hourly")(hourly)

    def enqueue(self, network: str, handle: str, study: bool) -> None:
        """Have an account gathered soon. Raises QueueFull when too many wait already."""
        if self._huey.pending_count() >= MOST_WAITING:
            raise QueueFull(f"{MOST_WAITING:,} accounts wait to be gathered already.")
        task = self._task.s(network, handle, study)
        task.priority = STUDY_PRIORITY if study else GLANCE_PRIORITY
        self._huey.enqueue(task)

    def enqueue_review(self, number: int, seconds: float) -> None:
        """Have a piece of a review done after so many seconds, at the earliest."""
        if seconds > 0:
            self._reviewing.schedule((number,), delay=seconds, priority=REVIEW_PRIORITY)
        else:
            task = self._reviewing.s(number)
            task.priority = REVIEW_PRIORITY
            self._huey.enqueue(task)

    def depth(self) -> int:
        """How many accounts wait."""
        return int(self._huey.pending_count()) + int(self._huey.scheduled_count())

    def start(self) -> None:
        """Start the worker threads inside this process."""
        consumer: Consumer = self._huey.create_consumer(
            workers=self._workers,
            initial_delay=POLL_SECONDS,
            max_delay=POLL_SECONDS,
            backoff=1.0,
            check_worker_health=True,
        )
        # Only the main thread may set signal handlers, and there they belong to the server.
        consumer._set_signal_handlers = lambda: None
        consumer.start()
        # A machine that is off at night would never come to the daily clean-up.
        self._tidy()
        self._hourly()
        self._consumer = consumer

    def run_waiting(self) -> int:
        """Do everything that waits now, on this thread, for whoever runs without workers. Gives how many were done."""
        done = 0
        while (task := self._huey.dequeue()) is not None:
            self._huey.execute(task)
            done += 1
        return done

    def stop(self) -> None:
        """Let running work end, then stop the threads."""
        if self._consumer is not None:
            self._consumer.stop(graceful=True)
            self._consumer = None

    def _run(self, network: str, handle: str, study: bool) -> None:
        if not study:
            self._gather(network, handle, False)
        elif not self._at_leisure(lambda: self._gather(network, handle, True)):
            self._task.schedule((network, handle, True), delay=1)

    def _review(self, number: int) -> None:
        if not self._at_leisure(lambda: self._reviewed(number)):
            self.enqueue_review(number, POLL_SECONDS)

    def _at_leisure(self, work: Callable[[], Any]) -> bool:
        """Do what nobody waits for in this moment, unless such work has its share of the workers already."""
        if not self._leisure.acquire(blocking=False):
            return False
        try:
            work()
        finally:
            self._leisure.release()
        return True
