"""GET /api/v1/accounts/…: the whole report, and what was stored over time."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from server.api.problems import BadRequest, Responses, documented, problem
from server.api.schemas import History, Pending, ReportForm
from server.api.service import service
from server.lookup import Answer

blueprint = APIBlueprint("accounts", __name__, url_prefix="/api/v1/accounts", tag="Accounts")

STATUS = {"unknown": 404, "refused": 403, "unavailable": 503}
_PROBLEMS = documented(400, 403, 404, 503)
_PENDING: Responses = {
    202: {
        "description": "Being gathered",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pending"}}},
    }
}


@blueprint.get("/<network>/<path:handle>")
@blueprint.output(ReportForm, description="The report")
@blueprint.doc(
    summary="The whole report of one account",
    description="`?depth=study` has threads and the people who engaged read, too. 202 while the account is gathered for the first time.",
    responses=_PENDING | _PROBLEMS,
)
def report(network: str, handle: str) -> Any:
    """The report at once, or 202 while it is gathered."""
    depth = request.args.get("depth", "glance")
    if depth not in ("glance", "study"):
        raise BadRequest(f"depth is {depth[:40]!r}; it can be glance or study.", [("depth", "glance or study")])
    answer = service().lookup.report(network, handle, study=depth == "study")
    if answer.report is not None:
        return answer.report
    return pending(answer) if answer.state == "pending" else refusal(answer)


def pending(answer: Answer) -> Response:
    """202 with when to ask again."""
    body = Pending(state="pending", ask_again_after=answer.ask_again_after, detail=answer.detail)
    response = Response(body.model_dump_json(), 202, content_type="application/json")
    response.headers["Retry-After"] = str(answer.ask_again_after)
    return response


def refusal(answer: Answer) -> Response:
    """The problem document of an account there is no report of."""
    headers = {"Retry-After": str(answer.ask_again_after)} if answer.state == "unavailable" else {}
    return problem(STATUS[answer.state], answer.state, answer.detail, headers=headers)


@blueprint.get("/<network>/<path:handle>/history")
@blueprint.output(History, description="Stored reports, oldest first; empty for an account that is not kept")
@blueprint.doc(summary="What was stored of one account over time", responses=_PROBLEMS)
def history(network: str, handle: str) -> dict[str, Any]:
    """The stored points and what changed between them."""
    lookup = service().lookup
    points, changes = lookup.history(network, handle), lookup.changes(network, handle)
    return {"network": network, "handle": handle, "points": points, "changes": changes}
