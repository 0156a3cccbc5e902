"""The digest of watched accounts as an Atom feed (RFC 4287): an entry for each whole week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote
from xml.etree import ElementTree

from server.store.tracking import TrackedList
from server.tracking import Watched
from server.weekly import ends_of_weeks, in_words, name_of

ATOM = "http://www.w3.org/2005/Atom"
_XML_CANNOT_HOLD = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535, *range(55296, 57344)))


def as_atom(listed: TrackedList, accounts: Sequence[Watched], now: int, address: str, home: str) -> str:
    """The feed. ``address``: its own; ``home``: of the start page, with a slash at its end."""
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _add(feed, "title", "Rapport: your watched accounts, week by week")
    _add(feed, "id", f"urn:sha256:{sha256(f'{home} {listed.id} {listed.created_at}'.encode()).hexdigest()}")
    ElementTree.SubElement(feed, "link", rel="self", href=address)
    ElementTree.SubElement(feed, "link", rel="alternate", href=home + "tracked")
    author = ElementTree.SubElement(feed, "author")
    _add(author, "name", "Rapport")
    ends = ends_of_weeks(listed.created_at, now)
    _add(feed, "updated", _moment(ends[0] if ends else listed.created_at))
    for end in ends:
        _add_week(feed, end, accounts, home)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(feed, encoding="unicode")


def _add_week(feed: ElementTree.Element, end: int, accounts: Sequence[Watched], home: str) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    _add(entry, "title", name_of(end))
    _add(entry, "id", f"{feed.findtext('id')}:{datetime.fromtimestamp(end - 1, UTC):%G-W%V}")
    _add(entry, "updated", _moment(end))
    ElementTree.SubElement(entry, "link", rel="alternate", href=home + "tracked")
    listing = ElementTree.Element("ul")
    for one in accounts:
        item = ElementTree.SubElement(listing, "li")
        link = ElementTree.SubElement(item, "a", href=f"{home}history/{one.network}/{quote(one.handle)}")
        link.text = _clean(one.handle)
        link.tail = f": {in_words(one.over_time, end)}"
    content = ElementTree.SubElement(entry, "content", type="html")
    content.text = ElementTree.tostring(listing, encoding="unicode") if accounts else "No account is watched."


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _clean(text: str) -> str:
    """Without the characters that no XML 1.0 document may hold."""
    return text.translate(_XML_CANNOT_HOLD)
