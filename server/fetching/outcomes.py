"""What came of one HTTP request to an upstream, as one of a few words that can be counted."""

from __future__ import annotations

import httpcore2
import ssrfguard

from server.fetching.addresses import BadCertificate

ANSWERED = ("2xx", "3xx", "4xx")
"""The server did its work, whatever it had to say."""
TOO_MANY, FAILED = "429", "5xx"
TIMEOUT, REFUSED_ADDRESS, CERTIFICATE, UNREACHABLE, BROKEN = (
    "timeout",
    "refused_address",
    "certificate",
    "unreachable",
    "broken",
)
HELD_BACK = "held_back"
"""Not sent: the server had said that it allows no more just now, or too many were waiting for it already."""
OUTCOMES = (*ANSWERED, TOO_MANY, FAILED, TIMEOUT, REFUSED_ADDRESS, CERTIFICATE, UNREACHABLE, BROKEN, HELD_BACK)


def of_status(status: int) -> str:
    """The class of an HTTP status, 429 by itself; of a number that is no status of an answer, that it was broken."""
    if status == 429:
        return TOO_MANY
    return f"{status // 100}xx" if 200 <= status < 600 else BROKEN


def of_error(error: Exception) -> str:
    """What an error of the transport, or of reading what came, stands for."""
    if isinstance(error, httpcore2.TimeoutException):
        return TIMEOUT
    if isinstance(error, ssrfguard.SSRFGuardError):
        return REFUSED_ADDRESS
    if isinstance(error, BadCertificate):
        return CERTIFICATE
    return UNREACHABLE if isinstance(error, httpcore2.ConnectError) else BROKEN
