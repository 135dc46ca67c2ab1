"""What is written below a request's root: kept, relayed to its other threads, edited, deleted, or held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from commands import exhibit_page, request_page, taking_in
from commands.arrival import File
from commands.call import Call, Origin, Outcome, key, named, record
from commands.draft import Draft, edit_of
from commands.message import (
    Actions,
    Block,
    Code,
    Instant,
    Message,
    Paragraph,
    Quote,
    Ref,
    Spans,
    Strong,
    Text,
    say,
    spans,
    typed,
)
from commands.rules.access import request_sight
from commands.rules.forwarded import is_forwarded_mail
from commands.rules.lifecycle import after, side_of
from commands.rules.names import show_date
from commands.standing import parties_of, request_standing
from storage import agencies, exhibits, replies, requests
from storage import threads as thread_rows
from storage.ledger import Record
from storage.tables import Agency, Held, LetterKind, Officer, Reply, Request, Thread
from storage.words import OPEN_STATES, Address, Place, Side, Sight, State, Step, request_ref

MOST = 20_000
"""The longest reply that is kept, in characters; longer ones are for files."""

_INTERNAL = (";;", "internal:")


def is_internal(text: str) -> bool:
    """`;;` or `internal:` at its beginning keeps a message where it was written."""
    return text.lstrip().lower().startswith(_INTERNAL)


def write(call: Call, thread: Thread, message: str, text: str, files: Sequence[File] = ()) -> Outcome:
    """Keep a reply and relay it, its files as exhibits; of someone who may not say it here, hold it."""
    if is_internal(text) or not (text.strip() or files):
        return Outcome()
    if len(text) > MOST:
        return Outcome(reply=_too_long(text))
    request = requests.by_id(call.session, key(thread.request_id))
    parties = parties_of(call.session, request)
    if call.actor.agency is None or request_sight(call.agency_id, parties) is not Sight.FULL:
        return _hold(call, thread, request, message, text, files)
    reply, records = _keep(call, request, Origin(Place(thread.place), message, tuple(files)), text, thread.id)
    to_writer = _to_writer(request, _offer(call, request, reply), forwarded=is_forwarded_mail(text))
    return Outcome(records, _copies(call, request, reply, text), to_writer)


def add(call: Call, request: Request, origin: Origin, text: str) -> Outcome:
    """As `write`, of what was typed elsewhere: all threads of the request hear it, and its writer what became of it."""
    if len(text) > MOST:
        return Outcome(reply=_too_long(text))
    reply, records = _keep(call, request, origin, text, None)
    files = exhibit_page.attached(exhibits.of_reply(call.session, key(reply.id)))
    told = (say("Attached below ", Ref(request_ref(key(request.id))), ":"), *files, *_offer(call, request, reply))
    return Outcome(records, _copies(call, request, reply, text), Message(request.marking, told))


def _keep(
    call: Call, request: Request, origin: Origin, text: str, thread_id: int | None
) -> tuple[Reply, tuple[Record, ...]]:
    """`thread_id`: the thread in which it stands already."""
    number = replies.keep(
        call.session, text, call.now,
        request_id=key(request.id), agency_id=call.agency_id, officer_id=call.hand[1],
        place=origin.place, message=origin.message, thread_id=thread_id,
    )  # fmt: skip
    reply = call.session.get_one(Reply, number)
    kept = record("reply:kept", request_ref(key(request.id)), text, reply=number)
    return reply, (kept, *taking_in.attach(call, reply, origin.files, call.actor.address))


def _too_long(text: str) -> Message:
    words = say(f"That is too long to keep ({len(text):,} of {MOST:,} characters): send it in parts.")
    return Message(None, (words,))


def _to_writer(request: Request, offer: tuple[Block, ...], *, forwarded: bool) -> Message | None:
    gone = "A forwarded e-mail is not the original: what shows where it came from is gone."
    original = say(f"{gone} Attach the file below {request_ref(key(request.id))}.")
    blocks = (*offer, *((original,) if forwarded else ()))
    return Message(request.marking, blocks) if blocks else None


def _offer(call: Call, request: Request, reply: Reply) -> tuple[Block, ...]:
    """What the asked side's writer may want to do next."""
    side = side_of(call.agency_id, request.asking_id, request.asked_id)
    if side is not Side.ASKED or after(request.state, Step.ANSWER, side) is None:
        return ()
    at = reply.at.astimezone(ZoneInfo(call.agency.zone))
    said = f"See my reply of {show_date(at.date())}, {at:%H:%M} {at.tzname()}."
    shown = [request_page.button(request, Step.ANSWER, "This is our answer", said)]
    if request.state is State.SENT:
        shown.append(request_page.button(request, Step.ACK))
    words = say("Your reply is kept in ", Ref(request_ref(key(request.id))), "; it changes no state.")
    return (words, Actions(tuple(shown)))


