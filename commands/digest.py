"""Digests: what is outstanding, on demand and again and again; their commands."""

from __future__ import annotations

from typing import Annotated

from commands import digest_csv, digest_html, digest_page, giving, outlook
from commands.agency import read_zone
from commands.agency_days import read_clock
from commands.call import Call, Outcome, key, record
from commands.declare import Ask, ClockTime, Permission, Zone, command
from commands.message import Code, Document, Instant, Items, Message, Spans, say, spans, typed
from commands.refusals import BadValue, NotPermitted
from commands.rules.zones import city
from storage import agencies, moments, settings, subscriptions
from storage.ledger import sha256
from storage.prospects import FILED
from storage.tables import Subscription
from storage.words import Every, Weekday

P = Permission
NINE = "09:00"
_DAYS = tuple(Weekday)


@command("digest now", permit=P.DIGEST_NOW)
class DigestNow:
    """Give the digest of what is outstanding for your agency, now."""

    def perform(self, call: Call) -> Outcome:
        shown = outlook.own(call.session, call.agency, call.now, subscriptions.last_given(call.session, call.agency_id))
        giving.remember(call, shown, call.hand, call.place or "")
        given = record("digest:given", call.agency.code, head=str(shown.head))
        if call.place is None or call.place != giving.own_desk(call.session, call.agency):
            return Outcome((given,), (), digest_page.whole(shown))
        return Outcome((given,), giving.posted(digest_page.messages(shown), call.place))


@command("digest preview", permit=P.DIGEST_PREVIEW, private=True)
class PreviewDigest:
    """Show what the digest of your agency would say now; it is not given, and the next one stays as it is."""

    def perform(self, call: Call) -> Outcome:
        shown = outlook.own(call.session, call.agency, call.now, subscriptions.last_given(call.session, call.agency_id))
        return Outcome(reply=digest_page.whole(shown))


@command("digest file", permit=P.DIGEST_FILE, private=True)
class FileDigest:
    """Give the digest of your agency as a page to print and a table (CSV); it is not given to the others."""

    def perform(self, call: Call) -> Outcome:
        since = subscriptions.last_given(call.session, call.agency_id)
        shown = outlook.own(call.session, call.agency, call.now, since, FILED)
        name = f"digest-{call.agency.code}-{call.now:%Y-%m-%d}"
        page = digest_html.page(shown, rehearsal=settings.is_rehearsal(call.session))
        files = (
            Document(f"{name}.html", "text/html", page),
            Document(f"{name}.csv", "text/csv", digest_csv.table(shown)),
        )
        sums = [sha256(one.text) for one in files]
        kept = record("digest:file", call.agency.code, head=str(shown.head), page=sums[0], table=sums[1])
        words = (say(f"{call.agency.code}'s digest as a page and as a table. Their SHA-256 stand in the ledger:"),)
        listed = Items(tuple(spans(f"{one.name}: ", Code(sum_)) for one, sum_ in zip(files, sums, strict=True)))
        return Outcome((kept,), reply=Message(digest_page.marking_of(shown), (*words, listed, *files)))


