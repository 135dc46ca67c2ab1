"""The tables and their constraints; no queries, no wording."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Enum,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from storage.words import (
    OWED_STATES,
    Act,
    Conduct,
    Every,
    Lane,
    Manner,
    Marking,
    Priority,
    Reason,
    RequestKind,
    Role,
    Sight,
    State,
    Step,
    Trouble,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

LONGEST = 255
"""Characters of an address, a place or a platform's message id."""

ONE_OF_OWED = "state IN (" + ", ".join(f"'{state}'" for state in OWED_STATES) + ")"

OPEN_RELEASE = "agreed IS NULL AND lapsed_at IS NULL"


def _where(condition: str) -> dict[str, Any]:
    """What makes an index partial, on either database."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _officer_of(agency_column: str, officer_column: str = "officer_id") -> ForeignKeyConstraint:
    """An officer acts for their own agency, whatever a handler says."""
    return ForeignKeyConstraint([officer_column, agency_column], ["officer.id", "officer.agency_id"])


def _word(words: type[StrEnum], *, nullable: bool = False, **more: Any) -> Any:
    """A column of one of our words: kept as text with spare length, checked by the database, an enum in Python."""
    kind = Enum(
        words,
        native_enum=False,
        length=40,
        create_constraint=True,
        name=words.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )
    return Field(sa_column=Column(kind, nullable=nullable, **more))


def _long(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(Text, nullable=nullable))


class Agency(SQLModel, table=True):
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("code"),
        CheckConstraint("code = upper(code)", name="code_in_capitals"),
        CheckConstraint("opens < closes", name="hours"),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=20)
    name: str = Field(max_length=200)
    country: str = Field(max_length=2)
    subdivision: str | None = Field(default=None, max_length=8)
    zone: str = Field(max_length=64)
    weekend: str | None = Field(default=None, max_length=16)
    """Weekday numbers, Monday 0, comma separated; None: the country's own."""
    opens: time = Field(default=time(9), sa_column_kwargs={"server_default": "09:00:00.000000"})
    closes: time = Field(default=time(17), sa_column_kwargs={"server_default": "17:00:00.000000"})
    """Its hours, by its zone's clocks."""
    added_at: datetime


class Closing(SQLModel, table=True):
    """Days, the last one included, on which an agency does not work beside weekends and public holidays."""

    __table_args__: ClassVar[Any] = (CheckConstraint("first <= last", name="in_order"),)
    id: int | None = Field(default=None, primary_key=True)
    agency_id: int = Field(foreign_key="agency.id", index=True)
    first: date
    last: date
    why: str | None = Field(default=None, max_length=200)


class Officer(SQLModel, table=True):
    __table_args__: ClassVar[Any] = (UniqueConstraint("id", "agency_id"),)
    id: int | None = Field(default=None, primary_key=True)
    agency_id: int = Field(foreign_key="agency.id", index=True)
    name: str = Field(max_length=200)
    role: Role = _word(Role)
    added_at: datetime
    removed_at: datetime | None = None


class OfficerAddress(SQLModel, table=True):
    """Where a person writes from; a removed officer has none, so that the address can be enrolled anew."""

    __tablename__ = "officer_address"
    address: str = Field(primary_key=True, max_length=LONGEST)
    officer_id: int = Field(foreign_key="officer.id", index=True)


class Desk(SQLModel, table=True):
    """Where an agency is reached (one), and where it is seated besides (`shared`)."""

    __table_args__: ClassVar[Any] = (
        Index("uq_desk_one", "agency_id", unique=True, **_where("NOT shared")),
        Index("ix_desk_place", "place"),
    )
    agency_id: int = Field(foreign_key="agency.id", primary_key=True)
    place: str = Field(primary_key=True, max_length=LONGEST)
    shared: bool
    set_at: datetime


