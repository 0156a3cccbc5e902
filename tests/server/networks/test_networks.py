"""Which networks there are."""

from __future__ import annotations

import pytest

from server.networks import networks


def test_every_network_file_is_found_by_itself() -> None:
    found = networks()
    assert {"bluesky", "mastodon", "x"} <= set(found)
    assert all(network.id == network_id and network.title for network_id, network in found.items())


def test_options_reach_the_network_they_are_for() -> None:
    assert networks({"bluesky": {"appview": "http://127.0.0.1:1"}})["bluesky"]._xrpc == "http://127.0.0.1:1/xrpc/"


def test_options_for_a_network_that_is_not_there_are_an_error() -> None:
    with pytest.raises(KeyError, match="no such network: myspace"):
        networks({"myspace": {}})


@pytest.mark.parametrize("network", networks().values(), ids=lambda network: network.id)
def test_a_canonical_handle_stays_as_it_is(network) -> None:
    typed = {"mastodon": "Alice@Social.Example", "x": "@Alice"}.get(network.id, "Alice.Example.org")
    handle = network.canonical_handle(typed)
    assert network.canonical_handle(handle) == handle
    assert handle in network.profile_url(handle) or network.id == "mastodon"
    assert network.canonical_handle(network.profile_url(handle)) == handle
