"""Numbers, times and addresses as people read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from server.scoring.explanation import signed
from server.signals.proportion import amount, counted, percent


def measured(value: float, unit: str) -> str:
    """A value with its unit: ``55 %``, ``3.4 people per post``, ``1 post``."""
    if unit == "share":
        return percent(value)
    number = amount(value)
    if number != "1":
        return f"{number} {unit}"
    noun, _, rest = unit.partition(" ")
    return f"1 {'person' if noun == 'people' else noun.removesuffix('s')} {rest}".strip()


def span(low: float, high: float, unit: str) -> str:
    """An interval: ``48–62 %``, ``2.1–5.6``."""
    if unit == "share":
        return f"{round(low * 100)}–{round(high * 100)} %"
    return f"{amount(low)}–{amount(high)}"


def number(value: int) -> str:
    """A whole number: ``1,204``."""
    return f"{value:,}"


def size(count: int) -> str:
    """Bytes as ``3.4 GB``, ``120 kB`` (powers of a thousand)."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{amount(value)} {unit}"
        value /= 1000
    return f"{amount(value)} TB"


def times_in_ten(confidence: float) -> str:
    """A confidence in plain words: 0.9 is ``9 times in 10``."""
    return f"{round(confidence * 10)} times in 10"


def points(value: float) -> str:
    """Points with the one decimal that adds up."""
    return f"{value:.1f}"


def signed_points(value: float) -> str:
    """A difference of points with its sign: ``+1.2``, ``−0.9``, ``0.0``."""
    return signed(round(value * 10)) if round(value * 10) else "0.0"


def moment(text: str) -> str:
    """RFC 3339 as ``22 Nov 2026, 20:00 UTC``."""
    when = datetime.fromisoformat(text).astimezone(UTC)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def day(text: str) -> str:
    """RFC 3339 as ``22 Nov 2026``."""
    when = datetime.fromisoformat(text).astimezone(UTC)
    return f"{when.day} {when:%b %Y}"


def date(text: str) -> str:
    """YYYY-MM-DD as ``22 Nov 2026``."""
    return day(f"{text}T00:00:00+00:00")


def at(time: int) -> str:
    """Seconds since 1970 as RFC 3339."""
    return datetime.fromtimestamp(time, UTC).isoformat()


def signed_number(value: int) -> str:
    """A whole difference with its sign: ``+1,204``, ``−3``, ``0``."""
    return f"{value:+,}".replace("-", "−") if value else "0"


def age(text: str) -> str:
    """How long ago an RFC 3339 time was: ``just now``, ``20 min ago``, ``2 h ago``, ``3 days ago``."""
    minutes = int((datetime.now(UTC) - datetime.fromisoformat(text)).total_seconds() // 60)
    if minutes < 2:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"


def address(url: str) -> str:
    """The address itself when it may become a link (https, or http on this machine), else an empty string."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme == "https" and host:
        return url
    return url if parts.scheme == "http" and _on_this_machine(host) else ""


def _on_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


FILTERS: dict[str, Callable[..., Any]] = {
    "amount": amount,
    "number": number,
    "bytes": size,
    "measured": measured,
    "span": span,
    "times_in_ten": times_in_ten,
    "points": points,
    "signed_points": signed_points,
    "moment": moment,
    "day": day,
    "date": date,
    "at": at,
    "signed_number": signed_number,
    "age": age,
    "address": address,
    "percent": percent,
    "counted": counted,
}
"""By the names templates use."""
