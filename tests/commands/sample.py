"""Commands of every shape in a table of their own, so that no test depends on the real nouns; and how to read them."""

from __future__ import annotations

from typing import Annotated

from commands import grammar
from commands.declare import (
    AgencyCode,
    Ask,
    CaseNo,
    Country,
    Days,
    ExhibitNo,
    Permission,
    Person,
    PlaceName,
    RequestNo,
    Table,
    When,
    Zone,
    command,
)
from commands.grammar import Complaint, Reading, Within
from storage.words import Conduct, Marking, Priority, Reason

SAMPLE: Table = {}
"""What the tests read lines with."""

P = Permission


@command("case open", permit=P.CASE_OPEN, table=SAMPLE)
class OpenCase:
    """Open a case.

    Everyone who sits here is on it.
    """

    conduct: Annotated[Conduct | None, Ask("Kind of conduct", flag=True)] = None
    priority: Annotated[Priority, Ask("Priority", flag=True)] = Priority.NORMAL
    marking: Annotated[Marking, Ask("Marking", flag=True, shows="TLP")] = Marking.AMBER
    only: Annotated[bool, Ask("Only us", flag=True, help="leave the others out")] = False
    title: Annotated[str, Ask("Title", rest=True, example="Pump-and-dump mailing", max_length=200)]


@command("case show", permit=P.CASE_SHOW, private=True, table=SAMPLE)
class ShowCase:
    """Show a case."""

    case: Annotated[CaseNo, Ask("Case", here=True)]


@command("case list", permit=P.CASE_LIST, private=True, table=SAMPLE)
class ListCases:
    """List cases."""

    agency: Annotated[AgencyCode | None, Ask("Agency", flag=True, shows="CODE")] = None
    mine: Annotated[bool, Ask("Mine", flag=True)] = False
    text: Annotated[str | None, Ask("Words", flag=True, shows="WORDS")] = None


@command("case add", permit=P.CASE_ADD, table=SAMPLE)
class AddAgency:
    """Put an agency on a case."""

    agency: Annotated[AgencyCode, Ask("Agency")]
    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]


@command("case note", permit=P.CASE_NOTE, table=SAMPLE)
class NoteCase:
    """Keep a note."""

    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    text: Annotated[str, Ask("Note", rest=True)]


@command("case set", permit=P.CASE_SET, table=SAMPLE)
class SetCase:
    """Change a case."""

    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    title: Annotated[str | None, Ask("Title", flag=True, max_length=200)] = None
    marking: Annotated[Marking | None, Ask("Marking", flag=True, shows="TLP")] = None


@command("case close", permit=P.CASE_CLOSE, table=SAMPLE)
class CloseCase:
    """Close a case."""

    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    anyway: Annotated[bool, Ask("Anyway", flag=True)] = False
    outcome: Annotated[str, Ask("Outcome", rest=True)]


@command("case reopen", permit=P.CASE_REOPEN, table=SAMPLE)
class ReopenCase:
    """Open a case again."""

    case: Annotated[CaseNo, Ask("Case", here=True)]
    reason: Annotated[str | None, Ask("Reason", rest=True)] = None


@command("request send", permit=P.REQUEST_SEND, table=SAMPLE)
class SendRequest:
    """Ask a partner agency for help."""

    to: Annotated[tuple[AgencyCode, ...], Ask("Agency asked")]
    case: Annotated[CaseNo, Ask("Case", flag=True, here=True)]
    due: Annotated[When | None, Ask("Answer needed by", flag=True)] = None
    urgent: Annotated[bool, Ask("Urgent", flag=True)] = False
    under: Annotated[str | None, Ask("Instrument", flag=True, shows="INSTRUMENT")] = None
    marking: Annotated[Marking | None, Ask("Marking", flag=True, shows="TLP")] = None
    what: Annotated[str, Ask("What is asked", rest=True)]


@command("request show", permit=P.REQUEST_SHOW, private=True, table=SAMPLE)
class ShowRequest:
    """Show a request."""

    request: Annotated[RequestNo, Ask("Request", here=True)]


