"""Tolerant reading of upstream answers: what is missing is tolerated, what is odd is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

import msgspec

from server.errors import UnreadableAnswer

Schema = TypeVar("Schema")


def whole(answer: Any, schema: type[Schema], network: str) -> Schema:
    """The answer in the shape wanted. Raises UnreadableAnswer for one of another shape."""
    item = maybe(answer, schema)
    if item is None:
        raise UnreadableAnswer(f"{network} answered in a form that this version does not understand", 3600.0)
    return item


def each(values: Any, schema: type[Schema]) -> Iterator[Schema]:
    """The items of a list that have the shape wanted; the rest are left out, as is anything that is no list."""
    for value in values if isinstance(values, list) else ():
        item = maybe(value, schema)
        if item is not None:
            yield item


def maybe(value: Any, schema: type[Schema]) -> Schema | None:
    """The value in the shape wanted, or None."""
    try:
        return msgspec.convert(value, schema)
    except msgspec.ValidationError:
        return None


def at(value: Any, *names: str) -> Any:
    """What stands under the names, one inside the other; None when any is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def split_url(url: str) -> SplitResult:
    """The parts of an address; all empty for what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def seconds(text: str | None) -> int | None:
    """Whole seconds since 1970 of an ISO date or date-time (UTC when it does not say); None for anything else."""
    try:
        moment = datetime.fromisoformat(text or "")
        return max(0, int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))
    except (ValueError, OverflowError):
        return None
