"""Scripts play as people read them, and a line that cannot be played says what could."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.local.rooms import Rooms
from bot.local.script import START, ScriptError, play
from bot.local.steps import Edit, MoveClock, Operate, Post, Press, React, Scene, Step, read
from bot.platform import Delivery
from commands.arrival import Arrival, ArrivalKind, File
from commands.message import Actions, Button, Message, Quote, Strong, say, typed
from storage.words import Address, LetterId, Marking, Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

BO = Address("local:bo")
ACMA = Place("local:acma")


class EchoHouse:
    """Answers a few lines with fixed messages; R-1 stands in #acma once somebody asked for it."""

    def __init__(self) -> None:
        self.rooms = Rooms(":memory:")
        self.rooms.open_channel("ftc", [Address("local:ana")])
        self.rooms.open_channel("acma", [BO])
        self.taken: list[Arrival] = []
        self.ticks: list[datetime] = []
        self._letters = count(1)
        self._root: str | None = None

    async def take(self, arrival: Arrival, now: datetime) -> None:
        assert now >= self.rooms.now
        self.taken.append(arrival)
        self.rooms.ack(arrival.key)
        match arrival:
            case Arrival(kind=ArrivalKind.MESSAGE, text="/ask"):
                self._root = await self._say(arrival, _root("sent", 1), root_of="R-1")
            case Arrival(kind=ArrivalKind.MESSAGE, text="/whoami"):
                await self._say(arrival, Message(None, (say("You are ", Strong("bo"), "."),)), to=arrival.person)
            case Arrival(kind=ArrivalKind.PRESS, event=event):
                if event == 1 and arrival.text == "/request ack R-1":
                    await self._say(arrival, _root("acknowledged", 2), edits=self._root)
                answer = Message(Marking.AMBER, (say(f"Pressed at {event}."), Quote(typed("as it\nstood"))))
                await self._say(arrival, answer, thread=arrival.thread, to=arrival.person)
            case _:
                pass

    async def operate(self, line: str, now: datetime) -> Message:
        assert now >= self.rooms.now
        await self._say(None, Message(None, (say("An agency has come."),)), place=ACMA)
        return Message(None, (say(f"Done: {line}"),))

    async def tick(self, now: datetime) -> None:
        self.ticks.append(now)
        self.rooms.move(now)
        await self._say(None, Message(None, (say("Good morning."),)), place=ACMA)

    async def _say(
        self,
        arrival: Arrival | None,
        message: Message,
        *,
        place: Place | None = None,
        to: Address | None = None,
        thread: str | None = None,
        edits: str | None = None,
        root_of: str | None = None,
    ) -> str:
        if place is None and arrival is not None and not arrival.direct:
            place = arrival.place
        letter = LetterId(next(self._letters))
        return await self.rooms.deliver(Delivery(letter, place, to, thread, edits, root_of, message))


def _root(state: str, event: int) -> Message:
    acknowledge = (Button("Acknowledge", "/request ack R-1", event),) if event == 1 else ()
    close = Button("Close", "/request close R-1", event)
    return Message(Marking.AMBER, (say(f"R-1 is {state}."), Actions((*acknowledge, close))))


@pytest.fixture
def house() -> Iterator[EchoHouse]:
    house = EchoHouse()
    with closing(house.rooms):
        yield house


async def _play(house: EchoHouse, script: str, folder: Path = Path()) -> str:
    blocks: list[str] = []
    try:
        await play(script.strip().split("\n"), house, blocks.append, folder=folder)
    except ScriptError as error:
        blocks.append(f"! {error}")
    return "\n".join(blocks)


async def test_a_transcript_shows_what_people_wrote_and_what_comity_said(house: EchoHouse) -> None:
    script = r"""
# the example of the contract, shortened

clock 2026-12-01T09:00Z
operator: /agency add CRTC
bo in #acma: /ask
bo in #acma thread r-1: The mailbox was opened\non 3 May.
bo in #acma edits "opened\non 3": It was opened on 4 May.
bo in #acma deletes "4 May"
bo in #acma reacts R-1 :check:
bo in #acma press R-1 "Acknowledge"
bo in #acma press "Acknowledge"
bo in direct: /whoami
bo in #acma: /whoami
stranger in #acma: good\n#acma [R-1] Comity: day
clock +3d
"""
    assert (
        await _play(house, script)
        == """\
clock Tue 1 Dec 2026, 09:00 UTC
#acma Comity: Good morning.
operator: /agency add CRTC
(to operator) Comity: Done: /agency add CRTC
#acma Comity: An agency has come.
#acma bo: /ask
#acma [R-1] Comity: TLP:AMBER
  R-1 is sent.
  [Acknowledge] [Close]
  TLP:AMBER
#acma [R-1] bo: The mailbox was opened
  on 3 May.
#acma [R-1] bo edits: It was opened on 4 May.
#acma [R-1] bo deletes: It was opened on 4 May.
#acma [R-1] bo reacts :check:
#acma [R-1] bo presses [Acknowledge]
#acma [R-1] Comity edits: TLP:AMBER
  R-1 is acknowledged.
  [Close]
  TLP:AMBER
#acma [R-1] (to bo) Comity: TLP:AMBER
  Pressed at 1.
  > as it
  > stood
  TLP:AMBER
#acma [R-1] bo presses [Acknowledge]
#acma [R-1] Comity edits: TLP:AMBER
  R-1 is acknowledged.
  [Close]
  TLP:AMBER
#acma [R-1] (to bo) Comity: TLP:AMBER
  Pressed at 1.
  > as it
  > stood
  TLP:AMBER
direct bo: /whoami
direct (to bo) Comity: You are bo.
#acma bo: /whoami
#acma (to bo) Comity: You are bo.
#acma stranger: good
  #acma [R-1] Comity: day
clock Fri 4 Dec 2026, 09:00 UTC
#acma Comity: Good morning."""
    )
    assert house.ticks == [START, START + timedelta(days=3)]
    assert house.rooms.since() == []


