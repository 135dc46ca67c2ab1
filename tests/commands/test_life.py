"""The life of a request: which step leads where, who takes it, extensions, assignment, and what a refusal says."""

from __future__ import annotations

from itertools import count

import pytest

from tests.dialogue import Dialogue

NEW_YEAR = "Wed 20 Jan 2027, 17:00 AEDT (Sydney) / 01:00 EST (New York)"
LATER = "Wed 27 Jan 2027, 17:00 AEDT (Sydney) / 01:00 EST (New York)"


@pytest.fixture
def asked(talk: Dialogue) -> Dialogue:
    """FTC asks ACMA in R-1; KISA is on the case."""
    talk("""
    ana in #ftc: /case open Silent calls
    ana in #ftc: /case add KISA --case C-1
    ana in #ftc: /request send ACMA --case C-1 Who called?
    """)
    return talk


def state(talk: Dialogue, ref: str = "R-1") -> str:
    return talk.root("#ftc", ref).split("State: ", 1)[1].split(" / ", 1)[0]


# The steps

LINES = {
    "ack": "ack REF",
    "clarify": "clarify REF Which of the two?",
    "explain": "explain REF The first one.",
    "answer": "answer REF Nobody.",
    "decline": "decline REF --reason not-held",
    "extend": "extend REF --due 2027-01-20",
    "assign": "assign REF @bea",
    "withdraw": "withdraw REF",
    "close": "close REF",
    "reopen": "reopen REF Look again.",
}
WAY_TO = {
    "sent": [],
    "acknowledged": ["bo: ack REF"],
    "clarifying": ["bo: clarify REF Which?"],
    "answered": ["bo: answer REF Nobody."],
    "declined": ["bo: decline REF --reason minor"],
    "withdrawn": ["ana: withdraw REF"],
    "closed": ["bo: answer REF Nobody.", "ana: close REF"],
}
TABLE = """
               bo:  ack   clarify  answer  decline  extend  assign  ana:  explain  extend  withdraw  close  reopen
sent                ackn  clar     answ    decl     ackn    ackn          -        sent    with      -      -
acknowledged        -     clar     answ    decl     ackn    ackn          -        ackn    with      -      -
clarifying          -     -        answ    decl     clar    clar          ackn     clar    with      -      -
answered            -     -        -       -        -       answ          -        -       with      clos   ackn
declined            -     -        -       -        -       -             -        -       -         clos   ackn
withdrawn           -     -        -       -        -       -             -        -       -         -      -
closed              -     -        -       -        -       -             -        -       -         -      ackn
"""
"""The contract's "Life of a request", a state a line: bo is of the asked agency, ana of the asking one."""


HEAD, *ROWS = TABLE.strip().splitlines()
ACMAS, FTCS = (side.split() for side in HEAD.removeprefix("bo:").split("ana:"))
STEPS = [("bo", "ACMA", step) for step in ACMAS] + [("ana", "FTC", step) for step in FTCS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row).split()[0])
def test_from_each_state_the_steps_of_the_contract_lead_on_and_no_others(asked: Dialogue, row: str) -> None:
    start, *ends = row.split()
    numbers = count(2)

    def sent() -> str:
        """A request that has come as far as the row's state."""
        asked("ana in #ftc: /request send ACMA --case C-1 Who called?")
        ref = f"R-{next(numbers)}"
        for line in WAY_TO[start]:
            officer, _, step = line.partition(": ")
            take(officer, step, ref)
        return ref

    def take(officer: str, line: str, ref: str) -> str:
        return asked.news(f"{officer} in direct: /request {line.replace('REF', ref)}")[-1]

    untouched = sent()
    for (officer, agency, step), end in zip(STEPS, ends, strict=True):
        refused = end == "-"
        ref = untouched if refused else sent()
        answer = take(officer, LINES[step], ref).split(" Comity: ", 1)[1]
        assert answer.startswith(f"{ref} is {start}: the step {step} is not open to {agency} now.") is refused, answer
        assert state(asked, ref).startswith(start if refused else end), step


def test_neither_side_takes_the_steps_of_the_other(asked: Dialogue) -> None:
    for (officer, agency), steps in ((("ana", "FTC"), ACMAS), (("bo", "ACMA"), FTCS)):
        for step in steps:
            if step != "extend":  # both sides may
                answer = asked.told(f"{officer} in direct: /request {LINES[step].replace('REF', 'R-1')}")
                assert answer.startswith(f"R-1 is sent: the step {step} is not open to {agency} now.")
    assert state(asked) == "sent"


def test_a_refused_step_says_which_are_open_now_and_to_whom(asked: Dialogue) -> None:
    assert asked.told("bo in #acma thread R-1: !withdraw") == (
        "R-1 is sent: the step withdraw is not open to ACMA now. Open now:"
        " / - ACMA: ack, clarify, answer, decline, extend, assign / - FTC: extend, withdraw"
        " / For example: `/request ack R-1`."
    )
    asked("ana in #ftc thread R-1: !withdraw")
    assert asked.told("bo in #acma thread R-1: !ack") == (
        "R-1 is withdrawn: the step ack is not open to ACMA now. Open now: / - ACMA: nothing / - FTC: nothing"
    )
    assert [(entry["by"], entry["tried"], entry["subject"], entry["tag"]) for entry in asked.ledger("refused:")] == [
        ("local:bo", "request withdraw", "R-1", "refused:state"),
        ("local:bo", "request ack", "R-1", "refused:state"),
    ]


