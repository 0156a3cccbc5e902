"""owners of accounts, their notes, their disputes, and who is on leaderboards"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "owner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("proven_at", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_owner"),
        sa.UniqueConstraint("key_digest", name="uq_owner_key_digest"),
    )
    op.create_index("ix_owner_account", "owner", ["network", "name"])
    op.create_index("ix_owner_created_at", "owner", ["created_at"])
    op.create_table(
        "dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("signal", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("made_at", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("answered_at", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="fk_dispute_owner_id_owner", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_dispute"),
    )
    op.create_index("ix_dispute_owner_id", "dispute", ["owner_id"])


def downgrade() -> None:
    op.drop_table("dispute")
    op.drop_table("owner")
