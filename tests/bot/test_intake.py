"""What comes in is entered once, in order, or not at all, and whoever wrote it knows which."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import StringIO

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as AnySession
from sqlmodel import Session, col, select

from bot.intake import SHARED, Intake
from bot.local import find
from bot.local.script import START
from bot.logs import OneLine
from bot.text import render
from commands.arrival import Arrival, message_key
from commands.desk import Desk
from commands.message import Message, from_json
from commands.refusals import BROKEN, BUSY, set_aside
from storage import accounts
from storage.session import BUSY_MS, connect, transaction
from storage.tables import ArrivalRow, ArrivalState, Case, Event, Letter, LetterKind, ReplyRevision
from storage.words import Address, Place
from tests import state
from tests.dialogue import Dialogue
from tests.faults import at_the_wire, full, locked, read_only

ANA, BO, BEA = Address("local:ana"), Address("local:bo"), Address("local:bea")
FTC, ACMA, OPERATORS = Place("local:ftc"), Place("local:acma"), Place("local:operators")
DESK = Desk(lambda: bytes(16), OPERATORS)

PATIENCE = 20
"""Seconds after which what never comes is missed: many more than it takes."""

Answer = Message | None

on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def _written(talk: Dialogue, *texts: str, person: Address = ANA, place: Place = FTC) -> list[Arrival]:
    return [talk.house.rooms.post(person, place, words, START) for words in texts]


def _take(engine: Engine, *arrivals: Arrival, desk: Desk = DESK) -> list[Answer]:
    """They wait together: all were brought before the intake begins."""
    intake = Intake(engine, desk)
    answers = [intake.submit(arrival, START) for arrival in arrivals]
    with intake:
        return [answer.result(PATIENCE) for answer in answers]


def _words(answer: Answer) -> str:
    return "" if answer is None else render(answer)


def _titles(engine: Engine) -> list[str]:
    with transaction(engine, reading=True) as session:
        return list(session.exec(select(Case.title).order_by(col(Case.id))))


def _letters_to(engine: Engine, address: Address) -> list[str]:
    with transaction(engine, reading=True) as session:
        query = select(Letter.body).where(Letter.addressee == address, Letter.kind == LetterKind.PRIVATE)
        return [render(from_json(body)) for body in session.exec(query.order_by(col(Letter.id))) if body is not None]


# Once


@pytest.fixture
def asked(talk: Dialogue) -> Dialogue:
    """R-1, of FTC to ACMA, in C-1."""
    talk("""
    ana in #ftc: /case open Pump-and-dump mailing
    ana in #ftc thread C-1: !request send ACMA Who holds the mailbox?
    """)
    return talk


@pytest.fixture
def of_every_kind(asked: Dialogue) -> list[Arrival]:
    """One of each that is entered in a way of its own."""
    rooms = asked.house.rooms
    found = find.button_in(rooms, BO, ACMA, "Acknowledge")
    assert found is not None
    root, acknowledge = found
    reply, late = (rooms.post(BO, ACMA, words, START, root=root.id) for words in ("Opened on 3 May.", "On 5 May."))
    return [
        *_written(asked, "/case open Phishing", "/case opem Phishing", "/case list", "good morning"),
        *_written(asked, "/case open", "The answer to what is the title"),
        reply,
        rooms.edit(BO, reply.message, "Opened on 4 May."),
        rooms.delete(BO, reply.message),
        rooms.edit(BO, late.message, "This waits for its original."),
        rooms.post(Address("local:zed"), ACMA, "I know the mailbox.", START, root=root.id),
        rooms.press(BO, root.id, acknowledge),
        rooms.press(BO, root.id, acknowledge),
        rooms.react(BO, root.id, ":check:"),
    ]


def test_the_same_arrival_twice_changes_nothing(talk: Dialogue, of_every_kind: list[Arrival]) -> None:
    _take(talk.engine, *of_every_kind)
    once = state.kept(talk.engine)
    assert _take(talk.engine, *of_every_kind) == [None] * len(of_every_kind)
    for arrival in of_every_kind:
        _take(talk.engine, arrival)
    assert state.kept(talk.engine) == once


def test_what_two_bring_at_once_is_entered_once(talk: Dialogue, of_every_kind: list[Arrival]) -> None:
    before = state.kept(talk.engine)
    _take(talk.engine, *of_every_kind)
    once = state.kept(talk.engine)
    state.put_back(talk.engine, before, once)
    with _another(talk.engine) as engine, Intake(engine, DESK) as one, Intake(talk.engine, DESK) as other:
        answers = [intake.submit(arrival, START) for arrival in of_every_kind for intake in (one, other)]
        assert [answer.result(PATIENCE) for answer in answers] == [None] * len(answers)
    assert state.kept(talk.engine) == once


@contextmanager
def _another(engine: Engine) -> Iterator[Engine]:
    """What another process has: its own connections to the same database."""
    other = connect(engine.url.render_as_string(hide_password=False))
    try:
        yield other
    finally:
        other.dispose()


@pytest.mark.parametrize("processes", [1, 2])
def test_of_two_at_once_one_takes_the_step_and_the_other_is_told_which_are_open(
    asked: Dialogue, processes: int
) -> None:
    asked("\n".join(f"ana in #ftc thread C-1: !request send ACMA Question {number}?" for number in range(2, 9)))
    _of_two_at_once(asked, processes, requests=8)
    with transaction(asked.engine, reading=True) as session:
        acked = session.exec(select(Event.request_id).where(Event.tag == "request:acked")).all()
        assert sorted(acked, key=str) == list(range(1, 9))
    refusals = _letters_to(asked.engine, BO) + _letters_to(asked.engine, BEA)
    assert len(refusals) == 8
    for number in range(1, 9):
        (refusal,) = (refusal for refusal in refusals if f"R-{number} is" in refusal)
        assert f"R-{number} is acknowledged: the step ack is not open to ACMA now. Open now:" in refusal
        assert "- ACMA: clarify, answer, decline, extend, assign" in refusal
        assert "- FTC: extend, withdraw" in refusal


def _of_two_at_once(talk: Dialogue, processes: int, *, requests: int) -> None:
    """Bo and bea acknowledge each request at the same moment, through one intake or each through their own."""
    lines = [f"/request ack R-{number}" for number in range(1, requests + 1)]
    of_bo = _written(talk, *lines, person=BO, place=ACMA)
    of_bea = _written(talk, *lines, person=BEA, place=ACMA)
    both = threading.Barrier(2)

    def acknowledge(intake: Intake, arrivals: list[Arrival]) -> None:
        for arrival in arrivals:
            both.wait(PATIENCE)
            assert intake.submit(arrival, START).result(PATIENCE) is None

    with _another(talk.engine) as engine, Intake(talk.engine, DESK) as one, Intake(engine, DESK) as other:
        with ThreadPoolExecutor() as people:
            done = [
                people.submit(acknowledge, one, of_bo),
                people.submit(acknowledge, other if processes == 2 else one, of_bea),
            ]
        for one_done in done:
            one_done.result()


# Together


def test_those_who_wait_at_once_share_commits_and_are_entered_in_order(talk: Dialogue) -> None:
    arrivals = _written(talk, *(f"/case open Mailing {number}" for number in range(SHARED + 36)))
    commits: list[Connection] = []
    with at_the_wire(talk.engine, "commit", commits.append):
        assert _take(talk.engine, *arrivals) == [None] * len(arrivals)
    assert len(commits) == 2
    assert _titles(talk.engine) == [f"Mailing {number}" for number in range(len(arrivals))]


def test_whoever_was_brought_before_the_end_is_answered(talk: Dialogue) -> None:
    arrivals = _written(talk, *(f"/case open Mailing {number}" for number in range(5)))
    with Intake(talk.engine, DESK) as intake:
        answers = [intake.submit(arrival, START) for arrival in arrivals]
    assert [answer.result(0) for answer in answers] == [None] * 5
    assert len(_titles(talk.engine)) == 5


def test_what_was_taken_back_before_its_turn_is_not_performed(talk: Dialogue) -> None:
    first, second = _written(talk, "/case open Left", "/case open Stayed")
    intake = Intake(talk.engine, DESK)
    gone, stayed = intake.submit(first, START), intake.submit(second, START)
    assert gone.cancel()
    with intake:
        assert stayed.result(PATIENCE) is None
    assert _titles(talk.engine) == ["Stayed"]


@dataclass(frozen=True)
class Halting(Desk):
    """Stops before its work until it is let on."""

    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def take(self, session: Session, arrival: Arrival, now: datetime) -> None:
        self.begun.set()
        assert self.go.wait(PATIENCE)
        super().take(session, arrival, now)


async def test_who_goes_away_meanwhile_leaves_the_others_an_intake(talk: Dialogue) -> None:
    first, second = _written(talk, "/case open Left", "/case open Stayed")
    desk = Halting(DESK.salt)
    with Intake(talk.engine, desk) as intake:
        gone = asyncio.create_task(intake.take(first, START))
        assert await asyncio.to_thread(desk.begun.wait, PATIENCE)
        gone.cancel()
        desk.go.set()
        assert await asyncio.wait_for(intake.take(second, START), PATIENCE) is None
    assert gone.cancelled()
    assert _titles(talk.engine) == ["Left", "Stayed"]


# Poison


@dataclass(frozen=True)
class Stumbling(Desk):
    """Has done all of its work when a text in `over` makes it fall, so many times."""

    over: dict[str, int] = field(default_factory=dict)

    def take(self, session: Session, arrival: Arrival, now: datetime) -> None:
        super().take(session, arrival, now)
        if self.over.get(arrival.text, 0) > 0:
            self.over[arrival.text] -= 1
            raise RuntimeError(arrival.text)


@dataclass(frozen=True)
class Spoiling(Desk):
    """Leaves something behind that the database refuses at the commit only: a request in a state without its event."""

    over: str = ""

    def take(self, session: Session, arrival: Arrival, now: datetime) -> None:
        super().take(session, arrival, now)
        if arrival.text == self.over:
            session.execute(text("UPDATE request SET number = number + 1"))


POISON = "/case open Poison"


@pytest.mark.parametrize(
    "desk",
    [
        Stumbling(DESK.salt, OPERATORS, {POISON: 1000}),
        Spoiling(DESK.salt, OPERATORS, POISON),
    ],
    ids=["it raises", "its commit is refused"],
)
@pytest.mark.parametrize("position", [0, 3])
def test_what_fails_three_times_is_set_aside_and_its_writer_told(asked: Dialogue, desk: Desk, position: int) -> None:
    texts = [f"/case open Mailing {number}" for number in range(5)]
    texts.insert(position, POISON)
    arrivals = _written(asked, *texts)
    assert _take(asked.engine, *arrivals, desk=desk) == [None] * 6
    assert _titles(asked.engine)[1:] == [f"Mailing {number}" for number in range(5)]
    with transaction(asked.engine, reading=True) as session:
        (aside,) = session.exec(select(ArrivalRow).where(ArrivalRow.state == ArrivalState.SET_ASIDE))
        assert (aside.key, aside.attempts) == (arrivals[position].key, 3)
        assert POISON not in str(aside.error)
        (alarm,) = session.exec(select(Letter.body).where(Letter.place == OPERATORS))
    assert f"Set aside: arrival {arrivals[position].key}." in render(from_json(str(alarm)))
    assert _letters_to(asked.engine, ANA) == [render(set_aside())]
    before = state.kept(asked.engine)
    assert _take(asked.engine, arrivals[position]) == [None]
    assert state.kept(asked.engine) == before


def test_what_fails_twice_is_entered_at_the_third_try(talk: Dialogue) -> None:
    desk = Stumbling(DESK.salt, OPERATORS, {POISON: 2})
    assert _take(talk.engine, *_written(talk, POISON), desk=desk) == [None]
    assert _titles(talk.engine) == ["Poison"]
    with transaction(talk.engine, reading=True) as session:
        row = session.exec(select(ArrivalRow)).one()
        assert (row.state, row.payload, row.error) == (ArrivalState.DONE, None, None)
    assert _letters_to(talk.engine, ANA) == []


def test_answers_come_in_the_order_of_arrival(talk: Dialogue) -> None:
    """Whoever acknowledges the last one acknowledges all before it."""
    arrivals = _written(talk, POISON, "/case open One", POISON, "/case open Two")
    intake = Intake(talk.engine, Stumbling(DESK.salt, OPERATORS, {POISON: 1000}))
    answered: list[Future[Answer]] = []
    submitted = [intake.submit(arrival, START) for arrival in arrivals]
    for answer in submitted:
        answer.add_done_callback(answered.append)
    with intake:
        pass
    assert answered == submitted


@on_postgresql
def test_what_cannot_even_be_set_aside_harms_no_other(talk: Dialogue) -> None:
    """SQLite takes an id of any length."""
    good, bad, better = _written(talk, "/case open Good", POISON, "/case open Better")
    number = "9" * 300
    bad = replace(bad, message=number, key=message_key(FTC, number))
    answers = _take(talk.engine, good, bad, better)
    assert [_words(answer).startswith(BROKEN) for answer in answers] == [False, True, False]
    assert _titles(talk.engine) == ["Good", "Better"]


@on_sqlite
@pytest.mark.parametrize(
    ("first", "desk"),
    [
        ("/request send ICO --case C-1 Mr Smith", Stumbling(DESK.salt, OPERATORS, {POISON: 1000})),
        ("/request send ICO,ACMA --case C-1 --due 2026-12-01 Mr Smith", DESK),
    ],
    ids=["it raised", "it was refused"],
)
def test_nobody_reads_what_was_rolled_back(asked: Dialogue, first: str, desk: Desk) -> None:
    """The same key comes twice, and whatever Python has not yet let go of may be found under it."""
    if isinstance(desk, Stumbling):
        desk.over[first] = 1000
    known: list[object] = []
    with at_the_wire(AnySession, "loaded_as_persistent", lambda _session, row: known.append(row)):
        _take(asked.engine, *_written(asked, first, "/request send ICO --case C-1 Mrs Jones"), desk=desk)
    with transaction(asked.engine, reading=True) as session:
        roots = session.exec(select(Letter.body).where(Letter.kind == LetterKind.ROOT, Letter.request_id == 2)).all()
    assert len(roots) == 2
    assert all("Mrs Jones" in str(root) and "Mr Smith" not in str(root) for root in roots)


# Records that cannot be written


def test_a_locked_database_is_answered_busy_and_nothing_is_done_later(talk: Dialogue) -> None:
    first, *others = _written(talk, *(f"/case open Mailing {number}" for number in range(2 * SHARED)))
    before = state.kept(talk.engine)
    with Intake(talk.engine, DESK) as intake:
        with locked(talk.engine):
            began = time.monotonic()
            answers = [intake.submit(arrival, START) for arrival in (first, *others)]
            texts = {_words(answer.result(PATIENCE)) for answer in answers}
            took = time.monotonic() - began
        assert texts == {f"{BUSY} Nothing was entered. Please try again."}
        # those behind the first ones have waited as long: none of them waits for a turn of its own
        assert BUSY_MS / 1000 <= took < 1.75 * BUSY_MS / 1000
        assert state.kept(talk.engine) == before
        (later,) = _written(talk, "/case open Later")
        assert intake.submit(later, START).result(PATIENCE) is None
    assert _titles(talk.engine) == ["Later"]


def test_a_read_only_database_is_answered_clearly(talk: Dialogue) -> None:
    before = state.kept(talk.engine)
    arrivals = _written(talk, "/case open One", "/case open Two")
    with read_only(talk.engine) as engine:
        for answers in (_take(engine, arrivals[0]), _take(engine, *arrivals)):
            assert {_words(answer) for answer in answers} == {f"{BROKEN} Nothing was entered. Please try again."}
    assert state.kept(talk.engine) == before


@on_sqlite
def test_a_full_database_is_answered_clearly_and_loses_nothing(asked: Dialogue) -> None:
    note = f"/case note --case C-1 {'a long story ' * 1000}"
    before = state.kept(asked.engine)
    first, second, third = _written(asked, note, note, note)
    with full(asked.engine):
        answers = [*_take(asked.engine, first), *_take(asked.engine, first, second)]
        assert {_words(answer) for answer in answers} == {f"{BROKEN} Nothing was entered. Please try again."}
    assert state.kept(asked.engine) == before
    assert _take(asked.engine, third) == [None]
    with transaction(asked.engine, reading=True) as session:
        assert len(session.exec(select(Event).where(Event.tag == "case:noted")).all()) == 1


# A connection that breaks


@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "after it, and nobody heard"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_connection_that_breaks_at_the_commit_enters_everything_once(
    talk: Dialogue, count: int, *, committed: bool
) -> None:
    arrivals = _written(talk, *(f"/case open Mailing {number}" for number in range(count)))
    broken: list[Connection] = []

    def break_once(connection: Connection) -> None:
        if not broken:
            broken.append(connection)
            if committed:
                connection.connection.commit()
            raise OperationalError("COMMIT", None, ConnectionError("the server closed the connection"))

    with at_the_wire(talk.engine, "commit", break_once):
        assert _take(talk.engine, *arrivals) == [None] * count
    assert broken
    assert _titles(talk.engine) == [f"Mailing {number}" for number in range(count)]


@dataclass(frozen=True)
class Severed(Desk):
    """Loses its connection in the middle of its first arrival."""

    lost: list[Arrival] = field(default_factory=list)

    def take(self, session: Session, arrival: Arrival, now: datetime) -> None:
        super().take(session, arrival, now)
        if not self.lost:
            self.lost.append(arrival)
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


@on_postgresql
@pytest.mark.parametrize("count", [1, 3])
def test_a_server_that_ends_the_connection_delays_and_loses_nothing(talk: Dialogue, count: int) -> None:
    arrivals = _written(talk, *(f"/case open Mailing {number}" for number in range(count)))
    desk = Severed(DESK.salt)
    assert _take(talk.engine, *arrivals, desk=desk) == [None] * count
    assert desk.lost
    assert _titles(talk.engine) == [f"Mailing {number}" for number in range(count)]


# What the log says


@pytest.fixture
def log() -> Iterator[StringIO]:
    """The lines as an operator reads them."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(OneLine())
    logging.getLogger().addHandler(handler)
    try:
        yield written
    finally:
        logging.getLogger().removeHandler(handler)


