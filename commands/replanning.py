"""An agency's working days or hours have changed: what was planned by them is planned anew; nothing is said of it."""

from __future__ import annotations

from commands import giving, preservation, reminders
from commands.call import Call, key
from commands.due import calendar_of
from commands.rules import hours
from commands.rules.workdays import Calendar
from storage import moments, requests, subscriptions
from storage.tables import Agency
from storage.words import Every


def replan(call: Call, agency: Agency, before: Calendar) -> None:
    """Due times that stand, stay: what moves are the reminders of them, and the digests of working days."""
    session, number = call.session, key(agency.id)
    session.flush()
    for request in (*requests.owed_by(session, number), *requests.owed_to(session, number)):
        reminders.plan_anew(session, request, call.now, number, before)
    for request in requests.owed_by(session, number):
        asked = moments.of(session, reminders.asked_job(request))
        if asked is not None and asked.at > call.now:
            reminders.ask_later(session, request, hours.within(calendar_of(session, agency), call.now))
    for request in requests.kept_for(session, number, call.now):
        preservation.plan_anew(session, request, call.now, before)
    for subscription in subscriptions.of_agency(session, number):
        if subscription.every is Every.DAY:
            giving.plan_anew(session, subscription, call.now)
