"""What sending a request does besides keeping it: agencies join the case, roots are raised, the unreached are named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from commands import case_page, reminders, request_page, threads, unreached
from commands.call import Call, Outcome, key, record
from commands.draft import Draft
from commands.due import DueTime
from commands.message import Code, Message, Paragraph, Ref, spans
from commands.refusals import BadValue, NotPermitted
from commands.resettling import resettle_case
from commands.rules.marking import is_wider, narrower
from commands.standing import parties_of
from commands.threads import Settled
from storage import cases, requests
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
    codes, be = " and ".join(agency.code for agency in joining), "is" if len(joining) == 1 else "are"
    if case.agency_id != call.agency_id:
        opener = call.session.get_one(Agency, case.agency_id).code
        raise NotPermitted(
            f"{codes} {be} not on {ref}, and only {opener}, who opened it, can add an agency.",
            instead=(f"Ask {opener} to type ", Code(f"/case add {joining[0].code} --case {ref}"), "."),
        )
    for agency in joining:
        cases.join(call.session, key(case.id), key(agency.id), call.now)
        cases.note_event(call.session, key(case.id), "case:added", call.hand, call.now, agency.code)
    told = threads.tell_case(
        call, case, lambda sight: case_page.news(case, call.who, f"asked {codes}, who {be} now on", sight)
    )
    settled = resettle_case(call, case)
    records = tuple(record("case:added", ref, agency=agency.code) for agency in joining)
    return Outcome(records, told + settled.drafts)


def marking_within(case: Case, wanted: Marking | None) -> Marking:
    """AMBER or as the case, where that is narrower, unless something else is wanted; raises BadValue if it is wider."""
    marking = wanted or narrower(Marking.AMBER, case.marking)
    if is_wider(marking, case.marking):
        ref = case_ref(key(case.id))
        raise BadValue(
            f"{ref} is {case.marking}: a request in it may not be wider ({marking}).",
            instead=("Leave out --marking, or give a narrower one.",),
        )
    return marking


def send(call: Call, asked: Agency, due: DueTime, **values: Any) -> Outcome:
    """Keep one request to one agency, raise its roots and record it; `values` are the columns that were typed."""
    number = requests.send(
        call.session, call.now, asking_id=call.agency_id, asked_id=key(asked.id), officer_id=call.hand[1],
        due_at=due.at, first_due_at=due.at, due_spec=due.spec, due_note=due.note, due_steps=due.steps,
        **values,
    )  # fmt: skip
    request = requests.by_id(call.session, number)
    reminders.plan(call.session, request, call.now, new=True)
    drafts, reply = _settle(call, request, asked)
    sent = record(
        "request:sent", request_ref(number), request.what, case=case_ref(request.case_id), to=asked.code,
        marking=request.marking, due=due.at.isoformat(), shared=request.shared or None,
    )  # fmt: skip
    return Outcome((sent,), drafts, reply)


def _settle(call: Call, request: Request, asked: Agency) -> tuple[tuple[Draft, ...], Message | None]:
    """The roots of a new request; and the answer to its writer, where the root itself is none."""
    settled = threads.settle_request(call, request, parties_of(call.session, request), call.place)
    told = unreached.of_request(call, request, settled.unreached)
    if call.place in settled.places and not told:
        return settled.drafts, None
    return settled.drafts + told, _sent(call, request, asked, settled)


def _sent(call: Call, request: Request, asked: Agency, settled: Settled) -> Message:
    due, code = request_page.instant(call.session, request, request.due_at), call.agency.code
    sent = spans(Ref(request_ref(key(request.id))), f" is sent to {asked.code}, due ", due, ". ")
    note = spans(f"{request.due_note} ") if request.due_note else ()
    if asked.id in settled.unreached:
        where = spans(f"{asked.code} has no desk where it may stand: it waits, and the coordinators are told.")
    elif request.asking_id in settled.unreached:
        where = spans(f"{code} has no desk where it may stand: ", *unreached.set_a_desk(code))
    else:
        where = spans(f"It stands at the desks of {asked.code} and {code}.")
    return Message(request.marking, (Paragraph(sent + note + where),))


def together(marking: Marking, outcomes: Sequence[Outcome]) -> Outcome:
    """Several outcomes of one command as one, its answers in one message."""
    blocks = tuple(block for outcome in outcomes if outcome.reply is not None for block in outcome.reply.blocks)
    return Outcome(
        tuple(record for outcome in outcomes for record in outcome.records),
        tuple(draft for outcome in outcomes for draft in outcome.drafts),
        Message(marking, blocks) if blocks else None,
    )
