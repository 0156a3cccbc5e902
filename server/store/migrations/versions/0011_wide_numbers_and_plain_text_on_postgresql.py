"""on PostgreSQL, numbers of 64 bits and text in the order of its code points: what SQLite always had"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    here = sa.inspect(op.get_bind())
    for table in here.get_table_names():
        if table != "alembic_version":
            changes = ", ".join(filter(None, map(_change, here.get_columns(table))))
            op.execute(f'ALTER TABLE "{table}" {changes}')
            _widen_numbering(table)


def downgrade() -> None:
    # The form before works with these types as well.
    pass


def _change(column: sa.engine.interfaces.ReflectedColumn) -> str:
    """How a column's type is altered; empty for one that stays."""
    if isinstance(column["type"], sa.Integer):
        return f'ALTER COLUMN "{column["name"]}" TYPE bigint'
    if isinstance(column["type"], sa.String):
        return f'ALTER COLUMN "{column["name"]}" TYPE varchar COLLATE "C"'
    return ""


def _widen_numbering(table: str) -> None:
    query = sa.text(
        "SELECT sequencename FROM pg_sequences WHERE sequencename = :name AND schemaname = current_schema()"
    )
    for name in op.get_bind().scalars(query, {"name": f"{table}_id_seq"}):
        op.execute(f'ALTER SEQUENCE "{name}" AS bigint')
