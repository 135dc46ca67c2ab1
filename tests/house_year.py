"""Twenty agencies live through a year: people type, the clock goes from moment to moment, workers come and go.

What happens is drawn by chance, from one seed; it is only played here, and accounted for elsewhere.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, Engine, Executable
from sqlmodel import func, select

from bot.local.rooms import Rooms
from bot.local.workspace import operate
from commands.desk import Desk
from commands.rules.names import WEEKDAYS
from commands.rules.workdays import Calendar
from storage.tables import Moment, Request
from storage.words import Address, Place, RequestKind, State
from tests import lives
from tests.lives import BEGIN, DAY, END
from tests.workers import Crew, Told, Worker

AGENCIES, PARTNERS = 20, 4
CALENDAR_CHANGES, ABSENCES = 60, 14
SHARED = Place("local:network")


DIGESTS = (
    "--every week --on monday --at 09:00", "--every day --at 08:30", "--every month --on friday --at 16:00",
    "--every week --on thursday --at 12:15", "--every week --on sunday --at 10:00 --zone Asia/Tokyo",
    "--every month --on tuesday --at 09:00",
)  # fmt: skip
"""One for each of the first agencies; the next one has the network's."""

STEPS = {
    State.SENT: (
        *("ack",) * 2, *("answer",) * 3, "clarify", "partial", "extend", "ask more time", "snooze", "remind",
    ),
    State.ACKNOWLEDGED: (
        *("answer",) * 6, "clarify", "extend", "ask more time", "agree", "refuse", "snooze", "remind", "withdraw",
    ),
    State.CLARIFYING: (*("explain",) * 5, "ask more time", "agree", "answer"),
    State.ANSWERED: ("close", "reopen"),
}  # fmt: skip
"""What may come next; a step that is not open now is refused, as it is in life."""


LINES = {
    "ack": ("asked", "ack R-{0}"),
    "clarify": ("asked", "clarify R-{0} Which one?"),
    "explain": ("asking", "explain R-{0} Both."),
    "answer": ("asked", "answer R-{0}"),
    "partial": ("asked", "answer R-{0} --partial Half of it."),
    "extend": ("asking", 'extend R-{0} --due "{due}"'),
    "ask more time": ("asked", 'extend R-{0} --due "{due}"'),
    "agree": ("asking", "agree R-{0}"),
    "refuse": ("asking", "refuse R-{0}"),
    "snooze": ("asked", "snooze R-{0} {later}"),
    "remind": ("asking", "remind R-{0}"),
    "withdraw": ("asking", "withdraw R-{0}"),
    "close": ("asking", "close R-{0}"),
    "reopen": ("asking", "reopen R-{0} A page is missing."),
}
"""Who takes each step, and what they type."""


@dataclass(frozen=True)
class Member:
    """An agency, and where it is reached; its calendar is that of its first day."""

    number: int
    calendar: Calendar

    @property
    def code(self) -> str:
        return f"A{self.number}"

    @property
    def officer(self) -> Address:
        return Address(f"local:o{self.number}")

    @property
    def coordinator(self) -> Address:
        return Address(f"local:c{self.number}")

    @property
    def desk(self) -> Place:
        return Place(f"local:a{self.number}")

    def lines(self) -> list[str]:
        """What the operator types to have it."""
        cal, code = self.calendar, self.code
        country = f"{cal.country}-{cal.subdivision}" if cal.subdivision else cal.country
        days = ",".join(WEEKDAYS[day] for day in sorted(cal.weekend)) if cal.weekend else ""
        weekend = f" --weekend {days}" if days else ""
        return [
            f"/agency add {code} --country {country} --zone {cal.zone}{weekend} The agency {self.number}",
            f"/officer add {self.officer} --agency {code} officer",
            f"/officer add {self.coordinator} --agency {code} --role coordinator coordinator",
            f"/agency desk {code} {self.desk}",
            f"/agency hours {code} {cal.opens:%H:%M}-{cal.closes:%H:%M}",
            *(f"/agency closed {code} {closed.first}..{closed.last}" for closed in cal.closings),
        ]


