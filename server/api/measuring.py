"""What /metrics counts."""

from __future__ import annotations

from time import perf_counter

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

REQUESTS = Counter("rapport_requests_total", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram("rapport_request_seconds", "Seconds until a request was answered", ["route"])
GATHERS = Counter("rapport_gathers_total", "Accounts gathered, by what came of it", ["network", "depth", "state"])

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
