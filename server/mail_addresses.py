"""The address of a mail server, and e-mail addresses, as they are typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{1,63}"
)
"""What browsers take for one (HTML, "valid e-mail address"): no spaces, no line ends, so that nothing else gets into a heading of a mail."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """``is_encrypted``: from the first byte (smtps); else by STARTTLS."""

    host: str
    port: int
    is_encrypted: bool
    user: str
    password: str


def read_server(url: str) -> MailServer:
    """The server in ``smtp://user:password@host:port`` or ``smtps://…``. Raises ValueError, saying what is wrong."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("it is written as smtp://user:password@host:587 or smtps://user:password@host")
    return MailServer(
        parts.hostname,
        parts.port or PORTS[parts.scheme],
        parts.scheme == "smtps",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def is_address(text: str) -> bool:
    """Is this an e-mail address?"""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None
