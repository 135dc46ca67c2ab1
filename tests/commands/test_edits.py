"""What people change afterwards: relayed as what it became, in its place, and never performed."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlmodel import col, func, select

from bot.local.script import START
from bot.text import render
from commands.arrival import Arrival
from commands.message import Message
from commands.reply import MOST
from storage import ledger
from storage.session import transaction
from storage.tables import ArrivalRow, Held, Letter, ReplyRevision
from storage.words import Address, Place
from tests.dialogue import Dialogue

ANA, ZED = Address("local:ana"), Address("local:zed")
FTC, ACMA = Place("local:ftc"), Place("local:acma")

REQUEST = """
ana in #ftc: /case open Pump-and-dump mailing
ana in #ftc thread C-1: !request send ACMA Who holds the mailbox?
"""
RED_REQUEST = """
ana in direct: /case open --marking red Secret mailing
ana in direct: /request send ACMA --case C-1 Who holds the mailbox?
"""
AT_NINE = "Tue 1 Dec 2026, 20:00 AEDT (Sydney) / 04:00 EST (New York)"


@pytest.fixture
def asked(talk: Dialogue) -> Dialogue:
    """R-1 stands in #ftc, which asks, and in #acma."""
    talk(REQUEST)
    return talk


def _transcript(talk: Dialogue, script: str) -> str:
    return "\n".join(talk(script)).replace(AT_NINE, "9:00")


def _copies(talk: Dialogue) -> list[str]:
    """What stands below R-1 in #acma now and came from elsewhere, each without its marking and on one line."""
    below = (posted for posted in talk.house.rooms.messages(ACMA) if posted.ours and posted.root)
    texts = [render(posted.body) for posted in below if posted.label == "R-1" and isinstance(posted.body, Message)]
    return [" ".join(text.replace("TLP:AMBER", "").replace(AT_NINE, "9:00").split()) for text in texts]


def _take(talk: Dialogue, *arrivals: Arrival) -> None:
    """In this order, whatever the order in which they were written."""

    async def take() -> None:
        for arrival in arrivals:
            await talk.house.take(arrival, START)

    asyncio.run(take())


def _written(talk: Dialogue, text: str, *changes: str | None) -> list[Arrival]:
    """What ana writes below R-1 in #ftc, edits (None: deletes), and Comity has not yet heard of."""
    rooms = talk.house.rooms
    root = next(posted.id for posted in rooms.messages(FTC) if posted.label == "R-1" and posted.root is None)
    first = rooms.post(ANA, FTC, text, START, root=root)
    return [
        first,
        *(rooms.delete(ANA, first.message) if to is None else rooms.edit(ANA, first.message, to) for to in changes),
    ]


def _kept(talk: Dialogue) -> list[str]:
    with transaction(talk.engine, reading=True) as session:
        wordings = select(ReplyRevision.text).order_by(col(ReplyRevision.reply_id), col(ReplyRevision.number))
        return list(session.exec(wordings))


# Before the original


def test_an_edit_that_comes_before_its_original_waits_for_it(asked: Dialogue) -> None:
    first, edit = _written(asked, "on 3 May", "on 4 May")
    _take(asked, edit)
    assert (_copies(asked), _kept(asked)) == ([], [])
    _take(asked, first)
    assert _copies(asked) == ["ana (FTC), 9:00, edited: > on 4 May"]
    assert _kept(asked) == ["on 3 May", "on 4 May"]


def test_a_deletion_that_comes_before_its_original_waits_for_it(asked: Dialogue) -> None:
    first, deletion = _written(asked, "on 3 May", None)
    _take(asked, deletion, first)
    assert _copies(asked) == ["ana (FTC), 9:00: deleted. `/request show R-1` keeps the words."]
    assert _kept(asked) == ["on 3 May"]


