"""What accounts talk about, seen against what the other accounts known here use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.account import AccountRef
from server.ontology import Ontology, write
from tests.server.conftest import Running
from tests.server.databases import Database
from tests.server.fake_network import ephemeral
from tests.server.invented import Invented

pytestmark = pytest.mark.databases("sqlite", "postgresql")

EVERYBODYS, ITS_OWN = "photo", "trams"


def writing(handle: str, tags: str, times: int = 8) -> Invented:
    return Invented(handle).post(times=times, every_hours=12, tags=tags)


def know(running: Running, *accounts: Invented) -> None:
    for account in accounts:
        handle = account.builder.profile.handle
        running.network.accounts[handle] = account
        running.lookup.gather("bluesky", handle, study=False)


def topics(running: Running, handle: str = "alice.test") -> list[str]:
    running.lookup.gather("bluesky", handle, study=False)
    report = running.lookup.report("bluesky", handle).report
    assert report is not None
    return [topic["tag"] for topic in report["facts"]["talks_about"]]


def users_of(running: Running, tag: str) -> int:
    return running.service.repository.background({tag}, ()).using.get(tag, 0)


@pytest.fixture
def alice(running: Running) -> Invented:
    account = (
        Invented("alice.test")
        .post(times=20, every_hours=12, tags=EVERYBODYS)
        .post(times=6, every_hours=12, tags=ITS_OWN)
    )
    running.network.accounts["alice.test"] = account
    return account


@pytest.mark.usefixtures("alice")
@pytest.mark.databases("sqlite")
def test_what_the_others_use_says_little_of_one_of_them(running: Running) -> None:
    assert topics(running) == [EVERYBODYS, ITS_OWN]
    know(running, *(writing(f"p{number}.test", EVERYBODYS) for number in range(60)))
    assert topics(running) == [ITS_OWN, EVERYBODYS]


@pytest.mark.usefixtures("alice")
def test_an_account_is_not_measured_against_itself(running: Running) -> None:
    topics(running)
    repository, ref = running.service.repository, AccountRef("bluesky", "did:plc:alice.test")
    assert repository.background({ITS_OWN, "cats"}, ()).using == {ITS_OWN: 1}
    others = repository.background({ITS_OWN, "cats"}, [ref])
    assert (others.accounts, others.using) == (0, {})


def test_a_hashtag_that_an_account_uses_no_more_is_not_counted_any_more(running: Running) -> None:
    know(running, writing("ben.test", "tea birds"))
    assert (users_of(running, "tea"), users_of(running, "birds")) == (1, 1)
    # Whoever deletes a post is taken at their word: the newest page no longer shows it.
    know(running, writing("ben.test", "birds maps"))
    assert [users_of(running, tag) for tag in ("tea", "birds", "maps")] == [0, 1, 1]


def test_accounts_that_opted_out_or_ask_not_to_be_kept_are_not_counted(running: Running, database: Database) -> None:
    know(running, writing("ben.test", "tea"), ephemeral(writing("shy.test", "tea")))
    assert users_of(running, "tea") == 1
    running.lookup.opt_out("bluesky", "ben.test")
    assert users_of(running, "tea") == 0
    assert database.rows("SELECT count(*) FROM tag_use") == [(0,)]


@pytest.mark.usefixtures("alice")
def test_topics_are_told_also_when_what_others_use_cannot_be_read(running: Running, database: Database) -> None:
    database.rows("DROP TABLE tag_use")
    assert topics(running) == [EVERYBODYS, ITS_OWN]


def test_what_two_accounts_share_is_seen_against_the_others(running: Running) -> None:
    both = [writing(f"{name}.test", "photo trams tea") for name in ("alice", "ben")]
    one, other = (account.build() for account in both)
    assert running.lookup.shared_topics(one, other) == ("#photo", "#tea", "#trams")
    know(running, *both, *(writing(f"p{number}.test", "photo") for number in range(20)))
    assert running.lookup.shared_topics(one, other) == ("#tea", "#trams", "#photo")


@pytest.mark.usefixtures("alice")
def test_loaded_topics_give_hashtags_a_name_from_the_next_start_on(start: Any, tmp_path: Path) -> None:
    write(Ontology(("Technology", "Tramways"), (-1, 0), {"technology": 0, "trams": 1}), tmp_path)
    running = start(tmp_path)
    topics(running)
    report = running.lookup.report("bluesky", "alice.test").report
    named = {topic["tag"]: (topic["name"], topic["within"]) for topic in report["facts"]["talks_about"]}
    assert named == {EVERYBODYS: (None, []), ITS_OWN: ("Tramways", ["Technology"])}


def test_a_topic_that_its_words_name_is_told_by_its_name_and_no_word_is_kept(start: Any, tmp_path: Path) -> None:
    write(Ontology(("Technology", "Machine Learning"), (-1, 0), {"technology": 0, "machinelearning": 1}), tmp_path)
    running = start(tmp_path)
    account = Invented("alice.test").post(times=8, every_hours=24, words="my machine learning diary")
    know(running, account, Invented("ben.test").post(times=8, every_hours=24, words="machine learning", tags="tea"))
    report = running.lookup.report("bluesky", "alice.test").report
    [topic] = report["facts"]["talks_about"]
    assert (topic["label"], topic["is_hashtag"], topic["within"]) == ("Machine Learning", False, ["Technology"])
    assert (topic["posts"], len(topic["evidence"])) == (8, 3)
    one, other = (running.lookup.activity("bluesky", f"{name}.test") for name in ("alice", "ben"))
    assert running.lookup.shared_topics(one, other) == ("Machine Learning",)
    assert users_of(running, "~machinelearning") == 2
    assert "diary" not in str(running.lookup.export("bluesky", "alice.test"))
