"""The use case of the weekly mail: somebody asks for it, confirms the address, gets one each Monday, and ends it by one click."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from server.lookup import Lookup
from server.mail import AddressRefused, MailNotSent, Postbox
from server.mail_addresses import is_address
from server.store.tracking import Mailing, TrackedList, TrackingStore
from server.store.unguessable import may_be_key, new_key
from server.tracking import CannotTrack, Tracking, Watched
from server.weekly import ends_of_weeks, in_words, name_of

log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = 600
"""A mail that asks whether an address is right is sent to a list no more often."""
MOST_ASKED_A_DAY = 50
"""Nor are more of them sent by one service, so that nobody fills other people's boxes with them."""


class WeeklyMail:
    """The mails of all lists. ``postbox``: None where no mail server is set; ``address``: of this service, without a slash at its end."""

    def __init__(
        self, store: TrackingStore, tracking: Tracking, lookup: Lookup, postbox: Postbox | None, address: str
    ) -> None:
        self._store, self._tracking, self._lookup, self._postbox, self._address = (
            store, tracking, lookup, postbox, address,
        )  # fmt: skip

    @property
    def is_offered(self) -> bool:
        """Is there a mail server?"""
        return self._postbox is not None

    def mailing(self, listed: TrackedList) -> Mailing:
        """Where the mails of a list go, and whether that address was confirmed."""
        return self._store.mailing(listed.id)

    def ask(self, listed: TrackedList, address: str) -> None:
        """Send a mail to an address that asks whether it wants the weekly one. Raises CannotTrack."""
        address, now = address.strip(), self._lookup.now()
        if self._postbox is None:
            raise CannotTrack("This service sends no mail. The feed tells the same.")
        if not is_address(address):
            raise CannotTrack("That is no e-mail address.")
        if now - self._store.mailing(listed.id).asked_at < ASK_AGAIN_SECONDS:
            raise CannotTrack(
                "A mail was sent a moment ago. Look for it, also among the unwanted; then try again in ten minutes."
            )
        if self._store.asked_since(now - 86_400) >= MOST_ASKED_A_DAY:
            raise CannotTrack("Too many people have asked for mails today. Try again tomorrow.")
        token = new_key()
        self._store.ask_mail(listed.id, address, token, now)
        try:
            self._postbox.send(address, "Rapport: do you want a mail each week?", self._question(token))
        except MailNotSent as problem:
            self._store.end_mail(listed.id)
            raise CannotTrack(f"{problem} Try again later.") from None

    def _question(self, token: str) -> str:
        return (
            "Somebody, you hopefully, asked Rapport to send a mail to this address each Monday: what the week brought the accounts "
            "they watch.\n\n"
            f"If it was you, confirm it here:\n{self._address}/tracked/mail/{token}\n\n"
            "If not, do nothing: no further mail will come.\n"
        )

    def confirm(self, token: str) -> bool:
        """The address of this token is right. False when nobody asked, or it was ended."""
        return may_be_key(token) and self._store.confirm_mail(token, self._lookup.now())

    def known(self, token: str) -> Mailing | None:
        """What was asked for with this token; None when nothing was, or it was ended."""
        return self._store.mailing_of(token) if may_be_key(token) else None

    def end(self, token: str) -> None:
        """No further mail to the address of this token, which is forgotten."""
        known = self.known(token)
        if known is not None:
            self._store.end_mail(known.list_id)

    def stop(self, listed: TrackedList) -> None:
        """No further mail for this list; its address is forgotten."""
        self._store.end_mail(listed.id)

    def send_due(self) -> int:
        """Send what the last whole week brought to everybody who confirmed and did not get it yet. Gives how many were sent."""
        if self._postbox is None:
            return 0
        sent, now = 0, self._lookup.now()
        for mailing in self._store.confirmed():
            ends = [end for end in ends_of_weeks(mailing.confirmed_at or now, now)[:1] if end > mailing.told_until]
            try:
                if ends and self._sent(mailing, ends[0]):
                    sent += 1
            except MailNotSent as problem:
                # The others would fail as well, each after a long wait; within the hour all are tried again.
                log.error("weekly mails could not be sent: %s", problem)
                break
        return sent

    def _sent(self, mailing: Mailing, end: int) -> bool:
        """Was there something to send? Raises MailNotSent."""
        accounts = self._tracking.accounts(TrackedList(mailing.list_id, 0))
        unsubscribe = f"{self._address}/tracked/mail/{mailing.token}/end"
        try:
            if accounts and self._postbox is not None:
                self._postbox.send(
                    mailing.address,
                    f"Rapport: {name_of(end).lower()}",
                    letter(accounts, end, self._address, unsubscribe),
                    unsubscribe,
                )
        except AddressRefused as problem:
            # Next week again: the box may have been full. Whose it is is nobody's business, not even the log's.
            log.error("a weekly mail was not taken: %s", problem)
        # Written after it was sent: a mail that comes twice is better than one that never comes.
        self._store.told(mailing.list_id, end)
        return bool(accounts)


def letter(accounts: Sequence[Watched], end: int, address: str, unsubscribe: str) -> str:
    """The text of a weekly mail."""
    told = "\n\n".join(
        f"{one.handle}: {in_words(one.over_time, end)}\n{address}/history/{one.network}/{one.handle}"
        for one in accounts
    )
    return f"{name_of(end)}, what it brought the accounts you watch:\n\n{told}\n\nNo further mails: {unsubscribe}\n"
