"""The raw firehose of a server that accounts of Bluesky keep their records on (a PDS), or of a relay that passes on those of many."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import SplitResult, parse_qsl, urlencode

from server.errors import RapportError
from server.networks.reading import split_url
from server.population.bluesky_records import Heard
from server.population.firehose_frames import Notice, heard_in
from server.population.listening import TOO_LARGE, Broken

_METHOD = "/xrpc/com.atproto.sync.subscribeRepos"
_LARGEST = 5_000_000
"""Bytes of an event; the records of one commit are 2 MB at most."""
_RECEIVED = 32_000_000
"""Bytes: what is larger breaks the connection, and is stepped over at the next one."""
_SCHEMES = {"https": "wss", "http": "ws", "wss": "wss", "ws": "ws"}


class Firehose:
    """Implements ``server.population.listening.Stream``. Places are numbers that this one server gives its events."""

    title = "the firehose of a PDS"
    largest = _RECEIVED

    def __init__(self, url: str) -> None:
        """``url``: of the server, as in https://pds.example. Raises RapportError for what is no address of one."""
        self.address = _address(url)
        self.name = f"{self.address.scheme}://{self.address.netloc}"
        self._asked_for, self._was_past, self._is_outdated = 0, False, False

    def request(self, cursor: int, begin: int, *, past: bool) -> str:  # noqa: ARG002 (no time can be asked for)
        """Asks for what comes after the place or, where it is to begin in the past, for all that the server still has."""
        self._asked_for, self._was_past, self._is_outdated = cursor, past, False
        kept = [pair for pair in parse_qsl(self.address.query) if pair[0] != "cursor"]
        if cursor or past:
            kept.append(("cursor", str(cursor)))
        return self.address._replace(query=urlencode(kept)).geturl()

    def heard(self, frame: bytes, now: int) -> Sequence[Heard]:
        """What one event says. Raises Broken where the server ends the stream, RapportError where its places are others than they were."""
        if len(frame) > _LARGEST:
            return (Heard(odd=TOO_LARGE),)
        told = heard_in(frame, now)
        if not isinstance(told, Notice):
            return told
        self._heed(told)
        return ()

    def gap(self, cursor: int, begin: int, first: Heard) -> str:  # noqa: ARG002
        """The server says itself when it looks back less far; a pause means nothing, as its accounts may have done nothing."""
        if not self._is_outdated:
            return ""
        before = max(0, first.cursor - cursor - 1) if cursor else 0
        return f"what happened before ({before:,} events at most)" if before else "what happened before"

    def beyond(self, cursor: int) -> int:
        """The next place: what is too large comes there or later. The present needs no place; it does not come again there."""
        return cursor + 1 if cursor or self._was_past else 0

    def _heed(self, notice: Notice) -> None:
        host = self.address.hostname
        if notice.is_error and notice.name == "FutureCursor":
            raise RapportError(
                f"The stream of {host} has not come as far yet as it was listened to ({self._asked_for}): it was begun anew. Delete "
                f"“{self.name}” from listened.json in the folder to begin anew as well; what was kept until then stays."
            )
        if notice.is_error:
            words = {"ConsumerTooSlow": "this machine reads more slowly than it tells"}
            said = "".join(c for c in notice.name if c.isprintable())[:80]
            raise Broken(f"{host} ended the stream ({words.get(notice.name, said or 'it does not say why')})")
        self._is_outdated |= notice.name == "OutdatedCursor"


def _address(url: str) -> SplitResult:
    address = split_url(url.strip())
    if address.scheme not in _SCHEMES or not address.hostname or address.username is not None:
        raise RapportError(f"{url!r} is no address of a PDS; one looks like https://pds.example")
    path = address.path if address.path.strip("/") else _METHOD
    return address._replace(scheme=_SCHEMES[address.scheme], netloc=address.netloc.lower(), path=path, fragment="")
