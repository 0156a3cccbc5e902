"""An activity as bytes and back."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict
from typing import Any

from server.account import AccountRef
from server.activity import (
    UNKNOWN,
    Activity,
    Consent,
    CountsOverTime,
    Coverage,
    Depth,
    Interactions,
    People,
    Posts,
    Profile,
    columns_of,
    table_from_columns,
)

_FORM = 5
_READ = (1, 2, 3, 4, _FORM)
"""Form 1 did not know how many the people follow, nor how many a post names; form 2 did not know hashtags,
form 3 languages, form 4 places."""
_UNKNOWN_TO_OLDER: tuple[tuple[str, str, Any], ...] = (
    ("people", "following", UNKNOWN),
    ("people", "place", ""),
    ("posts", "mentions", UNKNOWN),
    ("posts", "tags", ""),
    ("posts", "language", ""),
)
_LEVEL = 3


def as_json(activity: Activity) -> dict[str, Any]:
    """The activity as JSON: its profile, how much was seen, and its tables, column by column."""
    profile = asdict(activity.profile) | {"ref": str(activity.ref)}
    return {
        "form": _FORM,
        "profile": profile,
        "gathered_at": activity.gathered_at,
        "coverage": asdict(activity.coverage),
        "posts": columns_of(activity.posts),
        "people": columns_of(activity.people),
        "interactions": columns_of(activity.interactions),
        "counts": columns_of(activity.counts),
    }


def to_bytes(activity: Activity) -> bytes:
    """The same as zlib-compressed text."""
    return zlib.compress(json.dumps(as_json(activity), separators=(",", ":")).encode(), _LEVEL)


def from_bytes(data: bytes) -> Activity:
    """The inverse of ``to_bytes``. Raises ValueError for bytes of another form."""
    try:
        form: dict[str, Any] = json.loads(zlib.decompress(data))
        if form["form"] not in _READ:
            raise ValueError(f"activity of form {form['form']}, this version reads {_READ}")
        for table, column, value in _UNKNOWN_TO_OLDER:
            form[table].setdefault(column, [value] * len(form[table]["id"]))
        profile, coverage = form["profile"], form["coverage"]
        return Activity(
            profile=Profile(
                **{**profile, "ref": AccountRef.parse(profile["ref"]), "consent": Consent(profile["consent"])}
            ),
            gathered_at=form["gathered_at"],
            posts=table_from_columns(Posts, form["posts"]),
            people=table_from_columns(People, form["people"]),
            interactions=table_from_columns(Interactions, form["interactions"]),
            counts=table_from_columns(CountsOverTime, form["counts"]),
            coverage=Coverage(
                **{
                    **coverage,
                    "depth": Depth(coverage["depth"]),
                    "threads_read": tuple(coverage["threads_read"]),
                    "engagers_read": tuple(coverage["engagers_read"]),
                }
            ),
        )
    except (zlib.error, KeyError, TypeError) as problem:
        raise ValueError(f"not a stored activity: {problem}") from problem
