"""Listening to a whole network: a websocket that tells what everybody does and, on request, what they did lately."""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect

from server.errors import RapportError, UpstreamUnavailable
from server.fetching import GuardedClient
from server.population.bluesky_records import Heard, News
from server.population.consents import Consents, Wishes, nobody
from server.population.hourly_files import HOUR, HourlyFiles
from server.population.people import closed, newly_closed

OVERLAP = 5
"""Seconds that are asked for again where places are times: one server's clock differs from another's."""
TOO_LARGE = "larger than an event may be"
"""Why nothing could be made of an event that was not even read."""
WRITE_SECONDS = 60.0
WRITE_ROWS = 200_000
"""Rows in memory; while catching up more come in than in a minute of the present."""

_TICK = 0.25
_OPEN_SECONDS, _CLOSE_SECONDS, _SILENT_SECONDS = 15.0, 2.0, 60.0
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0
_NEVER = 3600.0
"""Who says that it is worth another try only after so long says that it is not."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited; seconds."""

    write: float = WRITE_SECONDS
    """Until what came in is written at the latest."""
    first: float = _FIRST_WAIT
    """Before the second attempt to connect; each further one waits twice as long, with jitter."""
    longest: float = _LONGEST_WAIT


@dataclass(slots=True)
class Tally:
    """What came of listening."""

    rows: int = 0
    """Written, those that came again among them."""
    not_kept: int = 0
    """By or to accounts that asked not to be looked at."""
    odd: Counter[str] = field(default_factory=Counter)
    """Events of which nothing could be made, by reason."""


class Broken(Exception):
    """There is no connection, or none any more, and it is worth another try; says why."""


class Stream(Protocol):
    """A kind of stream, at one address."""

    title: str
    """With its article, as in “a Jetstream”."""
    name: str
    """Under which the place up to which it was read is kept."""
    address: SplitResult
    """Where it is: ws or wss."""
    largest: int
    """Bytes of an event that is received at all."""

    def request(self, cursor: int, begin: int, *, past: bool) -> str:
        """The address with what is wanted: what comes after the place ``cursor`` or, where that is 0, from ``begin`` on (seconds since 1970
        UTC), which lies in the ``past`` or is the present."""
        ...

    def heard(self, frame: bytes, now: int) -> Sequence[Heard]:
        """What an event says, all of it of the same place; raises Broken where it says that the stream ends, RapportError for good."""
        ...

    def gap(self, cursor: int, begin: int, first: Heard) -> str:
        """In one sentence what is missing, where what came first does not join on to what was asked for; else empty."""
        ...

    def beyond(self, cursor: int) -> int:
        """The place to go on from when what follows this one is too large to be received."""
        ...


def listen(
    folder: Path,
    stream: Stream,
    client: GuardedClient,
    tell: Tell,
    stopping: threading.Event,
    hours: float = 0.0,
    patience: Patience | None = None,
    wishes: Callable[[], Wishes] = lambda: nobody,
) -> Tally:
    """Write what a stream tells to ``folder`` (see ``server.population.hourly_files``) until ``stopping`` is set.

    Goes on where it was in this stream; one that is new to the folder begins ``hours`` ago, as far as the server looks back. A connection that
    breaks is made again for as long as it takes. ``tell`` hears, for people, what happens. ``wishes`` gives who opted out of this service by
    then; it is asked at the beginning and whenever rows are written.

    Raises RapportError when the address must not be reached or refuses for good, or when the folder cannot be written: then nothing
    that was told is lost, because the next start asks for it again.
    """
    files = HourlyFiles(folder, stream.name)
    try:
        return _Listener(stream, client, files, tell, stopping, patience or Patience(), wishes).run(hours)
    finally:
        files.close()


