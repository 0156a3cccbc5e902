"""What a real PDS tells in its raw firehose becomes the rows of what its accounts did, and what the AppView says of these is written beside."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from server.app import create_app
from server.population.engines import in_process
from server.population.firehose import Firehose
from server.population.run import score_network
from server.scoring.formula import current_formula
from server.settings import read_settings
from tests.networks.appview import AppView
from tests.networks.conftest import Seeded
from tests.networks.counting_proxy import CountingProxy
from tests.networks.rapport import ROOT, BackEnd, back_end, environment
from tests.networks.seed import FOLLOW, LIKE, POST, POSTS, PROFILE, REPOST, Author, Pds, Reference
from tests.server.population.test_jetstream import Listening, rows, until
from tests.server.population.test_people import acts

pytestmark = [pytest.mark.networks, pytest.mark.timeout(300)]

AT = "2026-01-01T00:00:00.000Z"
"""What those who write say of the time; the server knows better."""


@dataclass(frozen=True)
class Heard:
    """What some further people did, one after the other, and the rows that were written of all that the server ever told."""

    people: dict[str, Author]
    posts: dict[str, Reference]
    rows: list[dict[str, Any]]
    accounts: dict[str, str]
    listening: Listening
    folder: Path

    def of(self, name: str) -> list[tuple[str, str | None, str | None]]:
        """What somebody did, in kind, to whom and to which post."""
        did = self.people[name].did
        return sorted((row["kind"], row["target"], row["post"]) for row in self.rows if row["actor"] == did)


@pytest.fixture(scope="module")
def heard(bluesky: Seeded, tmp_path_factory: pytest.TempPathFactory) -> Heard:
    folder, pds = tmp_path_factory.mktemp("sky"), Pds(bluesky.network.pds)
    people = {name: pds.create_account(name) for name in ("olga", "piet", "vera", "oona", "gustav", "zoe")}
    posts = written(pds, people)
    listening = Listening(folder, bluesky.network.pds, kind=Firehose)
    listening.wanting.add(people["oona"].did)
    with listening:
        until(lambda: people["zoe"].did in {row[0] for row in rows(folder)})
    pds.close()
    named = ("actor", "target", "kind", "time", "post", "made", "record")
    return Heard(
        people,
        posts,
        [dict(zip(named, row, strict=True)) for row in rows(folder)],
        {row[0]: row[1] for row in rows(folder, "accounts")},
        listening,
        folder,
    )


def written(pds: Pds, people: dict[str, Author]) -> dict[str, Reference]:
    """Olga posts, piet does all that can be done to a post; of the others nothing must be kept."""
    label = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
    pds.write(people["vera"], PROFILE, [{"displayName": "Vera", "labels": label}], "self")
    pds.write(people["olga"], PROFILE, [{"displayName": "Olga"}], "self")
    posts = dict(zip(("kept", "taken back"), pds.write(people["olga"], POST, [post(), post()]), strict=True))
    to = posts["kept"].json()
    answer = {"reply": {"root": to, "parent": to}}
    quote = {"embed": {"$type": "app.bsky.embed.record", "record": to}}
    for name in ("piet", "vera", "oona", "gustav"):
        posts[f"answer of {name}"], posts[f"quote of {name}"] = pds.write(
            people[name], POST, [post(**answer), post(**quote)]
        )
        (posts[f"like of {name}"],) = pds.write(people[name], LIKE, [{"subject": to, "createdAt": AT}])
        pds.write(people[name], REPOST, [{"subject": to, "createdAt": AT}])
        pds.write(people[name], FOLLOW, [{"subject": people["olga"].did, "createdAt": AT}])
    pds.delete(people["olga"], posts["taken back"])
    pds.delete(people["piet"], posts["like of piet"])
    pds.deactivate(people["gustav"])
    pds.write(people["zoe"], POST, [post()])
    return posts


def post(**columns: Any) -> dict[str, Any]:
    return {"text": "Hello", "createdAt": AT} | columns


def test_every_record_that_the_server_holds_is_a_row_and_no_other_is(heard: Heard, bluesky: Seeded) -> None:
    pds = Pds(bluesky.network.pds)
    for name in POSTS:
        did = bluesky.dids[name]
        told = {row["record"] for row in heard.rows if row["actor"] == did and row["kind"] != "delete"}
        assert told == pds.records(did, POST) | pds.records(did, LIKE) | pds.records(did, REPOST), name
    pds.close()


def test_a_reply_a_quote_a_repost_and_a_like_name_the_post_and_its_author(heard: Heard) -> None:
    olga, kept = heard.people["olga"].did, heard.posts["kept"].uri
    taken_back = [("delete", None, None)]
    assert heard.of("piet") == taken_back + [(kind, olga, kept) for kind in ("like", "quote", "reply", "repost")]
    assert heard.of("olga") == [*taken_back, ("post", None, kept), ("post", None, heard.posts["taken back"].uri)]


def test_what_was_deleted_is_a_row_that_takes_it_back(heard: Heard) -> None:
    taken_back = {row["record"] for row in heard.rows if row["kind"] == "delete"}
    assert taken_back == {heard.posts["taken back"].uri, heard.posts["like of piet"].uri}


def test_bobs_mention_of_alice_is_one(heard: Heard, bluesky: Seeded) -> None:
    (mention,) = (row for row in heard.rows if row["kind"] == "mention")
    assert (mention["actor"], mention["target"]) == (bluesky.dids["bob"], bluesky.dids["alice"])


@pytest.mark.parametrize("name", ["vera", "oona"])
def test_of_whom_asked_not_to_be_looked_at_nothing_is_kept(heard: Heard, name: str) -> None:
    assert heard.of(name) == []
    assert heard.listening.tally is not None
    assert heard.listening.tally.not_kept == 8


def test_what_accounts_ask_for_is_noted(heard: Heard, bluesky: Seeded) -> None:
    asked = {name: heard.accounts.get(person.did) for name, person in heard.people.items()}
    assert asked == {
        "olga": "open", "piet": None, "vera": "ephemeral", "oona": "refused", "gustav": "refused", "zoe": None
    }  # fmt: skip
    assert heard.accounts[bluesky.dids["alice"]] == "open"


def test_nothing_that_a_real_server_tells_is_odd(heard: Heard) -> None:
    assert heard.listening.tally is not None
    assert heard.listening.tally.odd == {}
    assert not heard.listening.has_said("missing")


def test_the_time_is_when_the_server_saw_it(heard: Heard) -> None:
    (deed,) = (row for row in heard.rows if row["record"] == heard.posts["kept"].uri)
    assert time.time() - 3600 < deed["time"] <= time.time()


def profiles(
    folder: Path, proxy: CountingProxy, data: Path, kept: BackEnd
) -> tuple[str, list[str], dict[str, dict[str, Any]]]:
    """What ``population profiles`` prints, whom it asks for, and the rows that it writes, by account."""
    start = len(proxy.calls)
    command = [sys.executable, "-m", "server", "population", "profiles", str(folder)]
    settings = environment(proxy.address, data, **kept.settings)
    done = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    asked = [account for call in proxy.calls[start:] for account in call.params["actors"]]
    files = (folder / "accounts").glob("profiles-*.parquet")
    return done.stdout, asked, {row["id"]: row for file in files for row in pq.read_table(file).to_pylist()}


@pytest.fixture(scope="module")
def counted(
    heard: Heard, proxy: CountingProxy, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Whom it asked for, and what it wrote, of those who were listened to."""
    data = tmp_path_factory.mktemp("service")
    with back_end(data) as kept:
        return profiles(heard.folder, proxy, data, kept)[1:]