def test_waiting_edits_are_taken_in_the_order_of_their_revisions(asked: Dialogue) -> None:
    first, *edits = _written(asked, "wording 0", *(f"wording {number}" for number in range(1, 12)))
    _take(asked, *reversed(edits), first)
    assert _copies(asked) == ["ana (FTC), 9:00, edited: > wording 11"]
    assert _kept(asked) == [f"wording {number}" for number in range(12)]


def test_a_waiting_edit_that_comes_again_still_waits_once(asked: Dialogue) -> None:
    first, edit = _written(asked, "on 3 May", "on 4 May")
    _take(asked, edit, edit, first, edit, first)
    assert _kept(asked) == ["on 3 May", "on 4 May"]


def test_what_has_waited_keeps_no_words(asked: Dialogue) -> None:
    first, edit = _written(asked, "on 3 May", "on 4 May")
    _take(asked, edit, first)
    with transaction(asked.engine, reading=True) as session:
        assert session.exec(select(func.count()).where(col(ArrivalRow.payload).is_not(None))).one() == 0


def test_an_edited_command_whose_edit_came_first_is_performed_once_as_it_was_typed(talk: Dialogue) -> None:
    rooms = talk.house.rooms
    first = rooms.post(ANA, FTC, "/case open Pump-and-dump", START)
    _take(talk, rooms.edit(ANA, first.message, "/case open Pump-and-dump mailing"), first)
    assert talk.private("ana in #ftc: /case list").splitlines()[1:-1] == ["  - C-1 Pump-and-dump"]


# Notes and replies


def test_an_edit_into_an_internal_note_is_relayed_as_a_deletion(asked: Dialogue) -> None:
    script = """
    ana in #ftc thread R-1: We need it by Friday.
    ana in #ftc edits "by Friday": ;; do they answer at all?
    """
    assert (
        _transcript(asked, script)
        == """\
#ftc [R-1] ana: We need it by Friday.
#acma [R-1] Comity: TLP:AMBER
  ana (FTC), 9:00:
  > We need it by Friday.
  TLP:AMBER
#ftc [R-1] ana edits: ;; do they answer at all?
#acma [R-1] Comity edits: TLP:AMBER ana (FTC), 9:00: deleted. `/request show R-1` keeps the words. TLP:AMBER"""
    )
    assert _kept(asked) == ["We need it by Friday."]


@pytest.mark.parametrize("note", [";; for us only", "Internal: for us only"])
def test_an_internal_note_that_is_edited_into_a_reply_is_a_new_reply(asked: Dialogue, note: str) -> None:
    asked(f"ana in #ftc thread R-1: {note}")
    assert (_copies(asked), _kept(asked)) == ([], [])
    asked('ana in #ftc edits "for us only": For you as well.')
    assert _copies(asked) == ["ana (FTC), 9:00: > For you as well."]
    assert _kept(asked) == ["For you as well."]


def test_a_reply_that_was_a_note_meanwhile_is_another_reply(asked: Dialogue) -> None:
    asked("""
    ana in #ftc thread R-1: The first words.
    ana in #ftc edits "The first": ;; no, wait
    ana in #ftc edits "no, wait": The second words.
    ana in #ftc edits "The second": ;; no, no
    ana in #ftc edits "no, no": The third words.
    ana in #ftc edits "The third": The last words.
    """)
    deleted = "ana (FTC), 9:00: deleted. `/request show R-1` keeps the words."
    assert _copies(asked) == [deleted, deleted, "ana (FTC), 9:00, edited: > The last words."]
    assert _kept(asked) == ["The first words.", "The second words.", "The third words.", "The last words."]


def test_a_note_and_its_edits_are_kept_nowhere(asked: Dialogue) -> None:
    asked("""
    ana in #ftc thread R-1: ;; they stall
    ana in #ftc edits "they stall": ;; they stall and stall
    ana in #ftc deletes "they stall"
    """)
    assert (_copies(asked), _kept(asked)) == ([], [])


