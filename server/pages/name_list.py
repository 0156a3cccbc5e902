"""A list of accounts as people have it: names one a line, or the file of follows that a Mastodon server exports."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.errors import BadHandle, UnknownNetwork
from server.pages.entry import LONGEST_ENTRY, Place, read_entry
from server.review import MOST_ACCOUNTS, CannotReview

MOST_LINES = 2 * MOST_ACCOUNTS
_HEADINGS = {"account address", "account", "handle"}
"""The first line of Mastodon's ``following_accounts.csv`` begins with the first of these, ours with the others."""


@dataclass(frozen=True, slots=True)
class NameList:
    """``names``: (network, canonical handle) each; ``not_understood``: the lines that name no account, as they were written."""

    names: tuple[tuple[str, str], ...]
    not_understood: tuple[str, ...]


def read_names(data: bytes | str, network: str, networks: Mapping[str, Place]) -> NameList:
    """The accounts named in a text or a file, one a line; of a line with commas the first field counts.

    ``network``: that of bare names; empty to work it out line by line. Raises CannotReview, saying what is wrong, when nothing in
    it names an account, when it is too long, or when it is a file of another kind.
    """
    text = data if isinstance(data, str) else _decoded(data)
    if "YTD.follow" in text[:200]:
        raise CannotReview(
            "That is X’s own export: it names accounts by numbers only, and X tells nobody which handles they stand for. "
            "Paste the handles instead, one on each line."
        )
    names: list[tuple[str, str]] = []
    wrong: list[str] = []
    for number, name in enumerate(_first_fields(text)):
        if number >= MOST_LINES:
            raise CannotReview(f"That list has more than {MOST_LINES:,} lines. Review it in parts.")
        try:
            entry = read_entry(name[: LONGEST_ENTRY + 1], network, networks)
        except (BadHandle, UnknownNetwork):
            wrong.append(name[:60])
        else:
            names.append((entry.network, entry.handle))
    if wrong and not names:
        which = f"None of the {len(wrong):,} lines names" if len(wrong) > 1 else "That line does not name"
        raise CannotReview(
            f"{which} an account: “{wrong[0]}”. Write handles in full, as in "
            "alice.bsky.social or alice@mastodon.social, one on each line."
        )
    return NameList(tuple(names), tuple(wrong))


def _decoded(data: bytes) -> str:
    if b"\0" in data[:4000]:
        raise CannotReview(
            "That file is no text. Choose a list of names, or the following_accounts.csv of a Mastodon server."
        )
    return data.decode("utf-8-sig", "replace")


def _first_fields(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines()):
        try:
            field = next(csv.reader([line]), [""])[0].strip()
        except csv.Error:
            field = line.strip()
        if field and not field.startswith("#") and not (number == 0 and field.lower() in _HEADINGS):
            yield field
