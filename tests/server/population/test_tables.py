"""What a table says last counts: what was deleted is gone, and an account is what its newest row says."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
import pytest

from server.population.tables import clean, judged, typed
from tests.server.population.invented_network import ACCOUNTS, ACTS, NOW

WITH_RECORD = ACTS.append(pa.field("record", pa.string()))
WITH_SEEN = ACCOUNTS.append(pa.field("consent", pa.string())).append(pa.field("seen", pa.int64()))
LIKE = {"actor": "ann", "target": "bob", "kind": "like", "time": NOW - 100, "post": "p1", "record": "ann/like/1"}
NOBODY: list[dict[str, Any]] = []


def told(acts: list[dict[str, Any]], accounts: list[dict[str, Any]] = NOBODY) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows that count, and why the others do not."""
    tables = typed(
        ibis.memtable(pa.Table.from_pylist(acts, WITH_RECORD)), ibis.memtable(pa.Table.from_pylist(accounts, WITH_SEEN))
    )
    rows = judged(*tables, NOW)
    reasons = rows.filter(rows.reason.notnull()).reason.to_pyarrow().to_pylist()
    return clean(rows, NOW).to_pyarrow().to_pylist(), reasons


def deletion(**columns: object) -> dict[str, Any]:
    return {"actor": "ann", "kind": "delete", "time": NOW - 50, "record": "ann/like/1"} | columns


def test_what_somebody_took_back_counts_no_more_in_whatever_order_the_rows_come() -> None:
    kept = LIKE | {"post": "p2", "record": "ann/like/2"}
    for rows in ([LIKE, kept, deletion()], [deletion(), kept, LIKE], [kept, LIKE, LIKE, deletion(), deletion()]):
        counting, reasons = told(rows)
        assert [row["post"] for row in counting] == ["p2"]
        assert set(reasons) == {"deleted since"}


def test_what_was_done_anew_after_it_was_taken_back_counts() -> None:
    again = LIKE | {"time": NOW - 10}
    counting, reasons = told([LIKE, deletion(), again])
    assert [row["time"] for row in counting] == [NOW - 10]
    assert reasons == ["deleted since"]


def test_nobody_takes_back_what_another_did() -> None:
    counting, reasons = told([LIKE, deletion(actor="eve")])
    assert [row["actor"] for row in counting] == ["ann"]
    assert reasons == []


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("record", "what is deleted is not given"),
        ("actor", "who, what or when is not given"),
        ("time", "who, what or when is not given"),
    ],
)
def test_a_deletion_that_does_not_say_of_what_is_left_out_and_counted(missing: str, reason: str) -> None:
    counting, reasons = told([LIKE, deletion(**{missing: None})])
    assert len(counting) == 1
    assert reasons == [reason]


def known(*rows: dict[str, Any]) -> dict[str, Any]:
    acts = ibis.memtable(pa.Table.from_pylist([], WITH_RECORD))
    _, accounts = typed(acts, ibis.memtable(pa.Table.from_pylist([{"id": "ann"} | row for row in rows], WITH_SEEN)))
    (row,) = accounts.to_pyarrow().to_pylist()
    return dict(row)


def test_of_several_rows_of_an_account_the_newest_that_says_something_counts() -> None:
    earlier = {"followers": 9, "following": 4, "consent": "ephemeral", "seen": NOW - 9}
    later = {"followers": 3, "seen": NOW - 5}
    latest = {"consent": "open", "seen": NOW - 1}
    for rows in ([earlier, later, latest], [latest, later, earlier]):
        found = known(*rows)
        assert (found["followers"], found["following"], found["listed"]) == (3, 4, None)
        assert found["open"]


def test_of_two_rows_of_the_same_time_the_one_that_asks_not_to_be_looked_at_counts() -> None:
    assert not known({"consent": "open", "seen": NOW}, {"consent": "refused", "seen": NOW})["open"]
    assert not known({"consent": "open"}, {"consent": "refused"})["open"]


def test_who_asks_no_more_to_be_left_alone_counts_again() -> None:
    accounts = [
        {"id": "ann", "consent": "refused", "seen": NOW - 9},
        {"id": "ann", "consent": "open", "seen": NOW - 8},
        {"id": "bob"},
    ]
    assert len(told([LIKE], accounts)[0]) == 1
    assert told([LIKE], accounts[:1])[1] == ["of an account that asked not to be looked at"]
