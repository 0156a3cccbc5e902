"""Where somebody says they are, out of a profile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.networks.whereabouts import LONGEST, place_in


@pytest.mark.parametrize(
    ("description", "place"),
    [
        ("Trams and plums. 📍 Ghent, Belgium | she/her", "Ghent, Belgium"),
        ("📍Zürich\nhe/him", "Zürich"),
        ("Journalist based in São Paulo. Views mine.", "São Paulo"),
        ("Lebt in Köln", "Köln"),
        ("I am based on a true story", ""),
        ("living my best life", ""),
        ("Trams and plums.", ""),
        ("📍", ""),
        ("📍 " + "x" * 300, ""),
    ],
)
def test_a_description_names_a_place_by_a_pin_or_in_words(description: str, place: str) -> None:
    assert place_in(description) == place


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("Location", "Ghent, Belgium", "Ghent, Belgium"),
        ("Ort:", "Köln", "Köln"),
        ("Ubicación", "Madrid", "Madrid"),
        ("📍", "Lyon", "Lyon"),
        ("Website", "ghent.example", ""),
        ("Location", "🌍 Earth!", "Earth"),
        ("Location", "<b>Ghent</b>", "b Ghent /b"),
        ("Location", "", ""),
    ],
)
def test_a_field_that_is_called_so_names_a_place(name: str, value: str, place: str) -> None:
    assert place_in("", [(name, value)]) == place


@given(st.text(max_size=200), st.lists(st.tuples(st.text(max_size=20), st.text(max_size=90)), max_size=4))
def test_whatever_a_profile_says_a_place_is_short_and_on_one_line(
    description: str, fields: list[tuple[str, str]]
) -> None:
    place = place_in(description, fields)
    assert len(place) <= LONGEST
    assert "\n" not in place
    assert "<" not in place
