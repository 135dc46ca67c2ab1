"""Text to command value and back, by the declarations alone; it performs nothing and knows no agency and no case.

The rules are the contract's "Reading a line".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commands import values
from commands.arguments import split
from commands.declare import TABLE, Declaration, Field, Kind, Table, declaration_of
from commands.lines import MisreadError, clean, is_blank, plain, quoted, short
from commands.naming import Within, asks_help, is_command, named, without_mark
from storage.words import case_ref, request_ref

__all__ = [
    "Complaint", "Missing", "Reading", "Within", "answer", "clean", "fill", "is_command", "line_of", "lone_verb",
    "read", "usage", "write", "written",
]  # fmt: skip


@dataclass(frozen=True)
class Missing:
    """A command without one of its values; `given` holds the others as typed."""

    declaration: Declaration
    given: Mapping[str, str]
    field: Field


@dataclass(frozen=True)
class Complaint:
    """Why a line cannot be read; `word` is the one that offends."""

    problem: str
    usage: str = ""
    word: str = ""


Reading = Any | Missing | Complaint
"""A command's value, or what it lacks, or what is wrong with it."""


def read(text: str, within: Within | None = None, *, pressed: bool = False, table: Table = TABLE) -> Reading:
    """What a line means; `pressed`: a button's. Never raises."""
    declaration = None
    try:
        declaration, body = named(without_mark(clean(text)), within, table)
        return _filled(declaration, split(declaration, body), within, pressed=pressed)
    except MisreadError as wrong:
        return _complaint(wrong, declaration)


def fill(path: str, given: Mapping[str, str], *, table: Table = TABLE) -> Reading:
    """The command of texts that were typed one by one, as in a form."""
    declaration = table[path]
    try:
        return _filled(declaration, given, None)
    except MisreadError as wrong:
        return _complaint(wrong, declaration)


def answer(path: str, given: Mapping[str, str], name: str, text: str, *, table: Table = TABLE) -> Reading:
    """The command whose field `name` was asked for in a conversation: a flag typed there counts, as in a line."""
    declaration = table[path]
    given = {known: value for known, value in given.items() if known != name}
    if not declaration.field(name).ask.rest:
        return fill(path, {**given, name: text}, table=table)
    try:
        return _filled(declaration, split(declaration, clean(text), given), None)
    except MisreadError as wrong:
        return _complaint(wrong, declaration)


def write(path: str, given: Mapping[str, str], *, table: Table = TABLE) -> str:
    """The line that reads back as these texts; raises KeyError where there is no such command."""
    return line_of(table[path], given)


def written(command: object) -> str:
    """The line that reads back as this command, outside of any thread."""
    return line_of(declaration_of(command), _texts(command))


def _texts(command: object) -> dict[str, str]:
    """What would be typed for each of its values."""
    return {
        field.name: values.spelled(field, value)
        for field in declaration_of(command).fields
        if (value := getattr(command, field.name)) is not None and (field.required or value != field.default)
    }


def usage(declaration: Declaration) -> str:
    """`/request ack REQUEST`: values in capitals, what may be left out in brackets."""
    parts = [f"/{declaration.path}"]
    for field in declaration.fields:
        if field.ask.flag:
            shown = f"{field.flag} {field.shown}".rstrip()
            optional = not field.required or field.ask.here
        else:
            shown = field.shown
            optional = not field.required or (field.ask.here and field.kind is Kind.CASE)
        parts.append(f"[{shown}]" if optional else shown)
    return " ".join(parts)


def lone_verb(text: str, *, table: Table = TABLE) -> Declaration | None:
    """`ack` alone: a reply that is nothing but a verb that a request's thread would complete."""
    found = table.get(f"request {plain(text).strip('.! ')}")
    return found if found is not None and found.here is not None and not found.here.ask.flag else None


def _complaint(wrong: MisreadError, declaration: Declaration | None) -> Complaint:
    return Complaint(str(wrong), wrong.usage or (usage(declaration) if declaration else ""), short(wrong.word))


def _filled(
    declaration: Declaration, given: Mapping[str, str], within: Within | None, *, pressed: bool = False
) -> Reading:
    texts = {name: clean(text).strip() for name, text in given.items()}
    texts = {name: text for name, text in texts.items() if not is_blank(text)}
    here = declaration.here
    if here is not None and here.name not in texts and (ref := _ref_of(here, within)) is not None:
        texts[here.name] = ref
    # what is wrong is said before more is asked for
    made = {field.name: values.convert(field, texts[field.name]) for field in declaration.fields if field.name in texts}
    for field in declaration.fields:
        if field.name not in made and (field.required or (pressed and field.ask.pressed)):
            return Missing(declaration, texts, field)
    return declaration.build(**made)


def lacking(command: object, name: str) -> Missing:
    """A command that reads well and, as things are, needs one value more."""
    declaration = declaration_of(command)
    return Missing(declaration, _texts(command), declaration.field(name))


def _ref_of(here: Field, within: Within | None) -> str | None:
    if within is None:
        return None
    if here.kind is Kind.REQUEST:
        return None if within.request is None else request_ref(within.request)
    return None if within.case is None else case_ref(within.case)


def line_of(declaration: Declaration, given: Mapping[str, str]) -> str:
    """Places first, then flags, then the text: behind a lone `--` where the reader would take it for more."""
    texts = {field.name: _word(field, given[field.name]) for field in declaration.fields if field.name in given}
    texts = {name: text for name, text in texts.items() if not is_blank(text)}
    words = [_place(field, texts[field.name]) for field in declaration.positional if field.name in texts]
    for flag, field in declaration.flags.items():
        if field.name in texts:
            words += [flag] if field.kind is Kind.SWITCH else [flag, quoted(texts[field.name])]
    rest = declaration.rest
    text = texts.get(rest.name, "") if rest is not None else ""
    body = " ".join([*words, text]).rstrip()
    if text and (asks_help(body) or not _splits(declaration, body, texts)):
        body = " ".join([*words, "--", text])
    return f"/{declaration.path} {body}".rstrip()


def _word(field: Field, text: str) -> str:
    """The text as a line has it; a switch that is off is left out."""
    if field.kind is Kind.AGENCIES:
        return values.squeezed(text)
    if field.kind is Kind.SWITCH:
        return "yes" if values.SWITCH.get(plain(text)) else ""
    return text.strip()


def _place(field: Field, text: str) -> str:
    if field.kind not in values.REFS and values.reference(text):
        return f'"{text}"'  # a name of that form would be taken for the reference
    return quoted(text)


def _splits(declaration: Declaration, body: str, texts: Mapping[str, str]) -> bool:
    try:
        return split(declaration, body) == texts
    except MisreadError:
        return False
