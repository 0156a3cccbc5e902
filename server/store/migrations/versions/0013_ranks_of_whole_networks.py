"""ranks of whole networks, for what those who react to an account tell of it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    wide = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    text = sa.String(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.String()
    op.create_table(
        "ranked_network",
        sa.Column("id", wide, primary_key=True),
        sa.Column("network", text, nullable=False, index=True),
        sa.Column("ranked_at", wide, nullable=False),
        sa.Column("people", wide, nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "rank",
        sa.Column("ranked_network_id", wide, sa.ForeignKey("ranked_network.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", text, primary_key=True),
        sa.Column("rank", sa.Double(), nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("rank")
    op.drop_table("ranked_network")