class _Listener:
    def __init__(
        self,
        stream: Stream,
        client: GuardedClient,
        files: HourlyFiles,
        tell: Tell,
        stopping: threading.Event,
        patience: Patience,
        wishes: Callable[[], Wishes],
    ) -> None:
        self._stream, self._client, self._files, self._tell = stream, client, files, tell
        self._stopping, self._patience, self._wishes = stopping, patience, wishes
        self._host = stream.address.hostname or ""
        self._consents = Consents(closed(files.folder), wishes())
        self._cursor = files.cursor
        """Place in the stream of the latest event that was heard; 0: none yet."""
        self._time = 0
        """And its time (seconds since 1970 UTC)."""
        self._profiles = set[Path]()
        """Files of profiles that were read; in the beginning all are, once more."""
        self._tally = Tally()
        self._written_at = time.monotonic()
        self._failures = 0
        self._begin, self._is_past, self._expects_past, self._oldest = 0, False, False, 0

    def run(self, hours: float) -> Tally:
        self._begin = int(time.time() - hours * HOUR)
        self._is_past = hours > 0
        self._expects_past = self._is_past or self._cursor > 0
        self._leave_out_older()
        while not self._stopping.is_set():
            try:
                with self._connected() as connection:
                    self._hear(connection)
            except Broken as broken:
                self._write()
                self._wait(str(broken))
                # What was the present at the beginning is past by now; of a quiet stream nothing was heard that it could go on from.
                self._is_past = True
                self._leave_out_older()
        self._write()
        return self._tally

    def _leave_out_older(self) -> None:
        """Not every stream can be asked for what is no older than the beginning: then more comes."""
        if self._is_past and not self._cursor:
            self._oldest = self._begin - OVERLAP

    @contextmanager
    def _connected(self) -> Iterator[ClientConnection]:
        """A connection that goes on where listening stopped. Raises Broken when there is none, or when it breaks; RapportError for good."""
        address = self._stream.address
        encrypted = address.scheme == "wss"
        port = address.port or (443 if encrypted else 80)
        with ExitStack() as closing:
            with self._in_words():
                opened = connect(
                    self._stream.request(self._cursor, self._begin, past=self._is_past),
                    sock=self._client.connect(self._host, port, encrypted=encrypted),
                    ssl=self._client.ssl_context if encrypted else None,
                    server_hostname=self._host if encrypted else None,
                    user_agent_header=self._client.limits.user_agent,
                    proxy=None,
                    open_timeout=_OPEN_SECONDS,
                    close_timeout=_CLOSE_SECONDS,
                    ping_timeout=_SILENT_SECONDS,
                    max_size=self._stream.largest,
                    legacy=False,
                )
                connection = closing.enter_context(opened)
            try:
                yield connection
            except ConnectionClosed as closed:
                if closed.sent is None or closed.sent.code != CloseCode.MESSAGE_TOO_BIG:
                    raise Broken(f"{self._host} ended the connection") from None
                self._tally.odd[TOO_LARGE] += 1
                self._cursor = self._stream.beyond(self._cursor)
                raise Broken(f"{self._host} told what is {TOO_LARGE}") from None

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Tells what is worth another try (Broken) from what is not (RapportError)."""
        try:
            yield
        except UpstreamUnavailable as problem:
            if problem.retry_after >= _NEVER:
                raise
            raise Broken(str(problem)) from None
        except InvalidStatus as problem:
            status = problem.response.status_code
            if 300 <= status < 500 and status not in (408, 425, 429):
                raise RapportError(
                    f"{self._host} answered {status}; is that the address of {self._stream.title}?"
                ) from None
            raise Broken(f"{self._host} is not available just now (it answered {status})") from None
        except ssl.SSLCertVerificationError:
            raise RapportError(f"{self._host} does not show a valid certificate") from None
        except (InvalidHandshake, ConnectionClosed, OSError, EOFError):
            raise Broken(f"{self._host} answered, but not as {self._stream.title} does") from None
        except ValueError:
            # The socket is of a checked address, so it cannot lead elsewhere.
            raise RapportError(
                f"{self._host} redirects elsewhere; is that the address of {self._stream.title}?"
            ) from None

    def _hear(self, connection: ClientConnection) -> None:
        asked_for, is_first = self._cursor, True
        self._tell(f"Listening to {self._host}, {self._from_when()}.")
        while not self._stopping.is_set():
            try:
                events = self._stream.heard(connection.recv(timeout=_TICK, decode=False), int(time.time()))
            except TimeoutError:
                self._write_when_due()
                continue
            self._failures = 0
            for event in events:
                if is_first and event.cursor:
                    self._tell_gap(asked_for, event)
                    is_first = False
                self._take(event)
            self._write_when_due()

    def _from_when(self) -> str:
        known = self._time if self._cursor else self._begin
        return f"from {moment(known)} on" if known else "from where it was left"

    def _take(self, event: Heard) -> None:
        self._cursor = max(self._cursor, event.cursor)
        self._time = max(self._time, event.time)
        if event.odd:
            self._tally.odd[event.odd] += 1
        for act in event.acts if event.time >= self._oldest else ():
            for news in self._consents.opted_out(act):
                self._learn(news)
            if self._consents.allow(act):
                self._files.add("interactions", act.time, act)
            else:
                self._tally.not_kept += 1
        if event.news is not None:
            self._learn(event.news)

    def _learn(self, news: News) -> None:
        consent = self._consents.learn(news)
        if consent is not None:
            self._files.add("accounts", news.time, (news.account, consent.value, news.time))

    def _tell_gap(self, asked_for: int, first: Heard) -> None:
        missing = self._stream.gap(asked_for, self._begin, first)
        if missing and self._expects_past:
            self._tell(f"{self._host} tells nothing older than {moment(first.time)}: {missing} is missing.")
        self._expects_past = True

    def _write_when_due(self) -> None:
        waited = time.monotonic() - self._written_at
        if waited >= self._patience.write or self._files.rows >= WRITE_ROWS:
            rows = self._write()
            if rows:
                behind = max(0.0, time.time() - self._time)
                self._tell(f"{rows / waited * HOUR:,.0f} rows an hour; the newest is {duration(behind)} old.")

    def _write(self) -> int:
        """Keep what came in; how many rows that were."""
        rows = self._files.rows
        if rows or self._cursor > self._files.cursor:
            self._files.write(self._cursor, self._time)
        self._tally.rows += rows
        self._consents.wishes = self._wishes()
        self._consents.close(newly_closed(self._files.folder, self._profiles))
        self._written_at = time.monotonic()
        return rows

    def _wait(self, why: str) -> None:
        # The usual retries cannot be woken by the signal that ends the listening.
        longest = min(self._patience.longest, self._patience.first * 2 ** min(self._failures, 30))
        self._failures += 1
        seconds = longest * random.uniform(0.5, 1.0)
        if not self._stopping.is_set():
            self._tell(f"{why}; trying again in {duration(seconds)}.")
            self._stopping.wait(seconds)


def moment(seconds: int) -> str:
    """A time (seconds since 1970 UTC) for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(seconds: float) -> str:
    """So many seconds for people."""
    if seconds < 120:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} hours"
