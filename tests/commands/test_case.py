"""Cases: who is on them, what all of them see, what only the opener does, and how they end."""

from __future__ import annotations

import pytest

from tests.dialogue import Dialogue

UNKNOWN = "There is no C-1 that you may see. / `/case list` shows your cases."
OTHERS = " / [Ask a partner] [Note]"
OWN = f"{OTHERS} [Close]"
"""The buttons of a case's root, at the opener's and elsewhere."""
OPENERS = "C-1 was opened by FTC: only FTC can do that."


@pytest.fixture
def shared(talk: Dialogue) -> Dialogue:
    """C-1 of FTC, opened in #ftc, with ACMA and KISA on it."""
    talk("""
    ana in #ftc: /case open Silent calls
    ana in #ftc: /case add ACMA --case C-1
    ana in #ftc: /case add KISA --case C-1
    """)
    return talk


# Opening


def test_a_case_opened_at_the_own_desk_has_its_root_there(talk: Dialogue) -> None:
    assert talk.said("ana in #ftc: /case open --conduct call Silent calls") == [
        f"#ftc [C-1] Comity: C-1 Silent calls / State: open / Agencies: FTC (opened it) / Conduct: call{OWN}"
    ]


def test_a_case_opened_where_other_agencies_sit_has_all_of_them_on_it_and_names_them(talk: Dialogue) -> None:
    assert talk.said("ana in #network: /case open Silent calls") == [
        f"#network [C-1] Comity: C-1 Silent calls / State: open / Agencies: FTC (opened it), ACMA, KISA, ICO{OWN}"
    ]
    for officer, desk in (("bo", "#acma"), ("chin", "#kisa"), ("dev", "#ico")):
        assert talk.told(f"{officer} in {desk}: /case list") == "- C-1 Silent calls"


def test_only_leaves_the_others_out_and_the_root_goes_to_the_desk(talk: Dialogue) -> None:
    assert talk.said("ana in #network: /case open --only Silent calls") == [
        f"#ftc [C-1] Comity: C-1 Silent calls / State: open / Agencies: FTC (opened it){OWN}",
        "#network (to ana) Comity: C-1 is open. Its thread stands at your desk.",
    ]
    assert talk.told("bo in #network: /case show C-1") == UNKNOWN


def test_a_guest_opens_a_case_with_those_whose_desk_it_is(talk: Dialogue) -> None:
    roots = talk.said("ana in #acma: /case open Silent calls")
    assert [root.split(" / ", 1)[0] for root in roots] == [
        "#acma [C-1] Comity: C-1 Silent calls",
        "#ftc [C-1] Comity: C-1 Silent calls",
    ]
    assert all("Agencies: FTC (opened it), ACMA" in root for root in roots)


@pytest.mark.parametrize("place", ["direct", "#tearoom"])
def test_a_case_opened_elsewhere_is_answered_privately_and_stands_at_the_desk(talk: Dialogue, place: str) -> None:
    talk.house.rooms.open_channel("tearoom")
    said = talk.said(f"ana in {place}: /case open Silent calls")
    assert [line.split(" Comity", 1)[0] for line in said] == ["#ftc [C-1]", f"{place} (to ana)"]


def test_the_next_case_has_the_next_number_whatever_was_refused_between(talk: Dialogue) -> None:
    talk("""
    ana in #ftc: /case open First
    ana in #ftc: /case open --marking red Refused here
    zed in #ftc: /case open By a stranger
    bo in #acma: /case open Second
    """)
    assert talk.told("bo in #acma: /case list") == "- C-2 Second"


# What all agencies on it see


def test_all_agencies_on_a_case_read_its_title_conduct_marking_agencies_and_notes(shared: Dialogue) -> None:
    shared("""
    ana in #ftc: /case set --case C-1 --conduct call
    bo in #acma: /case note --case C-1 They call from Perth.
    """)
    assert shared("chin in direct: /case show C-1")[-1].splitlines() == [
        "direct (to chin) Comity: TLP:AMBER",
        "  C-1 Silent calls",
        "  State: open",
        "  Opened: Tue 1 Dec 2026, 18:00 KST (Seoul) by ana (FTC)",
        "  Agencies: FTC (opened it), ACMA, KISA",
        "  Conduct: call",
        "  Notes",
        "  - Tue 1 Dec 2026, 18:00 KST (Seoul), bo (ACMA): They call from Perth.",
        "  TLP:AMBER",
    ]


