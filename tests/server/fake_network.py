"""A network that exists only in tests: answers what it was told to, and counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from server.activity import Activity, Consent, InteractionKind
from server.errors import AccountUnknown, BadHandle
from server.networks.network import Listed, ListedPage, OwnWords
from tests.server.invented import Invented


class NoFetcher:
    """A fetcher for networks that fetch nothing."""

    def get_json(self, url: str, params: Any = None, *, user_named: bool = False) -> Any:
        raise AssertionError("the fake network fetches nothing")

    get_text = get_json

    def on_behalf_of(self, network: str) -> NoFetcher:
        return self

    def budget(self, calls: int, seconds: float = 0) -> NoFetcher:
        return self


class FakeNetwork:
    """Knows the accounts it was given. ``should_raise``: raised instead of answering. ``before``: called before each answer."""

    id = "bluesky"
    title = "Fakesky"

    def __init__(self, *accounts: Invented) -> None:
        self.accounts = {a.builder.profile.handle: a for a in accounts}
        self.should_raise: Exception | None = None
        self.before: Callable[[str], None] = lambda handle: None
        self.profiles: dict[str, tuple[str, ...]] = {}
        """Handle -> what its profile says."""
        self.following: dict[str, list[str]] = {}
        self.followed_by: dict[str, list[str]] = {}
        self.published: dict[str, list[str]] = {}
        """Address of a published list -> who is on it."""
        self.page_size = 2
        self.pages: list[str] = []
        self.glances: list[str] = []
        self.studies: list[str] = []

    def canonical_handle(self, text: str) -> str:
        handle = text.strip().removeprefix("@").lower()
        if not handle or " " in handle:
            raise BadHandle(f"{text!r} is no handle; type one like alice.test.")
        return handle

    def profile_url(self, handle: str) -> str:
        return f"https://fakesky.example/{handle}"

    def glance(self, handle: str, fetcher: Any, now: int) -> Activity:
        self.glances.append(handle)
        return replace(self._answer(handle), gathered_at=now)

    def study(self, activity: Activity, fetcher: Any, now: int) -> Activity:
        self.studies.append(activity.profile.handle)
        self._answer(activity.profile.handle)
        account = self.accounts[activity.profile.handle]
        return replace(account.received(5, kind=InteractionKind.REPLY, name="writer").build(), gathered_at=now)

    def follows(self, handle: str, cursor: str, fetcher: Any) -> ListedPage:
        return self._page(self.following, handle, cursor, f"There is no account {handle}.")

    def followers(self, handle: str, cursor: str, fetcher: Any) -> ListedPage:
        return self._page(self.followed_by, handle, cursor, f"There is no account {handle}.")

    def list_address(self, text: str) -> str:
        if not text.startswith("pack:"):
            raise BadHandle(f"{text!r} is no list; paste one like pack:birds.")
        return text

    def members(self, address: str, cursor: str, fetcher: Any) -> ListedPage:
        page = self._page(self.published, address, cursor, "There is no such pack.")
        return page if cursor else replace(page, title=f"the pack “{address.removeprefix('pack:')}”")

    def _page(self, lists: dict[str, list[str]], whose: str, cursor: str, missing: str) -> ListedPage:
        self.before(whose)
        if self.should_raise is not None:
            raise self.should_raise
        if whose not in lists:
            raise AccountUnknown(missing)
        self.pages.append(cursor)
        names, at = lists[whose], int(cursor or 0)
        end = at + self.page_size
        return ListedPage(
            tuple(Listed(name, name) for name in names[at:end]),
            str(end) if end < len(names) else "",
            None if cursor else len(names),
        )

    def own_words(self, handle: str, fetcher: Any) -> OwnWords:
        profile = self._answer(handle).profile
        return OwnWords(profile.ref.id, profile.handle, self.profiles.get(profile.handle, ()))

    def _answer(self, handle: str) -> Activity:
        self.before(handle)
        if self.should_raise is not None:
            raise self.should_raise
        by_id = {account.builder.profile.ref.id: account for account in self.accounts.values()}
        account = self.accounts.get(handle) or by_id.get(handle)
        if account is None:
            raise AccountUnknown(f"There is no account {handle}.")
        return account.build()


def ephemeral(account: Invented) -> Invented:
    """The same account, asking not to be indexed."""
    account.builder.profile = replace(
        account.builder.profile, consent=Consent.EPHEMERAL, consent_reason="It asks not to be indexed."
    )
    return account


def handles(accounts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The body of a badges request."""
    return {"accounts": [{"network": network, "handle": handle} for network, handle in accounts]}