_REFUSE_WORDS = {
    "sqlite": (
        "CREATE TRIGGER no_words BEFORE INSERT ON reply_revision BEGIN SELECT RAISE(ABORT, 'no'); END",
        "DROP TRIGGER no_words",
    ),
    "postgresql": (
        "ALTER TABLE reply_revision ADD CONSTRAINT no_words CHECK (number < 0)",
        "ALTER TABLE reply_revision DROP CONSTRAINT no_words",
    ),
}


@contextmanager
def _refusing_words(engine: Engine) -> Iterator[None]:
    """The statement that holds a reply's words fails; PostgreSQL quotes the whole row in its error."""
    begin, end = _REFUSE_WORDS[engine.dialect.name]
    with transaction(engine) as session:
        session.execute(text(begin))
    try:
        yield
    finally:
        with transaction(engine) as session:
            session.execute(text(end))


@pytest.mark.parametrize("count", [1, 2])
def test_the_log_says_what_failed_and_nothing_of_what_was_written(asked: Dialogue, log: StringIO, count: int) -> None:
    rooms = asked.house.rooms
    found = find.root_of(rooms, FTC, "R-1")
    assert found is not None
    replies = [rooms.post(ANA, FTC, "Mr Smith did it.", START, root=found.id) for _ in range(count)]
    with _refusing_words(asked.engine):
        assert _take(asked.engine, *replies) == [None] * count
    lines = log.getvalue()
    assert "IntegrityError" in lines
    assert replies[0].key in lines
    assert "Smith" not in lines
    with transaction(asked.engine, reading=True) as session:
        errors = session.exec(select(ArrivalRow.error).where(ArrivalRow.state == ArrivalState.SET_ASIDE)).all()
        assert session.exec(select(ReplyRevision)).all() == []
    assert len(errors) == count
    assert not any("Smith" in str(error) for error in errors)


