"""accounts that somebody watches, and the days they marked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tracked_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("used_on", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tracked_list"),
        sa.UniqueConstraint("key_digest", name="uq_tracked_list_key_digest"),
    )
    op.create_index("ix_tracked_list_used_on", "tracked_list", ["used_on"])
    op.create_table(
        "tracked",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("added_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["tracked_list.id"], name="fk_tracked_list_id_tracked_list", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "network", "name", name="pk_tracked"),
    )
    op.create_index("ix_tracked_account", "tracked", ["network", "name"])
    op.create_table(
        "mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["tracked_list.id"], name="fk_mark_list_id_tracked_list", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mark"),
    )
    op.create_index("ix_mark_list", "mark", ["list_id", "network", "name"])
    op.create_index("ix_mark_account", "mark", ["network", "name"])


def downgrade() -> None:
    op.drop_table("mark")
    op.drop_table("tracked")
    op.drop_table("tracked_list")
