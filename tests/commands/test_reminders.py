"""Reminders at desks: when they come, who hears them, and what people do about them."""

from __future__ import annotations

import pytest

from tests.dialogue import Dialogue

BUTTONS = "[Answer] [Extend] [Snooze]"
DIRECT = "direct (to bea) Comity: To ACMA's coordinators: an answer overdue"
ADVICE = (
    "ACMA and its coordinators were reminded. You can remind again, give more time, ask them directly in the thread, "
    "or withdraw. / [Remind again] [Extend] [Withdraw]"
)
HEAD = "#acma Comity: Reminder: ACMA owes an answer"


@pytest.fixture
def sent(talk: Dialogue) -> Dialogue:
    """R-1 of FTC to ACMA, Tuesday evening in Sydney, due in 10 working days."""
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 Who called?
    """)
    return talk


def test_from_the_first_to_the_last(sent: Dialogue) -> None:
    line = "FTC asks ACMA, sent, due DUE: Who called?"
    assert sent.said("clock 2027-01-08T00:00Z") == [
        f"{HEAD} / R-1 waits to be acknowledged. {line} / [Acknowledge] {BUTTONS}",
        f"{HEAD} / R-1 has a third of its time left. {line} / [Acknowledge] {BUTTONS}",
        f"{HEAD} / R-1 has one working day left. {line} / [Acknowledge] {BUTTONS}",
        f"{HEAD} / R-1 is due now. {line} / [Acknowledge] {BUTTONS}",
        f"{HEAD} / R-1 is 1 working day overdue. {line} / [Acknowledge] {BUTTONS}",
        f"{DIRECT} / R-1 is 2 working days overdue. {line} / [Acknowledge] {BUTTONS}",
        f"{HEAD} / R-1 is 3 working days overdue. {line} / [Acknowledge] {BUTTONS}",
        f"#ftc Comity: Overdue to you: an answer / R-1 is 5 working days overdue. {line} / {ADVICE}",
        f"{HEAD} / R-1 is 7 working days overdue. {line} / [Acknowledge] {BUTTONS}",
        f"{HEAD} / R-1 is 14 working days overdue. {line} / [Acknowledge] {BUTTONS}",
    ]


def test_the_handler_is_called_and_nobody_hears_more_once_it_is_answered(sent: Dialogue) -> None:
    sent("bo in #acma thread R-1: !ack")
    (reminder,) = sent.said("clock 2026-12-12T00:00Z")
    assert "R-1 has a third of its time left. Handler: @bo (ACMA). FTC asks" in reminder
    sent("bo in #acma thread R-1: !answer Example Pty Ltd.")
    assert sent.said("clock +60d") == []


@pytest.mark.parametrize(
    "line",
    [
        "bo in #acma thread R-1: !clarify Which calls?",
        "bo in #acma thread R-1: !decline --reason not-held",
        "ana in #ftc thread R-1: !withdraw",
    ],
)
def test_nothing_owed_nobody_reminded(sent: Dialogue, line: str) -> None:
    sent(line)
    assert sent.said("clock +60d") == []


def test_more_time_begins_anew(sent: Dialogue) -> None:
    sent("clock 2026-12-17T00:00Z")
    sent("ana in #ftc thread R-1: !extend --due 2027-01-12")
    said = sent.said("clock 2027-01-13T00:00Z")
    assert [line.split(" / ")[1].split(".")[0] for line in said] == [
        "R-1 has a third of its time left",
        "R-1 has one working day left",
        "R-1 is due now",
        "R-1 is 1 working day overdue",
    ]


def test_what_falls_within_an_hour_is_one_message_and_urgent_ones_stand_alone(sent: Dialogue) -> None:
    sent("""
        ana in #ftc: /request send ACMA --case C-1 Who else?
        choi in #kisa: /case open Fake shops
        choi in #kisa: /request send ACMA --case C-2 Whose domain?
        ana in #ftc: /request send ACMA --case C-1 --urgent Block it.
    """)
    said = sent.said("clock 2026-12-03T00:00Z")
    assert [line.split(" / ")[0] for line in said] == [HEAD, "#acma Comity: Reminder: ACMA owes 3 answers"]
    assert [line[:5] for line in said[1].split(" / ") if line.startswith("- R-")] == ["- R-1", "- R-2", "- R-3"]
    assert "R-4 waits to be acknowledged" in said[0]
    assert sent.said("clock +1h") == []


def test_all_that_falls_together_at_a_desk_is_one_message(sent: Dialogue) -> None:
    """At nine on Monday the 21st in London: owed by ICO, overdue to it, and data that will be kept no more."""
    sent("""
        dev in #ico: /case open Fake shops
        dev in #ico: /request send KISA --case C-2 --due 2026-12-14 Whose domain?
        dev in #ico: /request send ACMA --case C-2 --kind preserve Keep the logs.
        ana in #ftc: /request send ICO --case C-1 --due 2026-12-18 Who else?
        dev in #ico: /request ack R-4
        bo in #acma: /request answer R-3 --kept-until 2026-12-24 Kept.
        chin in #kisa: /request ack R-2
        clock 2026-12-20T00:00Z
    """)
    (one,) = [line for line in sent.said("clock 2026-12-21T09:30Z") if line.startswith("#ico")]
    headings = ("Reminder: ICO owes an answer", "Overdue to you: an answer", "Preserved data will be kept no more")
    refs = (
        "R-4 is 1 working day overdue.",
        "R-2 is 5 working days overdue.",
        "R-3: ACMA keeps the data for 3 more days",
    )
    places = [one.index(words) for pair in zip(headings, refs, strict=True) for words in pair]
    assert places == sorted(places)
    assert "[" not in one  # one request alone has buttons
    given = [entry for entry in sent.ledger("request:") if entry["tag"] in {"request:reminded", "request:lapsing"}]
    assert [(entry["subject"], entry["at"], entry["planned"]) for entry in given[-3:]] == [
        (ref, "2026-12-21T09:00:00+00:00", "2026-12-21T09:00:00+00:00") for ref in ("R-2", "R-4", "R-3")
    ]


def test_what_comes_late_says_so_once_and_not_at_night(sent: Dialogue) -> None:
    """Nobody ran it from Thursday morning to Sunday evening."""
    assert sent.late("2026-12-06T11:00Z") == []
    assert sent.said("clock +1m") == []
    (late,) = sent.said("clock 2026-12-07T00:00Z")
    assert "R-1 waits to be acknowledged (late: it was for Thu 3 Dec 2026, 09:00 AEDT (Sydney))." in late


# RED, and desks that others read


def test_of_a_red_one_stands_no_word(talk: Dialogue) -> None:
    talk("""
        ana in direct: /case open --marking red Quiet matter
        ana in direct: /request send ACMA --case C-1 Who called?
    """)
    (reminder,) = talk("clock 2026-12-03T00:00Z")[1:]
    assert "TLP:RED" in reminder
    assert "R-1 waits to be acknowledged. [RED] sent, due" in reminder
    assert "Who called" not in reminder


def test_at_a_desk_that_others_read_too_stands_only_what_they_may_see(sent: Dialogue) -> None:
    sent("""
        operator: /agency desk KISA local:acma --shared
        ana in #ftc: /case add KISA --case C-1
    """)
    (reminder,) = sent.said("clock 2026-12-03T00:00Z")
    assert reminder.startswith(f"{HEAD} / R-1 waits to be acknowledged. FTC asks ACMA, sent, due DUE / ")


def test_where_nothing_of_it_may_stand_its_coordinators_hear_it(sent: Dialogue) -> None:
    sent("operator: /agency desk KISA local:acma --shared")
    (reminder,) = sent.said("clock 2026-12-03T00:00Z")
    assert reminder.startswith("direct (to bea) Comity: Reminder: ACMA owes an answer / R-1 waits")


def test_without_a_desk_its_coordinators_hear_it(talk: Dialogue) -> None:
    talk("""
        operator: /agency add CRTC --country CA-ON --zone America/Toronto Radio-television Commission
        operator: /officer add local:cleo --agency CRTC --role coordinator cleo
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send CRTC --case C-1 Who called?
    """)
    (reminder,) = talk.said("clock 2026-12-03T00:00Z")
    assert reminder.startswith("direct (to cleo) Comity: Reminder: CRTC owes an answer / R-1 waits")


# What people do about them


def test_reminded_at_once_within_the_hours(sent: Dialogue) -> None:
    sent("clock 2026-12-02T01:00Z")
    assert sent.said("ana in #ftc thread R-1: !remind") == [
        f"{HEAD} / R-1 is asked for again by FTC. FTC asks ACMA, sent, due DUE: Who called? / [Acknowledge] {BUTTONS}",
        "#ftc [R-1] Comity: ACMA is reminded of R-1.",
    ]
    again = sent.told("ana in #ftc thread R-1: !remind")
    assert again.startswith("ACMA is reminded of R-1 once a working day, last Tue 1 Dec 2026, 20:00 EST (New York)")
    assert "Again from Wed 2 Dec 2026, 17:00 EST (New York)" in again


def test_reminded_when_the_hours_begin_unless_it_is_answered_meanwhile(sent: Dialogue) -> None:
    (said,) = sent.said("ana in #ftc thread R-1: !remind")
    assert said == (
        "#ftc [R-1] Comity: ACMA will be reminded of R-1 when its hours begin: "
        "Wed 2 Dec 2026, 09:00 AEDT (Sydney) / Tue 1 Dec, 17:00 EST (New York)."
    )
    (reminder,) = sent.said("clock 2026-12-02T00:00Z")
    assert "R-1 is asked for again by FTC" in reminder
    sent("ana in #ftc thread R-1: !remind")
    sent("bo in #acma thread R-1: !answer Example Pty Ltd.")
    assert sent.said("clock +3d") == []


def test_an_urgent_one_is_reminded_of_at_any_hour(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --urgent Block it.
    """)
    for _ in range(2):
        assert talk.said("ana in #ftc thread R-1: !remind")[0].startswith("#acma Comity: Reminder: ACMA owes an answer")


