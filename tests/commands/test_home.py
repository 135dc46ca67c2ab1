"""The home of an app: what is outstanding for its reader's agency, and nothing of anybody else's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.local.script import START
from bot.text import render
from commands import home
from commands.message import Actions, Button, Message
from storage.session import transaction
from storage.words import Address, Marking
from tests.dialogue import Dialogue

ANA, BO, CHIN, STRANGER = (Address(f"local:{name}") for name in ("ana", "bo", "chin", "zoe"))
WEEK = timedelta(days=7)
LATER = START + timedelta(days=20)
"""When what was sent without a due time is overdue."""
ON_TOP = (Button("Open a case", "/case open"), Button("Ask a partner", "/request send"))


@pytest.fixture
def asked(talk: Dialogue) -> Dialogue:
    """R-1 of FTC to ACMA, and R-2 of ACMA to FTC."""
    talk("""
    ana in #ftc: /case open Silent calls
    ana in #ftc: /request send ACMA --case C-1 Who called?
    bo in #acma: /request send FTC --case C-1 --due 2026-12-04 Who listened?
    """)
    return talk


def page(talk: Dialogue, person: Address, now: datetime = START) -> Message:
    with transaction(talk.engine, reading=True) as session:
        return home.page(session, person, now)


def lines(talk: Dialogue, person: Address, now: datetime = START) -> list[str]:
    return render(page(talk, person, now)).splitlines()


def headings(talk: Dialogue, person: Address, now: datetime = START) -> list[str]:
    """What its parts are called; the first line is the marking, then come the agency and what can always be done."""
    found = lines(talk, person, now)
    assert found[2] == "[Open a case] [Ask a partner]"
    return [line for line in found[3:-1] if not line.startswith(("- ", "["))]


def rows(talk: Dialogue, person: Address, now: datetime = START) -> list[tuple[Button, ...]]:
    return [block.buttons for block in page(talk, person, now).blocks if isinstance(block, Actions)]


def test_each_side_sees_what_it_owes_and_is_owed_with_buttons(asked: Dialogue) -> None:
    assert lines(asked, ANA) == [
        "TLP:AMBER",
        "FTC: outstanding",
        "[Open a case] [Ask a partner]",
        "Due this week: 1",
        (
            "- R-2 ACMA asks FTC, sent, due Fri 4 Dec 2026, 17:00 EST (New York) / Sat 5 Dec, 09:00 AEDT (Sydney)"
            ": Who listened?"
        ),
        "[Show R-2] [Acknowledge R-2]",
        "We are owed later: 1",
        ("- R-1 FTC asks ACMA, sent, due Tue 15 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York): Who called?"),
        "[Show R-1]",
        "TLP:AMBER",
    ]
    assert headings(asked, BO) == ["We owe later: 1", "We are owed later: 1"]


def test_what_is_overdue_is_so_by_the_time_that_is_given(asked: Dialogue) -> None:
    assert headings(asked, ANA, START + WEEK) == ["Overdue by us: 1", "We are owed later: 1"]
    assert headings(asked, ANA, LATER) == ["Overdue by us: 1", "Overdue to us: 1"]
    [row] = [line for line in lines(asked, ANA, LATER) if "R-2 ACMA" in line]
    assert ", 16 days overdue: Who listened?" in row


def test_while_nothing_changes_the_page_does_not_change_with_the_time(asked: Dialogue) -> None:
    assert page(asked, ANA) == page(asked, ANA, START + timedelta(hours=1))


def test_parts_come_in_the_order_of_their_urgency(asked: Dialogue) -> None:
    asked("""
    bo in #acma: /request send FTC --case C-1 --due 2026-12-22 Who paid?
    bo in #acma: /request send FTC --case C-1 --due 2027-01-22 Who hung up?
    ana in #ftc: /request send ACMA --case C-1 --due 2026-12-22 Whose line?
    ana in #ftc: /request send ACMA --case C-1 --due 2026-12-22 Whose house?
    ana in #ftc: /request send ACMA --case C-1 --due 2026-12-22 Whose dog?
    bo in #acma: /request clarify R-6 Which house?
    bo in #acma: /request answer R-7 Nobody's.
    """)
    assert headings(asked, ANA, LATER) == [
        "Overdue by us: 1", "Due this week: 1", "We owe later: 1", "Overdue to us: 1", "We are owed later: 1",
        "Waiting for our clarification: 1", "Answers to close: 1",
    ]  # fmt: skip


def test_an_agency_that_is_no_party_to_a_request_sees_nothing_of_it(asked: Dialogue) -> None:
    """Not even on its case, and not where it is shared with all who are."""
    asked("""
    ana in #ftc: /case add KISA --case C-1
    ana in #ftc: /request send ACMA --case C-1 --shared Who else called?
    """)
    assert lines(asked, CHIN, LATER) == [
        "TLP:AMBER", "KISA: outstanding", "[Open a case] [Ask a partner]", "Nothing is outstanding.", "TLP:AMBER",
    ]  # fmt: skip
    assert rows(asked, CHIN) == [ON_TOP]


def test_of_red_there_are_the_reference_the_state_and_the_due_time(asked: Dialogue) -> None:
    asked("bo in direct: /request send FTC --case C-1 --marking red --due 2026-12-04 The informer's name?")
    found = lines(asked, ANA)
    assert found[0] == found[-1] == "TLP:RED"
    assert [line for line in found if "R-3 " in line] == [
        "- R-3 [RED] sent, due Fri 4 Dec 2026, 17:00 EST (New York) / Sat 5 Dec, 09:00 AEDT (Sydney)"
    ]
    assert "informer" not in "\n".join(found)


def test_the_marking_is_the_narrowest_of_what_is_shown(asked: Dialogue) -> None:
    asked("ana in #ftc: /request send ACMA --case C-1 --marking amber+strict Who paid?")
    assert page(asked, BO).marking is Marking.STRICT
    asked("""
    bo in #acma: /request decline R-1 --reason not-held
    bo in #acma: /request decline R-3 --reason not-held
    """)
    assert page(asked, BO).marking is Marking.AMBER


def test_a_button_is_as_old_as_the_request_was(asked: Dialogue) -> None:
    assert rows(asked, ANA)[1] == (
        Button("Show R-2", "/request show R-2"),
        Button("Acknowledge R-2", "/request ack R-2", 1),
    )
    asked("bo in #acma: /request extend R-2 --due 2026-12-07")
    assert rows(asked, ANA)[1][1] == Button("Acknowledge R-2", "/request ack R-2", 2)
    asked("ana in #ftc: /request ack R-2")
    assert rows(asked, ANA)[1] == (Button("Show R-2", "/request show R-2"),)


def test_a_long_part_gives_its_first_lines_and_fewer_buttons(asked: Dialogue) -> None:
    asked("\n".join(f"bo in #acma: /request send FTC --case C-1 --due 2026-12-03 Who was {n}?" for n in range(12)))
    found = lines(asked, ANA)
    assert "Due this week: 13, the first 10" in found
    shown = [line.split(" ", 2)[1] for line in found if " ACMA asks FTC" in line]
    assert shown == [f"R-{number}" for number in range(3, 13)]
    assert [button.label for button in rows(asked, ANA)[1]] == [
        *(f"Show R-{number}" for number in range(3, 8)),
        *(f"Acknowledge R-{number}" for number in range(3, 8)),
    ]


def test_a_stranger_is_told_whom_they_write_as_and_who_can_enrol_them(asked: Dialogue) -> None:
    found = page(asked, STRANGER)
    assert found.marking is None
    assert render(found).splitlines() == [
        asked.told("zoe in direct: /comity whoami"),
        "Who can enrol you: a coordinator, by `/officer add local:zoe --agency CODE`.",
    ]


def test_who_is_no_officer_any_more_sees_nothing_any_more(asked: Dialogue) -> None:
    asked("bea in #acma: /officer remove @bo")
    assert render(page(asked, BO)).startswith("You write as `local:bo`; nobody has enrolled you.")