def test_a_note_is_shown_in_all_of_the_case_s_threads_and_changes_no_root(shared: Dialogue) -> None:
    note = "bo (ACMA) noted in C-1. / > They call from Perth."
    assert shared.said("bo in #acma thread C-1: !note They call from Perth.") == [
        f"#ftc [C-1] Comity: {note}",
        f"#acma [C-1] Comity: {note}",
        f"#kisa [C-1] Comity: {note}",
    ]


def test_what_is_written_below_a_case_s_root_stays_there_and_is_not_kept(shared: Dialogue) -> None:
    assert shared.said("bo in #acma thread C-1: Shall we join them?") == []
    assert shared.holding("Shall we join them?") == []


def test_each_agency_keeps_its_own_file_number_and_the_roots_show_it(shared: Dialogue) -> None:
    shared("bo in #acma thread C-1: /ref ACMA/2026/77")
    for place in ("#ftc", "#kisa"):
        assert " / ACMA reference: ACMA/2026/77 / " in shared.root(place, "C-1")


def test_the_timeline_tells_what_happened_in_order_without_the_words_of_others_requests(shared: Dialogue) -> None:
    shared("""
    ana in #ftc: /request send ACMA --case C-1 Who called?
    bo in #acma thread R-1: !clarify Which number?
    bo in #acma: /case note --case C-1 They call from Perth.
    """)
    assert shared.told("chin in #kisa: /case timeline C-1") == (
        "Timeline of C-1 / - Tue 1 Dec 2026, 18:00 KST (Seoul), ana (FTC) opened the case"
        " / - Tue 1 Dec 2026, 18:00 KST (Seoul), ana (FTC) added: ACMA"
        " / - Tue 1 Dec 2026, 18:00 KST (Seoul), ana (FTC) added: KISA"
        " / - Tue 1 Dec 2026, 18:00 KST (Seoul), ana (FTC) sent R-1"
        " / - Tue 1 Dec 2026, 18:00 KST (Seoul), bo (ACMA) asked for clarification of R-1"
        " / - Tue 1 Dec 2026, 18:00 KST (Seoul), bo (ACMA) noted: They call from Perth."
    )


# Lists


def test_a_list_has_the_newest_first_and_is_narrowed_by_flags(talk: Dialogue) -> None:
    talk("""
    ana in #ftc: /case open Silent calls
    ada in #ftc: /case open Parcel notices
    ana in #ftc: /case open Parcel fees
    ana in #ftc: /case close --case C-1 Nobody was found.
    ana in #ftc: /case add ACMA --case C-2
    """)
    answers = {
        "": "- C-3 Parcel fees / - C-2 Parcel notices",
        "--status all": "- C-3 Parcel fees / - C-2 Parcel notices / - C-1 Silent calls (closed)",
        "--status closed": "- C-1 Silent calls (closed)",
        "--mine": "- C-3 Parcel fees",
        "--agency acma": "- C-2 Parcel notices",
        '--text "NOTICES parcel"': "- C-2 Parcel notices",
        "--text %": "There is no such case. To open one: `/case open TITLE`.",
    }
    assert {flags: talk.told(f"ana in #ftc: /case list {flags}") for flags in answers} == answers


# Who is on it


def test_an_agency_that_is_added_gets_its_root_and_the_others_hear_of_it(shared: Dialogue) -> None:
    assert shared.news("ana in #ftc: /case add ICO --case C-1") == [
        "#ftc [C-1] Comity: ana (FTC) added ICO to C-1.",
        "#acma [C-1] Comity: ana (FTC) added ICO to C-1.",
        "#kisa [C-1] Comity: ana (FTC) added ICO to C-1.",
        f"#ico [C-1] Comity: C-1 Silent calls / State: open / Agencies: FTC (opened it), ACMA, KISA, ICO{OTHERS}",
    ]


