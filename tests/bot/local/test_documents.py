"""Pictures and documents in the embedded workspace: said in the transcript, drawn at the terminal, to be opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.local.posted import Posted, direct_place
from bot.local.rooms import Rooms
from bot.local.script import START
from bot.local.transcript import Transcript
from bot.local.workspace import Workspace, furnish, opened
from bot.platform import Delivery, UnreachableError
from commands.desk import Desk
from commands.draft import Draft
from commands.message import Message
from storage.session import transaction
from storage.words import Address, LetterId, Marking, Place
from tests.bot.local.client import EchoHouse, FewCommands, terminal
from tests.pictured import PAGE, PAGE_WORDS, PICTURE, TABLE, TABLE_WORDS, digest, letters, to_person, to_place

ANA, FTC = Address("local:ana"), Place("local:ftc")
DIGEST = digest("FTC: outstanding", PICTURE, PAGE, TABLE)
SAID = f"""\
#ftc Comity: TLP:AMBER
  FTC: outstanding
  [picture: Open requests by partner and age]
  - ACMA: 10 (under a week: 3, 1 to 2 weeks: 2, 2 to 4 weeks: 1, older: 4)
  - ICO: 0
  - KISA: 13 (1 to 2 weeks: 12, older: 1)
  {PAGE_WORDS}
  {TABLE_WORDS}
  That is all.
  TLP:AMBER"""


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with closing(Rooms(tmp_path / "rooms.db", tmp_path / "files")) as found:
        yield found


@pytest.fixture
def workspace(engine: Engine, rooms: Rooms) -> Iterator[Workspace]:
    furnish(engine, rooms, Desk(lambda: bytes(16)), START)
    with opened(engine, rooms, lambda: bytes(16)) as found:
        yield found


async def said(engine: Engine, workspace: Workspace, *drafts: Draft) -> list[str]:
    """The transcript of what goes out."""
    lines: list[str] = []
    with transaction(engine) as session:
        letters(session, *drafts)
    with workspace.rooms.listening(Transcript(lines.append).hear):
        await workspace.catch_up(START)
    return lines


def last(rooms: Rooms, place: Place) -> Posted:
    return list(rooms.messages(place))[-1]


async def test_the_transcript_says_what_is_shown_and_no_path(engine: Engine, workspace: Workspace) -> None:
    assert await said(engine, workspace, to_place(DIGEST, FTC)) == [SAID]


async def test_a_document_is_a_file_that_can_be_opened(engine: Engine, workspace: Workspace) -> None:
    await said(engine, workspace, to_place(DIGEST, FTC))
    page, table = map(Path, last(workspace.rooms, FTC).files)
    assert (page.name[-len(PAGE.name) :], page.read_bytes()) == (PAGE.name, PAGE.content)
    assert (table.name[-len(TABLE.name) :], table.read_bytes()) == (TABLE.name, TABLE.content)


async def test_two_of_one_name_do_not_take_each_other_s_place(engine: Engine, workspace: Workspace) -> None:
    await said(engine, workspace, to_place(digest("1", TABLE, TABLE), FTC), to_place(digest("2", TABLE), FTC))
    files = [file for posted in workspace.rooms.messages(FTC) for file in posted.files]
    assert len(set(files)) == 3


async def test_what_is_for_one_reader_says_so(engine: Engine, workspace: Workspace) -> None:
    message = Message(Marking.GREEN, (TABLE,))
    assert await said(engine, workspace, to_person(message, ANA, FTC), to_person(message, ANA)) == [
        f"#ftc (to ana) Comity: TLP:GREEN\n  {TABLE_WORDS}\n  TLP:GREEN",
        f"direct (to ana) Comity: TLP:GREEN\n  {TABLE_WORDS}\n  TLP:GREEN",
    ]
    (file,) = map(Path, last(workspace.rooms, direct_place(ANA)).files)
    assert file.read_bytes() == TABLE.content


async def test_a_script_has_no_folder_and_the_same_transcript(engine: Engine) -> None:
    with closing(Rooms(":memory:")) as rooms:
        furnish(engine, rooms, Desk(lambda: bytes(16)), START)
        with opened(engine, rooms, lambda: bytes(16)) as workspace:
            assert await said(engine, workspace, to_place(DIGEST, FTC)) == [SAID]
            assert last(rooms, FTC).files == ()


async def test_a_folder_that_cannot_be_written_is_tried_again(rooms: Rooms, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    rooms.open_channel("ftc", [ANA])
    delivery = Delivery(LetterId(1), FTC, None, None, None, None, DIGEST)
    with pytest.raises(UnreachableError, match="a document cannot be written"):
        await rooms.deliver(delivery)
    assert list(rooms.messages(FTC)) == []
    (tmp_path / "files").unlink()
    number = await rooms.deliver(delivery)
    assert await rooms.deliver(delivery) == number
    assert len(list(rooms.messages(FTC))) == 1


async def test_the_terminal_draws_bars_and_says_where_the_file_is(rooms: Rooms) -> None:
    house = EchoHouse()
    house.rooms.close()
    house.rooms = rooms
    rooms.open_channel("ftc", [ANA])
    async with terminal(house, FewCommands(), size=(160, 40)) as client:
        await house.say(DIGEST, FTC)
        await client.sees("Open requests by partner and age", "█ under a week", "KISA", TABLE_WORDS)
        shown = client.screen.replace("▌ ", "").replace("\n", "")
        assert all("".join(file.split()) in "".join(shown.split()) for file in last(rooms, FTC).files)
