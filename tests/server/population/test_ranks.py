"""The rank of somebody among the people of a network: who is engaged with, by whom, and what exchanged favours are worth."""

from __future__ import annotations

import ibis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from server.errors import RapportError
from server.population.ranks import FOLLOWED_ON, by_number, numbered, pagerank, votes
from tests.server.population.invented_network import DAY, NOW, InventedNetwork, invented

PEOPLE = st.integers(1, 12)


@st.composite
def networks(draw: st.DrawFn) -> np.ndarray:
    """Weights of everybody's links to everybody, shape (people, people); many are none."""
    people = draw(PEOPLE)
    return draw(arrays(float, (people, people), elements=st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.5, 100.0])))


def links(weights: np.ndarray, damped: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    source, target = np.nonzero(weights)
    share = weights[source, target] / weights.sum(axis=1)[source] * damped
    return source, target, share, len(weights)


@given(networks(), st.sampled_from([1.0, 0.5]))
def test_ranks_are_those_of_a_reader_who_follows_links_and_now_and_then_starts_anew(
    weights: np.ndarray, damped: float
) -> None:
    source, target, share, people = links(weights, damped)
    step = np.zeros((people, people))
    np.add.at(step, (target, source), share)
    left_over = 1 - step.sum(axis=0)
    walk = FOLLOWED_ON * (step + np.outer(np.full(people, 1 / people), left_over)) + (1 - FOLLOWED_ON) / people
    expected = np.full(people, 1 / people)
    for _ in range(400):
        expected = walk @ expected
    assert pagerank(source, target, share, people) == pytest.approx(expected * people, abs=1e-8)


@given(networks())
def test_everybody_has_some_rank_and_one_on_average(weights: np.ndarray) -> None:
    ranks = pagerank(*links(weights))
    assert ranks.mean() == pytest.approx(1)
    assert ranks.min() > 0


def test_nobody_has_no_ranks() -> None:
    nothing = np.zeros(0, np.int64)
    assert len(pagerank(nothing, nothing, np.zeros(0), 0)) == 0


def test_shares_of_more_than_the_whole_are_refused() -> None:
    with pytest.raises(RapportError, match="could not be worked out"):
        pagerank(np.array([0, 1]), np.array([1, 0]), np.array([1 / FOLLOWED_ON, 1 / FOLLOWED_ON]), 2)


def ranks(network: InventedNetwork) -> dict[str, float]:
    engine = ibis.duckdb.connect()
    acts, accounts = network.tables()
    given_ = votes(acts, NOW)
    people = numbered(given_, accounts)
    names = engine.execute(people).sort_values("number")
    rows = engine.execute(by_number(given_, people))
    found = pagerank(rows["source"].to_numpy(), rows["target"].to_numpy(), rows["share"].to_numpy(), len(names))
    return dict(zip(names["person"], found.tolist(), strict=True))


def liking(network: InventedNetwork, fan: str, author: str, times: int = 1, days_ago: int = 1) -> None:
    for name in (fan, author):
        network.account(name)
    for _ in range(times):
        post = network.act(author, "post", NOW - (days_ago + 1) * DAY)
        network.act(fan, "repost", NOW - days_ago * DAY, post)


def test_the_attention_of_somebody_who_engages_with_many_is_worth_less_to_each() -> None:
    network = InventedNetwork()
    liking(network, "chooser", "chosen")
    for number in range(50):
        liking(network, "everywhere", f"one-of-many-{number}")
    found = ranks(network)
    assert found["chosen"] > 1.5 * found["one-of-many-7"]


def test_the_attention_of_somebody_who_gets_much_of_it_is_worth_more() -> None:
    network = InventedNetwork()
    for number in range(30):
        liking(network, f"fan-{number}", "star")
    liking(network, "star", "friend-of-star")
    liking(network, "fan-of-nobody", "other")
    found = ranks(network)
    assert found["friend-of-star"] > 5 * found["other"]


def test_a_ring_that_passes_its_votes_round_keeps_little_of_them() -> None:
    network = InventedNetwork()
    for name in ("a", "b", "c", "d"):
        for other in ("a", "b", "c", "d"):
            if name != other:
                liking(network, name, other, times=20)
    for number in range(20):
        liking(network, f"reader-{number}", f"writer-{number % 10}")
    found = ranks(network)
    assert found["a"] < found["writer-3"]


def test_coming_back_adds_less_each_time_and_old_deeds_count_less() -> None:
    network = InventedNetwork()
    liking(network, "reader", "often", times=20)
    liking(network, "reader", "once")
    liking(network, "reader", "long-ago", days_ago=80)
    liking(network, "reader", "too-long-ago", days_ago=95)
    found = ranks(network)
    assert found["often"] > found["once"] > found["long-ago"] > found["too-long-ago"]
    assert found["often"] < 20 * found["once"]


@pytest.mark.parametrize("seed", range(3))
def test_what_somebody_does_to_their_own_posts_gives_no_rank(seed: int) -> None:
    network = invented(seed)
    before = ranks(network)
    for post, author in list(network.author.items()):
        network.act(author, "repost", NOW, post)
    assert ranks(network) == pytest.approx(before, abs=1e-8)
