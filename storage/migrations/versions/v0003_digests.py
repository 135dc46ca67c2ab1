"""Digests read by index, and those of a network known as such.

What it makes must never change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("request") as table:
        table.create_index(
            "ix_request_answered_to",
            ["asked_id"],
            unique=False,
            sqlite_where=sa.text("state = 'answered'"),
            postgresql_where=sa.text("state = 'answered'"),
        )

    with op.batch_alter_table("digest") as table:
        table.add_column(sa.Column("network", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("digest") as table:
        table.drop_column("network")
    with op.batch_alter_table("request") as table:
        table.drop_index("ix_request_answered_to")
