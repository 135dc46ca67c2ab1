"""Exhibits are kept for as long as their case says, and destroyed afterwards by a command that says who and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import exports
from storage.session import transaction
from tests.dialogue import Dialogue

LEASE = b"The mailbox was rented on 3 May 2026.\n"
DESTROYED = "X-1 `lease.txt` is destroyed. Its SHA-256 and its chain of custody stay."


@pytest.fixture
def given(talk: Dialogue) -> Dialogue:
    (talk.folder / "lease.txt").write_bytes(LEASE)
    talk(f"""
        ana in #ftc: /case open Pump-and-dump mailing
        ana in #ftc thread C-1: !request send ACMA Who rented mailbox 1200?
        bo in #acma thread R-1 attach {talk.folder}/lease.txt
    """)
    return talk


def close(talk: Dialogue) -> None:
    talk("""
        bo in #acma thread R-1: !answer See the lease.
        ana in #ftc thread R-1: !close
        ana in #ftc: /case close --case C-1 Fined.
    """)


def kept_in(talk: Dialogue) -> list[Path]:
    return [path for path in (talk.folder / "vault").glob("??/*") if path.is_file()]


def test_it_is_destroyed_once_its_day_is_over(given: Dialogue) -> None:
    told = "[C-1] Comity: ana (FTC) has exhibits kept until Thu 31 Dec 2026 in C-1."
    said = given.news("ana in #ftc: /case keep 2026-12-31 --case C-1")
    assert said == [f"{place} {told}" for place in ("#ftc", "#acma")]
    assert "Exhibits kept until: Thu 31 Dec 2026" in given.root("#acma", "C-1")
    close(given)
    given("clock 2026-12-31T20:00-05:00")
    assert given.told("bea in #acma: /exhibit destroy X-1 Over.") == (
        "The exhibits of C-1 are kept until Thu 31 Dec 2026."
    )
    given("clock 2027-01-01T00:01-05:00")
    assert given.told("bea in #acma: /exhibit destroy X-1 Kept as long as the law says.") == DESTROYED
    assert kept_in(given) == []
    shown = given.private("ana in #ftc: /exhibit show X-1")
    assert "State: destroyed" in shown
    assert "destroyed by bea (ACMA), Kept as long as the law says.; link `" in shown
    assert "[file" not in shown
    assert [entry["tag"] for entry in given.ledger("exhibit:destroyed")] == ["exhibit:destroyed"]
    told = given.told("ana in #ftc: /exhibit verify X-1")
    assert told == "X-1 was destroyed. / `/exhibit show X-1` says by whom and why."


def test_the_bytes_stay_while_another_exhibit_has_them(given: Dialogue) -> None:
    given(f"bo in #acma thread R-1 attach {given.folder}/lease.txt")
    given("ana in #ftc: /case keep 2026-12-02 --case C-1")
    close(given)
    given("clock +5d")
    given("bea in #acma: /exhibit destroy X-1 Over.")
    assert len(kept_in(given)) == 1
    assert "is what was received" in given.said("bea in #acma: /exhibit verify X-2")[-1]
    given("bea in #acma: /exhibit destroy X-2 Over.")
    assert kept_in(given) == []


def test_an_export_that_holds_it_goes_with_it(given: Dialogue) -> None:
    """What is destroyed must not lie on in a zip; who has been given one keeps it."""
    (given.folder / "other.txt").write_bytes(b"Another.")
    given(f"bo in #acma thread R-1 attach {given.folder}/other.txt")
    given("""
        ana in #ftc: /case export C-1
        ana in #ftc: /case keep 2026-12-02 --case C-1
    """)
    assert len(kept_in(given)) == 3
    close(given)
    given("clock +5d")
    given("bea in #acma: /exhibit destroy X-1 Over.")
    [left] = kept_in(given)
    assert left.read_bytes() == b"Another."
    with transaction(given.engine, reading=True) as session:
        assert exports.in_vault(session) == {}
    assert "comes directly to you" in given.said("ana in #ftc: /case export C-1")[0]
    assert len(kept_in(given)) == 2


def test_nobody_destroys_what_is_to_be_kept(given: Dialogue) -> None:
    assert given.told("bea in #acma: /exhibit destroy X-1 Over.") == "C-1 is open: its exhibits are kept."
    close(given)
    assert given.told("bea in #acma: /exhibit destroy X-1 Over.") == (
        "C-1 does not say until when its exhibits are kept. / FTC can type `/case keep DATE --case C-1`."
    )
    assert len(kept_in(given)) == 1


def test_only_a_coordinator_of_whoever_attached_it_destroys(given: Dialogue) -> None:
    given("ana in #ftc: /case keep 2026-12-02 --case C-1")
    close(given)
    given("clock +5d")
    assert "Only a coordinator" in given.told("bo in #acma: /exhibit destroy X-1 Over.")
    assert given.told("ada in #ftc: /exhibit destroy X-1 Over.") == (
        "X-1 was attached by ACMA: only ACMA can destroy it."
    )
    assert given.told("choi in #kisa: /exhibit destroy X-1 Over.").startswith("There is no X-1 that you may see.")
    assert "Why? Write it here" in given.said("bea in #acma: /exhibit destroy X-1")[-1]
    assert len(kept_in(given)) == 1


def test_only_the_agency_that_opened_the_case_says_how_long(given: Dialogue) -> None:
    assert given.told("bo in #acma: /case keep 2030-01-01 --case C-1").startswith("C-1 was opened by FTC")
    assert given.told("ana in #ftc: /case keep 2020-01-01 --case C-1") == "Wed 1 Jan 2020 is past."
    for wrong in ("tomorrow", "2026-13-01", "2026-12-01..2026-12-02"):
        assert given.told(f"ana in #ftc: /case keep {wrong} --case C-1").startswith("That is no date.")
