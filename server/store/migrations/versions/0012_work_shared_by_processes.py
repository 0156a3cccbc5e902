"""who is at what: several processes share the work of reviews, and what is done by the clock"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    wide, text = sa.BigInteger().with_variant(sa.Integer(), "sqlite"), _text()
    for name in ("claimed_until", "paused_until", "failures"):
        op.add_column("review", sa.Column(name, wide, nullable=False, server_default="0"))
    op.add_column("review", sa.Column("waits_for", text, nullable=False, server_default=""))
    op.add_column("reviewed", sa.Column("claimed_until", wide, nullable=False, server_default="0"))
    op.add_column("reviewed", sa.Column("settled_at", wide))
    op.create_index("ix_reviewed_claimed", "reviewed", ["review_id", "claimed_until"])
    op.create_table("secret_key", sa.Column("id", wide, primary_key=True), sa.Column("digest", text, nullable=False))
    op.create_table(
        "chore",
        sa.Column("name", text, primary_key=True),
        sa.Column("due_at", wide, nullable=False),
        sa.Column("begun_at", wide, nullable=False),
        sa.Column("ended_at", wide),
    )


def downgrade() -> None:
    op.drop_table("chore")
    op.drop_table("secret_key")
    op.drop_index("ix_reviewed_claimed", "reviewed")
    with op.batch_alter_table("reviewed") as table:
        for column in ("claimed_until", "settled_at"):
            table.drop_column(column)
    with op.batch_alter_table("review") as table:
        for column in ("claimed_until", "paused_until", "failures", "waits_for"):
            table.drop_column(column)


def _text() -> sa.String:
    return sa.String(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.String()
