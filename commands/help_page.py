"""What can be typed, read off the declarations: the help in the room, and docs/commands.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from commands.declare import TABLE, Declaration, Field, Kind
from commands.grammar import usage
from commands.lines import plain
from commands.message import Code, Fields, Heading, Items, Message, Spans, Text, say, spans, typed
from commands.rules.when import EXAMPLES as WHEN_EXAMPLES

ABOUT = {
    "case": "a matter that agencies share",
    "request": "one agency asks another",
    "agency": "the agencies and their desks",
    "officer": "who writes for an agency",
    "digest": "what is outstanding",
    "comity": "help, and who you are to me",
}

HOW = (
    "In a thread the noun and the reference may be left out: !ack, or /ack, below a request is /request ack R-n.",
    "What you write below a request's root goes to the other agency. ;; or internal: at its beginning keeps it here.",
    f"A time (WHEN) is {WHEN_EXAMPLES}, with a city behind it if it is not your agency's.",
    "Flags stand before or after the text; values of several words in quotes; a lone -- ends the flags.",
)


def overview(table: Mapping[str, Declaration] | None = None) -> Message:
    """The nouns with their verbs, and how lines are written."""
    known = TABLE if table is None else table
    rows: list[tuple[str, Spans]] = []
    for noun in dict.fromkeys(declaration.noun for declaration in known.values()):
        verbs = ", ".join(declaration.verb for declaration in known.values() if declaration.noun == noun)
        rows.append((f"/{noun}", spans(f"{ABOUT.get(noun, noun)}: {verbs}")))
    return Message(
        None,
        (
            Heading(spans("What you can type")),
            Fields(tuple(rows)),
            Items(tuple(spans(line) for line in HOW)),
            say("More: ", Code("/comity help request"), " or ", Code("/comity help request send"), "."),
        ),
    )


def welcome() -> Message:
    """For someone who looks at an empty place for the first time."""
    first = Code("/case open Pump-and-dump mailing")
    second = Code("/request send ACMA --case C-1 Who rented the mailbox?")
    return Message(
        None,
        (
            say("Open a case here: ", first),
            say("Then ask a partner agency: ", second),
            say("Become their officer, go to their desk, and answer below the request's root; !ack acknowledges it."),
            say("What can be typed: ", Code("/comity help"), ". Tab completes it."),
        ),
    )


def topic(words: str, table: Mapping[str, Declaration] | None = None) -> Message:
    """A noun, a noun and a verb, or a verb alone; of anything else the nearest topic."""
    known = TABLE if table is None else table
    wanted = " ".join(plain(words).strip("/! ").split())
    found = [declaration for declaration in known.values() if wanted in {declaration.path, declaration.verb}]
    if not found:
        found = [declaration for declaration in known.values() if declaration.noun == wanted]
        if found:
            return _noun(wanted, found)
        return _unknown(wanted, known)
    blocks = [block for declaration in found for block in _command(declaration).blocks]
    return Message(None, tuple(blocks))


def _unknown(wanted: str, known: Mapping[str, Declaration]) -> Message:
    topics = [*dict.fromkeys(declaration.noun for declaration in known.values()), *known]
    near = get_close_matches(wanted, topics, n=1)
    guess: Spans = (Text(" Did you mean "), Code(f"/comity help {near[0]}"), Text("?")) if near else ()
    return Message(None, (say("There is no help on ", *typed(wanted), ".", *guess), *overview(known).blocks))


def _noun(noun: str, found: list[Declaration]) -> Message:
    lines = tuple((Code(usage(declaration)), Text(f" {declaration.summary}")) for declaration in found)
    return Message(None, (Heading(spans(f"/{noun}: {ABOUT.get(noun, noun)}")), Items(lines)))


def _command(declaration: Declaration) -> Message:
    rows = tuple((field.flag if field.ask.flag else field.shown, spans(_about(field))) for field in declaration.fields)
    details = (say(declaration.details),) if declaration.details else ()
    fields = (Fields(rows),) if rows else ()
    head = (Heading(spans(f"/{declaration.path}")), say(declaration.summary))
    return Message(None, (*head, *details, say(Code(usage(declaration))), *fields))


def _about(field: Field) -> str:
    parts = [field.ask.label]
    if field.ask.help:
        parts.append(field.ask.help)
    if field.choices:
        parts.append("one of " + ", ".join(field.choices))
    if field.ask.here:
        parts.append("in a thread the thread's own")
    elif field.default not in (None, False):
        parts.append(f"else {field.default}")
    return "; ".join(parts)


def commands_page(table: Mapping[str, Declaration] | None = None) -> str:
    """docs/commands.md, the same on every run."""
    return "\n".join(_page(TABLE if table is None else table)) + "\n"


def _page(known: Mapping[str, Declaration]) -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield "Written from the declarations by `make docs`; do not edit."
    yield ""
    yield from (f"- {_escaped(line)}" for line in HOW)
    for noun in dict.fromkeys(declaration.noun for declaration in known.values()):
        yield ""
        yield f"## /{noun}: {ABOUT.get(noun, noun)}"
        for declaration in (each for each in known.values() if each.noun == noun):
            yield ""
            yield f"### /{declaration.path}"
            yield ""
            yield f"`{usage(declaration)}`"
            yield ""
            yield declaration.summary + (f" {declaration.details}" if declaration.details else "") + _notes(declaration)
            if declaration.fields:
                yield ""
                yield from (f"- `{_name(field)}`: {_escaped(_about(field))}" for field in declaration.fields)


def _name(field: Field) -> str:
    if not field.ask.flag:
        return field.shown
    return field.flag if field.kind is Kind.SWITCH else f"{field.flag} {field.shown}"


def _notes(declaration: Declaration) -> str:
    notes = []
    if declaration.operator:
        notes.append("Only the operator.")
    if declaration.private:
        notes.append("Answered privately.")
    return "".join(f" {note}" for note in notes)


def _escaped(line: str) -> str:
    return line.replace("|", "\\|").replace("<", "&lt;")
