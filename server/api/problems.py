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


def problem(
    status: int,
    kind: str,
    detail: str,
    errors: list[tuple[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document. ``kind`` names the sort of problem; the page at /docs explains each."""
    body: dict[str, object] = {
        "type": f"/docs#{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [{"location": where, "message": what} for where, what in errors]
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
