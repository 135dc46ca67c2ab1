"""Where the roots of cases and requests stand, and who hears what below them; what they say is the pages' business."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from commands import case_page, request_page
from commands.call import Call, key
from commands.draft import Draft
from commands.message import Message
from commands.rules.access import Parties
from commands.standing import case_standing, parties_of, request_standing
from storage import agencies, cases, threads
from storage.tables import Case, LetterKind, Request, Thread
from storage.words import Lane, Place, Sight


@dataclass(frozen=True)
class Settled:
    """The roots that were raised, the places where they stand, and the agencies that no place could be found for."""

    drafts: tuple[Draft, ...]
    places: frozenset[Place]
    unreached: tuple[int, ...]


def settle_case(call: Call, case: Case, opened_in: Place | None = None) -> Settled:
    """Give a root to each agency on the case that reads none yet; `opened_in` comes first, if it may."""
    session, number = call.session, key(case.id)
    on_case = cases.agencies_on(session, number)

    def sight(place: Place) -> Sight:
        return case_standing(session, case, frozenset(on_case), place)

    places, new, unreached = _settle(
        call, [Place(t.place) for t in threads.of_case(session, number)], on_case, sight, opened_in
    )
    drafts = []
    for place in new:
        thread = threads.begin(session, place, case_id=number)
        message = case_page.root(session, case, place, sight(place))
        drafts.append(_root(thread, place, message, sight(place), case_id=number))
    return Settled(tuple(drafts), places, unreached)


def settle_request(call: Call, request: Request, parties: Parties, sent_from: Place | None = None) -> Settled:
    """Give a root to each party that reads none yet; `sent_from` comes first, if the text may stand there."""
    session, number = call.session, key(request.id)

    def sight(place: Place) -> Sight:
        return request_standing(session, request, parties, place)

    if sent_from is not None and not (
        sight(sent_from) is Sight.FULL and request.asking_id in agencies.readers(session, sent_from)
    ):
        # the asker's own desk gets its root all the same, with as much as may stand there
        sent_from = None
    wanted = (request.asked_id, request.asking_id)
    places, new, unreached = _settle(call, threads.places_of_request(session, number), wanted, sight, sent_from)
    drafts = []
    for place in new:
        thread = threads.begin(session, place, request_id=number)
        message = request_page.root(session, request, place, sight(place))
        drafts.append(_root(thread, place, message, sight(place), request_id=number))
    return Settled(tuple(drafts), places, unreached)


def _settle(
    call: Call, standing: Sequence[Place], wanted: Iterable[int], sight: Callable[[Place], Sight], first: Place | None
) -> tuple[frozenset[Place], list[Place], tuple[int, ...]]:
    """All places with a root, those among them that are new, and whom none of them reaches."""
    places = [place for place in standing if sight(place)]
    new: list[Place] = []
    readers = {place: set(agencies.readers(call.session, place)) for place in places}

    def raise_at(place: Place) -> None:
        places.append(place)
        new.append(place)
        readers[place] = set(agencies.readers(call.session, place))

    if first is not None and first not in places and sight(first):
        raise_at(first)
    unreached = []
    for agency in wanted:
        if any(agency in readers[place] for place in places):
            continue
        desk = agencies.desk_of(call.session, agency)
        if desk is not None and sight(desk):
            raise_at(desk)
        else:
            unreached.append(agency)
    return frozenset(places), new, tuple(unreached)


def _root(
    thread: int,
    place: Place,
    message: Message,
    sight: Sight,
    *,
    case_id: int | None = None,
    request_id: int | None = None,
) -> Draft:
    return Draft(
        LetterKind.ROOT,
        message,
        place=place,
        thread_id=thread,
        lane=Lane.NEWS,
        case_id=case_id,
        request_id=request_id,
        sight=sight,
    )


def tell_case(call: Call, case: Case, words: Callable[[Sight], Message], *, on_root: bool = True) -> tuple[Draft, ...]:
    """Say something in each of the case's threads and bring their roots up to date, if they read otherwise now."""
    number = key(case.id)
    on_case = frozenset(cases.agencies_on(call.session, number))
    drafts = []
    for thread in threads.of_case(call.session, number):
        if sight := case_standing(call.session, case, on_case, Place(thread.place)):
            drafts.append(below(thread, words(sight), sight))
            if on_root:
                drafts.append(reroot(thread, case_page.root(call.session, case, Place(thread.place), sight), sight))
    return tuple(drafts)


def tell_request(
    call: Call, request: Request, words: Callable[[Sight], Message], *, lane: Lane = Lane.NEWS
) -> tuple[Draft, ...]:
    """Say something in each of the request's threads and bring their roots up to date."""
    parties = parties_of(call.session, request)
    drafts = []
    for thread in threads.of_request(call.session, key(request.id)):
        place = Place(thread.place)
        if sight := request_standing(call.session, request, parties, place):
            drafts.append(below(thread, words(sight), sight, lane))
            drafts.append(reroot(thread, request_page.root(call.session, request, place, sight), sight))
    return tuple(drafts)


def refresh_request(call: Call, request: Request) -> tuple[Draft, ...]:
    """Bring the roots up to date without a word."""
    silent = Message(None, ())
    return tuple(d for d in tell_request(call, request, lambda _: silent) if d.kind is LetterKind.REROOT)


def below(thread: Thread, message: Message, sight: Sight, lane: Lane = Lane.NEWS) -> Draft:
    """A message in the thread."""
    return Draft(
        LetterKind.POST,
        message,
        place=thread.place,
        thread_id=thread.id,
        lane=lane,
        case_id=thread.case_id,
        request_id=thread.request_id,
        sight=sight,
    )


def reroot(thread: Thread, message: Message, sight: Sight) -> Draft:
    """The thread's root, edited in place."""
    return Draft(
        LetterKind.REROOT,
        message,
        place=thread.place,
        thread_id=thread.id,
        case_id=thread.case_id,
        request_id=thread.request_id,
        sight=sight,
    )
