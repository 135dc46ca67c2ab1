"""What a digest says of one agency besides what is due: by index alone, whatever others have stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlmodel import Session

from storage import lines
from storage.digests import WALKS, Section, counting
from storage.lines import Line
from storage.rows import Keys, literally, table_of
from storage.statement import Statement
from storage.tables import CaseAgency, Desk, Event, Letter, LetterState, Reply, Request
from storage.words import OWED_STATES, State, Step

SHOWN, FILED = 20, 150
"""How many lines a part has at most: in messages, and in a file."""


class Also(StrEnum):
    """The parts of a digest that are not about what is due."""

    LAPSING = "preservation lapsing"
    SILENT = "silent partners"
    CLOSED = "closed since the last one"


class Some(NamedTuple):
    """How many there are, and the first of them."""

    number: int
    first: Sequence[Line]


class Word(NamedTuple):
    """What last happened to a request: a step, or a reply (`step` None)."""

    agency_id: int
    at: datetime
    step: Step | None


_R = table_of(Request).c
_VIEWER: BindParameter[int] = bindparam("viewer")
# as in storage.digests: the states stand in the query as they stand in the index
_OPEN = _R.state.in_(literally(*OWED_STATES))
_ANSWERED = _R.state == literally(State.ANSWERED)
_LAPSES = and_(_R.asking_id == _VIEWER, _R.kept_until >= bindparam("now"), _R.kept_until <= bindparam("lapsing"))
_CLOSED_BY_US, _CLOSED_FOR_US = (
    and_(side == _VIEWER, _R.closed_at > bindparam("since")) for side in (_R.asking_id, _R.asked_id)
)


class _Number(StrEnum):
    """What is counted apart."""

    LAPSING = "lapsing"
    CLOSED_BY_US = "closed by us"
    CLOSED_FOR_US = "closed for us"


_COUNTED = (*(section for _walk, sections in WALKS for section in sections), *_Number)
_COUNTS = Statement(
    counting(
        (
            *WALKS,
            (_LAPSES, {_Number.LAPSING: _LAPSES}),
            (_CLOSED_BY_US, {_Number.CLOSED_BY_US: _CLOSED_BY_US}),
            (_CLOSED_FOR_US, {_Number.CLOSED_FOR_US: _CLOSED_FOR_US}),
        )
    )
)

_LATER = (Section.OWING, Section.OWED)
"""Of them there is no more than a number."""

_SILENT = {most: Keys("silent", most) for most in (SHOWN, FILED)}


def _part(
    most: int, name: Section | Also, *wanted: ColumnElement[bool], by: ColumnElement[Any] = _R.due_at, side: str = ""
) -> Select[Any]:
    """The first lines of a part by that moment, of what was closed the last; `side` tells two halves of it apart."""
    due = by if name is Also.LAPSING else _R.due_at
    columns = [due.label("due_at") if column is _R.due_at else column for column in lines.columns()]
    chosen = select(*columns, _R.number, by.label("moment"), literal_column(f"'{name.name}'").label("part"))
    ordered = chosen.where(*wanted).order_by(by.desc() if name is Also.CLOSED else by, _R.id).limit(most)
    return select(ordered.subquery(f"{name.name.lower()}{side}"))


def _parts(most: int) -> Select[Any]:
    """The lines of every part, each with the last step and the last reply."""
    parts = [
        _part(most, section, walk, wanted)
        for walk, sections in WALKS
        for section, wanted in sections.items()
        if section not in _LATER
    ]
    parts += [
        _part(most, Also.LAPSING, _LAPSES, by=_R.kept_until),
        _part(most, Also.SILENT, _R.id.in_(_SILENT[most].binds), by=_R.sent_at),
        _part(most, Also.CLOSED, _CLOSED_BY_US, by=_R.closed_at, side="_by_us"),
        _part(most, Also.CLOSED, _CLOSED_FOR_US, by=_R.closed_at, side="_for_us"),
    ]
    every = union_all(*parts).subquery("every")
    step, reply = table_of(Event), table_of(Reply)
    newest = (
        select(func.max(reply.c.id))
        .where(reply.c.request_id == every.c.id, reply.c.deleted_at.is_(None))
        .correlate(every)
        .scalar_subquery()
    )
    more = (every.c.part, step.c.agency_id, step.c.at, step.c.step, reply.c.agency_id, reply.c.at)
    return (
        lines.named(every, *more)
        .join(step, and_(step.c.request_id == every.c.id, step.c.number == every.c.number))
        .outerjoin(reply, reply.c.id == newest)
        .order_by(every.c.moment, every.c.id)
    )


_PARTS = {most: Statement(_parts(most)) for most in (SHOWN, FILED)}
_LINE = len(Line._fields)


class Found(NamedTuple):
    """`words`: what last happened to each request of which there is a line, by its number."""

    parts: dict[Section | Also, Some]
    words: dict[int, Word]


def gathered(
    session: Session,
    viewer: int,
    now: datetime,
    *,
    soon: datetime,
    lapsing: datetime,
    since: datetime,
    silent: Sequence[int],
    most: int = SHOWN,
) -> Found:
    """Each part with its number and its first lines, the earliest first; of what was closed `since`, the latest.

    Data of a request lapse when its line is due. `silent` are the requests that partners say nothing to. `most`
    is SHOWN or FILED.
    """
    times = {"viewer": viewer, "now": now, "lapsing": lapsing, "since": since}
    numbers = dict(zip(_COUNTED, *_COUNTS.all(session, soon=soon, **times), strict=True))
    closed = numbers[_Number.CLOSED_BY_US] + numbers[_Number.CLOSED_FOR_US]
    count: dict[Section | Also, int] = {section: numbers[section] for section in Section}
    count |= {Also.LAPSING: numbers[_Number.LAPSING], Also.SILENT: len(silent), Also.CLOSED: closed}
    first: dict[str, list[Line]] = {part.name: [] for part in count}
    words: dict[int, Word] = {}
    values = _SILENT[most].values(silent[:most])
    for row in _PARTS[most].all(session, soon=soon, **times, **values):
        line = Line._make(row[:_LINE])
        part, agency, at, step, replier, replied = row[_LINE:]
        first[part].append(line)
        words[line.number] = (
            Word(agency, at, step) if replied is None or replied <= at else Word(replier, replied, None)
        )
    first[Also.CLOSED.name].reverse()
    parts = {part: Some(number, first[part.name][:most]) for part, number in count.items()}
    return Found(parts, words)


_UNACKNOWLEDGED = Statement(
    select(_R.id, _R.asked_id, _R.sent_at)
    .where(_R.asking_id == _VIEWER, _OPEN, _R.state == literally(State.SENT), _R.sent_at < bindparam("before"))
    .order_by(_R.sent_at, _R.id)
)


def unacknowledged(session: Session, viewer: int, before: datetime) -> list[tuple[int, int, datetime]]:
    """Number, asked agency and time of sending of the viewer's that were sent before then and not acknowledged."""
    return [(number, asked, at) for number, asked, at in _UNACKNOWLEDGED.all(session, viewer=viewer, before=before)]


