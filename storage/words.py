"""The words that every room uses: enums, typed ids and references; standard library only, no behaviour beyond order."""

from __future__ import annotations

import re
from datetime import date
from enum import IntEnum, StrEnum
from typing import NamedTuple, NewType

Place = NewType("Place", str)
"""Platform and room, as in `local:ftc` or `matrix:NAME/!room`."""

Address = NewType("Address", str)
"""One way in which a person writes to us, as in `local:ana` or `matrix:@ana:ftc.example`."""


def platform_of(where: str) -> str:
    """The word before the colon of a place, an address or an account: local, matrix, slack."""
    return where.partition(":")[0]


AgencyCode = NewType("AgencyCode", str)
AgencyId = NewType("AgencyId", int)
OfficerId = NewType("OfficerId", int)
CaseId = NewType("CaseId", int)
RequestId = NewType("RequestId", int)
ThreadId = NewType("ThreadId", int)
LetterId = NewType("LetterId", int)
ReplyId = NewType("ReplyId", int)
ExhibitId = NewType("ExhibitId", int)


class RefKind(StrEnum):
    """What a short reference points at; its value is the letter that people type."""

    CASE = "C"
    REQUEST = "R"
    EXHIBIT = "X"


_REF = re.compile(r"^([CRX])-([1-9][0-9]{0,8})$", re.IGNORECASE)


def read_ref(text: str) -> tuple[RefKind, int] | None:
    """`c-12` -> (CASE, 12); None if the text has not the form of a reference."""
    found = _REF.match(text)
    return (RefKind(found[1].upper()), int(found[2])) if found else None


def case_ref(number: int) -> str:
    return f"C-{number}"


def request_ref(number: int) -> str:
    return f"R-{number}"


def exhibit_ref(number: int) -> str:
    return f"X-{number}"


class Marking(StrEnum):
    """TLP 2.0 (https://www.first.org/tlp/), the narrowest last."""

    CLEAR = "CLEAR"
    GREEN = "GREEN"
    AMBER = "AMBER"
    STRICT = "AMBER+STRICT"
    RED = "RED"

    @property
    def narrowness(self) -> int:
        """0 for CLEAR to 4 for RED."""
        return list(Marking).index(self)


class Sight(IntEnum):
    """How much of a case or request may be seen: nothing, its outline, all of it."""

    NONE = 0
    OUTLINE = 1
    FULL = 2


class Side(StrEnum):
    """Where an agency stands to a request."""

    ASKING = "asking"
    ASKED = "asked"
    THIRD = "third"


