"""How an answer goes where a room knows no private messages; and what nobody may do to another's words."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlmodel import col, select

from bot.local.script import START
from commands.arrival import Arrival, ArrivalKind, message_key
from storage.session import transaction
from storage.tables import Letter, LetterKind
from storage.words import Address, Manner, Place
from tests.dialogue import Dialogue

ANA, BO = Address("local:ana"), Address("local:bo")
FTC = Place("local:ftc")
ACMA = Place("local:acma")


def _manner(talk: Dialogue) -> str | None:
    """Of the last private letter."""
    with transaction(talk.engine, reading=True) as session:
        private = select(Letter.manner).where(Letter.kind == LetterKind.PRIVATE)
        return session.exec(private.order_by(col(Letter.id).desc())).first()


def _typed(message: str, text: str, person: Address = ANA, place: Place = FTC) -> Arrival:
    return Arrival(message_key(place, message), ArrivalKind.MESSAGE, person, place, message, text)


def _take(talk: Dialogue, *arrivals: Arrival) -> None:
    for arrival in arrivals:
        asyncio.run(talk.house._intake.take(arrival, START))


@pytest.mark.parametrize(
    ("line", "manner"),
    [
        ("/case frobnicate", Manner.ALOUD),
        ("/case open", Manner.ALOUD),
        ("/case show C-99", Manner.ALOUD),
        ("/case show C-1", Manner.APART),
        ("/case list", Manner.APART),
        ("/comity whoami", Manner.APART),
        ("/comity help", Manner.APART),
        ("/case note", Manner.APART),  # the question lists cases
    ],
)
def test_only_what_names_nothing_is_said_aloud(talk: Dialogue, line: str, manner: Manner) -> None:
    talk("ana in #ftc: /case open Mailing")
    talk(f"ana in #ftc: {line}")
    assert _manner(talk) is manner


def test_a_word_to_the_writer_of_a_reply_is_heard_by_nobody_else(talk: Dialogue) -> None:
    talk("ana in #ftc: /case open Mailing")
    talk("ana in #ftc thread C-1: !request send ACMA Who?\nbo in #acma thread R-1: Fast Parcels.")
    assert _manner(talk) is Manner.QUIET


def test_a_command_where_we_may_not_write_is_not_entered_and_its_writer_is_told(talk: Dialogue) -> None:
    _take(talk, replace(_typed("m1", "!case open Mailing"), muted=True))
    assert _manner(talk) is Manner.QUIET
    assert talk.ledger("case:") == []
    assert "There is no C-1" in talk.told("ana in #ftc: /case show C-1")


def test_a_message_without_its_key_is_answered_and_shown_to_nobody_else(talk: Dialogue) -> None:
    locked = replace(_typed("m1", ""), kind=ArrivalKind.UNREADABLE)
    _take(talk, locked)
    assert _manner(talk) is None, "its key may yet come"
    _take(talk, replace(locked, revision=1), replace(locked, revision=1))
    assert _manner(talk) is Manner.ALOUD


def test_of_a_message_whose_key_has_come_nothing_is_said(talk: Dialogue) -> None:
    locked = replace(_typed("m1", ""), kind=ArrivalKind.UNREADABLE)
    _take(talk, locked, replace(locked, revision=-1), replace(locked, revision=1))
    assert _manner(talk) is None


@pytest.mark.parametrize("kind", [ArrivalKind.EDIT, ArrivalKind.DELETION])
def test_nobody_edits_or_deletes_what_another_wrote(talk: Dialogue, kind: ArrivalKind) -> None:
    talk("ana in #ftc: /case open Mailing")
    talk("ana in #ftc thread C-1: !request send ACMA Who?\nbo in #acma thread R-1: Fast Parcels.")
    written = next(message for message in talk.house.rooms.messages(ACMA) if message.author == BO)
    change = Arrival("a change", kind, Address("local:bea"), ACMA, written.id, "Nobody.", thread=written.root)
    _take(talk, change)
    assert "Nobody." not in talk.told("ana in #ftc: /request show R-1")
    assert [entry["tag"] for entry in talk.ledger("refused:")] == ["refused:foreign"]
    assert "> Fast Parcels." in talk.told("ana in #ftc: /request show R-1")
    assert "deleted" not in talk.told("ana in #ftc: /request show R-1")


def test_a_question_that_lists_cases_is_answered_directly_too_and_goes_on_where_it_was_asked(talk: Dialogue) -> None:
    talk("ana in #ftc: /case open Mailing\nana in #ftc: /request send ACMA")
    assert talk.told("ana in direct: Mailing").startswith("“Mailing” is no case: write C-1. / Usage: ")
    assert talk.said("ana in direct: C-1")[-1].startswith("#ftc (to ana) Comity: What is asked?")
    assert talk.news("ana in #ftc: Who called?")[-1].startswith("#ftc [R-1] Comity: R-1 FTC asks ACMA")


@pytest.mark.parametrize("later", ["ana in direct: cancel", "ana in #ftc: cancel", "clock +61m"])
def test_a_question_that_was_cancelled_or_is_an_hour_old_is_answered_nowhere(talk: Dialogue, later: str) -> None:
    talk("ana in #ftc: /case open Mailing\nana in #ftc: /request send ACMA")
    talk(later)
    assert talk.told("ana in direct: C-1").startswith("Type a command")


def test_nobody_else_answers_a_question(talk: Dialogue) -> None:
    talk("ana in #ftc: /case open Mailing\nana in #ftc: /request send ACMA")
    assert talk.told("ada in direct: C-1").startswith("Type a command")


def test_a_question_that_was_asked_aloud_is_not_answered_directly(talk: Dialogue) -> None:
    talk("ana in #ftc: /case open Mailing\nana in #ftc: /request send ACMA --case C-1")
    assert talk.told("ana in direct: Who called?").startswith("Type a command")
