"""What an answer's headers say about when to ask again. Pure functions over headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 3600.0
"""Seconds; a server that demands more is asked again after this."""

_EPOCH_AFTER = 100_000_000
"""A bare reset number above this is a time since 1970, below it a number of seconds from now."""


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait by ``Retry-After``, given in seconds or as an HTTP date; None when it does not say (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if re.fullmatch(r"\d{1,12}(\.\d+)?", value):
        return _bounded(float(value))
    try:
        return _bounded(parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def exhausted_for(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until more calls are allowed, when the headers say that none is left; else None.

    Reads ``RateLimit-Remaining/-Reset`` (Bluesky: seconds since 1970; the draft: seconds from now), ``X-RateLimit-*``
    (Mastodon: ISO time; X: seconds since 1970) and the later draft's ``RateLimit: "name";r=0;t=30``.
    """
    combined = re.search(r";\s*r=(\d+)\s*;\s*t=(\d+)", headers.get("ratelimit", ""))
    if combined:
        return _bounded(float(combined[2])) if int(combined[1]) == 0 else None
    for prefix in ("ratelimit-", "x-ratelimit-", "x-rate-limit-"):
        if headers.get(prefix + "remaining", "").strip() == "0":
            return _until(headers.get(prefix + "reset", "").strip(), now)
    return None


def _until(reset: str, now: float) -> float | None:
    if re.fullmatch(r"\d{1,12}(\.\d+)?", reset):
        number = float(reset)
        return _bounded(number - now if number > _EPOCH_AFTER else number)
    try:
        moment = datetime.fromisoformat(reset)
    except ValueError:
        return None
    return _bounded((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now)


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_PAUSE)
