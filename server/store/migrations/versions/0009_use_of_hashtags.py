"""which accounts use which hashtags"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tag_use",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["ref"], ["account.ref"], name="fk_tag_use_ref_account", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ref", "tag", name="pk_tag_use"),
    )
    op.create_index("ix_tag_use_tag", "tag_use", ["tag", "ref"])


def downgrade() -> None:
    op.drop_table("tag_use")
