"""The queue of accounts to gather, the work of reviews behind them, what is done every hour, and the daily clean-up."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import redis
from huey import Huey, MemoryHuey, crontab
from huey.api import Task
from huey.consumer import Consumer

from server.errors import QueueFull, QueueUnreachable
from server.happenings import Tell, Worked, unheard
from server.jobs.chores import Due
from server.jobs.presence import Alone, Presence

log = logging.getLogger(__name__)

GLANCE_PRIORITY, STUDY_PRIORITY, REVIEW_PRIORITY = 10, 1, 0
LEISURE_SHARE = 0.5
"""Studies and reviews take seconds; the other half of the workers stays free for glances, which somebody waits for."""
POLL_SECONDS = 0.05
GLANCE, STUDY, REVIEW = "glance", "study", "review"
KINDS = (GLANCE, STUDY, REVIEW)
"""What can wait: an account to glance at or to study, a piece of a review."""
KIND_OF = {GLANCE_PRIORITY: GLANCE, STUDY_PRIORITY: STUDY, REVIEW_PRIORITY: REVIEW}
TIDY_DUE, HOURLY_DUE = Due(24 * 3600, (4 * 60 + 17) * 60), Due(3600, 37 * 60)
ATTENDED_SECONDS = 10.0
"""So often those who share the work say that they are there, and look for work that was lost."""
MOST_WAITING = 2000
"""At a glance a second this is half an hour; whoever asks for more is told to ask again."""


def _by_the_clock(due: Due) -> Callable[[datetime], bool]:
    """The same as huey says it."""
    hour = str(due.after // 3600) if due.every > 3600 else "*"
    is_due: Callable[[datetime], bool] = crontab(minute=str(due.after // 60 % 60), hour=hour)
    return is_due


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as problem:
        raise QueueUnreachable(f"Redis cannot be asked ({type(problem).__name__}).") from None


class GatherQueue:
    """Calls ``gather(network, handle, study)`` on worker threads, glances before studies, and ``review(number)`` when nobody waits for those.

    Kept in memory unless ``tasks`` are shared: what was asked for does not reach the disk, and what a restart loses is asked for again.
    """

    def __init__(
        self,
        gather: Callable[[str, str, bool], Any],
        tidy: Callable[[], Any],
        workers: int,
        review: Callable[[int], Any],
        hourly: Callable[[], Any],
        tasks: Huey | None = None,
        presence: Presence | None = None,
        revive: Callable[[Collection[int]], Any] = lambda _waiting: None,
        tell: Tell = unheard,
    ) -> None:
        """``gather`` does the work of one account, ``review`` a piece of a review; ``tidy`` is called at the start and once a day.

        ``hourly`` is called at the start and every hour. ``tasks``: shared with other processes, whose ``presence`` is told;
        ``revive`` then goes on with reviews of which no piece waits, given the numbers of those of which one does.
        """
        self._huey = tasks or MemoryHuey("rapport", results=False, store_none=False)
        self._presence = presence or Alone(workers)
        self._revive, self._stopping, self._tell = revive, threading.Event(), tell
        self._workers = workers
        self._leisure = threading.Semaphore(max(1, int(workers * LEISURE_SHARE)))
        self._consumer: Consumer | None = None
        self._working: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._gather = gather
        self._task = self._huey.task()(self._run)
        self._reviewing = self._huey.task()(self._review)
        self._reviewed = review
        self._tidy = self._huey.periodic_task(_by_the_clock(TIDY_DUE), name="tidy")(tidy)
        self._hourly = self._huey.periodic_task(_by_the_clock(HOURLY_DUE), name="hourly")(hourly)

    def enqueue(self, network: str, handle: str, study: bool) -> None:
        """Have an account gathered soon. Raises QueueFull when too many wait already, and QueueUnreachable."""
        with _reachable():
            if self._huey.pending_count() >= MOST_WAITING:
                raise QueueFull(f"{MOST_WAITING:,} accounts wait to be gathered already.")
            task = self._task.s(network, handle, study)
            task.priority = STUDY_PRIORITY if study else GLANCE_PRIORITY
            self._huey.enqueue(task)

    def enqueue_review(self, number: int, seconds: float) -> None:
        """Have a piece of a review done after so many seconds, at the earliest. Raises QueueUnreachable."""
        with _reachable():
            if seconds > 0:
                self._reviewing.schedule((number,), delay=seconds, priority=REVIEW_PRIORITY)
            else:
                task = self._reviewing.s(number)
                task.priority = REVIEW_PRIORITY
                self._huey.enqueue(task)

    def depth(self) -> int:
        """How many wait. Raises QueueUnreachable."""
        with _reachable():
            return int(self._huey.pending_count()) + int(self._huey.scheduled_count())

    def waiting(self) -> dict[str, int]:
        """How many of each kind wait, those among them that wait for a later time. Raises QueueUnreachable."""
        kinds = Counter(KIND_OF.get(task.priority) for task in self._all_waiting())
        return {kind: kinds[kind] for kind in KINDS}

    def workers(self) -> int:
        """How many there are for all that waits, in all processes that share it. Raises QueueUnreachable."""
        with _reachable():
            return self._presence.workers()

    def _all_waiting(self) -> list[Task]:
        with _reachable():
            return [*self._huey.pending(), *self._huey.scheduled()]

    def working(self) -> dict[str, int]:
        """How many of each kind are being worked on in this process."""
        with self._counting:
            return {kind: self._working[kind] for kind in KINDS}

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
        for chore in (self._tidy, self._hourly):
            with suppress(redis.RedisError):
                chore()
        self._consumer = consumer
        if not isinstance(self._presence, Alone):
            threading.Thread(target=self._attend, name="attend", daemon=True).start()

    def _attend(self) -> None:
        """Say that this process works, and have reviews gone on with that a killed one was at, until it stops."""
        while True:
            try:
                self._presence.tell(self._workers)
                self._revive({task.args[0] for task in self._all_waiting() if task.priority == REVIEW_PRIORITY})
            except (redis.RedisError, QueueUnreachable):
                # Told elsewhere.
                pass
            except Exception:
                log.exception("reviews could not be looked after")
            if self._stopping.wait(ATTENDED_SECONDS):
                return

    def run_waiting(self) -> int:
        """Do everything that waits now, on this thread, for whoever runs without workers. Gives how many were done."""
        done = 0
        while (task := self._huey.dequeue()) is not None:
            self._huey.execute(task)
            done += 1
        return done

    def stop(self) -> None:
        """Let running work end, then stop the threads."""
        self._stopping.set()
        if self._consumer is not None:
            self._consumer.stop(graceful=True)
            self._consumer = None
            with suppress(redis.RedisError):
                self._presence.leave()

    def _run(self, network: str, handle: str, study: bool) -> None:
        with self._begun(STUDY if study else GLANCE):
            if not study:
                self._gather(network, handle, False)
            elif not self._at_leisure(lambda: self._gather(network, handle, True)):
                with suppress(redis.RedisError):
                    self._task.schedule((network, handle, True), delay=1, priority=STUDY_PRIORITY)

    def _review(self, number: int) -> None:
        with self._begun(REVIEW):
            if not self._at_leisure(lambda: self._reviewed(number)):
                self.enqueue_review(number, POLL_SECONDS)

    @contextmanager
    def _begun(self, kind: str) -> Iterator[None]:
        """It is worked on within this."""
        with self._counting:
            self._working[kind] += 1
        self._tell(Worked(kind, 1))
        try:
            yield
        finally:
            with self._counting:
                self._working[kind] -= 1
            self._tell(Worked(kind, -1))

    def _at_leisure(self, work: Callable[[], Any]) -> bool:
        """Do what nobody waits for in this moment, unless such work has its share of the workers already."""
        if not self._leisure.acquire(blocking=False):
            return False
        try:
            work()
        finally:
            self._leisure.release()
        return True
