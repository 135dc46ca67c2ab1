"""A command with a missing value: its writer is asked, and the next words there are the answer; kept in the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from commands import case_page, grammar
from commands.call import Call, Outcome, key
from commands.message import Actions, Block, Button, Code, Items, Message, say
from commands.rules.marking import narrowest
from storage import cases, questions, threads
from storage.words import Address, Manner, Place, case_ref

CANCEL = frozenset({"cancel", "!cancel", "/cancel"})
OFFERED = 8
"""How many open cases are offered where the case is missing."""

ANSWERED_WITHIN = timedelta(hours=1)
"""Later words in that place are no answer any more."""


@dataclass(frozen=True)
class Asked:
    command: str
    given: Mapping[str, str]
    field: str
    call: Call
    """What the answer completes is performed where it was asked, and is as old as the press of a button that began it.
    """


def _where(call: Call) -> tuple[Address, str, str]:
    return (call.actor.address, call.place or "", call.below or "")


def pending(call: Call) -> Asked | None:
    """What this person was asked here within the last hour.

    A question that lists cases may have been read in a direct message, wherever it was asked: so it is answered there.
    """
    row = questions.asked(call.session, *_where(call))
    if row is None and call.place is None:
        row = questions.newest(call.session, call.actor.address, "case")
    if row is None or row.asked_at < call.now - ANSWERED_WITHIN:
        return None
    kept = json.loads(row.given)
    there = replace(call, event=kept["event"])
    if (row.place, row.thread) != _where(call)[1:]:
        place, below = Place(row.place) if row.place else None, row.thread or None
        thread = threads.below(call.session, place, below) if place and below else None
        there = replace(there, place=place, thread=thread, below=below)
    return Asked(row.command, kept["given"], row.field, there)


def drop(call: Call) -> None:
    questions.drop(call.session, *_where(call))


def ask(call: Call, missing: grammar.Missing) -> Outcome:
    """Ask for one value; the answer, or `cancel`, is what the person writes there next."""
    questions.ask(
        call.session,
        *_where(call),
        call.now,
        command=missing.declaration.path,
        given=json.dumps({"given": dict(missing.given), "event": call.event}),
        field=missing.field.name,
    )
    return Outcome(reply=_words(call, missing), manner=Manner.ALOUD)


def _words(call: Call, missing: grammar.Missing) -> Message:
    wanted, marking = missing.field, None
    blocks: list[Block] = [say(f"{wanted.ask.label}? Write it here, or ", Code("cancel"), ".")]
    if wanted.choices:
        blocks.append(say("One of: ", Code(", ".join(wanted.choices)), "."))
    elif wanted.ask.help:
        blocks.append(say(f"({wanted.ask.help})"))
    if wanted.name == "case" and call.actor.agency is not None:
        found = cases.open_here(call.session, call.agency_id, call.place or "", OFFERED)
        if found:
            path, given = missing.declaration.path, missing.given
            refs = [case_ref(key(case.id)) for case in found]
            blocks.append(Items(tuple(case_page.line(case) for case in found)))
            blocks.append(Actions(tuple(Button(ref, grammar.write(path, {**given, "case": ref})) for ref in refs)))
            marking = narrowest(case.marking for case in found)
    blocks.append(say("Usage: ", Code(grammar.usage(missing.declaration))))
    return Message(marking, tuple(blocks))
