"""The list of watched accounts that this browser remembers, in a cookie: nobody signs in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from server.pages.rendering import service
from server.store.tracking import TrackedList
from server.tracking import Tracking

COOKIE = "rapport_tracked"
COOKIE_SECONDS = 400 * 86_400
"""The longest that browsers keep one."""


def found() -> TrackedList | None:
    """The list of this browser; None when it remembers none, or one that is gone."""
    key = request.cookies.get(COOKIE, "")
    listed: TrackedList | None = service().tracking.find(key) if key else None
    return listed


def in_list(act: Callable[[TrackedList], Any]) -> str:
    """Do something with the list of this browser, begun if need be, and give its key. Raises CannotTrack.

    What cannot be done leaves no list behind that nobody knows of.
    """
    listed = found()
    if listed is not None:
        act(listed)
        return request.cookies[COOKIE]
    tracking: Tracking = service().tracking
    key, new = tracking.begin()
    try:
        act(new)
    except Exception:
        tracking.delete(new)
        raise
    return key


def remember(response: Response, key: str) -> Response:
    """Have the browser remember the list of this key. Only ever in answer to a form of our own: a link must not swap somebody's list."""
    response.set_cookie(COOKIE, key, COOKIE_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def forget(response: Response) -> Response:
    """Have the browser forget its list."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
