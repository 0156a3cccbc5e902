"""accounts, handles, reports, opt-outs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("gathered_at", sa.Integer(), nullable=False),
        sa.Column("studied_at", sa.Integer(), nullable=True),
        sa.Column("activity", sa.LargeBinary(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_account"),
    )
    op.create_index("ix_account_gathered_at", "account", ["gathered_at"])
    op.create_table(
        "handle",
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("seen_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("network", "handle", name="pk_handle"),
        sa.ForeignKeyConstraint(["ref"], ["account.ref"], name="fk_handle_ref_account", ondelete="CASCADE"),
    )
    op.create_index("ix_handle_ref", "handle", ["ref"])
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("scored_at", sa.Integer(), nullable=False),
        sa.Column("formula_version", sa.String(), nullable=False),
        sa.Column("score_tenths", sa.Integer(), nullable=True),
        sa.Column("low", sa.Integer(), nullable=True),
        sa.Column("high", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("broadcasts", sa.Integer(), nullable=False),
        sa.Column("measures", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.ForeignKeyConstraint(["ref"], ["account.ref"], name="fk_report_ref_account", ondelete="CASCADE"),
    )
    op.create_index("ix_report_ref_scored_at", "report", ["ref", "scored_at"])
    op.create_table(
        "opt_out",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_opt_out"),
    )


def downgrade() -> None:
    for table in ("opt_out", "report", "handle", "account"):
        op.drop_table(table)
