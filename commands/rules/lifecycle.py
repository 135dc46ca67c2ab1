"""The life of a request: which side may take which step in which state; no database, no wording.

The table is the contract's "Life of a request", a line each.
"""

from __future__ import annotations

from dataclasses import dataclass

from storage.words import OPEN_STATES, OWED_STATES, Side, State, Step

S = State


@dataclass(frozen=True)
class Move:
    """`step` may be taken by `side` in `sources`; it leads to `target` (None: the state stays)."""

    step: Step
    side: Side
    sources: tuple[State, ...]
    target: State | None


MOVES = (
    Move(Step.ACK, Side.ASKED, (S.SENT,), S.ACKNOWLEDGED),
    Move(Step.CLARIFY, Side.ASKED, (S.SENT, S.ACKNOWLEDGED), S.CLARIFYING),
    Move(Step.EXPLAIN, Side.ASKING, (S.CLARIFYING,), S.ACKNOWLEDGED),
    Move(Step.ANSWER, Side.ASKED, OWED_STATES, S.ANSWERED),
    Move(Step.DECLINE, Side.ASKED, OWED_STATES, S.DECLINED),
    Move(Step.EXTEND, Side.ASKED, OWED_STATES, None),
    Move(Step.EXTEND, Side.ASKING, OWED_STATES, None),
    Move(Step.AGREE, Side.ASKING, OWED_STATES, None),
    Move(Step.REFUSE, Side.ASKING, OWED_STATES, None),
    Move(Step.ASSIGN, Side.ASKED, OPEN_STATES, None),
    Move(Step.WITHDRAW, Side.ASKING, OPEN_STATES, S.WITHDRAWN),
    Move(Step.CLOSE, Side.ASKING, (S.ANSWERED, S.DECLINED), S.CLOSED),
    Move(Step.REOPEN, Side.ASKING, (S.ANSWERED, S.DECLINED, S.CLOSED), S.ACKNOWLEDGED),
    Move(Step.REF, Side.ASKED, tuple(State), None),
    Move(Step.REF, Side.ASKING, tuple(State), None),
)

_NEEDS_PROPOSAL = (Step.AGREE, Step.REFUSE)


def after(state: State, step: Step, side: Side, *, partial: bool = False, proposed: bool = False) -> State | None:
    """The state that the step leads to, or None if it is not open to this side now.

    `partial`: an answer that is not the whole answer. `proposed`: the asked side's extension stands unanswered.
    """
    for move in MOVES:
        if move.step is step and move.side is side and state in move.sources:
            if step in _NEEDS_PROPOSAL and not proposed:
                return None
            target = None if partial else move.target
            if target is None and side is Side.ASKED and state is S.SENT:
                return S.ACKNOWLEDGED  # any step of the asked side acknowledges too
            return target or state
    return None


def open_steps(state: State, side: Side, *, proposed: bool = False) -> tuple[Step, ...]:
    """The steps that this side may take now, in the order of the table; keeping a reference is always possible."""
    return tuple(
        move.step
        for move in MOVES
        if move.side is side and move.step is not Step.REF and after(state, move.step, side, proposed=proposed)
    )


def side_of(agency: int, asking: int, asked: int) -> Side:
    if agency == asking:
        return Side.ASKING
    return Side.ASKED if agency == asked else Side.THIRD
