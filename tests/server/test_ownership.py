"""Owners of accounts: how they prove it, and what they can and cannot do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.errors import UpstreamUnavailable
from server.ownership import CLAIM_DAYS, DELETED, CannotOwn, Ownership
from server.store.owners import Owner
from tests.server.conftest import Running
from tests.server.fake_network import FakeNetwork, ephemeral
from tests.server.invented import DAY, Invented

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ALICE = ("bluesky", "did:plc:alice.test")


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(
        Invented("alice.test").replies(people=30).post(times=20),
        Invented("carla.test").post(times=40),
        ephemeral(Invented("shy.test").replies(people=12).post(times=12)),
    )


@pytest.fixture
def ownership(running: Running) -> Ownership:
    return running.service.ownership


def owner_at(ownership: Ownership, key: str) -> Owner:
    found = ownership.find(key)
    assert found is not None
    return found


def proved(running: Running, handle: str = "alice.test") -> tuple[str, Owner]:
    """An account whose owner proved it, and the key of the owner's page."""
    ownership = running.service.ownership
    key = ownership.claim("bluesky", handle)
    running.network.profiles[handle] = (f"Trams and plums. {owner_at(ownership, key).code}",)
    ownership.prove(owner_at(ownership, key))
    return key, owner_at(ownership, key)


def test_a_code_in_the_profile_proves_an_account_wherever_in_it_the_code_stands(
    running: Running, ownership: Ownership
) -> None:
    for texts in (("Hello", "{}"), ("https://rapport.example/owner#{}",), ("MY CODE IS {}",)):
        key = ownership.claim("bluesky", "alice.test")
        code = owner_at(ownership, key).code
        running.network.profiles["alice.test"] = tuple(
            text.format(code.upper() if text.isupper() else code) for text in texts
        )
        assert owner_at(ownership, key).proven_at is None
        ownership.prove(owner_at(ownership, key))
        assert owner_at(ownership, key).proven_at == running.clock.time


def test_without_the_code_nothing_is_proved_and_it_stays_the_same(running: Running, ownership: Ownership) -> None:
    key, other = ownership.claim("bluesky", "alice.test"), ownership.claim("bluesky", "alice.test")
    running.network.profiles["alice.test"] = (owner_at(ownership, other).code, "rapport-")
    code = owner_at(ownership, key).code
    with pytest.raises(CannotOwn, match=f"{code} does not stand in the profile of alice.test yet"):
        ownership.prove(owner_at(ownership, key))
    assert (owner_at(ownership, key).proven_at, owner_at(ownership, key).code) == (None, code)
    assert ownership.owner_of(*ALICE) is None


def test_a_network_that_does_not_answer_proves_nothing_and_can_be_asked_again(
    running: Running, ownership: Ownership
) -> None:
    key = ownership.claim("bluesky", "alice.test")
    running.network.profiles["alice.test"] = (owner_at(ownership, key).code,)
    running.network.should_raise = UpstreamUnavailable("Fakesky is down.", 60)
    with pytest.raises(CannotOwn, match="could not be asked just now"):
        ownership.prove(owner_at(ownership, key))
    running.network.should_raise = None
    ownership.prove(owner_at(ownership, key))
    assert owner_at(ownership, key).proven_at


def test_a_handle_that_went_to_somebody_else_proves_nothing(running: Running, ownership: Ownership) -> None:
    key = ownership.claim("bluesky", "alice.test")
    running.network.profiles["alice.test"] = (owner_at(ownership, key).code,)
    profile = running.network.accounts["alice.test"].builder.profile
    running.network.accounts["alice.test"].builder.profile = replace(
        profile, ref=type(profile.ref)("bluesky", "did:plc:somebody-else")
    )
    with pytest.raises(CannotOwn, match="another account now"):
        ownership.prove(owner_at(ownership, key))


@pytest.mark.parametrize(
    ("handle", "said"), [("nobody.test", "There is no account"), ("shy.test", "asks not to be kept")]
)
def test_what_cannot_be_claimed_says_why(ownership: Ownership, handle: str, said: str) -> None:
    with pytest.raises(CannotOwn, match=said):
        ownership.claim("bluesky", handle)


