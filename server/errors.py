"""What can go wrong with an account, in words for people. No I/O, no HTTP codes."""

from __future__ import annotations

from typing import Any


class RapportError(Exception):
    """Base of every error this service raises on purpose; its text is fit to be shown."""


class BadHandle(RapportError):
    """What was typed in cannot be a handle of that network."""


class UnknownNetwork(RapportError):
    """No such network is served here."""


class AccountUnknown(RapportError):
    """The network answered that there is no such account (never existed, renamed or deleted)."""


class AccountRefused(RapportError):
    """The account is not to be scored: it asked so, is suspended or is a memorial. The text is neutral."""


class UpstreamUnavailable(RapportError):
    """The network could not be asked just now. ``retry_after``: seconds until it is worth another try."""

    def __init__(self, message: str, retry_after: float = 60.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnreadableAnswer(UpstreamUnavailable):
    """Something answered, but not in a form that this service understands."""


class AnswerTooLarge(UpstreamUnavailable):
    """The answer is larger than this service reads; asking again will not help."""


class UpstreamRefusal(RapportError):
    """The network answered, and refused: HTTP 400, 401, 403, 404, 410, 422.

    ``body`` is the decoded JSON answer, or its text, or None. A connector turns this into words about the account;
    it is not meant to reach a person.
    """

    def __init__(self, message: str, status: int, body: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class CallBudgetSpent(RapportError):
    """As many upstream calls as were allowed have been made."""


class QueueFull(RapportError):
    """More accounts wait to be gathered than will be taken on."""


class QueueUnreachable(RapportError):
    """What is to be done cannot be handed to those who do it, just now."""


class WrongDigits(RapportError):
    """A look-up by a prefix of another length than the one at which every answer holds a crowd. ``digits``: that length."""

    def __init__(self, digits: int) -> None:
        right = f"a prefix of {digits} digits" if digits != 1 else "a prefix of 1 digit"
        super().__init__(f"Ask with {right}." if digits else "Ask with 0 digits, which is written all.")
        self.digits = digits


class ObservedOnly(RapportError):
    """The network cannot be asked at all: what is known of its accounts comes from pages that people had on screen."""


class BadObservation(RapportError):
    """None of the page fragments sent could be read: too large, nested too deeply, or no HTML."""


class BadTable(RapportError):
    """A table that was handed over cannot be used: not of its format, broken off, a column missing or of another type."""