def test_a_deleted_reply_is_a_line_in_its_place_and_the_parties_read_on(asked: Dialogue) -> None:
    asked("""
    ana in #ftc thread R-1: We need it by Friday.
    ana in #ftc deletes "by Friday"
    """)
    assert _copies(asked) == ["ana (FTC), 9:00: deleted. `/request show R-1` keeps the words."]
    for reader in ("ana", "bo"):
        assert "> We need it by Friday." in asked.private(f"{reader} in direct: /request show R-1")


def test_a_reply_too_long_to_keep_leaves_the_former_wording(asked: Dialogue) -> None:
    asked("ana in #ftc thread R-1: We need it by Friday.")
    answer = asked.private(f'ana in #ftc edits "by Friday": {"x" * (MOST + 1)}')
    assert f"That is too long to keep ({MOST + 1:,} of {MOST:,} characters)" in answer
    assert _kept(asked) == ["We need it by Friday."]


def test_an_officer_who_was_removed_rewrites_nothing(asked: Dialogue) -> None:
    asked("ana in #ftc thread R-1: We need it by Friday.")
    asked("ada in #ftc: /officer remove local:ana")
    answer = asked.private('ana in #ftc edits "by Friday": We need nothing.')
    assert "You wrote this for FTC and write for it no more: your edit is not kept." in answer
    assert _copies(asked) == ["ana (FTC), 9:00: > We need it by Friday."]
    assert _kept(asked) == ["We need it by Friday."]


# Commands


def test_an_edited_command_is_not_performed_and_its_writer_is_told(talk: Dialogue) -> None:
    talk("ana in #ftc: /case open Pump-and-dump mailing")
    answer = talk.private('ana in #ftc edits "Pump-and-dump": /case open Phishing')
    assert answer.startswith("#ftc (to ana) Comity: That was a command")
    listed = talk.private("ana in #ftc: /case list")
    assert "Pump-and-dump mailing" in listed
    assert "Phishing" not in listed


@pytest.mark.parametrize("thread", ["", " thread R-1"])
def test_what_is_edited_into_a_command_is_not_performed_and_its_writer_is_told(asked: Dialogue, thread: str) -> None:
    asked(f"ana in #ftc{thread}: case close")
    answer = asked.private('ana in #ftc edits "case close": /case close --case C-1 --anyway Done.')
    assert "An edit is not performed as a command: type it anew." in answer
    assert "C-1 Pump-and-dump mailing" in asked.private("ana in #ftc: /case list --status open")
    assert _kept(asked) == (["case close"] if thread else [])


# Held messages


def test_a_held_message_is_let_go_as_it_was_edited(asked: Dialogue) -> None:
    asked("""
    zed in #ftc thread R-1: The mailbox is mine.
    zed in #ftc edits "is mine": The mailbox was mine.
    """)
    assert _copies(asked) == []
    asked("ada in #ftc: /officer add local:zed --agency FTC zed")
    assert _copies(asked) == ["zed (FTC), 9:00, held until 9:00: > The mailbox was mine."]


@pytest.mark.parametrize("change", ['edits "is mine": ;; never mind', 'deletes "is mine"'])
def test_a_held_message_that_its_writer_took_back_is_never_let_go(asked: Dialogue, change: str) -> None:
    asked(f"""
    zed in #ftc thread R-1: The mailbox is mine.
    zed in #ftc {change}
    ada in #ftc: /officer add local:zed --agency FTC zed
    """)
    assert (_copies(asked), _kept(asked)) == ([], [])
    with transaction(asked.engine, reading=True) as session:
        assert session.exec(select(Held)).all() == []


def test_a_held_message_too_long_to_keep_leaves_the_former_wording(asked: Dialogue) -> None:
    asked("zed in #ftc thread R-1: The mailbox is mine.")
    answer = asked.private(f'zed in #ftc edits "is mine": {"x" * (MOST + 1)}')
    assert "That is too long to keep" in answer
    asked("ada in #ftc: /officer add local:zed --agency FTC zed")
    assert _kept(asked) == ["The mailbox is mine."]


