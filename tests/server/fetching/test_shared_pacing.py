"""Several processes ask a host together no more often than one would."""

from __future__ import annotations

import threading
import time

import pytest

from server.fetching import shared_pacing
from server.fetching.pacing import HeldBack
from server.fetching.shared_pacing import SharedPacing
from server.jobs.shared_tasks import connect
from tests.server.redis_server import redis_url, wire
from tests.server.wires import Wire

__all__ = ["redis_url", "wire"]

HOST = "a.example"


def taken(paces: list[SharedPacing], each: int) -> float:
    """Seconds until the last of so many requests began, which each process makes with two threads."""
    began = time.monotonic()

    def ask(pacing: SharedPacing) -> None:
        for _ in range(each):
            with pacing.place(HOST):
                pass

    threads = [threading.Thread(target=ask, args=(pacing,)) for pacing in paces for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began


def test_the_turns_of_a_host_are_those_of_all_processes(redis_url: str) -> None:
    paces = [SharedPacing(connect(redis_url), spacing=0.04) for _ in range(3)]
    # Eighteen turns, seventeen waits between them, whoever takes them.
    assert taken(paces, each=3) >= 17 * 0.04 - 0.01


def test_a_host_that_is_exhausted_is_so_for_all_processes(redis_url: str) -> None:
    one, other = SharedPacing(connect(redis_url)), SharedPacing(connect(redis_url))
    one.exhaust(HOST, 60)
    with pytest.raises(HeldBack, match="allows no further requests for") as held, other.place(HOST):
        pass
    assert 55 < held.value.retry_after <= 60
    with other.place("b.example"):
        pass


def test_a_short_exhaustion_is_sat_out_by_others_too(redis_url: str) -> None:
    one, other = SharedPacing(connect(redis_url)), SharedPacing(connect(redis_url))
    one.exhaust(HOST, 0.3)
    began = time.monotonic()
    with other.place(HOST):
        assert time.monotonic() - began > 0.2


def test_the_longer_of_two_exhaustions_counts(redis_url: str) -> None:
    one, other = SharedPacing(connect(redis_url)), SharedPacing(connect(redis_url))
    one.exhaust(HOST, 60)
    other.exhaust(HOST, 5)
    with pytest.raises(HeldBack) as held, SharedPacing(connect(redis_url)).place(HOST):
        pass
    assert held.value.retry_after > 50


def test_hosts_are_not_named_in_redis(redis_url: str) -> None:
    with SharedPacing(connect(redis_url)).place("alice.example"):
        pass
    assert [key for key in connect(redis_url).scan_iter() if b"alice" in key] == []


def test_without_redis_each_process_keeps_the_pace_for_itself(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_pacing, "AWAY_SECONDS", 0.0)
    pacing = SharedPacing(connect(wire.url), spacing=0.04)
    wire.cut()
    assert taken([pacing], each=3) >= 5 * 0.04 - 0.01
    pacing.exhaust(HOST, 60)
    with pytest.raises(HeldBack), pacing.place(HOST):
        pass
