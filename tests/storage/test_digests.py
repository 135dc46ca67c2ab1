"""A digest says what is outstanding, no more and no less, and reads no more than it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from storage import digests, feeds, lines, outbox, requests
from storage.digests import Section
from storage.words import OWED_STATES, State, Step
from tests import common
from tests.common import NOW, undone
from tests.tap import tapped

US, THEM, OTHERS = range(3)
SOON = NOW + timedelta(days=7)


@dataclass(frozen=True)
class Sent:
    asking: int
    asked: int
    state: State
    due: datetime


@dataclass
class World:
    session: Session
    us: int
    sent: dict[int, Sent]

    def earliest(self, found: list[int], limit: int) -> list[int]:
        return sorted(found, key=lambda number: (self.sent[number].due, number))[:limit]


SIDES = ((THEM, US), (US, THEM), (THEM, OTHERS))
DAYS = (7, 0, -1, 6)
"""Not in order, so that the order of sending is not the order of due times; at both ends of a week."""


@pytest.fixture
def made() -> list[tuple[str, Any]]:
    """Every statement that went to the database, with its values."""
    return []


@pytest.fixture
def world(engine: Engine, made: list[tuple[str, Any]]) -> Iterator[World]:
    """Every state, on either side or neither, due before, at and after what counts."""
    with tapped(engine, lambda sql, values, _many: made.append((sql, values))), undone(engine) as session:
        agencies = common.parties(session, 3)
        case = common.case(session, agencies[THEM], agencies)
        world = World(session, agencies[US].agency, {})
        for (by, of), days, state in product(SIDES, DAYS, State):
            due = NOW + timedelta(days=days)
            number = common.request(session, case, agencies[by], agencies[of], due_at=due)
            if state is not State.SENT:
                hand = agencies[of]
                requests.take_step(session, requests.by_id(session, number), Step.REF, "request:ref", state, hand, NOW)
            world.sent[number] = Sent(by, of, state, due)
        yield world


def _sections(it: Sent) -> set[Section]:
    """By hand, for us."""
    found = set()
    if it.state in (State.SENT, State.ACKNOWLEDGED):
        if it.asked == US:
            found.add(Section.OVERDUE_BY_US if it.due < NOW else Section.DUE_SOON if it.due < SOON else Section.OWING)
        if it.asking == US:
            found.add(Section.OVERDUE_TO_US if it.due < NOW else Section.OWED)
    if it.state is State.CLARIFYING and it.asking == US:
        found.add(Section.TO_EXPLAIN)
    if it.state is State.ANSWERED and it.asking == US:
        found.add(Section.TO_CLOSE)
    return found


@pytest.mark.parametrize("limit", [1, 3, 99])
def test_each_request_stands_where_it_belongs(world: World, limit: int) -> None:
    parts = digests.outstanding(world.session, world.us, NOW, SOON, limit)
    assert [part.section for part in parts] == list(Section)
    for part in parts:
        wanted = [number for number, it in world.sent.items() if part.section in _sections(it)]
        assert part.count == len(wanted) > 0
        assert [line.number for line in part.first] == world.earliest(wanted, limit)


@pytest.mark.parametrize("limit", [1, 3, 99])
@pytest.mark.parametrize(("asked", "asking"), [(True, False), (False, True), (True, True)])
def test_lists_give_the_earliest_of_what_is_owed(world: World, limit: int, asked: bool, asking: bool) -> None:
    to_us = [n for n, it in world.sent.items() if asked and it.asked == US and it.state in OWED_STATES]
    by_us = [
        n for n, it in world.sent.items() if asking and it.asking == US and it.state in (*OWED_STATES, State.ANSWERED)
    ]
    found = lines.listing(world.session, world.us, asked=asked, asking=asking, limit=limit)
    assert [line.number for line in found] == world.earliest(to_us + by_us, limit)


def test_nothing_is_overdue_while_it_is_being_clarified(world: World) -> None:
    found = lines.listing(world.session, world.us, asked=True, asking=True, overdue_at=NOW, limit=99)
    running = (State.SENT, State.ACKNOWLEDGED)
    wanted = [n for n, it in world.sent.items() if US in (it.asking, it.asked) and it.state in running and it.due < NOW]
    assert [line.number for line in found] == world.earliest(wanted, 99)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("engine")
def test_what_is_asked_often_reads_by_index_whatever_others_have_stored(
    world: World, made: list[tuple[str, Any]]
) -> None:
    """SQLite says how it would read; a SCAN without an index would be the whole table."""
    made.clear()
    digests.outstanding(world.session, world.us, NOW, SOON, 5)
    for overdue_at in (None, NOW):
        lines.listing(world.session, world.us, asked=True, asking=True, overdue_at=overdue_at, limit=5)
    outbox.waiting(world.session, NOW, 5)
    feeds.due(world.session, world.us)
    feeds.kept(world.session, world.us, NOW)
    assert len(made) > 9
    for statement, values in tuple(made):
        plan = world.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(values))
        steps = [str(row[3]) for row in plan]
        whole = [step for step in steps if step.startswith(("SCAN request", "SCAN outbox")) and "USING" not in step]
        assert whole == [], statement
