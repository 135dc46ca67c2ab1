"""Requests: sending them, where their roots stand, who reads what of them, and lists."""

from __future__ import annotations

import pytest

from tests.dialogue import Dialogue

ASKING = "[Extend] [Withdraw]"
ASKED = "[Acknowledge] [Answer] [Clarify] [Decline] [Extend]"
ASKED_WHO = "R-1 FTC asks ACMA: evidence / > Who called? / State: sent / Due: DUE / Case: C-1"
NO_CASE = "There is no C-1 that you may see. / `/case list` shows your cases."
NO_REQUEST = "There is no R-1 that you may see. / `/request list` shows your requests."


@pytest.fixture
def case(talk: Dialogue) -> Dialogue:
    """C-1 of FTC, opened at its own desk."""
    talk("ana in #ftc: /case open Silent calls")
    return talk


@pytest.fixture
def network(talk: Dialogue) -> Dialogue:
    """C-1 of FTC, opened where all four agencies sit."""
    talk("ana in #network: /case open Silent calls")
    return talk


# Sending


def test_a_request_stands_at_both_desks_with_the_buttons_of_each_side(case: Dialogue) -> None:
    case("ana in #ftc: /case add ACMA --case C-1")
    assert case.said("ana in #ftc: /request send ACMA --case C-1 Who called?") == [
        f"#ftc [R-1] Comity: {ASKED_WHO} / {ASKING}",
        f"#acma [R-1] Comity: {ASKED_WHO} / {ASKED}",
    ]


def test_what_was_read_is_echoed_in_both_agencies_zones_with_its_length(case: Dialogue) -> None:
    root = case('ana in #ftc: /request send ACMA --case C-1 --due "10 working days" Who called?')[-2]
    assert "  Due: Tue 15 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York) (10 working days)" in root.splitlines()
    case("ana in #ftc: /request send ACMA --case C-1 --due sunday Who else?")
    assert "Due: Mon 7 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York) / Note: Moved from Sun 6 Dec 2026" in (
        case.root("#acma", "R-2")
    )


def test_an_agency_that_is_not_on_the_case_is_added_by_asking_it_and_the_case_says_so(case: Dialogue) -> None:
    news = case.news("ana in #ftc: /request send ACMA,KISA --case C-1 Who called?")
    assert news[0] == "#ftc [C-1] Comity: ana (FTC) asked ACMA and KISA, who are now on C-1."
    in_places = sorted((line.split(" / ", 1)[0] for line in news[1:]), key=lambda line: line.split(" ", 1)[0])
    assert in_places == [  # in a place there is an order, between places none
        "#acma [C-1] Comity: C-1 Silent calls",
        "#acma [R-1] Comity: R-1 FTC asks ACMA: evidence",
        "#ftc [R-1] Comity: R-1 FTC asks ACMA: evidence",
        "#ftc [R-2] Comity: R-2 FTC asks KISA: evidence",
        "#kisa [C-1] Comity: C-1 Silent calls",
        "#kisa [R-2] Comity: R-2 FTC asks KISA: evidence",
    ]


def test_whose_agency_did_not_open_the_case_asks_only_those_who_are_on_it(case: Dialogue) -> None:
    case("ana in #ftc: /request send ACMA,KISA --case C-1 Who called?")
    assert case.news("bo in #acma: /request send KISA --case C-1 Who paid?") != []
    assert case.told("bo in #acma: /request send KISA,ICO --case C-1 Who else?") == (
        "ICO is not on C-1, and only FTC, who opened it, can add an agency."
        " / Ask FTC to type `/case add ICO --case C-1`."
    )
    assert case.told("dev in #ico: /request show R-3").startswith("There is no R-3")


def test_a_refused_request_leaves_nothing_behind_and_uses_up_no_reference(case: Dialogue) -> None:
    case("operator: /agency add ACCC --country AU --zone Australia/Sydney Competition and Consumer Commission")
    refusals = {
        "ACMA,XYZ --case C-1 Who?": "There is no agency XYZ. / Agencies: ACCC, ACMA, FTC, ICO, KISA.",
        "FTC --case C-1 Who?": "FTC is your own agency: ask another one.",
        "ACMA --case C-1 --marking green Who?": (
            "C-1 is AMBER: a request in it may not be wider (GREEN). / Leave out --marking, or give a narrower one."
        ),
        "ACMA --case C-7 Who?": NO_CASE.replace("C-1", "C-7"),
    }
    assert {line: case.told(f"ana in #ftc: /request send {line}") for line in refusals} == refusals
    past = case.told("ana in #ftc: /request send ACMA --case C-1 --due 2026-11-30 Who?")
    assert past.startswith("Mon 30 Nov 2026, 17:00 Sydney, is past: write a later time, or a length such as 3d. / ")
    assert "State: open / Agencies: FTC (opened it) / " in case.root("#ftc", "C-1")
    sent = case.news("ana in #ftc: /request send ACMA --case C-1 Who called?")
    assert any(line.startswith("#acma [R-1]") for line in sent)


