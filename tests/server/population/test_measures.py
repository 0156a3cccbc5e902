"""The measures of a whole network are those that the live path takes of each account."""

from __future__ import annotations

import random
from dataclasses import replace

import ibis
import numpy as np
import pyarrow as pa
import pytest

from server.activity import InteractionKind
from server.population.measures import MEASURED, measures
from server.scoring.formula import current_formula
from server.scoring.reactions import standing
from server.scoring.ring import find_ring
from server.scoring.sample import DAY, WINDOW_DAYS, Sample, silent_days
from server.signals import all_signals
from tests.server.population.invented_network import NOW, InventedNetwork, invented

MEASURE_OF = {signal.id: signal.measure for signal in all_signals() if signal.measure}


def ranks_of(network: InventedNetwork) -> dict[str, float]:
    """Ranks of most, by lot."""
    draw = random.Random(len(network.acts))
    return {name: draw.lognormvariate(-1, 1.5) for name in network.accounts if draw.random() < 0.9}


def live(network: InventedNetwork, name: str) -> dict[str, float]:
    """What the live path measures of one account."""
    activity = replace(network.activity(name), ranks=ranks_of(network))
    sample = Sample.of_influence(activity, NOW, resampled=False)
    found = {signal: float(MEASURE_OF[signal](sample)[0]) for signal in MEASURED}
    return found | {"posts_seen": len(sample.rows), "days_silent": silent_days(activity, NOW)}


def test_every_measure_of_the_formula_is_taken() -> None:
    assert sorted(MEASURED) == sorted(MEASURE_OF)
    assert set(MEASURED) >= {term.signal for term in current_formula().terms}


@pytest.mark.parametrize("seed", range(8))
def test_a_network_measured_at_once_gives_what_each_account_alone_does(seed: int) -> None:
    network = invented(seed)
    ranks = ranks_of(network)
    ranked = ibis.memtable(pa.table({"account": list(ranks), "pagerank": list(ranks.values())}))
    rows = ibis.duckdb.connect().execute(measures(*network.tables(), ranked, NOW)).set_index("account")
    assert sorted(rows.index) == sorted(network.accounts)
    for name in network.accounts:
        expected = live(network, name)
        found = rows.loc[name, list(expected)].astype(float).to_dict()
        assert found == pytest.approx(expected, abs=1e-9, rel=1e-9, nan_ok=True), name
    assert np.isfinite(rows[list(MEASURED)].astype(float)).any().all()


def test_the_invented_networks_hold_what_is_hard_to_measure() -> None:
    rings = discounted = divided = quiet = talking = simultaneous = 0
    for seed in range(12):
        network = invented(seed)
        for name in network.accounts:
            sample = Sample.of_influence(network.activity(name), NOW, resampled=False)
            known = standing(sample, InteractionKind.LIKE)
            rings += len(find_ring(sample).people) > 0
            discounted += 0 < known.factor < 1
            divided += 0 < known.attention < 1
            quiet += sample.start < sample.now - WINDOW_DAYS * DAY
            talking += len(sample.replies) > len(sample.originals) > 0
            simultaneous += len(np.unique(sample.time)) < len(sample.time)
    assert min(rings, discounted, divided, quiet, talking, simultaneous) >= 10
