"""The address of a calendar: who gets one, who ends it, and what the ledger and the records keep of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from commands.calendar import entries
from commands.call import Web
from storage import agencies
from storage.session import transaction
from tests.dialogue import Dialogue, opened

SECRET = "not-to-be-guessed"  # noqa: S105  # it opens nothing


@pytest.fixture
def served(engine: Engine) -> Iterator[Dialogue]:
    """As where COMITY_WEB_URL is set."""
    with opened(engine, Web("https://comity.example", lambda: SECRET)) as talk:
        yield talk


def _entries(talk: Dialogue, code: str) -> list[tuple[str, str, datetime]]:
    with transaction(talk.engine, reading=True) as session:
        agency = agencies.by_code(session, code)
        assert agency is not None
        return [(one.uid, one.title, one.at) for one in entries(session, agency, datetime(2026, 12, 1, 9, tzinfo=UTC))]


def test_the_address_is_given_privately_and_only_its_sum_is_kept(served: Dialogue) -> None:
    said = served.told("ana in #ftc: /digest calendar")
    assert said.startswith(
        f"FTC's due times: `https://comity.example/calendar/{SECRET}.ics` / Whoever has this address"
    )
    with transaction(served.engine, reading=True) as session:
        kept = [session.execute(text(f"SELECT * FROM {table}")).all() for table in ("feed", "ledger")]
    assert SECRET not in str(kept)


def test_revoking_ends_all_of_them(served: Dialogue) -> None:
    served("ana in direct: /digest calendar")
    assert served.told("ada in #ftc: /digest calendar --revoke") == "Done: 1 address reads nothing any more."
    assert served.told("ada in #ftc: /digest calendar --revoke") == "FTC has no such address."


def test_where_nothing_is_served_it_says_what_the_operator_sets(talk: Dialogue) -> None:
    assert "The operator sets `COMITY_WEB_URL`" in talk.told("ana in #ftc: /digest calendar")


def test_a_stranger_gets_none(served: Dialogue) -> None:
    assert "Nobody has enrolled" in served.told("zed in #ftc: /digest calendar")


def test_what_stands_in_it_for_whom(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 These words stand nowhere
        ana in #ftc: /request send ACMA --case C-1 --kind preserve Keep the logs
        ana in direct: /case open --marking red Quiet matter
        ana in direct: /request send ACMA --case C-2 Secret
        bo in #acma: /request answer R-2 --kept-until 2027-03-01 Kept.
        choi in #kisa: /case open Fake shops
        choi in #kisa: /request send ICO --case C-3 Whose domain?
    """)
    due = datetime(2026, 12, 15, 6, tzinfo=UTC)
    assert _entries(talk, "FTC") == [
        ("R-1-due", "R-1: ACMA owes us an answer (evidence, sent)", due),
        ("R-2-kept", "R-2: ACMA keeps the data until now", datetime(2027, 3, 1, 6, tzinfo=UTC)),
        ("R-3-due", "R-3 is due (sent)", due),
    ]
    assert _entries(talk, "ACMA") == [
        ("R-1-due", "R-1: we owe FTC an answer (evidence, sent)", due),
        ("R-3-due", "R-3 is due (sent)", due),
    ]
    assert [uid for uid, _title, _at in _entries(talk, "ICO")] == ["R-4-due"]


def test_what_is_answered_disappears_and_what_is_extended_moves(talk: Dialogue) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 Who called?
        ana in #ftc: /request extend R-1 --due 2026-12-21
    """)
    assert [at for _uid, _title, at in _entries(talk, "FTC")] == [datetime(2026, 12, 21, 6, tzinfo=UTC)]
    talk("bo in #acma: /request answer R-1 Example Pty Ltd.")
    assert _entries(talk, "FTC") == []
