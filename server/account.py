"""Which account: the network it stands on and its canonical id there."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True, order=True)
class AccountRef:
    """One account for good: its network and the id that does not change when the handle does.

    Written ``network:id``, e.g. ``bluesky:did:plc:…``, ``mastodon:user@domain``, ``x:handle``.
    """

    network: str
    id: str

    def __str__(self) -> str:
        return f"{self.network}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> AccountRef:
        """Read ``network:id``. Raises ValueError when either part is missing."""
        network, separator, account_id = text.partition(":")
        if not (network and separator and account_id):
            raise ValueError(f"{text!r} is not of the form network:id")
        return cls(network, account_id)


def name_digest(network: str, name: str) -> str:
    """The lower-case hexadecimal SHA-256 of ``network:name``, by whose first digits accounts can be asked for.

    ``name``: a handle in lower case, or the account's id as it is.
    """
    return sha256(f"{network}:{name}".encode()).hexdigest()
