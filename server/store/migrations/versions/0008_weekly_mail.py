"""weekly mails of watched accounts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = ("mail_address", "mail_token", "mail_asked_at", "mail_confirmed_at", "mail_told_until")


def upgrade() -> None:
    op.add_column("tracked_list", sa.Column("mail_address", sa.String(), nullable=False, server_default=""))
    op.add_column("tracked_list", sa.Column("mail_token", sa.String(), nullable=False, server_default=""))
    op.add_column("tracked_list", sa.Column("mail_asked_at", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("tracked_list", sa.Column("mail_confirmed_at", sa.Integer(), nullable=True))
    op.add_column("tracked_list", sa.Column("mail_told_until", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_tracked_list_mail_token", "tracked_list", ["mail_token"])


def downgrade() -> None:
    op.drop_index("ix_tracked_list_mail_token", "tracked_list")
    with op.batch_alter_table("tracked_list") as table:
        for column in COLUMNS:
            table.drop_column(column)
