"""Keys that nobody can guess: whoever has one may see and change what it leads to. The database holds their hashes alone."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


def new_key() -> str:
    """A key of 192 random bits, as it stands in an address."""
    return secrets.token_urlsafe(24)


def may_be_key(text: str) -> bool:
    """Could it be one? Anything else need not be looked for."""
    return _KEY.fullmatch(text) is not None


def key_digest(key: str) -> str:
    """Under what it is kept: a copy of the database opens nothing."""
    return sha256(key.encode()).hexdigest()
