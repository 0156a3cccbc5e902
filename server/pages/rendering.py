"""What every page is made with: the service that is asked, and the template filled."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, current_app, make_response, render_template


def service() -> Any:
    """The service of the application that is answering: ``app.extensions["rapport"]``."""
    return current_app.extensions["rapport"]


def page(template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> Response:
    """A page of this template; ``networks`` are those served, besides the values given."""
    networks = list(service().lookup.networks.values())
    return make_response(render_template(template, networks=networks, **values), status)