class Case(SQLModel, table=True):
    __table_args__: ClassVar[Any] = (
        _officer_of("agency_id"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_with_outcome"),
        Index("ix_case_agency_id", "agency_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    title: str = _long()
    conduct: Conduct | None = _word(Conduct, nullable=True)
    priority: Priority = _word(Priority)
    marking: Marking = _word(Marking)
    agency_id: int = Field(foreign_key="agency.id")
    officer_id: int
    place: str | None = Field(default=None, max_length=LONGEST)
    """Where it was opened, if its root may stand there."""
    opened_at: datetime
    closed_at: datetime | None = None
    outcome: str | None = _long(nullable=True)
    keep_until: date | None = None
    """Once it is closed, its exhibits are kept until this day has passed; None: for good."""


class CaseAgency(SQLModel, table=True):
    __tablename__ = "case_agency"
    __table_args__: ClassVar[Any] = (Index("ix_case_agency_agency", "agency_id", "case_id"),)
    case_id: int = Field(foreign_key="case.id", primary_key=True)
    agency_id: int = Field(foreign_key="agency.id", primary_key=True)
    their_ref: str | None = Field(default=None, max_length=200)
    added_at: datetime
    removed_at: datetime | None = None


class Request(SQLModel, table=True):
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("id", "case_id"),
        # A state that no event led to is refused. The event comes after its request, so it is asked at the commit.
        ForeignKeyConstraint(
            ["id", "number", "state"],
            ["event.request_id", "event.number", "event.state"],
            name="fk_request_state_event",
            use_alter=True,
            deferrable=True,
            initially="DEFERRED",
        ),
        _officer_of("asking_id"),
        _officer_of("asked_id", "handler_id"),
        CheckConstraint("asking_id <> asked_id", name="two_parties"),
        CheckConstraint("proposed_due_spec IS NULL OR proposed_due_at IS NOT NULL", name="proposal"),
        Index("ix_request_owed", "asked_id", "due_at", **_where(ONE_OF_OWED)),
        Index("ix_request_owing", "asking_id", "due_at", **_where(ONE_OF_OWED)),
        Index("ix_request_answered", "asking_id", "due_at", **_where("state = 'answered'")),
        Index("ix_request_answered_to", "asked_id", **_where("state = 'answered'")),
        Index("ix_request_case_id", "case_id"),
        Index("ix_request_closed", "asking_id", "closed_at", **_where("closed_at IS NOT NULL")),
        Index("ix_request_closed_to", "asked_id", "closed_at", **_where("closed_at IS NOT NULL")),
        Index("ix_request_kept", "asking_id", "kept_until", **_where("kept_until IS NOT NULL")),
        Index("ix_request_timed", "asking_id", "answered_at", **_where("answered_at IS NOT NULL")),
    )
    # said, because SQLAlchemy counts no key that is also part of a reference
    id: int | None = Field(default=None, primary_key=True, sa_column_kwargs={"autoincrement": True})
    case_id: int = Field(foreign_key="case.id")
    asking_id: int = Field(foreign_key="agency.id")
    asked_id: int = Field(foreign_key="agency.id")
    officer_id: int
    handler_id: int | None = None
    kind: RequestKind = _word(RequestKind)
    what: str = _long()
    marking: Marking = _word(Marking)
    shared: bool
    urgent: bool
    instrument: str | None = _long(nullable=True)
    state: State = _word(State)
    number: int
    """The last event's number: what a button was shown at."""
    sent_at: datetime
    due_at: datetime
    due_spec: str | None = Field(default=None, max_length=200)
    """The length that was asked for; None: a date."""
    due_note: str | None = Field(default=None, max_length=400)
    due_steps: str | None = _long(nullable=True)
    """How the due time came about, one line a step."""
    first_due_at: datetime
    proposed_due_at: datetime | None = None
    kept_until: datetime | None = None
    """Until when the asked agency keeps the data, as its answer said."""
    proposed_due_spec: str | None = Field(default=None, max_length=200)
    proposed_due_note: str | None = Field(default=None, max_length=400)
    proposed_due_steps: str | None = _long(nullable=True)
    answered_at: datetime | None = None
    """When it was answered in full; None again once it is reopened."""
    closed_at: datetime | None = None
    snoozed_until: datetime | None = None
    """No reminder at the asked agency's desk before."""
    reminded_at: datetime | None = None
    """When the asking agency last asked for it again."""
    asking_ref: str | None = Field(default=None, max_length=200)
    asked_ref: str | None = Field(default=None, max_length=200)


class Event(SQLModel, table=True):
    """What happened to a case or to one of its requests, in one order; `number` counts a request's own events."""

    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["request_id", "case_id"], ["request.id", "request.case_id"]),
        _officer_of("agency_id"),
        CheckConstraint("(request_id IS NULL) = (number IS NULL)", name="numbered"),
        CheckConstraint("(request_id IS NULL) = (step IS NULL)", name="stepped"),
        CheckConstraint("(request_id IS NULL) = (state IS NULL)", name="stated"),
        CheckConstraint("(reason IS NULL) = (step IS NULL OR step <> 'decline')", name="declined_with_reason"),
        CheckConstraint("number >= 1", name="counted_from_one"),
        UniqueConstraint("request_id", "number"),
        UniqueConstraint("request_id", "number", "state"),
        Index("ix_event_case", "case_id", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id")
    request_id: int | None = None
    number: int | None = None
    tag: str = Field(max_length=40)
    """As in the ledger: case:noted, request:sent."""
    step: Step | None = _word(Step, nullable=True)
    state: State | None = _word(State, nullable=True)
    """The state that a request's step led to."""
    agency_id: int = Field(foreign_key="agency.id")
    officer_id: int
    at: datetime
    text: str | None = _long(nullable=True)
    reason: Reason | None = _word(Reason, nullable=True)
    due_at: datetime | None = None


class Thread(SQLModel, table=True):
    """The root of a case or a request in a place (one); `moved_at`: a pointer stands there, the root is elsewhere."""

    __table_args__: ClassVar[Any] = (
        CheckConstraint("(case_id IS NULL) <> (request_id IS NULL)", name="one_subject"),
        Index("uq_thread_case", "case_id", "place", unique=True, **_where("moved_at IS NULL")),
        Index("uq_thread_request", "request_id", "place", unique=True, **_where("moved_at IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    place: str = Field(max_length=LONGEST)
    case_id: int | None = Field(default=None, foreign_key="case.id")
    request_id: int | None = Field(default=None, foreign_key="request.id")
    moved_at: datetime | None = None


class Reply(SQLModel, table=True):
    __table_args__: ClassVar[Any] = (
        _officer_of("agency_id"),
        UniqueConstraint("place", "message"),
        Index("ix_reply_request_id", "request_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="request.id")
    agency_id: int = Field(foreign_key="agency.id")
    officer_id: int
    place: str = Field(max_length=LONGEST)
    message: str = Field(max_length=LONGEST)
    thread_id: int | None = Field(default=None, foreign_key="thread.id")
    """The thread in which it was written; None: it was written elsewhere."""
    at: datetime
    held_until: datetime | None = None
    deleted_at: datetime | None = None


class ReplyRevision(SQLModel, table=True):
    __tablename__ = "reply_revision"
    reply_id: int = Field(foreign_key="reply.id", primary_key=True)
    number: int = Field(primary_key=True)
    text: str = _long()
    at: datetime


class Held(SQLModel, table=True):
    """What someone wrote below a request's root who is no officer of its parties; enrolment may let it go."""

    __table_args__: ClassVar[Any] = (UniqueConstraint("place", "message"), Index("ix_held_address", "address"))
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(max_length=LONGEST)
    place: str = Field(max_length=LONGEST)
    message: str = Field(max_length=LONGEST)
    thread_id: int = Field(foreign_key="thread.id")
    text: str = _long()
    files: str | None = _long(nullable=True)
    """What was attached, as arrivals write it."""
    at: datetime


class Exhibit(SQLModel, table=True):
    """A file that came with a reply; without a sum it is on its way, or could not be fetched (`trouble`)."""

    __table_args__: ClassVar[Any] = (
        _officer_of("agency_id"),
        UniqueConstraint("place", "message", "file"),
        CheckConstraint("(sha256 IS NULL) = (kept_at IS NULL)", name="kept_with_sum"),
        CheckConstraint("(sha256 IS NULL) = (size IS NULL)", name="kept_with_size"),
        CheckConstraint("trouble IS NULL OR sha256 IS NULL", name="kept_or_not"),
        CheckConstraint("destroyed_at IS NULL OR kept_at IS NOT NULL", name="destroyed_once_kept"),
        Index("ix_exhibit_request_id", "request_id"),
        Index("ix_exhibit_reply_id", "reply_id"),
        Index("ix_exhibit_sha256", "sha256", **_where("sha256 IS NOT NULL")),
        Index("ix_exhibit_unfetched", "at", **_where("sha256 IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="request.id")
    reply_id: int = Field(foreign_key="reply.id")
    agency_id: int = Field(foreign_key="agency.id")
    """The originator, whose word counts for whom it may reach."""
    officer_id: int
    place: str = Field(max_length=LONGEST)
    message: str = Field(max_length=LONGEST)
    file: str = Field(max_length=LONGEST)
    """The platform's own id of it."""
    name: str = _long()
    """As it was given: whatever a person can call a file."""
    claimed_type: str | None = Field(default=None, max_length=LONGEST)
    at: datetime
    """When it was attached."""
    media_type: str | None = Field(default=None, max_length=LONGEST)
    """Found from its bytes."""
    size: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    """In bytes."""
    sha256: str | None = Field(default=None, max_length=64)
    kept_at: datetime | None = None
    trouble: Trouble | None = _word(Trouble, nullable=True)
    destroyed_at: datetime | None = None


class Custody(SQLModel, table=True):
    """One link in an exhibit's chain of custody; `hash` is chained to the link before, and stands in the ledger."""

    __table_args__: ClassVar[Any] = (_officer_of("agency_id"),)
    exhibit_id: int = Field(foreign_key="exhibit.id", primary_key=True)
    number: int = Field(primary_key=True)
    act: Act = _word(Act)
    address: str = Field(max_length=LONGEST)
    agency_id: int = Field(foreign_key="agency.id")
    officer_id: int | None = None
    """None: the operator, for the agency."""
    at: datetime
    place: str | None = Field(default=None, max_length=LONGEST)
    """None: a direct message."""
    purpose: str = _long()
    sha256: str = Field(max_length=64)
    """The exhibit's, as it was found then."""
    hash: str = Field(max_length=64)


class Release(SQLModel, table=True):
    """Somebody wants an exhibit to reach an agency that its marking, or its request, does not let have it."""

    __table_args__: ClassVar[Any] = (
        _officer_of("agency_id"),
        CheckConstraint("(agreed IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decider_id IS NULL) = (decided_at IS NULL)", name="decided_by_someone"),
        CheckConstraint("lapsed_at IS NULL OR decided_at IS NULL", name="decided_or_lapsed"),
        Index("uq_release_open", "exhibit_id", "to_id", unique=True, **_where(OPEN_RELEASE)),
        Index("ix_release_agreed", "exhibit_id", "to_id", **_where("agreed")),
    )
    id: int | None = Field(default=None, primary_key=True)
    exhibit_id: int = Field(foreign_key="exhibit.id")
    to_id: int = Field(foreign_key="agency.id")
    agency_id: int = Field(foreign_key="agency.id")
    officer_id: int
    address: str = Field(max_length=LONGEST)
    """Who asked for it, and for which agency."""
    asked_at: datetime
    lapses_at: datetime
    agreed: bool | None = None
    decider_id: int | None = Field(default=None, foreign_key="officer.id")
    decided_at: datetime | None = None
    why: str | None = _long(nullable=True)
    lapsed_at: datetime | None = None


class Export(SQLModel, table=True):
    """A case as it was given to an agency at a head of the ledger, so that it can be given again, to the byte."""

    __table_args__: ClassVar[Any] = (UniqueConstraint("case_id", "agency_id", "ledger_count"),)
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case.id")
    agency_id: int = Field(foreign_key="agency.id")
    at: datetime
    ledger_count: int
    ledger_head: str = Field(max_length=64)
    snapshot: str = _long()
    """JSON: all that the agency could see then."""
    sha256: str | None = Field(default=None, max_length=64)
    size: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    """Of the zip, in bytes, where it lies in the vault; None: it was written to a folder."""


class Errand(SQLModel, table=True):
    """Something slow, done outside of a transaction for a person: `fetch:5`. Gone once its result is entered."""

    __table_args__: ClassVar[Any] = (Index("ix_errand_not_before", "not_before"),)
    job: str = Field(primary_key=True, max_length=LONGEST)
    person: str = Field(max_length=LONGEST)
    place: str = Field(max_length=LONGEST)
    payload: str = _long()
    at: datetime
    not_before: datetime
    attempts: int = 0


class Question(SQLModel, table=True):
    """A command whose writer was asked for a missing value; the next words in that thread are the answer."""

    address: str = Field(primary_key=True, max_length=LONGEST)
    place: str = Field(primary_key=True, max_length=LONGEST)
    thread: str = Field(primary_key=True, max_length=LONGEST)
    command: str = Field(max_length=60)
    given: str = _long()
    field: str = Field(max_length=60)
    asked_at: datetime


class Subscription(SQLModel, table=True):
    """A digest that is given again and again: an agency's own, or (`network`) what all readers of a place may see."""

    __table_args__: ClassVar[Any] = (_officer_of("agency_id"), UniqueConstraint("agency_id", "place", "network"))
    id: int | None = Field(default=None, primary_key=True)
    agency_id: int = Field(foreign_key="agency.id", index=True)
    officer_id: int
    place: str = Field(max_length=LONGEST)
    network: bool
    every: Every = _word(Every)
    weekday: int
    """Monday is 0; of a month, the first such day."""
    at: time
    zone: str = Field(max_length=64)
    made_at: datetime
    given_at: datetime | None = None


class Feed(SQLModel, table=True):
    """An iCalendar address of an agency's due times; only the secret's sum is kept."""

    __table_args__: ClassVar[Any] = (_officer_of("agency_id"), UniqueConstraint("sha256"))
    id: int | None = Field(default=None, primary_key=True)
    agency_id: int = Field(foreign_key="agency.id", index=True)
    officer_id: int
    sha256: str = Field(max_length=64)
    made_at: datetime
    revoked_at: datetime | None = None


class Moment(SQLModel, table=True):
    """When something is to be done next; what it is done to stands in the job: `request:34`."""

    __table_args__: ClassVar[Any] = (
        Index("ix_moment_at", "at"),
        Index("ix_moment_bundle", "bundle", "at", **_where("bundle IS NOT NULL")),
    )
    job: str = Field(primary_key=True, max_length=60)
    at: datetime
    since: datetime | None = None
    """What was to be done up to then is done."""
    bundle: str | None = Field(default=None, max_length=60)
    """What falls within an hour in the same bundle is said in one message."""


class Digest(SQLModel, table=True):
    __table_args__: ClassVar[Any] = (_officer_of("agency_id"),)
    id: int | None = Field(default=None, primary_key=True)
    agency_id: int = Field(foreign_key="agency.id", index=True)
    officer_id: int
    place: str = Field(max_length=LONGEST)
    network: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    at: datetime
    ledger_count: int
    ledger_head: str = Field(max_length=64)


class ArrivalState(StrEnum):
    WAITING = "waiting"
    """Accepted, to be performed; an edit also waits here for its original."""
    DONE = "done"
    SET_ASIDE = "set aside"


class ArrivalRow(SQLModel, table=True):
    """What came in, under the key that makes a second coming harmless; its words are gone once it is done."""

    __tablename__ = "arrival"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("(state = 'done') = (payload IS NULL)", name="words_until_done"),
        Index("ix_arrival_waiting", "place", "message", **_where("state <> 'done'")),
    )
    key: str = Field(primary_key=True, max_length=400)
    place: str = Field(max_length=LONGEST)
    message: str = Field(max_length=LONGEST)
    at: datetime
    state: ArrivalState = _word(ArrivalState)
    payload: str | None = _long(nullable=True)
    writer: str | None = Field(default=None, max_length=LONGEST)
    """Who wrote the message: nobody else edits or deletes it."""
    below: str | None = Field(default=None, max_length=LONGEST)
    """The platform's id of the root that the message stands under: an edit of it may not say."""
    became: str | None = Field(default=None, max_length=20)
    """What was made of a message: an edit of it must know."""
    attempts: int = 0
    error: str | None = _long(nullable=True)


class LetterState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    SET_ASIDE = "set aside"


class LetterKind(StrEnum):
    ROOT = "root"
    """Begins the thread."""
    REROOT = "reroot"
    """Edits the thread's root in place."""
    POST = "post"
    """A message in a thread or in a place."""
    EDIT = "edit"
    """Edits an earlier letter in place."""
    PRIVATE = "private"
    """Only its addressee sees it: in the place, or directly where there is none."""


class Letter(SQLModel, table=True):
    """One message on its way to one place or person; its words are gone once it is delivered."""

    __tablename__ = "outbox"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("place IS NOT NULL OR addressee IS NOT NULL", name="goes_somewhere"),
        CheckConstraint("(kind = 'private') = (addressee IS NOT NULL)", name="private_to_someone"),
        CheckConstraint("kind NOT IN ('root', 'reroot') OR thread_id IS NOT NULL", name="root_of_thread"),
        CheckConstraint("(kind = 'edit') = (edits_id IS NOT NULL)", name="edit_of_letter"),
        CheckConstraint("(state = 'delivered') = (body IS NULL)", name="words_until_delivered"),
        Index("ix_outbox_waiting", "thread_id", "place", "addressee", "id", "lane", **_where("state = 'waiting'")),
        Index("ix_outbox_aside", "id", **_where("state = 'set aside'")),
        Index("uq_outbox_root", "thread_id", unique=True, **_where("kind = 'root'")),
        Index("ix_outbox_reply_id", "reply_id", **_where("reply_id IS NOT NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: LetterKind = _word(LetterKind)
    place: str | None = Field(default=None, max_length=LONGEST)
    addressee: str | None = Field(default=None, max_length=LONGEST)
    under: str | None = Field(default=None, max_length=LONGEST)
    """The platform's id of a message to answer below, where that is no root of ours."""
    below_id: int | None = Field(default=None, foreign_key="outbox.id")
    """A letter of ours to answer below."""
    thread_id: int | None = Field(default=None, foreign_key="thread.id")
    edits_id: int | None = Field(default=None, foreign_key="outbox.id")
    lane: int = Field(default=int(Lane.NEWS))
    case_id: int | None = Field(default=None, foreign_key="case.id")
    request_id: int | None = Field(default=None, foreign_key="request.id")
    sight: int = Field(default=int(Sight.NONE))
    """How much of its subject it shows; asked of the rules again at the door."""
    agency_id: int | None = Field(default=None, foreign_key="agency.id")
    """A private letter is for an officer of this agency."""
    reply_id: int | None = Field(default=None, foreign_key="reply.id")
    manner: Manner | None = _word(Manner, nullable=True)
    """Of a private letter."""
    state: LetterState = _word(LetterState)
    body: str | None = _long(nullable=True)
    at: datetime
    attempts: int = 0
    not_before: datetime | None = None
    error: str | None = _long(nullable=True)


class Receipt(SQLModel, table=True):
    """The platform's word that a letter arrived."""

    __table_args__: ClassVar[Any] = (Index("ix_receipt_message", "place", "message"),)
    letter_id: int = Field(foreign_key="outbox.id", primary_key=True)
    place: str = Field(max_length=LONGEST)
    message: str = Field(max_length=LONGEST)
    sha256: str = Field(max_length=64)
    at: datetime


class Account(SQLModel, table=True):
    """One account of ours on a platform: how far it has heard, and which process holds it."""

    name: str = Field(primary_key=True, max_length=80)
    """`matrix:NAME`."""
    cursor: str | None = _long(nullable=True)
    """The platform's token behind the last thing that was taken."""
    holder: str | None = Field(default=None, max_length=60)
    held_until: datetime | None = None
    heard_at: datetime | None = None
    """When its platform was last heard from; in real time, whatever a rehearsal's clock says."""


class JoinedRoom(SQLModel, table=True):
    """A room that an account of ours sits in, or sat in."""

    __tablename__ = "room"
    __table_args__: ClassVar[Any] = (Index("ix_room_direct", "direct_with", **_where("direct_with IS NOT NULL")),)
    place: str = Field(primary_key=True, max_length=LONGEST)
    account: str = Field(max_length=80)
    joined_at: datetime
    direct_with: str | None = Field(default=None, max_length=LONGEST)
    """The one person it is a direct room with."""
    left_at: datetime | None = None


class Invitation(SQLModel, table=True):
    """Someone asked an account of ours into a room; `done_at`: it was joined or declined."""

    __table_args__: ClassVar[Any] = (
        Index("ix_invitation_address", "address", "at"),
        Index("ix_invitation_open", "account", **_where("done_at IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(max_length=80)
    place: str = Field(max_length=LONGEST)
    address: str = Field(max_length=LONGEST)
    at: datetime
    direct: bool
    accepted: bool
    done_at: datetime | None = None


class LedgerEntry(SQLModel, table=True):
    __tablename__ = "ledger"
    seq: int = Field(primary_key=True)
    content: str = _long()
    salt: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Setting(SQLModel, table=True):
    """What is true of this database as a whole (whether it is a rehearsal)."""

    name: str = Field(primary_key=True, max_length=60)
    value: str = _long()
