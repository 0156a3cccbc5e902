"""Was a form sent from these pages?"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Request, abort, request


def from_another_site(request: Request) -> bool:
    """True when a browser says that a page of another origin sent this.

    Pages here know no session, so there is no token to compare; browsers state the origin themselves (Fetch Metadata, W3C; Origin,
    RFC 6454). A client that states neither is no browser that was led here, and is let through.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def only_from_here() -> None:
    """Answer 403 to a form that another site sent."""
    if from_another_site(request):
        abort(HTTPStatus.FORBIDDEN, "This form can only be sent from Rapport's own page.")
