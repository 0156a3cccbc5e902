"""The two tables a network is given as, checked and cleaned: what everybody did, and who everybody is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis import Table, _

from server.errors import BadTable

KINDS = ("post", "reply", "repost", "quote", "like", "mention")
"""What somebody can do: send a post of their own, or do something to another's."""
DELETE = "delete"
"""The kind of a row that takes back what its ``record`` said until then."""
LONGEST_ID = 1000
"""Characters; no network has longer ids, and a table of such would not fit into memory."""
SKEW_SECONDS = 86_400
"""Clocks differ, and networks take what a client says: so far ahead of now a time counts as now, beyond it the row is left out."""

ACTS = {
    "actor": "id of who did it",
    "target": "id of the account it was done to; null for a post to nobody",
    "kind": f"one of {', '.join(KINDS)}; or {DELETE}, which takes back the rows of the same actor and record",
    "time": "when: whole seconds since 1970 UTC, or a timestamp",
    "post": "id of the post it was done to; of a post to nobody, its own",
}
"""The columns of the interactions table and what each holds."""
ACTS_IF_KNOWN = {
    "made": "id of the post that a reply or quote is; without it that post is not measured",
    "record": "id under which the actor did it and may take it back",
}
ACCOUNTS = {"id": "id of the account, as in the interactions"}
ACCOUNTS_IF_KNOWN = {
    "followers": "how many follow it",
    "following": "how many it follows",
    "listed": "on how many lists of others it stands",
    "consent": "open, ephemeral or refused, as the account asks; null: open",
    "seen": "when this was so, like time in the interactions: of several rows of an account the newest that says something counts",
}
Keep = Callable[[str, Table], Table]
"""Has an engine work out a table once, under a name, for all that is made of it."""
_IDS = ("actor", "target", "post", "made", "record")
_COUNTS = ("followers", "following", "listed")
_TIMES = ("time", "seen")


BY_TIME = _.made.isnull() & _.kind.isin(("reply", "quote", "mention"))
"""Deeds that have no id of their own are told apart by their time, except where a network allows one of them only."""

TAKES_BACK = (_.kind == DELETE).fill_null(False) & _.actor.notnull() & _.record.notnull() & _.time.notnull()
"""Rows of the kind DELETE that say of what."""


def files_of(path: Path) -> list[Path]:
    """The Parquet files that a table lies in: the file itself, or all of a folder. Raises BadTable when there is none."""
    if not path.exists():
        raise BadTable(f"There is no {path}.")
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    # Hidden ones are somebody's unfinished work.
    files = [file for file in files if not any(part.startswith(".") for part in file.relative_to(path.parent).parts)]
    if not files:
        raise BadTable(f"There is no *.parquet in {path}.")
    return files


def check(files: list[Path], needed: dict[str, str], if_known: dict[str, str]) -> None:
    """Raise BadTable, naming the file, unless every file is whole and has the columns, each of a type that can be read."""
    for file in files:
        try:
            schema = pq.read_schema(file)
        except (pa.ArrowInvalid, OSError) as problem:
            raise BadTable(
                f"{file} is no whole Parquet file ({str(problem).splitlines()[0]}). If it was still being written, wait; else make it anew."
            ) from None
        missing = [name for name in needed if name not in schema.names]
        if missing:
            wanted = "; ".join(f"{name}: {needed[name]}" for name in missing)
            raise BadTable(
                f"{file} has no column {', '.join(missing)}. It has {', '.join(schema.names)}. Needed is {wanted}."
            )
        for name in (*needed, *if_known):
            if name in schema.names:
                _check_type(file, name, schema.field(name).type)


def _check_type(file: Path, name: str, found: pa.DataType) -> None:
    if pa.types.is_dictionary(found):
        found = found.value_type
    is_text = pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_string_view(found)
    is_whole = pa.types.is_integer(found)
    good = {
        **dict.fromkeys(_TIMES, is_whole or pa.types.is_timestamp(found)),
        "kind": is_text,
        "consent": is_text,
        **dict.fromkeys(_COUNTS, is_whole),
        **dict.fromkeys((*_IDS, "id"), is_text or is_whole),
    }[name]
    if not good and not pa.types.is_null(found):
        wanted = {"kind": "text", "consent": "text"} | dict.fromkeys(
            _TIMES, "whole seconds since 1970 UTC, or a timestamp"
        )
        numbers = name in _COUNTS
        raise BadTable(
            f"In {file} the column {name} is {found}; it must be {wanted.get(name, 'whole numbers' if numbers else 'text or whole numbers')}."
        )


def typed(acts: Table, accounts: Table) -> tuple[Table, Table]:
    """Both tables with each of their columns and no other, what is left out null; times are seconds, counts never below nothing.

    Ids stay numbers where all of them are, and are texts else. ``accounts`` has ``open`` in the place of ``consent``, and each id once.
    """
    id_type = _id_type([*_ids_of(acts), accounts.id])
    return _typed_acts(acts, id_type), _typed_accounts(accounts, id_type)


def typed_acts(acts: Table) -> Table:
    """The same of interactions alone."""
    return _typed_acts(acts, _id_type(_ids_of(acts)))


def _ids_of(acts: Table) -> list[ibis.Value]:
    return [acts[name] for name in _IDS if name in acts.columns]


def _id_type(columns: list[ibis.Value]) -> str:
    are_numbers = all(column.type().is_integer() or column.type().is_null() for column in columns)
    return "int64" if are_numbers else "string"


def _typed_acts(table: Table, id_type: str) -> Table:
    ids = {name: _column(table, name, id_type) for name in _IDS}
    return table.select(**ids, kind=table.kind.cast("string"), time=_seconds(table.time))


