"""What the queries give is what the rules allow, for every viewer of every generated world."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy import select as core_select
from sqlmodel import Session, col

from commands.rules import access
from commands.rules.access import Parties
from storage import cases, lines, requests
from storage.session import transaction
from storage.tables import Case, Request
from storage.visibility import request_sight
from storage.words import Sight
from tests import common
from tests.common import NOW, Party, in_undone, undone

AGENCIES = 4
EVERYONE = range(AGENCIES)
AGENCY = st.integers(0, AGENCIES - 1)


class Was(StrEnum):
    """What became of an agency and a case."""

    NEVER = "never on it"
    JOINED = "joined"
    REMOVED = "removed"
    BACK = "taken back"


@dataclass(frozen=True)
class CaseIs:
    opener: int
    others: tuple[Was, ...]
    """For each agency; the opener stays whatever is said of it here."""
    closed: bool

    def those(self, *were: Was) -> set[int]:
        return {agency for agency, was in enumerate(self.others) if was in were and agency != self.opener}

    @property
    def on_it(self) -> frozenset[int]:
        return frozenset({self.opener} | self.those(Was.JOINED, Was.BACK))


@dataclass(frozen=True)
class RequestIs:
    case: int
    asking: int
    asked: int
    shared: bool


@dataclass
class World:
    """What is stored, as plain values, with the keys that it got."""

    session: Session
    agencies: list[Party]
    cases: dict[int, CaseIs] = field(default_factory=dict)
    requests: dict[int, RequestIs] = field(default_factory=dict)

    def open(self, it: CaseIs) -> None:
        joining = [self.agencies[other] for other in it.those(Was.JOINED, Was.REMOVED, Was.BACK)]
        number = common.case(self.session, self.agencies[it.opener], joining)
        self.cases[number] = it
        on_case = cases.on_case(self.session, number)
        cases.agencies_on(self.session, number)  # what was read once must not outlive what comes now
        for agency in it.those(Was.REMOVED, Was.BACK):
            on_case[self.key(agency)].removed_at = NOW
        self.session.flush()
        for agency in it.those(Was.BACK):
            cases.join(self.session, number, self.key(agency), NOW + timedelta(hours=1))
        if it.closed:
            case = self.session.get_one(Case, number)
            case.closed_at, case.outcome = NOW, "done"
            self.session.flush()

    def ask(self, it: RequestIs) -> None:
        known = list(self.cases)
        case = known[it.case % len(known)]
        asking, asked = self.agencies[it.asking], self.agencies[it.asked]
        number = common.request(self.session, case, asking, asked, shared=it.shared)
        self.requests[number] = replace(it, case=case)

    def key(self, agency: int) -> int:
        return self.agencies[agency].agency

    def case_seen(self, viewer: int, case: int) -> bool:
        return access.case_sight(viewer, self.cases[case].on_it) is not Sight.NONE

    def sight(self, viewer: int, request: int) -> Sight:
        it = self.requests[request]
        return access.request_sight(viewer, Parties(it.asking, it.asked, self.cases[it.case].on_it, it.shared))


OTHERS = st.tuples(*[st.sampled_from(Was)] * AGENCIES)
CASES = st.lists(st.builds(CaseIs, AGENCY, OTHERS, st.booleans()), min_size=1, max_size=3)
REQUESTS = st.lists(
    st.builds(RequestIs, st.integers(0, 2), AGENCY, AGENCY, st.booleans()).filter(lambda it: it.asking != it.asked),
    max_size=4,
)


@pytest.fixture
def agencies(engine: Engine) -> list[Party]:
    with transaction(engine) as session:
        return common.parties(session, AGENCIES)


@contextmanager
def _world(engine: Engine, agencies: list[Party], opened: list[CaseIs], asked: list[RequestIs]) -> Iterator[World]:
    with undone(engine) as session:
        world = World(session, agencies)
        for case in opened:
            world.open(case)
        for request in asked:
            world.ask(request)
        yield world


@in_undone
@given(opened=CASES, asked=REQUESTS)
def test_sql_and_rules_agree_on_every_request(
    engine: Engine, agencies: list[Party], opened: list[CaseIs], asked: list[RequestIs]
) -> None:
    with _world(engine, agencies, opened, asked) as world:
        for viewer in EVERYONE:
            key = world.key(viewer)
            wanted = {number: world.sight(viewer, number) for number in world.requests}
            every = core_select(col(Request.id), request_sight(key))
            assert {number: Sight(sight) for number, sight in world.session.execute(every)} == wanted
            for number, sight in wanted.items():
                found = requests.visible(world.session, key, number)
                assert (found[0].id, found[1]) == (number, sight) if found else sight is Sight.NONE
            for case in world.cases:
                of_case = {it.id: sight for it, sight in requests.of_case(world.session, key, case)}
                assert of_case == {
                    number: sight
                    for number, sight in wanted.items()
                    if sight is not Sight.NONE and world.requests[number].case == case
                }


@in_undone
@given(opened=CASES, asked=REQUESTS)
def test_sql_and_rules_agree_on_every_case(
    engine: Engine, agencies: list[Party], opened: list[CaseIs], asked: list[RequestIs]
) -> None:
    with _world(engine, agencies, opened, asked) as world:
        for number, it in world.cases.items():
            on_it = {world.key(agency) for agency in it.on_it}
            assert set(cases.agencies_on(world.session, number)) == on_it == set(cases.on_case(world.session, number))
        for viewer in EVERYONE:
            key = world.key(viewer)
            wanted = {number for number in world.cases if world.case_seen(viewer, number)}
            assert {number for number in world.cases if cases.visible(world.session, key, number)} == wanted
            for number in world.cases:
                happened = cases.events(world.session, key, number)
                sent = {request for request, it in world.requests.items() if it.case == number}
                assert {it.request_id for it in happened} == (sent if number in wanted else set())


@in_undone
@given(opened=CASES, asked=REQUESTS)
def test_no_list_gives_what_the_rules_deny_or_leaves_out_what_they_allow(
    engine: Engine, agencies: list[Party], opened: list[CaseIs], asked: list[RequestIs]
) -> None:
    with _world(engine, agencies, opened, asked) as world:
        for viewer in EVERYONE:
            key = world.key(viewer)
            wanted = {number: it for number, it in world.cases.items() if world.case_seen(viewer, number)}
            still = {number for number, it in wanted.items() if not it.closed}
            for open_only, numbers in ((None, set(wanted)), (True, still), (False, set(wanted) - still)):
                found = cases.listing(world.session, key, open_only=open_only, limit=99)
                assert [it.id for it in found] == sorted(numbers, reverse=True)
            assert {it.id for it in cases.open_here(world.session, key, "local:ftc", 99)} == still
            assert {it.id for it in cases.open_cases_of(world.session, key)} == still
            other = (viewer + 1) % AGENCIES
            both = cases.listing(world.session, key, open_only=None, agency_id=world.key(other), limit=99)
            assert {it.id for it in both} == {number for number, it in wanted.items() if other in it.on_it}
            own = {number for number, it in world.requests.items() if viewer in (it.asking, it.asked)}
            assert {it.id for it in requests.open_of(world.session, key)} == own
            listed = lines.listing(world.session, key, asked=True, asking=True, limit=99)
            assert {line.number for line in listed} == own
            assert all(world.sight(viewer, number) is Sight.FULL for number in own)


@pytest.mark.parametrize("words", ["dump pump", "DUMP", "  and  "])
def test_cases_are_found_by_the_words_of_their_titles(engine: Engine, agencies: list[Party], words: str) -> None:
    with undone(engine) as session:
        ftc, *_ = agencies
        found = common.case(session, ftc)
        common.case(session, ftc, title="Pump without the other word")
        assert [it.id for it in cases.listing(session, ftc.agency, open_only=None, words=words, limit=9)] == [found]


@pytest.mark.parametrize("words", ["%", "_", "\\", "Pump%dump"])
def test_what_people_type_is_no_pattern(engine: Engine, agencies: list[Party], words: str) -> None:
    with undone(engine) as session:
        ftc, *_ = agencies
        common.case(session, ftc)
        assert cases.listing(session, ftc.agency, open_only=None, words=words, limit=9) == []
