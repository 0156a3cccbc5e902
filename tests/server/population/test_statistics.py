"""The statistics of whole tables are those that the live path takes of one account, whatever the numbers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.activity import PostKind
from server.population.statistics import h_index, tallied, typical_audience, typical_per_post
from server.scoring import measures as live
from server.scoring.sample import Sample, among

KINDS = {"original": PostKind.ORIGINAL, "quote": PostKind.QUOTE, "reply": PostKind.REPLY, "thread": PostKind.THREAD}
COUNTS = st.one_of(st.just(0.0), st.integers(1, 50).map(float), st.floats(0, 1e7), st.floats(0, 1e-6))
POSTS = st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.floats(1e-3, 1), COUNTS), min_size=1, max_size=25)
NETWORKS = st.lists(POSTS, min_size=1, max_size=4)
ENGINE = ibis.duckdb.connect()
Posts = list[tuple[str, float, float]]


def table(network: list[Posts]) -> ibis.Table:
    """The posts of some accounts, which are called by their place."""
    rows = [
        {"account": str(place), "kind": kind, "decay": decay, "count": count}
        for place, posts in enumerate(network)
        for kind, decay, count in posts
    ]
    return ibis.memtable(pa.Table.from_pylist(rows))


def sample(posts: Posts) -> Sample:
    """The same of one account, as far as the live path's statistics look at it."""
    kind = np.array([KINDS[kind] for kind, _, _ in posts])
    decay = np.array([decay for _, decay, _ in posts])
    fields = {"kind": kind, "decay": decay, "resamples": np.ones((1, len(posts)), np.float32), "stands_for": 1.0}
    return cast("Sample", SimpleNamespace(**fields, is_of=lambda *kinds: among(kind, *kinds)))


def found(of: ibis.Table) -> dict[str, float]:
    rows = ENGINE.execute(of)
    return dict(zip(rows["account"], rows["value"].tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(NETWORKS)
def test_the_typical_count_is_the_same(network: list[Posts]) -> None:
    expected = {
        str(place): float(live.typical_per_post(sample(posts), np.array([count for _, _, count in posts]))[0])
        for place, posts in enumerate(network)
    }
    assert found(typical_per_post(tallied(table(network), "count"))) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(NETWORKS)
def test_the_h_index_is_the_same(network: list[Posts]) -> None:
    expected = {
        str(place): float(live.h_index(sample(posts), np.array([count for _, _, count in posts]))[0])
        for place, posts in enumerate(network)
    }
    assert found(h_index(tallied(table(network), "count"))) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_fewer_people_than_needed_have_no_typical_audience() -> None:
    seen: list[dict[str, Any]] = [
        {"account": account, "followers": followers, "attention": 1.0}
        for account, many in (("a", 3), ("b", 2))
        for followers in (7,) * many
    ]
    assert found(typical_audience(ibis.memtable(pa.Table.from_pylist(seen)), 3)) == {"a": pytest.approx(7.0)}
