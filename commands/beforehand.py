"""What is refused before a missing value is asked for, because no value could save it; it asks for nothing itself."""

from __future__ import annotations

from commands import find, values
from commands.call import Call
from commands.grammar import Missing, write
from commands.message import Code
from commands.refusals import NotPermitted, RedTyped
from commands.rules.access import OPENERS
from commands.rules.marking import may_be_typed
from commands.steps import mind_event, open_step
from storage.words import Marking, Step, read_ref


def mind(call: Call, missing: Missing) -> None:
    """Raises what the command itself would raise; and RED words are asked for only where nobody reads along."""
    declaration, given = missing.declaration, missing.given
    markings = [marking for ref in ("case", "request") if (marking := _marking(call, missing, ref)) is not None]
    if "marking" in given:
        markings.append(values.convert(declaration.field("marking"), given["marking"]))
    rest = declaration.rest
    if rest is None or all(may_be_typed(marking, secluded=call.secluded) for marking in markings):
        return
    if rest.name in given:
        raise RedTyped
    if rest.required or missing.field is rest:
        line = f"{write(declaration.path, given)} {rest.shown}"
        raise NotPermitted(
            "This is RED: its words are taken in a direct message only.", instead=("Write to me: ", Code(line), ".")
        )


def _marking(call: Call, missing: Missing, name: str) -> Marking | None:
    """The marking of the case or the request that is named; raises if it is not for this person to do that with."""
    found = read_ref(missing.given.get(name, ""))
    if found is None:
        return None
    declaration, number = missing.declaration, found[1]
    if name == "case":
        case = find.own_case(call, number) if declaration.permit in OPENERS else find.case(call, number)
        return case.marking
    if declaration.verb in set(Step):
        return open_step(call, number, Step(declaration.verb)).request.marking
    request, _sight = find.request(call, number)
    mind_event(call, request)
    return request.marking
