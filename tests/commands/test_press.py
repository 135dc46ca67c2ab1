"""Buttons and check marks: pressing is typing, by whoever presses, at the state that the button was shown at."""

from __future__ import annotations

import pytest

from tests.dialogue import Dialogue

STALE = "R-1 has changed since that button was shown, so nothing was done. / Look at it again: `/request show R-1`."
OTHERS = "R-1 is between FTC and ACMA: KISA takes no step in it."


@pytest.fixture
def shared(talk: Dialogue) -> Dialogue:
    """R-1 of FTC to ACMA stands where all four agencies sit, and all may read it."""
    talk("""
    ana in #network: /case open Silent calls
    ana in #network: /request send ACMA --case C-1 --shared Who called?
    """)
    return talk


# What a press carries


def test_a_press_performs_the_step_in_the_presser_s_name(shared: Dialogue) -> None:
    assert shared.news('bea in #network press R-1 "Acknowledge"') == [
        "#network [R-1] Comity: bea (ACMA) acknowledged R-1."
    ]
    assert shared.ledger("request:acked")[0]["by"] == "local:bea"


def test_an_old_button_is_refused_and_the_root_refreshed(shared: Dialogue) -> None:
    shared('bo in #network press R-1 "Acknowledge"')
    assert shared.said('bea in #network press R-1 "Acknowledge"') == [
        (
            "#network [R-1] Comity edits: R-1 FTC asks ACMA: evidence / > Who called? / State: acknowledged / Due: DUE"
            " / Handler: bo (ACMA) / Case: C-1, shared with all on the case"
            " / [Answer] [Clarify] [Decline] [Extend] [Withdraw]"
        ),
        f"#network [R-1] (to bea) Comity: {STALE}",
    ]
    [entry] = shared.ledger("refused:")
    assert (entry["tag"], entry["tried"], entry["subject"]) == ("refused:stale", "request ack", "R-1")


def test_an_old_button_that_asks_for_words_is_refused_before_it_asks(shared: Dialogue) -> None:
    shared("bo in #network thread R-1: !clarify Which of the two?")
    assert shared.told('bea in #network press R-1 "Clarify"') == STALE


def test_what_is_written_in_answer_to_a_press_is_as_old_as_the_press(shared: Dialogue) -> None:
    assert shared.told('bo in #network press R-1 "Answer"').startswith("Answer? Write it here, or `cancel`.")
    shared("ana in #network thread R-1: !extend --due 2027-01-20")
    assert shared.told("bo in #network thread R-1: Nobody we know.") == STALE
    assert "State: sent" in shared.root("#network", "R-1")


def test_a_reply_changes_nothing_that_a_button_was_shown_at(shared: Dialogue) -> None:
    shared("bo in #network thread R-1: Nobody we know.")
    shared("bo in #network thread R-1: Nobody they know.")
    assert shared.news('bo in #network press R-1 "This is our answer"')[0].startswith(
        "#network [R-1] Comity: bo (ACMA) answered R-1."
    )


# Who presses


def test_the_presser_s_right_is_checked_at_the_press(shared: Dialogue) -> None:
    for button, officer in (("Acknowledge", "ana"), ("Clarify", "ana"), ("Decline", "ana"), ("Withdraw", "bo")):
        assert shared.told(f'chin in #network press R-1 "{button}"') == OTHERS
        assert shared.told(f'zed in #network press R-1 "{button}"').startswith("Nobody has enrolled `local:zed` yet.")
        assert " is not open to " in shared.told(f'{officer} in #network press R-1 "{button}"')
    assert shared.told("chin in #network thread R-1: cancel") == "Nothing is waiting to be cancelled."


def test_a_guest_who_may_not_see_the_request_presses_one_that_does_not_exist(talk: Dialogue) -> None:
    talk("""
    ana in #ftc: /case open Silent calls
    ana in #ftc: /request send ACMA --case C-1 Who called?
    """)
    for button in ("Acknowledge", "Answer"):
        assert talk.told(f'chin in #acma press R-1 "{button}"') == (
            "There is no R-1 that you may see. / `/request list` shows your requests."
        )


