"""GET /api/v1/sites: where accounts stand on each site's pages, so that a change of a site is mended without a new extension."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, request

from server.api.schemas import Sites
from server.api.service import service

blueprint = APIBlueprint("sites", __name__, url_prefix="/api/v1", tag="Sites")

KEPT_SECONDS = 6 * 3600
"""So long whoever asked need not ask again."""


@blueprint.get("/sites")
@blueprint.output(Sites, description="Every site; kept for six hours, after which `If-None-Match` is answered with 304")
@blueprint.doc(
    summary="Where accounts stand on each site's pages",
    description="CSS selectors and a switch a site, as data and never code. 304 when nothing changed since the `ETag` asked with.",
)
def sites() -> Response:
    """The sites, or 304 when the asker has them already."""
    response = Response(service().sites.body(), content_type="application/json")
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response
