"""digests of the names that accounts are found under, for look-ups by prefix"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BATCH = 500
NEEDED = {"state", "account", "verdict", "balance", "score", "pillars", "scored_at"}
"""What a report must hold for its account to be listed."""

account = sa.table("account", sa.column("ref", sa.String), sa.column("report", sa.LargeBinary))
handle = sa.table("handle", *(sa.column(name, sa.String) for name in ("network", "handle", "ref", "digest")))


def upgrade() -> None:
    op.add_column("handle", sa.Column("digest", sa.String(), nullable=True))
    # Filled before there is an index to keep up to date.
    for refs in _listed_accounts():
        _fill(refs)
    op.create_index("ix_handle_digest", "handle", ["digest", "ref"])


def downgrade() -> None:
    op.drop_index("ix_handle_digest", "handle")
    with op.batch_alter_table("handle") as table:
        table.drop_column("digest")


def _listed_accounts() -> Iterator[list[str]]:
    """The accounts, batch by batch, whose stored report holds what is listed."""
    last = ""
    while True:
        query = sa.select(account.c.ref, account.c.report).where(account.c.ref > last).order_by(account.c.ref)
        rows = op.get_bind().execute(query.limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1].ref
        yield [row.ref for row in rows if _is_whole(row.report)]


def _is_whole(report: bytes) -> bool:
    try:
        form = json.loads(zlib.decompress(report))
    except (zlib.error, ValueError):
        return False
    return isinstance(form, dict) and form.keys() >= NEEDED


def _fill(refs: list[str]) -> None:
    rows = op.get_bind().execute(
        sa.select(handle.c.network, handle.c.handle, handle.c.ref).where(handle.c.ref.in_(refs))
    )
    digests = []
    for row in rows:
        # Handles are stored in lower case; an id keeps the case it has.
        own_id = row.ref.removeprefix(f"{row.network}:")
        name = own_id if row.handle == own_id.lower() else row.handle
        digest = sha256(f"{row.network}:{name}".encode()).hexdigest()
        digests.append({"of_network": row.network, "of_handle": row.handle, "found": digest})
    if digests:
        of_this = (handle.c.network == sa.bindparam("of_network")) & (handle.c.handle == sa.bindparam("of_handle"))
        op.get_bind().execute(sa.update(handle).where(of_this).values(digest=sa.bindparam("found")), digests)