class State(StrEnum):
    """Where a request is in its life (the contract's "Life of a request")."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    CLARIFYING = "clarifying"
    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


OPEN_STATES = (State.SENT, State.ACKNOWLEDGED, State.CLARIFYING, State.ANSWERED)
"""Open requests hold their case open; the first three wait for the asked agency."""

OWED_STATES = (State.SENT, State.ACKNOWLEDGED, State.CLARIFYING)


RUNNING_STATES = (State.SENT, State.ACKNOWLEDGED)
"""In these the clock runs: nothing is overdue while it is being clarified."""


class Step(StrEnum):
    """What is done to a request; the value is the verb that people type."""

    SEND = "send"
    ACK = "ack"
    ASSIGN = "assign"
    CLARIFY = "clarify"
    EXPLAIN = "explain"
    ANSWER = "answer"
    DECLINE = "decline"
    EXTEND = "extend"
    AGREE = "agree"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    REOPEN = "reopen"
    REF = "ref"


class Act(StrEnum):
    """What was done with an exhibit: a link in its chain of custody."""

    RECEIVED = "received"
    VERIFIED = "verified"
    SHOWN = "shown"
    RELEASED = "released"
    EXPORTED = "exported"
    DESTROYED = "destroyed"


class Trouble(StrEnum):
    """Why a file could not be fetched."""

    UNREACHABLE = "unreachable"
    CUT_OFF = "cut off"
    """What came was not as long as it should have been, or not what was encrypted."""
    NO_FILE = "no file"
    """A page came in its place, to sign in for example."""
    TOO_LARGE = "too large"
    GONE = "gone"
    ELSEWHERE = "elsewhere"
    """The platform only points at it."""


class RequestKind(StrEnum):
    EVIDENCE = "evidence"
    IDENTIFY = "identify"
    PRESERVE = "preserve"
    TRAFFIC = "traffic"
    INVESTIGATE = "investigate"
    FREEZE = "freeze"
    STOP = "stop"
    REFER = "refer"
    INFORM = "inform"
    ADVISE = "advise"


class Conduct(StrEnum):
    UNSOLICITED = "unsolicited"
    AFTER_REFUSAL = "after-refusal"
    NO_UNSUBSCRIBE = "no-unsubscribe"
    HIDDEN_SENDER = "hidden-sender"
    FALSE_HEADERS = "false-headers"
    DECEPTIVE = "deceptive"
    HARVESTED = "harvested"
    PHISHING = "phishing"
    MALWARE = "malware"
    CALL = "call"
    NON_COMMERCIAL = "non-commercial"


class Reason(StrEnum):
    """Why a request is declined."""

    NOT_HELD = "not-held"
    NOT_COMPLIANT = "not-compliant"
    AUTHORISATION_REFUSED = "authorisation-refused"
    OUTSIDE_SCOPE = "outside-scope"
    OUT_OF_DATE = "out-of-date"
    SECURITY = "security"
    ENDANGERS = "endangers"
    UNDUE_HARM = "undue-harm"
    MINOR = "minor"
    ORIGINATOR_REFUSED = "originator-refused"
    NOT_COMPETENT = "not-competent"
    WOULD_BREACH_LAW = "would-breach-law"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Role(StrEnum):
    OFFICER = "officer"
    COORDINATOR = "coordinator"


class Manner(StrEnum):
    """How a private letter reaches its reader where the platform has no private messages in a room."""

    ALOUD = "aloud"
    """In the place, to its reader: it says nothing that the place may not hear."""
    APART = "apart"
    """In a direct room; the place hears that it was answered privately."""
    QUIET = "quiet"
    """In a direct room, and the place hears nothing."""


class Lane(IntEnum):
    """The order of letters between threads; within a thread it is the order of writing."""

    DEADLINE = 0
    NEWS = 1
    DIGEST = 2


class Permission(StrEnum):
    """What may be done; the ledger's tags share the spelling (`request:send` permits, `request:sent` records)."""

    AGENCY_ADD = "agency:add"
    AGENCY_CLOSED = "agency:closed"
    AGENCY_DESK = "agency:desk"
    AGENCY_HOURS = "agency:hours"
    AGENCY_LIST = "agency:list"
    AGENCY_SET = "agency:set"
    AGENCY_SHOW = "agency:show"
    CASE_ADD = "case:add"
    CASE_CLOSE = "case:close"
    CASE_EXPORT = "case:export"
    CASE_KEEP = "case:keep"
    CASE_LIST = "case:list"
    CASE_NOTE = "case:note"
    CASE_OPEN = "case:open"
    CASE_REF = "case:ref"
    CASE_REMOVE = "case:remove"
    CASE_REOPEN = "case:reopen"
    CASE_SET = "case:set"
    CASE_SHOW = "case:show"
    CASE_TIMELINE = "case:timeline"
    COMITY_HELP = "comity:help"
    COMITY_WHOAMI = "comity:whoami"
    DIGEST_CALENDAR = "digest:calendar"
    DIGEST_FILE = "digest:file"
    DIGEST_LIST = "digest:list"
    DIGEST_NOW = "digest:now"
    DIGEST_PREVIEW = "digest:preview"
    DIGEST_STOP = "digest:stop"
    DIGEST_SUBSCRIBE = "digest:subscribe"
    EXHIBIT_ADD = "exhibit:add"
    EXHIBIT_AGREE = "exhibit:agree"
    EXHIBIT_DESTROY = "exhibit:destroy"
    EXHIBIT_LIST = "exhibit:list"
    EXHIBIT_REFUSE = "exhibit:refuse"
    EXHIBIT_RELEASE = "exhibit:release"
    EXHIBIT_SHOW = "exhibit:show"
    EXHIBIT_VERIFY = "exhibit:verify"
    OFFICER_ADD = "officer:add"
    OFFICER_LIST = "officer:list"
    OFFICER_REMOVE = "officer:remove"
    REQUEST_ACK = "request:ack"
    REQUEST_AGREE = "request:agree"
    REQUEST_ANSWER = "request:answer"
    REQUEST_ASSIGN = "request:assign"
    REQUEST_CLARIFY = "request:clarify"
    REQUEST_CLOSE = "request:close"
    REQUEST_DECLINE = "request:decline"
    REQUEST_EXPLAIN = "request:explain"
    REQUEST_EXTEND = "request:extend"
    REQUEST_LIST = "request:list"
    REQUEST_REF = "request:ref"
    REQUEST_REFUSE = "request:refuse"
    REQUEST_REMIND = "request:remind"
    REQUEST_REOPEN = "request:reopen"
    REQUEST_SEND = "request:send"
    REQUEST_SHOW = "request:show"
    REQUEST_SNOOZE = "request:snooze"
    REQUEST_WITHDRAW = "request:withdraw"


class CaseStatus(StrEnum):
    """Which cases a list shows."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


class Weekday(StrEnum):
    """In the order of `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class ClosedDays(NamedTuple):
    """Days, the last one included, on which an agency does not work beside weekends and public holidays."""

    first: date
    last: date
    why: str | None = None


class Every(StrEnum):
    """How often a digest is given."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