def test_a_stranger_is_told_who_can_enrol_them(case: Dialogue) -> None:
    assert case.told("zed in #ftc: /request send ACMA --case C-1 Who?") == (
        "Nobody has enrolled `local:zed` yet."
        " / Who can enrol you: ada (FTC), by `/officer add local:zed --agency CODE`."
    )


def test_what_is_typed_comes_out_inert(case: Dialogue) -> None:
    case(r"ana in #ftc: /request send ACMA --case C-1 <!channel> @room **Who** owns https://x.example?\nAnd `why`?")
    assert case.root("#acma", "R-1").split(" / State", 1)[0] == (
        "R-1 FTC asks ACMA: evidence / > `<!channel>` `@room` **Who** owns `https://x.example`? / > And `why`?"
    )


# Where it stands


def test_sent_where_others_read_along_it_stands_at_the_desks_and_the_reply_is_private(network: Dialogue) -> None:
    assert network.said("ana in #network: /request send ACMA --case C-1 Who called?") == [
        f"#acma [R-1] Comity: {ASKED_WHO} / {ASKED}",
        f"#ftc [R-1] Comity: {ASKED_WHO} / {ASKING}",
        "#network (to ana) Comity: R-1 is sent to ACMA, due DUE. It stands at the desks of ACMA and FTC.",
    ]


def test_shared_and_sent_where_the_asked_agency_reads_that_is_the_one_thread(network: Dialogue) -> None:
    assert network.said("ana in #network: /request send ACMA --case C-1 --shared Who called?") == [
        f"#network [R-1] Comity: {ASKED_WHO}, shared with all on the case / {ASKED} [Withdraw]"
    ]


def test_sent_from_a_direct_message_it_stands_at_the_desks(case: Dialogue) -> None:
    news = case.news("ana in direct: /request send ACMA --case C-1 Who called?")
    assert f"#ftc [R-1] Comity: {ASKED_WHO} / {ASKING}" in news
    assert "direct (to ana) Comity: R-1 is sent to ACMA, due DUE. It stands at the desks of ACMA and FTC." in news


def test_sent_from_the_asked_agency_s_desk_the_asker_has_a_thread_at_home_too(case: Dialogue) -> None:
    roots = case.news("ana in #acma: /request send ACMA --case C-1 Who called?")
    assert [root.split(" Comity", 1)[0] for root in roots if "[R-1]" in root] == ["#acma [R-1]", "#ftc [R-1]"]


# Who reads what


def test_the_parties_read_all_of_it(network: Dialogue) -> None:
    network("""
    ana in #ftc: /request send ACMA --case C-1 --kind identify --under "MoU 2018" Who called?
    bo in #acma thread R-1: Nobody we know.
    bo in #acma thread R-1: !answer --kept-until 2027-06-30 Nobody.
    bo in #acma thread R-1: !ref ACMA/77
    """)
    for reader in ("ana in #ftc", "bo in direct"):
        assert network.told(f"{reader}: /request show R-1") == (
            "R-1 FTC asks ACMA: identify / > Who called? / State: answered / Due: DUE / Handler: bo (ACMA)"
            " / Under: MoU 2018 / Kept until: Wed 30 Jun 2027, 17:00 AEST (Sydney) / 03:00 EDT (New York)"
            " / ACMA reference: ACMA/77 / Case: C-1"
            " / How the due time came about / - 10 working days, by default, from Tue 1 Dec 2026, 20:00 (Sydney)."
            " / - Counted there, working days only, from the day after Tue 1 Dec 2026."
            " / - Not counted: 4 days of weekends."
            " / - It ends with the hours there: Tue 15 Dec 2026, 17:00 (Sydney)."
            " / What happened / - NOW, ana (FTC) sent R-1, due DUE"
            " / - NOW, bo (ACMA) answered R-1: Nobody. / - NOW, bo (ACMA) noted a reference for R-1: ACMA/77"
            " / bo (ACMA), NOW / > Nobody we know."
        )


