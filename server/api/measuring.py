"""What /metrics counts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import nan
from pathlib import Path
from time import perf_counter
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from sqlalchemy.exc import SQLAlchemyError

from server.api.service import Service
from server.errors import QueueUnreachable
from server.happenings import Asked, ChoreDone, Gathered, Happening, LookedUp, Scored, Streamed, Worked
from server.jobs.queue import KINDS

# When each line began to be counted: one more line for each, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]

REQUESTS = Counter("rapport_requests_total", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram("rapport_request_seconds", "Seconds until a request was answered", ["route"])
GATHERS = Counter("rapport_gathers_total", "Accounts gathered, by what came of it", ["network", "depth", "outcome"])
GATHER_SECONDS = Histogram(
    "rapport_gather_seconds",
    "Seconds that gathering an account took, scoring and storing included",
    ["network", "depth"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 90, 120),
)
CALLS = Counter(
    "rapport_upstream_calls_total", "Requests to the networks' servers, by what came of them", ["network", "outcome"]
)
CALL_SECONDS = Histogram(
    "rapport_upstream_seconds",
    "Seconds until a network's server had answered, or the request failed",
    ["network"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LOOK_UPS = Counter(
    "rapport_cache_lookups_total", "Reports and badges looked for where they are kept", ["kept_in", "outcome"]
)
SCORING_SECONDS = Histogram(
    "rapport_scoring_seconds",
    "Seconds that measuring and judging an account took",
    ["depth"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
CHORES = Counter("rapport_chores_total", "Work done by the clock, by how it ended", ["chore", "outcome"])
# How a number of several processes is made of theirs: what each counts by itself is added up, of what all of them see the last look counts.
EACH: Final = "livesum"
ALL: Final = "mostrecent"
STREAMS = Gauge("rapport_streams_open", "Open pages that are told of changes by a stream", multiprocess_mode=EACH)
WAITING = Gauge("rapport_queue_waiting", "What waits for a worker, or for its time", ["kind"], multiprocess_mode=ALL)
WORKING = Gauge("rapport_queue_working", "What workers are at", ["kind"], multiprocess_mode=EACH)
WORKERS = Gauge("rapport_workers", "Workers for all that waits, in all processes that share it", multiprocess_mode=ALL)
REVIEWS = Gauge("rapport_reviews_running", "Reviews under way", multiprocess_mode=ALL)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


def measure(app: Flask) -> None:
    """Count and time every request by its route, never by its address, which may hold a handle."""

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        # A method may be any text; each new one would be a new line for ever.
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        if "began" in g:
            SECONDS.labels(route).observe(perf_counter() - g.began)
        return response


def count(happening: Happening) -> None:
    """Take in what happened (a ``server.happenings.Tell``)."""
    match happening:
        case Gathered(network, depth, outcome, seconds):
            GATHERS.labels(network, depth, outcome).inc()
            GATHER_SECONDS.labels(network, depth).observe(seconds)
        case Asked(network, outcome, waited):
            CALLS.labels(network, outcome).inc()
            if waited is not None:
                CALL_SECONDS.labels(network).observe(waited)
        case LookedUp(kept_in, outcome, times):
            LOOK_UPS.labels(kept_in, outcome).inc(times)
        case Scored(depth, seconds):
            SCORING_SECONDS.labels(depth).observe(seconds)
        case ChoreDone(name, _, failure):
            CHORES.labels(name, "failed" if failure else "done").inc()
        case Streamed(change):
            STREAMS.inc(change)
        case Worked(kind, change):
            WORKING.labels(kind).inc(change)


def look(service: Service) -> None:
    """Set what is not counted but read: how much waits, and what is under way, in this moment."""
    for kind, number in _waiting(service).items():
        WAITING.labels(kind).set(number)
        WORKING.labels(kind).inc(0)
    WORKERS.set(_workers(service))
    try:
        REVIEWS.set(service.reviews.running())
    except SQLAlchemyError:
        # All the rest is of use above all while the database does not answer.
        REVIEWS.set(nan)


def registry() -> CollectorRegistry:
    """Where everything is that was counted: in this process, or in the folder of all of them (``PROMETHEUS_MULTIPROC_DIR``)."""
    if not (folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR")):
        return REGISTRY
    for counted in Path(folder).glob("gauge_live*.db"):
        if _is_gone(process := int(counted.stem.rpartition("_")[2])):
            mark_process_dead(process)  # type: ignore[no-untyped-call]
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


def _is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def _waiting(service: Service) -> Mapping[str, float]:
    try:
        return service.queue.waiting()
    except QueueUnreachable:
        return dict.fromkeys(KINDS, nan)


def _workers(service: Service) -> float:
    try:
        return service.queue.workers()
    except QueueUnreachable:
        return nan
