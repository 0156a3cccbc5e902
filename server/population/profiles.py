"""The profiles of those who were listened to: how many follow them and how many they follow, which no stream tells, and what they ask for."""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa

from server.activity import Consent, Profile
from server.errors import RapportError, UpstreamRefusal, UpstreamUnavailable
from server.fetching.pacing import HeldBack
from server.networks.bluesky import PEOPLE_PER_CALL, Bluesky
from server.networks.network import Fetcher
from server.population.consents import Wishes
from server.population.hourly_files import in_words, put
from server.population.listening import Tell, duration
from server.population.locks import held
from server.population.people import ABSENT, uncounted
from server.signals.proportion import counted

PROFILES = pa.schema(
    [
        ("id", pa.string()),
        ("followers", pa.int64()),
        ("following", pa.int64()),
        ("consent", pa.string()),
        ("seen", pa.int64()),
    ]
)
TABLES = {"accounts": PROFILES, ABSENT: pa.schema([("id", pa.string()), ("seen", pa.int64())])}

WRITE_ROWS = 10_000
WRITE_SECONDS = 60.0
ATTEMPTS = 8
"""So often the same is asked for before the network is given up; not counted while it says how long to wait."""
_NEVER = 3600.0
"""Who says that it is worth another try only after so long says that it is not."""


@dataclass(slots=True)
class Asked:
    """What came of asking."""

    profiles: int = 0
    """Written with their counts."""
    closed: int = 0
    """Accounts that ask not to be looked at: noted without counts."""
    absent: int = 0
    """Accounts that the network does not know (any more)."""
    not_asked: int = 0
    """Accounts that opted out of this service."""
    left: int = 0
    """Accounts not come to, when it was stopped."""


def ask(
    folder: Path,
    network: Bluesky,
    fetcher: Fetcher,
    since: int,
    wishes: Callable[[], Wishes],
    stopping: threading.Event,
    tell: Tell,
    step: Callable[[int, int], None] = lambda _done, _all: None,
) -> Asked:
    """Write the profile of everybody who takes part in what is kept below ``folder``, beside it, unless it was asked for since.

    ``since``: seconds since 1970 UTC. ``wishes``: as for listening. Nobody is asked for who opted out, or of whom it is kept that they ask
    not to be looked at. ``tell`` hears, for people, what happens; ``step`` how many accounts are done with, of how many. Whoever asks again goes
    on where it was: what was answered is kept after a minute at the latest, also when ``stopping`` is set or the network fails. Somebody may
    listen into the folder meanwhile.

    Raises RapportError when the network cannot be asked, or the folder cannot be read or written.
    """
    if not (folder / "interactions").is_dir():
        raise RapportError(f"There is nothing in {folder} yet that was listened to.")
    with _alone(folder), uncounted(folder, since) as (count, pages):
        asking = _Asking(folder, network, fetcher, wishes, stopping, tell)
        try:
            done = 0
            for batch in _batches(account for page in pages for account in page):
                if stopping.is_set() or not asking.batch(batch):
                    break
                done += len(batch)
                step(done, count)
        finally:
            asking.write()
        asking.came.left = count - done
        return asking.came


def summary(came: Asked, folder: Path) -> list[str]:
    """What came of asking, for people."""
    told = [f"{counted(came.profiles, 'profile', 'profiles')} written to {folder}"]
    others = (
        ("Noted without counts", came.closed, "ask not to be looked at"),
        ("Passed over", came.absent, "not known to Bluesky, or not any more"),
        ("Not asked for", came.not_asked, "opted out"),
        ("Not come to", came.left, "start the same command again to go on"),
    )
    return told + [
        f"{what}: {counted(accounts, 'account', 'accounts')} ({why})" for what, accounts, why in others if accounts
    ]


class _Asking:
    def __init__(
        self,
        folder: Path,
        network: Bluesky,
        fetcher: Fetcher,
        wishes: Callable[[], Wishes],
        stopping: threading.Event,
        tell: Tell,
    ) -> None:
        self._folder, self._network, self._fetcher = folder, network, fetcher
        self._wishes, self._stopping, self._tell = wishes, stopping, tell
        self.came = Asked()
        self._opted_out = wishes()
        self._rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in TABLES}
        self._written_at = time.monotonic()

    def batch(self, accounts: list[str]) -> bool:
        """Ask for these; False when it was stopped before there was an answer."""
        wanted = [account for account in accounts if not self._opted_out(account)]
        self.came.not_asked += len(accounts) - len(wanted)
        waiting = deque([wanted] if wanted else [])
        while waiting:
            some = waiting.popleft()
            try:
                profiles = self._answered(some)
            except UpstreamRefusal as refusal:
                if refusal.status != 400:
                    raise RapportError(f"{refusal}; is that the address of an AppView?") from None
                # One name that it does not take has it refuse all of them.
                profiles, half = [], len(some) // 2
                if half:
                    waiting.extend((some[:half], some[half:]))
                    continue
            if profiles is None:
                return False
            self._take(some, profiles)
        self._write_when_due()
        return True

    def _answered(self, accounts: list[str]) -> list[Profile] | None:
        """The profiles of these; None when it was stopped meanwhile. Raises UpstreamRefusal, UpstreamUnavailable."""
        failures = 0
        while not self._stopping.is_set():
            try:
                return self._network.profiles(accounts, self._fetcher)
            except HeldBack as problem:
                wait, why = problem.retry_after, str(problem)
            except UpstreamUnavailable as problem:
                failures += 1
                if problem.retry_after >= _NEVER or failures == ATTEMPTS:
                    raise RapportError(f"{problem}. Start the same command again to go on where it was.") from None
                wait, why = problem.retry_after, str(problem)
            self.write()
            self._tell(f"{why}; going on in {duration(wait)}.")
            self._stopping.wait(wait)
        return None

    def _take(self, accounts: list[str], profiles: list[Profile]) -> None:
        now = int(time.time())
        found = {profile.ref.id: profile for profile in profiles}
        for account in accounts:
            profile = found.get(account)
            if profile is None:
                self.came.absent += 1
                self._rows[ABSENT].append((account, now))
            elif profile.consent is Consent.OPEN:
                self.came.profiles += 1
                self._rows["accounts"].append(
                    (account, profile.followers, profile.following, profile.consent.value, now)
                )
            else:
                self.came.closed += 1
                self._rows["accounts"].append((account, None, None, profile.consent.value, now))

    def _write_when_due(self) -> None:
        rows = sum(map(len, self._rows.values()))
        if rows >= WRITE_ROWS or time.monotonic() - self._written_at >= WRITE_SECONDS:
            self.write()

    def write(self) -> None:
        """Keep what was answered; who opted out meanwhile is known from then on."""
        with in_words(self._folder):
            for name, schema in TABLES.items():
                if not self._rows[name]:
                    continue
                (self._folder / name).mkdir(exist_ok=True)
                columns = zip(*self._rows[name], strict=True)
                arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
                path = self._folder / name / f"profiles-{uuid.uuid4().hex}.parquet"
                put(path, partial(iter, [pa.table(arrays, schema=schema)]), schema)
                self._rows[name] = []
        self._opted_out = self._wishes()
        self._written_at = time.monotonic()


def _batches(accounts: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(accounts, PEOPLE_PER_CALL)):
        yield batch


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process asks for the profiles of this folder; what one that was killed had not finished is cleared away."""
    with in_words(folder):
        lock = held(folder / ".profiles.lock", f"Another process asks for the profiles of {folder} already.")
    with lock:
        with in_words(folder):
            for unfinished in folder.glob("*/.profiles-*.parquet"):
                unfinished.unlink()
        yield