def _copies(call: Call, request: Request, reply: Reply, text: str) -> tuple[Draft, ...]:
    """The reply for the request's other threads."""
    parties = parties_of(call.session, request)
    drafts = []
    for thread in thread_rows.of_request(call.session, key(request.id)):
        sight = request_standing(call.session, request, parties, Place(thread.place))
        if thread.id == reply.thread_id or not sight:
            continue
        message = _copy(call, request, reply, text, sight)
        drafts.append(
            Draft(
                LetterKind.POST, message, place=thread.place, thread_id=thread.id,
                request_id=request.id, sight=sight, reply_id=reply.id,
            )
        )  # fmt: skip
    return tuple(drafts)


def _copy(call: Call, request: Request, reply: Reply, text: str, sight: Sight) -> Message:
    writer = call.session.get_one(Officer, reply.officer_id)
    agency = call.session.get_one(Agency, reply.agency_id)
    ref = request_ref(key(request.id))
    edited = len(replies.wording(call.session, key(reply.id))) > 1
    if sight is not Sight.FULL:
        change = "deleted a reply" if reply.deleted_at else "changed a reply" if edited else "replied"
        return Message(request.marking, (say(f"{agency.code} {change}: ", Code(f"/request show {ref}")),))
    head: Spans = (Strong(named(writer, agency)), Text(", "), _instant(call, request, reply.at))
    if reply.held_until is not None:
        head += spans(", held until ", _instant(call, request, reply.held_until))
    if reply.deleted_at is not None:
        return Message(request.marking, (say(*head, ": deleted. ", Code(f"/request show {ref}"), " keeps the words."),))
    late = "" if request.state in OPEN_STATES else f" after {ref} was {request.state}"
    said = f", edited{late}:" if edited else f",{late}:" if late else ":"
    words = (Quote(typed(text)),) if text.strip() else ()
    files = exhibit_page.attached(exhibits.of_reply(call.session, key(reply.id)))
    return Message(request.marking, (say(*head, said), *words, *files))


def _instant(call: Call, request: Request, at: datetime) -> Instant:
    return request_page.instant(call.session, request, at)


def _hold(call: Call, thread: Thread, request: Request, message: str, text: str, files: Sequence[File]) -> Outcome:
    """Not for this writer to say: held for an enrolment, and told who can do that."""
    ref = request_ref(key(request.id))
    people = _enrollers(call, thread, request)
    held = replies.hold(
        call.session, call.actor.address, call.now,
        place=thread.place, message=message, thread_id=thread.id, text=text, files=taking_in.write_files(files),
    )  # fmt: skip
    if not held:
        words = say(f"You have {replies.HELD_EACH} messages held already: this one was not kept.")
        return Outcome(reply=Message(None, (words, _enrol(call, people))))
    tried = record("refused:reply", ref, text)
    kept = f"what you write below {ref} is held for 30 days and relayed nowhere."
    if call.actor.agency is not None:
        words = say(f"{call.agency.code} may not write in this request: {kept}")
        return Outcome(
            (tried,), (), Message(None, (words, say("Its agencies' coordinators: ", people or "none here", ".")))
        )
    words = say(f"Nobody has enrolled you: {kept}")
    return Outcome((tried,), (), Message(None, (words, _enrol(call, people))))


def _enrollers(call: Call, thread: Thread, request: Request) -> str:
    """The coordinators, among those who read along, whose officers may write here."""
    parties = parties_of(call.session, request)
    readers = agencies.readers(call.session, Place(thread.place))
    may_write = [agency for agency in readers if request_sight(agency, parties) is Sight.FULL]
    return ", ".join(
        named(officer, call.session.get_one(Agency, officer.agency_id))
        for officer, _address in agencies.coordinators(call.session, may_write)
    )


