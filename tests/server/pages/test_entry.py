from __future__ import annotations

from dataclasses import dataclass

import pytest

from server.errors import BadHandle
from server.pages.entry import Entry, read_entry


@dataclass
class Anywhere:
    """A network that takes any handle, from any address."""

    id: str
    title: str
    home: str

    def canonical_handle(self, text: str) -> str:
        return text.rsplit("/", 1)[-1]

    def profile_url(self, handle: str) -> str:
        return f"https://{self.home}/{handle}"


NETWORKS = {"one": Anywhere("one", "One", "one.example"), "two": Anywhere("two", "Two", "two.example")}


def test_an_entry_that_fits_several_networks_asks_for_the_choice() -> None:
    with pytest.raises(BadHandle, match="One or Two: choose the network"):
        read_entry("alice", "", NETWORKS)


@pytest.mark.parametrize("address", ["https://two.example/alice", "two.example/alice", "https://www.two.example/alice"])
def test_an_address_names_its_own_network(address: str) -> None:
    assert read_entry(address, "", NETWORKS) == Entry("two", "alice")


def test_a_chosen_network_is_believed() -> None:
    assert read_entry("alice", "one", NETWORKS) == Entry("one", "alice")


def test_an_address_that_cannot_be_read_is_a_bad_handle_and_no_fault() -> None:
    with pytest.raises(BadHandle):
        read_entry("https://[broken/alice", "", NETWORKS)
