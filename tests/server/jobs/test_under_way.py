"""What is being gathered is known, within one process and in all that share a Redis."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.errors import QueueUnreachable
from server.jobs.shared_tasks import connect
from server.jobs.under_way import LONGEST_SECONDS, SharedUnderWay, UnderWay
from tests.server.redis_server import redis_url, wire
from tests.server.wires import Wire

__all__ = ["redis_url", "wire"]

NETWORK, HANDLE, ID = "bluesky", "alice.test", "did:plc:alice"
Process = Callable[[], UnderWay]


@pytest.fixture(params=["one process", "several processes"])
def process(request: pytest.FixtureRequest) -> Process:
    """A process that gathers: the only one, or each time another one."""
    if request.param == "one process":
        alone = UnderWay()
        return lambda: alone
    url = request.getfixturevalue("redis_url")
    return lambda: SharedUnderWay(connect(url))


def test_an_account_is_gathered_once_at_a_time_whoever_asks(process: Process) -> None:
    assert process().begin(NETWORK, HANDLE, HANDLE, False)
    assert not process().begin(NETWORK, HANDLE, HANDLE, False)
    assert not process().end(NETWORK, HANDLE)
    assert process().begin(NETWORK, HANDLE, HANDLE, False)


def test_a_handle_and_the_id_behind_it_are_one_account(process: Process) -> None:
    assert process().begin(NETWORK, HANDLE, ID, False)
    assert not process().begin(NETWORK, ID, ID, False)
    process().end(NETWORK, HANDLE)
    assert process().begin(NETWORK, ID, ID, False)


def test_a_study_asked_for_during_a_glance_comes_after_it(process: Process) -> None:
    process().begin(NETWORK, HANDLE, ID, False)
    assert not process().begin(NETWORK, HANDLE, ID, True)
    assert process().end(NETWORK, HANDLE)
    assert process().begin(NETWORK, HANDLE, ID, True)
    assert not process().begin(NETWORK, HANDLE, ID, True)
    assert not process().end(NETWORK, HANDLE)


def test_what_was_never_begun_ends_without_more(process: Process) -> None:
    assert not process().end(NETWORK, HANDLE)


def test_networks_do_not_stand_in_the_way_of_one_another(process: Process) -> None:
    assert process().begin("bluesky", HANDLE, HANDLE, False)
    assert process().begin("mastodon", HANDLE, HANDLE, False)


def test_what_a_killed_process_was_at_is_free_after_a_while(redis_url: str) -> None:
    SharedUnderWay(connect(redis_url)).begin(NETWORK, HANDLE, ID, False)
    client = connect(redis_url)
    keys = list(client.scan_iter())
    assert keys
    assert all(0 < int(client.ttl(key)) <= LONGEST_SECONDS for key in keys)


def test_without_redis_nothing_begins_and_it_is_said(wire: Wire) -> None:
    under_way = SharedUnderWay(connect(wire.url))
    wire.cut()
    with pytest.raises(QueueUnreachable, match="Redis cannot be asked"):
        under_way.begin(NETWORK, HANDLE, ID, False)
    assert not under_way.end(NETWORK, HANDLE)
    wire.mend()
    assert under_way.begin(NETWORK, HANDLE, ID, False)
