"""What falls together at a desk is one message: reminders of every kind whose moment has come, and where they go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from commands import preservation, reminder_page, reminders
from commands.call import Call, Outcome, key, record
from commands.draft import Draft
from commands.due import calendar_of
from commands.message import Message
from commands.reminder_page import Shown
from commands.reminders import Given, reader_of, request_of
from commands.rules import hours
from commands.rules.reminders import Audience, Stage
from storage import agencies, moments
from storage.ledger import Record
from storage.moments import Planned
from storage.tables import Agency, LetterKind, Request
from storage.words import Lane, Place, Sight, request_ref

HOUR = timedelta(hours=1)

Coming = Callable[[Call, Planned, Request, datetime], Given | None]


def _of_audience(call: Call, moment: Planned, request: Request, until: datetime, *, audience: Audience) -> Given | None:
    return reminders.coming(call, audience, moment, request, until)


def _asked(call: Call, moment: Planned, request: Request, _until: datetime) -> Given | None:
    return reminders.asked(call, moment, request)


KINDS: dict[str, tuple[Audience, Coming]] = {
    **{audience.value: (audience, partial(_of_audience, audience=audience)) for audience in Audience},
    reminders.ASKED: (Audience.DESK, _asked),
    preservation.KEPT: (Audience.ASKING, preservation.coming),
}
"""By the word before the colon of a job: who is reminded, and of what; None: of nothing any more. Each plans anew."""


def come(call: Call, moment: Planned) -> Outcome:
    """A moment has come: give what it is for, with all else that the same readers would hear of within an hour.

    An urgent request is neither bundled nor put off to the reader's hours.
    """
    request, (audience, _coming) = request_of(call.session, moment), _kind(moment)
    until, others = call.now, tuple[Planned, ...]()
    if not request.urgent or _word(moment) == preservation.KEPT:
        if put_off(call, moment, reader_of(audience, request)):
            return Outcome()
        until += HOUR
        if moment.bundle is not None:
            others = tuple(moments.in_bundle(call.session, moment.bundle, until))
    given = []
    for one in (moment, *others):
        _audience, coming = _kind(one)
        if found := coming(call, one, request_of(call.session, one), until):
            given.append(found)
    return Outcome(tuple(map(_record, given)), drafts(call, given))


def _word(moment: Planned) -> str:
    return moment.job.partition(":")[0]


def _kind(moment: Planned) -> tuple[Audience, Coming]:
    return KINDS[_word(moment)]


def put_off(call: Call, moment: Planned, reader: int) -> bool:
    """Whether the reader has gone home meanwhile: then the moment comes again when its hours begin."""
    opens = hours.within(calendar_of(call.session, call.session.get_one(Agency, reader)), call.now)
    if opens == call.now:
        return False
    moments.plan(call.session, moment.job, opens, since=moment.since, bundle=moment.bundle)
    return True


def _record(one: Given) -> Record:
    """`planned`: when the rules wanted it."""
    lapsing = one.reminder.stage is Stage.LAPSING
    return record(
        "request:lapsing" if lapsing else "request:reminded", request_ref(key(one.request.id)),
        stage=one.reminder.stage, days=one.reminder.days or None, to=one.audience,
        planned=one.reminder.at.isoformat(), late=one.late is not None or None,
    )  # fmt: skip


def drafts(call: Call, given: Sequence[Given]) -> tuple[Draft, ...]:
    """One message to the reader's desk; for its coordinators, and of what may not stand there, to each of these."""
    if not given:
        return ()
    reader = reader_of(given[0].audience, given[0].request)
    desk = agencies.desk_of(call.session, reader) if given[0].audience is not Audience.COORDINATORS else None
    if desk is None:
        return _directly(call, reader, given)
    shown = [(one, reminder_page.sight(call.session, one, desk)) for one in given]
    elsewhere = [one for one, sight in shown if not sight]
    here = [(one, sight) for one, sight in shown if sight]
    return (_directly(call, reader, elsewhere) if elsewhere else ()) + (_at_desk(call, desk, here) if here else ())


def _at_desk(call: Call, desk: Place, shown: Sequence[Shown]) -> tuple[Draft, ...]:
    message = reminder_page.message(call, shown, desk)
    number, sight = (key(shown[0][0].request.id), shown[0][1]) if len(shown) == 1 else (None, Sight.NONE)
    return (Draft(LetterKind.POST, message, place=desk, lane=Lane.DEADLINE, request_id=number, sight=sight),)


def _directly(call: Call, reader: int, given: Sequence[Given]) -> tuple[Draft, ...]:
    message = reminder_page.message(call, [(one, Sight.FULL) for one in given], None)
    return directly_to(call, reader, message)


def directly_to(call: Call, agency_id: int, message: Message) -> tuple[Draft, ...]:
    """To the agency's coordinators, each in a direct message."""
    return tuple(
        Draft(LetterKind.PRIVATE, message, addressee=address, agency_id=officer.agency_id, lane=Lane.DEADLINE)
        for officer, address in agencies.coordinators(call.session, [agency_id])
    )
