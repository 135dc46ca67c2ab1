"""Whose the addresses of calendars are, what is kept of them, and what stands in a calendar when a request moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import Engine

from commands.calendar import MOST, Entry, entries
from commands.call import Web
from storage import agencies
from storage.session import transaction
from storage.words import Marking
from tests.dialogue import Dialogue, opened

START = datetime(2026, 12, 1, 9, tzinfo=UTC)


def _secrets() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"not-to-be-guessed-{next(numbers)}"


@pytest.fixture
def served(engine: Engine) -> Iterator[Dialogue]:
    """As where COMITY_WEB_URL is set."""
    with opened(engine, Web("https://comity.example", _secrets())) as talk:
        yield talk


def _entries(talk: Dialogue, code: str, now: datetime = START) -> list[Entry]:
    with transaction(talk.engine, reading=True) as session:
        agency = agencies.by_code(session, code)
        assert agency is not None
        return entries(session, agency, now)


# Addresses


def test_a_dialogue_about_addresses(served: Dialogue) -> None:
    assert served.answer("ana in #ftc: /digest calendar").splitlines() == [
        "#ftc (to ana) Comity: TLP:AMBER",
        "  FTC's due times: `https://comity.example/calendar/not-to-be-guessed-1.ics`",
        "  Whoever has this address reads references, partners, states and times, and no words. Keep it secret.",
        "  `/digest calendar --revoke` ends all addresses of FTC; nothing else does.",
        "  TLP:AMBER",
    ]
    assert "not-to-be-guessed-2.ics" in served.told("ada in direct: /digest calendar")
    assert served.told("ana in direct: !digest calendar --revoke") == "Done: 2 addresses read nothing any more."
    assert "not-to-be-guessed-3.ics" in served.told("ana in #network: /digest calendar")


def test_once_it_is_given_nothing_keeps_the_secret(served: Dialogue) -> None:
    served("ana in #ftc: /digest calendar\nana in direct: /digest calendar\nana in direct: /digest calendar --revoke")
    assert served.holding("not-to-be-guessed") == []


def test_the_ledger_says_who_made_and_who_ended_them(served: Dialogue) -> None:
    served("ana in #ftc: /digest calendar\nada in #ftc: /digest calendar --revoke")
    made, revoked = served.ledger("digest:calendar")
    assert (made["subject"], revoked["subject"]) == ("FTC", "FTC")
    assert (made["what"], revoked["what"]) == ("made", "revoked")
    assert (made["by"], revoked["by"]) == ("local:ana", "local:ada")


def test_an_agency_ends_its_own_only(served: Dialogue) -> None:
    served("ana in direct: /digest calendar")
    assert served.told("bea in direct: /digest calendar --revoke") == "ACMA has no such address."
    assert served.told("ada in direct: /digest calendar --revoke") == "Done: 1 address reads nothing any more."


def test_an_officer_who_leaves_leaves_the_address_behind(served: Dialogue) -> None:
    """It is the agency's: somebody else may have it in their calendar."""
    served("ana in direct: /digest calendar\nada in direct: /officer remove local:ana")
    assert "Nobody has enrolled" in served.told("ana in direct: /digest calendar --revoke")
    assert served.told("ada in direct: /digest calendar --revoke") == "Done: 1 address reads nothing any more."


def test_there_are_only_so_many(served: Dialogue) -> None:
    for _ in range(MOST):
        served("ana in direct: /digest calendar")
    said = served.told("ana in direct: /digest calendar")
    assert said == f"FTC has {MOST} addresses already. / `/digest calendar --revoke` ends them."
    assert "https://" in served.told("bo in direct: /digest calendar")
    served("ana in direct: /digest calendar --revoke")
    assert "https://" in served.told("ana in direct: /digest calendar")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ana in #ftc: /digest calendar FTC", "“FTC” is more than this command takes."),
        ("ana in #ftc: /digest calendar --revoke=yes", "--revoke"),
        ("ana in #ftc: /digest calendar --revoke secret-1", "“secret-1” is more than this command takes."),
        ("ana in #ftc: /digest calendar ../../etc", "“../../etc” is more than this command takes."),
        ("ana in #ftc: /digest calender", "Did you mean calendar?"),
        ("zed in #ftc: /digest calendar --revoke", "Nobody has enrolled"),
        ("ana in #ftc: /digest calendar --revoke", "FTC has no such address."),
    ],
)
def test_what_is_refused(served: Dialogue, line: str, said: str) -> None:
    assert said in served.told(line)
    assert served.ledger("digest:calendar") == []


def test_the_operator_has_none(served: Dialogue) -> None:
    assert "takes no part in cases" in served.answer("operator: /digest calendar")


# What stands in a calendar


def test_while_it_is_clarified_it_stays_and_says_so(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 Who called?
        bo in #acma: /request clarify R-1 Which number?
    """)
    (ours,), (theirs,) = _entries(talk, "FTC"), _entries(talk, "ACMA")
    assert ours.title == "R-1: ACMA owes us an answer (evidence, clarifying)"
    assert theirs.title == "R-1: we owe FTC an answer (evidence, clarifying)"
    assert (ours.stands, theirs.stands) == (True, True)
    talk("ana in #ftc: /request explain R-1 The first.")
    (explained,) = _entries(talk, "FTC")
    assert not explained.stands
    assert explained.uid == ours.uid
    assert explained.sequence > ours.sequence


def test_a_reopened_request_comes_back_under_its_own_name(talk: Dialogue) -> None:
    talk("ana in #ftc: /case open Silent calls\nana in #ftc: /request send ACMA --case C-1 Who called?")
    (sent,) = _entries(talk, "FTC")
    talk("bo in #acma: /request answer R-1 Nobody.")
    assert _entries(talk, "FTC") == []
    talk("ana in #ftc: /request reopen R-1 Somebody did.")
    (reopened,) = _entries(talk, "FTC")
    assert reopened.uid == sent.uid
    assert reopened.sequence > sent.sequence


def test_of_red_stand_reference_state_and_time(talk: Dialogue) -> None:
    talk("""
        ana in direct: /case open --marking red Quiet matter
        ana in direct: /request send ACMA --case C-1 --kind preserve Secret
        ana in direct: /request send ACMA --case C-1 --kind freeze Secret
        bo in direct: /request answer R-1 --kept-until 2027-03-01 Kept.
    """)
    assert [(one.title, one.marking) for one in _entries(talk, "FTC")] == [
        ("R-1: data are kept until now (answered)", Marking.RED),
        ("R-2 is due (sent)", Marking.RED),
    ]
    assert [one.title for one in _entries(talk, "ACMA")] == ["R-2 is due (sent)"]


def test_what_has_lapsed_disappears(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --kind preserve Keep the logs
        bo in #acma: /request answer R-1 --kept-until 2027-03-01 Kept.
    """)
    lapse = datetime(2027, 3, 1, 6, tzinfo=UTC)
    assert [one.at for one in _entries(talk, "FTC", datetime(2027, 3, 1, 5, 59, tzinfo=UTC))] == [lapse]
    assert _entries(talk, "FTC", lapse) == []


def test_others_on_the_case_have_nothing_of_it(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /case add ICO --case C-1
        ana in #ftc: /request send ACMA --case C-1 --shared Who called?
    """)
    assert _entries(talk, "ICO") == []
    assert [one.uid for one in _entries(talk, "ACMA")] == ["R-1-due"]
