"""How a digest reads: one message, or a root with the whole of it below; what is in it is gathered before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from commands.exhibit_lines import TROUBLES
from commands.message import (
    Block,
    Code,
    Heading,
    Instant,
    Items,
    Message,
    Picture,
    Ref,
    Span,
    Spans,
    Strong,
    Text,
    say,
    spans,
    typed,
)
from commands.outlook import Outlook, Part, partner
from commands.request_page import DONE, short
from commands.rules.digest import AnswerTimes
from commands.rules.marking import narrowest
from storage.exhibits import Unfetched
from storage.lines import Line
from storage.prospects import SHOWN, Some, Undelivered
from storage.words import RUNNING_STATES, Marking, Step, exhibit_ref, request_ref

AT_MOST = 12
"""Lines that one message has; a longer digest has the first ones of each part in its root, the whole below."""

FIRST = 3
"""Lines of each part in a root that has more below."""

AGES = ("under a week", "1 to 2 weeks", "2 to 4 weeks", "older")
NOTHING = "Nothing is outstanding."
TIMES = "Answer times of the last quarter"


def messages(outlook: Outlook, late: datetime | None = None) -> tuple[Message, ...]:
    """The message, and those that stand below it; `late`: it should have been given then."""
    if sum(len(some.first) for some in outlook.parts.values()) <= AT_MOST:
        return (whole(outlook, late),)
    below = (
        Message(_marking((some,), outlook), (_heading(part, some), _items(outlook, part, some.first)))
        for part, some in outlook.parts.items()
        if len(some.first) > FIRST
    )
    return (Message(marking_of(outlook), tuple(_root(outlook, late, FIRST))), *below)


def whole(outlook: Outlook, late: datetime | None = None) -> Message:
    """All of it in one message."""
    return Message(marking_of(outlook), tuple(_root(outlook, late, SHOWN)))


def _root(outlook: Outlook, late: datetime | None, most: int) -> Iterator[Block]:
    yield _title(outlook, late)
    if outlook.is_clear:
        yield say(NOTHING)
    for part, some in outlook.parts.items():
        if some.number:
            yield _heading(part, some, most)
            yield _items(outlook, part, some.first[:most])
        if part is Part.SILENT and outlook.undelivered.number:
            yield Heading(spans(undelivered_words(outlook)))
            yield Items(tuple(_undelivered(one) for one in outlook.undelivered.last))
        if part is Part.SILENT and outlook.unfetched:
            yield Heading(spans(unfetched_words(outlook)))
            yield Items(tuple(_unfetched(one) for one in outlook.unfetched))
    if any(outlook.later):
        yield say(later_words(outlook))
    if outlook.times:
        yield Heading(spans(TIMES))
        yield Items(tuple(_time(one) for one in outlook.times))
    if outlook.ages:
        yield picture(outlook)
    yield say(f"Ledger: {outlook.head.count} entries, head ", Code(outlook.head.hash[:16]), ".")


def _title(outlook: Outlook, late: datetime | None) -> Heading:
    title = spans(title_words(outlook), Instant(outlook.at, (outlook.zone,)))
    return Heading(title + (spans("; late, it was for ", Instant(late, (outlook.zone,))) if late else ()))


def title_words(outlook: Outlook) -> str:
    """What stands before the moment."""
    return f"{outlook.viewer.code if outlook.viewer is not None else 'The network'}: outstanding at "


def picture(outlook: Outlook) -> Picture:
    """Open requests by partner and age."""
    return Picture("Open requests by partner and age", AGES, tuple(outlook.ages.items()))


def _heading(part: Part, some: Some, most: int | None = None) -> Heading:
    return Heading(spans(part_words(part, some, most)))


def part_words(part: Part, some: Some, most: int | None = None) -> str:
    """`Overdue by us: 140, the first 20`."""
    shown = len(some.first) if most is None else min(most, len(some.first))
    more = f", the first {shown}" if some.number > shown else ""
    return f"{part.capitalize()}: {some.number}{more}"


def _items(outlook: Outlook, part: Part, lines: Sequence[Line]) -> Items:
    return Items(tuple(_line(outlook, part, line) for line in lines))


def _line(outlook: Outlook, part: Part, line: Line) -> Spans:
    """`R-1 ACMA, 2 days over, due ..., last word ACMA acknowledged ...: Who rented the mailbox?`."""
    ref, due = Ref(request_ref(line.number)), Instant(line.due_at, (line.asked_zone, line.asking_zone))
    when: tuple[str | Span, ...] = (Strong(days(line, outlook.at)), ", due ", due)
    if part is Part.LAPSING:
        when = ("data kept until ", due, ", ", Strong(_left(line.due_at - outlook.at)))
    if line.marking is Marking.RED:
        return spans(ref, " [RED] ", *when)
    state = f", {line.state}" if outlook.viewer is None and line.state in RUNNING_STATES else ""
    parts: list[str | Span] = [ref, f" {partner(line, outlook.viewer)}{state}, "]
    parts += when
    if (found := outlook.words.get(line.number)) is not None:
        code, word = found
        parts += [f", last word {code} {said(word.step)} ", Instant(word.at, (outlook.zone,))]
    words = (": ", *typed(short(line.what))) if outlook.viewer is not None else ()
    return spans(*parts, *words)


def days(line: Line, at: datetime) -> str:
    """`2 days over`, `3 days left`, `today`; for what is owed no more, its state."""
    if line.state not in RUNNING_STATES:
        return str(line.state)
    return _left(line.due_at - at)


def _left(left: timedelta) -> str:
    number = abs(left) // timedelta(days=1)
    if not number:
        return "overdue" if left < timedelta() else "within a day"
    return f"{number} day{'' if number == 1 else 's'} {'over' if left < timedelta() else 'left'}"


_SAID = DONE | {
    Step.SEND: "sent it", Step.ASSIGN: "handed it over", Step.CLARIFY: "asked for clarification",
    Step.AGREE: "agreed to more time", Step.REFUSE: "refused more time", Step.REF: "noted a reference",
}  # fmt: skip


def said(step: Step | None) -> str:
    """What they did, without what they did it to."""
    return "replied" if step is None else _SAID[step]


def undelivered_words(outlook: Outlook) -> str:
    """`Undelivered: 31, the last 20`."""
    number, last = outlook.undelivered
    return f"Undelivered: {number}" + (f", the last {len(last)}" if number > len(last) else "")


def unfetched_words(outlook: Outlook) -> str:
    """`Files that are not kept: 2`."""
    return f"Files that are not kept: {len(outlook.unfetched)}"


def why_unfetched(one: Unfetched) -> str:
    return "still asked for" if one.trouble is None else TROUBLES[one.trouble]


def _unfetched(one: Unfetched) -> Spans:
    name = (Text(" "), *typed(short(one.name))) if one.marking is not Marking.RED else ()
    ref = Ref(exhibit_ref(one.number))
    return (ref, *name, Text(" below "), Ref(request_ref(one.request_id)), Text(f": {why_unfetched(one)}."))


def later_words(outlook: Outlook) -> str:
    """How many more are owed."""
    owing, owed = outlook.later
    return f"Due later: {owed}." if outlook.viewer is None else f"Due later: {owing} by us, {owed} to us."


def _undelivered(one: Undelivered) -> Spans:
    about = (Text(" about "), Ref(request_ref(one.request_id))) if one.request_id is not None else ()
    return (Text(f"Letter {one.letter} to "), Code(one.place), *about, Text(": "), *typed(one.why), Text("."))


def _time(one: AnswerTimes) -> Spans:
    trend = f"; {one.trend}" if one.trend else ""
    was = f" (median before: {lasting(one.before)})" if one.before is not None else ""
    answers = f"{one.answers} answer{'' if one.answers == 1 else 's'}"
    return spans(
        f"{one.partner}: median {lasting(one.median)}, 90th percentile {lasting(one.ninetieth)}, {answers}{trend}{was}"
    )


def lasting(took: timedelta) -> str:
    """`3.5 hours`, `1.2 days`."""
    if took < timedelta(days=1):
        return f"{took / timedelta(hours=1):.1f} hours"
    return f"{took / timedelta(days=1):.1f} days"


def marking_of(outlook: Outlook) -> Marking:
    """Of all of it."""
    return narrowest((_marking(outlook.parts.values(), outlook), *(one.marking for one in outlook.unfetched)))


def _marking(parts: Iterable[Some], outlook: Outlook) -> Marking:
    """Narrow enough for all that is shown, and for an agency's own AMBER at least."""
    widest = Marking.GREEN if outlook.viewer is None else Marking.AMBER
    return narrowest((widest, *(line.marking for some in parts for line in some.first)))