def test_the_others_on_the_case_see_the_outline_and_take_no_step(network: Dialogue) -> None:
    network("""
    ana in #ftc: /request send ACMA --case C-1 Who called?
    bo in #acma thread R-1: Nobody we know.
    """)
    outline = "R-1 FTC asks ACMA: evidence / State: sent / Due: DUE"
    assert network.told("chin in #kisa: /request show R-1") == outline
    assert "- R-1 FTC asks ACMA, sent, due DUE" in network.told("chin in #kisa: /case show C-1").split(" / ")
    for step in ("ack R-1", "withdraw R-1", "answer R-1 Ours.", "clarify R-1"):
        assert network.told(f"chin in #kisa: /request {step}") == (
            "R-1 is between FTC and ACMA: KISA takes no step in it."
        )


def test_a_shared_request_is_read_by_all_on_the_case_who_still_take_no_step(network: Dialogue) -> None:
    network("ana in #ftc: /request send ACMA --case C-1 --shared Who called?")
    assert "> Who called?" in network.told("chin in #kisa: /request show R-1")
    assert network.told("chin in #kisa: /request withdraw R-1") == (
        "R-1 is between FTC and ACMA: KISA takes no step in it."
    )


@pytest.mark.parametrize("line", ["show R-1", "ack R-1", "answer R-1 Ours.", "clarify R-1", "list --case C-1"])
def test_to_everyone_else_it_answers_as_if_it_did_not_exist(case: Dialogue, line: str) -> None:
    never = case.told(f"dev in #ico: /request {line}")
    assert never in {NO_CASE, NO_REQUEST}
    case("ana in #ftc: /request send ACMA --case C-1 --shared Who called?")
    assert case.told(f"dev in #ico: /request {line}") == never


# Lists


def test_lists_have_what_is_owed_and_owing_the_earliest_due_first(case: Dialogue) -> None:
    case("""
    ana in #ftc: /request send ACMA --case C-1 Who called?
    ana in #ftc: /request send KISA --case C-1 --due 2026-12-08 Who paid?
    bo in #acma: /request send FTC --case C-1 --due 2026-12-10 Whose bank?
    ana in #ftc: /request send ACMA --case C-1 --due 2026-12-09 Already withdrawn?
    ana in #ftc: /request withdraw R-4
    """)

    def listed(line: str) -> list[str]:
        return [item.removeprefix("- ")[:3] for item in case.told(line).split(" / ") if item.startswith("- ")]

    assert listed("ana in #ftc: /request list") == ["R-2", "R-3", "R-1"]
    assert listed("ana in #ftc: /request list --owed") == ["R-2", "R-1"]
    assert listed("ana in #ftc: /request list --owing") == ["R-3"]
    assert listed("ada in #ftc: /request list --mine") == []
    assert listed("bo in #acma: /request list --mine") == ["R-3"]
    assert listed("chin in #kisa: /request list") == ["R-2"]
    assert case.told("dev in #ico: /request list") == "No such request is open."


def test_overdue_is_computed_and_nothing_is_while_it_is_being_clarified(case: Dialogue) -> None:
    case("""
    ana in #ftc: /request send ACMA --case C-1 --due 2026-12-03 Who called?
    ana in #ftc: /request send ACMA --case C-1 --due 2026-12-03 Who paid?
    bo in #acma: /request clarify R-2 Paid whom?
    """)
    assert case.told("bo in #acma: /request list --overdue") == "No such request is open."
    case("clock 2026-12-05T09:00Z")
    assert case.told("bo in #acma: /request list --overdue") == (
        "- R-1 FTC asks ACMA, sent, due Thu 3 Dec 2026, 17:00 AEDT (Sydney) / 01:00 EST (New York), 2 days overdue:"
        " Who called?"
    )
    case("""
    ana in #ftc: /request explain R-2 The bank.
    bo in #acma: /request answer R-1 Nobody.
    """)
    assert ", 2 days overdue: Who paid?" in case.told("ana in #ftc: /request list --overdue --owed")
    assert "R-1" not in case.told("ana in #ftc: /request list --overdue")
