"""Agencies that no place reaches: their coordinators are told directly, and what is asked of them waits."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from commands.call import Call, key
from commands.draft import Draft
from commands.message import Code, Message, Ref, Spans, Text, say
from storage import agencies
from storage.tables import Agency, Case, LetterKind, Request
from storage.words import case_ref, request_ref


def set_a_desk(code: str) -> Spans:
    """What a coordinator does about it."""
    return (
        Text(f"a coordinator of {code} types "),
        Code(f"/agency desk {code}"),
        Text(" in the place where it is to be reached."),
    )


def of_case(call: Call, case: Case, unreached: Iterable[int]) -> tuple[Draft, ...]:
    ref = Ref(case_ref(key(case.id)))
    drafts: tuple[Draft, ...] = ()
    for agency in unreached:
        code = call.session.get_one(Agency, agency).code
        words = say(f"{code} is on ", ref, " and has no desk where it may stand: ", *set_a_desk(code))
        drafts += _coordinators_told(call, [agency], Message(case.marking, (words,)))
    return drafts


def of_request(call: Call, request: Request, unreached: Collection[int]) -> tuple[Draft, ...]:
    """Both sides hear of it: the one cannot read, the other waits in vain."""
    ref = Ref(request_ref(key(request.id)))
    parties = (request.asking_id, request.asked_id)
    drafts: tuple[Draft, ...] = ()
    for agency in (party for party in parties if party in unreached):
        code = call.session.get_one(Agency, agency).code
        waits = f" to {code} waits" if agency == request.asked_id else f" of {code} is read by nobody there"
        words = say(ref, f"{waits}: {code} has no desk where it may stand; ", *set_a_desk(code))
        drafts += _coordinators_told(call, parties, Message(request.marking, (words,)))
    return drafts


def _coordinators_told(call: Call, of: Iterable[int], message: Message) -> tuple[Draft, ...]:
    return tuple(
        Draft(LetterKind.PRIVATE, message, addressee=address, agency_id=officer.agency_id)
        for officer, address in agencies.coordinators(call.session, of)
    )
