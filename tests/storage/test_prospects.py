"""All that a digest says of an agency, against the same by hand; and it is read by index, whatever others stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from commands.rules.digest import AGES, age_band
from storage import agencies, cases, network, outbox, prospects, requests, subscriptions
from storage.digests import Section
from storage.prospects import SHOWN, Also, Word
from storage.rows import add
from storage.tables import LetterKind, Reply, Request, Thread
from storage.words import OPEN_STATES, RUNNING_STATES, LetterId, Marking, State, Step
from tests import common
from tests.common import NOW, Party, undone
from tests.tap import tapped

US, DAY = 0, timedelta(days=1)
SOON, LAPSING, SINCE = NOW + 7 * DAY, NOW + 30 * DAY, NOW - 7 * DAY
STEPS = {
    State.ACKNOWLEDGED: Step.ACK, State.CLARIFYING: Step.CLARIFY, State.ANSWERED: Step.ANSWER,
    State.WITHDRAWN: Step.WITHDRAW, State.CLOSED: Step.CLOSE,
}  # fmt: skip


@dataclass
class World:
    session: Session
    parties: list[Party]
    case: int
    sent: list[Request] = field(default_factory=list)

    @property
    def us(self) -> int:
        return self.parties[US].agency

    def send(self, asking: int, asked: int, state: State, *, sent: datetime, **values: Any) -> Request:
        """What led there happened at once, long ago, unless the values say otherwise."""
        number = common.request(self.session, self.case, self.parties[asking], self.parties[asked])
        request = requests.by_id(self.session, number)
        if (step := STEPS.get(state)) is not None:
            hand = self.parties[asked]
            requests.take_step(self.session, request, step, f"request:{step}", state, hand, sent)
        for name, value in {"sent_at": sent, **values}.items():
            setattr(request, name, value)
        self.session.flush()
        self.sent.append(request)
        return request

    def ours(self, *states: State) -> list[Request]:
        return [it for it in self.sent if it.asking_id == self.us and it.state in states]

    def asked(self, *states: State) -> list[Request]:
        return [it for it in self.sent if it.asked_id == self.us and it.state in states]


@pytest.fixture
def made() -> list[tuple[str, Any]]:
    return []


@pytest.fixture
def world(engine: Engine, made: list[tuple[str, Any]]) -> Iterator[World]:
    """Some hundred requests with times on both sides of all that counts; the same on every run."""
    with tapped(engine, lambda sql, values, _many: made.append((sql, values))), undone(engine) as session:
        parties = common.parties(session, 4)
        world = World(session, parties, common.case(session, parties[1], parties))
        draw = Random(5)  # noqa: S311  # a test's own dice
        for _ in range(240):
            asking, asked = draw.sample(range(4), 2)
            state = draw.choice([*list(STEPS), State.SENT])
            sent = NOW - draw.choice([*AGES, 0.5, 3, 6, 8, 60]) * DAY
            over = state in (State.ANSWERED, State.CLOSED)
            world.send(
                asking, asked, state, sent=sent,
                due_at=NOW + draw.choice([-9, -1, 0, 1, 7, 30]) * DAY,
                answered_at=NOW - draw.choice([0, 1, 90, 91, 182, 183]) * DAY if over else None,
                closed_at=NOW - draw.choice([1, 6, 7, 8]) * DAY if state is State.CLOSED else None,
                kept_until=NOW + draw.choice([-1, 0, 5, 30, 31]) * DAY if over and draw.random() < 0.7 else None,
            )  # fmt: skip
        yield world


def _gathered(world: World, silent: Sequence[int] = ()) -> prospects.Found:
    return prospects.gathered(
        world.session, world.us, NOW, soon=SOON, lapsing=LAPSING, since=SINCE, silent=silent
    )  # fmt: skip


def _earliest(found: list[Request], by: str = "due_at") -> list[int]:
    return [it.id or 0 for it in sorted(found, key=lambda it: (getattr(it, by), it.id))][:SHOWN]


def test_each_part_has_its_number_and_its_first_lines(world: World) -> None:
    owing, owed = world.asked(*RUNNING_STATES), world.ours(*RUNNING_STATES)
    lapsing = [it for it in world.ours(*State) if it.kept_until is not None and NOW <= it.kept_until <= LAPSING]
    wanted: dict[Section | Also, list[Request]] = {
        Section.OVERDUE_BY_US: [it for it in owing if it.due_at < NOW],
        Section.DUE_SOON: [it for it in owing if NOW <= it.due_at < SOON],
        Section.OVERDUE_TO_US: [it for it in owed if it.due_at < NOW],
        Section.TO_EXPLAIN: world.ours(State.CLARIFYING),
        Section.TO_CLOSE: world.ours(State.ANSWERED),
    }
    found = _gathered(world).parts
    for part, theirs in wanted.items():
        assert (found[part].number, [line.number for line in found[part].first]) == (len(theirs), _earliest(theirs))
    assert found[Section.OWING].number == sum(it.due_at >= SOON for it in owing)
    assert found[Section.OWED].number == sum(it.due_at >= NOW for it in owed)
    assert found[Also.LAPSING].number == len(lapsing)
    assert [line.number for line in found[Also.LAPSING].first] == _earliest(lapsing, "kept_until")
    kept = {it.id: it.kept_until for it in lapsing}
    assert all(line.due_at == kept[line.number] for line in found[Also.LAPSING].first)


def test_of_what_was_closed_the_latest_of_both_sides(world: World) -> None:
    closed = [
        it for it in world.sent if world.us in (it.asking_id, it.asked_id) and it.closed_at and it.closed_at > SINCE
    ]
    found = _gathered(world).parts[Also.CLOSED]
    assert found.number == len(closed) > 0
    at = {it.id: it.closed_at for it in closed}
    latest = sorted((it.closed_at for it in closed if it.closed_at), reverse=True)[:SHOWN]
    assert [at[line.number] for line in found.first] == latest


def test_who_is_silent_is_said_by_others_and_the_longest_silence_comes_first(world: World) -> None:
    sent = sorted(world.ours(State.SENT), key=lambda it: (it.sent_at, it.id))
    before = NOW - 5 * DAY
    found = prospects.unacknowledged(world.session, world.us, before)
    assert found == [(it.id, it.asked_id, it.sent_at) for it in sent if it.sent_at < before] != []
    silent = [it.id or 0 for it in sent]
    part = _gathered(world, silent).parts[Also.SILENT]
    assert (part.number, [line.number for line in part.first]) == (len(silent), silent[:SHOWN])
    assert _gathered(world).parts[Also.SILENT] == (0, [])


def test_the_last_word_is_the_newest_step_or_reply_that_still_stands(world: World) -> None:
    us, they = world.parties[US], world.parties[1]
    request = world.send(US, 1, State.ACKNOWLEDGED, sent=NOW - 2 * DAY, due_at=NOW - 99 * DAY)
    number = request.id or 0
    assert _gathered(world).words[number] == Word(they.agency, NOW - 2 * DAY, Step.ACK)
    thread = add(world.session, Thread, place="local:x", request_id=number)
    replies = [
        add(
            world.session, Reply, request_id=number, agency_id=by.agency, officer_id=by.officer, place="local:x",
            message=str(at), thread_id=thread, at=at, deleted_at=NOW if gone else None,
        )
        for by, at, gone in ((they, NOW - 3 * DAY, False), (us, NOW - DAY, False), (they, NOW, True))
    ]  # fmt: skip
    assert _gathered(world).words[number] == Word(us.agency, NOW - DAY, None)
    world.session.get_one(Reply, replies[1]).deleted_at = NOW
    world.session.flush()
    assert _gathered(world).words[number] == Word(they.agency, NOW - 2 * DAY, Step.ACK)


def test_answers_of_a_time(world: World) -> None:
    begin, end = NOW - 182 * DAY, NOW
    wanted = [it for it in world.ours(*State) if it.answered_at is not None and begin <= it.answered_at < end]
    found = prospects.answered(world.session, world.us, begin, end)
    assert sorted(found) == sorted((it.asked_id, it.sent_at, it.answered_at) for it in wanted) != []


def test_open_requests_by_partner_and_age(world: World) -> None:
    counted = Counter(
        (it.asked_id if it.asking_id == world.us else it.asking_id, age_band(it.sent_at, NOW))
        for it in (*world.ours(*OPEN_STATES), *world.asked(*OPEN_STATES))
    )
    found = prospects.ages(world.session, world.us, [NOW - age * DAY for age in AGES])
    assert {(partner, band): n for partner, of in found.items() for band, n in enumerate(of) if n} == counted
    assert len(found) == 3


# Letters that were given up


def _given_up(world: World, at: datetime = NOW, **values: Any) -> int:
    letter = {"kind": LetterKind.POST, "place": "local:ours", "body": "{}"} | values
    outbox.post(world.session, [letter], at)
    number = outbox.last(world.session)
    outbox.set_aside(world.session, outbox.by_id(world.session, LetterId(number)), "channel_not_found")
    return number


def _undelivered(world: World) -> list[tuple[int, int | None]]:
    found = prospects.undelivered(world.session, world.us, NOW - 30 * DAY)
    assert found.number == len(found.last)
    return [(one.letter, one.request_id) for one in found.last]


def test_letters_about_what_is_ours_or_to_us(world: World) -> None:
    common.desk(world.session, world.parties[US], "local:ours")
    own = world.send(US, 1, State.SENT, sent=NOW).id
    elsewhere = cases.start(
        world.session, [world.parties[1].agency], NOW, officer_id=world.parties[1].officer, title="x",
        marking=Marking.AMBER, priority="normal",
    )  # fmt: skip
    private: dict[str, Any] = {"kind": LetterKind.PRIVATE, "place": None, "addressee": "local:ana"}
    given_up = [
        (_given_up(world), None),
        (_given_up(world, request_id=own, place="local:theirs"), own),
        (_given_up(world, case_id=world.case), None),
        (_given_up(world, **private, agency_id=world.us), None),
    ]
    _given_up(world, place="local:theirs")
    _given_up(world, case_id=elsewhere)
    _given_up(world, **private, agency_id=world.parties[1].agency)
    _given_up(world, NOW - 31 * DAY)
    assert _undelivered(world) == given_up


def test_what_we_may_not_know_of_is_not_named_though_it_was_to_stand_where_we_sit(world: World) -> None:
    common.desk(world.session, world.parties[US], "local:all", shared=True)
    others = world.send(1, 2, State.SENT, sent=NOW)
    _given_up(world, request_id=others.id, place="local:all")
    assert _undelivered(world) == []


def test_of_many_letters_the_last(world: World) -> None:
    common.desk(world.session, world.parties[US], "local:ours")
    numbers = [_given_up(world) for _ in range(SHOWN + 3)]
    found = prospects.undelivered(world.session, world.us, NOW - DAY)
    assert (found.number, [one.letter for one in found.last]) == (SHOWN + 3, numbers[3:])


# By index


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("engine")
def test_nothing_is_walked_from_end_to_end(world: World, made: list[tuple[str, Any]]) -> None:
    """SQLite says how it would read; a SCAN without an index would be the whole table."""
    made.clear()
    _gathered(world, [1, 2])
    prospects.unacknowledged(world.session, world.us, NOW)
    prospects.answered(world.session, world.us, SINCE, NOW)
    prospects.ages(world.session, world.us, [NOW] * len(AGES))
    prospects.undelivered(world.session, world.us, SINCE)
    subscriptions.last_given(world.session, world.us)
    agencies.read_closings(world.session, [1, 2])
    network.open_to(world.session, [1, 2])
    network.closed_since(world.session, [1, 2], SINCE)
    assert len(made) > 9
    tables = ["request", "event", "reply", "outbox", "case_agency", "digest", "closing"]
    for statement, values in tuple(made):
        plan = world.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(values))
        steps = [str(row[3]) for row in plan]
        whole = [s for s in steps if s.startswith("SCAN") and s.split()[1] in tables and "ix_outbox_aside" not in s]
        assert whole == [], statement