def test_there_are_only_so_many_claims_at_a_time_and_they_end(
    running: Running, ownership: Ownership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.ownership.MOST_CLAIMS", 2)
    keys = [ownership.claim("bluesky", "alice.test") for _ in range(2)]
    with pytest.raises(CannotOwn, match="Try again tomorrow"):
        ownership.claim("bluesky", "alice.test")
    proven, _ = keys[0], running.network.profiles.update({"alice.test": (owner_at(ownership, keys[0]).code,)})
    ownership.prove(owner_at(ownership, proven))
    running.clock.time += CLAIM_DAYS * DAY + 1
    assert ownership.tidy() == 1
    assert ownership.find(keys[1]) is None
    assert ownership.find(proven) is not None


def test_proving_it_again_gives_a_new_address_and_takes_the_old_one_away(
    running: Running, ownership: Ownership
) -> None:
    old, owner = proved(running)
    ownership.choose(owner, "I answer on weekdays", True, "Ghent")
    ownership.dispute(owner, "reply_share", "I answer more.")
    new, owner = proved(running)
    assert ownership.find(old) is None
    assert (owner.note, owner.is_listed, owner.place) == ("I answer on weekdays", True, "Ghent")
    assert [dispute.words for dispute in ownership.disputes(owner)] == ["I answer more."]
    assert new != old


def test_a_note_and_a_place_are_kept_short(running: Running, ownership: Ownership) -> None:
    _, owner = proved(running)
    ownership.choose(owner, "  two \n words ", False, " Ghent ")
    kept = ownership.owner_of(*ALICE)
    assert kept is not None
    assert (kept.note, kept.place) == ("two words", "Ghent")
    for note, place, said in (("x" * 301, "", "note is 301"), ("", "y" * 61, "place is 61")):
        with pytest.raises(CannotOwn, match=said):
            ownership.choose(owner, note, True, place)
    assert ownership.owner_of(*ALICE) == kept


def test_a_dispute_has_the_account_studied_and_shows_what_came_of_it(running: Running, ownership: Ownership) -> None:
    _, owner = proved(running)
    running.clock.time += 60
    before = next(s for s in running.lookup.kept_report(*ALICE)["signals"] if s["id"] == "reply_share")  # type: ignore[index]
    ownership.dispute(owner, "reply_share", "  I answer   everybody. ")
    (open_one,) = ownership.disputes(owner)
    assert (open_one.words, open_one.before, open_one.answered_at) == ("I answer everybody.", before["sentence"], None)
    running.network.accounts["alice.test"].replies(people=45)
    running.network.studies.clear()
    running.clock.time += 60
    running.work()
    assert running.network.studies == ["alice.test"]
    (answered,) = ownership.disputes(owner)
    assert answered.answered_at == running.clock.time
    assert answered.after
    assert answered.after != answered.before
    ownership.withdraw(owner, answered.id)
    assert ownership.disputes(owner) == []


def test_while_the_network_is_down_a_dispute_stays_open(running: Running, ownership: Ownership) -> None:
    _, owner = proved(running)
    running.clock.time += 60
    running.network.should_raise = UpstreamUnavailable("Fakesky is down.", 60)
    ownership.dispute(owner, "reply_share", "I answer more.")
    running.clock.time += 60
    running.work()
    assert [dispute.answered_at for dispute in ownership.disputes(owner)] == [None]


@pytest.mark.parametrize(
    ("signal", "words", "said"),
    [
        ("reply_share", " ", "Say in a sentence"),
        ("reply_share", "x" * 301, "301 characters"),
        ("nonsense", "It is wrong.", "no such finding"),
    ],
)
def test_a_dispute_of_nothing_is_refused(
    running: Running, ownership: Ownership, signal: str, words: str, said: str
) -> None:
    _, owner = proved(running)
    with pytest.raises(CannotOwn, match=said):
        ownership.dispute(owner, signal, words)
    assert ownership.disputes(owner) == []


def test_the_export_holds_everything_and_nothing_of_others(running: Running, ownership: Ownership) -> None:
    key, owner = proved(running)
    running.lookup.gather("bluesky", "carla.test", study=True)
    ownership.choose(owner, "Hello", True, "Ghent")
    ownership.dispute(owner, "reply_share", "I answer more.")
    taken: dict[str, Any] = ownership.export(owner_at(ownership, key))
    assert (taken["note"], taken["place"], taken["on_leaderboards"]) == ("Hello", "Ghent", True)
    assert taken["disputes"][0]["words"] == "I answer more."
    assert taken["names"] == ["alice.test", "did:plc:alice.test"]
    assert len(taken["history"]) == 1
    assert len(taken["activity"]["posts"]["id"]) == 50
    assert taken["report"]["score"]["value"]
    assert "carla" not in repr(taken)


def test_deleting_everything_leaves_nothing_but_may_be_looked_up_again(running: Running, ownership: Ownership) -> None:
    key, owner = proved(running)
    review = running.service.reviews
    reviewed = review.of_list([("bluesky", "alice.test")])
    running.work()
    ownership.delete_all(owner, for_good=False)
    assert ownership.find(key) is None
    assert running.lookup.kept_report(*ALICE) is None
    assert running.lookup.history("bluesky", "alice.test") == []
    found = review.find(reviewed)
    assert found is not None
    assert [(row.finding, row.detail) for row in review.rows(found)] == [(None, DELETED)]
    assert running.lookup.report("bluesky", "alice.test").state == "pending"
    running.work()
    assert running.lookup.report("bluesky", "alice.test").state == "ready"


def test_deleting_for_good_is_never_scored_again(running: Running, ownership: Ownership) -> None:
    key, owner = proved(running)
    ownership.delete_all(owner, for_good=True)
    assert ownership.find(key) is None
    assert running.lookup.report("bluesky", "alice.test").state == "refused"


def test_who_opts_out_or_asks_not_to_be_kept_owns_nothing_here_any_more(running: Running, ownership: Ownership) -> None:
    key, _ = proved(running)
    other, _ = proved(running, "carla.test")
    running.lookup.opt_out("bluesky", "alice.test")
    ephemeral(running.network.accounts["carla.test"])
    running.lookup.gather("bluesky", "carla.test", study=False)
    assert ownership.find(key) is None
    assert ownership.find(other) is None


def test_leaving_takes_the_note_away_and_leaves_the_report(running: Running, ownership: Ownership) -> None:
    key, owner = proved(running)
    ownership.leave(owner)
    assert ownership.find(key) is None
    assert ownership.owner_of(*ALICE) is None
    assert running.lookup.kept_report(*ALICE) is not None
