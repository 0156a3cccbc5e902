"""GET /api/v1/range/…: badges by prefix, so that a shared service does not learn whom one looks at."""

from __future__ import annotations

import json
import re
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from server.api.badges import of_report
from server.api.problems import BadRequest, documented
from server.api.schemas import Range, RangeDigits, RangeEntry
from server.api.service import service
from server.prefixes import Entry

blueprint = APIBlueprint("ranges", __name__, url_prefix="/api/v1/range", tag="Prefix look-ups")

KEPT_SECONDS = 600
"""So long an answer may be kept by whoever asked, and by nobody in between."""
ENTRIES = 16
"""Answers hold a multiple of so many entries."""
ENTRY_BYTES = 768
"""What nearly all entries fit into; with a longer one among them all are longer, in steps."""
STEP_BYTES = 256
ALL = "all"

_PREFIX = re.compile(r"[0-9a-f]{1,64}|all")


@blueprint.get("")
@blueprint.output(RangeDigits, description="The number of digits")
@blueprint.doc(
    summary="With how many digits to ask",
    description="The most with which every answer holds at least 16 accounts. Counted once an hour.",
)
def digits() -> Response:
    """How many digits a prefix has just now."""
    counted = service().prefixes.digits()
    return _kept(json.dumps({"digits": counted.digits, "accounts": counted.accounts}).encode())


@blueprint.get("/<prefix>")
@blueprint.output(Range, description="Every name listed under the prefix, padded")
@blueprint.doc(
    summary="Badges of all accounts whose hashed names begin alike",
    description="The prefix: the first digits of the lower-case hexadecimal SHA-256 of `network:name`, as many as `/api/v1/range` says, or "
    "`all` when it says 0. The name: a handle in lower case, or the account's id. Only what is stored is listed; nothing is gathered. "
    "All entries of an answer are of one size (with white space at their end), and they are a multiple of 16, so that its length tells "
    "nothing. 400 of the kind `range-digits` carries the right number as `digits`.",
    responses=documented(400),
)
def listed(prefix: str) -> Response:
    """All that is listed under a prefix, at once."""
    if not _PREFIX.fullmatch(prefix):
        raise BadRequest(
            "The prefix is not of lower-case hexadecimal digits; it can also be the word all.",
            [("prefix", "lower-case hexadecimal digits, or all")],
        )
    entries = service().prefixes.entries("" if prefix == ALL else prefix)
    count = 0 if prefix == ALL else len(prefix)
    head = f'{{"digits":{count},"prefix":"{prefix}","entries":['.encode()
    return _kept(head + b",".join(padded([_rendered(entry) for entry in entries])) + b"]}")


def padded(entries: list[bytes]) -> list[bytes]:
    """Entries (JSON objects) all of one size, and as many more without content as make a multiple of 16, at least 16."""
    longest = max(map(len, entries), default=0)
    size = max(ENTRY_BYTES, -(-longest // STEP_BYTES) * STEP_BYTES)
    more = -len(entries) % ENTRIES if entries else ENTRIES
    bare = b'{"padding":true,"filler":""}'
    filled = bare[:-2] + b"0" * (size - len(bare)) + bare[-2:]
    return [entry[:-1].ljust(size - 1) + b"}" for entry in entries] + [filled] * more


def _rendered(entry: Entry) -> bytes:
    badge = {"state": entry.report["state"], "ask_again_after": entry.ask_again_after}
    badge |= of_report(entry.report) | {"stale": entry.stale}
    form: dict[str, Any] = {
        "suffix": entry.suffix,
        # The id would tell the name to everybody who asks for a prefix.
        "badge": {name: value for name, value in badge.items() if name != "id"},
        "pillars": [{name: pillar[name] for name in ("id", "rounded", "of")} for pillar in entry.report["pillars"]],
    }
    RangeEntry.model_validate(form)
    return json.dumps(form, separators=(",", ":")).encode()


def _kept(body: bytes) -> Response:
    response = Response(body, content_type="application/json")
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    return response
