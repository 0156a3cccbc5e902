"""What every network file offers: the seam between a network's own API and an Activity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Protocol, runtime_checkable

from server.activity import Activity

WINDOW = 90 * 86400
"""Seconds of an account's past that are looked at."""


class Fetcher(Protocol):
    """The guarded HTTP client as connectors see it (see ``server.fetching.client``)."""

    def get_json(
        self, url: str, params: Sequence[tuple[str, str]] | dict[str, str] | None = None, *, user_named: bool = False
    ) -> Any:
        """The decoded JSON body. ``user_named``: the host was named by a person, so https only.

        Raises ``UpstreamRefusal`` (with the HTTP status and decoded body) for 4xx, ``UpstreamUnavailable`` for the rest.
        """
        ...

    def get_linked_json(self, url: str, params: dict[str, str], *, user_named: bool = False) -> tuple[Any, str]:
        """The decoded JSON body, and the address of the next page as the answer's ``Link`` header gives it (RFC 8288); empty without one.

        Raises as ``get_json`` does.
        """
        ...

    def get_text(
        self,
        url: str,
        params: Sequence[tuple[str, str]] | dict[str, str] | None = None,
        *,
        accept: str,
        user_named: bool = False,
    ) -> str:
        """The body as text, when its content type is ``accept``. Raises as ``get_json`` does."""
        ...

    def budget(self, calls: int, seconds: float = inf) -> Fetcher:
        """The same client allowed only so many calls, begun within so many seconds; past that it raises ``CallBudgetSpent``."""
        ...


class Upstream(Fetcher, Protocol):
    """The client as those see it who ask several networks."""

    def on_behalf_of(self, network: str) -> Fetcher:
        """The same client; what it asks is counted for the network of this id."""
        ...


class Network(Protocol):
    """One place where accounts post."""

    id: str
    title: str

    def canonical_handle(self, text: str) -> str:
        """What a person typed or pasted (odd case, ``@``, a profile URL) as a handle. Raises BadHandle, saying what to type instead."""
        ...

    def profile_url(self, handle: str) -> str:
        """Where a person sees this account."""
        ...

    def glance(self, handle: str, fetcher: Fetcher, now: int) -> Activity:
        """Profile and one page of posts, at most two upstream calls.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        ...

    def study(self, activity: Activity, fetcher: Fetcher, now: int) -> Activity:
        """More of an account already glanced at: further pages, threads, the people who engaged; at most thirty calls.

        Goes on where ``activity.coverage`` stopped and returns the activity with that added (to merge it into the stored
        one changes nothing twice). When an upstream fails midway it returns what it has so far; UpstreamUnavailable is
        raised only when nothing at all was answered.
        """
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on a list. ``name``: what it is looked up by, and stays when the handle changes, where the network has such a name."""

    name: str
    handle: str


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page of the accounts that an account follows, that follow it, or that stand on a list which it publishes.

    ``cursor``: where to go on, empty after the last page. ``count``: how many there are as the network itself says, told with the first
    page where it says so. ``hidden``: the account does not show them. ``title``: what a published list is called, in words that go on
    after “members of”; told with the first page.
    """

    accounts: tuple[Listed, ...]
    cursor: str = ""
    count: int | None = None
    hidden: bool = False
    title: str = ""


@runtime_checkable
class ListingNetwork(Network, Protocol):
    """A network that shows the public whom an account follows, and who follows it."""

    def follows(self, handle: str, cursor: str, fetcher: Fetcher) -> ListedPage:
        """One page of whom it follows, the first with an empty cursor; at most eight upstream calls.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        ...

    def followers(self, handle: str, cursor: str, fetcher: Fetcher) -> ListedPage:
        """One page of who follows it, the newest first; otherwise like ``follows``."""
        ...


@runtime_checkable
class PublishingNetwork(Network, Protocol):
    """A network whose accounts publish lists of accounts for others to follow."""

    def list_address(self, text: str) -> str:
        """The address of a published list as a person has it, in one spelling. Raises BadHandle, saying what to paste instead."""
        ...

    def members(self, address: str, cursor: str, fetcher: Fetcher) -> ListedPage:
        """One page of who is on a published list, the first with an empty cursor; at most eight upstream calls.

        Raises AccountUnknown when the list, or the account that publishes it, is not there (any more); AccountRefused, UpstreamUnavailable.
        """
        ...


@runtime_checkable
class ObservingNetwork(Network, Protocol):
    """A network that cannot be asked; what is known of it stood on somebody's screen."""

    def observe(self, fragments: Sequence[str], url: str, now: int) -> list[Activity]:
        """An activity of every account whose posts or profile header the HTML fragments of a page show."""
        ...


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What an account says of itself: ``name``, its id; ``texts``: its description and the fields of its profile, and where their links lead."""

    name: str
    handle: str
    texts: tuple[str, ...]


@runtime_checkable
class ProfiledNetwork(Network, Protocol):
    """A network that shows the public what an account says of itself, so that its owner can be told by something written there."""

    def own_words(self, handle: str, fetcher: Fetcher) -> OwnWords:
        """What stands in its profile now; at most eight upstream calls.

        Raises AccountUnknown, AccountRefused, UpstreamUnavailable.
        """
        ...
