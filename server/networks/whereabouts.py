"""Where somebody says they are: the words for it in a profile, of which the gazetteer makes a place (``server.places``)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 60
_FIELD_NAMES = frozenset(
    (
        "location", "where", "city", "place", "based in", "lives in", "home", "ort", "wohnort", "standort", "stadt", "lieu", "ville",
        "localisation", "ubicacion", "lugar", "ciudad", "localizacao", "cidade", "luogo", "citta", "plaats", "woonplaats", "stad",
        "miejsce", "город", "местоположение", "場所", "居住地", "所在地",
    )
)  # fmt: skip
"""What a field of a profile is called that holds a place; without accents, in lower case."""
_PIN = re.compile(r"[\U0001F4CD\U0001F4CC\U0001F3E0\U0001F3E1]\ufe0f?\s*(?P<place>[^\n|•·–—;()\[\]{}#@🌍🌎🌏]{2,80})")
_BASED = re.compile(
    r"\b(?i:based|living|located|lives|lebe|lebt|wohne|wohnt|vis|habite|vivo en|viviendo en)\s+(?:in|near|à|a|en)?\s*"
    r"(?P<place>[A-ZÀ-ÞΑ-ΩА-Я][^\n|•·–—;()\[\]{}#@.!?]{1,60})"
)


def place_in(description: str, fields: Iterable[tuple[str, str]] = ()) -> str:
    """The words for a place in a profile, or an empty string: a field that is called so, a pin before them, or “based in …”.

    ``description``: plain text; ``fields``: (name, value) each.
    """
    for name, value in fields:
        if _plain(name) in _FIELD_NAMES or name.strip() in "📍🏠🌍🌎🌏":
            place = _cut(value)
            if place:
                return place
    found = _PIN.search(description[:2000]) or _BASED.search(description[:2000])
    return _cut(found["place"]) if found else ""


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFD", name.strip().strip(":").casefold())
    return "".join(c for c in folded if not unicodedata.combining(c)).strip()


def _cut(text: str) -> str:
    """On one line, without what no name of a place holds; empty when that leaves nothing, or too much to be one."""
    kept = "".join(c if c.isalpha() or c in " ,.'’/-" else " " for c in text.replace("\n", ","))
    words = " ".join(kept.split()).strip(" ,.'’/-")
    return words if 2 <= len(words) <= LONGEST else ""