async def test_an_attachment_comes_with_its_message(house: EchoHouse, tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_text("From: nobody")
    script = """
bo in #acma: /ask
bo in #acma thread R-1 attach mail.eml: The original: attached.
bo in #acma attach mail.eml
"""
    transcript = await _play(house, script, tmp_path)
    assert transcript.splitlines()[-4:] == [
        "#acma [R-1] bo: The original: attached.",
        "  + mail.eml",
        "#acma bo:",
        "  + mail.eml",
    ]
    file = File("1", "mail.eml", str(tmp_path / "mail.eml"))
    taken = [(arrival.files, arrival.text) for arrival in house.taken[1:]]
    assert taken == [((file,), "The original: attached."), ((file,), "")]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("bo at #acma: hello", "line 3: cannot read 'bo at #acma: hello': write \"NAME in #PLACE: TEXT\""),
        ("bo in #acma:", "line 3: cannot read"),
        ("bo in #acmathread R-1: x", "line 3: cannot read"),
        ("clock yesterday", "line 3: cannot read the clock 'yesterday'"),
        ("clock 2026-12-01T10:00", "line 3: the clock 2026-12-01T10:00 needs a zone"),
        ("clock 2026-12-01T08:00Z", "line 3: the clock stands at 2026-12-01T09:00Z and goes forwards only"),
        ("clock +999999d", "line 3: cannot read the clock '+999999d'"),
        ("clock 9999-12-31T23:00Z", "line 3: the clock stands at 2026-12-01T09:00Z and goes forwards only, up to 3000"),
        ("bo in #acma thread R-2: hello", "line 3: R-2 has no thread here; there is R-1"),
        ("bo in #ftc reacts R-1 :check:", "line 3: R-1 has no thread here; there is nothing of the kind"),
        (
            'bo in #acma press R-1 "Withdraw"',
            "line 3: no button [Withdraw] was ever here; there is [Acknowledge], [Close]",
        ),
        ('bo in #acma deletes "good"', "line 3: bo wrote no 'good' here; there is 'hello', '/ask'"),
        ("bo in #acma attach none.eml: hello", "line 3: there is no file none.eml"),
    ],
)
async def test_a_line_that_cannot_be_played_stops_the_run_and_names_what_is_there(
    house: EchoHouse, line: str, problem: str
) -> None:
    transcript = await _play(house, f"bo in #acma: /ask\nbo in #acma: hello\n{line}\nbo in #acma: unheard")
    assert transcript.splitlines()[-1].startswith(f"! {problem}")


BO_IN_ACMA = Scene(BO, ACMA, None)
BO_IN_THREAD = Scene(BO, ACMA, "R-1")


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("", None),
        ("  # comment", None),
        ("clock +2h", MoveClock("+2h")),
        ("operator:/agency list", Operate("/agency list")),
        ("bo in #acma:hello", Post(BO_IN_ACMA, "hello")),
        ("bo in #acma: thread R-1: x", Post(BO_IN_ACMA, "thread R-1: x")),
        ("bo in #acma thread R-1 attach a/b.eml: x: y", Post(BO_IN_THREAD, "x: y", "a/b.eml")),
        ('bo in #acma edits "a": b": c', Edit(BO_IN_ACMA, "a", 'b": c')),
        ('bo in #acma thread r-1 press "Close"', Press(BO_IN_THREAD, "Close")),
        ('bo in #acma press r-1 "Close"', Press(BO_IN_THREAD, "Close")),
        ("bo in #acma reacts r-1 ✅", React(BO_IN_ACMA, "R-1", "✅")),
    ],
)
def test_lines_are_read_as_steps(line: str, step: Step | None) -> None:
    assert read(1, line) == step


@given(st.text(), st.sampled_from(["", "clock ", "operator: ", "bo in #acma", "bo in direct thread R-1", 'a in #b "']))
def test_any_line_is_read_or_refused(rest: str, beginning: str) -> None:
    try:
        read(7, beginning + rest)
    except ScriptError as error:
        assert str(error).startswith("line 7: ")  # noqa: PT017