@on_sqlite
def test_the_log_of_a_full_database_says_nothing_of_what_was_written(asked: Dialogue, log: StringIO) -> None:
    (note,) = _written(asked, f"/case note --case C-1 {'Mr Smith ' * 2000}")
    with full(asked.engine):
        _take(asked.engine, note)
    assert "nothing entered: OperationalError" in log.getvalue()
    assert "Smith" not in log.getvalue()


# Batches, with the token behind them


def _batch(engine: Engine, *arrivals: Arrival, cursor: str = "s1", desk: Desk = DESK) -> bool:
    async def take() -> bool:
        with Intake(engine, desk) as intake:
            return await intake.take_batch(arrivals, "matrix:HOME", cursor, START)

    return asyncio.run(take())


def _cursor(engine: Engine) -> str | None:
    with transaction(engine, reading=True) as session:
        return accounts.cursor(session, "matrix:HOME")


def test_a_batch_is_entered_with_the_token_behind_it(talk: Dialogue) -> None:
    arrivals = _written(talk, "/case open One", "/case open Two")
    assert _batch(talk.engine, *arrivals)
    assert _batch(talk.engine, *arrivals, cursor="s2"), "a second coming changes nothing but the token"
    assert (_titles(talk.engine), _cursor(talk.engine)) == (["One", "Two"], "s2")


