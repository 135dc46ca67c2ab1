"""Holds what the house kept of a year against what it should have done: each reminder, each digest, each message.

It reads the ledger in its order, the events and what stands in the rooms; never the rows of due moments.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from bot.local.rooms import Rooms
from commands.message import Heading, Items, Message, Paragraph, Ref, Spans, Text
from commands.reminders import ASKED
from commands.rules.reminders import Audience, Facts
from commands.rules.workdays import Calendar
from storage import ledger
from storage.tables import Event, Letter, Receipt, Request, Subscription
from storage.words import ClosedDays, Every, State, Step
from tests import reckoning
from tests.house_year import Member
from tests.lives import END
from tests.reckoning import Accounted, Away, Change, Heard, Office, Word, office

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FAR = END + 60 * DAY
KEPT = "kept"
RUNNING = (State.SENT, State.ACKNOWLEDGED)
HEADINGS = {
    "Reminder: ": "desk", "To ": "coordinators", "Overdue to you": "asking", "Preserved data": KEPT,
}  # fmt: skip

Entry = dict[str, Any]


class Line(NamedTuple):
    """One request in a message of reminders; `to` is a place or a person."""

    at: datetime
    to: str
    section: str
    ref: str
    late: bool


@dataclass
class _Known:
    """A request as it is by now, and what happened to it for each of its readers."""

    request: Request
    facts: Facts
    asked_at: Word | None = None
    """The reminder that its asking agency last wanted."""
    happened: dict[str, list[Change | Heard]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Book:
    """What was kept, read once."""

    session: Session
    rooms: Rooms
    members: Sequence[Member]
    away: Away
    entries: list[Entry] = field(default_factory=list)
    requests: dict[str, _Known] = field(default_factory=dict)
    at_once: list[Line] = field(default_factory=list)
    """Reminders that were asked for within the hours."""
    calendars: dict[str, Calendar] = field(default_factory=dict)
    days_changed: list[tuple[datetime, str, Calendar]] = field(default_factory=list)

    def read(self) -> None:
        self.entries = [json.loads(entry.content) | {"seq": entry.seq} for entry in ledger.entries(self.session)]
        self.calendars = {member.code: member.calendar for member in self.members}
        rows = {(event.request_id, event.number): event for event in self.session.exec(select(Event))}
        requests = {f"R-{request.id}": request for request in self.session.exec(select(Request))}
        for entry in self.entries:
            self._read(entry, requests, rows)

    def _read(self, entry: Entry, requests: dict[str, Request], rows: dict[Any, Event]) -> None:
        tag, ref, now = entry["tag"], entry["subject"], datetime.fromisoformat(entry["at"])
        if tag in {"agency:hours", "agency:closed"} and entry["by"] != "operator":
            self._calendar_changed(entry, now)
        elif tag == "request:sent":
            request = requests[ref]
            asked, asking = (self.calendars[f"A{number}"] for number in (request.asked_id, request.asking_id))
            due = rows[request.id, 1].due_at
            assert due is not None
            facts = Facts(State.SENT, request.urgent, request.sent_at, due, None, asked, asking)
            self.requests[ref] = _Known(request, facts)
            self._changed(ref, now)
        elif tag == "request:snoozed":
            known = self.requests[ref]
            known.facts = replace(known.facts, snoozed_until=datetime.fromisoformat(entry["until"]))
            self._changed(ref, now, afresh=False)
        elif tag in {"request:reminded", "request:lapsing"}:
            self._reminded(entry, now)
        elif tag.startswith("request:"):
            self._stepped(rows[requests[ref].id, entry["event"]], ref, now)

    def _stepped(self, event: Event, ref: str, now: datetime) -> None:
        known = self.requests[ref]
        assert event.state is not None
        wanted_only = event.step is Step.EXTEND and event.agency_id == known.request.asked_id
        moved = event.due_at is not None and not wanted_only
        due = event.due_at if moved and event.due_at is not None else known.facts.due_at
        known.facts = replace(known.facts, state=event.state, due_at=due)
        self._changed(ref, now, afresh=moved)
        if event.step is Step.ANSWER and event.state is State.ANSWERED and known.request.kept_until is not None:
            self._keeps(known, now)

    def _reminded(self, entry: Entry, now: datetime) -> None:
        known, planned = self.requests[entry["subject"]], datetime.fromisoformat(entry["planned"])
        if "stage" not in entry:
            word = Word(planned, ASKED)
            if planned == now:
                asked = self.members[known.request.asked_id - 1]
                self.at_once.append(Line(now, asked.desk, "desk", entry["subject"], late=False))
            else:
                known.asked_at = word
                known.happened[ASKED].append(Change(now, (word,), office(known.facts.asked)))
            return
        lapsing = entry["tag"] == "request:lapsing"
        kind = KEPT if lapsing else ASKED if entry["stage"] == ASKED else entry["to"]
        word = Word(planned, entry["stage"], entry.get("days", 0))
        known.happened[kind].append(Heard(now, word, late=entry.get("late", False), number=entry["seq"]))

    def _changed(self, ref: str, now: datetime, *, afresh: bool = True, moved: bool = False) -> None:
        """Other reminders of a request are wanted from now on."""
        known = self.requests[ref]
        for audience in Audience:
            words = reckoning.wanted(known.facts, audience, FAR)
            reader = office(known.facts.asking if audience is Audience.ASKING else known.facts.asked)
            known.happened[audience].append(Change(now, words, reader, afresh, moved))
        if known.asked_at is not None:
            pending = (known.asked_at,) if known.facts.state in RUNNING else ()
            known.happened[ASKED].append(Change(now, pending, office(known.facts.asked), afresh=False))

    def _keeps(self, known: _Known, now: datetime, *, moved: bool = False) -> None:
        assert known.request.kept_until is not None
        words = reckoning.lapsing(known.request.kept_until, known.facts.asking)
        known.happened[KEPT].append(Change(now, words, office(known.facts.asking), not moved, moved))

    def _calendar_changed(self, entry: Entry, now: datetime) -> None:
        code = entry["subject"]
        before, after = self.calendars[code], _changed(self.calendars[code], entry)
        self.calendars[code] = after
        self.days_changed.append((now, code, after))
        number = int(code[1:])
        for ref, known in self.requests.items():
            if number not in {known.request.asked_id, known.request.asking_id}:
                continue
            facts = known.facts
            asked = after if number == known.request.asked_id else facts.asked
            asking = after if number == known.request.asking_id else facts.asking
            known.facts = replace(facts, asked=asked, asking=asking)
            if known.asked_at is not None and asked != before and known.asked_at.at > now:
                known.asked_at = Word(office(asked).within(now), ASKED)
            self._changed(ref, now, afresh=False, moved=True)
            if known.happened[KEPT]:
                self._keeps(known, now, moved=True)

    # What is held against what

    def reminders(self) -> dict[int, Accounted]:
        """Each that was given, by the number of its entry; raises AssertionError if it is not as it should be."""
        found = {}
        for ref, known in self.requests.items():
            for kind, happened in known.happened.items():
                urgent = known.request.urgent and kind in set(Audience)
                try:
                    for one in reckoning.account(happened, END, self.away, urgent=urgent):
                        found[one.heard.number] = one
                except AssertionError as wrong:
                    raise AssertionError(f"{ref}, to {kind}: {wrong}") from None
        return found

    def said(self) -> Counter[Line]:
        """What the reminders of the ledger should read like in the rooms."""
        lines = list(self.at_once)
        for entry in self.entries:
            if entry["tag"] in {"request:reminded", "request:lapsing"} and "stage" in entry:
                section = KEPT if entry["tag"] == "request:lapsing" else entry["to"]
                at = datetime.fromisoformat(entry["at"])
                lines.append(Line(at, self._reader(entry), section, entry["subject"], entry.get("late", False)))
        return Counter(lines)

    def _reader(self, entry: Entry) -> str:
        request = self.requests[entry["subject"]].request
        member = self.members[(request.asking_id if entry["to"] == Audience.ASKING else request.asked_id) - 1]
        return member.coordinator if entry["to"] == Audience.COORDINATORS else member.desk

    def letters(self) -> list[list[Line]]:
        """The lines of each message of reminders that stands in the rooms, at the time of its letter."""
        query = select(Letter, Receipt.message).join(Receipt, Receipt.letter_id == Letter.id)  # type: ignore[arg-type]  # SQLModel's columns are typed as their values
        return [
            lines
            for letter, number in self.session.exec(query)
            if (lines := [*_lines(letter, self.rooms.message(number).body)])
        ]

    def together(self, letters: Sequence[Sequence[Line]]) -> None:
        """All that is said to one reader at one moment is one message, but for what is urgent or was asked for."""
        messages: Counter[tuple[str, datetime]] = Counter()
        for lines in letters:
            if all(self.requests[line.ref].request.urgent and line.section != KEPT for line in lines):
                assert len(lines) == 1, lines
            elif list(lines) != [line for line in self.at_once if line in lines]:
                messages[lines[0].to, lines[0].at] += 1
        assert max(messages.values()) == 1, messages.most_common(3)

    def hourly(self, accounted: dict[int, Accounted]) -> None:
        """What falls within an hour at a desk is one message, and it comes when one of those in it does."""
        groups: dict[str, dict[datetime, list[Accounted]]] = defaultdict(lambda: defaultdict(list))
        for entry in self.entries:
            one = accounted.get(entry["seq"])
            if one is not None and (
                entry["tag"] == "request:lapsing" or not self.requests[entry["subject"]].request.urgent
            ):
                groups[self._reader(entry)][one.heard.at].append(one)
        for reader, moments in groups.items():
            before = datetime.min.replace(tzinfo=ZoneInfo("UTC"))
            for at, group in sorted(moments.items()):
                own = [one for one in group if one.own]
                assert own, f"{reader}: nothing was due at {at}"
                # what nobody knew of an hour ago could not be said then
                assert at - before >= HOUR or all(one.known_since >= before for one in own), f"{reader}: {before}, {at}"
                before = at

    def digests(self) -> int:
        """How many were given, each as it was subscribed to."""
        given: dict[tuple[str, bool], list[tuple[datetime, datetime, bool]]] = defaultdict(list)
        for entry in self.entries:
            if entry["tag"] == "digest:given" and "planned" in entry:
                at, planned = (datetime.fromisoformat(entry[key]) for key in ("at", "planned"))
                given[entry["subject"], entry.get("network", False)].append((at, planned, entry.get("late", False)))
        for subscription in self.session.exec(select(Subscription)):
            member = self.members[subscription.agency_id - 1]
            found = given.pop((member.code, subscription.network))
            assert found == [*self._wanted(subscription, member)], member.code
        assert not given
        return sum(entry["tag"] == "digest:given" for entry in self.entries)

    def _wanted(self, subscription: Subscription, member: Member) -> Iterator[tuple[datetime, datetime, bool]]:
        changes = [(at, cal) for at, code, cal in self.days_changed if code == member.code]
        cal, after = member.calendar, subscription.made_at
        while True:
            planned = _next(subscription, after, office(cal))
            if changes and changes[0][0] < planned:
                after, cal = changes.pop(0)
                continue
            at = next((end for begin, end in self.away if begin <= planned < end), planned)
            late = at - planned > timedelta(minutes=15)
            if late:
                at = self._reached(at, changes, cal)
            if at >= END:
                return
            yield at, planned, late
            after = at
            while changes and changes[0][0] < at:
                cal = changes.pop(0)[1]

    def _reached(self, at: datetime, changes: Sequence[tuple[datetime, Calendar]], cal: Calendar) -> datetime:
        """When somebody gives what is late, and somebody is there."""
        for when, other in changes:
            if when >= (found := reckoning.when(at, office(cal), self.away)):
                return found
            cal = other
        return reckoning.when(at, office(cal), self.away)


def _changed(cal: Calendar, entry: Entry) -> Calendar:
    if entry["tag"] == "agency:hours":
        opens, closes = (datetime.strptime(text, "%H:%M").time() for text in entry["hours"].split("-"))  # noqa: DTZ007  # a time of day
        return replace(cal, opens=opens, closes=closes)
    first, last = date.fromisoformat(entry["first"]), date.fromisoformat(entry["last"])
    closed = {one.first + number * DAY for one in cal.closings for number in range((one.last - one.first).days + 1)}
    days = {first + number * DAY for number in range((last - first).days + 1)}
    closed = closed - days if entry["what"] == "open" else closed | days
    return replace(cal, closings=tuple(ClosedDays(day, day) for day in sorted(closed)))


def _next(subscription: Subscription, after: datetime, people: Office) -> datetime:
    """When a digest is due after that moment."""
    zone = ZoneInfo(subscription.zone)
    day = after.astimezone(zone).date()
    while True:
        at = datetime.combine(day, subscription.at, zone).astimezone(ZoneInfo("UTC"))
        falls = {
            Every.DAY: people.opening(day) == people.opening(day - DAY, 1)
            and people.there(people.opening(day)).date() == day,
            Every.WEEK: day.weekday() == subscription.weekday,
            Every.MONTH: day.weekday() == subscription.weekday and day.day <= 7,
        }
        if at > after and falls[subscription.every]:
            return at
        day += DAY


def _lines(letter: Letter, body: str | Message) -> Iterator[Line]:
    assert isinstance(body, Message)
    to, section = letter.addressee or letter.place or "", None
    for block in body.blocks:
        match block:
            case Heading(spans):
                section = next((kind for words, kind in HEADINGS.items() if _words(spans).startswith(words)), None)
            case Items(items) if section:
                yield from (_line(letter, to, section, item) for item in items)
            case Paragraph(spans) if section and isinstance(spans[0], Ref):
                yield _line(letter, to, section, spans)


def _line(letter: Letter, to: str, section: str, spans: Spans) -> Line:
    assert isinstance(spans[0], Ref)
    return Line(letter.at, to, section, spans[0].ref, "(late: it was for " in _words(spans))


def _words(spans: Spans) -> str:
    return "".join(span.text for span in spans if isinstance(span, Text))
