"""GET /api/v1/range/…: what a shared service answers, and what its answers do not tell."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from server.api.ranges import padded
from server.api.schemas import Problem, Range, RangeDigits
from tests.server.conftest import Running
from tests.server.fake_network import ephemeral
from tests.server.invented import NOW, Invented


def know(running: Running, *handles: str) -> None:
    for handle in handles:
        running.lookup.gather("bluesky", handle, study=False)


def ask(running: Running, prefix: str = "all") -> dict[str, Any]:
    answer = running.client.get(f"/api/v1/range/{prefix}")
    assert answer.status_code == 200, answer.text
    Range.model_validate(answer.get_json())
    return answer.get_json()


def suffix(name: str) -> str:
    return sha256(f"bluesky:{name}".encode()).hexdigest()


def listed(running: Running) -> dict[str, Any]:
    return {entry["suffix"]: entry for entry in ask(running)["entries"] if not entry.get("padding")}


def test_how_many_digits_and_accounts_there_are_is_told(running: Running) -> None:
    know(running, "alice.test", "carla.test")
    answer = running.client.get("/api/v1/range")
    assert RangeDigits.model_validate(answer.get_json()).accounts == 2
    assert answer.get_json() == {"digits": 0, "accounts": 2}
    assert answer.headers["Cache-Control"] == "private, max-age=600"


def test_an_account_is_found_under_its_handle_and_its_id_with_what_its_badge_says(running: Running) -> None:
    know(running, "alice.test", "quiet.test")
    found = listed(running)
    names = [prefix + name for name in ("alice.test", "quiet.test") for prefix in ("", "did:plc:")]
    assert found.keys() == {suffix(name) for name in names}
    alice = found[suffix("alice.test")]
    assert alice | {"suffix": ""} == found[suffix("did:plc:alice.test")] | {"suffix": ""}
    asked = {"accounts": [{"network": "bluesky", "handle": "alice.test"}]}
    badge = running.client.post("/api/v1/badges", json=asked).get_json()["badges"][0]
    assert alice["badge"] == {name: badge[name] for name in badge if name not in ("network", "handle", "id")}
    assert sum(pillar["rounded"] for pillar in alice["pillars"]) == alice["badge"]["score"]
    assert set(alice["pillars"][0]) == {"id", "rounded", "of"}
    quiet = found[suffix("quiet.test")]
    assert (quiet["badge"]["state"], "score" in quiet["badge"], quiet["pillars"]) == ("too_little", False, [])


def test_an_answer_names_nobody(running: Running) -> None:
    know(running, "alice.test", "carla.test")
    text = running.client.get("/api/v1/range/all").text
    assert "alice" not in text
    assert "did:plc" not in text
    assert "report_url" not in text


@pytest.mark.parametrize("accounts", [0, 1, 7, 8, 9])
def test_the_length_of_an_answer_tells_only_how_many_times_sixteen_there_are(running: Running, accounts: int) -> None:
    for number in range(accounts):
        name = f"u{number}.test"
        running.network.accounts[name] = Invented(name).post(times=20 + number * 3)
        know(running, name)
    answer = running.client.get("/api/v1/range/all")
    entries = answer.get_json()["entries"]
    assert len(entries) == (32 if accounts == 9 else 16)
    assert sum("suffix" in entry for entry in entries) == 2 * accounts
    frame = len(b'{"digits":0,"prefix":"all","entries":[]}')
    assert len(answer.data) == frame + len(entries) * 768 + len(entries) - 1


def test_all_entries_of_an_answer_are_equally_long_however_much_one_has_to_say() -> None:
    entries = [b'{"suffix":"a"}', b'{"suffix":"' + b"b" * 900 + b'"}']
    made = padded(entries)
    assert {len(entry) for entry in made} == {1024}
    assert len(made) == 16
    assert [entry.replace(b" ", b"") for entry in made[:2]] == entries


@pytest.mark.parametrize("prefix", ["a", "3f", "0" * 64])
def test_another_length_than_the_right_one_is_told_the_right_one(running: Running, prefix: str) -> None:
    answer = running.client.get(f"/api/v1/range/{prefix}")
    problem = answer.get_json()
    Problem.model_validate(problem)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert (problem["type"], problem["digits"]) == ("/docs#problem-range-digits", 0)
    assert problem["detail"] == "Ask with 0 digits, which is written all."


def test_with_a_crowd_under_every_digit_one_digit_is_asked_for(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.prefixes.CROWD", 1)
    names = [f"u{number}.test" for number in range(60)]
    for name in names:
        running.network.accounts[name] = Invented(name).post(times=12)
    know(running, *names)
    digits = running.client.get("/api/v1/range").get_json()["digits"]
    assert digits == 1
    wanted = suffix("u7.test")
    answer = ask(running, wanted[0])
    assert (answer["digits"], answer["prefix"]) == (1, wanted[0])
    assert wanted[1:] in {entry.get("suffix") for entry in answer["entries"]}
    wrong = running.client.get("/api/v1/range/all").get_json()
    assert (wrong["digits"], wrong["detail"]) == (1, "Ask with a prefix of 1 digit.")


@pytest.mark.parametrize("prefix", ["AB", "xyz", "3f%20", "ALL", "a" * 65, "%C3%A9", "all%0A", "3f%0A"])
def test_what_is_no_prefix_is_refused(running: Running, prefix: str) -> None:
    answer = running.client.get(f"/api/v1/range/{prefix}")
    assert answer.status_code == 400
    assert answer.get_json()["type"] == "/docs#problem-bad-request"
    assert "lower-case hexadecimal" in answer.get_json()["detail"]
    assert "digits" not in answer.get_json()


def test_who_opts_out_is_gone_from_the_next_answer(running: Running) -> None:
    know(running, "alice.test", "carla.test")
    assert suffix("alice.test") in listed(running)
    running.lookup.opt_out("bluesky", "alice.test")
    assert listed(running).keys() == {suffix("carla.test"), suffix("did:plc:carla.test")}


def test_who_asks_not_to_be_kept_is_not_listed(running: Running) -> None:
    know(running, "alice.test", "carla.test")
    ephemeral(running.network.accounts["alice.test"])
    know(running, "alice.test")
    assert listed(running).keys() == {suffix("carla.test"), suffix("did:plc:carla.test")}


def test_a_renamed_account_is_listed_under_its_new_handle(running: Running) -> None:
    know(running, "alice.test")
    account = running.network.accounts.pop("alice.test")
    account.builder.profile = replace(account.builder.profile, handle="renamed.test")
    running.network.accounts["renamed.test"] = account
    know(running, "renamed.test", "alice.test")
    assert listed(running).keys() == {suffix("renamed.test"), suffix("did:plc:alice.test")}


def test_asking_gathers_nothing_and_may_be_kept_by_the_asker_only(running: Running) -> None:
    know(running, "alice.test")
    running.clock.time = NOW + 7 * 3600
    answer = running.client.get("/api/v1/range/all")
    assert answer.headers["Cache-Control"] == "private, max-age=600"
    assert {entry["badge"]["stale"] for entry in answer.get_json()["entries"] if "badge" in entry} == {True}
    assert running.work() == 0
