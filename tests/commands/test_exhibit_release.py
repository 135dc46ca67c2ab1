"""Who attached a file controls how far it goes: others ask, its coordinators agree or refuse, or it lapses."""

from __future__ import annotations

import pytest

from tests.dialogue import Dialogue

LEASE = b"The mailbox was rented on 3 May 2026.\n"
FILE = "[file: X-1-lease.txt, 38 bytes]"
LAPSES = "Without an answer it lapses: Tue 15 Dec 2026, 17:00 AEDT (Sydney)."


@pytest.fixture
def given(talk: Dialogue) -> Dialogue:
    """Bo of ACMA attached a file to FTC's request; KISA is on the case, ICO is not."""
    (talk.folder / "lease.txt").write_bytes(LEASE)
    talk(f"""
        ana in #ftc: /case open Pump-and-dump mailing
        ana in #ftc thread C-1: !request send ACMA Who rented mailbox 1200?
        ana in #ftc thread C-1: !case add KISA
        bo in #acma thread R-1 attach {talk.folder}/lease.txt
    """)
    return talk


def files(talk: Dialogue) -> list[bytes]:
    return [path.read_bytes() for path in sorted((talk.folder / "files").glob("*"))]


def test_asked_and_agreed_it_goes_to_the_other_agency(given: Dialogue) -> None:
    assert given.said("ana in #ftc: /exhibit release X-1 KISA") == [
        (
            "direct (to bea) Comity: ana (FTC) asks that KISA may have X-1 `lease.txt`, which ACMA attached. /"
            f" {LAPSES} / [Agree] [Refuse] [Show]"
        ),
        f"#ftc (to ana) Comity: ACMA is asked whether KISA may have X-1. {LAPSES}",
    ]
    assert given.told("chin in #kisa: /exhibit show X-1").startswith("There is no X-1 that you may see.")
    said = given.said('bea in direct press "Agree"')
    assert said == [
        f"direct (to choi) Comity: bea (ACMA) agreed that KISA may have X-1 `lease.txt`. / {FILE}",
        "direct (to ana) Comity: bea (ACMA) agreed: KISA has X-1 `lease.txt`.",
        "direct (to bea) Comity: KISA gets X-1 `lease.txt`.",
    ]
    assert files(given)[-1] == LEASE
    shown = given.private("chin in #kisa: /exhibit show X-1")
    assert "released by bea (ACMA), to KISA, as bea (ACMA) agreed; link `" in shown
    assert "[file: X-1-lease.txt, 38 bytes]" in shown
    assert given.told("dev in #ico: /exhibit show X-1").startswith("There is no X-1 that you may see.")
    assert given.told("chin in #kisa: /request show R-1").startswith("R-1 FTC asks ACMA: evidence / State: sent")


def test_refused_it_goes_nowhere_and_the_asker_is_told_why(given: Dialogue) -> None:
    given("ana in #ftc: /exhibit release X-1 KISA")
    said = given.said("bea in direct: /exhibit refuse X-1 KISA Not before the hearing.")
    assert said == [
        "direct (to ana) Comity: bea (ACMA) refused: KISA does not get X-1 `lease.txt`. / Why: Not before the hearing.",
        "direct (to bea) Comity: KISA does not get X-1 `lease.txt`.",
    ]
    assert given.told("chin in #kisa: /exhibit show X-1").startswith("There is no X-1 that you may see.")
    assert "Nobody asks any more whether KISA may have X-1." in given.told("bea in direct: /exhibit agree X-1 KISA")
    assert given.said("clock +30d") != []
    assert given.ledger("exhibit:lapsed") == []


def test_without_an_answer_it_lapses_once(given: Dialogue) -> None:
    given("ana in #ftc: /exhibit release X-1 KISA")
    said = [line for line in given.said("clock +20d") if "X-1" in line]
    assert said == ["direct (to ana) Comity: ACMA did not answer in time: KISA does not get X-1 `lease.txt`."]
    assert "Nobody asks any more" in given.told("bea in direct: /exhibit agree X-1 KISA")
    assert given.told("ana in #ftc: /exhibit release X-1 KISA").startswith("ACMA is asked whether KISA may have X-1.")


def test_a_coordinator_of_its_own_agency_agrees_by_asking(given: Dialogue) -> None:
    said = given.said("bea in #acma: /exhibit release X-1 KISA")
    assert said == [
        f"direct (to choi) Comity: bea (ACMA) agreed that KISA may have X-1 `lease.txt`. / {FILE}",
        "#acma (to bea) Comity: KISA gets X-1 `lease.txt`.",
    ]


def test_who_may_not_decide_is_told_who_may(given: Dialogue) -> None:
    given("ana in #ftc: /exhibit release X-1 KISA")
    assert "Only a coordinator of your agency does that." in given.told("bo in #acma: /exhibit agree X-1 KISA")
    own = "X-1 was attached by ACMA: only ACMA can say who else may have it."
    assert given.told("ada in #ftc: /exhibit agree X-1 KISA") == own
    assert given.told("ada in #ftc: /exhibit refuse X-1 KISA") == own
    assert given.told("choi in #kisa: /exhibit agree X-1 KISA").startswith("There is no X-1 that you may see.")
    assert "Only a coordinator" in given.told("dev in #ico: /exhibit agree X-1 ICO")
    assert [entry["tag"] for entry in given.ledger("exhibit:agreed")] == []


def test_what_makes_no_sense_is_refused(given: Dialogue) -> None:
    assert given.told("ana in #ftc: /exhibit release X-1 ICO").startswith("ICO is not on C-1.")
    assert given.told("ana in #ftc: /exhibit release X-1 FTC").startswith("FTC has X-1 already.")
    assert given.told("ana in #ftc: /exhibit release X-1 ACMA").startswith("ACMA has X-1 already.")
    given("ana in #ftc: /exhibit release X-1 KISA")
    assert "was asked for already, for KISA" in given.told("bo in #acma: /exhibit release X-1 KISA")
    assert "There is no agency NSA" in given.told("ana in #ftc: /exhibit release X-1 NSA")
    assert "Usage: `/exhibit release EXHIBIT AGENCY`" in given.told("ana in #ftc: /exhibit release X-1 KISA please")
    assert given.told("zed in #ftc: /exhibit release X-1 KISA").startswith("Nobody has enrolled")


def test_the_other_party_of_a_red_request_asks_for_itself(talk: Dialogue) -> None:
    (talk.folder / "lease.txt").write_bytes(LEASE)
    talk(f"""
        ana in direct: /case open --marking red Pump-and-dump mailing
        ana in direct: /request send ACMA --case C-1 Who rented mailbox 1200?
        bo in #acma thread R-1 attach {talk.folder}/lease.txt
        ana in direct: /exhibit release X-1 FTC
    """)
    assert files(talk) == []
    said = talk.said('bea in direct press "Agree"')
    assert said[0].startswith("direct (to ana) Comity: TLP:RED / bea (ACMA) agreed that FTC may have X-1 `lease.txt`.")
    assert [line for line in said if "#" in line.split(" Comity")[0]] == []
    assert files(talk) == [LEASE]
    assert "[file: X-1-lease.txt, 38 bytes]" in talk.private("ana in direct: /exhibit show X-1")


def test_a_press_after_the_decision_changes_nothing(given: Dialogue) -> None:
    given("ana in #ftc: /exhibit release X-1 KISA")
    given('bea in direct press "Refuse"')
    assert "Nobody asks any more" in given.said('bea in direct press "Agree"')[-1]
    assert given.told("chin in #kisa: /exhibit show X-1").startswith("There is no X-1 that you may see.")