def test_a_batch_that_cannot_be_written_leaves_no_token(talk: Dialogue) -> None:
    arrivals = _written(talk, "/case open One")
    with locked(talk.engine):
        assert not _batch(talk.engine, *arrivals)
    assert (_titles(talk.engine), _cursor(talk.engine)) == ([], None)
    assert _batch(talk.engine, *arrivals)
    assert (_titles(talk.engine), _cursor(talk.engine)) == (["One"], "s1")


@pytest.mark.parametrize(
    "desk",
    [Stumbling(DESK.salt, OPERATORS, {POISON: 1000}), Spoiling(DESK.salt, OPERATORS, POISON)],
    ids=["it raises", "its commit is refused"],
)
def test_one_of_a_batch_that_fails_is_set_aside_and_blocks_no_other(asked: Dialogue, desk: Desk) -> None:
    arrivals = _written(asked, "/case open One", POISON, "/case open Two")
    assert _batch(asked.engine, *arrivals, desk=desk)
    assert (_titles(asked.engine)[1:], _cursor(asked.engine)) == (["One", "Two"], "s1")
    with transaction(asked.engine, reading=True) as session:
        (aside,) = session.exec(select(ArrivalRow.key).where(ArrivalRow.state == ArrivalState.SET_ASIDE))
    assert aside == arrivals[1].key
    assert _letters_to(asked.engine, ANA) == [render(set_aside())]


@on_postgresql
def test_what_can_be_kept_in_no_way_blocks_no_other(talk: Dialogue) -> None:
    good, bad, better = _written(talk, "/case open Good", POISON, "/case open Better")
    number = "9" * 300
    assert _batch(talk.engine, good, replace(bad, message=number, key=message_key(FTC, number)), better)
    assert (_titles(talk.engine), _cursor(talk.engine)) == (["Good", "Better"], "s1")


def test_whoever_waits_before_a_batch_is_answered_before_it(talk: Dialogue) -> None:
    first, second = _written(talk, "/case open First", "/case open Second")

    async def both() -> None:
        intake = Intake(talk.engine, DESK)
        alone = asyncio.wrap_future(intake.submit(first, START))
        batch = asyncio.ensure_future(intake.take_batch([second], "matrix:HOME", "s1", START))
        await asyncio.sleep(0)  # until the batch waits as well
        with intake:
            await asyncio.gather(alone, batch)

    asyncio.run(both())
    assert _titles(talk.engine) == ["First", "Second"]
