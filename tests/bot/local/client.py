"""A client at the terminal, as the tests of it use it: keys and mouse in, what stands on the screen out."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest
from textual.events import Key
from textual.widgets import TextArea

from bot.local.rooms import Rooms
from bot.local.terminal import Terminal
from bot.platform import Delivery
from commands.arrival import Arrival, ArrivalKind
from commands.message import (
    Actions,
    Button,
    Code,
    Fields,
    Heading,
    Items,
    Mention,
    Message,
    Quote,
    Ref,
    Strong,
    say,
    spans,
    typed,
)
from storage.words import Address, LetterId, Marking, Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from textual.pilot import Pilot
    from textual.widget import Widget

    from bot.local.house import Completer, House

ANA, BO = Address("local:ana"), Address("local:bo")
FTC, ACMA, NETWORK = Place("local:ftc"), Place("local:acma"), Place("local:network")
NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
NAMED = {
    "enter": "\r", "tab": "\t", "ctrl+j": "\n", "backspace": "\x7f", "escape": "\x1b", "shift+tab": None,
    "up": None, "down": None, "left": None, "right": None, "home": None,
    "end": None, "pageup": None, "pagedown": None,
    "f1": None, "f2": None, "f3": None, "f4": None, "f5": None, "f6": None, "f7": None, "f8": None,
}  # fmt: skip
"""Keys that are no letter, each with the character that a terminal sends for it."""

PATIENCE = 20
"""Seconds; so long only where something is broken."""

HINT = Message(None, (say("Type ", Code("/case open TITLE"), " to begin."),))


class EchoHouse:
    """Answers `/whoami` to the writer alone and `/ask` with a root that has buttons; a press gets a reply below it."""

    def __init__(self) -> None:
        self.rooms = Rooms(":memory:")
        self.rooms.open_channel("ftc", [ANA])
        self.rooms.open_channel("network", [ANA, BO])
        self.rooms.move(NINE)
        self.taken: list[Arrival] = []
        self.ticks: list[datetime] = []
        self._letters = count(1)

    async def take(self, arrival: Arrival, now: datetime) -> None:
        assert now >= self.rooms.now
        self.taken.append(arrival)
        self.rooms.ack(arrival.key)
        if arrival.text == "/whoami":
            await self.say(Message(None, (say("You are ", Strong("ana"), "."),)), arrival.place, to=arrival.person)
        elif arrival.text == "/ask":
            await self.say(root(), arrival.place, root_of="R-1")
        elif arrival.kind is ArrivalKind.PRESS:
            await self.say(Message(Marking.AMBER, (say("It is done."),)), arrival.place, thread=arrival.thread)

    async def operate(self, line: str, now: datetime) -> Message:
        raise NotImplementedError(line, now)

    async def tick(self, now: datetime) -> None:
        self.ticks.append(now)

    async def say(
        self,
        message: Message,
        place: Place,
        *,
        to: Address | None = None,
        thread: str | None = None,
        root_of: str | None = None,
        edits: str | None = None,
    ) -> str:
        letter = LetterId(next(self._letters))
        return await self.rooms.deliver(Delivery(letter, place, to, thread, edits, root_of, message))


def root() -> Message:
    return Message(
        Marking.AMBER,
        (
            Heading(spans(Ref("R-1"), " Evidence")),
            Fields((("State", spans(Strong("sent"))),)),
            Items((spans("asked by ", Mention(ANA, "ana")),)),
            Quote(typed("Who owns [bold]spam.example[/bold]?")),
            Actions((Button("Acknowledge", "/request ack R-1", 3), Button("Close", "/request close R-1", 3))),
        ),
    )


class FewCommands:
    async def complete(self, line: str, person: Address, place: Place) -> list[str]:
        known = ("/case list", "/case open", f"/case open --{person}-in-{place}")
        return [command for command in known if command.startswith(line)]


class Client:
    """A person at the keys, who waits for what the screen says and for nothing else."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self._pilot = pilot
        self.app = pilot.app

    @property
    def screen(self) -> str:
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    @property
    def line(self) -> TextArea:
        return self.app.screen_stack[0].query_one(TextArea)

    def keys(self, *typed: str) -> None:
        """Names of keys, and texts letter by letter: all at once, as a fast terminal sends them."""
        for word in typed:
            named = word in NAMED
            for key in [word] if named else word:
                self.app.post_message(Key("space" if key == " " else key, NAMED[word] if named else key))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Fails, with the screen, if it does not come true."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():  # noqa: ASYNC110  # a screen tells nobody that it has changed
                    await asyncio.sleep(0.03)
        except TimeoutError:
            pytest.fail(f"waited in vain before this screen:\n{self.screen}")

    async def sees(self, *words: str) -> None:
        await self.until(lambda: all(one in self.screen for one in words))

    async def sees_no_more(self, *words: str) -> None:
        await self.until(lambda: not any(one in self.screen for one in words))

    async def click(self, target: Widget | type[Widget], offset: tuple[int, int] | None = None) -> None:
        await self._pilot.click(target, offset=offset or (0, 0))


@asynccontextmanager
async def terminal(
    house: House,
    completer: Completer,
    *,
    hint: Message = HINT,
    size: tuple[int, int] = (80, 24),
    now: datetime = NINE,
    rehearsal: bool = False,
    log: Path | None = None,
) -> AsyncIterator[Client]:
    """The machine's clock stands still."""
    app = Terminal(house, completer, hint, real=lambda: now, rehearsal=rehearsal, log=log)
    async with app.run_test(size=size) as pilot:
        client = Client(pilot)
        await client.until(lambda: client.line.has_focus)
        yield client
