"""Agencies: what the operator keeps of them, and where their desks are; their commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from commands import find
from commands.agency_days import closings_shown
from commands.call import Call, Outcome, key, record
from commands.declare import AgencyCode, Ask, Country, Days, Permission, PlaceName, Zone, command
from commands.due import calendar_of
from commands.message import Code, Fields, Instant, Items, Message, Paragraph, Spans, Strong, Text, say, spans, typed
from commands.refusals import BadValue, NotPermitted
from commands.replanning import replan
from commands.resettling import resettle_agencies
from commands.rules import workdays, zones
from commands.rules.names import WEEKDAYS
from storage import agencies
from storage.rows import add
from storage.tables import LONGEST, Agency
from storage.words import Address, Place

P = Permission
NAMED = 20
"""How many members whom nobody enrolled are named."""
_PLACE = re.compile(r"local:#?[\w-]+|matrix:[A-Za-z0-9_-]+/![^\s/]+|slack:[A-Za-z0-9_-]+/[A-Z0-9]+", re.ASCII)


@command("agency list", permit=P.AGENCY_LIST, private=True)
class ListAgencies:
    """List the agencies of the network."""

    def perform(self, call: Call) -> Outcome:
        found = agencies.everyone(call.session)
        if not found:
            return Outcome(reply=Message(None, (say("There is no agency yet: ", Code("/agency add"), "."),)))
        lines = tuple((Strong(agency.code), Text(f" {_country(agency)} "), *typed(agency.name)) for agency in found)
        return Outcome(reply=Message(None, (Items(lines),)))


def _country(agency: Agency) -> str:
    return f"{agency.country}-{agency.subdivision}" if agency.subdivision else agency.country


@command("agency show", permit=P.AGENCY_SHOW, private=True)
class ShowAgency:
    """Show an agency: its country, its time and its working week."""

    code: Annotated[AgencyCode, Ask("Agency")]

    def perform(self, call: Call) -> Outcome:
        agency = find.agency(call, self.code)
        own = call.actor.operator or agency.id == call.agency_id
        rows: list[tuple[str, Spans]] = [
            ("Country", spans(_country(agency))),
            ("Zone", spans(f"{agency.zone}, now ", Instant(call.now, (agency.zone,)))),
        ]
        if agency.weekend:
            rows.append(("Weekend", spans(", ".join(WEEKDAYS[int(day)] for day in agency.weekend.split(",")))))
        rows.append(("Hours", spans(f"{agency.opens:%H:%M} to {agency.closes:%H:%M}")))
        if closed := closings_shown(call, agency):
            rows.append(("Closed", tuple(part for one in closed for part in (Text("; "), *one))[1:]))
        desk = agencies.desk_of(call.session, key(agency.id))
        rows.append(("Desk", spans(Code(desk) if own and desk else "yes" if desk else "none yet")))
        return Outcome(reply=Message(None, (say(Strong(agency.code), " ", *typed(agency.name)), Fields(tuple(rows)))))


@command("agency add", permit=P.AGENCY_ADD, operator=True)
class AddAgency:
    """Take an agency into the network."""

    code: Annotated[AgencyCode, Ask("Code", help="a short name, as in FTC")]
    country: Annotated[Country, Ask("Country", flag=True, help="ISO 3166, as in US or AU-ACT")]
    zone: Annotated[Zone, Ask("Time zone", flag=True, help="IANA, as in Australia/Sydney")]
    weekend: Annotated[Days | None, Ask("Weekend", flag=True, help="fri,sat; else the country's own")] = None
    name: Annotated[str, Ask("Name", rest=True, max_length=200, example="Communications and Media Authority")]

    def perform(self, call: Call) -> Outcome:
        if agencies.by_code(call.session, self.code) is not None:
            raise BadValue(f"There is an agency {self.code} already.", instead=(Code("/agency set"), " changes it."))
        country, subdivision = _read_country(self.country)
        add(
            call.session,
            Agency,
            code=self.code,
            name=self.name,
            country=country,
            subdivision=subdivision,
            zone=read_zone(self.zone),
            weekend=_read_weekend(self.weekend),
            added_at=call.now,
        )
        added = record("agency:added", self.code, country=self.country, zone=self.zone)
        words = [say(Strong(self.code), " is added: ", *typed(self.name), ".")]
        if workdays.lacks_subdivision(country, subdivision):
            line = Code(f"/agency set {self.code} --country {country}-...")
            words.append(say(f"Most public holidays of {country} are a state's or province's: ", line, " names it."))
        return Outcome((added,), said=Message(None, tuple(words)))


@command("agency set", permit=P.AGENCY_SET, operator=True)
class SetAgency:
    """Change what is kept of an agency."""

    code: Annotated[AgencyCode, Ask("Agency")]
    country: Annotated[Country | None, Ask("Country", flag=True)] = None
    zone: Annotated[Zone | None, Ask("Time zone", flag=True, example="Australia/Sydney")] = None
    weekend: Annotated[Days | None, Ask("Weekend", flag=True)] = None
    name: Annotated[str | None, Ask("Name", rest=True, max_length=200)] = None

    def perform(self, call: Call) -> Outcome:
        agency = find.agency(call, self.code)
        if not any((self.country, self.zone, self.weekend, self.name)):
            raise BadValue("Nothing to change.", instead=("Give --country, --zone, --weekend or a name.",))
        before = calendar_of(call.session, agency)
        if self.country:
            agency.country, agency.subdivision = _read_country(self.country)
        agency.zone = read_zone(self.zone) if self.zone else agency.zone
        agency.weekend = _read_weekend(self.weekend) or agency.weekend
        agency.name = self.name or agency.name
        replan(call, agency, before)
        changed = record(
            "agency:set", self.code, country=self.country, zone=self.zone, weekend=self.weekend, name=self.name
        )
        return Outcome((changed,), said=Message(None, (say(Strong(self.code), " is changed."),)))


def _read_country(typed_country: str) -> tuple[str, str | None]:
    try:
        return workdays.read_country(typed_country)
    except workdays.CalendarRefused as refused:
        raise BadValue(*typed(str(refused))) from None


def read_zone(name: str) -> str:
    zone = zones.known_zone(name)
    if zone is None:
        near = ", ".join(zones.near_zones(name))
        raise BadValue(
            "There is no time zone “", *typed(name), "”.",
            instead=(f"Did you mean {near}?" if near else "Write for example Europe/London.",),
        )  # fmt: skip
    return zone


def _read_weekend(days: str | None) -> str | None:
    if days is None:
        return None
    try:
        return ",".join(str(day) for day in sorted(workdays.read_weekend(days)))
    except workdays.CalendarRefused as refused:
        raise BadValue(*typed(str(refused))) from None


@command("agency desk", permit=P.AGENCY_DESK)
class SetDesk:
    """Make this place your agency's desk, or (--shared) a place where it is seated besides."""

    code: Annotated[AgencyCode, Ask("Agency")]
    place: Annotated[PlaceName | None, Ask("Place", help="the operator's; you type it in the place itself")] = None
    shared: Annotated[bool, Ask("Shared", flag=True, help="a seat beside the desk")] = False

    def perform(self, call: Call) -> Outcome:
        agency = find.agency(call, self.code)
        place = self._place(call, agency)
        readers = agencies.readers(call.session, place)
        others = readers.keys() - {agency.id}
        if not call.actor.operator:
            self._mind_others(call, agency, readers)
        if self.shared and readers.get(key(agency.id)):
            raise BadValue(
                f"This is {agency.code}'s desk already.", instead=("Give it another desk first, to be seated here.",)
            )
        before = agencies.places_of(call.session, key(agency.id))
        agencies.seat(call.session, key(agency.id), place, call.now, shared=self.shared)
        drafts = resettle_agencies(call, {key(agency.id), *others})
        kind = "seated" if self.shared else "desk"
        kept = record(
            "agency:desk", agency.code, place=place, kind=kind, before=[desk.place for desk in before] or None
        )
        return Outcome((kept,), drafts, said=self._message(call, agency, place))

    def _place(self, call: Call, agency: Agency) -> Place:
        if call.actor.operator:
            if self.place is None or not _PLACE.fullmatch(self.place) or len(self.place) > LONGEST:
                raise BadValue(
                    "The operator names the place.",
                    instead=("Write local:CHANNEL, matrix:NAME/!ROOM or slack:NAME/CHANNEL.",),
                )
            return Place(self.place.replace("local:#", "local:"))
        if agency.id != call.agency_id:
            raise NotPermitted(f"Only {agency.code}'s own coordinators, or the operator, set its desk.")
        if self.place is not None:
            raise NotPermitted(
                "Only the operator names a place.", instead=("Type ", Code(f"/agency desk {agency.code}"), " in it.")
            )
        if call.place is None:
            raise BadValue("A direct message is no desk.", instead=("Type it in the place that is to be the desk.",))
        if call.room is not None and call.room.public:
            raise NotPermitted(
                "Everyone can read this place, so it cannot be a desk.",
                instead=("Make it private, or use another one.",),
            )
        return call.place

    def _mind_others(self, call: Call, agency: Agency, readers: Mapping[int, bool]) -> None:
        """Who sits down at another agency's desk narrows what may be shown there: that is not theirs to decide."""
        for other, desk in readers.items():
            if desk and other != agency.id:
                code = call.session.get_one(Agency, other).code
                raise NotPermitted(
                    f"This place is {code}'s desk.",
                    instead=("The operator can seat you here besides, or use another one.",),
                )

    def _unknown(self, call: Call) -> Paragraph | None:
        """Members whom nobody enrolled read along: better to know it now."""
        members = call.room.members if call.room is not None else ()
        enrolled = agencies.addresses_enrolled(call.session, members)
        unknown = [Address(member) for member in members if member not in enrolled]
        if not unknown:
            return None
        names = [part for member in unknown[:NAMED] for part in (Code(member), Text(" "))]
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        return say("Nobody has enrolled these members of this place: ", *names[:-1], f"{more}.")

    def _message(self, call: Call, agency: Agency, place: Place) -> Message:
        if call.place != place:
            kind = " is seated at " if self.shared else " has its desk at "
            return Message(None, (say(Strong(agency.code), kind, Code(place), "."),))
        kind = "is seated here" if self.shared else "has its desk here now"
        unknown = self._unknown(call)
        return Message(None, (say(Strong(agency.code), f" {kind}."), *((unknown,) if unknown else ())))
