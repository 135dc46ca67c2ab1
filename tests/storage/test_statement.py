"""A statement that is made once gives what SQLAlchemy would give, raises what it would raise, and forgets nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, bindparam, delete, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from storage import agencies, requests
from storage.rows import add, table_of
from storage.statement import Statement, object_of, savepoint
from storage.tables import Agency, Desk, Request, Setting, Thread
from storage.words import Place
from tests import common
from tests.common import NOW, undone

_NAMED = Statement(select(Setting.value).where(Setting.name == bindparam("name")))
_BY_ID = Statement(select(Request).where(Request.id == bindparam("request")))


def test_a_row_reads_as_the_session_reads_it(engine: Engine) -> None:
    with undone(engine) as session:
        number = _request(session)
        found = _BY_ID.one(session, request=number)
        read = session.get_one(Request, number)
        assert found == tuple(getattr(read, name) for name in Request.model_fields)


def test_an_object_is_the_session_s_own_and_what_is_changed_in_it_is_written(engine: Engine) -> None:
    with undone(engine) as session:
        number = _request(session)
        request = requests.by_id(session, number)
        assert session.get_one(Request, number) is request
        request.asking_ref = "FTC-7"
        assert requests.by_id(session, number).asking_ref == "FTC-7"
        session.flush()
        assert _BY_ID.one(session, request=number) == tuple(getattr(request, name) for name in Request.model_fields)


def test_what_no_row_answers_is_none(engine: Engine) -> None:
    with undone(engine) as session:
        assert _NAMED.one(session, name="nothing") is None
        assert _NAMED.scalar(session, name="nothing") is None
        assert _NAMED.all(session, name="nothing") == []


@pytest.mark.parametrize("values", [{}, {"nam": "x"}, {"name": "x", "more": "y"}])
def test_a_value_that_is_missing_or_unknown_is_refused(engine: Engine, values: dict[str, str]) -> None:
    with undone(engine) as session, pytest.raises(KeyError):
        _NAMED.all(session, **values)


def test_errors_are_sqlalchemy_s_without_the_values(engine: Engine) -> None:
    with undone(engine) as session:
        add(session, Setting, name="secret", value="words of somebody")
        with pytest.raises(IntegrityError) as refused:
            add(session, Setting, name="secret", value="words of somebody")
        assert refused.value.params is None
        assert "words of somebody" not in str(refused.value)


def test_a_row_is_given_its_own_key(engine: Engine) -> None:
    with undone(engine) as session:
        first, second = (common.party(session, code).agency for code in ("FTC", "ACMA"))
        assert first < second
        read = session.get_one(Agency, second)
        assert read.code == "ACMA"


def test_several_rows_are_written_in_their_order(engine: Engine) -> None:
    with undone(engine) as session:
        case = common.case(session, common.party(session))
        places = [f"local:{number}" for number in (3, 1, 2)]
        rows = [{"place": place, "case_id": case, "request_id": None, "moved_at": None} for place in places]
        Statement(insert(table_of(Thread))).run_each(session, rows)
        assert session.exec(select(Thread.place).order_by(col(Thread.id))).all() == places


def test_what_is_deleted_is_gone(engine: Engine) -> None:
    with undone(engine) as session:
        add(session, Setting, name="rehearsal", value="yes")
        Statement(delete(Setting).where(col(Setting.name) == bindparam("gone"))).run(session, {"gone": "rehearsal"})
        assert _NAMED.one(session, name="rehearsal") is None


def test_a_savepoint_takes_back_what_was_written_and_what_was_read(engine: Engine) -> None:
    with undone(engine) as session:
        ftc = session.get_one(Agency, common.party(session, "FTC").agency)
        with pytest.raises(ZeroDivisionError):
            _change_and_fail(session, ftc)
        assert ftc.name != "Another name"
        assert agencies.by_code(session, "ACMA") is None
        assert agencies.readers(session, Place("local:ftc")) == {}


def _change_and_fail(session: Session, ftc: Agency) -> None:
    with savepoint(session):
        ftc.name = "Another name"
        session.flush()
        add(session, Desk, agency_id=ftc.id, place="local:ftc", shared=False, set_at=NOW)
        common.party(session, "ACMA")
        assert agencies.readers(session, Place("local:ftc")) != {}
        raise ZeroDivisionError


def test_an_inner_savepoint_leaves_the_outer_one_whole(engine: Engine) -> None:
    with undone(engine) as session:
        with savepoint(session):
            add(session, Setting, name="kept", value="yes")
            with pytest.raises(ZeroDivisionError):
                _write_and_fail(session)
        assert _NAMED.scalar(session, name="kept") == "yes"
        assert _NAMED.scalar(session, name="lost") is None


def _write_and_fail(session: Session) -> None:
    with savepoint(session):
        add(session, Setting, name="lost", value="yes")
        raise ZeroDivisionError


def test_what_was_known_before_is_not_read_over(engine: Engine) -> None:
    """As with any query: the session's own object keeps what was changed in it and is not written yet."""
    with undone(engine) as session:
        agency = session.get_one(Agency, common.party(session, "FTC").agency)
        agency.name = "Not written yet"
        row = tuple(vars(agency)[name] for name in Agency.model_fields)
        assert object_of(session, Agency, row) is agency
        assert agency.name == "Not written yet"


def _request(session: Session) -> int:
    ftc, acma = common.parties(session, 2)
    return common.request(session, common.case(session, ftc, [ftc, acma]), ftc, acma, due_at=NOW)
