"""The terminal as a person uses it: keys and mouse in, what stands on the screen out."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, TextArea

from bot.local.buttons import MessageButton
from bot.local.conversation import THREADS_SHOWN
from bot.local.message_view import MessageView
from bot.local.places import Places
from bot.local.posted import direct_place
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
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from textual.pilot import Pilot

ANA, BO = Address("local:ana"), Address("local:bo")
FTC, NETWORK = Place("local:ftc"), Place("local:network")
NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
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
            await self.say(_root(), arrival.place, root_of="R-1")
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
    ) -> str:
        letter = LetterId(next(self._letters))
        return await self.rooms.deliver(Delivery(letter, place, to, thread, None, root_of, message))


def _root() -> Message:
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
    def complete(self, line: str, person: Address, place: Place) -> list[str]:
        known = ("/case list", "/case open", f"/case open --{person}-in-{place}")
        return [command for command in known if command.startswith(line)]


@pytest.fixture
def house() -> Iterator[EchoHouse]:
    house = EchoHouse()
    with closing(house.rooms):
        yield house


@asynccontextmanager
async def _terminal(house: EchoHouse, *, rehearsal: bool = False, height: int = 24) -> AsyncIterator[Pilot[None]]:
    app = Terminal(house, FewCommands(), HINT, real=lambda: NINE, rehearsal=rehearsal)
    async with app.run_test(size=(80, height)) as pilot:
        await pilot.pause()
        yield pilot


async def _write(pilot: Pilot[None], text: str) -> None:
    pilot.app.query_one(TextArea).text = text
    await pilot.press("enter")
    await _settle(pilot)


async def _answer(pilot: Pilot[None], key: str | None, text: str) -> None:
    if key:
        await pilot.press(key)
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")


async def _settle(pilot: Pilot[None]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def _screen(pilot: Pilot[None]) -> str:
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


async def test_the_first_screen_says_what_to_type_next(house: EchoHouse) -> None:
    async with _terminal(house) as pilot:
        screen = _screen(pilot)
        for words in ("Nothing has been said in #ftc yet.", "/case open TITLE", "Tab completes, F1 helps"):
            assert words in screen
        assert re.fullmatch(" Comity +local workspace +you are ana +Tue 1 Dec 2026, 09:00 UTC ", screen.splitlines()[0])
        footer = "F1 Help F2 Person F3 Place F4 Thread F5 +1h F6 +1d F7 Clock F8 File ^Q Quit"
        assert screen.splitlines()[-1].strip() == footer


async def test_what_people_type_is_shown_as_they_typed_it(house: EchoHouse) -> None:
    typed_lines = ["[bold]loud[/bold]", "[unclosed", "[@click=app.quit]x[/]", "a\x1b[2Jb", "$primary"]
    for words in typed_lines:
        house.rooms.post(ANA, FTC, words, NINE)
    await house.say(Message(Marking.RED, tuple(Quote(typed(words)) for words in typed_lines)), FTC)
    async with _terminal(house, height=60) as pilot:
        shown = _screen(pilot)
        for words in typed_lines:
            assert shown.count(words.replace("\x1b", "\N{REPLACEMENT CHARACTER}")) == 2
        await house.say(Message(None, (Heading(typed("[b]title[/b]")),)), FTC, root_of="R-1")
        await pilot.press("f4", "enter")
        await _settle(pilot)
        assert "#ftc: R-1  [b]title[/b]" in _screen(pilot)


async def test_a_message_stands_between_its_markings_with_all_its_blocks(house: EchoHouse) -> None:
    await house.say(_root(), FTC)
    async with _terminal(house) as pilot:
        lines = [line[17:].rstrip("▁ ") for line in _screen(pilot).splitlines()]
        first = lines.index(" Comity Tue 1 Dec 09:00  TLP:AMBER")
        assert [line.strip(" │") for line in lines[first + 1 : first + 7]] == [
            "R-1 Evidence",
            "State  sent",
            "•  asked by @ana",
            "Who owns [bold]spam.example[/bold]?",
            "Acknowledge   Close",
            "TLP:AMBER",
        ]


async def test_a_rehearsal_says_so_in_every_badge(house: EchoHouse) -> None:
    await house.say(_root(), FTC)
    async with _terminal(house, rehearsal=True) as pilot:
        assert _screen(pilot).count("REHEARSAL TLP:AMBER") == 2


async def test_a_private_answer_is_marked_and_nobody_else_has_it(house: EchoHouse) -> None:
    async with _terminal(house) as pilot:
        await pilot.press("f3", "enter")
        await _settle(pilot)
        await _write(pilot, "/whoami")
        assert "only you see this" in _screen(pilot)
        assert "You are ana." in _screen(pilot)
        await pilot.press("f2", "enter")
        await _settle(pilot)
        assert "you are bo" in _screen(pilot)
        assert "/whoami" in _screen(pilot)
        assert "You are ana." not in _screen(pilot)


async def test_buttons_are_pressed_by_key_and_by_mouse(house: EchoHouse) -> None:
    await house.say(_root(), FTC, root_of="R-1")
    async with _terminal(house) as pilot:
        await pilot.press("shift+tab", "shift+tab", "enter")
        await _settle(pilot)
        assert "TLP:AMBER  It is done.  TLP:AMBER" in _screen(pilot)
        assert pilot.app.query_one(TextArea).has_focus
        await pilot.click(list(pilot.app.query(MessageButton))[1])
        await _settle(pilot)
        assert [(press.kind, press.text, press.event) for press in house.taken] == [
            (ArrivalKind.PRESS, "/request ack R-1", 3),
            (ArrivalKind.PRESS, "/request close R-1", 3),
        ]


async def test_buttons_that_do_not_fit_go_to_the_next_line(house: EchoHouse) -> None:
    await house.say(Message(None, (say("x"), Actions(tuple(Button(f"Button {n}", "/x") for n in range(8))))), FTC)
    async with _terminal(house) as pilot:
        regions = [button.region for button in pilot.app.query(MessageButton)]
        assert [region.y - regions[0].y for region in regions] == [0, 0, 0, 0, 0, 1, 1, 1]
        assert all(region.right <= 80 for region in regions)


async def test_a_reply_goes_into_the_thread_that_was_chosen(house: EchoHouse) -> None:
    house.rooms.ack(house.rooms.post(ANA, FTC, "before", NINE).key)
    root = await house.say(_root(), FTC, root_of="R-1")
    async with _terminal(house) as pilot:
        await pilot.press("f4", "enter")
        await _settle(pilot)
        assert "ana in #ftc > R-1" in _screen(pilot)
        assert "before" not in _screen(pilot)
        await _write(pilot, "a reply")
        await pilot.press("escape")
        await _write(pilot, "no reply")
        assert [arrival.thread for arrival in house.taken] == [root, None]
        assert [view.posted.body for view in pilot.app.query(MessageView) if not view.posted.ours] == [
            "before",
            "a reply",
            "no reply",
        ]


async def test_what_is_edited_and_deleted_elsewhere_changes_in_place(house: EchoHouse) -> None:
    first, second = (house.rooms.post(ANA, FTC, words, NINE).message for words in ("first words", "second words"))
    async with _terminal(house) as pilot:
        house.rooms.edit(ANA, first, "three")
        house.rooms.react(ANA, first, ":check:")
        house.rooms.delete(ANA, second)
        await _settle(pilot)
        screen = _screen(pilot)
        assert "edited" in screen
        assert "three" in screen
        assert ":check:" in screen
        assert "deleted" in screen
        assert "second words" not in screen


async def test_unread_places_are_counted_until_one_goes_there(house: EchoHouse) -> None:
    async with _terminal(house) as pilot:
        house.rooms.post(BO, NETWORK, "hello", NINE)
        house.rooms.post(BO, NETWORK, "anybody?", NINE)
        await _settle(pilot)
        assert re.search(r"#network +2 ", _screen(pilot))
        await pilot.click(Places, offset=(2, 2))
        await _settle(pilot)
        assert "anybody?" in _screen(pilot)
        assert not re.search(r"#network +2 ", _screen(pilot))


async def test_the_newest_message_is_in_sight_from_the_start(house: EchoHouse) -> None:
    for number in range(12):
        house.rooms.post(ANA, FTC, f"message {number}", NINE)
    async with _terminal(house) as pilot:
        await _settle(pilot)
        assert "message 11" in _screen(pilot)
        assert "message 0" not in _screen(pilot)
        await pilot.press("pageup", "pageup")
        await pilot.pause(0.5)
        assert "message 0" in _screen(pilot)


async def test_a_stranger_may_come_and_write_where_they_are_no_member(house: EchoHouse) -> None:
    async with _terminal(house) as pilot:
        await pilot.press("f2", "end", "enter")
        await _answer(pilot, None, "two words")
        assert "a name is one word" in _screen(pilot)
        await _answer(pilot, None, "zed")
        await _settle(pilot)
        await pilot.press("f3", "down", "enter")
        await _settle(pilot)
        await _write(pilot, "who are you?")
        assert [(arrival.person, arrival.place) for arrival in house.taken] == [("local:zed", NETWORK)]
        assert "zed in #network" in _screen(pilot)


async def test_the_direct_conversation_is_a_place_too(house: EchoHouse) -> None:
    async with _terminal(house) as pilot:
        await pilot.press("f3", "down", "enter")
        await _settle(pilot)
        await _write(pilot, "/whoami")
        assert house.taken[-1].place == direct_place(ANA)
        assert "ana in direct" in _screen(pilot)


async def test_the_clock_is_moved_by_keys_and_to_an_instant(house: EchoHouse) -> None:
    async with _terminal(house) as pilot:
        await _settle(pilot)
        await pilot.press("f5", "f6")
        await _settle(pilot)
        assert "Wed 2 Dec 2026, 10:00 UTC" in _screen(pilot)
        await _answer(pilot, "f7", "soon")
        assert "cannot read the clock 'soon'" in _screen(pilot)
        await _answer(pilot, None, "+2d")
        await _settle(pilot)
        assert "Fri 4 Dec 2026, 10:00 UTC" in _screen(pilot)
        assert house.rooms.now == house.ticks[-1] == NINE + timedelta(days=3, hours=1)


async def test_tab_completes_what_was_begun(house: EchoHouse) -> None:
    async with _terminal(house) as pilot:
        area = pilot.app.query_one(TextArea)
        area.insert("/case ")
        await pilot.pause()
        menu = [line[17:].strip(" │▁") for line in _screen(pilot).splitlines()][-6:-3]
        assert menu == ["list", "open", "open --local:ana-in-local:ftc"]
        await pilot.press("down", "tab")
        assert area.text == "/case open"
        await pilot.press("tab")
        assert area.text == "/case open --local:ana-in-local:ftc"
        await pilot.press("enter")
        await _settle(pilot)
        assert house.taken[-1].text == "/case open --local:ana-in-local:ftc"


async def test_lines_break_and_what_was_sent_comes_back(house: EchoHouse) -> None:
    async with _terminal(house) as pilot:
        area = pilot.app.query_one(TextArea)
        await pilot.press("a", "ctrl+j", "b", "enter")
        await _settle(pilot)
        await _write(pilot, "second")
        assert house.taken[0].text == "a\nb"
        await pilot.press("up", "up")
        assert area.text == "a\nb"
        await pilot.press("up", "down", "down")
        assert area.text == "second"
        await pilot.press("down")
        assert area.text == ""


async def test_a_file_goes_with_what_is_written_next(house: EchoHouse, tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_text("From: nobody")
    async with _terminal(house) as pilot:
        await _answer(pilot, "f8", "none")
        assert "there is no file none" in _screen(pilot)
        await _answer(pilot, None, str(tmp_path / "mail.eml"))
        await _settle(pilot)
        await _write(pilot, "attached")
        await _write(pilot, "and not attached")
        assert [arrival.files for arrival in house.taken] == [1, 0]
        assert "+ mail.eml" in _screen(pilot)


async def test_help_names_every_key_and_closes(house: EchoHouse) -> None:
    async with _terminal(house) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        assert "move the clock to an instant" in _screen(pilot)
        await pilot.press("f2", "escape")
        await pilot.pause()
        assert "Who are you?" not in _screen(pilot)
        assert "ana in #ftc" in _screen(pilot)


async def test_what_was_written_before_a_crash_is_taken_at_the_start(house: EchoHouse) -> None:
    arrival = house.rooms.post(ANA, FTC, "/whoami", NINE)
    async with _terminal(house) as pilot:
        await _settle(pilot)
        assert house.taken == [arrival]
        assert "You are ana." in _screen(pilot)


async def test_of_a_long_past_the_threads_with_the_latest_news_are_shown(house: EchoHouse) -> None:
    for number in range(THREADS_SHOWN + 3):
        house.rooms.post(ANA, FTC, f"message {number}", NINE)
    house.rooms.post(ANA, FTC, "late reply", NINE, root="1")
    async with _terminal(house) as pilot:
        shown = [view.posted.body for view in pilot.app.query(MessageView)]
        assert shown[:3] == ["message 0", "late reply", "message 4"]
        assert len(shown) == THREADS_SHOWN + 1
