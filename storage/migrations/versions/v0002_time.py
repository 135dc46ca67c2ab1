"""Hours and closing days, due moments, subscriptions to digests, calendars.

What it makes must never change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "moment",
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bundle", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_moment")),
    )
    with op.batch_alter_table("moment") as table:
        table.create_index("ix_moment_at", ["at"], unique=False)
        table.create_index(
            "ix_moment_bundle",
            ["bundle", "at"],
            unique=False,
            sqlite_where=sa.text("bundle IS NOT NULL"),
            postgresql_where=sa.text("bundle IS NOT NULL"),
        )

    op.create_table(
        "closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.CheckConstraint("first <= last", name=op.f("ck_closing_in_order")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_closing_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
    )
    with op.batch_alter_table("closing") as table:
        table.create_index(op.f("ix_closing_agency_id"), ["agency_id"], unique=False)

    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_feed_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["officer_id", "agency_id"], ["officer.id", "officer.agency_id"], name=op.f("fk_feed_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("sha256", name=op.f("uq_feed_sha256")),
    )
    with op.batch_alter_table("feed") as table:
        table.create_index(op.f("ix_feed_agency_id"), ["agency_id"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=255), nullable=False),
        sa.Column("network", sa.Boolean(), nullable=False),
        sa.Column(
            "every",
            sa.Enum("day", "week", "month", name="every", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_subscription_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["officer_id", "agency_id"],
            ["officer.id", "officer.agency_id"],
            name=op.f("fk_subscription_officer_id_officer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("agency_id", "place", "network", name=op.f("uq_subscription_agency_id_place_network")),
    )
    with op.batch_alter_table("subscription") as table:
        table.create_index(op.f("ix_subscription_agency_id"), ["agency_id"], unique=False)

    with op.batch_alter_table("agency") as table:
        table.add_column(sa.Column("opens", sa.Time(), server_default="09:00:00.000000", nullable=False))
        table.add_column(sa.Column("closes", sa.Time(), server_default="17:00:00.000000", nullable=False))
        table.create_check_constraint(op.f("ck_agency_hours"), "opens < closes")

    with op.batch_alter_table("request") as table:
        table.add_column(sa.Column("due_steps", sa.Text(), nullable=True))
        table.add_column(sa.Column("proposed_due_note", sa.String(length=400), nullable=True))
        table.add_column(sa.Column("proposed_due_steps", sa.Text(), nullable=True))
        table.add_column(sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index(
            "ix_request_closed_to",
            ["asked_id", "closed_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL"),
        )
        table.create_index(
            "ix_request_closed",
            ["asking_id", "closed_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL"),
        )
        table.create_index(
            "ix_request_kept",
            ["asking_id", "kept_until"],
            unique=False,
            sqlite_where=sa.text("kept_until IS NOT NULL"),
            postgresql_where=sa.text("kept_until IS NOT NULL"),
        )
        table.create_index(
            "ix_request_timed",
            ["asking_id", "answered_at"],
            unique=False,
            sqlite_where=sa.text("answered_at IS NOT NULL"),
            postgresql_where=sa.text("answered_at IS NOT NULL"),
        )

    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("below_id", sa.Integer, nullable=True))
        table.create_foreign_key(op.f("fk_outbox_below_id_outbox"), "outbox", ["below_id"], ["id"])
        table.create_index(
            "ix_outbox_aside",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'set aside'"),
            postgresql_where=sa.text("state = 'set aside'"),
        )

    # What was answered and closed before has its moments in its events; what is owed is looked at by the first tick.
    op.execute(
        "UPDATE request SET answered_at = (SELECT max(event.at) FROM event WHERE event.request_id = request.id"
        " AND event.tag = 'request:answered' AND event.state = 'answered') WHERE state IN ('answered', 'closed')"
    )
    op.execute(
        "UPDATE request SET closed_at = (SELECT max(event.at) FROM event WHERE event.request_id = request.id"
        " AND event.tag = 'request:closed') WHERE state = 'closed'"
    )
    for audience in ("desk", "coordinators", "asking"):
        waiting = sa.text(
            "INSERT INTO moment (job, at, since) SELECT :audience || ':' || id, sent_at, sent_at FROM request"
            " WHERE state IN ('sent', 'acknowledged')"
        )
        op.execute(waiting.bindparams(audience=audience))


def downgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.drop_index("ix_outbox_aside")
        table.drop_constraint(op.f("fk_outbox_below_id_outbox"), type_="foreignkey")
        table.drop_column("below_id")
    with op.batch_alter_table("request") as table:
        table.drop_index(
            "ix_request_timed",
            sqlite_where=sa.text("answered_at IS NOT NULL"),
            postgresql_where=sa.text("answered_at IS NOT NULL"),
        )
        table.drop_index(
            "ix_request_kept",
            sqlite_where=sa.text("kept_until IS NOT NULL"),
            postgresql_where=sa.text("kept_until IS NOT NULL"),
        )
        table.drop_index("ix_request_closed_to")
        table.drop_index(
            "ix_request_closed",
            sqlite_where=sa.text("closed_at IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL"),
        )
        table.drop_column("reminded_at")
        table.drop_column("snoozed_until")
        table.drop_column("closed_at")
        table.drop_column("answered_at")
        table.drop_column("proposed_due_steps")
        table.drop_column("proposed_due_note")
        table.drop_column("due_steps")

    with op.batch_alter_table("agency") as table:
        table.drop_constraint(op.f("ck_agency_hours"), type_="check")
        table.drop_column("closes")
        table.drop_column("opens")

    with op.batch_alter_table("subscription") as table:
        table.drop_index(op.f("ix_subscription_agency_id"))

    op.drop_table("subscription")
    with op.batch_alter_table("feed") as table:
        table.drop_index(op.f("ix_feed_agency_id"))

    op.drop_table("feed")
    with op.batch_alter_table("closing") as table:
        table.drop_index(op.f("ix_closing_agency_id"))

    op.drop_table("closing")
    with op.batch_alter_table("moment") as table:
        table.drop_index(
            "ix_moment_bundle",
            sqlite_where=sa.text("bundle IS NOT NULL"),
            postgresql_where=sa.text("bundle IS NOT NULL"),
        )
        table.drop_index("ix_moment_at")

    op.drop_table("moment")