def test_a_snooze_to_a_date_ends_when_its_hours_begin(sent: Dialogue) -> None:
    assert sent.said("bo in #acma thread R-1: !snooze friday") == [
        "#acma [R-1] Comity: R-1 is snoozed until Fri 4 Dec 2026, 09:00 AEDT (Sydney)."
    ]
    assert sent.said("clock 2026-12-03T21:59Z") == []
    (reminder,) = sent.said("clock +1m")
    assert "R-1 was snoozed until now. FTC asks ACMA, sent" in reminder


def test_a_snooze_beyond_the_due_time_says_so(sent: Dialogue) -> None:
    (said,) = sent.said("bo in #acma thread R-1: !snooze 2026-12-20")
    assert said == (
        "#acma [R-1] Comity: R-1 is snoozed until Mon 21 Dec 2026, 09:00 AEDT (Sydney). / "
        "It is due before that: Tue 15 Dec 2026, 17:00 AEDT (Sydney)."
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("bo in #acma thread R-1: !remind", "Only FTC reminds of R-1."),
        ("ana in #ftc thread R-1: !snooze friday", "Only ACMA snoozes R-1."),
        ("choi in #kisa: /request remind R-1", "There is no R-1 that you may see."),
        ("bo in #acma thread R-1: !snooze 2026-11-30", "is past"),
        ("bo in #acma thread R-1: !snooze tuseday", "cannot be read as a time"),
        ("bo in #acma thread R-1: !snooze 2031-01-01", "more than 3 years"),
        ("ana in #ftc: /request remind", "Request? Write it here"),
        ("zed in #acma: /request snooze R-1 friday", "Nobody has enrolled"),
    ],
)
def test_who_and_what_is_refused(sent: Dialogue, line: str, words: str) -> None:
    assert words in sent.told(line)
    assert "reminded of R-1" not in str(sent.said("clock +1h"))


