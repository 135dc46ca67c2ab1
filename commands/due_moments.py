"""What is done when a moment has come: whose job it is; no job decides here when it comes again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from commands import bundle, giving, releasing
from commands.arrival import Arrival
from commands.call import Call, Outcome
from storage import moments

PATIENCE = timedelta(hours=1)
"""After which a job is tried again that failed so often that it was set aside."""

JOBS: dict[str, Callable[..., Outcome]] = {
    **dict.fromkeys(bundle.KINDS, bundle.come),
    giving.DIGEST: giving.scheduled,
    releasing.RELEASE: releasing.lapse,
}
"""By the word before the colon of a job; called with the call and its `moment`.

Each plans its next moment, or none.
"""


def has_come(session: Session, arrival: Arrival) -> bool:
    """False: another has done it since, or it was put off."""
    moment = moments.of(session, arrival.message)
    return moment is not None and moment.at == datetime.fromisoformat(arrival.text)


def perform(call: Call, arrival: Arrival) -> Outcome:
    """Do the job; raises LookupError if there is none of that name any more."""
    moment = moments.of(call.session, arrival.message)
    if moment is None:
        raise LookupError(arrival.message)
    job = moment.job.partition(":")[0]
    moments.plan(call.session, moment.job, None)
    return JOBS[job](call, moment=moment)


def put_off(session: Session, arrival: Arrival, now: datetime) -> None:
    """It failed: it is tried again, and by itself, since a bundle fails by one that is in it."""
    moment = moments.of(session, arrival.message)
    if moment is not None:
        moments.plan(session, moment.job, now + PATIENCE, since=moment.since)