@command("digest subscribe", permit=P.DIGEST_SUBSCRIBE)
class Subscribe:
    """Have your agency's digest at its desk again and again, or (--network) one for all who read this place."""

    every: Annotated[Every, Ask("Every", flag=True, help="a daily one comes on working days")] = Every.WEEK
    on: Annotated[
        Weekday | None, Ask("On", flag=True, shows="monday", help="else monday; of a month, the first such day")
    ] = None
    at: Annotated[ClockTime | None, Ask("At", flag=True, help="else 09:00", example=NINE)] = None
    zone: Annotated[Zone | None, Ask("Time zone", flag=True, help="else your agency's")] = None
    network: Annotated[bool, Ask("Network", flag=True, help="CLEAR and GREEN, of cases that all here are on")] = False

    def perform(self, call: Call) -> Outcome:
        place = self._place(call)
        at = read_clock(self.at or NINE)
        if at is None:
            raise BadValue(*typed(self.at or ""), " is no time of day.", instead=("Write for example 09:00.",))
        if self.every is Every.DAY and self.on is not None:
            raise BadValue(
                "A daily digest comes on every working day, not on one weekday.",
                instead=("Leave out --on, or write --every week.",),
            )
        zone = read_zone(self.zone) if self.zone else call.agency.zone
        subscription = subscriptions.keep(
            call.session, call.hand, place, call.now, network=self.network, every=self.every,
            weekday=_DAYS.index(self.on or Weekday.MONDAY), at=at, zone=zone,
        )  # fmt: skip
        first = giving.plan(call.session, subscription, call.now)
        kept = record("digest:subscribed", call.agency.code, every=self.every, network=self.network or None)
        whose = "The digest for all who read this place" if self.network else f"{call.agency.code}'s digest"
        words = say(f"{whose} comes {_when(subscription)}: first ", Instant(first, (zone,)), ".")
        return Outcome((kept,), said=Message(None, (words,)))

    def _place(self, call: Call) -> str:
        if not self.network:
            if agencies.desk_of(call.session, call.agency_id) is None:
                line = Code(f"/agency desk {call.agency.code}")
                raise NotPermitted(f"{call.agency.code} has no desk yet.", instead=("Type ", line, " in its place."))
            return giving.AT_DESK
        readers = agencies.readers(call.session, call.place) if call.place is not None else {}
        if call.place is None or call.agency_id not in readers or len(readers) == 1:
            raise NotPermitted(
                "A network's digest stands where several agencies sit.",
                instead=("Type it in a place that they share.",),
            )
        return call.place


@command("digest list", permit=P.DIGEST_LIST, private=True)
class ListDigests:
    """List your agency's subscriptions."""

    def perform(self, call: Call) -> Outcome:
        found = subscriptions.of_agency(call.session, call.agency_id)
        if not found:
            line = Code("/digest subscribe")
            return Outcome(reply=Message(None, (say(f"{call.agency.code} has no digest yet: ", line, "."),)))
        return Outcome(reply=Message(None, (Items(tuple(_line(call, one) for one in found)),)))


@command("digest stop", permit=P.DIGEST_STOP)
class StopDigest:
    """End your agency's digest, or (--network) the one that it has in this place."""

    network: Annotated[bool, Ask("Network", flag=True, help="the one for all who read this place")] = False

    def perform(self, call: Call) -> Outcome:
        place = (call.place or "") if self.network else giving.AT_DESK
        found = subscriptions.at(call.session, call.agency_id, place, network=self.network)
        if found is None:
            raise BadValue("There is no such digest.", instead=(Code("/digest list"), " shows those of your agency."))
        _drop(call, found)
        kept = record("digest:stopped", call.agency.code, network=self.network or None)
        return Outcome((kept,), said=Message(None, (say("The digest comes no more."),)))


def _drop(call: Call, subscription: Subscription) -> None:
    moments.plan(call.session, f"{giving.DIGEST}:{subscription.id}", None)
    call.session.delete(subscription)
    call.session.flush()


def _when(subscription: Subscription) -> str:
    """`every week on Monday at 09:00 (New York)`."""
    day = _DAYS[subscription.weekday].title()
    at = f"at {subscription.at:%H:%M} ({city(subscription.zone)})"
    match subscription.every:
        case Every.DAY:
            return f"every working day {at}"
        case Every.WEEK:
            return f"every week on {day} {at}"
        case Every.MONTH:
            return f"every month on its first {day} {at}"


def _line(call: Call, one: Subscription) -> Spans:
    where = ("for all who read ", Code(one.place)) if one.network else ("at the desk",)
    planned = moments.of(call.session, f"{giving.DIGEST}:{key(one.id)}")
    coming = (", next ", Instant(planned.at, (one.zone,))) if planned is not None else ()
    when = _when(one)
    return spans(f"{when[0].upper()}{when[1:]}, ", *where, *coming, ".")
