"""An open page of a review, told what has changed as it changes: server-sent events, in the place of asking every few seconds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, request

from server.happenings import Streamed
from server.pages.rendering import service
from server.pages.review_live import Live, live, revision_of
from server.pages.review_pages import found
from server.review import Standing
from server.store.reviews import RUNNING
from server.threads import MOST_STREAMS

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""So often one row is read to see whether there is something new."""
HEARTBEAT_SECONDS = 15.0
"""After so long without news something is sent all the same: so that nothing on the way takes the stream for dead, and it is noticed here
when nobody listens any more."""
STREAM_SECONDS = 60.0
"""So long a stream holds its thread; then the browser opens the next one by itself."""
AGAIN_MS = 1000
"""After so many milliseconds."""
BUSY_SECONDS = 60


def add_review_events(pages: Blueprint) -> None:
    """Register it with the other pages."""
    pages.add_url_rule("/review/<key>/events", "review_events", Streams(MOST_STREAMS).events)


class Streams:
    """The streams of one application, so many at once and no more."""

    def __init__(self, most: int) -> None:
        self._places = BoundedSemaphore(most)

    def events(self, key: str) -> Response:
        """Messages that are each a ``Live``, the first at once, the next whenever something has changed; ``end`` when the review has ended.

        ``Last-Event-ID``, or ``?since=``: the revision that the page has; the first message brings what changed after it. When all places
        are taken, 503: the page then asks by itself.
        """
        found(key)
        since = revision_of(request.headers.get("Last-Event-ID", request.args.get("since", "")))
        if not self._places.acquire(blocking=False):
            busy = make_response(
                "As many pages as can be are told by events already.\n", HTTPStatus.SERVICE_UNAVAILABLE
            )
            busy.headers["Content-Type"], busy.headers["Retry-After"] = "text/plain", str(BUSY_SECONDS)
            return busy
        tell = service().tell
        tell(Streamed(1))
        response = Response(_stream(service(), key, since), content_type="text/event-stream")
        # With the response, not in the stream: that may be closed before it has begun.
        place = ExitStack()
        place.callback(self._places.release)
        place.callback(tell, Streamed(-1))
        response.call_on_close(place.close)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        return response


def _stream(known: Any, key: str, since: int) -> Iterator[bytes]:
    """The stream; what fails in it ends it, and the browser opens another."""
    try:
        yield from _messages(known, key, since)
    except Exception:
        # It is too late for an answer that says so.
        log.exception("a stream of a review failed")


def _messages(known: Any, key: str, since: int) -> Iterator[bytes]:
    yield f"retry: {AGAIN_MS}\n\n".encode()
    told: Standing | None = None
    begun = spoke = monotonic()
    # By its key each time: the number of a review that was deleted may be another's by now.
    while (standing := known.reviews.standing(key)) is not None:
        if standing != told:
            review = known.reviews.find(key)
            if review is None:
                return
            answer = live(known, review, since)
            yield _message(answer)
            if answer.state != RUNNING:
                yield f"event: end\ndata: {answer.state}\n\n".encode()
                return
            since, told, spoke = answer.revision, standing._replace(revision=answer.revision), monotonic()
        elif monotonic() - spoke >= HEARTBEAT_SECONDS:
            yield b":\n\n"
            spoke = monotonic()
        if monotonic() - begun >= STREAM_SECONDS or known.stopping.wait(LOOK_SECONDS):
            return


def _message(answer: Live) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (answer.revision, msgspec.json.encode(answer))