def test_both_sides_hear_of_each_step_and_the_roots_follow(asked: Dialogue) -> None:
    assert asked.said("bo in #acma thread R-1: !decline --reason not-competent Ask the bank's own regulator.") == [
        f"{place} [R-1] Comity: bo (ACMA) declined R-1. / Reason: not-competent. / > Ask the bank's own regulator."
        for place in ("#ftc", "#acma")
    ] + [
        (
            "#ftc [R-1] Comity edits: R-1 FTC asks ACMA: evidence / > Who called? / State: declined / Due: DUE"
            " / Handler: bo (ACMA) / Case: C-1 / [Close] [Reopen]"
        ),
        (
            "#acma [R-1] Comity edits: R-1 FTC asks ACMA: evidence / > Who called? / State: declined / Due: DUE"
            " / Handler: bo (ACMA) / Case: C-1"
        ),
    ]


def test_a_step_typed_elsewhere_is_answered_there_privately_besides(asked: Dialogue) -> None:
    assert asked.news("bo in direct: /request ack R-1") == [
        "#ftc [R-1] Comity: bo (ACMA) acknowledged R-1.",
        "#acma [R-1] Comity: bo (ACMA) acknowledged R-1.",
        "direct (to bo) Comity: bo (ACMA) acknowledged R-1.",
    ]


# Answers


def test_a_partial_answer_changes_no_state_beyond_acknowledging(asked: Dialogue) -> None:
    assert asked.news("bo in #acma thread R-1: !answer --partial The first of them.")[0] == (
        "#ftc [R-1] Comity: bo (ACMA) answered part of R-1. / > The first of them."
    )
    assert state(asked) == "acknowledged"
    asked("bo in #acma thread R-1: !clarify Which second one?")
    asked("bo in #acma thread R-1: !answer --partial The third of them.")
    assert state(asked) == "clarifying"


def test_data_are_kept_until_a_day_that_both_sides_read(asked: Dialogue) -> None:
    news = asked.news("bo in #acma thread R-1: !answer --kept-until 2027-06-30 Nobody.")
    assert news[0] == (
        "#ftc [R-1] Comity: bo (ACMA) answered R-1."
        " / The data are kept until Wed 30 Jun 2027, 17:00 AEST (Sydney) / 03:00 EDT (New York). / > Nobody."
    )


def test_a_request_that_is_reopened_goes_on_where_it_was(asked: Dialogue) -> None:
    asked("bo in #acma thread R-1: !answer Nobody.")
    assert asked.news("ana in #ftc thread R-1: !reopen Look again.") == [
        f"{place} [R-1] Comity: ana (FTC) reopened R-1. / > Look again." for place in ("#ftc", "#acma")
    ]
    assert "State: acknowledged / Due: DUE / Handler: bo (ACMA)" in asked.root("#acma", "R-1")


def test_a_request_is_not_reopened_to_an_agency_that_is_not_on_the_case_any_more(asked: Dialogue) -> None:
    asked("""
    bo in #acma thread R-1: !decline --reason not-held
    ana in #ftc: /case remove ACMA --case C-1
    """)
    assert asked.told("ana in #ftc thread R-1: !reopen Look again.") == (
        "ACMA is not on C-1 any more. / The agency that opened it can type `/case add ACMA --case C-1`."
    )
    assert asked.told("bo in direct: /request show R-1").startswith("R-1 FTC asks ACMA: evidence / > Who called?")


def test_a_reopened_request_stands_at_the_desk_of_today(asked: Dialogue) -> None:
    asked.house.rooms.open_channel("canberra")
    asked("""
    bo in #acma thread R-1: !answer Nobody.
    ana in #ftc thread R-1: !close
    bea in #canberra: /agency desk ACMA
    """)
    news = asked.news("ana in #ftc thread R-1: !reopen Look again.")
    assert "#canberra [R-1] Comity: ana (FTC) reopened R-1. / > Look again." in news
    assert "State: acknowledged" in asked.root("#canberra", "R-1")


# More time


def test_the_asking_side_moves_the_due_time_at_once_and_the_first_stays_visible(asked: Dialogue) -> None:
    assert asked.news("ana in #ftc thread R-1: !extend --due 2027-01-20 Take your time.")[-1] == (
        f"#acma [R-1] Comity: ana (FTC) moved the due time of R-1. / New due time: {NEW_YEAR}. / > Take your time."
    )
    assert f"State: sent / Due: {NEW_YEAR}; first due DUE / " in asked.root("#acma", "R-1")