def _typed_accounts(table: Table, id_type: str) -> Table:
    counts = {name: _column(table, name, "int64") for name in _COUNTS}
    counts = {name: ibis.ifelse(count >= 0, count, ibis.null("int64")) for name, count in counts.items()}
    seen = {"seen": _seconds(table.seen)} if "seen" in table.columns else {}
    known = table.select(id=table.id.cast(id_type), consent=_column(table, "consent", "string"), **counts, **seen)
    rows = known.filter(_.id.notnull())
    if seen:
        rows = _as_last_told(rows)
    # Where nothing says which row of an id is newer, whoever asked in one of them not to be looked at is not.
    rows = rows.mutate(open=_.consent.isnull() | (_.consent == "open"))
    return rows.group_by("id").agg(open=_.open.all(), **{name: _[name].max() for name in _COUNTS})


def _as_last_told(rows: Table) -> Table:
    """The same rows with null in the place of what a later row of the same account says otherwise."""
    told = ("consent", *_COUNTS)
    rows = rows.mutate(seen=_.seen.fill_null(0))
    latest = {
        f"latest_{name}": ibis.ifelse(rows[name].notnull(), rows.seen, ibis.null("int64"))
        .max()
        .over(ibis.window(group_by="id"))
        for name in told
    }
    dated = rows.mutate(**latest)
    return dated.select(
        "id",
        **{
            name: ibis.ifelse(dated.seen == dated[f"latest_{name}"], dated[name], ibis.null(dated[name].type()))
            for name in told
        },
    )


def _seconds(times: ibis.Value) -> ibis.Value:
    return (times.epoch_seconds() if times.type().is_timestamp() else times).cast("int64")


def _column(table: Table, name: str, of_type: str) -> ibis.Value:
    return table[name].cast(of_type) if name in table.columns else ibis.null(of_type)


def judged(acts: Table, accounts: Table, now: int) -> Table:
    """Every row of the ``typed`` interactions with why it is left out (``reason``, null: it counts). ``now``: seconds since 1970 UTC.

    Rows of the kind DELETE have done their work then, and are not among them.
    """
    acts = _with_deletions(acts)
    closed = accounts.filter(~_.open)
    for end in ("actor", "target"):
        of_end = closed.select(**{f"closed_{end}": _.id})
        acts = acts.left_join(of_end, acts[end] == of_end[f"closed_{end}"])
    closed_end = acts.closed_actor.notnull() | acts.closed_target.notnull()
    return acts.mutate(
        reason=ibis.cases(
            *nonsense(acts),
            (acts.time > now + SKEW_SECONDS, "lies in the future"),
            (acts.deleted >= acts.time, "deleted since"),
            (closed_end, "of an account that asked not to be looked at"),
        )
    ).drop("closed_actor", "closed_target", "deleted")


def nonsense(acts: Table) -> list[tuple[ibis.Value, str]]:
    """Why a row of the ``typed`` interactions counts nowhere, whatever other rows say and whenever it is looked at: conditions, each with the
    reason in words; the first that holds is the reason."""
    texts = [acts[name] for name in _IDS if acts[name].type().is_string()]
    too_long = ibis.or_(*((text.length() > LONGEST_ID).fill_null(False) for text in texts))
    needs_post = acts.kind.isin(("post", "like", "repost"))
    return [
        (acts.actor.isnull() | acts.kind.isnull() | acts.time.isnull(), "who, what or when is not given"),
        (too_long, f"an id is longer than {LONGEST_ID:,} characters"),
        ((acts.kind == DELETE) & acts.record.isnull(), "what is deleted is not given"),
        (~acts.kind.isin((*KINDS, DELETE)), "of no known kind"),
        (needs_post & acts.post.isnull(), "the post is not given"),
        (~acts.kind.isin(("post", DELETE)) & acts.target.isnull(), "to whom is not given"),
        ((acts.kind == "like") & (acts.actor == acts.target), "done to oneself"),
    ]


def _with_deletions(acts: Table) -> Table:
    """The rows that do something, with when their actor took them back last (``deleted``, null: never)."""
    taken_back = (
        acts.filter(TAKES_BACK).group_by(deleted_actor=_.actor, deleted_record=_.record).agg(deleted=_.time.max())
    )
    done = acts.filter(~TAKES_BACK)
    same = [done.actor == taken_back.deleted_actor, done.record == taken_back.deleted_record]
    return done.left_join(taken_back, same).drop("deleted_actor", "deleted_record")


def clean(judged_acts: Table, now: int, keep: Keep = lambda _name, table: table) -> Table:
    """The rows that count, each deed once: repeated rows and late ones give what sorted unique ones do.

    The same person likes, reposts or answers a post once, at the earliest time given; a post exists once. ``keep`` changes nothing but the
    time it takes.
    """
    counting = judged_acts.filter(_.reason.isnull()).mutate(time=ibis.least(_.time, now))
    named = counting.mutate(
        at=ibis.ifelse(BY_TIME, _.time, ibis.null("int64")),
        target=ibis.ifelse(_.kind == "post", ibis.null(judged_acts.target.type()), _.target),
    )
    deed = ("actor", "target", "kind", "post", "made", "at")
    # Nearly all rows come once, and numbers find those that do not for a fraction of what grouping by six columns takes; that two deeds may
    # have one number costs nothing but being grouped, too.
    marked = named.mutate(mark=ibis.struct({name: named[name] for name in deed}).hash())
    several = keep("several", marked.group_by("mark").having(_.count() > 1).agg(rows=_.count()))
    # Kept by itself: an engine would work out all rows twice, or hold them, to make both parts at once.
    first = keep("first", marked.semi_join(several, "mark").group_by(*deed).agg(time=_.time.min()).drop("at"))
    once = marked.anti_join(several, "mark").select(*first.columns)
    return ibis.union(once, first)
