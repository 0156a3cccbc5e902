"""What a person typed or pasted into the look-up form, as a network and a handle on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from server.errors import BadHandle, UnknownNetwork

LONGEST_ENTRY = 500
"""More characters than any handle or profile address has."""


class Place(Protocol):
    """What the form needs to know of a network."""

    id: str
    title: str

    def canonical_handle(self, text: str) -> str:
        """The handle in what was typed. Raises BadHandle."""
        ...

    def profile_url(self, handle: str) -> str:
        """Where a person sees this account."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """Which account is meant."""

    network: str
    handle: str


def read_entry(text: str, network: str, networks: Mapping[str, Place]) -> Entry:
    """The account meant by ``text``; with an empty ``network`` it is worked out.

    Raises BadHandle when the text is no account of that network (or of any, or of several), UnknownNetwork for a network not
    served here; both say what to type instead.
    """
    text = text.strip()
    if not text:
        raise BadHandle("Type an account: a handle, or the address of a profile.")
    if len(text) > LONGEST_ENTRY:
        raise BadHandle("That is too long to be the name or the address of an account.")
    if network:
        if network not in networks:
            raise UnknownNetwork("No such network is served here; choose one of the list.")
        return Entry(network, networks[network].canonical_handle(text))
    return _work_out(text, networks)


def _work_out(text: str, networks: Mapping[str, Place]) -> Entry:
    possible = [entry for name in networks if (entry := _as_account_of(name, text, networks))]
    host = _host(text)
    if host:
        # An address names its own network: two connectors may both read a handle out of its path.
        at_home = [e for e in possible if _host(networks[e.network].profile_url(e.handle)) == host]
        possible = at_home or possible
    if len(possible) == 1:
        return possible[0]
    if possible:
        titles = " or ".join(networks[entry.network].title for entry in possible)
        raise BadHandle(f"That could be an account on {titles}: choose the network.")
    raise BadHandle(
        f"“{text[:60]}” is not the name of an account: type it in full, as in alice.bsky.social or alice@mastodon.social, "
        "or paste the address of a profile."
    )


def _as_account_of(network: str, text: str, networks: Mapping[str, Place]) -> Entry | None:
    try:
        return Entry(network, networks[network].canonical_handle(text))
    except BadHandle:
        return None


def _host(address: str) -> str:
    """The host name of a web address without ``www.``; empty for anything else."""
    if "/" not in address:
        return ""
    try:
        return (urlsplit(address if "//" in address else "//" + address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
