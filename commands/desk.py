"""What comes in is taken here: may they? the handler, the ledger, the outbox; all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol

from sqlmodel import Session

from commands import (
    answers,
    beforehand,
    due_moments,
    errand_results,
    grammar,
    questions,
    reply,
    table,  # noqa: F401  # the commands are declared by importing them
)
from commands.arrival import Arrival, ArrivalKind, message_key, read_arrival, write_arrival
from commands.call import Actor, Call, Origin, Outcome, Web, key, record
from commands.declare import declaration_of
from commands.draft import Draft
from commands.message import Code, Message, say
from commands.permit import may
from commands.refusals import Refusal, set_aside
from storage import agencies, arrivals, errands, ledger, outbox, requests, threads
from storage.statement import savepoint
from storage.tables import ArrivalRow, ArrivalState, LetterKind, Thread
from storage.words import Address, Manner, Place, case_ref, request_ref

CHECKS = frozenset({"check", "white_check_mark", "heavy_check_mark", "ballot_box_with_check", "✅", "✔", "✔️", "☑", "☑️"})
"""The reactions that acknowledge a request."""

OPERATOR = "operator"

ADDS = "exhibit add"
"""The command that does something with what is attached to it."""


class Observer(Protocol):
    """Is told within the transaction: what it counts may yet be rolled back."""

    def taken(self, arrival: Arrival) -> None:
        """Performed, for the first and only time."""

    def performed(self, person: Address) -> None:
        """A command of theirs."""

    def refused(self, person: Address) -> None:
        """A command, a reply, an edit or a deletion of theirs."""


@dataclass(frozen=True)
class Desk:
    """Takes arrivals; `salt` gives 16 fresh random bytes for each ledger entry.

    `operator_place` hears what the operator must mend.
    """

    salt: Callable[[], bytes]
    operator_place: Place | None = None
    observer: Observer | None = field(default=None, kw_only=True)
    web: Web | None = field(default=None, kw_only=True)
    """None: nothing of ours is served."""

    def take(self, session: Session, arrival: Arrival, now: datetime) -> None:
        """Perform one arrival, once for ever: a key that was seen changes nothing.

        The caller commits. Whatever this raises has changed nothing that the caller cannot roll back.
        """
        if arrival.kind is ArrivalKind.DUE and not due_moments.has_come(session, arrival):
            return
        if arrival.kind is ArrivalKind.ERRAND and not errand_results.is_awaited(session, arrival):
            return
        seen = arrivals.state(session, arrival.key)
        if seen not in (None, ArrivalState.WAITING):
            if arrival.kind is ArrivalKind.ERRAND:
                errands.done(session, arrival.message)  # else it would be run for ever
            return
        became = self._take(session, arrival, now)
        if became is None:
            if seen is None:
                arrivals.wait(session, arrival.key, arrival.place, arrival.message, now, write_arrival(arrival))
            return
        arrivals.done(
            session,
            arrival.key,
            arrival.place,
            arrival.message,
            now,
            became,
            writer=arrival.person,
            below=arrival.thread,
            new=seen is None,
        )
        if self.observer is not None:
            self.observer.taken(arrival)
        if arrival.kind is ArrivalKind.MESSAGE:
            earlier = map(read_arrival, arrivals.waiting_for(session, arrival.place, arrival.message))
            for change in sorted(earlier, key=attrgetter("revision")):
                self.take(session, change, now)

    def _take(self, session: Session, arrival: Arrival, now: datetime) -> str | None:
        """What was made of it; None: it waits for the message that it edits or deletes."""
        call = replace(_call(session, arrival, now), web=self.web)
        match arrival.kind:
            case ArrivalKind.MESSAGE:
                return self._message(call, arrival)
            case ArrivalKind.PRESS:
                self._line(replace(call, event=arrival.event, pressed=True), arrival.text)
            case ArrivalKind.REACTION:
                self._reaction(call, arrival)
            case ArrivalKind.DUE | ArrivalKind.ERRAND:
                come = due_moments if arrival.kind is ArrivalKind.DUE else errand_results
                self._put(call, come.perform(call, arrival))
            case ArrivalKind.UNREADABLE if not arrival.revision:
                return None  # its key may yet come
            case ArrivalKind.UNREADABLE if arrival.revision < 0:
                return "read"
            case ArrivalKind.UNREADABLE:
                self._whisper(call, answers.unreadable())
                self.alarm(session, f"a message in {arrival.place} that cannot be decrypted", now)
            case ArrivalKind.EDIT | ArrivalKind.DELETION:
                original = session.get(ArrivalRow, message_key(arrival.place, arrival.message))
                if original is None or original.state == "waiting":
                    return None
                below = arrival.thread or original.below
                self._change(_call(session, replace(arrival, thread=below), now), arrival, original)
        return arrival.kind

    def _message(self, call: Call, arrival: Arrival) -> str:
        text, thread = grammar.clean(arrival.text), call.thread
        if grammar.is_command(text):
            questions.drop(call)
            self._command(call, arrival, text)
            return "command"
        # a note to one's own side is never taken for the answer that was asked for
        if not reply.is_internal(text) and (asked := questions.pending(call)) is not None:
            self._answer(call, asked, text)
            self._attached(call, arrival, asked.command)
            return "command"
        if thread is not None and thread.request_id is not None:
            return self._below(call, thread, arrival, text)
        if arrival.files and (thread is not None or arrival.direct):
            self._whisper(call, answers.no_files())
        if arrival.direct and not arrival.files:
            self._whisper(call, answers.not_a_command())
        return "talk"

    def _command(self, call: Call, arrival: Arrival, text: str) -> None:
        if arrival.muted:
            self._put(call, Outcome(reply=answers.muted(), manner=Manner.QUIET))
            return
        reading = grammar.read(text, _within(call), pressed=call.pressed)
        self._read(call, reading)
        self._attached(call, arrival, _path(reading))

    def _attached(self, call: Call, arrival: Arrival, path: str | None) -> None:
        """What came with a command that is about something else: below a request it is evidence like any other."""
        if not arrival.files or path == ADDS:
            return
        if call.thread is not None and call.thread.request_id is not None:
            self._write(call, call.thread, arrival, "")
        else:
            self._whisper(call, answers.no_files())

    def _below(self, call: Call, thread: Thread, arrival: Arrival, text: str) -> str:
        """Words below a request's root."""
        if (verb := grammar.lone_verb(text)) is not None and not arrival.files:
            self._whisper(call, answers.bare_verb(verb.verb, request_ref(key(thread.request_id))))
            return "told"
        if text.strip().lower() in questions.CANCEL and not arrival.files:
            self._whisper(call, answers.nothing_to_cancel())
            return "told"
        self._write(call, thread, arrival, text)
        return "reply"

    def _write(self, call: Call, thread: Thread, arrival: Arrival, text: str) -> None:
        self._settle(
            call, lambda: reply.write(call, thread, arrival.message, text, arrival.files), "reply", manner=Manner.QUIET
        )

    def _line(self, call: Call, text: str) -> None:
        """Read a command line and perform it, ask for what is missing, or say how it is written."""
        self._read(call, grammar.read(text, _within(call), pressed=call.pressed))

    def _read(self, call: Call, reading: Any) -> None:
        match reading:
            case grammar.Complaint():
                self._whisper(call, answers.complaint(reading))
            case grammar.Missing():
                self._settle(call, lambda: self._ask(call, reading), reading.declaration.path, _subject(reading.given))
            case _:
                self.perform(reading, call)

    def _ask(self, call: Call, missing: grammar.Missing) -> Outcome:
        may(call, missing.declaration.permit)
        beforehand.mind(call, missing)
        return questions.ask(call, missing)

    def _answer(self, call: Call, asked: questions.Asked, text: str) -> None:
        """An answer that cannot be read leaves the question open, with all that was typed before."""
        if text.strip().lower() in questions.CANCEL:
            questions.drop(asked.call)
            self._whisper(call, answers.cancelled())
            return
        reading = grammar.answer(asked.command, asked.given, asked.field, text)
        if isinstance(reading, grammar.Complaint):
            self._whisper(call, answers.complaint(reading))
            return
        questions.drop(asked.call)
        self._read(asked.call, reading)

    def _reaction(self, call: Call, arrival: Arrival) -> None:
        thread = call.thread
        if thread is None or thread.request_id is None or arrival.message != arrival.thread:
            return  # only on a request's root
        if arrival.text.strip(":") not in CHECKS:
            return
        if requests.by_id(call.session, thread.request_id).state == "sent":
            self._line(call, f"/request ack {request_ref(thread.request_id)}")

    def _change(self, call: Call, arrival: Arrival, original: ArrivalRow) -> None:
        text = grammar.clean(arrival.text)
        if original.writer is not None and original.writer != arrival.person:
            # a server lets moderators do it; here nobody takes another's words back, or puts words in their mouth
            tried = record("refused:foreign", "", tried=arrival.kind, of=original.writer)
            self._put(call, Outcome((tried,)))
        elif arrival.kind is ArrivalKind.DELETION:
            self._settle(call, lambda: reply.delete(call, arrival.message), "deletion", manner=Manner.QUIET)
        elif original.became == "command":
            self._whisper(call, answers.edited_command())
        elif grammar.is_command(text):
            self._whisper(call, answers.edited_into_a_command())
        else:
            self._settle(
                call, lambda: reply.edit(call, call.thread, arrival.message, text), "edit", manner=Manner.QUIET
            )

    def apologise(self, session: Session, arrival: Arrival, now: datetime) -> None:
        """Tell the writer of an arrival that it was set aside, and show it to the operator."""
        if arrival.kind is ArrivalKind.DUE:
            due_moments.put_off(session, arrival, now)
        elif arrival.kind is ArrivalKind.ERRAND:
            errands.done(session, arrival.message)  # it would be run again and again
        else:
            self._whisper(_call(session, arrival, now), set_aside())
        self.alarm(session, f"arrival {arrival.key}", now)

    def alarm(self, session: Session, what: str, now: datetime) -> None:
        """Tell the operator's place what was set aside; never what it says."""
        if self.operator_place is not None:
            words = say(f"Set aside: {what}. ", Code("python -m bot doctor"), " says why.")
            draft = Draft(LetterKind.POST, Message(None, (words,)), place=self.operator_place)
            outbox.post(session, [draft.row()], now)

    def operate(self, session: Session, line: str, now: datetime) -> tuple[Message, bool]:
        """One command of the operator's: the answer, and whether it was done."""
        call = Call(session, now, Actor(Address(OPERATOR), operator=True))
        reading = grammar.read(line)
        if isinstance(reading, grammar.Complaint):
            return answers.complaint(reading), False
        if isinstance(reading, grammar.Missing):
            usage = Code(grammar.usage(reading.declaration))
            return Message(None, (say(f"{reading.field.ask.label} is missing."), say("Usage: ", usage))), False
        outcome, done = self._outcome(
            call, _handler(reading, call), declaration_of(reading).path, _subject(vars(reading))
        )
        self._put(call, replace(outcome, reply=None, said=None))
        return outcome.said or outcome.reply or Message(None, (say("Done."),)), done

    def perform(self, command: Any, call: Call) -> None:
        """May they? -> handler -> ledger -> outbox, in the caller's transaction."""
        subject = _subject(vars(command))
        if self._settle(call, _handler(command, call), declaration_of(command).path, subject) and self.observer:
            self.observer.performed(call.actor.address)

    def _settle(
        self, call: Call, handle: Callable[[], Outcome], what: str, subject: str = "", manner: Manner | None = None
    ) -> bool:
        """False: it was refused."""
        outcome, done = self._outcome(call, handle, what, subject)
        self._put(call, replace(outcome, manner=manner) if done and manner else outcome)
        if not done and self.observer is not None:
            self.observer.refused(call.actor.address)
        return done

    def _outcome(self, call: Call, handle: Callable[[], Outcome], what: str, subject: str) -> tuple[Outcome, bool]:
        """Domain rows of a refusal are rolled back; its ledger entry and its answer stay."""
        try:
            with savepoint(call.session):
                outcome = handle()
        except Refusal as refusal:
            tried = record(refusal.tag, subject, tried=what, why=type(refusal).__name__)
            return Outcome((tried,), tuple(refusal.drafts), refusal.message(), manner=Manner.ALOUD), False
        return outcome, True

    def _put(self, call: Call, outcome: Outcome) -> None:
        drafts = list(outcome.drafts)
        if outcome.said is not None:
            drafts.insert(0, answers.openly(call, outcome.said))
        if outcome.reply is not None:
            drafts.append(answers.privately(call, outcome.reply, outcome.manner))
        outbox.post(call.session, [draft.row() for draft in drafts], call.now)
        ledger.append(call.session, outcome.records, call.now, _identity(call), self.salt)

    def _whisper(self, call: Call, message: Message) -> None:
        self._put(call, Outcome(reply=message, manner=Manner.ALOUD))


