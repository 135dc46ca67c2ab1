"""What a digest holds, gathered as a value that a message, a page or a table can be made of; it has no wording.

An agency's own: what it may see of its own requests. The network's: what all readers of a place may see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from commands.call import key
from commands.due import calendar_of
from commands.rules import digest, hours
from commands.rules.digest import AnswerTimes
from storage import digests, ledger, network, prospects
from storage.digests import Section
from storage.ledger import Head
from storage.lines import Line
from storage.prospects import Some, Undelivered, Word
from storage.tables import Agency
from storage.words import RUNNING_STATES, State

SOON = timedelta(days=7)
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

_OWN = {
    Part.OVERDUE_BY_US: Section.OVERDUE_BY_US, Part.DUE_SOON: Section.DUE_SOON,
    Part.OVERDUE_TO_US: Section.OVERDUE_TO_US, Part.TO_EXPLAIN: Section.TO_EXPLAIN, Part.TO_CLOSE: Section.TO_CLOSE,
}  # fmt: skip


@dataclass(frozen=True)
class Outlook:
    """`viewer` is None for the network's. `words` are who last said or did something to a request, by its number."""

    viewer: Agency | None
    zone: str
    at: datetime
    parts: Mapping[Part, Some]
    undelivered: Sequence[Undelivered]
    later: tuple[int, int]
    """How many more are owed: by the viewer, and to it."""
    times: Sequence[AnswerTimes]
    ages: Mapping[str, tuple[int, ...]]
    """Open requests by partner, a number for each age."""
    words: Mapping[int, tuple[str, Word]]
    head: Head

    @property
    def is_clear(self) -> bool:
        """Nothing is outstanding."""
        return not self.undelivered and not any(self.parts[part].number for part in self.parts if part in OUTSTANDING)


def own(session: Session, agency: Agency, now: datetime, since: datetime | None) -> Outlook:
    """An agency's, as of `now`; `since` is when it was last given one."""
    viewer = key(agency.id)
    found = {part.section: part for part in digests.outstanding(session, viewer, now, now + SOON, prospects.SHOWN)}
    parts = {part: Some(found[section].count, found[section].first) for part, section in _OWN.items()}
    parts[Part.LAPSING] = prospects.lapsing(session, viewer, now, now + digest.LAPSING)
    parts[Part.SILENT] = _silent(session, viewer, now)
    parts[Part.CLOSED] = prospects.closed_since(session, viewer, since or now - SINCE)
    codes = _Codes(session)
    return Outlook(
        agency,
        agency.zone,
        now,
        parts,
        prospects.undelivered(session, viewer),
        (found[Section.OWING].count, found[Section.OWED].count),
        _times(session, viewer, now, codes),
        _ages(prospects.open_with(session, viewer), now, codes),
        _words(session, parts.values(), codes),
        ledger.head(session),
    )


def shared(session: Session, readers: Sequence[int], zone: str, now: datetime, since: datetime | None) -> Outlook:
    """The network's, for a place that these agencies read."""
    found = network.open_to(session, readers)
    silent = _Silence(session, now)
    running = [one for one in found if one.line.state in RUNNING_STATES]
    parts = {
        Part.OVERDUE: [one for one in running if one.line.due_at < now],
        Part.DUE_SOON: [one for one in running if now <= one.line.due_at < now + SOON],
        Part.CLARIFYING: [one for one in found if one.line.state is State.CLARIFYING],
        Part.TO_CLOSE: [one for one in found if one.line.state is State.ANSWERED],
        Part.SILENT: [one for one in found if one.line.state is State.SENT and silent.lasts(one.asked_id, one.sent_at)],
        Part.CLOSED: network.closed_since(session, readers, since or now - SINCE),
    }
    some = {part: Some(len(ones), [one.line for one in ones[: prospects.SHOWN]]) for part, ones in parts.items()}
    codes = _Codes(session)
    later = sum(one.line.due_at >= now + SOON for one in running)
    ages = _ages([(one.asked_id, one.sent_at) for one in found], now, codes)
    words = _words(session, some.values(), codes)
    return Outlook(None, zone, now, some, (), (0, later), (), ages, words, ledger.head(session))


class _Codes:
    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, agency_id: int) -> str:
        return self._session.get_one(Agency, agency_id).code


class _Silence:
    """Whether a partner has said nothing for so many of its working days."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def lasts(self, asked_id: int, sent_at: datetime) -> bool:
        calendar = calendar_of(self._session, self._session.get_one(Agency, asked_id))
        return hours.nth_opening(calendar, sent_at, digest.SILENT_AFTER + 1) <= self._now


def _silent(session: Session, viewer: int, now: datetime) -> Some:
    silence = _Silence(session, now)
    sent = prospects.unacknowledged(session, viewer, now - timedelta(days=digest.SILENT_AFTER))
    return prospects.some_of(session, [number for number, asked, at in sent if silence.lasts(asked, at)])


def _times(session: Session, viewer: int, now: datetime, codes: _Codes) -> list[AnswerTimes]:
    last: dict[int, list[timedelta]] = defaultdict(list)
    before: dict[int, list[timedelta]] = defaultdict(list)
    quarter = now - digest.QUARTER
    for asked, sent, at in prospects.answered(session, viewer, quarter - digest.QUARTER, now):
        (last if at >= quarter else before)[asked].append(at - sent)
    found = (digest.answer_times(codes.of(asked), took, before.get(asked, ())) for asked, took in last.items())
    return sorted((one for one in found if one is not None), key=lambda one: one.partner)


def _ages(found: Iterable[tuple[int, datetime]], now: datetime, codes: _Codes) -> dict[str, tuple[int, ...]]:
    counted: dict[int, list[int]] = defaultdict(lambda: [0] * (len(digest.AGES) + 1))
    for partner, sent_at in found:
        counted[partner][digest.age_band(sent_at, now)] += 1
    by_code = {codes.of(partner): tuple(numbers) for partner, numbers in counted.items()}
    return dict(sorted(by_code.items(), key=lambda one: (-sum(one[1]), one[0])))


def _words(session: Session, parts: Iterable[Some], codes: _Codes) -> dict[int, tuple[str, Word]]:
    numbers = {line.number for part in parts for line in part.first}
    found = prospects.last_words(session, numbers) if numbers else {}
    return {number: (codes.of(word.agency_id), word) for number, word in found.items()}


def partner(line: Line, viewer: Agency | None) -> str:
    """The other party's code; both where nobody looks on behalf of one."""
    if viewer is None:
        return f"{line.asking} asks {line.asked}"
    return line.asking if line.asked == viewer.code else line.asked
