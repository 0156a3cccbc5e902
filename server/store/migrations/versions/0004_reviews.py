"""reviews of the accounts that somebody follows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_review"),
        sa.UniqueConstraint("key_digest", name="uq_review_key_digest"),
    )
    op.create_index("ix_review_created_at", "review", ["created_at"])
    op.create_table(
        "reviewed",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("again_at", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.Integer(), nullable=True),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name="fk_reviewed_review_id_review", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("review_id", "position", name="pk_reviewed"),
    )
    op.create_index("ix_reviewed_name", "reviewed", ["review_id", "network", "name"], unique=True)
    op.create_index("ix_reviewed_next", "reviewed", ["review_id", "state", "again_at", "position"])
    op.create_index("ix_reviewed_account", "reviewed", ["network", "name"])
    op.create_index("ix_reviewed_handle", "reviewed", ["network", "handle"])


def downgrade() -> None:
    op.drop_table("reviewed")
    op.drop_table("review")
