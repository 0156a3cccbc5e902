"""what a score was made from, and a row for each version of the formula that scored it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = ("ref", "scored_at", "formula_version")


def upgrade() -> None:
    # Nothing wrote two rows of one key, but nothing forbade it either.
    op.execute(
        "DELETE FROM report WHERE id NOT IN (SELECT max(id) FROM report GROUP BY ref, scored_at, formula_version)"
    )
    op.add_column("report", sa.Column("days_silent", sa.Double(), nullable=True))
    op.add_column("report", sa.Column("measured_as", sa.Integer(), nullable=True))
    op.add_column("report", sa.Column("depth", sa.String(), nullable=True))
    op.drop_index("ix_report_ref_scored_at", "report")
    op.create_index("ix_report_ref_scored_at_formula_version", "report", KEY, unique=True)


def downgrade() -> None:
    # The version before knows one row per time: the one scored then stays, those scored again later go.
    op.execute("DELETE FROM report WHERE id NOT IN (SELECT min(id) FROM report GROUP BY ref, scored_at)")
    op.drop_index("ix_report_ref_scored_at_formula_version", "report")
    op.create_index("ix_report_ref_scored_at", "report", ["ref", "scored_at"])
    with op.batch_alter_table("report") as report:
        for column in ("depth", "measured_as", "days_silent"):
            report.drop_column(column)
