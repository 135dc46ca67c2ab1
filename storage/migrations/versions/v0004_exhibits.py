"""Exhibits, their custody and releases, errands; until when a case's exhibits are kept.

What it makes must never change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "errand",
        sa.Column("job", sa.String(length=255), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("place", sa.String(length=255), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_errand")),
    )
    with op.batch_alter_table("errand") as table:
        table.create_index("ix_errand_not_before", ["not_before"], unique=False)

    op.create_table(
        "export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ledger_count", sa.Integer(), nullable=False),
        sa.Column("ledger_head", sa.String(length=64), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_export_agency_id_agency")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_export_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sa.UniqueConstraint(
            "case_id", "agency_id", "ledger_count", name=op.f("uq_export_case_id_agency_id_ledger_count")
        ),
    )

    op.create_table(
        "exhibit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=255), nullable=False),
        sa.Column("message", sa.String(length=255), nullable=False),
        sa.Column("file", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("claimed_type", sa.String(length=255), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "trouble",
            sa.Enum(
                "unreachable",
                "cut off",
                "no file",
                "too large",
                "gone",
                "elsewhere",
                name="trouble",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(sha256 IS NULL) = (kept_at IS NULL)", name=op.f("ck_exhibit_kept_with_sum")),
        sa.CheckConstraint("(sha256 IS NULL) = (size IS NULL)", name=op.f("ck_exhibit_kept_with_size")),
        sa.CheckConstraint("destroyed_at IS NULL OR kept_at IS NOT NULL", name=op.f("ck_exhibit_destroyed_once_kept")),
        sa.CheckConstraint("trouble IS NULL OR sha256 IS NULL", name=op.f("ck_exhibit_kept_or_not")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_exhibit_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["officer_id", "agency_id"], ["officer.id", "officer.agency_id"], name=op.f("fk_exhibit_officer_id_officer")
        ),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_exhibit_reply_id_reply")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_exhibit_request_id_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhibit")),
        sa.UniqueConstraint("place", "message", "file", name=op.f("uq_exhibit_place_message_file")),
    )
    with op.batch_alter_table("exhibit") as table:
        table.create_index(
            "ix_exhibit_unfetched",
            ["at"],
            unique=False,
            sqlite_where=sa.text("sha256 IS NULL"),
            postgresql_where=sa.text("sha256 IS NULL"),
        )
        table.create_index("ix_exhibit_reply_id", ["reply_id"], unique=False)
        table.create_index("ix_exhibit_request_id", ["request_id"], unique=False)
        table.create_index(
            "ix_exhibit_sha256",
            ["sha256"],
            unique=False,
            sqlite_where=sa.text("sha256 IS NOT NULL"),
            postgresql_where=sa.text("sha256 IS NOT NULL"),
        )

    op.create_table(
        "custody",
        sa.Column("exhibit_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "received",
                "verified",
                "shown",
                "released",
                "exported",
                "destroyed",
                name="act",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=255), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_custody_agency_id_agency")),
        sa.ForeignKeyConstraint(["exhibit_id"], ["exhibit.id"], name=op.f("fk_custody_exhibit_id_exhibit")),
        sa.ForeignKeyConstraint(
            ["officer_id", "agency_id"], ["officer.id", "officer.agency_id"], name=op.f("fk_custody_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("exhibit_id", "number", name=op.f("pk_custody")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exhibit_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("decider_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("lapsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(agreed IS NULL) = (decided_at IS NULL)", name=op.f("ck_release_decided")),
        sa.CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_release_decided_by_someone")),
        sa.CheckConstraint("lapsed_at IS NULL OR decided_at IS NULL", name=op.f("ck_release_decided_or_lapsed")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_release_agency_id_agency")),
        sa.ForeignKeyConstraint(["decider_id"], ["officer.id"], name=op.f("fk_release_decider_id_officer")),
        sa.ForeignKeyConstraint(["exhibit_id"], ["exhibit.id"], name=op.f("fk_release_exhibit_id_exhibit")),
        sa.ForeignKeyConstraint(
            ["officer_id", "agency_id"], ["officer.id", "officer.agency_id"], name=op.f("fk_release_officer_id_officer")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["agency.id"], name=op.f("fk_release_to_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    with op.batch_alter_table("release") as table:
        table.create_index(
            "ix_release_agreed",
            ["exhibit_id", "to_id"],
            unique=False,
            sqlite_where=sa.text("agreed"),
            postgresql_where=sa.text("agreed"),
        )
        table.create_index(
            "uq_release_open",
            ["exhibit_id", "to_id"],
            unique=True,
            sqlite_where=sa.text("agreed IS NULL AND lapsed_at IS NULL"),
            postgresql_where=sa.text("agreed IS NULL AND lapsed_at IS NULL"),
        )

    with op.batch_alter_table("case") as table:
        table.add_column(sa.Column("keep_until", sa.Date(), nullable=True))

    with op.batch_alter_table("held") as table:
        table.add_column(sa.Column("files", sa.Text(), nullable=True))

    with op.batch_alter_table("reply") as table:
        table.alter_column("thread_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    op.drop_table("export")
    op.execute(
        "UPDATE reply SET thread_id = (SELECT min(thread.id) FROM thread WHERE thread.request_id = reply.request_id)"
        " WHERE thread_id IS NULL"
    )
    with op.batch_alter_table("reply") as table:
        table.alter_column("thread_id", existing_type=sa.Integer(), nullable=False)

    with op.batch_alter_table("held") as table:
        table.drop_column("files")

    with op.batch_alter_table("case") as table:
        table.drop_column("keep_until")

    with op.batch_alter_table("release") as table:
        table.drop_index(
            "uq_release_open",
            sqlite_where=sa.text("agreed IS NULL AND lapsed_at IS NULL"),
            postgresql_where=sa.text("agreed IS NULL AND lapsed_at IS NULL"),
        )
        table.drop_index("ix_release_agreed", sqlite_where=sa.text("agreed"), postgresql_where=sa.text("agreed"))

    op.drop_table("release")
    op.drop_table("custody")
    with op.batch_alter_table("exhibit") as table:
        table.drop_index("ix_exhibit_unfetched")
        table.drop_index(
            "ix_exhibit_sha256",
            sqlite_where=sa.text("sha256 IS NOT NULL"),
            postgresql_where=sa.text("sha256 IS NOT NULL"),
        )
        table.drop_index("ix_exhibit_request_id")
        table.drop_index("ix_exhibit_reply_id")

    op.drop_table("exhibit")
    with op.batch_alter_table("errand") as table:
        table.drop_index("ix_errand_not_before")

    op.drop_table("errand")
