"""Bluesky's Jetstream: a stream of what everybody does as JSON, in which places are times."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import SplitResult, parse_qsl, urlencode

from server.errors import RapportError
from server.networks.reading import split_url
from server.population.bluesky_records import COLLECTIONS, Heard, heard
from server.population.hourly_files import JETSTREAM as NAME
from server.population.listening import OVERLAP, duration

JETSTREAM = "wss://jetstream2.us-east.bsky.network/subscribe"

_LARGEST = 1_000_000
"""Bytes of an event; no record of the network may be larger, and what is larger is not sent."""
_MICRO = 1_000_000


class Jetstream:
    """Implements ``server.population.listening.Stream``. Places are microseconds since 1970 UTC, and those of every Jetstream the same."""

    title = "a Jetstream"
    name = NAME
    largest = 4 * _LARGEST

    def __init__(self, url: str = JETSTREAM) -> None:
        """Raises RapportError for what is no address of one."""
        self.address = _address(url)

    def request(self, cursor: int, begin: int, *, past: bool) -> str:  # noqa: ARG002 (the present is a time like any other)
        """Asks for the kinds of record that are listened to only."""
        wanted = [("wantedCollections", name) for name in COLLECTIONS] + [("maxMessageSizeBytes", str(_LARGEST))]
        wanted.append(("cursor", str((cursor or begin * _MICRO) - OVERLAP * _MICRO)))
        kept = [pair for pair in parse_qsl(self.address.query) if pair[0] not in dict(wanted)]
        return self.address._replace(query=urlencode(kept + wanted)).geturl()

    def heard(self, frame: bytes, now: int) -> Sequence[Heard]:
        """What one event says; never raises."""
        return (heard(frame, now),)

    def gap(self, cursor: int, begin: int, first: Heard) -> str:
        """What was heard last comes again if the server still has it; if nothing that old comes, it looks back less far."""
        missing = (first.cursor - (cursor or begin * _MICRO)) / _MICRO
        return f"what happened in the {duration(missing)} before" if missing > OVERLAP else ""

    def beyond(self, cursor: int) -> int:
        """The same: what is too large is not sent when that is asked for."""
        return cursor


def _address(url: str) -> SplitResult:
    address = split_url(url.strip())
    if address.scheme not in ("ws", "wss") or not address.hostname or address.username is not None:
        raise RapportError(f"{url!r} is no address of a Jetstream; one looks like {JETSTREAM}")
    return address._replace(path=address.path if address.path.strip("/") else "/subscribe", fragment="")
