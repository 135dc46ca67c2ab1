"""The clock: whatever notices a moment, and whatever is killed meanwhile, what is due is done once and in order."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from bot.clock import Clock
from bot.intake import Intake
from bot.local.script import START
from commands import due_moments
from commands.call import Call, Outcome, record
from commands.desk import Desk
from storage import ledger, moments
from storage.moments import Planned
from storage.session import connect, transaction
from storage.tables import Letter
from storage.words import Place
from tests.faults import locked
from tests.synapse import ROOT

SALT = partial(bytes, 16)
OPERATORS = Place("local:operators")
JOBS = 300
KILLS = 5
HOUR = timedelta(hours=1)


def _do(call: Call, moment: Planned) -> Outcome:
    """What a test's job does: it says in the ledger that it was done, and when that was."""
    if moment.job.endswith(":13") and moment.since is None:
        raise RuntimeError("this one never succeeds")
    return Outcome((record("test:done", moment.job, at=call.now.isoformat()),))


@pytest.fixture(autouse=True)
def _a_job_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(due_moments.JOBS, "test", _do)


def _plan(engine: Engine, number: int, at: datetime = START, *, first: int = 0) -> None:
    with transaction(engine) as session:
        for one in range(first, first + number):
            moments.plan(session, f"test:{one}", at + one * timedelta(minutes=1), since=START)


def done(engine: Engine) -> list[tuple[str, str]]:
    """The jobs in the order in which they were done, each with the time that it was told."""
    with transaction(engine, reading=True) as session:
        entries = [json.loads(entry.content) for entry in ledger.entries(session)]
    return [(entry["subject"], entry["at"]) for entry in entries if entry["tag"] == "test:done"]


class Told:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def clock(engine: Engine, now: Told, *, rehearsal: bool = False) -> Iterator[Clock]:
    with Intake(engine, Desk(SALT, OPERATORS)) as intake:
        yield Clock(engine, intake, now, lambda: None, rehearsal=rehearsal)


async def test_several_clocks_do_each_thing_once(engine: Engine) -> None:
    _plan(engine, JOBS)
    now = Told(START + JOBS * timedelta(minutes=1))
    with ExitStack() as stack:
        engines = [engine, *(stack.enter_context(_another(engine)) for _ in range(2))]
        clocks = [stack.enter_context(clock(one, now)) for one in engines]
        await asyncio.gather(*(one.tick() for one in clocks))
        await asyncio.gather(*(one.tick() for one in clocks))  # what another was just doing
    assert Counter(job for job, _at in done(engine)) == Counter(f"test:{one}" for one in range(JOBS))


@contextmanager
def _another(engine: Engine) -> Iterator[Engine]:
    other = connect(engine.url.set(drivername=engine.url.get_backend_name()).render_as_string(hide_password=False))
    yield other
    other.dispose()


async def test_a_clock_that_jumps_does_all_on_the_way_and_what_it_missed_is_late(engine: Engine) -> None:
    _plan(engine, 4, START - timedelta(minutes=2))
    now = Told(START)
    with clock(engine, now, rehearsal=True) as ticking:
        await ticking.tick()
        now.now = START + HOUR
        await ticking.tick()
    times = [START, START, START, START + timedelta(minutes=1)]
    assert done(engine) == [(f"test:{one}", at.isoformat()) for one, at in enumerate(times)]


async def test_on_the_way_of_a_jump_what_one_plans_comes_before_the_next(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chain(call: Call, moment: Planned) -> Outcome:
        if moment.job == "chain:0":
            moments.plan(call.session, "chain:1", moment.at + timedelta(minutes=1))
        moments.plan(call.session, moment.job, None)
        return _do(call, moment)

    monkeypatch.setitem(due_moments.JOBS, "chain", chain)
    with transaction(engine) as session:
        moments.plan(session, "chain:0", START + timedelta(minutes=1))
        moments.plan(session, "chain:2", START + timedelta(minutes=3))
    now = Told(START)
    with clock(engine, now, rehearsal=True) as ticking:
        now.now = START + HOUR
        await ticking.tick()
    assert done(engine) == [(f"chain:{one}", (START + timedelta(minutes=one + 1)).isoformat()) for one in range(3)]


async def test_outside_a_rehearsal_it_is_now(engine: Engine) -> None:
    _plan(engine, 2)
    now = Told(START)
    with clock(engine, now) as ticking:
        now.now = START + HOUR
        await ticking.tick()
    assert {at for _job, at in done(engine)} == {now.now.isoformat()}


async def test_what_always_fails_is_put_off_and_shown_and_the_others_go_on(engine: Engine) -> None:
    _plan(engine, 3)
    with transaction(engine) as session:
        moments.plan(session, "test:13", START, bundle="all of a desk")
    now = Told(START + HOUR)
    with clock(engine, now) as ticking:
        await ticking.tick()
        assert len(done(engine)) == 3
        with transaction(engine) as session:
            planned = moments.of(session, "test:13")
            letters = session.exec(select(Letter.place)).all()
            moments.plan(session, "test:13", START + HOUR, since=START)  # it is mended
        assert planned is not None
        assert planned.at == now.now + HOUR
        assert planned.bundle is None  # it would lead the others of its bundle into the same failure
        assert letters == [OPERATORS]
        await ticking.tick()
    assert len(done(engine)) == 4


async def test_while_the_records_are_locked_nothing_is_lost(engine: Engine) -> None:
    _plan(engine, 3)
    with clock(engine, Told(START + HOUR)) as ticking:
        with locked(engine):
            await ticking.tick()
        assert done(engine) == []
        await ticking.tick()
    assert len(done(engine)) == 3


async def test_it_ticks_by_itself_and_stops_when_it_is_told(engine: Engine) -> None:
    _plan(engine, 1)
    stop, spoken = asyncio.Event(), asyncio.Event()
    with Intake(engine, Desk(SALT)) as intake:
        ticking = Clock(engine, intake, Told(START), spoken.set, rehearsal=False)
        running = asyncio.ensure_future(ticking.run(stop))
        await asyncio.wait_for(spoken.wait(), 20)
        stop.set()
        await asyncio.wait_for(running, 5)
    assert len(done(engine)) == 1


def test_killed_again_and_again_it_does_each_thing_once(engine: Engine) -> None:
    planned, kills = 0, 0
    chance = random.Random(20261126)  # noqa: S311  # nothing is kept secret by it
    url = engine.url.set(drivername=engine.url.get_backend_name()).render_as_string(hide_password=False)
    while kills < KILLS or len(done(engine)) < planned:
        # a process that was not noticed in time has done them all: the next one is given as many more
        if len(done(engine)) == planned:
            _plan(engine, JOBS, first=planned)
            planned += JOBS
        wanted = len(done(engine)) + chance.randint(1, 40)
        process = subprocess.Popen([sys.executable, "-m", "tests.bot.test_clock", url], cwd=ROOT)
        try:
            while process.poll() is None and len(done(engine)) < wanted:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.01)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            process.wait()
    assert Counter(job for job, _at in done(engine)) == Counter(f"test:{one}" for one in range(planned))


def main(url: str) -> None:
    """A process to be killed: it does what is due, as slowly as one thing a commit."""
    due_moments.JOBS["test"] = _do
    engine = connect(url)
    with clock(engine, Told(START + 10_000 * HOUR)) as ticking:
        asyncio.run(ticking.tick())


if __name__ == "__main__":
    main(sys.argv[1])
