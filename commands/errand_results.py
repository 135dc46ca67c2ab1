"""What is done when an errand has come back: whose it was; how it was run is not known here."""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session

from commands import exported, taking_in, verifying
from commands.arrival import Arrival
from commands.call import Call, Outcome
from storage import errands

RESULTS: dict[str, Callable[[Call, Arrival], Outcome]] = {
    taking_in.FETCH: taking_in.fetched,
    verifying.VERIFY: verifying.verified,
    exported.EXPORT: exported.written,
}
"""By the word before the first colon of a job."""


def is_awaited(session: Session, arrival: Arrival) -> bool:
    """False: another process was faster, or it was given up."""
    return errands.by_job(session, arrival.message) is not None


def perform(call: Call, arrival: Arrival) -> Outcome:
    errands.done(call.session, arrival.message)
    return RESULTS[arrival.message.partition(":")[0]](call, arrival)
