"""What is typed is read in the order of typing, however fast it comes and however slow completion is."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from textual.events import Paste

from tests.bot.local.client import EchoHouse, FewCommands, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.words import Address, Place

LONG = "/case open Pump-and-dump mailing from a rented mailbox in Canberra, with 1200 victims"


@pytest.fixture
def house() -> Iterator[EchoHouse]:
    house = EchoHouse()
    with closing(house.rooms):
        yield house


class SlowCommands(FewCommands):
    """Answers only when it is told to, and knows how many wait."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = asyncio.Event()

    async def complete(self, line: str, person: Address, place: Place) -> list[str]:
        self.asked.append(line)
        await self.go.wait()
        return await super().complete(line, person, place)


def texts(house: EchoHouse) -> list[str]:
    return [arrival.text for arrival in house.taken]


async def test_a_line_that_comes_at_once_is_sent_whole(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        client.keys(LONG, "enter", "second", "enter", "third")
        await client.until(lambda: client.line.text == "third")
        await client.until(lambda: texts(house) == [LONG, "second"])


async def test_editing_keys_keep_their_turn_among_the_letters(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        client.keys("helpX", "backspace", " me", "home", "please ", "end", "!", "ctrl+j", "bo", "enter")
        await client.until(lambda: texts(house) == ["please help me!\nbo"])


async def test_what_is_pasted_is_sent_by_the_enter_behind_it(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        client.app.post_message(Paste(LONG))
        client.keys("!", "enter")
        await client.until(lambda: texts(house) == [f"{LONG}!"])


async def test_tab_completes_what_was_begun(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        client.keys("/case ")
        await client.sees("open --local:ana-in-local:ftc")
        menu = [line[17:].strip(" │▁") for line in client.screen.splitlines()][-6:-3]
        assert menu == ["list", "open", "open --local:ana-in-local:ftc"]
        client.keys("down", "tab")
        await client.until(lambda: client.line.text == "/case open")
        client.keys("tab", "enter")
        await client.until(lambda: texts(house) == ["/case open --local:ana-in-local:ftc"])


async def test_escape_closes_the_menu_and_leaves_what_is_typed(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        client.keys("/case ")
        await client.sees("open --local:ana-in-local:ftc")
        client.keys("escape")
        await client.sees_no_more("open --local:ana-in-local:ftc")
        assert client.line.text == "/case "


async def test_tab_and_arrows_mean_the_completions_of_what_was_typed_before_them(house: EchoHouse) -> None:
    commands = SlowCommands()
    async with terminal(house, commands) as client:
        client.keys("/case ", "down", "tab", "!", "enter")
        await client.until(lambda: "/case " in commands.asked)
        assert client.line.text == "/case "
        commands.go.set()
        await client.until(lambda: texts(house) == ["/case open!"])


async def test_slow_completion_holds_nobody_up_who_types(house: EchoHouse) -> None:
    commands = SlowCommands()
    async with terminal(house, commands) as client:
        client.keys("/")
        await client.until(lambda: commands.asked == ["/"])
        client.keys("case open It hangs", "enter")
        await client.until(lambda: texts(house) == ["/case open It hangs"])
        assert len(commands.asked) == 1, "one look-up at a time"
        client.keys("/case l")
        await client.until(lambda: client.line.text == "/case l")
        commands.go.set()
        await client.until(lambda: commands.asked[-1] == "/case l")
        await client.until(lambda: "│ list " in client.screen)
        assert "/" not in commands.asked[1:]


async def test_lines_break_and_what_was_sent_comes_back(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        client.keys("a", "ctrl+j", "b", "enter", "second", "enter", "third", "up", "up")
        await client.until(lambda: client.line.text == "a\nb")
        await client.until(lambda: texts(house) == ["a\nb", "second"])
        client.keys("up", "down", "down")
        await client.until(lambda: client.line.text == "second")
        client.keys("down", "down", "down")
        await client.until(lambda: client.line.text == "third")
