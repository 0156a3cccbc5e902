"""In which languages an account writes, told only as far as its posts are marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.activity import Activity, PostKind
from server.scoring.languages import NAMES, Spoken, in_words, languages_of
from tests.server.invented import Invented


def writing(**posts: int) -> Activity:
    account = Invented()
    for language, times in posts.items():
        account.post(times=times, language="" if language == "none" else language)
    return account.build()


@pytest.mark.parametrize(
    ("posts", "words"),
    [
        ({"de": 20}, "mostly in German"),
        ({"de": 16, "en": 4}, "mostly in German"),
        ({"de": 15, "en": 5}, "in German and English"),
        ({"en": 10, "es": 10, "fr": 8, "it": 2}, "in English, Spanish and French"),
        ({"en": 12, "es": 3, "fr": 3, "it": 3}, "more in English than in any other language"),
        ({"tok": 12}, "mostly in tok"),
        ({"de": 9}, ""),
        ({"de": 10, "none": 10}, "mostly in German"),
        ({"de": 10, "none": 11}, ""),
        ({"none": 50}, ""),
        ({}, ""),
    ],
)
def test_languages_are_told_in_words(posts: dict[str, int], words: str) -> None:
    assert in_words(languages_of(writing(**posts))) == words


def test_reposts_and_posts_found_only_in_threads_do_not_count() -> None:
    account = Invented().post(times=12, language="de").post(PostKind.REPOST, times=30, language="en")
    account.post(times=30, language="fr", timeline=False)
    assert languages_of(account.build()) == (Spoken("de", 1.0),)


def test_every_name_belongs_to_a_mark_as_posts_hold_it() -> None:
    assert all(len(mark) == 2 and mark.islower() and name[0].isupper() for mark, name in NAMES.items())


@given(st.dictionaries(st.sampled_from(["de", "en", "fr", "ja", "none"]), st.integers(0, 60)))
def test_the_shares_are_of_the_marked_posts_and_never_more_than_all(posts: dict[str, int]) -> None:
    told = languages_of(writing(**posts))
    assert sum(spoken.share for spoken in told) <= 1 + 1e-9
    assert all(0.2 <= spoken.share <= 1 for spoken in told)
    assert [spoken.share for spoken in told] == sorted((spoken.share for spoken in told), reverse=True)