def test_what_the_asked_side_proposes_stands_until_it_is_agreed_to(asked: Dialogue) -> None:
    assert asked.news("bo in #acma thread R-1: !extend --due 2027-01-20 We are few.")[0] == (
        f"#ftc [R-1] Comity: bo (ACMA) asks for more time for R-1. / Proposed due time: {NEW_YEAR}. / > We are few."
    )
    assert f"State: acknowledged / Due: DUE; asked to move to {NEW_YEAR} / " in asked.root("#ftc", "R-1")
    assert asked.root("#ftc", "R-1").endswith("[Extend] [Agree] [Refuse] [Withdraw]")
    assert asked.news('ana in #ftc press R-1 "Agree"')[-1] == (
        f"#acma [R-1] Comity: ana (FTC) agreed to the new due time of R-1. / New due time: {NEW_YEAR}."
    )
    assert f"Due: {NEW_YEAR}; first due DUE / " in asked.root("#ftc", "R-1")
    assert asked.root("#ftc", "R-1").endswith("[Extend] [Withdraw]")


def test_what_is_refused_leaves_the_due_time_as_it_was(asked: Dialogue) -> None:
    asked("bo in #acma thread R-1: !extend --due 2027-01-20")
    assert asked.news("ana in #ftc thread R-1: !refuse We are in court by then.")[-1] == (
        "#acma [R-1] Comity: ana (FTC) refused the new due time of R-1. / It stays due DUE."
        " / > We are in court by then."
    )
    assert "Due: DUE / Handler" in asked.root("#acma", "R-1")
    assert "the step agree is not open to FTC now" in asked.told("ana in #ftc thread R-1: !agree")


def test_a_newer_proposal_takes_the_place_of_the_former(asked: Dialogue) -> None:
    asked("""
    bo in #acma thread R-1: !extend --due 2027-01-20
    bo in #acma thread R-1: !extend --due 2027-01-27
    """)
    assert f"asked to move to {LATER} / " in asked.root("#ftc", "R-1")
    asked("ana in #ftc thread R-1: !extend --due 2027-01-20")
    assert f"Due: {NEW_YEAR}; first due DUE / Handler" in asked.root("#ftc", "R-1")


@pytest.mark.parametrize("end", ["bo in #acma thread R-1: !answer Nobody.", "ana in #ftc thread R-1: !withdraw"])
def test_a_proposal_ends_with_what_it_was_for(asked: Dialogue, end: str) -> None:
    asked("bo in #acma thread R-1: !extend --due 2027-01-20")
    asked(end)
    assert "Due: DUE / Handler" in asked.root("#ftc", "R-1")


@pytest.mark.parametrize("officer", ["ana in #ftc", "bo in #acma"])
def test_more_time_is_later_than_the_due_time(asked: Dialogue, officer: str) -> None:
    assert asked.told(f"{officer} thread R-1: !extend --due 2026-12-10") == (
        "That is not later than the present due time, DUE."
    )
    assert state(asked) == "sent"


# The handler


def test_who_acknowledges_is_the_handler_and_any_step_acknowledges(asked: Dialogue) -> None:
    asked("bea in #acma thread R-1: !extend --due 2027-01-20")
    assert "State: acknowledged" in asked.root("#ftc", "R-1")
    assert " / Handler: bea (ACMA) / " in asked.root("#ftc", "R-1")
    asked("bo in #acma thread R-1: !answer Nobody.")
    assert " / Handler: bea (ACMA) / " in asked.root("#ftc", "R-1")


def test_assign_changes_the_handler_and_show_says_to_whom(asked: Dialogue) -> None:
    asked("bo in #acma thread R-1: !ack")
    assert asked.news("bo in #acma thread R-1: !assign @bea")[0] == (
        "#ftc [R-1] Comity: bo (ACMA) made bea (ACMA) the handler of R-1."
    )
    assert " / Handler: bea (ACMA) / " in asked.root("#acma", "R-1")
    assert "bo (ACMA) handed over R-1: bea (ACMA)" in asked.told("ana in #ftc: /request show R-1")


@pytest.mark.parametrize(
    ("person", "answer"),
    [
        ("@ana", "ana (FTC) is not of ACMA."),
        ("@zed", "Nobody is enrolled as `local:zed`. / `/officer list` shows who is."),
        ("Bea", ("Bea is no address of a person. / Write local:NAME, matrix:@user:server, slack:TEAM/USER, or mention"
         " the person.")),
    ],
    ids=["of another agency", "a stranger", "a display name"],
)  # fmt: skip
def test_a_request_is_assigned_to_officers_of_the_asked_agency_only(asked: Dialogue, person: str, answer: str) -> None:
    assert asked.told(f"bo in #acma thread R-1: !assign {person}") == answer


def test_each_side_notes_its_own_file_number(asked: Dialogue) -> None:
    asked("""
    ana in #ftc thread R-1: !ref FTC-2026-9
    bo in #acma thread R-1: !ref ACMA/77
    """)
    assert "FTC reference: FTC-2026-9 / ACMA reference: ACMA/77" in asked.root("#acma", "R-1")
    assert asked.told("chin in #kisa: /request show R-1") == (
        "R-1 FTC asks ACMA: evidence / State: acknowledged / Due: DUE"
    )
