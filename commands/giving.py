"""Gives digests: to an agency at its desk, to the readers of a shared place; when, is the subscription's business."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from commands import digest_page, outlook
from commands.bundle import directly_to, put_off
from commands.call import Call, Outcome, key, record
from commands.draft import Draft
from commands.due import calendar_of
from commands.message import Message
from commands.outlook import Outlook
from commands.rules import reminders
from commands.rules.digest import Rhythm, following
from storage import agencies, digests, moments, subscriptions
from storage.moments import Planned
from storage.tables import Agency, LetterKind, Subscription
from storage.words import Every, Lane, Place

DIGEST = "digest"
AT_DESK = "desk"
"""The place of a subscription that goes wherever the agency's desk is."""


def rhythm_of(subscription: Subscription) -> Rhythm:
    return Rhythm(subscription.every, subscription.weekday, subscription.at, subscription.zone)


def next_of(session: Session, subscription: Subscription, after: datetime) -> datetime:
    """A daily one is given on its agency's working days."""
    agency = session.get_one(Agency, subscription.agency_id)
    working = calendar_of(session, agency) if subscription.every is Every.DAY else None
    return following(rhythm_of(subscription), after, working)


def plan(session: Session, subscription: Subscription, after: datetime) -> datetime:
    """Plan the next one, and forget what was planned before."""
    at = next_of(session, subscription, after)
    moments.plan(session, f"{DIGEST}:{subscription.id}", at)
    return at


def plan_anew(session: Session, subscription: Subscription, now: datetime) -> None:
    """Its agency's days have changed; one whose moment has come, or was put off, is given all the same."""
    planned = moments.of(session, f"{DIGEST}:{subscription.id}")
    if planned is not None and planned.at > now and planned.since is None:
        plan(session, subscription, now)


def scheduled(call: Call, moment: Planned) -> Outcome:
    """The moment of a subscription has come: after an outage once, however many were missed."""
    subscription = subscriptions.by_id(call.session, int(moment.job.partition(":")[2]))
    if subscription is None:
        return Outcome()
    wanted = moment.since or moment.at
    late = wanted if reminders.late(wanted, call.now) else None
    if late is not None and put_off(call, moment._replace(since=wanted), subscription.agency_id):
        return Outcome()  # whom it did not reach in time it does not wake
    plan(call.session, subscription, call.now)
    agency, since = call.session.get_one(Agency, subscription.agency_id), subscription.given_at
    subscription.given_at = call.now
    call.session.flush()
    if subscription.network:
        place, readers = Place(subscription.place), sorted(agencies.readers(call.session, Place(subscription.place)))
        if key(agency.id) not in readers:
            return Outcome()  # who asked for it has left the place
        shown = outlook.shared(call.session, readers, subscription.zone, call.now, since)
        drafts = posted(digest_page.messages(shown, late), place)
    else:
        shown = outlook.own(call.session, agency, call.now, since)
        desk = own_desk(call.session, agency)
        place = desk or Place("")
        drafts = (
            posted(digest_page.messages(shown, late), desk)
            if desk is not None
            else directly_to(call, key(agency.id), digest_page.whole(shown, late))
        )
    remember(call, shown, (key(agency.id), subscription.officer_id), place)
    kept = record(
        "digest:given", agency.code, head=str(shown.head), network=subscription.network or None,
        planned=wanted.isoformat(), late=late is not None or None,
    )  # fmt: skip
    return Outcome((kept,), drafts)


def own_desk(session: Session, agency: Agency) -> Place | None:
    """The agency's desk, if nobody else reads it."""
    desk = agencies.desk_of(session, key(agency.id))
    return desk if desk is not None and list(agencies.readers(session, desk)) == [agency.id] else None


def posted(messages: Sequence[Message], place: Place) -> tuple[Draft, ...]:
    """The first in the place, the others below it."""
    return tuple(
        Draft(LetterKind.POST, message, place=place, lane=Lane.DIGEST, follows=number > 0)
        for number, message in enumerate(messages)
    )


def remember(call: Call, shown: Outlook, hand: tuple[int, int], place: str) -> None:
    """That it was given, and the ledger's head that it named."""
    head = (shown.head.count, shown.head.hash)
    digests.given(call.session, *hand, place, call.now, head, network=shown.viewer is None)
