"""The digest of watched accounts as an Atom feed (RFC 4287): an entry for each whole week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote
from xml.etree import ElementTree

from server.history import OverTime
from server.scoring.explanation import signed
from server.scoring.sample import DAY
from server.signals.proportion import counted
from server.store.tracking import TrackedList
from server.tracking import Watched, score_at

ATOM = "http://www.w3.org/2005/Atom"
WEEKS = 12
"""So many whole weeks are told, of those since the list was begun."""
_MONDAY = 4 * DAY
"""1 January 1970 was a Thursday."""
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
    ends = _ends_of_weeks(listed.created_at, now)
    _add(feed, "updated", _moment(ends[0] if ends else listed.created_at))
    for end in ends:
        _add_week(feed, end, accounts, home)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(feed, encoding="unicode")


def _ends_of_weeks(begun: int, now: int) -> list[int]:
    """The seconds at which whole weeks ended, Mondays at midnight UTC, newest first; the first is the one the list was begun in."""
    last = (now - _MONDAY) // (7 * DAY) * 7 * DAY + _MONDAY
    return [end for end in range(last, last - WEEKS * 7 * DAY, -7 * DAY) if end > begun]


def _add_week(feed: ElementTree.Element, end: int, accounts: Sequence[Watched], home: str) -> None:
    year, week, _ = datetime.fromtimestamp(end - 1, UTC).isocalendar()
    entry = ElementTree.SubElement(feed, "entry")
    _add(entry, "title", f"Week {week} of {year}")
    _add(entry, "id", f"{feed.findtext('id')}:{year}-W{week:02}")
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


def in_words(over_time: OverTime, end: int) -> str:
    """What the week that ended then brought, of the score and the followers."""
    before, after = score_at(over_time.points, end - 7 * DAY), score_at(over_time.points, end)
    if after is None:
        return "no score of that week."
    told = f"score {after['score']:.1f}"
    if before is None:
        told += ", none to compare it with"
    elif before["formula_version"] != after["formula_version"]:
        told += ", by another formula than the week before"
    else:
        told += f" ({signed(round((after['score'] - before['score']) * 10))})"
    gained = _gained(over_time, end)
    if gained is not None:
        told += (
            f", {counted(abs(gained), 'follower', 'followers')} {'fewer' if gained < 0 else 'more'}"
            if gained
            else ", as many followers"
        )
    return told + "."


def _gained(over_time: OverTime, end: int) -> int | None:
    week = [count for at, count in over_time.followers if end - 8 * DAY <= at < end]
    return week[-1] - week[0] if len(week) > 1 else None


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _clean(text: str) -> str:
    """Without the characters that no XML 1.0 document may hold."""
    return text.translate(_XML_CANNOT_HOLD)
