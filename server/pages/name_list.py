"""A list of accounts as people have it: names one a line, or a file of follows or lists that a network exports."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.errors import BadHandle, UnknownNetwork
from server.pages.entry import LONGEST_ENTRY, Place, read_entry
from server.review import MOST_ACCOUNTS, CannotReview
from server.signals.proportion import counted

MOST_LINES = 2 * MOST_ACCOUNTS
_HEADINGS = {"account address", "account", "handle"}
"""The first line of Mastodon's ``following_accounts.csv`` begins with the first of these, ours with the others."""

_X_EXPORT = re.compile(r"\s*window\.YTD\.(\w+)\.part\d+\s*=")
_X_ACCOUNT = re.compile(r'"accountId"\s*:\s*"(\d+)"')
_FULL_NAME = re.compile(r"@?[^@\s/]+@[^@\s/]+\.[^@\s/]+")


@dataclass(frozen=True, slots=True)
class NameList:
    """``names``: (network, canonical handle) each; ``not_understood``: the lines that name no account, as they were written."""

    names: tuple[tuple[str, str], ...]
    not_understood: tuple[str, ...]


def read_names(data: bytes | str, network: str, networks: Mapping[str, Place]) -> NameList:
    """The accounts named in a text or a file, one a line; of a line with commas the first field counts, and the second where it names an
    account and the first is the name of a list, as in the ``lists.csv`` of a Mastodon server.

    ``network``: that of bare names; empty to work it out line by line. Raises CannotReview, saying what is wrong, when nothing in
    it names an account, when it is too long, or when it is a file of another kind.
    """
    text = data if isinstance(data, str) else _decoded(data)
    if export := _X_EXPORT.match(text):
        raise CannotReview(_without_handles(export[1], text))
    names: list[tuple[str, str]] = []
    wrong: list[str] = []
    for number, name in enumerate(_names(text)):
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


def _without_handles(which: str, text: str) -> str:
    """Why nobody can be looked up by X’s own export, how many are in it, and what to do instead."""
    number = len(set(_X_ACCOUNT.findall(text)))
    one, many = {
        "following": ("account you follow", "accounts you follow"),
        "follower": ("account that follows you", "accounts that follow you"),
    }.get(which, ("account in it", "accounts in it"))
    of = f"the {counted(number, one, many)}" if number else many
    return (
        f"That is X’s own export of {of}. It has a number for each of them and no handle, and X tells nobody which handle a number "
        "stands for, so none of them can be looked up. What can be done: paste their handles, one on each line. Of these, the accounts "
        "whose posts you had on screen on X while the extension was allowed to read them have something to show."
    )


def _names(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines()):
        try:
            fields = [field.strip() for field in next(csv.reader([line]), [""])]
        except csv.Error:
            fields = [line.strip()]
        is_of_list = len(fields) == 2 and _FULL_NAME.fullmatch(fields[1]) and not _FULL_NAME.fullmatch(fields[0])
        field = fields[1] if is_of_list else fields[0]
        if field and not field.startswith("#") and not (number == 0 and field.lower() in _HEADINGS):
            yield field
