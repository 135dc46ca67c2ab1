"""The terminal as a person uses it: where they are, what they see there, and what their keys do."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.local.buttons import MessageButton
from bot.local.conversation import THREADS_SHOWN
from bot.local.message_view import MessageView
from bot.local.places import Places
from bot.local.posted import direct_place
from commands.arrival import ArrivalKind
from commands.message import Actions, Button, Heading, Message, Quote, say, typed
from storage.words import Marking
from tests.bot.local.client import ANA, BO, FTC, NETWORK, NINE, EchoHouse, FewCommands, root, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house() -> Iterator[EchoHouse]:
    house = EchoHouse()
    with closing(house.rooms):
        yield house


async def test_the_first_screen_says_what_to_type_next(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        await client.sees(
            "Nothing has been said in #ftc yet.",
            "/case open TITLE",
            "Tab completes what you type",
            "F1 shows this again",
        )
        first, *_, last = client.screen.splitlines()
        assert re.fullmatch(" Comity +local workspace +you are ana +Tue 1 Dec 2026, 09:00 UTC", first)
        assert last == "⇧Tab Buttons F1 Help F2 Person F3 Place F4 Thread F5 +1h F6 +1d F7 Clock ^Q Quit"
        assert "Write to all in #ftc, or type / and a command" in client.screen


async def test_what_people_type_is_shown_as_they_typed_it(house: EchoHouse) -> None:
    typed_lines = ["[bold]loud[/bold]", "[unclosed", "[@click=app.quit]x[/]", "a\x1b[2Jb", "$primary"]
    for words in typed_lines:
        house.rooms.post(ANA, FTC, words, NINE)
    await house.say(Message(Marking.RED, tuple(Quote(typed(words)) for words in typed_lines)), FTC)
    async with terminal(house, FewCommands(), size=(80, 60)) as client:
        for words in typed_lines:
            shown = words.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
            await client.until(lambda shown=shown: client.screen.count(shown) == 2)  # type: ignore[misc]
        await house.say(Message(None, (Heading(typed("[b]title[/b]")),)), FTC, root_of="R-1")
        await client.sees("[b]title[/b]")
        client.keys("f4", "enter")
        await client.sees("#ftc: R-1  [b]title[/b]")


async def test_a_message_stands_between_its_markings_with_all_its_blocks(house: EchoHouse) -> None:
    await house.say(root(), FTC)
    async with terminal(house, FewCommands()) as client:
        await client.sees("Acknowledge")
        lines = [line[17:].rstrip("▁ ") for line in client.screen.splitlines()]
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
    await house.say(root(), FTC)
    async with terminal(house, FewCommands(), rehearsal=True) as client:
        await client.until(lambda: client.screen.count("REHEARSAL TLP:AMBER") == 2)


async def test_a_private_answer_is_marked_and_nobody_else_has_it(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        client.keys("f3", "enter")
        await client.sees("ana in #network")
        client.keys("/whoami", "enter")
        await client.sees("only you see this", "You are ana.")
        client.keys("f2", "enter")
        await client.sees("bo in #network", "you are bo", "/whoami")
        await client.sees_no_more("You are ana.")


async def test_buttons_are_pressed_by_key_and_by_mouse(house: EchoHouse) -> None:
    await house.say(root(), FTC)
    async with terminal(house, FewCommands()) as client:
        await client.sees("Acknowledge")
        client.keys("shift+tab", "right", "left", "enter")
        await client.sees("TLP:AMBER  It is done.  TLP:AMBER")
        assert client.line.has_focus
        await client.click(list(client.app.query(MessageButton))[1])
        await client.until(lambda: len(house.taken) == 2)
        assert [(press.kind, press.text, press.event) for press in house.taken] == [
            (ArrivalKind.PRESS, "/request ack R-1", 3),
            (ArrivalKind.PRESS, "/request close R-1", 3),
        ]


async def test_the_arrows_go_from_button_to_button_and_tab_back_to_the_line(house: EchoHouse) -> None:
    await house.say(root(), FTC)
    async with terminal(house, FewCommands()) as client:
        await client.sees("Acknowledge")
        first, second = client.app.query(MessageButton)
        client.keys("shift+tab")
        await client.until(lambda: first.has_focus)
        client.keys("right")
        await client.until(lambda: second.has_focus)
        client.keys("tab")
        await client.until(lambda: client.line.has_focus)
        client.keys("shift+tab")
        await client.until(lambda: first.has_focus)
        client.keys("escape")
        await client.until(lambda: client.line.has_focus)


async def test_a_press_goes_into_its_thread_where_what_is_asked_back_is_answered(house: EchoHouse) -> None:
    begun = await house.say(root(), FTC, root_of="R-1")
    async with terminal(house, FewCommands()) as client:
        await client.sees("Acknowledge")
        client.keys("shift+tab", "enter")
        await client.sees("ana in #ftc > R-1", "It is done.", "Reply in R-1", "Esc: all of #ftc")
        client.keys("my answer", "enter")
        await client.until(lambda: [arrival.thread for arrival in house.taken] == [begun, begun])


async def test_what_is_said_outside_the_thread_is_counted(house: EchoHouse) -> None:
    await house.say(root(), FTC, root_of="R-1")
    async with terminal(house, FewCommands()) as client:
        await client.sees("Acknowledge")
        client.keys("f4", "enter")
        await client.sees("Esc: all of #ftc ")
        house.rooms.post(BO, FTC, "elsewhere", NINE)
        await client.sees("Esc: all of #ftc, 1 new")
        await client.sees_no_more("elsewhere")
        client.keys("escape")
        await client.sees("elsewhere")


async def test_buttons_that_do_not_fit_go_to_the_next_line(house: EchoHouse) -> None:
    await house.say(Message(None, (say("x"), Actions(tuple(Button(f"Button {n}", "/x") for n in range(8))))), FTC)
    async with terminal(house, FewCommands()) as client:
        await client.sees("Button 7")
        regions = [button.region for button in client.app.query(MessageButton)]
        assert [region.y - regions[0].y for region in regions] == [0, 0, 0, 0, 0, 1, 1, 1]
        assert all(region.right <= 80 for region in regions)


async def test_a_reply_goes_into_the_thread_that_was_chosen(house: EchoHouse) -> None:
    house.rooms.ack(house.rooms.post(ANA, FTC, "before", NINE).key)
    begun = await house.say(root(), FTC, root_of="R-1")
    async with terminal(house, FewCommands()) as client:
        await client.sees("before", "Acknowledge")
        client.keys("f4", "enter")
        await client.sees("ana in #ftc > R-1")
        await client.sees_no_more("before")
        client.keys("a reply", "enter", "escape")
        await client.sees("before")
        client.keys("no reply", "enter")
        await client.until(lambda: [arrival.thread for arrival in house.taken] == [begun, None])
        await client.sees("no reply")
        shown = [view.posted.body for view in client.app.query(MessageView) if not view.posted.ours]
        assert shown == ["before", "a reply", "no reply"]


async def test_a_click_on_a_message_goes_into_its_thread(house: EchoHouse) -> None:
    await house.say(root(), FTC, root_of="R-1")
    await house.say(Message(None, (say("for you"),)), FTC, to=ANA)
    async with terminal(house, FewCommands(), size=(80, 40)) as client:
        await client.sees("for you")
        message, private = client.app.query(MessageView)
        await client.click(private)
        await client.click(message)
        await client.sees("ana in #ftc > R-1")
        await client.sees_no_more("for you")


async def test_what_is_edited_and_deleted_elsewhere_changes_in_place(house: EchoHouse) -> None:
    first, second = (house.rooms.post(ANA, FTC, words, NINE).message for words in ("first words", "second words"))
    async with terminal(house, FewCommands()) as client:
        await client.sees("first words", "second words")
        house.rooms.edit(ANA, first, "three")
        house.rooms.react(ANA, first, ":check:")
        house.rooms.delete(ANA, second)
        await client.sees("edited", "three", ":check:", "deleted")
        assert "second words" not in client.screen


async def test_unread_places_are_counted_until_one_goes_there(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        house.rooms.post(BO, NETWORK, "hello", NINE)
        house.rooms.post(BO, NETWORK, "anybody?", NINE)
        await client.until(lambda: re.search(r"#network +2\b", client.screen) is not None)
        await client.click(Places, offset=(2, 2))
        await client.sees("anybody?")
        assert not re.search(r"#network +2\b", client.screen)


async def test_the_newest_message_is_in_sight_from_the_start(house: EchoHouse) -> None:
    for number in range(12):
        house.rooms.post(ANA, FTC, f"message {number}", NINE)
    async with terminal(house, FewCommands()) as client:
        await client.sees("message 11")
        assert "message 0" not in client.screen
        client.keys("pageup", "pageup", "pageup")
        await client.sees("message 0")


async def test_the_newest_message_stays_in_sight_when_one_above_is_drawn_anew(house: EchoHouse) -> None:
    above = await house.say(root(), FTC)
    for number in range(12):
        house.rooms.post(ANA, FTC, f"message {number}", NINE)
    async with terminal(house, FewCommands()) as client:
        await client.sees("message 11")
        await house.say(Message(None, (say("short"),)), FTC, edits=above)
        await client.until(lambda: client.app.query(MessageView).first().posted.revision == 1)
        await client.sees("message 11")
        client.keys("pageup", "pageup", "pageup")
        await client.sees("short")
        await house.say(root(), FTC, edits=above)
        await client.sees("Acknowledge")


async def test_one_stays_where_one_is_as_somebody_else_who_reads_it_too(house: EchoHouse) -> None:
    house.rooms.open_channel("acma", [BO])
    await house.say(root(), NETWORK, root_of="R-1")
    async with terminal(house, FewCommands()) as client:
        client.keys("f3", "enter")
        await client.sees("ana in #network")
        client.keys("f4", "enter")
        await client.sees("ana in #network > R-1")
        client.keys("f2", "enter")
        await client.sees("bo in #network > R-1")


async def test_one_goes_to_ones_own_desk_as_somebody_else_and_back_by_the_same_key(house: EchoHouse) -> None:
    house.rooms.open_channel("acma", [BO])
    async with terminal(house, FewCommands()) as client:
        house.rooms.post(BO, NETWORK, "hello", NINE)
        await client.sees("#network")
        client.keys("f2")
        await client.sees("ana  #ftc #network  1 new", "bo   #network #acma")
        client.keys("enter")
        await client.sees("bo in #network")
        client.keys("f2", "enter")
        await client.sees("ana in #network")


async def test_a_choice_is_made_by_its_first_letters(house: EchoHouse) -> None:
    house.rooms.open_channel("acma", [BO])
    house.rooms.open_channel("agency", [ANA])
    async with terminal(house, FewCommands()) as client:
        client.keys("f3", "acm", "enter")
        await client.sees("ana in #acma")
        client.keys("f3", "netag", "enter")
        await client.sees("ana in #agency")


async def test_the_place_key_leads_to_what_is_unread(house: EchoHouse) -> None:
    house.rooms.open_channel("acma", [ANA])
    async with terminal(house, FewCommands()) as client:
        await client.sees("#acma")
        client.keys("f3", "enter")
        await client.sees("ana in #network")
        house.rooms.post(BO, house.rooms.channels()[2], "hello", NINE)
        await client.until(lambda: re.search(r"#acma +1\b", client.screen) is not None)
        client.keys("f3", "enter")
        await client.sees("ana in #acma")
        client.keys("f3", "enter")
        await client.sees("ana in #network")


async def test_a_stranger_may_come_and_write_where_they_are_no_member(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        client.keys("f2", "end", "enter")
        await client.sees("a name")
        client.keys("two words", "enter")
        await client.sees("a name is one word")
        client.keys("zed", "enter")
        await client.sees("zed in direct", "Only Comity reads this")
        client.keys("f3", "net", "enter")
        await client.sees("zed in #network")
        client.keys("who are you?", "enter")
        await client.until(lambda: len(house.taken) == 1)
        assert [(arrival.person, arrival.place) for arrival in house.taken] == [("local:zed", NETWORK)]


async def test_the_direct_conversation_is_a_place_too(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        client.keys("f3", "down", "enter")
        await client.sees("ana in direct")
        client.keys("/whoami", "enter")
        await client.sees("You are ana.")
        assert house.taken[-1].place == direct_place(ANA)


async def test_the_clock_is_moved_by_keys_and_to_an_instant(house: EchoHouse) -> None:
    async with terminal(house, FewCommands()) as client:
        client.keys("f5", "f6")
        await client.sees("Wed 2 Dec 2026, 10:00 UTC")
        client.keys("f7", "soon", "enter")
        await client.sees("cannot read the clock 'soon'")
        client.keys("+2d", "enter")
        await client.sees("Fri 4 Dec 2026, 10:00 UTC")
        then = NINE + timedelta(days=3, hours=1)
        await client.until(lambda: house.rooms.now == then)
        assert house.ticks[-1] == then


async def test_a_file_goes_with_what_is_written_next(house: EchoHouse, tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_text("From: nobody")
    async with terminal(house, FewCommands()) as client:
        client.keys("f8", "none", "enter")
        await client.sees("there is no file none")
        client.keys(str(tmp_path / "mail.eml"), "enter")
        await client.sees("+ mail.eml")
        client.keys("attached", "enter", "and not attached", "enter")
        await client.until(lambda: [len(arrival.files) for arrival in house.taken] == [1, 0])
        await client.sees("+ mail.eml", "and not attached")


async def test_help_names_every_key_and_closes(house: EchoHouse) -> None:
    async with terminal(house, FewCommands(), size=(80, 40)) as client:
        client.keys("f1")
        await client.sees("Type /case open TITLE to begin.", "move the clock to an instant", "Ctrl+J")
        client.keys("f2", "escape")
        await client.sees_no_more("Who are you?", "Ctrl+J")
        await client.sees("ana in #ftc")


async def test_what_was_written_before_a_crash_is_taken_at_the_start(house: EchoHouse) -> None:
    arrival = house.rooms.post(ANA, FTC, "/whoami", NINE)
    async with terminal(house, FewCommands()) as client:
        await client.sees("You are ana.")
        assert house.taken == [arrival]


async def test_of_a_long_past_the_threads_with_the_latest_news_are_shown(house: EchoHouse) -> None:
    for number in range(THREADS_SHOWN + 3):
        house.rooms.post(ANA, FTC, f"message {number}", NINE)
    house.rooms.post(ANA, FTC, "late reply", NINE, root="1")
    async with terminal(house, FewCommands()) as client:
        await client.sees("late reply")
        shown = [view.posted.body for view in client.app.query(MessageView)]
        assert shown[:3] == ["message 0", "late reply", "message 4"]
        assert len(shown) == THREADS_SHOWN + 1
