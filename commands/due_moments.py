"""What is done when a moment has come: whose job it is; no job decides here when it comes again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from commands.arrival import Arrival
from commands.call import Call, Outcome
from storage import moments
from storage.tables import Moment

PATIENCE = timedelta(hours=1)
"""After which a job is tried again that failed so often that it was set aside."""

JOBS: dict[str, Callable[[Call, Moment, int], Outcome]] = {}
"""By the word before the colon of a job; the number behind it says which one. Each plans its next moment, or none."""


def has_come(session: Session, arrival: Arrival) -> bool:
    """False: another has done it since, or it was put off."""
    moment = moments.of(session, arrival.message)
    return moment is not None and moment.at == datetime.fromisoformat(arrival.text)


def perform(call: Call, arrival: Arrival) -> Outcome:
    """Do the job; raises LookupError if there is none of that name any more."""
    moment = moments.of(call.session, arrival.message)
    if moment is None:
        raise LookupError(arrival.message)
    job, _, number = moment.job.partition(":")
    moments.plan(call.session, moment.job, None)
    return JOBS[job](call, moment, int(number))


def put_off(session: Session, arrival: Arrival, now: datetime) -> None:
    moment = moments.of(session, arrival.message)
    if moment is not None:
        moments.plan(session, moment.job, now + PATIENCE, since=moment.since, bundle=moment.bundle)