# After the end


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        ("ana in #ftc thread R-1: !withdraw", "withdrawn"),
        ("bo in #acma thread R-1: !decline --reason not-held", "declined"),
        ("bo in #acma thread R-1: !answer Nobody.\nana in #ftc thread R-1: !close", "closed"),
    ],
)
def test_a_reply_after_the_end_is_kept_and_relayed_and_says_so(asked: Dialogue, ending: str, state: str) -> None:
    asked(ending)
    asked("ana in #ftc thread R-1: One thing more.")
    assert _copies(asked)[-1] == f"ana (FTC), 9:00, after R-1 was {state}: > One thing more."
    assert _kept(asked) == ["One thing more."]


def test_an_edit_after_the_end_does_not_call_the_reply_late(asked: Dialogue) -> None:
    asked("""
    ana in #ftc thread R-1: We need it by Friday.
    ana in #ftc thread R-1: !withdraw
    ana in #ftc edits "by Friday": We needed it by Friday.
    """)
    edited = "ana (FTC), 9:00, edited after R-1 was withdrawn: > We needed it by Friday."
    assert edited in _copies(asked)


# RED


def test_a_reply_in_a_red_thread_is_kept_and_not_relayed(talk: Dialogue) -> None:
    talk(RED_REQUEST)
    script = """
    bo in #acma thread R-1: Mr Smith opened it.
    bo in #acma edits "Mr Smith": Mrs Smith opened it.
    bo in #acma deletes "Mrs Smith"
    """
    assert [block for block in talk(script) if block.startswith("#ftc")] == [
        "#ftc [R-1] Comity: TLP:RED ACMA replied: `/request show R-1` TLP:RED",
        "#ftc [R-1] Comity edits: TLP:RED ACMA changed a reply: `/request show R-1` TLP:RED",
        "#ftc [R-1] Comity edits: TLP:RED ACMA deleted a reply: `/request show R-1` TLP:RED",
    ]
    assert "Mrs Smith opened it." in talk.private("ana in direct: /request show R-1")


def test_a_red_reply_can_be_made_the_answer_by_its_button(talk: Dialogue) -> None:
    talk(RED_REQUEST)
    blocks = talk("""
    bo in #acma thread R-1: Mr Smith opened it.
    bo in #acma press "This is our answer"
    """)
    assert "#ftc [R-1] Comity: TLP:RED R-1 is answered. TLP:RED" in blocks
    assert not any("Smith" in block for block in blocks if "Comity" in block)


def test_an_edit_shows_no_more_than_may_stand_there_by_now(asked: Dialogue) -> None:
    asked("ana in #ftc thread R-1: Mr Smith opened it.")
    asked("ana in direct: /case set --case C-1 --marking red")
    assert asked('ana in #ftc edits "Mr Smith": Mrs Smith opened it.')[-1] == (
        "#acma [R-1] Comity edits: TLP:RED FTC changed a reply: `/request show R-1` TLP:RED"
    )
    with transaction(asked.engine, reading=True) as session:
        assert session.exec(select(Letter).where(col(Letter.error).is_not(None))).all() == []


# The ledger


def test_the_ledger_tells_of_each_change_by_its_sum_alone(asked: Dialogue) -> None:
    asked("""
    ana in #ftc thread R-1: We need it by Friday.
    ana in #ftc edits "by Friday": We need it by Monday.
    ana in #ftc deletes "by Monday"
    """)
    with transaction(asked.engine, reading=True) as session:
        contents = [entry.content for entry in ledger.entries(session)]
    entries = [entry for entry in map(json.loads, contents) if entry["tag"].startswith("reply:")]
    assert [(entry["tag"], entry.get("text_sha256")) for entry in entries] == [
        ("reply:kept", ledger.sha256("We need it by Friday.")),
        ("reply:edited", ledger.sha256("We need it by Monday.")),
        ("reply:deleted", None),
    ]
    assert not any("Friday" in content or "Monday" in content for content in contents)
