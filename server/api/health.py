"""Is the service up, ready, and how busy: /healthz, /readyz, /metrics."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from server.api.measuring import look, registry
from server.api.problems import documented, problem
from server.api.service import service

blueprint = APIBlueprint("health", __name__, tag="Operation")


@blueprint.get("/healthz")
@blueprint.doc(summary="The process answers")
def healthz() -> dict[str, str]:
    """Always ok when it answers at all."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@blueprint.doc(summary="The database answers, too", responses=documented(503))
def readyz() -> Response | dict[str, str]:
    """Ready to serve."""
    try:
        service().repository.ping()
    except SQLAlchemyError as error:
        return problem(503, "not-ready", f"The database does not answer ({type(error).__name__}).")
    return {"status": "ready"}


@blueprint.get("/metrics")
@blueprint.doc(summary="Prometheus metrics")
def metrics() -> Response:
    """Counters and timings; never a handle."""
    look(service())
    return Response(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)
