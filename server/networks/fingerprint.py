"""What all networks read alike out of a text: its fingerprints, outside links, hashtags and language, the words by which consent is refused."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from server.activity import Consent

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w@/])@[\w.-]+(?:@[\w.-]+(?::\d+)?)?")
_NO_WORD = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")

_FEWEST_CHARACTERS = 12
"""Below this equal texts say nothing: "thank you" is no duplicate."""
_OPENING_WORDS = 4
_LONGEST_TEXT = 20_000

_MOST_TAGS = 5
_LONGEST_TAG = 40
_JOINERS = "\u200c\u200d"
"""Invisible, but part of how words are written in some scripts."""

_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]{0,30})?\Z")
_NO_LANGUAGE = {"und", "mul", "zxx", "mis"}
"""Not determined, several, none, uncoded (ISO 639-2)."""
_OF_LOCAL_USE = re.compile(r"q[a-t][a-z]\Z")
"""ISO 639-2 leaves these to everybody: X marks posts with them that hold only pictures, tags or a few words."""

_NO_BOT = re.compile(r"(?<!\w)#nobots?(?!\w)", re.IGNORECASE)
_NO_INDEX = re.compile(r"(?<!\w)#no(?:index|search|archive)(?!\w)", re.IGNORECASE)


def words_in(text: str) -> str:
    """A post's words, those of its hashtags among them, case-folded, with a space between; without links and mentions."""
    text = _MENTION.sub(" ", _LINK.sub(" ", text[:_LONGEST_TEXT]))
    return _NO_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def text_hashes(words: str) -> tuple[int, int]:
    """Fingerprints (63 bit) of a post's words (see ``words_in``) and of its first four; 0 for too little text.

    In the opening every number counts as the same, so that "Headline 1: …" and "Headline 2: …" open alike.
    """
    if len(words) - words.count(" ") < _FEWEST_CHARACTERS:
        return 0, 0
    opening = words.split(" ", _OPENING_WORDS)[:_OPENING_WORDS]
    if len(opening) < _OPENING_WORDS:
        return _hash(words), 0
    return _hash(words), _hash(_DIGITS.sub("0", " ".join(opening)))


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(digest, "big") & (2**63 - 1)) or 1


def host_of(url: str) -> str:
    """The host name of a web address, lower case and without ``www.``; empty when it has none."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "") if parts.scheme.lower() in ("http", "https") else ""
    except ValueError:
        return ""
    return host.rstrip(".").removeprefix("www.")


def first_outside_host(urls: Iterable[str], own_hosts: Iterable[str]) -> str:
    """The host of the first link that leads out of the network; its own hosts and their subdomains do not."""
    own = tuple(own_hosts)
    for url in urls:
        host = host_of(url)
        if host and not any(host == inner or host.endswith("." + inner) for inner in own):
            return host
    return ""


def hashtags(names: Iterable[object]) -> str:
    """Hashtags as a post's row holds them: in lower case without ``#``, once each, with a space between.

    The first five; what is no text, has more than 40 characters, begins with ``~`` (which marks what is no hashtag), or holds blanks or
    invisible marks is left out.
    """
    found: dict[str, None] = {}
    for name in names:
        tag = unicodedata.normalize("NFKC", name[:200]).strip().lstrip("#").lower() if isinstance(name, str) else ""
        if _is_tag(tag):
            found[tag] = None
    return " ".join(list(found)[:_MOST_TAGS])


def _is_tag(tag: str) -> bool:
    is_printable = all(c.isprintable() or c in _JOINERS for c in tag)
    return 0 < len(tag) <= _LONGEST_TAG and not tag.startswith("~") and is_printable and " " not in tag


def language_mark(value: object) -> str:
    """A mark of a language as a post's row holds it: ``de`` of ``de-AT``; empty for what is none."""
    found = _LANGUAGE.match(value) if isinstance(value, str) else None
    mark = found[1].lower() if found else ""
    return "" if mark in _NO_LANGUAGE or _OF_LOCAL_USE.match(mark) else mark


def consent_in(bio: str) -> tuple[Consent, str]:
    """What an account's description asks for by the customary tags, and why in neutral words."""
    if _NO_BOT.search(bio):
        return Consent.REFUSED, "its description carries #nobot"
    if _NO_INDEX.search(bio):
        return Consent.EPHEMERAL, "its description asks not to be indexed"
    return Consent.OPEN, ""
