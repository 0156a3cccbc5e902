"""How one host is spared."""

from __future__ import annotations

import threading
import time

import pytest

from server.errors import UpstreamUnavailable
from server.fetching.pacing import Pacing


def test_no_more_than_two_at_once_ask_one_host() -> None:
    pacing, together, most, lock = Pacing(at_once=2, spacing=0), 0, 0, threading.Lock()

    def ask() -> None:
        nonlocal together, most
        with pacing.place("a.example"):
            with lock:
                together += 1
                most = max(most, together)
            time.sleep(0.02)
            with lock:
                together -= 1

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_hosts_do_not_wait_for_each_other() -> None:
    pacing = Pacing(at_once=1, spacing=0, queue=0.05)
    with pacing.place("a.example"), pacing.place("b.example") as waited:
        assert waited < 0.05
        with pytest.raises(UpstreamUnavailable, match="too many requests"), pacing.place("a.example"):
            pass


def test_starts_keep_their_distance() -> None:
    pacing, starts = Pacing(spacing=0.05), []
    for _ in range(3):
        with pacing.place("a.example"):
            starts.append(time.monotonic())
    assert starts[2] - starts[0] >= 0.1


def test_an_exhausted_host_is_answered_for_at_once() -> None:
    pacing = Pacing(longest_wait=1)
    pacing.exhaust("a.example", 30)
    with pytest.raises(UpstreamUnavailable) as refused, pacing.place("a.example"):
        pass
    assert 29 < refused.value.retry_after <= 30
    with pacing.place("b.example"):
        pass


def test_a_short_exhaustion_is_sat_out() -> None:
    pacing = Pacing(longest_wait=1)
    pacing.exhaust("a.example", 0.2)
    with pacing.place("a.example") as waited:
        assert waited >= 0.19


def test_a_place_is_given_back_after_an_error() -> None:
    pacing = Pacing(at_once=1, spacing=0, queue=0.05)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), pacing.place("a.example"):
            raise ZeroDivisionError
    with pacing.place("a.example"):
        pass


def test_idle_hosts_are_forgotten_in_time() -> None:
    pacing = Pacing(spacing=0)
    for number in range(5000):
        with pacing.place(f"{number}.example"):
            pass
    assert len(pacing._hosts) <= 2001