def _enrol(call: Call, people: str) -> Paragraph:
    line = Code(f"/officer add {call.actor.address} --agency CODE")
    return say(f"Who can enrol you: {people or 'a coordinator'}, by ", line, ".")


def let_go(call: Call, address: Address, officer: Officer, agency: Agency) -> Outcome:
    """What was held of a person and what their new agency may say goes out, at its first time."""
    records: list[Record] = []
    drafts: list[Draft] = []
    for held in replies.held_of(call.session, address, call.now):
        thread = call.session.get_one(Thread, held.thread_id)
        request = requests.by_id(call.session, key(thread.request_id))
        if request_sight(key(agency.id), parties_of(call.session, request)) is not Sight.FULL:
            continue
        number = replies.keep(
            call.session, held.text, held.at,
            request_id=key(request.id), agency_id=key(agency.id), officer_id=key(officer.id),
            place=held.place, message=held.message, thread_id=held.thread_id, held_until=call.now,
        )  # fmt: skip
        reply = call.session.get_one(Reply, number)
        records.append(record("reply:kept", request_ref(key(request.id)), held.text, reply=number, held="released"))
        records += taking_in.attach(call, reply, taking_in.read_files(held.files), address)
        drafts += _copies(call, request, reply, held.text)
        replies.drop_held(call.session, held)
    return Outcome(tuple(records), tuple(drafts))


def edit(call: Call, thread: Thread | None, message: str, text: str) -> Outcome:
    """A new wording: relayed as an edit; into an internal note as a deletion; out of one as a new reply."""
    place = call.place or Place("")
    if held := replies.held_message(call.session, place, message):
        return _edit_held(call, held, text)
    reply = replies.by_message(call.session, place, message)
    if reply is None:
        return write(call, thread, message, text) if thread is not None and thread.request_id else Outcome()
    if reply.deleted_at is not None:
        return Outcome()
    if is_internal(text):
        taken_back = delete(call, message)
        replies.part_from_message(call.session, reply)
        return taken_back
    ref = request_ref(reply.request_id)
    if call.actor.agency is None or call.agency_id != reply.agency_id:
        agency = call.session.get_one(Agency, reply.agency_id)
        words = say(f"You wrote this for {agency.code} and write for it no more: your edit is not kept.")
        return Outcome((record("refused:reply", ref, text),), (), Message(None, (words,)))
    if len(text) > MOST:
        return Outcome(reply=_too_long(text))
    if text == replies.wording(call.session, key(reply.id))[-1].text:
        return Outcome()  # a platform told of something else in the message, or told twice
    replies.reword(call.session, key(reply.id), text, call.now)
    edited = record("reply:edited", ref, text, reply=reply.id)
    return Outcome((edited,), _reworded(call, reply, text))


def _edit_held(call: Call, held: Held, text: str) -> Outcome:
    if is_internal(text):
        return delete(call, held.message)
    if len(text) > MOST:
        return Outcome(reply=_too_long(text))
    held.text = text
    call.session.flush()
    return Outcome()


def delete(call: Call, message: str) -> Outcome:
    """The copies say so in their place; the parties may still read the words."""
    place = call.place or Place("")
    if held := replies.held_message(call.session, place, message):
        replies.drop_held(call.session, held)
        return Outcome()
    reply = replies.by_message(call.session, place, message)
    if reply is None or reply.deleted_at is not None:
        return Outcome()
    reply.deleted_at = call.now
    call.session.flush()
    deleted = record("reply:deleted", request_ref(reply.request_id), None, reply=reply.id)
    return Outcome((deleted,), _reworded(call, reply, ""))


def _reworded(call: Call, reply: Reply, text: str) -> tuple[Draft, ...]:
    """The copies edited in place, each to as much as may stand there now."""
    request = requests.by_id(call.session, reply.request_id)
    parties = parties_of(call.session, request)
    copies = (
        (letter, request_standing(call.session, request, parties, Place(letter.place or "")))
        for letter in replies.copies(call.session, key(reply.id))
    )
    return tuple(
        replace(edit_of(letter, _copy(call, request, reply, text, sight)), sight=sight)
        for letter, sight in copies
        if sight
    )
