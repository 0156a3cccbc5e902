"""Looking accounts up by the first digits of their names' digests, so that whoever answers does not learn whom one looks at.

As SponsorBlock and Have I Been Pwned do: asked about a few digits, everything listed under them is answered, and the asker picks. How
many digits is told, so that every answer holds the accounts of a crowd.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from server.errors import WrongDigits
from server.store.repository import ListedReport, Repository

CROWD = 16
"""So many accounts at least stand under every prefix that can be asked for."""
COUNTED_SECONDS = 3600
"""The digits change no sooner than this, unless a crowd has become too small."""
LEAST_WAIT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Digits:
    """With how many hexadecimal digits to ask (0: for all at once), and how many accounts are listed in all."""

    digits: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A name listed under a prefix. ``suffix``: the rest of its digest; ``report``: its account's JSON as stored.

    ``stale``: the report is older than it would be were the account asked for by name; ``ask_again_after``: seconds.
    """

    suffix: str
    report: ListedReport
    stale: bool
    ask_again_after: int


class PrefixLookup:
    """What is stored, by prefix. Asking has nothing gathered, and nobody is remembered for having been asked for."""

    def __init__(self, repository: Repository, clock: Callable[[], float], refresh_seconds: int) -> None:
        """``clock`` gives seconds since 1970; ``refresh_seconds``: the age at which a report is old."""
        self._repository = repository
        self._clock = clock
        self._refresh_seconds = refresh_seconds
        self._lock = Lock()
        self._counted: tuple[float, Digits] | None = None

    def digits(self) -> Digits:
        """With how many digits to ask, counted at most once an hour."""
        with self._lock:
            now = self._clock()
            if self._counted is None or now - self._counted[0] >= COUNTED_SECONDS:
                self._counted = (now, self._count())
            return self._counted[1]

    def entries(self, prefix: str) -> list[Entry]:
        """Every name listed under a prefix (empty: under all), by digest. Raises WrongDigits for a prefix of another length."""
        digits = self.digits().digits
        if len(prefix) != digits:
            raise WrongDigits(digits)
        listed = self._repository.listed(prefix)
        if digits and len({name.ref for name in listed}) < CROWD:
            # Some of the crowd have left since it was counted.
            with self._lock:
                self._counted = None
            raise WrongDigits(self.digits().digits)
        return [self._entry(name.digest[digits:], name.report) for name in listed]

    def _count(self) -> Digits:
        """The most digits with which under every prefix there is a crowd."""
        digits = 0
        while self._repository.fewest_listed(digits + 1) >= CROWD:
            digits += 1
        return Digits(digits, accounts=self._repository.fewest_listed(0))

    def _entry(self, suffix: str, report: ListedReport) -> Entry:
        age = self._clock() - datetime.fromisoformat(report["scored_at"]).timestamp()
        wait = max(LEAST_WAIT_SECONDS, round(self._refresh_seconds - age))
        return Entry(suffix, report, age > self._refresh_seconds, wait)
