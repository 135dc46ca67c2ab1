"""What a digest holds, gathered as a value that a message, a page or a table can be made of; it has no wording.

An agency's own: what it may see of its own requests. The network's: what all readers of a place may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from commands.call import key
from commands.due import calendars_of
from commands.rules import digest
from commands.rules.digest import AnswerTimes
from storage import agencies, exhibits, ledger, network, prospects
from storage.digests import Section
from storage.exhibits import Unfetched
from storage.ledger import Head
from storage.lines import Line
from storage.prospects import Also, SetAside, Some, Word
from storage.tables import Agency
from storage.words import RUNNING_STATES, State

SOON = timedelta(days=7)
LATE = timedelta(hours=1)
"""After which a file that is still asked for is missed."""
SINCE = timedelta(days=7)
"""How far back the first digest looks for what was closed."""


class Part(StrEnum):
    """In the order in which they are read."""

    OVERDUE_BY_US = "overdue by us"
    DUE_SOON = "due this week"
    OVERDUE_TO_US = "overdue to us"
    TO_EXPLAIN = "waiting for our clarification"
    TO_CLOSE = "answers to close"
    LAPSING = "preservation lapsing"
    SILENT = "silent partners"
    OVERDUE = "overdue"
    CLARIFYING = "waiting for clarification"
    CLOSED = "closed since the last one"


OUTSTANDING = frozenset(Part) - {Part.CLOSED}

_OWN: Mapping[Part, Section | Also] = {
    Part.OVERDUE_BY_US: Section.OVERDUE_BY_US, Part.DUE_SOON: Section.DUE_SOON,
    Part.OVERDUE_TO_US: Section.OVERDUE_TO_US, Part.TO_EXPLAIN: Section.TO_EXPLAIN, Part.TO_CLOSE: Section.TO_CLOSE,
    Part.LAPSING: Also.LAPSING, Part.SILENT: Also.SILENT, Part.CLOSED: Also.CLOSED,
}  # fmt: skip


@dataclass(frozen=True)
class Outlook:
    """`viewer` is None for the network's, which knows no more of a request than what all on its case may.

    `words` are who last said or did something to a request, by its number.
    """

    viewer: Agency | None
    zone: str
    at: datetime
    parts: Mapping[Part, Some]
    undelivered: SetAside
    later: tuple[int, int]
    """How many more are owed: by the viewer, and to it."""
    times: Sequence[AnswerTimes]
    ages: Mapping[str, tuple[int, ...]]
    """Open requests by partner, a number for each age."""
    words: Mapping[int, tuple[str, Word]]
    head: Head
    unfetched: Sequence[Unfetched] = ()
    """Files of its requests that are not kept, and are missed."""

    @property
    def is_clear(self) -> bool:
        """Nothing is outstanding."""
        return not (self.undelivered.number or self.unfetched) and not any(
            self.parts[part].number for part in OUTSTANDING & self.parts.keys()
        )


def own(
    session: Session, agency: Agency, now: datetime, since: datetime | None, most: int = prospects.SHOWN
) -> Outlook:
    """An agency's, as of `now`; `since` is when it was last given one, `most` as prospects.gathered has it."""
    viewer, codes = key(agency.id), agencies.codes(session)
    found = prospects.gathered(
        session,
        viewer,
        now,
        soon=now + SOON,
        lapsing=now + digest.LAPSING,
        since=since or now - SINCE,
        silent=_silent(session, viewer, now),
        most=most,
    )
    return Outlook(
        agency,
        agency.zone,
        now,
        {part: found.parts[section] for part, section in _OWN.items()},
        prospects.undelivered(session, viewer, now - digest.ASIDE),
        (found.parts[Section.OWING].number, found.parts[Section.OWED].number),
        _times(session, viewer, now, codes),
        _by_code(prospects.ages(session, viewer, [now - timedelta(days=end) for end in digest.AGES]), codes),
        {number: (codes[word.agency_id], word) for number, word in found.words.items()},
        ledger.head(session),
        exhibits.unfetched(session, viewer, since or now - SINCE, now - LATE),
    )


def shared(session: Session, readers: Sequence[int], zone: str, now: datetime, since: datetime | None) -> Outlook:
    """The network's, for a place that these agencies read."""
    found = network.open_to(session, readers)
    silence = _silence(session, {one.asked_id for one in found if one.line.state is State.SENT}, now)
    running = [one for one in found if one.line.state in RUNNING_STATES]
    parts = {
        Part.OVERDUE: [one for one in running if one.line.due_at < now],
        Part.DUE_SOON: [one for one in running if now <= one.line.due_at < now + SOON],
        Part.CLARIFYING: [one for one in found if one.line.state is State.CLARIFYING],
        Part.TO_CLOSE: [one for one in found if one.line.state is State.ANSWERED],
        Part.SILENT: [one for one in found if one.line.state is State.SENT and one.sent_at < silence[one.asked_id]],
        Part.CLOSED: network.closed_since(session, readers, since or now - SINCE),
    }
    some = {part: Some(len(ones), [one.line for one in ones[: prospects.SHOWN]]) for part, ones in parts.items()}
    later = sum(one.line.due_at >= now + SOON for one in running)
    ages: dict[int, list[int]] = defaultdict(lambda: [0] * (len(digest.AGES) + 1))
    for one in found:
        ages[one.asked_id][digest.age_band(one.sent_at, now)] += 1
    by_code = _by_code(ages, agencies.codes(session))
    return Outlook(None, zone, now, some, SetAside(0, ()), (0, later), (), by_code, {}, ledger.head(session))


def _silent(session: Session, viewer: int, now: datetime) -> list[int]:
    """The viewer's requests that were not acknowledged in time, the longest silence first."""
    sent = prospects.unacknowledged(session, viewer, now - timedelta(days=digest.SILENT_AFTER))
    silence = _silence(session, {asked for _, asked, _ in sent}, now)
    return [number for number, asked, at in sent if at < silence[asked]]


def _silence(session: Session, partners: Collection[int], now: datetime) -> dict[int, datetime]:
    """Before when a request was sent that each of them is silent about."""
    calendars = calendars_of(session, partners)
    return {partner: digest.silent_before(calendar, now) for partner, calendar in calendars.items()}


def _times(session: Session, viewer: int, now: datetime, codes: Mapping[int, str]) -> list[AnswerTimes]:
    last: dict[int, list[timedelta]] = defaultdict(list)
    before: dict[int, list[timedelta]] = defaultdict(list)
    quarter = now - digest.QUARTER
    for asked, sent, at in prospects.answered(session, viewer, quarter - digest.QUARTER, now):
        (last if at >= quarter else before)[asked].append(at - sent)
    found = (digest.answer_times(codes[asked], took, before.get(asked, ())) for asked, took in last.items())
    return sorted((one for one in found if one is not None), key=lambda one: one.partner)


def _by_code(ages: Mapping[int, Sequence[int]], codes: Mapping[int, str]) -> dict[str, tuple[int, ...]]:
    """Those with the most first."""
    by_code = {codes[partner]: tuple(numbers) for partner, numbers in ages.items()}
    return dict(sorted(by_code.items(), key=lambda one: (-sum(one[1]), one[0])))


def partner(line: Line, viewer: Agency | None) -> str:
    """The other party's code; both where nobody looks on behalf of one."""
    if viewer is None:
        return f"{line.asking} asks {line.asked}"
    return line.asking if line.asked == viewer.code else line.asked