def test_an_answered_one_is_neither_reminded_of_nor_snoozed(sent: Dialogue) -> None:
    sent("bo in #acma thread R-1: !answer Example Pty Ltd.")
    for line in ("ana in #ftc thread R-1: !remind", "bo in #acma thread R-1: !snooze friday"):
        assert sent.told(line) == "R-1 is answered: nobody is reminded of it now."


def test_a_button_of_a_reminder_that_is_out_of_date_is_refused(sent: Dialogue) -> None:
    sent("clock 2026-12-03T00:00Z")
    sent("bo in #acma thread R-1: !ack")
    assert "has changed" in str(sent.said('bo in #acma press "Snooze"'))


# Preservation


def test_data_that_are_kept_for_a_while(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --kind preserve Keep the logs.
    """)
    assert talk.told("bo in #acma thread R-1: !answer We keep them.").startswith("Data kept until? Write it here")
    assert "The data are kept until Fri 5 Feb 2027, 17:00 AEDT" in talk.said("bo in #acma thread R-1: 2027-02-05")[0]
    said = talk.said("clock 2027-02-10T00:00Z")
    assert [line.split(" / ")[1].split(",")[0] for line in said] == [
        f"R-1: ACMA keeps the data for {days} more days" for days in (30, 10, 3)
    ]
    assert said[0].startswith("#ftc Comity: Preserved data will be kept no more / ")
    assert said[0].endswith("No follow-up request was sent. / [Ask for the data] [Show]")


def test_the_button_asks_for_the_data_and_the_next_reminder_knows(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --kind preserve Keep the logs.
        bo in #acma thread R-1: !answer --kept-until 2027-02-05 We keep them.
        clock 2027-01-10T00:00Z
    """)
    talk("""
        ana in #ftc press "Ask for the data"
        ana in #ftc: The logs of May, please.
    """)
    said = [line for line in talk.said("clock 2027-01-28T00:00Z") if "Preserved data" in line]
    assert said[0].split(" / ")[2].endswith("Asked for since then: R-2.")
