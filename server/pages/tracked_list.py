"""The list of watched accounts that this browser remembers, in a cookie: nobody signs in."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from server.pages.rendering import service
from server.store.tracking import TrackedList

COOKIE = "rapport_tracked"
COOKIE_SECONDS = 400 * 86_400
"""The longest that browsers keep one."""


def found() -> TrackedList | None:
    """The list of this browser; None when it remembers none, or one that is gone."""
    key = request.cookies.get(COOKIE, "")
    listed: TrackedList | None = service().tracking.find(key) if key else None
    return listed


def begun() -> tuple[str, TrackedList]:
    """The list of this browser with its key, a new one if need be. Raises CannotTrack."""
    listed = found()
    if listed is not None:
        return request.cookies[COOKIE], listed
    new: tuple[str, TrackedList] = service().tracking.begin()
    return new


def remember(response: Response, key: str) -> Response:
    """Have the browser remember the list of this key. Only ever in answer to a form of our own: a link must not swap somebody's list."""
    response.set_cookie(COOKIE, key, COOKIE_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def forget(response: Response) -> Response:
    """Have the browser forget its list."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
