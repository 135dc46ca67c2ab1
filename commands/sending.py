"""What sending a request does besides keeping it: agencies join the case, roots are raised, the unreached are named."""

from __future__ import annotations

from collections.abc import Sequence

from commands import case_page, request_page, threads
from commands.call import Call, Outcome, key, record
from commands.draft import Draft
from commands.message import Message, Ref, say
from commands.refusals import BadValue, NotPermitted
from commands.rules.access import Parties
from storage import cases
from storage.tables import Agency, Case, Request
from storage.words import Marking, case_ref, request_ref


def put_on_case(call: Call, case: Case, asked: Sequence[Agency]) -> Outcome:
    """Asking an agency that is not on the case adds it, if the case is the asker's own."""
    on_case = cases.agencies_on(call.session, key(case.id))
    ref = case_ref(key(case.id))
    if any(agency.id == call.agency_id for agency in asked):
        raise BadValue(f"{call.agency.code} is your own agency: ask another one.")
    joining = [agency for agency in asked if agency.id not in on_case]
    if not joining:
        return Outcome()
    codes = ", ".join(agency.code for agency in joining)
    if case.agency_id != call.agency_id:
        opener = call.session.get_one(Agency, case.agency_id).code
        raise NotPermitted(
            f"{codes} is not on {ref}, and only {opener}, who opened it, can add an agency.",
            instead=(f"Ask {opener} to type /case add {joining[0].code} --case {ref}.",),
        )
    for agency in joining:
        cases.join(call.session, key(case.id), key(agency.id), call.now)
        cases.note_event(call.session, key(case.id), "case:added", call.hand, call.now, agency.code)
    told = threads.tell_case(
        call, case, lambda sight: case_page.news(case, call.who, f"asked {codes}, who is now on", sight)
    )
    settled = threads.resettle_case(call, case)
    records = tuple(record("case:added", ref, agency=agency.code) for agency in joining)
    return Outcome(records, told + settled.drafts)


def settle(
    call: Call, request: Request, asked: Agency, on_case: frozenset[int]
) -> tuple[tuple[Draft, ...], Message | None]:
    """The roots of a new request; and the answer to its writer, where the root itself is none."""
    parties = Parties(request.asking_id, request.asked_id, on_case, request.shared)
    settled = threads.settle_request(call, request, parties, call.place)
    waiting = _unreached(call, request, asked, settled.unreached)
    if call.place in settled.places and not waiting:
        return settled.drafts, None
    return settled.drafts + waiting, _sent(call, request, asked, reached=not waiting)


def _unreached(call: Call, request: Request, asked: Agency, unreached: Sequence[int]) -> tuple[Draft, ...]:
    """Without a desk of the asked agency the request waits, and both sides' coordinators are told."""
    if asked.id not in unreached:
        return ()
    ref = request_ref(key(request.id))
    words = say(
        Ref(ref), f" to {asked.code} waits: {asked.code} has no desk where it may stand. A coordinator of {asked.code} "
        f"types /agency desk {asked.code} in the place where it wants to be asked.",
    )  # fmt: skip
    return threads.coordinators_told(call, (request.asking_id, request.asked_id), Message(request.marking, (words,)))


def _sent(call: Call, request: Request, asked: Agency, *, reached: bool) -> Message:
    where = (
        "It stands at your desks."
        if reached
        else f"{asked.code} has no desk yet: it waits, its coordinators were told."
    )
    ref = Ref(request_ref(key(request.id)))
    due = request_page.instant(call.session, request, request.due_at)
    note = f" {request.due_note}" if request.due_note else ""
    return Message(request.marking, (say(ref, f" is sent to {asked.code}, due ", due, f".{note} {where}"),))


def together(marking: Marking, outcomes: Sequence[Outcome]) -> Outcome:
    """Several outcomes of one command as one, its answers in one message."""
    blocks = tuple(block for outcome in outcomes if outcome.reply is not None for block in outcome.reply.blocks)
    return Outcome(
        tuple(record for outcome in outcomes for record in outcome.records),
        tuple(draft for outcome in outcomes for draft in outcome.drafts),
        Message(marking, blocks) if blocks else None,
    )
