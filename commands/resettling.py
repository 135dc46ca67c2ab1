"""When desks, seats, agencies on a case or markings change: roots go where they may stand, and leave pointers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from commands import case_page, request_page, unreached
from commands.call import Call, key
from commands.draft import Draft
from commands.message import Message
from commands.rules.access import case_sight, request_sight
from commands.standing import case_standing, parties_of, request_standing
from commands.threads import Settled, reroot, settle_case, settle_request
from storage import agencies, cases, requests, threads
from storage.tables import Case, Request, Thread
from storage.words import Place, Sight


def resettle_case(call: Call, case: Case, joined: Collection[int] = ()) -> Settled:
    """`unreached` are those whom it no longer reaches, and those who `joined` and are not reached yet."""
    number, session = key(case.id), call.session
    on_case = frozenset(cases.agencies_on(session, number))
    gone = [t for t in threads.of_case(session, number) if not case_standing(session, case, on_case, Place(t.place))]
    pointers = _pointers(
        call, gone, lambda agency: case_sight(agency, on_case), lambda seen: case_page.elsewhere(case, seen=seen)
    )
    settled = settle_case(call, case)
    lost = settled.unreached if gone else tuple(agency for agency in settled.unreached if agency in joined)
    return Settled(pointers + settled.drafts, settled.places, lost)


def resettle_request(call: Call, request: Request) -> Settled:
    """`unreached` are those whom it no longer reaches."""
    number, session = key(request.id), call.session
    parties = parties_of(session, request)
    gone = [
        t
        for t in threads.of_request(session, number)
        if not request_standing(session, request, parties, Place(t.place))
    ]
    pointers = _pointers(
        call,
        gone,
        lambda agency: request_sight(agency, parties),
        lambda seen: request_page.elsewhere(request, seen=seen),
    )
    settled = settle_request(call, request, parties)
    return Settled(pointers + settled.drafts, settled.places, settled.unreached if gone else ())


def _pointers(
    call: Call, gone: Sequence[Thread], sight: Callable[[int], Sight], words: Callable[[bool], Message]
) -> tuple[Draft, ...]:
    """What is left where the thing may not stand any more; how to go on reading it, unless nobody there may."""
    drafts = []
    for thread in gone:
        threads.move_away(call.session, thread, call.now)
        readers = agencies.readers(call.session, Place(thread.place))
        seen = not readers or any(sight(agency) for agency in readers)
        drafts.append(reroot(thread, words(seen), Sight.NONE))
    return tuple(drafts)


def resettle_agencies(call: Call, of: Collection[int]) -> tuple[Draft, ...]:
    """All that is open of these agencies, whose desks or fellow readers have changed."""
    drafts: tuple[Draft, ...] = ()
    open_cases = {key(case.id): case for agency in of for case in cases.open_cases_of(call.session, agency)}
    for number in sorted(open_cases):
        settled = resettle_case(call, open_cases[number])
        drafts += settled.drafts + unreached.of_case(call, open_cases[number], settled.unreached)
    open_requests = {key(found.id): found for agency in of for found in requests.open_of(call.session, agency)}
    for number in sorted(open_requests):
        settled = resettle_request(call, open_requests[number])
        drafts += settled.drafts + unreached.of_request(call, open_requests[number], settled.unreached)
    return drafts