@command("request list", permit=P.REQUEST_LIST, private=True, table=SAMPLE)
class ListRequests:
    """List requests."""

    overdue: Annotated[bool, Ask("Overdue", flag=True)] = False
    case: Annotated[CaseNo | None, Ask("Case", flag=True)] = None


@command("request ack", permit=P.REQUEST_ACK, table=SAMPLE)
class AckRequest:
    """Say that you have it."""

    request: Annotated[RequestNo, Ask("Request", here=True)]


@command("request assign", permit=P.REQUEST_ASSIGN, table=SAMPLE)
class AssignRequest:
    """Hand it on."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    person: Annotated[Person, Ask("Officer", help="an address or a mention")]


@command("request explain", permit=P.REQUEST_EXPLAIN, table=SAMPLE)
class ExplainRequest:
    """Say what is meant."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    text: Annotated[str, Ask("Explanation", rest=True)]


@command("request answer", permit=P.REQUEST_ANSWER, table=SAMPLE)
class AnswerRequest:
    """Answer it."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    partial: Annotated[bool, Ask("Partial", flag=True)] = False
    kept_until: Annotated[When | None, Ask("Data kept until", flag=True)] = None
    text: Annotated[str | None, Ask("Answer", rest=True, pressed=True)] = None


@command("request decline", permit=P.REQUEST_DECLINE, table=SAMPLE)
class DeclineRequest:
    """Say no."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    reason: Annotated[Reason, Ask("Reason", flag=True, shows="CODE")]
    text: Annotated[str | None, Ask("More about it", rest=True)] = None


@command("request extend", permit=P.REQUEST_EXTEND, table=SAMPLE)
class ExtendRequest:
    """Move the due time."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    due: Annotated[When, Ask("New due time", rest=True)]


@command("agency add", permit=P.AGENCY_ADD, operator=True, table=SAMPLE)
class AddToNetwork:
    """Take an agency into the network."""

    code: Annotated[AgencyCode, Ask("Code", help="a short name, as in FTC")]
    country: Annotated[Country, Ask("Country", flag=True)]
    zone: Annotated[Zone, Ask("Time zone", flag=True)]
    weekend: Annotated[Days | None, Ask("Weekend", flag=True)] = None
    name: Annotated[str, Ask("Name", rest=True, max_length=200)]


@command("agency desk", permit=P.AGENCY_DESK, table=SAMPLE)
class SetDesk:
    """Make this place the desk."""

    code: Annotated[AgencyCode, Ask("Agency")]
    place: Annotated[PlaceName | None, Ask("Place")] = None
    shared: Annotated[bool, Ask("Shared", flag=True)] = False


@command("officer add", permit=P.OFFICER_ADD, table=SAMPLE)
class AddOfficer:
    """Enrol a person."""

    person: Annotated[Person, Ask("Person")]
    agency: Annotated[AgencyCode, Ask("Agency", flag=True, shows="CODE")]
    same_as: Annotated[Person | None, Ask("Same person as", flag=True)] = None
    name: Annotated[str | None, Ask("Name", rest=True)] = None


@command("digest now", permit=P.DIGEST_NOW, table=SAMPLE)
class DigestNow:
    """Give the digest."""


@command("comity help", permit=P.COMITY_HELP, private=True, table=SAMPLE)
class Help:
    """Say what can be typed."""

    topic: Annotated[str | None, Ask("Topic", rest=True)] = None


IN_CASE = Within(case=1)
IN_REQUEST = Within(case=1, request=2)


def read(text: str, within: Within | None = None, *, pressed: bool = False) -> Reading:
    return grammar.read(text, within, pressed=pressed, table=SAMPLE)


def refused(text: str, within: Within | None = None) -> str:
    reading = read(text, within)
    assert isinstance(reading, Complaint), reading
    return reading.problem


def sent(text: str) -> SendRequest:
    reading = read(text, IN_CASE)
    assert isinstance(reading, SendRequest), reading
    return reading


def title(text: str) -> str:
    reading = read(text)
    assert isinstance(reading, OpenCase), reading
    return reading.title


@command("exhibit show", permit=P.EXHIBIT_SHOW, private=True, table=SAMPLE)
class ShowExhibit:
    """Show what was attached."""

    exhibit: Annotated[ExhibitNo, Ask("Exhibit")]
