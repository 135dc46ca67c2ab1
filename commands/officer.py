"""Officers: who writes for which agency, from which addresses; their commands."""

from __future__ import annotations

from typing import Annotated

from commands import find, reply
from commands.call import Call, Outcome, key, named, record
from commands.declare import AgencyCode, Ask, Permission, Person, command
from commands.message import Code, Items, Message, Paragraph, Spans, Strong, Text, say, typed
from commands.people import officer_named, read_address
from commands.refusals import BadValue, NotPermitted
from storage import agencies
from storage.tables import Agency, Officer
from storage.words import Address, Role

P = Permission


@command("officer add", permit=P.OFFICER_ADD)
class AddOfficer:
    """Enrol a person as an officer of your agency."""

    person: Annotated[Person, Ask("Person", help="an address or a mention, never a display name")]
    agency: Annotated[AgencyCode, Ask("Agency", flag=True, shows="CODE")]
    role: Annotated[Role | None, Ask("Role", flag=True, help="else officer, or as it was")] = None
    same_as: Annotated[Person | None, Ask("Same person as", flag=True, help="a further address of theirs")] = None
    name: Annotated[
        str | None, Ask("Name", rest=True, max_length=80, help="as the partners will read it", example="Ana Lee")
    ] = None

    def perform(self, call: Call) -> Outcome:
        agency = find.agency(call, self.agency)
        _mind_agency(call, agency)
        address = read_address(self.person)
        enrolled = agencies.officer_at(call.session, address)
        if enrolled is not None and enrolled[1].id != agency.id:
            raise NotPermitted(
                Code(address), " is enrolled in another agency.", instead=("Its coordinator removes it first.",)
            )
        if self.same_as is not None:
            officer = self._further(call, agency, address, enrolled)
        elif enrolled is not None:
            officer = enrolled[0]
        else:
            officer = self._new(call, agency, address)
        self._mend(call, officer, agency)
        freed = reply.let_go(call, address, officer, agency)
        added = record("officer:added", agency.code, address=address, role=officer.role, name=officer.name)
        who = say(Strong(named(officer, agency)), f", {officer.role}, writes from ", Code(address), ".")
        return Outcome((added, *freed.records), freed.drafts, said=Message(None, (who, *_let_go(len(freed.records)))))

    def _new(self, call: Call, agency: Agency, address: Address) -> Officer:
        name = _readable(self.name or address.split(":", 1)[1].lstrip("@").split(":")[0].split("/")[-1])
        number = agencies.enrol(call.session, key(agency.id), name, self.role or Role.OFFICER, address, call.now)
        return call.session.get_one(Officer, number)

    def _further(
        self, call: Call, agency: Agency, address: Address, enrolled: tuple[Officer, Agency] | None
    ) -> Officer:
        officer, theirs = officer_named(call, self.same_as or "")
        if theirs.id != agency.id:
            raise NotPermitted(f"{named(officer, theirs)} is not of {agency.code}.")
        if enrolled is not None:
            raise BadValue(
                Code(address), " is enrolled already.", instead=(Code(f"/officer remove {address}"), " comes first.")
            )
        agencies.add_address(call.session, key(officer.id), address)
        return officer

    def _mend(self, call: Call, officer: Officer, agency: Agency) -> None:
        """Of someone who was enrolled before, the role and the name change where they are given."""
        if officer.role is Role.COORDINATOR and self.role is Role.OFFICER:
            _mind_last(call, officer, agency)
        officer.role = self.role or officer.role
        officer.name = _readable(self.name or officer.name)
        call.session.flush()


def _let_go(count: int) -> tuple[Paragraph, ...]:
    """How many messages were held until now."""
    if not count:
        return ()
    return (
        say(
            "One message of theirs was held, and is relayed now."
            if count == 1
            else f"{count} messages of theirs were held, and are relayed now."
        ),
    )


def _readable(name: str) -> str:
    """A name stands in every message: one line, which no client takes for a link, a mention or an address."""
    name = " ".join(name.split())
    if any(isinstance(span, Code) for span in typed(name)):
        raise BadValue(
            "A name is letters, not an address: ", *typed(name), ".", instead=("Write the name behind the address.",)
        )
    return name


def _mind_agency(call: Call, agency: Agency) -> None:
    if not call.actor.operator and agency.id != call.agency_id:
        raise NotPermitted(f"Only {agency.code}'s own coordinators, or the operator, look after its officers.")


def _mind_last(call: Call, officer: Officer, agency: Agency) -> None:
    others = [other for other, _ in agencies.coordinators(call.session, [key(agency.id)]) if other.id != officer.id]
    if not others and not call.actor.operator:
        raise NotPermitted(
            f"{named(officer, agency)} is the last coordinator of {agency.code}: only the operator removes them.",
            instead=("Make another officer coordinator first.",),
        )


@command("officer list", permit=P.OFFICER_LIST, private=True)
class ListOfficers:
    """List your agency's officers and their addresses."""

    def perform(self, call: Call) -> Outcome:
        found = agencies.officers(call.session, None if call.actor.operator else call.agency_id)
        people: dict[int, tuple[Officer, Agency, list[str]]] = {}
        for officer, address, agency in found:
            people.setdefault(key(officer.id), (officer, agency, []))[2].append(address)
        lines: list[Spans] = []
        for officer, agency, addresses in people.values():
            codes = [part for address in addresses for part in (Text(" "), Code(address))]
            lines.append((Strong(named(officer, agency)), Text(f", {officer.role}:"), *codes))
        if not lines:
            return Outcome(reply=Message(None, (say("Nobody is enrolled yet: ", Code("/officer add"), "."),)))
        return Outcome(reply=Message(None, (Items(tuple(lines)),)))


@command("officer remove", permit=P.OFFICER_REMOVE)
class RemoveOfficer:
    """Remove an officer of your agency with all their addresses."""

    person: Annotated[Person, Ask("Person", help="an address or a mention")]

    def perform(self, call: Call) -> Outcome:
        officer, agency = officer_named(call, self.person)
        _mind_agency(call, agency)
        if officer.role is Role.COORDINATOR:
            _mind_last(call, officer, agency)
        agencies.remove_officer(call.session, officer, call.now)
        removed = record("officer:removed", agency.code, address=read_address(self.person), name=officer.name)
        words = say(Strong(named(officer, agency)), " is removed: what they write from now on is held.")
        return Outcome((removed,), said=Message(None, (words,)))
