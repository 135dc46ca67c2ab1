"""The embedded workspace behaves as the big servers do: once, in order, and to whom it is meant."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.local import find
from bot.local.posted import COMITY, Event, Happening, NotThereError, direct_place
from bot.local.rooms import Rooms
from bot.platform import Delivery, RefusedError
from commands.arrival import ArrivalKind, Room, message_key
from commands.message import Actions, Button, Message, say
from storage.words import Address, LetterId, Marking, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

ANA, BO, ZED = Address("local:ana"), Address("local:bo"), Address("local:zed")
FTC, ACMA = Place("local:ftc"), Place("local:acma")
NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    with closing(_furnished(":memory:")) as rooms:
        yield rooms


def _furnished(database: Path | str) -> Rooms:
    rooms = Rooms(database)
    rooms.open_channel("ftc", [ANA])
    rooms.open_channel("acma", [BO])
    rooms.open_channel("network", [ANA, BO], public=True)
    return rooms


def _letter(
    number: int,
    words: str,
    *buttons: Button,
    place: Place | None = FTC,
    to: Address | None = None,
    thread: str | None = None,
    edits: str | None = None,
    root_of: str | None = None,
) -> Delivery:
    message = Message(Marking.AMBER, (say(words), Actions(buttons)))
    return Delivery(LetterId(number), place, to, thread, edits, root_of, message)


async def test_a_letter_shows_once_however_often_it_is_delivered(rooms: Rooms) -> None:
    first = await rooms.deliver(_letter(1, "hello"))
    assert await rooms.deliver(_letter(1, "hello")) == first
    assert len(list(rooms.messages(FTC))) == 1


async def test_an_edit_too_happens_once_and_returns_the_id_of_what_it_edits(rooms: Rooms) -> None:
    first = await rooms.deliver(_letter(1, "hello"))
    for _ in range(2):
        assert await rooms.deliver(_letter(2, "good day", edits=first)) == first
    assert rooms.message(first).revision == 1
    assert [body == _letter(0, "hello").message for body in rooms.versions(first)] == [False, True]


@pytest.mark.parametrize(
    ("delivery", "named"),
    [
        (_letter(1, "x", place=Place("local:no where")), "local:no where"),
        (_letter(1, "x", place=None), "no place"),
        (_letter(1, "x", place=None, to=Address("slack:T1/U1")), "slack:T1/U1"),
        (_letter(1, "x", place=direct_place(ANA), to=BO), "local:@ana"),
        (_letter(1, "x", thread="77"), "77"),
        (_letter(1, "x", edits="77"), "77"),
        (_letter(1, "x", thread="1"), "message 1"),
        (_letter(1, "x", thread="3"), "message 3"),
        (_letter(1, "x", edits="2"), "message 2"),
    ],
)
async def test_what_does_not_exist_is_refused_by_name(rooms: Rooms, delivery: Delivery, named: str) -> None:
    rooms.post(BO, ACMA, "1: a root, but elsewhere", NINE)
    rooms.post(ANA, FTC, "2: a root, but not ours", NINE)
    rooms.post(ANA, FTC, "3: no root", NINE, root="2")
    with pytest.raises(RefusedError, match=named):
        await rooms.deliver(delivery)
    assert await rooms.deliver(_letter(1, "a refused letter has left no trace")) == "4"


async def test_what_is_private_is_seen_by_one_person_only(rooms: Rooms) -> None:
    await rooms.deliver(_letter(1, "only for ana", to=ANA))
    await rooms.deliver(_letter(2, "for all"))
    assert len(list(rooms.messages(FTC, ANA))) == 2
    assert len(list(rooms.messages(FTC, BO))) == 1
    with pytest.raises(NotThereError):
        rooms.react(BO, "1", ":check:")


async def test_a_letter_to_a_person_alone_stands_in_their_direct_conversation(rooms: Rooms) -> None:
    await rooms.deliver(_letter(1, "hello", place=None, to=ZED))
    (posted,) = rooms.messages(direct_place(ZED))
    assert posted.place == "local:@zed"
    assert posted.ours


def test_an_arrival_names_message_thread_and_room(rooms: Rooms) -> None:
    root = rooms.post(ANA, FTC, "above", NINE)
    arrival = rooms.post(ANA, FTC, "below", NINE, root=root.message, files=[Path("a.eml")])
    assert arrival.key == message_key(FTC, "2")
    assert (arrival.kind, arrival.text, arrival.thread, len(arrival.files)) == (ArrivalKind.MESSAGE, "below", "1", 1)
    assert arrival.room == Room(public=False, members=(ANA,))
    assert not arrival.direct


def test_in_the_direct_conversation_there_is_nobody_else(rooms: Rooms) -> None:
    arrival = rooms.post(ZED, direct_place(ZED), "hello", NINE)
    assert arrival.direct
    assert arrival.room == Room(public=False, members=(ZED,))
    with pytest.raises(NotThereError):
        rooms.post(ANA, direct_place(ZED), "hello", NINE)


def test_whoever_writes_in_a_channel_has_joined_it(rooms: Rooms) -> None:
    assert rooms.places(ZED) == ["local:network", "local:@zed"]
    arrival = rooms.post(ZED, FTC, "who are you?", NINE)
    assert arrival.room == Room(public=False, members=(ANA, ZED))
    assert rooms.people() == [ANA, BO, ZED]
    assert rooms.places(ZED) == ["local:ftc", "local:network", "local:@zed"]


def test_whoever_writes_to_a_channel_that_is_not_there_opens_it(rooms: Rooms) -> None:
    rooms.post(ANA, Place("local:crtc"), "hello", NINE)
    assert Place("local:crtc") in rooms.channels()
    assert rooms.room(Place("local:crtc")) == Room(public=False, members=(ANA,))


def test_nobody_writes_where_nothing_is(rooms: Rooms) -> None:
    with pytest.raises(NotThereError, match="local:no where"):
        rooms.post(ANA, Place("local:no where"), "hello", NINE)
    with pytest.raises(NotThereError, match="begins no thread"):
        rooms.post(BO, ACMA, "hello", NINE, root=rooms.post(ANA, FTC, "elsewhere", NINE).message)
    with pytest.raises(NotThereError, match="name of a channel"):
        rooms.open_channel("@ana")


def test_edits_and_the_deletion_are_revisions_of_one_message(rooms: Rooms) -> None:
    message = rooms.post(ANA, FTC, "one", NINE).message
    arrivals = [rooms.edit(ANA, message, "two"), rooms.edit(ANA, message, "three"), rooms.delete(ANA, message)]
    assert [(arrival.kind, arrival.revision, arrival.text) for arrival in arrivals] == [
        (ArrivalKind.EDIT, 1, "two"),
        (ArrivalKind.EDIT, 2, "three"),
        (ArrivalKind.DELETION, -1, ""),
    ]
    assert len({arrival.key for arrival in arrivals}) == 3
    assert rooms.message(message).body == ""
    assert rooms.versions(message) == [""]


async def test_nobody_changes_what_others_wrote_or_what_is_gone(rooms: Rooms) -> None:
    message = rooms.post(ANA, FTC, "one", NINE).message
    ours = await rooms.deliver(_letter(1, "hello"))
    for person, changed in ((BO, message), (ANA, ours), (ANA, "77")):
        with pytest.raises(NotThereError):
            rooms.edit(person, changed, "two")
    rooms.delete(ANA, message)
    with pytest.raises(NotThereError):
        rooms.delete(ANA, message)


async def test_a_press_types_the_line_of_the_button_at_the_event_it_was_shown_at(rooms: Rooms) -> None:
    old, new = Button("Close", "/request close R-1", 3), Button("Close", "/request close R-1", 4)
    root = await rooms.deliver(_letter(1, "R-1", old, root_of="R-1"))
    await rooms.deliver(_letter(2, "R-1", new, edits=root))
    presses = [rooms.press(ANA, root, button) for button in (new, old, new)]
    assert [(press.text, press.event, press.thread) for press in presses] == [
        ("/request close R-1", 4, root),
        ("/request close R-1", 3, root),
        ("/request close R-1", 4, root),
    ]
    assert len({press.key for press in presses}) == 3
    with pytest.raises(NotThereError, match="no button Withdraw"):
        rooms.press(ANA, root, Button("Withdraw", "/request withdraw R-1", 4))


async def test_reactions_stand_at_the_message_once(rooms: Rooms) -> None:
    root = await rooms.deliver(_letter(1, "R-1", root_of="R-1"))
    below = await rooms.deliver(_letter(2, "news", thread=root))
    assert [rooms.react(ANA, below, ":check:").thread for _ in range(2)] == [root, root]
    assert rooms.message(below).reactions == (":check:",)


async def test_what_was_not_acknowledged_comes_again_after_a_crash(tmp_path: Path) -> None:
    with closing(_furnished(tmp_path / "rooms.db")) as rooms:
        first, second = rooms.post(ANA, FTC, "one", NINE), rooms.edit(ANA, "1", "two")
        root = await rooms.deliver(_letter(1, "R-1", Button("Close", "/request close R-1", 3)))
        third = rooms.press(ANA, root, Button("Close", "/request close R-1", 3))
        rooms.ack(first.key)
    with closing(Rooms(tmp_path / "rooms.db")) as rooms:
        assert rooms.since() == [second, third]
        assert rooms.since(second.key) == [third]
        assert rooms.since("unknown") == [first, second, third]
        rooms.ack(third.key)
        assert rooms.since() == [second]
        rooms.ack(second.key)
        assert rooms.since() == []
        assert await rooms.deliver(_letter(1, "R-1")) == root


async def test_messages_are_unread_until_their_place_is_looked_at(rooms: Rooms) -> None:
    rooms.post(BO, Place("local:network"), "hello", NINE)
    rooms.post(ANA, FTC, "my own", NINE)
    await rooms.deliver(_letter(1, "for another", to=BO))
    await rooms.deliver(_letter(2, "for ana", place=None, to=ANA))
    assert rooms.unread(ANA) == {"local:ftc": 0, "local:network": 1, "local:@ana": 1}
    rooms.mark_read(ANA, Place("local:network"))
    assert rooms.unread(ANA)[Place("local:network")] == 0


async def test_the_clock_stamps_what_comity_says_and_never_goes_back(rooms: Rooms) -> None:
    rooms.move(NINE)
    rooms.move(NINE - timedelta(days=1))
    assert rooms.now == NINE
    rooms.post(ANA, FTC, "later", NINE + timedelta(hours=1))
    assert rooms.message(await rooms.deliver(_letter(1, "x"))).at == NINE + timedelta(hours=1)


async def test_listeners_hear_each_change_once_it_is_there(rooms: Rooms) -> None:
    heard: list[Event] = []
    with rooms.listening(heard.append):
        rooms.post(ANA, FTC, "one", NINE)
        rooms.edit(ANA, "1", "two")
        rooms.react(ANA, "1", ":check:")
        rooms.delete(ANA, "1")
        await rooms.deliver(_letter(1, "hello"))
        await rooms.deliver(_letter(1, "hello"))
    rooms.post(ANA, FTC, "unheard", NINE)
    assert [(event.what, event.by, event.detail) for event in heard] == [
        (Happening.POSTED, ANA, ""),
        (Happening.EDITED, ANA, ""),
        (Happening.REACTED, ANA, ":check:"),
        (Happening.DELETED, ANA, "two"),
        (Happening.POSTED, COMITY, ""),
    ]


async def test_people_point_at_what_they_see_by_its_words(rooms: Rooms) -> None:
    root = await rooms.deliver(_letter(1, "R-1", root_of="R-1"))
    await rooms.deliver(_letter(2, "C-1", root_of="C-1"))
    below = rooms.post(ANA, FTC, "opened on 3 May", NINE, root=root).message
    other = rooms.post(ANA, FTC, "opened on 4 May", NINE).message
    assert find.roots_in(rooms, FTC) == ["R-1", "C-1"]
    assert [posted and posted.id for posted in (find.root_of(rooms, FTC, "R-1"), find.root_of(rooms, ACMA, "R-1"))] == [
        root,
        None,
    ]
    assert [posted.id for posted in find.written_by(rooms, ANA, FTC)] == [other, below]
    assert [posted.id for posted in find.written_by(rooms, ANA, FTC, root)] == [below]
    assert list(find.written_by(rooms, BO, FTC)) == []


async def test_a_client_that_has_not_refreshed_finds_the_button_of_its_time(rooms: Rooms) -> None:
    old = Button("Acknowledge", "/request ack R-1", 1)
    root = await rooms.deliver(_letter(1, "R-1", old, root_of="R-1"))
    assert find.button_in(rooms, ANA, FTC, "Acknowledge", root) == (rooms.message(root), old)
    new = Button("Close", "/request close R-1", 2)
    await rooms.deliver(_letter(2, "R-1", new, edits=root))
    assert find.button_in(rooms, ANA, FTC, "Acknowledge") == (rooms.message(root), old)
    assert find.labels_in(rooms, ANA, FTC) == ["Close"]
    private = replace(new, event=9)
    await rooms.deliver(_letter(3, "for bo", private, to=BO, thread=root))
    assert find.button_in(rooms, ANA, FTC, "Close") == (rooms.message(root), new)
    assert find.button_in(rooms, BO, FTC, "Close", root) == (rooms.message("2"), private)
    assert find.button_in(rooms, ANA, FTC, "Withdraw") is None


def test_a_commit_that_fails_leaves_nothing_behind_and_the_rooms_usable(rooms: Rooms) -> None:
    def refuse_commit(action: int, what: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION and what == "COMMIT" else sqlite3.SQLITE_OK

    rooms._db.set_authorizer(refuse_commit)
    with pytest.raises(sqlite3.DatabaseError):
        rooms.post(ANA, FTC, "lost", NINE)
    rooms._db.set_authorizer(None)
    arrival = rooms.post(ANA, FTC, "kept", NINE)
    assert [posted.body for posted in rooms.messages(FTC)] == ["kept"]
    assert rooms.since() == [arrival]
