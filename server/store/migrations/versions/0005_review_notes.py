"""notes in a review, and at which change of it each of its accounts stands"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("reviewed", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("reviewed", sa.Column("note", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_reviewed_revision", "reviewed", ["review_id", "revision"])


def downgrade() -> None:
    op.drop_index("ix_reviewed_revision", "reviewed")
    with op.batch_alter_table("reviewed") as table:
        table.drop_column("note")
        table.drop_column("revision")
    with op.batch_alter_table("review") as table:
        table.drop_column("revision")