def test_the_counts_of_those_who_took_part_are_those_of_the_appview(
    heard: Heard,
    counted: tuple[list[str], dict[str, dict[str, Any]]],
    bluesky: Seeded,
    appview: AppView,
    proxy: CountingProxy,
    tmp_path: Path,
) -> None:
    took_part = {bluesky.dids[name] for name in POSTS if name != "quiet"}
    took_part |= {heard.people[name].did for name in ("olga", "piet", "zoe")}
    asked, found = counted
    assert set(asked) == set(found) == took_part
    for did, row in found.items():
        profile = appview.profile(did)
        told = {"followers": profile["followersCount"], "following": profile["followsCount"], "consent": "open"}
        assert {name: row[name] for name in told} == told
    assert found[heard.people["olga"].did]["followers"] >= 1
    with back_end(tmp_path) as kept:
        out, asked_again, _ = profiles(heard.folder, proxy, tmp_path, kept)
    assert (out, asked_again) == (f"0 profiles written to {heard.folder}\n", [])


def test_of_whom_does_not_want_it_or_is_gone_no_counts_are_written(
    heard: Heard, proxy: CountingProxy, tmp_path: Path
) -> None:
    folder, did = tmp_path / "sky", {name: person.did for name, person in heard.people.items()}
    acts(folder, *((did["olga"], other, "mention") for other in did.values()))
    with back_end(tmp_path) as kept:
        settings = read_settings(environment(proxy.address, tmp_path, **kept.settings))
        service = create_app(settings, work=False).extensions["rapport"]
        service.repository.opt_out("bluesky", {did["oona"]}, int(time.time()))
        out, asked, found = profiles(folder, proxy, tmp_path, kept)
    assert set(asked) == set(did.values()) - {did["oona"]}
    assert set(found) == {did[name] for name in ("olga", "piet", "vera", "zoe")}
    assert (found[did["vera"]]["consent"], found[did["vera"]]["followers"]) == ("ephemeral", None)
    assert out.splitlines()[1:] == [
        "Noted without counts: 1 account (ask not to be looked at)",
        "Passed over: 1 account (not known to Bluesky, or not any more)",
        "Not asked for: 1 account (opted out)",
    ]


def test_the_network_that_was_listened_to_is_scored_with_the_followers_that_were_asked_for(
    heard: Heard, counted: tuple[list[str], dict[str, dict[str, Any]]], bluesky: Seeded, tmp_path: Path
) -> None:
    outcome = score_network(
        heard.folder / "interactions",
        heard.folder / "accounts",
        tmp_path / "scores.parquet",
        current_formula(),
        partial(in_process, "1GB"),
    )
    scores = {row["account"]: row for row in pq.read_table(tmp_path / "scores.parquet").to_pylist()}
    assert outcome.left_out["deleted since"] == 2
    assert scores[bluesky.dids["alice"]]["score"] > 1
    for did, row in counted[1].items():
        assert scores[did]["followers"] == row["followers"]
    assert scores.keys().isdisjoint(heard.people[name].did for name in ("vera", "oona", "gustav"))