_TIMED = Statement(
    select(_R.asked_id, _R.sent_at, _R.answered_at).where(
        _R.asking_id == _VIEWER, _R.answered_at >= bindparam("since"), _R.answered_at < bindparam("until")
    )
)


def answered(session: Session, viewer: int, since: datetime, until: datetime) -> list[tuple[int, datetime, datetime]]:
    """Asked agency, time of sending and of the answer of the viewer's that were answered in that time."""
    return [(asked, sent, at) for asked, sent, at in _TIMED.all(session, viewer=viewer, since=since, until=until)]


ENDS = ("first", "second", "third")
"""Between four ages."""


def _ages() -> Select[Any]:
    walks = [
        select(partner.label("partner"), _R.sent_at).where(own == _VIEWER, states)
        for own, partner in ((_R.asked_id, _R.asking_id), (_R.asking_id, _R.asked_id))
        for states in (_OPEN, _ANSWERED)
    ]
    every = union_all(*walks).subquery("every")
    first, second, third = (every.c.sent_at >= bindparam(end) for end in ENDS)
    bands = (first, and_(~first, second), and_(~second, third), ~third)
    return select(every.c.partner, *(func.count().filter(band) for band in bands)).group_by(every.c.partner)


_AGES = Statement(_ages())


def ages(session: Session, viewer: int, ends: Sequence[datetime]) -> dict[int, tuple[int, ...]]:
    """How many requests are open with each partner, either way: sent since the first end, since the second, ..."""
    found = _AGES.all(session, viewer=viewer, **dict(zip(ENDS, ends, strict=True)))
    return {partner: tuple(numbers) for partner, *numbers in found}


class Undelivered(NamedTuple):
    letter: int
    request_id: int | None
    place: str
    why: str


class SetAside(NamedTuple):
    """How many there are, and the latest of them in their order."""

    number: int
    last: Sequence[Undelivered]


def _undelivered() -> Select[Any]:
    letter, desk, request, member = (table_of(entity).c for entity in (Letter, Desk, Request, CaseAgency))
    here = select(desk.place).where(desk.agency_id == _VIEWER, desk.place == letter.place).exists()
    ours = select(request.id).where(
        request.id == letter.request_id, or_(request.asking_id == _VIEWER, request.asked_id == _VIEWER)
    )
    on_case = select(member.case_id).where(
        member.case_id == letter.case_id, member.agency_id == _VIEWER, member.removed_at.is_(None)
    )
    # a letter about what is others' may have been given up because this agency may not know of it
    about = or_(letter.case_id.is_(None), on_case.exists())
    theirs = or_(letter.agency_id == _VIEWER, and_(letter.request_id.is_(None), about, here), ours.exists())
    place = func.coalesce(letter.place, letter.addressee)
    return (
        select(func.count().over(), letter.id, letter.request_id, place, letter.error)
        .where(letter.state == literally(LetterState.SET_ASIDE), letter.at > bindparam("since"), theirs)
        .order_by(letter.id.desc())
        .limit(SHOWN)
    )


_UNDELIVERED = Statement(_undelivered())


def undelivered(session: Session, viewer: int, since: datetime) -> SetAside:
    """Letters since then that were given up: about a request of the viewer's, to an officer or a place of its own."""
    found = _UNDELIVERED.all(session, viewer=viewer, since=since)
    last = [Undelivered(letter, request, place, why or "") for _, letter, request, place, why in reversed(found)]
    return SetAside(found[0][0] if found else 0, last)
