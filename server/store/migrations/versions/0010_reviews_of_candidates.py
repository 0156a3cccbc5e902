"""what a review is a list of: follows, followers, a published list, or names"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review", sa.Column("kind", sa.String(), nullable=False, server_default="follows"))
    op.add_column("review", sa.Column("source", sa.String(), nullable=False, server_default=""))
    op.add_column("review", sa.Column("title", sa.String(), nullable=False, server_default=""))
    op.add_column("review", sa.Column("cut_short", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE review SET kind = 'names' WHERE handle = ''")


def downgrade() -> None:
    # The form before knows only follows and lists of names.
    op.execute("UPDATE review SET network = '', handle = '', cursor = NULL WHERE kind IN ('members', 'names')")
    with op.batch_alter_table("review") as table:
        for column in ("kind", "source", "title", "cut_short"):
            table.drop_column(column)
