"""Fingerprints of texts, hosts of links, and the words by which consent is refused."""

from __future__ import annotations

import pytest

from server.activity import Consent
from server.networks.fingerprint import (
    consent_in,
    first_outside_host,
    hashtags,
    host_of,
    language_mark,
    text_hashes,
    words_in,
)


def hashes(text: str) -> tuple[int, int]:
    return text_hashes(words_in(text))


def test_equal_words_have_equal_fingerprints_whatever_surrounds_them() -> None:
    plain = hashes("Tea is better than coffee")
    for variant in (
        "TEA — is better, than coffee!",
        "@bob@far.example:80 Tea is better than coffee https://e.example/1",
        "ＴＥＡ is better than coffee",
    ):
        assert hashes(variant) == plain
    assert hashes("Coffee is better than tea") != plain


def test_fingerprints_fit_a_signed_column_and_are_never_nought() -> None:
    for number in range(300):
        assert all(0 < value < 2**63 for value in hashes(f"word{number} and three more words"))


@pytest.mark.parametrize(
    "text", ["", "Thank you!", "@bob@127.0.0.1:80 thank you", "https://e.example/aaaaaaaaaaaaaaaaaaaaaa", "🎉🎉🎉"]
)
def test_too_little_text_has_no_fingerprint(text: str) -> None:
    assert hashes(text) == (0, 0)


def test_openings_that_differ_in_a_number_alone_are_alike() -> None:
    first, second = hashes("Headline 1: markets do things"), hashes("Headline 22: markets do other things")
    assert first[1] == second[1] != 0
    assert first[0] != second[0]


def test_a_text_without_spaces_has_no_opening() -> None:
    whole, opening = hashes("今日はとても天気がいいですね散歩")
    assert whole != 0
    assert opening == 0


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Example.com/a", "example.com"),
        ("http://example.com:8080", "example.com"),
        ("https://example.com./", "example.com"),
        ("mailto:a@b.c", ""),
        ("javascript:alert(1)", ""),
        ("https://[broken", ""),
        ("/relative", ""),
        ("", ""),
    ],
)
def test_the_host_of_a_link(url: str, host: str) -> None:
    assert host_of(url) == host


def test_a_host_that_only_ends_alike_is_not_ones_own() -> None:
    assert (
        first_outside_host(["https://cdn.own.example/", "https://notown.example/"], ["own.example"]) == "notown.example"
    )


@pytest.mark.parametrize(
    ("bio", "consent"),
    [
        ("Birds. #nobot", Consent.REFUSED),
        ("#NoBots please", Consent.REFUSED),
        ("#noindex", Consent.EPHEMERAL),
        ("#nobot #noindex", Consent.REFUSED),
        ("#nobotany and x#nobot", Consent.OPEN),
        ("", Consent.OPEN),
    ],
)
def test_tags_in_a_description_are_honoured(bio: str, consent: Consent) -> None:
    assert consent_in(bio)[0] is consent


@pytest.mark.parametrize(
    ("names", "row"),
    [
        (["Trams", "#trams", "＃TRAMS", "Bücher"], "trams bücher"),
        (["a", "b", "c", "d", "e", "f"], "a b c d e"),
        (["x" * 40, "y" * 41], "x" * 40),
        (["two words", "two\u00a0words", "tab\there", "line\nbreak", "", "#", " "], ""),
        (["mirrored\u202etxet", "\ud800", "nul\x00"], ""),
        (["می\u200cخواهم", "🏳️\u200d🌈"], "می\u200cخواهم 🏳️\u200d🌈"),
        ([None, 5, ["a"], {"name": "b"}, "ok"], "ok"),
    ],
)
def test_hashtags_are_kept_few_short_and_plain(names: list[object], row: str) -> None:
    assert hashtags(names) == row


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("PT_br", "pt"),
        ("nds", "nds"),
        ("zh-Hant-TW", "zh"),
        ("und", ""),
        ("german", ""),
        ("d", ""),
        ("", ""),
        ("de\n", ""),
        ("<b>", ""),
        ("de" + "-x" * 500, ""),
        (None, ""),
        (7, ""),
        (["de"], ""),
    ],
)
def test_the_mark_of_a_language_is_its_first_part_and_nothing_else(value: object, mark: str) -> None:
    assert language_mark(value) == mark
