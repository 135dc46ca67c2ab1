"""Who may do and see what, line by line of the contract, and what must hold whatever is added."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commands.rules.access import (
    OPENERS,
    Parties,
    case_sight,
    officer_may,
    operator_may,
    readers_sight,
    request_sight,
)
from storage.words import Permission, Role, Sight

P = Permission

STRANGER = {P.COMITY_HELP, P.COMITY_WHOAMI}
RUNS_THE_AGENCY = {P.AGENCY_CLOSED, P.AGENCY_DESK, P.AGENCY_HOURS, P.OFFICER_ADD, P.OFFICER_REMOVE}
COORDINATOR_ONLY = RUNS_THE_AGENCY | {P.DIGEST_STOP, P.DIGEST_SUBSCRIBE}
COORDINATOR_ONLY |= {P.EXHIBIT_AGREE, P.EXHIBIT_DESTROY, P.EXHIBIT_REFUSE}
OPERATOR = STRANGER | RUNS_THE_AGENCY | {P.AGENCY_ADD, P.AGENCY_LIST, P.AGENCY_SET, P.AGENCY_SHOW, P.OFFICER_LIST}
OPERATOR_ONLY = {P.AGENCY_ADD, P.AGENCY_SET}

AGENCY = st.integers(1, 5)
SIGHTS = st.lists(st.sampled_from(Sight))


def _granted(role: Role | None) -> set[Permission]:
    return {permission for permission in Permission if officer_may(permission, role)}


def test_someone_whom_nobody_enrolled_may_ask_for_help_and_who_they_are() -> None:
    assert _granted(None) == STRANGER


def test_a_coordinator_looks_after_the_agency_besides() -> None:
    assert _granted(Role.COORDINATOR) - _granted(Role.OFFICER) == COORDINATOR_ONLY
    assert _granted(Role.OFFICER) < _granted(Role.COORDINATOR)
    assert {*Permission} - _granted(Role.COORDINATOR) == OPERATOR_ONLY


def test_an_officer_takes_every_step_of_their_agencys_cases_and_requests() -> None:
    steps = {permission for permission in Permission if permission.startswith(("case:", "request:"))}
    assert len(steps) > 20
    assert steps <= _granted(Role.OFFICER)


def test_the_operator_keeps_agencies_people_and_desks_and_sees_no_contents() -> None:
    granted = {permission for permission in Permission if operator_may(permission)}
    assert granted == OPERATOR
    assert {permission.split(":")[0] for permission in granted} == {"agency", "comity", "officer"}


def test_what_only_the_opener_does_is_done_with_cases() -> None:
    assert {permission.split(":")[0] for permission in OPENERS} == {"case"}
    assert P.CASE_OPEN not in OPENERS
    assert P.CASE_NOTE not in OPENERS


def test_each_permission_is_spelt_as_noun_and_verb_and_they_stand_in_order() -> None:
    spelt = [permission.value for permission in Permission]
    assert spelt == sorted(spelt)
    assert [permission.name.lower().replace("_", ":", 1) for permission in Permission] == spelt


PARTIES = st.builds(Parties, AGENCY, AGENCY, st.frozensets(AGENCY), st.booleans())


@given(AGENCY, PARTIES)
def test_parties_see_all_the_others_on_the_case_the_outline_and_nobody_else_anything(
    agency: int, parties: Parties
) -> None:
    sight = request_sight(agency, parties)
    if agency in {parties.asking, parties.asked}:
        assert sight is Sight.FULL
    elif agency not in parties.on_case:
        assert sight is Sight.NONE
    else:
        assert sight is (Sight.FULL if parties.shared else Sight.OUTLINE)


@given(AGENCY, AGENCY, AGENCY, st.frozensets(AGENCY))
def test_sharing_takes_sight_from_nobody(agency: int, asking: int, asked: int, on_case: frozenset[int]) -> None:
    alone, shared = (request_sight(agency, Parties(asking, asked, on_case, shared)) for shared in (False, True))
    assert alone <= shared


@given(AGENCY, PARTIES, AGENCY)
def test_a_further_agency_on_the_case_changes_what_it_sees_and_nothing_else(
    agency: int, parties: Parties, joining: int
) -> None:
    joined = Parties(parties.asking, parties.asked, parties.on_case | {joining}, parties.shared)
    before, then = request_sight(agency, parties), request_sight(agency, joined)
    assert before <= then
    assert before == then or agency == joining


@given(AGENCY, st.frozensets(AGENCY))
def test_a_case_is_seen_by_those_on_it(agency: int, on_case: frozenset[int]) -> None:
    assert case_sight(agency, on_case) is (Sight.FULL if agency in on_case else Sight.NONE)


@given(SIGHTS, st.sampled_from(Sight))
def test_a_further_reader_never_lets_a_place_show_more(sights: list[Sight], more: Sight) -> None:
    together = readers_sight([*sights, more])
    assert together <= more
    assert together <= readers_sight(sights) or not sights


def test_what_nobody_reads_shows_nothing() -> None:
    assert readers_sight([]) is Sight.NONE
