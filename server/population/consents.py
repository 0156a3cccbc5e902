"""Who asked not to be looked at, as far as it was heard: what they do and what is done to them is not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from server.activity import Consent
from server.population.bluesky_records import Act, News

Wishes = Callable[[str], bool]
"""Did this account opt out?"""


def nobody(_account: str) -> bool:
    """Nobody opted out."""
    return False


class Consents:
    """What is known of accounts that are not open to be looked at; all others are not remembered."""

    def __init__(self, closed: Iterable[tuple[str, Consent]] = (), wishes: Wishes = nobody) -> None:
        """``closed``: accounts of which was written before that they are not open; ``wishes``: who opted out of this service."""
        self.wishes = wishes
        self._closed = dict(closed)

    def close(self, closed: Iterable[tuple[str, Consent]]) -> None:
        """Note of accounts that they are not open, either."""
        self._closed.update(closed)

    def learn(self, news: News) -> Consent | None:
        """What is to be noted of the account from now on; None where the news changes nothing.

        One that is deleted, deactivated or suspended is refused. When it is back, what it asks for is not known until its profile is seen
        again: so long it is not looked at.
        """
        if self.wishes(news.account):
            consent = Consent.REFUSED
        elif news.asks is not None:
            consent = news.asks
        elif news.active is False:
            consent = Consent.REFUSED
        elif news.account in self._closed:
            consent = Consent.EPHEMERAL
        else:
            return None
        self._note(news.account, consent)
        return consent

    def opted_out(self, act: Act) -> list[News]:
        """Of whom this is news: those who take part in it and opted out, unless they were not looked at already."""
        parties = {act.actor, act.target} - self._closed.keys()
        return [News(party, act.time, active=False) for party in parties if party and self.wishes(party)]

    def allow(self, act: Act) -> bool:
        """May this be kept? Deletions always may: they take something away."""
        return act.kind == "delete" or not (act.actor in self._closed or act.target in self._closed)

    def _note(self, account: str, consent: Consent) -> None:
        if consent is Consent.OPEN:
            self._closed.pop(account, None)
        else:
            self._closed[account] = consent
