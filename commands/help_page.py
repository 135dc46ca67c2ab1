"""What can be typed, read off the declarations: the help in the room, and docs/commands.md."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from commands import values
from commands.declare import TABLE, Declaration, Field, Table
from commands.grammar import line_of, usage
from commands.lines import plain, short
from commands.message import Block, Code, Fields, Heading, Items, Message, Spans, Text, say, spans, typed
from commands.naming import nouns, verbs
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


def overview(table: Table = TABLE) -> Message:
    """The nouns with their verbs, and how lines are written."""
    rows = tuple((f"/{noun}", spans(f"{_about_noun(noun)}: {', '.join(verbs(noun, table))}")) for noun in nouns(table))
    lines = Items(tuple(spans(line) for line in HOW))
    more = say("More: ", Code("/comity help request"), " or ", Code("/comity help request send"), ".")
    return Message(None, (Heading(spans("What you can type")), Fields(rows), lines, more))


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


def topic(words: str, table: Table = TABLE) -> Message:
    """A noun, a noun and a verb, or a verb alone; of anything else the nearest topic."""
    wanted = " ".join(plain(words).strip("/! ").split())
    if not wanted:
        return overview(table)
    if wanted in nouns(table):
        return _noun(wanted, table)
    found = [declaration for declaration in table.values() if wanted in {declaration.path, declaration.verb}]
    if not found:
        return _unknown(wanted, table)
    return Message(None, tuple(block for declaration in found for block in _command(declaration)))


def _unknown(wanted: str, table: Table) -> Message:
    near = get_close_matches(wanted, [*nouns(table), *table], n=1)
    guess: Spans = (Text(" Did you mean "), Code(f"/comity help {near[0]}"), Text("?")) if near else ()
    return Message(None, (say("There is no help on ", *typed(short(wanted)), ".", *guess), *overview(table).blocks))


def _about_noun(noun: str) -> str:
    return ABOUT.get(noun, noun)


def _noun(noun: str, table: Table) -> Message:
    found = [declaration for declaration in table.values() if declaration.noun == noun]
    lines = tuple((Code(usage(declaration)), Text(f" {declaration.summary}")) for declaration in found)
    return Message(None, (Heading(spans(f"/{noun}: {_about_noun(noun)}")), Items(lines)))


def _command(declaration: Declaration) -> tuple[Block, ...]:
    rows = tuple((_name(field), spans(_about(field))) for field in declaration.fields)
    shown: list[Block] = [
        Heading(spans(f"/{declaration.path}")),
        say(_described(declaration)),
        say("Usage: ", Code(usage(declaration))),
    ]
    if rows:
        shown += [Fields(rows), say("For example: ", Code(_example(declaration)))]
    return tuple(shown)


def _described(declaration: Declaration) -> str:
    parts = [declaration.summary, *declaration.details.split("\n")]
    parts += ["Only the operator does that."] if declaration.operator else []
    parts += ["The answer is for you alone."] if declaration.private else []
    return " ".join(part.strip() for part in parts if part)


def _example(declaration: Declaration) -> str:
    """A line with all that must be typed, and what its declaration finds worth showing."""
    shown = [field for field in declaration.fields if field.required or field.ask.example]
    return line_of(declaration, {field.name: values.example(field) for field in shown})


def _name(field: Field) -> str:
    """As the usage line has it."""
    return f"{field.flag} {field.shown}".rstrip() if field.ask.flag else field.shown


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


def commands_page(table: Table = TABLE) -> str:
    """docs/commands.md, the same on every run."""
    return "\n".join(_page(table)) + "\n"


def _page(table: Table) -> Iterator[str]:
    yield from ("# Commands", "", "Written from the declarations by `make docs`; do not edit.", "")
    yield from (f"- {_escaped(line)}" for line in HOW)
    for noun in nouns(table):
        yield from ("", f"## /{noun}: {_about_noun(noun)}")
        for declaration in table.values():
            if declaration.noun == noun:
                yield from _section(declaration)


def _section(declaration: Declaration) -> Iterator[str]:
    yield from ("", f"### /{declaration.path}", "", f"`{usage(declaration)}`", "", _escaped(_described(declaration)))
    if declaration.fields:
        yield ""
        yield from (f"- `{_name(field)}`: {_escaped(_about(field))}" for field in declaration.fields)
        yield from ("", f"For example: `{_example(declaration)}`")


def _escaped(line: str) -> str:
    """Our own words, in Markdown: only what a table or a tag could be made of needs care."""
    return line.replace("|", "\\|").replace("<", "&lt;")