def _call(session: Session, arrival: Arrival, now: datetime) -> Call:
    found = agencies.officer_at(session, arrival.person)
    officer, agency = found or (None, None)
    thread = threads.below(session, arrival.place, arrival.thread) if arrival.thread else None
    return Call(
        session,
        now,
        Actor(arrival.person, officer, agency),
        place=None if arrival.direct else arrival.place,
        thread=thread,
        below=arrival.thread,
        room=arrival.room,
        unseen=arrival.unseen,
        origin=Origin(arrival.place, arrival.message, arrival.files),
    )


def _handler(command: Any, call: Call) -> Callable[[], Outcome]:
    def handle() -> Outcome:
        may(call, declaration_of(command).permit)
        return command.perform(call)  # type: ignore[no-any-return]  # every declaration has this handler

    return handle


def _path(reading: Any) -> str | None:
    """Which command it is, complete or not; None: it is none."""
    match reading:
        case grammar.Complaint():
            return None
        case grammar.Missing():
            return reading.declaration.path
        case _:
            return declaration_of(reading).path


def _identity(call: Call) -> dict[str, Any]:
    """Who did it, for the ledger."""
    actor = call.actor
    who = {"by": str(actor.address), "in": call.place}
    return who | ({"agency": actor.agency.code} if actor.agency is not None else {})


def _subject(given: Mapping[str, Any]) -> str:
    """What a refusal was about, for the ledger: the request, else the case, else the agency."""
    for name, ref in (("request", request_ref), ("case", case_ref), ("agency", str), ("code", str)):
        if (value := given.get(name)) is not None:
            return str(value) if isinstance(value, str) else ref(value)
    return ""


def _within(call: Call) -> grammar.Within | None:
    thread = call.thread
    if thread is None:
        return None
    if thread.request_id is None:
        return grammar.Within(case=thread.case_id)
    return grammar.Within(requests.by_id(call.session, thread.request_id).case_id, thread.request_id)
