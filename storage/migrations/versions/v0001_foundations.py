"""Everything that the first version keeps.

A copy of storage.tables as it was then, with the words and the names of then: what it makes must never change.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

STATES = ("sent", "acknowledged", "clarifying", "answered", "declined", "withdrawn", "closed")
MARKINGS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
OWED = "state IN ('sent', 'acknowledged', 'clarifying')"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _number(name: str, *, optional: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=optional, **more)


def _of(name: str, table: str, *, optional: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{table}.id"), nullable=optional, **more)


def _short(name: str, length: int, *, optional: bool = False, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=optional, **more)


def _long(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=optional)


def _at(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _word(name: str, check: str, *words: str, optional: bool = False) -> sa.Column[Any]:
    kind = sa.Enum(*words, native_enum=False, length=40, create_constraint=True, name=check)
    return sa.Column(name, kind, nullable=optional)


def _officer_of(agency: str, officer: str = "officer_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([officer, agency], ["officer.id", "officer.agency_id"])


def _index(name: str, *columns: str, where: str | None = None, unique: bool = False) -> sa.Index:
    partial: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)} if where else {}
    return sa.Index(name, *columns, unique=unique, **partial)


sa.Table(
    "agency",
    metadata,
    _key(),
    _short("code", 20),
    _short("name", 200),
    _short("country", 2),
    _short("subdivision", 8, optional=True),
    _short("zone", 64),
    _short("weekend", 16, optional=True),
    _at("added_at"),
    sa.UniqueConstraint("code"),
    sa.CheckConstraint("code = upper(code)", name="code_in_capitals"),
)

sa.Table(
    "officer",
    metadata,
    _key(),
    _of("agency_id", "agency", index=True),
    _short("name", 200),
    _word("role", "role", "officer", "coordinator"),
    _at("added_at"),
    _at("removed_at", optional=True),
    sa.UniqueConstraint("id", "agency_id"),
)

sa.Table(
    "officer_address",
    metadata,
    _short("address", 255, primary_key=True),
    _of("officer_id", "officer", index=True),
)

sa.Table(
    "desk",
    metadata,
    _of("agency_id", "agency", primary_key=True),
    _short("place", 255, primary_key=True),
    _flag("shared"),
    _at("set_at"),
    _index("uq_desk_one", "agency_id", unique=True, where="NOT shared"),
    _index("ix_desk_place", "place"),
)

sa.Table(
    "case",
    metadata,
    _key(),
    _long("title"),
    _word(
        "conduct", "conduct", "unsolicited", "after-refusal", "no-unsubscribe", "hidden-sender", "false-headers",
        "deceptive", "harvested", "phishing", "malware", "call", "non-commercial", optional=True,
    ),
    _word("priority", "priority", "low", "normal", "high"),
    _word("marking", "marking", *MARKINGS),
    _of("agency_id", "agency"),
    _number("officer_id"),
    _short("place", 255, optional=True),
    _at("opened_at"),
    _at("closed_at", optional=True),
    _long("outcome", optional=True),
    _officer_of("agency_id"),
    sa.CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_with_outcome"),
    _index("ix_case_agency_id", "agency_id"),
)  # fmt: skip

sa.Table(
    "case_agency",
    metadata,
    _of("case_id", "case", primary_key=True),
    _of("agency_id", "agency", primary_key=True),
    _short("their_ref", 200, optional=True),
    _at("added_at"),
    _at("removed_at", optional=True),
    _index("ix_case_agency_agency", "agency_id", "case_id"),
)

sa.Table(
    "request",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    _of("case_id", "case"),
    _of("asking_id", "agency"),
    _of("asked_id", "agency"),
    _number("officer_id"),
    _number("handler_id", optional=True),
    _word(
        "kind", "requestkind", "evidence", "identify", "preserve", "traffic", "investigate", "freeze", "stop", "refer",
        "inform", "advise",
    ),
    _long("what"),
    _word("marking", "marking", *MARKINGS),
    _flag("shared"),
    _flag("urgent"),
    _long("instrument", optional=True),
    _word("state", "state", *STATES),
    _number("number"),
    _at("sent_at"),
    _at("due_at"),
    _short("due_spec", 200, optional=True),
    _short("due_note", 400, optional=True),
    _at("first_due_at"),
    _at("proposed_due_at", optional=True),
    _at("kept_until", optional=True),
    _short("proposed_due_spec", 200, optional=True),
    _short("asking_ref", 200, optional=True),
    _short("asked_ref", 200, optional=True),
    sa.UniqueConstraint("id", "case_id"),
    sa.ForeignKeyConstraint(
        ["id", "number", "state"],
        ["event.request_id", "event.number", "event.state"],
        name="fk_request_state_event",
        use_alter=True,
        deferrable=True,
        initially="DEFERRED",
    ),
    _officer_of("asking_id"),
    _officer_of("asked_id", "handler_id"),
    sa.CheckConstraint("asking_id <> asked_id", name="two_parties"),
    sa.CheckConstraint("proposed_due_spec IS NULL OR proposed_due_at IS NOT NULL", name="proposal"),
    _index("ix_request_owed", "asked_id", "due_at", where=OWED),
    _index("ix_request_owing", "asking_id", "due_at", where=OWED),
    _index("ix_request_answered", "asking_id", "due_at", where="state = 'answered'"),
    _index("ix_request_case_id", "case_id"),
)  # fmt: skip

sa.Table(
    "event",
    metadata,
    _key(),
    _of("case_id", "case"),
    _number("request_id", optional=True),
    _number("number", optional=True),
    _short("tag", 40),
    _word(
        "step", "step", "send", "ack", "assign", "clarify", "explain", "answer", "decline", "extend", "agree",
        "refuse", "withdraw", "close", "reopen", "ref", optional=True,
    ),
    _word("state", "state", *STATES, optional=True),
    _of("agency_id", "agency"),
    _number("officer_id"),
    _at("at"),
    _long("text", optional=True),
    _word(
        "reason", "reason", "not-held", "not-compliant", "authorisation-refused", "outside-scope", "out-of-date",
        "security", "endangers", "undue-harm", "minor", "originator-refused", "not-competent", "would-breach-law",
        optional=True,
    ),
    _at("due_at", optional=True),
    sa.ForeignKeyConstraint(["request_id", "case_id"], ["request.id", "request.case_id"]),
    _officer_of("agency_id"),
    sa.CheckConstraint("(request_id IS NULL) = (number IS NULL)", name="numbered"),
    sa.CheckConstraint("(request_id IS NULL) = (step IS NULL)", name="stepped"),
    sa.CheckConstraint("(request_id IS NULL) = (state IS NULL)", name="stated"),
    sa.CheckConstraint("(reason IS NULL) = (step IS NULL OR step <> 'decline')", name="declined_with_reason"),
    sa.CheckConstraint("number >= 1", name="counted_from_one"),
    sa.UniqueConstraint("request_id", "number"),
    sa.UniqueConstraint("request_id", "number", "state"),
    _index("ix_event_case", "case_id", "id"),
)  # fmt: skip

sa.Table(
    "thread",
    metadata,
    _key(),
    _short("place", 255),
    _of("case_id", "case", optional=True),
    _of("request_id", "request", optional=True),
    _at("moved_at", optional=True),
    sa.CheckConstraint("(case_id IS NULL) <> (request_id IS NULL)", name="one_subject"),
    _index("uq_thread_case", "case_id", "place", unique=True, where="moved_at IS NULL"),
    _index("uq_thread_request", "request_id", "place", unique=True, where="moved_at IS NULL"),
)

sa.Table(
    "reply",
    metadata,
    _key(),
    _of("request_id", "request"),
    _of("agency_id", "agency"),
    _number("officer_id"),
    _short("place", 255),
    _short("message", 255),
    _of("thread_id", "thread"),
    _at("at"),
    _at("held_until", optional=True),
    _at("deleted_at", optional=True),
    _officer_of("agency_id"),
    sa.UniqueConstraint("place", "message"),
    _index("ix_reply_request_id", "request_id"),
)

sa.Table(
    "reply_revision",
    metadata,
    _of("reply_id", "reply", primary_key=True),
    _number("number", primary_key=True),
    _long("text"),
    _at("at"),
)

sa.Table(
    "held",
    metadata,
    _key(),
    _short("address", 255),
    _short("place", 255),
    _short("message", 255),
    _of("thread_id", "thread"),
    _long("text"),
    _at("at"),
    sa.UniqueConstraint("place", "message"),
    _index("ix_held_address", "address"),
)

sa.Table(
    "question",
    metadata,
    _short("address", 255, primary_key=True),
    _short("place", 255, primary_key=True),
    _short("thread", 255, primary_key=True),
    _short("command", 60),
    _long("given"),
    _short("field", 60),
    _at("asked_at"),
)

sa.Table(
    "digest",
    metadata,
    _key(),
    _of("agency_id", "agency", index=True),
    _number("officer_id"),
    _short("place", 255),
    _at("at"),
    _number("ledger_count"),
    _short("ledger_head", 64),
    _officer_of("agency_id"),
)

sa.Table(
    "arrival",
    metadata,
    _short("key", 400, primary_key=True),
    _short("place", 255),
    _short("message", 255),
    _at("at"),
    _word("state", "arrivalstate", "waiting", "done", "set aside"),
    _long("payload", optional=True),
    _short("writer", 255, optional=True),
    _short("below", 255, optional=True),
    _short("became", 20, optional=True),
    _number("attempts"),
    _long("error", optional=True),
    sa.CheckConstraint("(state = 'done') = (payload IS NULL)", name="words_until_done"),
    _index("ix_arrival_waiting", "place", "message", where="state <> 'done'"),
)

sa.Table(
    "outbox",
    metadata,
    _key(),
    _word("kind", "letterkind", "root", "reroot", "post", "edit", "private"),
    _short("place", 255, optional=True),
    _short("addressee", 255, optional=True),
    _short("under", 255, optional=True),
    _of("thread_id", "thread", optional=True),
    _of("edits_id", "outbox", optional=True),
    _number("lane"),
    _of("case_id", "case", optional=True),
    _of("request_id", "request", optional=True),
    _number("sight"),
    _of("agency_id", "agency", optional=True),
    _of("reply_id", "reply", optional=True),
    _word("manner", "manner", "aloud", "apart", "quiet", optional=True),
    _word("state", "letterstate", "waiting", "delivered", "set aside"),
    _long("body", optional=True),
    _at("at"),
    _number("attempts"),
    _at("not_before", optional=True),
    _long("error", optional=True),
    sa.CheckConstraint("place IS NOT NULL OR addressee IS NOT NULL", name="goes_somewhere"),
    sa.CheckConstraint("(kind = 'private') = (addressee IS NOT NULL)", name="private_to_someone"),
    sa.CheckConstraint("kind NOT IN ('root', 'reroot') OR thread_id IS NOT NULL", name="root_of_thread"),
    sa.CheckConstraint("(kind = 'edit') = (edits_id IS NOT NULL)", name="edit_of_letter"),
    sa.CheckConstraint("(state = 'delivered') = (body IS NULL)", name="words_until_delivered"),
    _index("ix_outbox_waiting", "thread_id", "place", "addressee", "id", "lane", where="state = 'waiting'"),
    _index("uq_outbox_root", "thread_id", unique=True, where="kind = 'root'"),
    _index("ix_outbox_reply_id", "reply_id", where="reply_id IS NOT NULL"),
)

sa.Table(
    "receipt",
    metadata,
    _of("letter_id", "outbox", primary_key=True),
    _short("place", 255),
    _short("message", 255),
    _short("sha256", 64),
    _at("at"),
    _index("ix_receipt_message", "place", "message"),
)

sa.Table(
    "account",
    metadata,
    _short("name", 80, primary_key=True),
    _long("cursor", optional=True),
    _short("holder", 60, optional=True),
    _at("held_until", optional=True),
    _at("heard_at", optional=True),
)

sa.Table(
    "room",
    metadata,
    _short("place", 255, primary_key=True),
    _short("account", 80),
    _at("joined_at"),
    _short("direct_with", 255, optional=True),
    _at("left_at", optional=True),
    _index("ix_room_direct", "direct_with", where="direct_with IS NOT NULL"),
)

sa.Table(
    "invitation",
    metadata,
    _key(),
    _short("account", 80),
    _short("place", 255),
    _short("address", 255),
    _at("at"),
    _flag("direct"),
    _flag("accepted"),
    _at("done_at", optional=True),
    _index("ix_invitation_address", "address", "at"),
    _index("ix_invitation_open", "account", where="done_at IS NULL"),
)

sa.Table(
    "ledger",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    _long("content"),
    _short("salt", 64),
    _short("hash", 64),
)

sa.Table(
    "setting",
    metadata,
    _short("name", 60, primary_key=True),
    _long("value"),
)


def upgrade() -> None:
    metadata.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), checkfirst=False)
