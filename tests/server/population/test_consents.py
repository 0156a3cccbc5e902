"""Who is not looked at, as news of accounts come in."""

from __future__ import annotations

from server.activity import Consent
from server.population.bluesky_records import Act, News
from server.population.consents import Consents

LIKE = Act("ann", "bob", "like", 9, "p", None, "r")


def says(account: str, consent: Consent) -> News:
    return News(account, 5, asks=consent)


def test_what_somebody_does_and_what_is_done_to_them_is_kept_unless_they_asked_otherwise() -> None:
    for account in ("ann", "bob"):
        consents = Consents()
        assert consents.allow(LIKE)
        assert consents.learn(says(account, Consent.EPHEMERAL)) is Consent.EPHEMERAL
        assert not consents.allow(LIKE)
        assert consents.learn(says(account, Consent.OPEN)) is Consent.OPEN
        assert consents.allow(LIKE)


def test_an_account_that_is_gone_is_refused_and_one_that_is_back_waits_for_its_profile() -> None:
    consents = Consents()
    assert consents.learn(News("ann", 5, active=False)) is Consent.REFUSED
    assert not consents.allow(LIKE)
    assert consents.learn(News("ann", 6, active=True)) is Consent.EPHEMERAL
    assert not consents.allow(LIKE)
    assert consents.learn(says("ann", Consent.OPEN)) is Consent.OPEN
    assert consents.allow(LIKE)


def test_that_an_account_is_there_says_nothing_of_one_that_was_never_gone() -> None:
    assert Consents().learn(News("ann", 5, active=True)) is None


def test_who_opted_out_is_refused_as_soon_as_anything_of_them_passes_by_whatever_their_profile_says() -> None:
    wanting = set[str]()
    consents = Consents(wishes=wanting.__contains__)
    assert consents.opted_out(LIKE) == []
    wanting.add("bob")
    (news,) = consents.opted_out(LIKE)
    assert news.account == "bob"
    assert consents.learn(news) is Consent.REFUSED
    assert not consents.allow(LIKE)
    assert consents.opted_out(LIKE) == [], "it is told once"
    assert consents.learn(says("bob", Consent.OPEN)) is Consent.REFUSED


def test_what_they_take_back_is_taken_back_in_any_case() -> None:
    consents = Consents()
    consents.learn(says("ann", Consent.REFUSED))
    assert consents.allow(Act("ann", None, "delete", 9, None, None, "r"))


def test_of_whom_was_written_before_that_they_are_not_open_is_known_again() -> None:
    consents = Consents([("bob", Consent.EPHEMERAL)])
    assert consents.allow(LIKE._replace(target="eve"))
    assert not consents.allow(LIKE)
    consents.close([("eve", Consent.REFUSED)])
    assert not consents.allow(LIKE._replace(target="eve"))