# What a press lacks


def test_what_a_button_lacks_is_asked_for_and_the_next_words_are_the_answer(shared: Dialogue) -> None:
    assert shared.said('bo in #network press R-1 "Decline"') == [
        (
            "#network [R-1] (to bo) Comity: Reason? Write it here, or `cancel`. / One of: `not-held, not-compliant,"
            " authorisation-refused, outside-scope, out-of-date, security, endangers, undue-harm, minor,"
            " originator-refused, not-competent, would-breach-law`."
            " / Usage: `/request decline REQUEST --reason CODE [TEXT]`"
        )
    ]
    assert "One of: not-held" in shared.told("bo in #network thread R-1: because")
    assert shared.news("bo in #network thread R-1: Minor") == [
        "#network [R-1] Comity: bo (ACMA) declined R-1. / Reason: minor."
    ]


def test_the_question_is_the_presser_s_alone_in_that_thread(shared: Dialogue) -> None:
    shared('bo in #network press R-1 "Clarify"')
    assert shared.news("chin in #network thread R-1: We saw them too.") == []
    shared("bo in #network: Lunch?")
    assert shared.news("bo in #network thread R-1: Which of the two?")[0] == (
        "#network [R-1] Comity: bo (ACMA) asked for clarification of R-1. / > Which of the two?"
    )


def test_a_note_to_one_s_own_side_is_never_the_answer(shared: Dialogue) -> None:
    shared('bo in #network press R-1 "Answer"')
    assert shared.said("bo in #network thread R-1: ;; Bea, what do we tell them?") == []
    assert shared.holding("what do we tell them?") == []
    assert shared.news("bo in #network thread R-1: Nobody.")[0].startswith("#network [R-1] Comity: bo (ACMA) answered")


@pytest.mark.parametrize("later", ["bo in #network thread R-1: cancel", "clock +61m"])
def test_a_question_that_is_cancelled_or_an_hour_old_takes_no_answer(shared: Dialogue, later: str) -> None:
    shared('bo in #network press R-1 "Clarify"')
    shared(later)
    assert shared.told("bo in #network thread R-1: Which of the two?").startswith("Your reply is kept in R-1")
    assert "State: sent" in shared.root("#network", "R-1")


# Check marks


@pytest.mark.parametrize("mark", [":check:", ":white_check_mark:", "✅"])
def test_a_check_mark_of_the_asked_side_on_the_root_acknowledges(shared: Dialogue, mark: str) -> None:
    assert shared.news(f"bo in #network reacts R-1 {mark}") == ["#network [R-1] Comity: bo (ACMA) acknowledged R-1."]


def test_other_marks_and_a_second_check_mark_do_nothing(shared: Dialogue) -> None:
    assert shared.said("bo in #network reacts R-1 :eyes:") == []
    shared("bo in #network reacts R-1 :check:")
    assert shared.said("bea in #network reacts R-1 :check:") == []


def test_a_check_mark_of_anyone_else_acknowledges_nothing(shared: Dialogue) -> None:
    for person in ("ana", "chin", "zed"):
        shared(f"{person} in #network reacts R-1 :check:")
    assert "State: sent" in shared.root("#network", "R-1")


# Bare verbs


def test_a_reply_that_is_nothing_but_a_verb_is_not_relayed_and_offers_the_command(shared: Dialogue) -> None:
    assert shared.said("bo in #network thread R-1: Ack.") == [
        (
            "#network [R-1] (to bo) Comity: A bare `ack` is not relayed. If you mean the command, press the button."
            " / [Acknowledge]"
        )
    ]
    assert shared.holding("Ack.") == []
    shared('bo in #network thread R-1 press "Acknowledge"')
    assert "State: acknowledged" in shared.root("#network", "R-1")
