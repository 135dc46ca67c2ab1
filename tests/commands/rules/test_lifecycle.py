"""The table of moves is the contract's diagram, and what is stored is what the events led to."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from commands.rules.lifecycle import MOVES, after, open_steps, side_of
from storage import requests
from storage.tables import Event
from storage.words import OPEN_STATES, OWED_STATES, Reason, Side, State, Step
from tests import common
from tests.common import NOW, Party, in_undone, undone

DIAGRAM = """
sent -> acknowledged                                       ack       asked
sent | acknowledged | clarifying -> answered               answer    asked
sent | acknowledged -> clarifying                          clarify   asked
clarifying -> acknowledged                                 explain   asking
sent | acknowledged | clarifying -> declined               decline   asked
sent | acknowledged | clarifying | answered -> withdrawn   withdraw  asking
answered | declined -> closed                              close     asking
answered | declined | closed -> acknowledged               reopen    asking
"""
"""As it stands in the contract, with each line's step and side."""

STAYING = """
sent | acknowledged | clarifying                           extend    asked
sent | acknowledged | clarifying                           extend    asking
sent | acknowledged | clarifying                           agree     asking
sent | acknowledged | clarifying                           refuse    asking
sent | acknowledged | clarifying | answered                assign    asked
"""

OPEN = {"sent", "acknowledged", "clarifying", "answered"}


def _read() -> dict[tuple[str, str, str], str]:
    """(state, step, side) -> the state that it leads to."""
    table = {}
    for line in (DIAGRAM.strip() + STAYING.rstrip()).splitlines():
        path, step, side = line.rsplit(maxsplit=2)
        sources, _, target = path.partition("->")
        for source in (source.strip() for source in sources.split("|")):
            table[source, step, side] = target.strip() or source
    table |= {(state, "ref", side): state for state in State for side in ("asked", "asking")}
    # any step of the asked side acknowledges too
    return {
        key: "acknowledged" if key[0] == target == "sent" and key[2] == "asked" else target
        for key, target in table.items()
    }


TABLE = _read()


def _wanted(state: str, step: str, side: str, *, partial: bool, proposed: bool) -> str | None:
    target = TABLE.get((state, step, side))
    if target is None or (step in {"agree", "refuse"} and not proposed):
        return None
    if not partial:
        return target
    return "acknowledged" if state == "sent" and side == "asked" else state


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("proposed", [False, True])
def test_the_table_is_the_diagram(partial: bool, proposed: bool) -> None:
    for state, step, side in product(State, Step, Side):
        found = after(state, step, side, partial=partial, proposed=proposed)
        assert found == _wanted(state, step, side, partial=partial, proposed=proposed), (state, step, side)


def test_a_step_is_in_the_table_once_for_each_side() -> None:
    assert len({(move.step, move.side) for move in MOVES}) == len(MOVES)


def test_open_are_those_that_can_still_be_withdrawn() -> None:
    assert {*OPEN_STATES} == OPEN == {state for state in State if after(state, Step.WITHDRAW, Side.ASKING)}
    assert {*OWED_STATES} == OPEN - {"answered"}


@pytest.mark.parametrize("proposed", [False, True])
def test_the_steps_that_are_shown_are_those_that_are_open(proposed: bool) -> None:
    for state, side in product(State, Side):
        shown = open_steps(state, side, proposed=proposed)
        assert set(shown) == {step for step in Step if after(state, step, side, proposed=proposed)} - {Step.REF}
        assert len(set(shown)) == len(shown)


def test_who_is_no_party_takes_no_step() -> None:
    assert [after(state, step, Side.THIRD, proposed=True) for state, step in product(State, Step)] == [None] * 98


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))
def test_an_agency_stands_on_the_side_that_it_is(agency: int, asking: int, asked: int) -> None:
    side = side_of(agency, asking, asked)
    assert (side is Side.ASKING) == (agency == asking)
    assert (side is Side.THIRD) == (agency not in {asking, asked})


def test_every_state_can_be_reached_and_only_a_withdrawn_request_is_over_for_good() -> None:
    steps = {state: {after(state, step, side) for step, side in product(Step, Side)} - {None} for state in State}
    reached = {State.SENT}
    while more := {target for state in reached for target in steps[state] if target is not None} - reached:
        reached |= more
    assert reached == {*State}
    assert [state for state in State if steps[state] <= {state}] == [State.WITHDRAWN]


def _walk(session: Session, data: st.DataObject, ftc: Party, acma: Party, number: int) -> None:
    """Take some steps that are open, as the handlers do."""
    request = requests.by_id(session, number)
    parties = {Side.ASKING: ftc, Side.ASKED: acma}
    for _ in range(data.draw(st.integers(0, 8), label="steps")):
        proposed = request.proposed_due_at is not None
        now = [(step, side) for step in Step for side in parties if after(request.state, step, side, proposed=proposed)]
        step, side = data.draw(st.sampled_from(now), label=request.state)
        partial = step is Step.ANSWER and data.draw(st.booleans(), label="partial")
        state = after(request.state, step, side, partial=partial, proposed=proposed)
        assert state is not None
        if step in {Step.EXTEND, Step.AGREE, Step.REFUSE}:
            request.proposed_due_at = request.due_at if (step, side) == (Step.EXTEND, Side.ASKED) else None
        reason = Reason.NOT_HELD if step is Step.DECLINE else None
        tag = "request:stepped"
        requests.take_step(session, request, step, tag, state, parties[side], NOW, text=str(partial), reason=reason)


def _replayed(events: list[Event], ftc: Party, acma: Party) -> State:
    """The state, from the events alone."""
    state, proposed = State.SENT, False
    for event in events[1:]:
        assert event.step is not None
        side = side_of(event.agency_id, ftc.agency, acma.agency)
        led = after(state, event.step, side, partial=event.text == "True", proposed=proposed)
        assert led is not None
        state = led
        if event.step in {Step.EXTEND, Step.AGREE, Step.REFUSE}:
            proposed = (event.step, side) == (Step.EXTEND, Side.ASKED)
    return state


@in_undone
@given(data=st.data())
def test_what_is_stored_is_what_the_events_led_to(engine: Engine, data: st.DataObject) -> None:
    with undone(engine) as session:
        ftc, acma = common.parties(session, 2)
        number = common.request(session, common.case(session, ftc, [acma]), ftc, acma)
        _walk(session, data, ftc, acma, number)
        session.expire_all()
        request, events = requests.by_id(session, number), list(requests.events(session, number))
        assert [event.number for event in events] == list(range(1, request.number + 1))
        assert _replayed(events, ftc, acma) is request.state is events[-1].state
