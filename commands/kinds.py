"""The kinds of value that a command can ask for, and how each stands in a usage line; nothing here reads one."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NewType

from storage.words import AgencyCode

CaseNo = NewType("CaseNo", int)
"""Typed C-n."""
RequestNo = NewType("RequestNo", int)
"""Typed R-n."""
ExhibitNo = NewType("ExhibitNo", int)
"""Typed X-n."""
Person = NewType("Person", str)
"""An address or a mention, as typed."""
When = NewType("When", str)
"""A WHEN, as typed; it reads as one."""
Zone = NewType("Zone", str)
Country = NewType("Country", str)
"""ISO 3166 in form, in capitals: `US`, `AU-ACT`."""
Days = NewType("Days", str)
"""Weekdays with commas between them, as typed."""
PlaceName = NewType("PlaceName", str)
Dates = NewType("Dates", str)
"""One date, or the first and the last of several, as typed."""
ClockTime = NewType("ClockTime", str)
"""A time of day, as typed."""
Hours = NewType("Hours", str)
"""When a working day begins and ends, as typed."""


class Kind(StrEnum):
    """How a field's value is typed."""

    CHOICE = "choice"
    SWITCH = "switch"
    TEXT = "text"
    NAME = "name"
    COUNTRY = "country"
    AGENCY = "agency"
    AGENCIES = "agencies"
    CASE = "case"
    REQUEST = "request"
    EXHIBIT = "exhibit"
    WHEN = "when"


KINDS: dict[Any, tuple[Kind, str]] = {
    AgencyCode: (Kind.AGENCY, ""),
    str: (Kind.TEXT, ""),
    tuple[AgencyCode, ...]: (Kind.AGENCIES, "AGENCY[,AGENCY...]"),
    CaseNo: (Kind.CASE, "CASE"),
    RequestNo: (Kind.REQUEST, "REQUEST"),
    ExhibitNo: (Kind.EXHIBIT, "EXHIBIT"),
    When: (Kind.WHEN, "WHEN"),
    Person: (Kind.NAME, "PERSON"),
    Zone: (Kind.NAME, "IANA"),
    Country: (Kind.COUNTRY, "CC[-SUB]"),
    Days: (Kind.NAME, "DAYS"),
    PlaceName: (Kind.NAME, "PLACE"),
    Dates: (Kind.NAME, "FROM..TO"),
    ClockTime: (Kind.NAME, "09:00"),
    Hours: (Kind.NAME, "09:00-17:00"),
    bool: (Kind.SWITCH, ""),
}
"""By the type in the annotation, how it is typed and what stands for it in a usage line; else the field's name does."""
