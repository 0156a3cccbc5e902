"""Was the right token sent along, and what is said when it was not."""

from __future__ import annotations

import hmac

from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from server.api.problems import problem

WRONG_TOKENS = parse("30 per minute")
"""More guesses from one address are not even compared."""
_COUNTED_HERE = FixedWindowRateLimiter(MemoryStorage())


def holds(token: bytes) -> bool:
    """Programs send the token as a bearer; a person's browser asks for it as a password, so that the pages can be read, too."""
    kind, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return hmac.compare_digest(bearer.encode(errors="replace"), token)
    given = request.authorization.password if request.authorization is not None else None
    return given is not None and hmac.compare_digest(given.encode(errors="replace"), token)


def refusal(limiter: Limiter, which: str, detail: str, realm: str) -> Response:
    """401 in words, or 429 after too many wrong ones. ``which`` token: guesses at each are counted for themselves."""
    if not _may_be_wrong(limiter, which):
        return problem(429, "too-many-requests", "Too many wrong tokens. Wait a minute.", headers={"Retry-After": "60"})
    return problem(401, which, detail, headers={"WWW-Authenticate": f'Basic realm="{realm}", Bearer'})


def _may_be_wrong(limiter: Limiter, which: str) -> bool:
    """Count a wrong token; False when there were too many from this address."""
    counted = f"wrong-{which}", get_remote_address()
    try:
        return limiter.limiter.hit(WRONG_TOKENS, *counted)
    except StorageError:
        # Were nobody counted while Redis is away, tokens could be tried at leisure.
        return _COUNTED_HERE.hit(WRONG_TOKENS, *counted)
