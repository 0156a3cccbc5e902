"""Who takes part in what was listened to, and of whom something is still to be learnt."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.activity import Consent
from server.errors import RapportError
from server.population.bluesky_records import Act
from server.population.hourly_files import ACCOUNTS, INTERACTIONS, HourlyFiles
from server.population.people import ABSENT, PAGE, closed, newly_closed, uncounted
from server.population.profiles import PROFILES, TABLES
from tests.server.population.invented_jetstream import did
from tests.server.population.invented_network import NOW

ANN, BOB, EVE = did("ann"), did("bob"), did("eve")
DAY = 86_400


def write(folder: Path, name: str, schema: pa.Schema, *rows: dict[str, Any]) -> Path:
    """Rows as one more file of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema), folder / f"{name}.parquet")
    return folder / f"{name}.parquet"


def acts(folder: Path, *deeds: tuple[str, str | None, str], name: str = "2026-09-21T14") -> None:
    rows = [{"actor": actor, "target": target, "kind": kind, "time": NOW} for actor, target, kind in deeds]
    write(folder / "interactions", name, INTERACTIONS, *rows)


def told(folder: Path, *rows: tuple[str, str, int], name: str = "2026-09-21T14") -> None:
    """What was listened to said of accounts."""
    columns = [dict(zip(ACCOUNTS.names, row, strict=True)) for row in rows]
    write(folder / "accounts", name, ACCOUNTS, *columns)


def counted(folder: Path, account: str, consent: str = "open", seen: int = NOW, name: str = "profiles-1") -> Path:
    row = {"id": account, "followers": 3, "following": 4, "consent": consent, "seen": seen}
    return write(folder / "accounts", name, PROFILES, row)


def asked_for(folder: Path, since: int = NOW - DAY) -> list[str]:
    with uncounted(folder, since) as (count, pages):
        found = [account for page in pages for account in page]
    assert len(found) == count
    return found


def test_those_who_act_and_those_to_whom_it_is_done_are_asked_for_once_the_most_sought_after_first(
    tmp_path: Path,
) -> None:
    acts(tmp_path, (ANN, BOB, "like"), (ANN, BOB, "repost"), (ANN, EVE, "reply"), (ANN, None, "post"))
    acts(tmp_path, (EVE, BOB, "like"), name="2026-09-21T15.part-0")
    assert asked_for(tmp_path) == [BOB, EVE, ANN]


def test_nobody_is_asked_for_who_only_took_something_back_or_is_of_no_network_here(tmp_path: Path) -> None:
    acts(tmp_path, (ANN, None, "delete"), ("mastodon:a@b", BOB, "like"))
    assert asked_for(tmp_path) == [BOB]


def test_who_was_counted_lately_is_not_asked_for_again_but_who_was_only_heard_of_is(tmp_path: Path) -> None:
    acts(tmp_path, (ANN, BOB, "like"), (EVE, None, "post"))
    told(tmp_path, (ANN, "open", NOW))
    counted(tmp_path, BOB, seen=NOW - DAY)
    counted(tmp_path, EVE, seen=NOW - DAY - 1, name="profiles-2")
    assert asked_for(tmp_path) == [ANN, EVE]


def test_who_was_looked_for_in_vain_lately_is_not_asked_for_again(tmp_path: Path) -> None:
    acts(tmp_path, (ANN, BOB, "like"))
    write(tmp_path / ABSENT, "profiles-1", TABLES[ABSENT], {"id": ANN, "seen": NOW - 9 * DAY}, {"id": BOB, "seen": NOW})
    assert asked_for(tmp_path) == [ANN]


@pytest.mark.parametrize("consent", [Consent.EPHEMERAL, Consent.REFUSED])
def test_who_asks_not_to_be_looked_at_is_closed_and_not_asked_for_until_they_say_otherwise(
    tmp_path: Path, consent: Consent
) -> None:
    acts(tmp_path, (ANN, BOB, "like"))
    told(tmp_path, (ANN, "open", NOW - 9 * DAY), (ANN, consent, NOW - 8 * DAY), (BOB, "open", NOW), (BOB, consent, NOW))
    assert dict(closed(tmp_path)) == {ANN: consent, BOB: consent}
    assert asked_for(tmp_path) == []
    told(tmp_path, (ANN, "open", NOW - 7 * DAY), name="2026-09-21T15")
    assert dict(closed(tmp_path)) == {BOB: consent}
    assert asked_for(tmp_path) == [ANN]


def test_what_profiles_said_is_learnt_once_by_whoever_listens_meanwhile(tmp_path: Path) -> None:
    told(tmp_path, (EVE, "refused", NOW))
    known = {counted(tmp_path, BOB, "refused")}
    counted(tmp_path, ANN, "ephemeral", name="profiles-2")
    counted(tmp_path, EVE, name="profiles-3")
    assert list(newly_closed(tmp_path, known)) == [(ANN, Consent.EPHEMERAL)]
    assert list(newly_closed(tmp_path, known)) == []


def test_a_folder_without_anything_has_nobody(tmp_path: Path) -> None:
    assert asked_for(tmp_path) == []
    assert dict(closed(tmp_path)) == {}


def test_what_is_half_written_is_not_read_and_what_is_broken_is_said(tmp_path: Path) -> None:
    acts(tmp_path, (ANN, None, "post"))
    (tmp_path / "interactions" / ".2026-09-21T14.part-1.parquet").write_bytes(b"half")
    assert asked_for(tmp_path) == [ANN]
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts" / "2026-09-21T14.parquet").write_bytes(b"neither half nor whole")
    with pytest.raises(RapportError, match=r"What is kept in .* cannot be read \(.*\)\."):
        asked_for(tmp_path)


def test_files_that_come_and_go_while_somebody_listens_are_no_reason_to_fail(tmp_path: Path) -> None:
    files = HourlyFiles(tmp_path)

    def listen() -> None:
        for time in range(NOW, NOW + DAY, 3600):
            files.add("interactions", time, Act(ANN, BOB, "like", time, "p", None, "r"))
            files.write(time * 1_000_000, time)

    acts(tmp_path, (EVE, None, "post"), name="2026-09-20T14")
    listening = threading.Thread(target=listen)
    listening.start()
    while listening.is_alive():
        assert EVE in asked_for(tmp_path)
    files.close()
    assert asked_for(tmp_path) == [BOB, ANN, EVE]


def test_many_come_in_pages_each_once(tmp_path: Path) -> None:
    many = [f"did:plc:{n:024}" for n in range(2 * PAGE + 1)]
    acts(tmp_path, *((account, many[0], "like") for account in many))
    with uncounted(tmp_path, NOW) as (count, pages):
        sizes = list(pages)
    assert count == len(many)
    assert max(map(len, sizes)) == PAGE
    assert {account for page in sizes for account in page} == set(many)