def test_an_agency_that_is_removed_hears_of_it_and_then_sees_nothing(shared: Dialogue) -> None:
    shared("bo in #acma: /case note --case C-1 They call from Perth.")
    assert shared.news("ana in #ftc: /case remove KISA --case C-1") == [
        "#kisa [C-1] Comity: ana (FTC) removed KISA from C-1.",
        "#ftc [C-1] Comity: ana (FTC) removed KISA from C-1.",
        "#acma [C-1] Comity: ana (FTC) removed KISA from C-1.",
    ]
    assert shared.root("#kisa", "C-1") == "C-1 goes on elsewhere."
    never = shared.told("chin in #kisa: /case show C-99").replace("C-99", "C-1")
    for line in ("/case show C-1", "/case note --case C-1 Me too.", "/request send FTC --case C-1 What?"):
        assert shared.told(f"chin in #kisa: {line}") == never == UNKNOWN
    assert "C-1" not in shared.told("chin in #kisa: /case list --status all")


def test_an_agency_that_comes_back_keeps_its_file_number(shared: Dialogue) -> None:
    shared("""
    chin in #kisa thread C-1: /ref K-5
    ana in #ftc: /case remove KISA --case C-1
    ana in #ftc: /case add KISA --case C-1
    """)
    assert "KISA reference: K-5" in shared.root("#kisa", "C-1")


def test_an_agency_with_an_open_request_stays_and_the_refusal_names_it(shared: Dialogue) -> None:
    shared("chin in #kisa: /request send ACMA --case C-1 What of the bank?")
    assert shared.told("ana in #ftc: /case remove KISA --case C-1") == (
        "KISA still has open requests in C-1: / - R-1 KISA asks ACMA, sent, due Tue 15 Dec 2026, 17:00 AEDT (Sydney)"
        " / 15:00 KST (Seoul) / The agency that asks closes or withdraws them first."
    )


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/case add ACMA --case C-1", "ACMA is on C-1 already."),
        ("/case remove ICO --case C-1", "ICO is not on C-1."),
        ("/case remove FTC --case C-1", "FTC opened C-1 and stays on it."),
        ("/case add ACM --case C-1", "There is no agency ACM. Did you mean ACMA? / Agencies: ACMA, FTC, ICO, KISA."),
        ("/case set --case C-1", "Nothing to change. / Give --title, --priority, --marking or --conduct."),
        ("/case reopen C-1", "C-1 is open: there is nothing to reopen."),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(shared: Dialogue, line: str, answer: str) -> None:
    assert shared.told(f"ana in #ftc: {line}") == answer


# The opener's alone


@pytest.mark.parametrize(
    "line",
    [
        "/case add ICO --case C-1",
        "/case remove KISA --case C-1",
        "/case set --case C-1 --marking green",
        "/case set --case C-1 --title Ours",
        "/case close --case C-1 Done.",
        "/case close --case C-1",
        "/case reopen C-1",
    ],
)
def test_others_on_the_case_are_told_whose_step_it_is_and_the_ledger_knows_that_they_tried(
    shared: Dialogue, line: str
) -> None:
    before = shared.root("#ftc", "C-1")
    assert shared.told(f"bo in #acma: {line}") == OPENERS
    assert shared.told(f"dev in #ico: {line}") == UNKNOWN
    assert shared.root("#ftc", "C-1") == before
    command = " ".join(line.removeprefix("/").split()[:2])
    assert [(entry["by"], entry["tried"], entry["subject"], entry["tag"]) for entry in shared.ledger("refused:")] == [
        ("local:bo", command, "C-1", "refused:permission"),
        ("local:dev", command, "C-1", "refused:unknown"),
    ]


def test_a_press_of_the_opener_s_button_by_another_agency_is_refused_before_it_asks(talk: Dialogue) -> None:
    talk("ana in #network: /case open Silent calls")
    assert talk.told('bo in #network press C-1 "Close"') == OPENERS


def test_a_change_is_told_with_what_it_is_now_and_the_roots_follow(shared: Dialogue) -> None:
    now = "ana (FTC) changed C-1. / Title: Silent calls at night / Priority: high / Conduct: call"
    line = 'ana in #ftc: /case set --case C-1 --title "Silent calls at night" --priority high --conduct call'
    assert shared.news(line) == [f"{place} [C-1] Comity: {now}" for place in ("#ftc", "#acma", "#kisa")]
    assert shared.root("#acma", "C-1") == (
        "C-1 Silent calls at night / State: open / Agencies: FTC (opened it), ACMA, KISA / Conduct: call"
        " / Priority: high / [Ask a partner] [Note]"
    )
    [entry] = shared.ledger("case:set")
    assert (entry["priority"], entry["conduct"], "title" in entry) == ("high", "call", False)