@dataclass
class Year:
    """What is going to happen, and what happened that no table says; `requests` is how many are sent."""

    engine: Engine
    rooms: Rooms
    requests: int
    chance: random.Random
    members: list[Member] = field(default_factory=list)
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    """From when to when nobody ran."""
    crashes: int = 0
    _eye: Connection = field(init=False)
    _now: Told = field(default_factory=lambda: Told(BEGIN))
    _plans: list[tuple[datetime, int, str]] = field(default_factory=list)
    """When somebody does something, in the order of a heap: `send`, `calendar`, or the number of a request."""
    _numbers: Iterator[int] = field(default_factory=count)

    async def play(self) -> None:
        self._prepare()
        with (
            self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as self._eye,
            Crew(self.engine, self.rooms, self._now, self.chance) as crew,
        ):
            for member in self.members:
                await self._type(crew, member.officer, member.desk, "/case open Unwanted mailings")
            for member, how in zip(self.members, DIGESTS, strict=False):
                await self._type(crew, member.coordinator, member.desk, f"/digest subscribe {how}")
            first = self.members[0]
            await self._type(crew, first.coordinator, SHARED, "/digest subscribe --network")
            while (at := min(self._next_act(), moment := self._next_moment())) < END:
                back = next((end for begin, end in self.away if begin <= at < end), None)
                self._now.now = back or at
                if back is not None:
                    crew.replace()
                await self._go_on(crew, tick=moment <= self._now.now)
            await crew.do(Worker.drain)
            self.crashes = crew.crashes

    def _prepare(self) -> None:
        calendars = lives.agencies(self.chance, AGENCIES)
        self.members = [Member(number, calendar) for number, calendar in enumerate(calendars, 1)]
        lines = [line for member in self.members for line in member.lines()]
        lines += [f"/agency desk {member.code} {SHARED} --shared" for member in self.members[:PARTNERS]]
        for line in lines:
            message, done = operate(self.engine, Desk(lambda: bytes(16)), line, BEGIN)
            assert done, message
        for what, number in (("send", self.requests), ("calendar", CALENDAR_CHANGES)):
            for _ in range(number):
                self._plan(BEGIN + DAY + (END - BEGIN) * 0.95 * self.chance.random(), what)
        share = (END - BEGIN - 2 * DAY) / ABSENCES
        for number in range(ABSENCES):
            begin = BEGIN + DAY + (number + self.chance.random() / 2) * share
            hours = min(self.chance.expovariate(1 / 20), 200)
            self.away.append((begin, begin + timedelta(hours=hours)))

    def _plan(self, at: datetime, what: str) -> None:
        heapq.heappush(self._plans, (at, next(self._numbers), what))

    def _plan_soon(self, what: str) -> None:
        self._plan(self._now.now + timedelta(seconds=self.chance.expovariate(1 / 300_000)), what)

    def _next_act(self) -> datetime:
        return self._plans[0][0] if self._plans else END

    def _next_moment(self) -> datetime:
        return self._see(select(func.min(Moment.at)))[0] or END

    def _see(self, question: Executable) -> Any:
        """The only row that answers; asked apart from all that the house does."""
        return self._eye.execute(question).one()

    async def _go_on(self, crew: Crew, *, tick: bool) -> None:
        """All that people do now; and what is due, after an absence in whatever order."""
        acts = []
        while self._plans and self._plans[0][0] <= self._now.now:
            acts.append(heapq.heappop(self._plans)[2])
        order = [self._act(crew, act) for act in acts]
        if tick:
            order.insert(self.chance.choice((0, len(acts))), self._tick(crew))
        for each in order:
            await each
        if self.chance.random() < 0.015:
            await crew.do(Worker.drain, crash=self.chance.random() < 0.15)

    async def _tick(self, crew: Crew) -> None:
        chance = self.chance.random()
        await crew.do(Worker.tick, both=chance < 0.2, crash=chance < 0.01)

    async def _type(self, crew: Crew, person: Address, place: Place, line: str) -> None:
        arrival = self.rooms.post(person, place, line, self._now.now)
        await crew.do(lambda worker: worker.take(arrival), crash=self.chance.random() < 0.005)

    # What people do

    async def _act(self, crew: Crew, what: str) -> None:
        if what == "send":
            await self._send(crew)
        elif what == "calendar":
            await self._change_calendar(crew)
        else:
            await self._step(crew, int(what))

    async def _send(self, crew: Crew) -> None:
        asking = self.chance.choice(self.members)
        asked = self.members[(asking.number - 1 + self.chance.randint(1, PARTNERS)) % AGENCIES]
        flags = " --urgent" * (self.chance.random() < 0.15) + " --kind preserve" * (self.chance.random() < 0.1)
        due = lives.written(self.chance, self._now.now)
        before, line = self._sent(), f"/request send {asked.code} --case C-{asking.number}{flags}"
        await self._type(crew, asking.officer, asking.desk, line + (f' --due "{due}"' if due else "") + " Who?")
        if self._sent() == before:  # the end of this month is past
            await self._type(crew, asking.officer, asking.desk, f"{line} Who?")
        self._plan_soon(str(self._sent()))

    def _sent(self) -> int:
        """The number of the newest request."""
        return self._see(select(func.max(Request.id)))[0] or 0

    async def _change_calendar(self, crew: Crew) -> None:
        member = self.chance.choice(self.members)
        first = self._now.now.date() + self.chance.randrange(1, 20) * DAY
        days = f"{first}..{first + self.chance.randrange(6) * DAY}"
        line = self.chance.choice((f"closed {member.code} {days}", f"closed {member.code} {days} --open", "hours"))
        if line == "hours":
            line = f"hours {member.code} {self.chance.choice(('07:30-15:00', '09:00-17:00', '10:30-19:00'))}"
        await self._type(crew, member.coordinator, member.desk, f"/agency {line}")

    async def _step(self, crew: Crew, number: int) -> None:
        request = self._see(
            select(Request.state, Request.kind, Request.asking_id, Request.asked_id).where(Request.id == number)
        )
        over = request.state is State.ANSWERED and self.chance.random() < 0.8
        if request.state not in STEPS or over or self.chance.random() < 0.01:
            return  # nothing is owed, or it is forgotten
        step = self.chance.choice(STEPS[request.state])
        if step == "reopen" and request.kind is RequestKind.PRESERVE:
            step = "close"
        side, words = LINES[step]
        member = self.members[(request.asking_id if side == "asking" else request.asked_id) - 1]
        line = words.format(number, due=lives.written(self.chance, self._now.now) or "4wd", later=self._later())
        if step == "answer" and request.kind is RequestKind.PRESERVE:
            line += f" --kept-until {self._now.now.date() + self.chance.randrange(5, 120) * DAY}"
        await self._type(crew, member.officer, member.desk, f"/request {line}")
        self._plan_soon(str(number))

    def _later(self) -> str:
        """Until when it is to be quiet."""
        day = self._now.now.date() + self.chance.randrange(2, 25) * DAY
        return self.chance.choice((f"{day}", f"{self.chance.randrange(1, 120)}h", "3wd"))
