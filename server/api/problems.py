"""Errors as RFC 9457 problem documents: what was wrong and what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class BadRequest(Exception):
    """A request that cannot be served as it is; ``errors``: (where, what) pairs."""

    def __init__(self, detail: str, errors: list[tuple[str, str]] | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or []


PROBLEM_WORDS = {
    400: "The request is wrong; `detail` and `errors` say where",
    403: "The account is not to be scored",
    404: "No such account or network",
    413: "The body is too large",
    503: "The network could not be asked; `Retry-After` says when to try again",
}


Responses = dict[int | str, dict[str, str | dict[str, dict[str, Any]]]]


def documented(*statuses: int) -> Responses:
    """The problem documents of a view, as its OpenAPI description."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": PROBLEM_WORDS[status], "content": content} for status in statuses}


PROBLEMS = {
    "bad-request": "The request is not of the form described here; `errors` names each field at fault.",
    "bad-handle": "What was asked about cannot be a handle of that network; `detail` says what to type instead.",
    "bad-observation": "None of the page fragments sent could be read.",
    "range-digits": "The prefix has another length than answers are given for just now; `digits` is the right one.",
    "unknown-network": "There is no such network here; `detail` lists those that are.",
    "unknown": "The network has no such account: it never existed, was renamed, or was deleted.",
    "refused": "The account is not scored: it opted out, asks so in its profile, is suspended or a memorial.",
    "unavailable": "The network could not be asked and nothing is stored; `Retry-After` says when to try again.",
    "not-ready": "The database does not answer.",
    "host": "The service was called under a name that is not its own (`RAPPORT_ALLOWED_HOSTS`).",
    "foreign-page": "A web page of somebody else tried to use the service.",
    "token": "The service asks for its token.",
    "operator-token": "The page is for the operator, and asks for the operator's token.",
    "operator": "The page is for the operator: it is shown on the service's own machine only, or with the operator's token.",
    "too-many-requests": "More requests than one caller may make; wait for `Retry-After` seconds.",
    "not-found": "There is nothing at this address.",
    "method-not-allowed": "This address does not take that method.",
    "request-entity-too-large": "The body is larger than 2 MiB; send less at once.",
    "fault": "Something went wrong here; nothing stored was lost.",
    "error": "Another error of HTTP; `title` and `detail` say which.",
}
"""Every sort of problem by the name its ``type`` ends in; published in the OpenAPI document and on the page at /docs."""


def problem(
    status: int,
    kind: str,
    detail: str,
    errors: list[tuple[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    digits: int | None = None,
) -> Response:
    """A problem document. ``kind`` names the sort of problem; the page at /docs explains each."""
    body: dict[str, object] = {
        "type": f"/docs#problem-{kind if kind in PROBLEMS else 'error'}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [{"location": where, "message": what} for where, what in errors]
    if digits is not None:
        body["digits"] = digits
    return Response(json.dumps(body), status, dict(headers or {}), content_type="application/problem+json")


def read(model: type[Model], body: bytes) -> Model:
    """The body as a form. Raises BadRequest that names every field at fault."""
    try:
        return model.model_validate_json(body)
    except ValidationError as wrong:
        errors = [(".".join(map(str, error["loc"])), error["msg"]) for error in wrong.errors(include_url=False)[:20]]
        if errors[0][0] == "":
            detail = f"The body is not JSON of the expected form: {errors[0][1]}."
            raise BadRequest(detail) from None
        where, what = errors[0]
        raise BadRequest(f"{where}: {what}.", errors) from None
