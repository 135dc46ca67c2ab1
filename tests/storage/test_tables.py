"""What no handler may do, however wrong it is: the database itself refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, select

from storage import cases, digests, outbox, replies, requests, threads
from storage.rows import add, add_all, table_of
from storage.session import transaction
from storage.tables import Agency, ArrivalRow, ArrivalState, Desk, Event, Letter, LetterKind, LetterState, Thread
from storage.words import Place, Reason, State, Step
from tests import common
from tests.common import NOW, Party, undone


class World(NamedTuple):
    session: Session
    ftc: Party
    acma: Party
    case: int
    request: int
    thread: int


def _world(session: Session) -> World:
    ftc, acma = common.party(session, "FTC"), common.party(session, "ACMA")
    case = common.case(session, ftc, [acma])
    request = common.request(session, case, ftc, acma)
    return World(session, ftc, acma, case, request, threads.begin(session, Place("local:ftc"), request_id=request))


def _set(world: World, table: str, **values: Any) -> None:
    changes = ", ".join(f"{name} = :{name}" for name in values)
    world.session.execute(text(f'UPDATE "{table}" SET {changes}'), values)


def _event(world: World, **values: Any) -> None:
    by = {"agency_id": world.ftc.agency, "officer_id": world.ftc.officer}
    add(world.session, Event, **({"case_id": world.case, "tag": "case:noted", "at": NOW} | by | values))


def _letter(world: World, **values: Any) -> None:
    outbox.post(world.session, [{"kind": LetterKind.POST, "place": "local:ftc", "body": "{}"} | values], NOW)


def _arrival(world: World, **values: Any) -> None:
    usual = {"key": "k", "place": "local:ftc", "message": "1", "at": NOW}
    add(world.session, ArrivalRow, **(usual | values))


def _another_case(world: World) -> int:
    return common.case(world.session, world.acma)


REFUSED: dict[str, Callable[[World], object]] = {
    "a code in small letters": lambda it: common.party(it.session, "Ico"),
    "an officer of another agency opens a case": lambda it: _set(it, "case", officer_id=it.acma.officer),
    "an officer of another agency sends a request": lambda it: _set(it, "request", officer_id=it.acma.officer),
    "an officer of another agency handles a request": lambda it: _set(it, "request", handler_id=it.ftc.officer),
    "an officer of another agency takes a step": lambda it: _set(it, "event", officer_id=it.acma.officer),
    "an officer of another agency replies": lambda it: replies.keep(
        it.session, "words", NOW, request_id=it.request, agency_id=it.ftc.agency, officer_id=it.acma.officer,
        place="local:ftc", message="1", thread_id=it.thread,
    ),
    "an officer of another agency is given a digest": lambda it: digests.given(
        it.session, it.ftc.agency, it.acma.officer, "local:ftc", NOW, (0, "")
    ),
    "an agency asks itself": lambda it: _set(it, "request", asked_id=it.ftc.agency),
    "a proposed length without a proposed time": lambda it: _set(it, "request", proposed_due_spec="10wd"),
    "a case is closed without an outcome": lambda it: _set(it, "case", closed_at=NOW.isoformat()),
    "an event of a request in another case": lambda it: _set(it, "event", case_id=_another_case(it)),
    "a step without a request": lambda it: _event(it, step=Step.ACK),
    "a state without a request": lambda it: _event(it, state=State.SENT),
    "a number without a request": lambda it: _event(it, number=1),
    "an event number twice": lambda it: _event(
        it, request_id=it.request, number=1, step=Step.ACK, state=State.ACKNOWLEDGED
    ),
    "an event before the first": lambda it: _event(
        it, request_id=it.request, number=0, step=Step.ACK, state=State.ACKNOWLEDGED
    ),
    "declined without a reason": lambda it: _event(
        it, request_id=it.request, number=2, step=Step.DECLINE, state=State.DECLINED
    ),
    "a reason without declining": lambda it: _event(
        it, request_id=it.request, number=2, step=Step.ACK, state=State.ACKNOWLEDGED, reason=Reason.MINOR
    ),
    "a word that is none": lambda it: _set(it, "request", marking="PURPLE"),
    "a second desk": lambda it: add_all(
        it.session,
        Desk,
        [
            {"agency_id": it.ftc.agency, "place": place, "shared": False, "set_at": NOW}
            for place in ("local:a", "local:b")
        ],
    ),
    "a second root in one place": lambda it: threads.begin(it.session, Place("local:ftc"), request_id=it.request),
    "a case's second root in one place": lambda it: [
        threads.begin(it.session, Place("local:ftc"), case_id=it.case) for _ in range(2)
    ],
    "a thread of nothing": lambda it: threads.begin(it.session, Place("local:ftc")),
    "a thread of two": lambda it: threads.begin(it.session, Place("local:b"), case_id=it.case, request_id=it.request),
    "a letter to nowhere": lambda it: _letter(it, place=None),
    "a private letter to nobody": lambda it: _letter(it, kind=LetterKind.PRIVATE),
    "a public letter to someone": lambda it: _letter(it, addressee="local:ana"),
    "a root without a thread": lambda it: _letter(it, kind=LetterKind.ROOT),
    "a second root letter of a thread": lambda it: outbox.post(
        it.session, [{"kind": LetterKind.ROOT, "place": "local:a", "thread_id": it.thread, "body": "{}"}] * 2, NOW
    ),
    "an edit of nothing": lambda it: _letter(it, kind=LetterKind.EDIT),
    "an edit of no letter of ours": lambda it: _letter(it, kind=LetterKind.EDIT, edits_id=99),
    "a letter without words": lambda it: _letter(it, body=None),
    "words that outlive their delivery": lambda it: _letter(it, state=LetterState.DELIVERED),
    "an arrival that waits without words": lambda it: _arrival(it, state=ArrivalState.WAITING),
    "words that outlive what was done with them": lambda it: _arrival(it, state=ArrivalState.DONE, payload="{}"),
}  # fmt: skip


@pytest.mark.parametrize("deed", REFUSED)
def test_it_is_refused(engine: Engine, deed: str) -> None:
    with undone(engine) as session:
        world = _world(session)
        with pytest.raises(IntegrityError):
            REFUSED[deed](world)


def test_a_state_that_no_event_led_to_is_refused_at_the_commit(engine: Engine) -> None:
    def forge() -> None:
        with transaction(engine) as session:
            _set(_world(session), "request", state=State.CLOSED)

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        forge()
    with transaction(engine) as session:
        world = _world(session)
        request = requests.by_id(session, world.request)
        requests.take_step(session, request, Step.ACK, "request:acked", State.ACKNOWLEDGED, world.acma, NOW)
    with transaction(engine, reading=True) as session:
        assert requests.by_id(session, world.request).state is State.ACKNOWLEDGED


def test_a_root_may_stand_again_where_one_was_moved_away(engine: Engine) -> None:
    with undone(engine) as session:
        world = _world(session)
        threads.move_away(session, session.get_one(Thread, world.thread), NOW)
        again = threads.begin(session, Place("local:ftc"), request_id=world.request)
        assert [thread.id for thread in threads.of_request(session, world.request)] == [again]


def test_every_row_refers_to_rows_that_are() -> None:
    """Whatever refers to another table does so in the database's own words."""
    referring = {"agency_id", "officer_id", "case_id", "request_id", "thread_id", "reply_id", "letter_id", "handler_id"}
    for entity in SQLModel.__subclasses__():
        table = table_of(entity)
        said = {column.name for constraint in table.foreign_key_constraints for column in constraint.columns}
        assert {column.name for column in table.columns} & referring <= said, table.name


