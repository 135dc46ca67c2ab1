"""What a transaction has read is not read again, and never outlives what it was read from."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from storage import agencies, cases
from storage.statement import savepoint
from storage.words import Place
from tests import common
from tests.common import NOW, undone
from tests.tap import tapped

PLACE = Place("local:ftc")


def test_a_place_is_asked_for_its_readers_once(engine: Engine) -> None:
    made: list[str] = []
    with tapped(engine, lambda sql, *_: made.append(sql)), undone(engine) as session:
        ftc = common.party(session)
        common.desk(session, ftc, PLACE)
        made.clear()
        for _ in range(3):
            assert agencies.readers(session, PLACE) == {ftc.agency: True}
        assert len(made) == 1


def test_a_desk_that_moves_is_seen_at_once(engine: Engine) -> None:
    with undone(engine) as session:
        ftc = common.party(session)
        assert agencies.readers(session, PLACE) == {}
        assert agencies.desk_of(session, ftc.agency) is None
        common.desk(session, ftc, PLACE)
        assert agencies.readers(session, PLACE) == {ftc.agency: True}
        common.desk(session, ftc, "local:elsewhere")
        assert agencies.readers(session, PLACE) == {}
        assert agencies.desk_of(session, ftc.agency) == "local:elsewhere"


def test_who_comes_to_a_case_and_goes_is_seen_at_once(engine: Engine) -> None:
    with undone(engine) as session:
        ftc, acma = common.parties(session, 2)
        case = common.case(session, ftc)
        assert list(cases.agencies_on(session, case)) == [ftc.agency]
        cases.join(session, case, acma.agency, NOW)
        assert list(cases.agencies_on(session, case)) == [ftc.agency, acma.agency]
        cases.on_case(session, case)[acma.agency].removed_at = NOW
        session.flush()
        assert list(cases.agencies_on(session, case)) == [ftc.agency]


def test_an_agency_that_is_changed_is_seen_at_once(engine: Engine) -> None:
    with undone(engine) as session:
        assert agencies.by_code(session, "FTC") is None
        ftc = common.party(session, "FTC")
        found = agencies.by_code(session, "FTC")
        assert found is not None
        assert found.id == ftc.agency
        found.code = "FCC"
        session.flush()
        assert agencies.by_code(session, "FTC") is None


def test_what_was_undone_was_never_read(engine: Engine) -> None:
    def seat_and_fail(session: Session) -> None:
        with savepoint(session):
            common.desk(session, common.party(session), PLACE)
            assert agencies.readers(session, PLACE) != {}
            raise RuntimeError

    with undone(engine) as session:
        with pytest.raises(RuntimeError):
            seat_and_fail(session)
        assert agencies.readers(session, PLACE) == {}
