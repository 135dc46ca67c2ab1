"""What a digest says of one agency besides what is due: by index alone, whatever others have stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, func, or_, select, union_all
from sqlmodel import Session, col

from storage import lines
from storage.lines import Line
from storage.rows import literally, table_of
from storage.statement import Statement
from storage.tables import Desk, Event, Letter, LetterState, Reply, Request
from storage.words import OPEN_STATES, State, Step

_R = table_of(Request).c
_VIEWER: BindParameter[int] = bindparam("viewer")


def _most(limit: int, *wanted: ColumnElement[bool], order: ColumnElement[Any]) -> Statement:
    """The first lines of what is wanted; whoever needs a number counts apart."""
    found = select(*lines.columns(), order.label("moment")).where(*wanted).order_by(order, _R.id).limit(limit)
    part = found.subquery("found")
    return Statement(lines.named(part, part.c.moment).order_by(part.c.moment, part.c.id))


class Some(NamedTuple):
    """How many there are, and the first of them."""

    number: int
    first: Sequence[Line]


SHOWN = 20

_LAPSING = and_(_R.asking_id == _VIEWER, _R.kept_until.between(bindparam("now"), bindparam("until")))
_LAPSING_LINES = _most(SHOWN, _LAPSING, order=_R.kept_until)
_LAPSING_NUMBER = Statement(select(func.count()).select_from(table_of(Request)).where(_LAPSING))


def lapsing(session: Session, viewer: int, now: datetime, until: datetime) -> Some:
    """Requests of the viewer's whose data are kept no longer than until then, the first to lapse first.

    Their lines are due when the data lapse.
    """
    values = {"viewer": viewer, "now": now, "until": until}
    found = [Line._make(row)._replace(due_at=at) for *row, at in _LAPSING_LINES.all(session, **values)]
    return Some(_LAPSING_NUMBER.scalar(session, **values), found)


_UNACKNOWLEDGED = Statement(
    select(_R.id, _R.asked_id, _R.sent_at)
    .where(_R.asking_id == _VIEWER, _R.state == literally(State.SENT), _R.sent_at < bindparam("before"))
    .order_by(_R.sent_at, _R.id)
)


def unacknowledged(session: Session, viewer: int, before: datetime) -> list[tuple[int, int, datetime]]:
    """Number, asked agency and time of sending of the viewer's that were sent before then and not acknowledged."""
    return [(number, asked, at) for number, asked, at in _UNACKNOWLEDGED.all(session, viewer=viewer, before=before)]


def some_of(session: Session, numbers: Sequence[int]) -> Some:
    """The lines of the first of these requests, in this order."""
    wanted = list(numbers[:SHOWN])
    part = select(*lines.columns()).where(_R.id.in_(wanted)).subquery("found")
    by_number = {row[0]: Line._make(row) for row in session.execute(lines.named(part))}
    return Some(len(numbers), [by_number[number] for number in wanted])


_CLOSED = [
    select(*lines.columns(), _R.closed_at.label("moment"))
    .where(side == _VIEWER, _R.closed_at > bindparam("since"))
    .order_by(_R.closed_at.desc(), _R.id)
    .limit(SHOWN)
    .subquery(name)
    for name, side in (("by_us", _R.asking_id), ("by_them", _R.asked_id))
]
_CLOSED_PART = union_all(*(select(part) for part in _CLOSED)).subquery("closed")
_CLOSED_LINES = Statement(
    lines.named(_CLOSED_PART).order_by(_CLOSED_PART.c.moment.desc(), _CLOSED_PART.c.id).limit(SHOWN)
)
_CLOSED_NUMBER = Statement(
    select(func.count())
    .select_from(table_of(Request))
    .where(or_(_R.asking_id == _VIEWER, _R.asked_id == _VIEWER), _R.closed_at > bindparam("since"))
)


def closed_since(session: Session, viewer: int, since: datetime) -> Some:
    """Requests to which the viewer is a party and that were closed since then, the latest first."""
    found = [Line._make(row) for row in _CLOSED_LINES.all(session, viewer=viewer, since=since)]
    return Some(_CLOSED_NUMBER.scalar(session, viewer=viewer, since=since), found)


_TIMED = Statement(
    select(_R.asked_id, _R.sent_at, _R.answered_at).where(
        _R.asking_id == _VIEWER, _R.answered_at >= bindparam("since"), _R.answered_at < bindparam("until")
    )
)


def answered(session: Session, viewer: int, since: datetime, until: datetime) -> list[tuple[int, datetime, datetime]]:
    """Asked agency, time of sending and of the answer of the viewer's that were answered in that time."""
    return [(asked, sent, at) for asked, sent, at in _TIMED.all(session, viewer=viewer, since=since, until=until)]


_AGED = Statement(
    union_all(
        *(
            select(partner.label("partner"), _R.sent_at).where(own == _VIEWER, _R.state.in_(literally(*OPEN_STATES)))
            for own, partner in ((_R.asked_id, _R.asking_id), (_R.asking_id, _R.asked_id))
        )
    )
)


def open_with(session: Session, viewer: int) -> list[tuple[int, datetime]]:
    """The partner and the time of sending of each open request to which the viewer is a party."""
    return [(partner, at) for partner, at in _AGED.all(session, viewer=viewer)]


class Undelivered(NamedTuple):
    letter: int
    request_id: int | None
    place: str
    why: str


def undelivered(session: Session, viewer: int) -> list[Undelivered]:
    """Letters that were given up, to a place or an officer of the viewer's, or about a request of its own."""
    theirs = select(col(Desk.place)).where(col(Desk.agency_id) == viewer)
    own = select(_R.id).where(or_(_R.asking_id == viewer, _R.asked_id == viewer))
    query = (
        select(Letter)
        .where(
            col(Letter.state) == literally(LetterState.SET_ASIDE),
            or_(col(Letter.place).in_(theirs), col(Letter.agency_id) == viewer, col(Letter.request_id).in_(own)),
        )
        .order_by(col(Letter.id))
        .limit(SHOWN)
    )
    return [
        Undelivered(one.id or 0, one.request_id, one.place or one.addressee or "", one.error or "")
        for one in session.scalars(query)
    ]


class Word(NamedTuple):
    """What last happened to a request: a step, or a reply (`step` None)."""

    agency_id: int
    at: datetime
    step: Step | None


def last_words(session: Session, numbers: Collection[int]) -> dict[int, Word]:
    """Of each of these requests, the newest step or reply."""
    events = (
        select(col(Event.request_id), col(Event.agency_id), col(Event.at), col(Event.step))
        .join(Request, and_(col(Request.id) == Event.request_id, col(Request.number) == Event.number))
        .where(col(Event.request_id).in_(numbers))
    )
    newest = (
        select(func.max(col(Reply.id)))
        .where(col(Reply.request_id).in_(numbers), col(Reply.deleted_at).is_(None))
        .group_by(col(Reply.request_id))
    )
    replies = select(col(Reply.request_id), col(Reply.agency_id), col(Reply.at)).where(col(Reply.id).in_(newest))
    found = {number: Word(agency, at, step) for number, agency, at, step in session.execute(events)}
    for number, agency, at in session.execute(replies):
        if number not in found or at > found[number].at:
            found[number] = Word(agency, at, None)
    return found