# Closing


@pytest.fixture
def pending(shared: Dialogue) -> Dialogue:
    """R-1 of FTC is answered, R-2 of FTC and R-3 of KISA are open; R-4 of FTC was declined."""
    shared("""
    ana in #ftc: /request send ACMA --case C-1 Who called?
    ana in #ftc: /request send KISA --case C-1 Who paid?
    chin in #kisa: /request send ACMA --case C-1 What of the bank?
    ana in #ftc: /request send ACMA --case C-1 Who else?
    bo in #acma: /request answer R-1 Nobody.
    bo in #acma: /request decline R-4 --reason not-held
    """)
    return shared


LISTED = (
    "C-1 still has open requests: / - R-1 FTC asks ACMA, answered, due DUE / - R-2 FTC asks KISA, sent, due DUE"
    " / - R-3 KISA asks ACMA, sent, due Tue 15 Dec 2026, 17:00 AEDT (Sydney) / 15:00 KST (Seoul)"
)


def test_a_case_with_open_requests_is_not_closed_and_the_refusal_lists_them(pending: Dialogue) -> None:
    assert pending.told("ana in #ftc: /case close --case C-1 Done.") == (
        f"{LISTED} / Close or withdraw them first; --anyway withdraws those that FTC sent."
        " Those that KISA sent are KISA's to close or withdraw."
    )


def test_anyway_does_not_reach_the_requests_of_others_and_then_changes_nothing(pending: Dialogue) -> None:
    assert pending.told("ana in #ftc: /case close --case C-1 --anyway Done.") == (
        "C-1 still has open requests: / - R-3 KISA asks ACMA, sent, due Tue 15 Dec 2026, 17:00 AEDT (Sydney)"
        " / 15:00 KST (Seoul) / Those that KISA sent are KISA's to close or withdraw."
    )
    assert "State: answered" in pending.root("#acma", "R-1")


def test_anyway_withdraws_the_closing_agency_s_own(pending: Dialogue) -> None:
    pending("chin in #kisa: /request withdraw R-3")
    news = pending.news("ana in #ftc thread C-1: /close --anyway Handed to the police.")
    assert [line for line in news if line.startswith("#acma")] == [
        "#acma [R-1] Comity: ana (FTC) withdrew R-1.",
        "#acma [C-1] Comity: ana (FTC) closed C-1. / > Handed to the police.",
    ]
    assert "State: withdrawn" in pending.root("#kisa", "R-2")
    assert "State: declined" in pending.root("#acma", "R-4")
    assert pending.root("#acma", "C-1").startswith("C-1 Silent calls / State: closed / ")
    assert pending.root("#acma", "C-1").endswith(" / Outcome: Handed to the police.")


def test_in_a_closed_case_nothing_is_asked_until_it_is_open_again(shared: Dialogue) -> None:
    shared("""
    ana in #ftc: /request send ACMA --case C-1 Who called?
    bo in #acma: /request decline R-1 --reason not-held
    ana in #ftc: /case close --case C-1 Done.
    """)
    closed = "C-1 is closed. / The agency that opened it can type `/case reopen C-1`."
    assert shared.told("bo in #acma: /request send FTC --case C-1 What?") == closed
    assert shared.told("ana in #ftc: /request reopen R-1 Look again.") == closed
    assert shared.told("ana in #ftc: /case close --case C-1 Twice.") == (
        "C-1 is closed already. / `/case reopen C-1` opens it again."
    )
    assert shared.news('ana in #ftc press C-1 "Reopen"') == [
        f"{place} [C-1] Comity: ana (FTC) reopened C-1." for place in ("#ftc", "#acma", "#kisa")
    ]
    assert "Outcome" not in shared.root("#acma", "C-1")
    assert shared.news("ana in #ftc: /request reopen R-1 Look again.") != []