def test_a_column_that_is_none_is_refused(engine: Engine) -> None:
    with undone(engine) as session, pytest.raises(KeyError, match="colour"):
        add(session, Agency, colour="red")


def test_rows_are_kept_in_the_order_in_which_they_are_given(engine: Engine) -> None:
    with undone(engine) as session:
        outbox.post(session, [{"kind": LetterKind.POST, "place": "local:a", "body": str(n)} for n in range(1200)], NOW)
        session.expunge_all()
        bodies = session.execute(text("SELECT body FROM outbox ORDER BY id")).scalars().all()
        assert bodies == [str(number) for number in range(1200)]


def test_removed_and_added_again_is_on_the_case_with_its_own_reference(engine: Engine) -> None:
    with undone(engine) as session:
        world = _world(session)
        row = cases.on_case(session, world.case)[world.acma.agency]
        row.their_ref, row.removed_at = "ACMA/7", NOW
        session.flush()
        assert world.acma.agency not in cases.on_case(session, world.case)
        cases.join(session, world.case, world.acma.agency, NOW)
        assert cases.on_case(session, world.case)[world.acma.agency].their_ref == "ACMA/7"


def test_letters_are_read_as_they_were_written(engine: Engine) -> None:
    with undone(engine) as session:
        _letter(_world(session), kind=LetterKind.PRIVATE, addressee="local:ana", place=None)
        [letter] = session.exec(select(Letter))
        assert (letter.kind, letter.state) == (LetterKind.PRIVATE, LetterState.WAITING)
