"""Text to command value and back, by the declarations alone; it performs nothing and asks no table.

The rules are the contract's "Reading a line".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from commands import values
from commands.declare import TABLE, Declaration, Field, Kind
from commands.lines import UnclosedError, Word, clean, flag_in, is_blank, next_word, plain, quoted, value_at, words
from storage.words import RefKind, case_ref, read_ref, request_ref

__all__ = ["Complaint", "Missing", "Within", "clean", "fill", "is_command", "lone_verb", "read", "usage", "write"]

_BEGINS = re.compile(r"\s*(?:@comity\b[,:]?\s*[!/]?|[!/](?=[a-z]))", re.IGNORECASE)
_WHEN_WORDS = 5
"""How many further words might belong to a WHEN."""


@dataclass(frozen=True)
class Within:
    """What the thread is about in which a line is typed; of a request's thread the case too."""

    case: int | None = None
    request: int | None = None


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


class _Unreadable(Exception):  # noqa: N818  # becomes a Complaint with the usage
    def __init__(self, problem: str, word: str = "") -> None:
        super().__init__(problem)
        self.word = word


def is_command(text: str, *, in_thread: bool = False) -> bool:  # noqa: ARG001  # the same in and out of threads
    """It begins with a mention of Comity, or with `!` or `/` and a letter."""
    return _BEGINS.match(plain_start(text)) is not None


def plain_start(text: str) -> str:
    """The first line's beginning without hidden characters, where a command's mark would stand."""
    return re.sub(r"^(?:\s|⟨U\+[0-9A-F]{4}⟩)+", "", text)


def usage(declaration: Declaration) -> str:
    """`/request ack REQUEST`: values in capitals, what may be left out in brackets."""
    parts = [f"/{declaration.path}"]
    for field in declaration.fields:
        if field.ask.flag:
            shown = field.flag if field.kind is Kind.SWITCH else f"{field.flag} {field.shown}"
            optional = not field.required or field.ask.here
        else:
            shown = field.shown
            optional = not field.required or (field.ask.here and field.kind is Kind.CASE)
        parts.append(f"[{shown}]" if optional else shown)
    return " ".join(parts)


def read(
    text: str,
    within: Within | None = None,
    *,
    pressed: bool = False,
    table: Mapping[str, Declaration] | None = None,
) -> Reading:
    """The command that a line means, or what it lacks, or what is wrong with it. Never raises."""
    known = TABLE if table is None else table
    line = clean(text)
    begins = _BEGINS.match(line := plain_start(line))
    rest = line[begins.end() :] if begins else line
    found = _command(rest, within, known)
    if isinstance(found, Complaint):
        return found
    declaration, body = found
    if declaration.path == "comity help" or not isinstance(body, str):
        return _build(declaration, {"topic": body} if body else {}, None)
    try:
        given = _Line(declaration, body, within).read()
        return _filled(declaration, given, within, pressed=pressed)
    except _Unreadable as wrong:
        return Complaint(str(wrong), usage(declaration), wrong.word)


def fill(path: str, given: Mapping[str, str], *, table: Mapping[str, Declaration] | None = None) -> Reading:
    """The command of values that were typed one by one."""
    declaration = (TABLE if table is None else table)[path]
    try:
        return _filled(declaration, {name: clean(value) for name, value in given.items()}, None)
    except _Unreadable as wrong:
        return Complaint(str(wrong), usage(declaration), wrong.word)


def _command(text: str, within: Within | None, known: Mapping[str, Declaration]) -> tuple[Declaration, str] | Complaint:
    """The declaration that the first words name, and what follows them."""
    nouns = list(dict.fromkeys(declaration.noun for declaration in known.values()))
    first = next_word(text, 0)
    if first is None:
        return _help(known, "")
    noun = plain(first.text)
    if noun in nouns:
        second = next_word(text, first.end)
        if second is None or (plain(second.text) == "help" and f"{noun} help" not in known):
            return _help(known, f"{noun} {text[second.end :] if second else ''}".strip())
        found = known.get(f"{noun} {plain(second.text)}")
        if found is not None:
            return found, text[second.end :]
        verbs = [declaration.verb for declaration in known.values() if declaration.noun == noun]
        near = _near(plain(second.text), verbs)
        return Complaint(f"There is no /{noun} {second.text}.{near}", f"/{noun} {'|'.join(verbs)}", second.text)
    if noun == "help":
        return _help(known, text[first.end :].strip())
    if within is not None:
        for tried in ("request", "case", "exhibit") if within.request is not None else ("case", "exhibit"):
            if (found := known.get(f"{tried} {noun}")) is not None:
                return found, text[first.end :]
    options = nouns + ([declaration.verb for declaration in known.values()] if within is not None else [])
    return Complaint(
        f"There is no command {first.text}.{_near(noun, options)}", " ".join(f"/{noun}" for noun in nouns), first.text
    )


def _help(known: Mapping[str, Declaration], topic: str) -> tuple[Declaration, str] | Complaint:
    if "comity help" not in known:
        return Complaint("A command is a noun and a verb.", " ".join(known))
    return known["comity help"], topic


def _near(word: str, options: Iterable[str]) -> str:
    near = get_close_matches(word, list(options), n=1)
    return f" Did you mean {near[0]}?" if near else ""


class _Line:
    """One line behind its verb, read from the left: flags and places first, then the free text, then flags again."""

    def __init__(self, declaration: Declaration, body: str, within: Within | None) -> None:
        self.declaration = declaration
        self.body = body
        self.within = within
        self.flags = declaration.flags
        self.given: dict[str, str] = {}
        self.at = 0

    def read(self) -> dict[str, str]:
        places = list(self.declaration.positional)
        while (word := next_word(self.body, self.at)) is not None:
            if word.text == "--":
                self.at = word.end
                return self._text(self.body[self.at :])
            if self._flag_at(word):
                continue
            if not places or not self._place_at(word, places):
                break
        return self._rest()

    def _flag_at(self, word: Word) -> bool:
        """Read a flag with its value, if one stands here."""
        name = flag_in(word.text, set(self.flags))
        if name is None:
            return False
        field = self.flags.get(name)
        if field is None:
            near = _near(name, self.flags)
            raise _Unreadable(f"There is no flag {name}.{near} If it is text, write a lone -- before the text.", name)
        if field.name in self.given:
            raise _Unreadable(f"{name} stands there twice.", name)
        self.at = word.end
        if field.kind is Kind.SWITCH:
            if "=" in word.text:
                raise _Unreadable(f"{name} takes no value.", name)
            self.given[field.name] = "yes"
            return True
        self.given[field.name] = self._value(field, name, word)
        return True

    def _value(self, field: Field, name: str, word: Word) -> str:
        start = word.start + word.text.index("=") + 1 if "=" in word.text else word.end
        try:
            value = value_at(self.body, start)
        except UnclosedError:
            raise _Unreadable(f"The quotation after {name} does not end.", name) from None
        if value is None or (value.end == value.start) or value.text == "--" or flag_in(value.text, set(self.flags)):
            raise _Unreadable(f"{name} needs a value: {name} {field.shown}.", name)
        self.at = value.end
        if field.kind is Kind.WHEN:
            self._mind_long_when(name, value)
        return value.text

    def _mind_long_when(self, name: str, value: Word) -> None:
        """`--due 10 working days`: which words are the time must not be guessed."""
        if self.body[value.start] != value.text[:1]:
            return  # in quotes
        more = [word for word, _ in zip(words(self.body, value.end), range(_WHEN_WORDS), strict=False)]
        for last in reversed(more):
            longer = self.body[value.start : last.end]
            if values.reads_as_when(longer):
                after = self.body[value.end : last.end].strip()
                raise _Unreadable(
                    f'{name} can be read in two ways: {name} "{" ".join(longer.split())}", '
                    f'or {name} "{value.text}" and then the text “{after}”. Put the time in quotes.',
                    name,
                )

    def _place_at(self, word: Word, places: list[Field]) -> bool:
        """Read the next value that goes by its place; False: the free text begins here."""
        field = places[0]
        if field.ask.here:
            return self._reference_at(word, places)
        places.pop(0)
        self.at = word.end
        text = word.text
        if field.kind is Kind.AGENCIES:
            following = next_word(self.body, self.at)
            while following is not None and (text.endswith(",") or following.text.startswith(",")):
                text, self.at = text + following.text, following.end
                following = next_word(self.body, self.at)
        self.given[field.name] = text
        return True

    def _reference_at(self, word: Word, places: list[Field]) -> bool:
        field = places[0]
        found = read_ref(plain(word.text))
        wanted = RefKind.CASE if field.kind is Kind.CASE else RefKind.REQUEST
        if found is not None and found[0] is not wanted:
            raise _Unreadable(f"{word.text} is no {wanted.name.lower()}: write {wanted}-1.", word.text)
        places.pop(0)
        if found is not None:
            self.given[field.name] = plain(word.text).upper()
            self.at = word.end
        elif not places and self.declaration.rest is None:
            raise _Unreadable(f"{word.text} is no {wanted.name.lower()}: write {wanted}-1.", word.text)
        return True

    def _rest(self) -> dict[str, str]:
        """The free text; flags behind it take effect, flags in its middle are refused."""
        text_start, found = self.at, None
        for word in words(self.body, self.at):
            if word.text == "--":
                break
            if (name := flag_in(word.text, set(self.flags))) is not None:
                found = word, name
                break
        if found is None:
            return self._text(self.body[text_start:])
        word, name = found
        if name in self.flags:
            middle = (
                f"{name} stands in the middle of the text: put it before or after, or write a lone -- before the text."
            )
            self.at = word.start
            while (following := next_word(self.body, self.at)) is not None:
                if not self._flag_at(following):
                    raise _Unreadable(middle, name)
        else:
            self._flag_at(word)
        return self._text(self.body[text_start : word.start])

    def _text(self, text: str) -> dict[str, str]:
        if not is_blank(text):
            rest = self.declaration.rest
            if rest is None:
                first = text.split(maxsplit=1)[0]
                raise _Unreadable(f"{first} is more than this command takes.", first)
            self.given[rest.name] = text.strip()
        return self.given


def _filled(
    declaration: Declaration, given: Mapping[str, str], within: Within | None, *, pressed: bool = False
) -> Reading:
    given = {name: value.strip() for name, value in given.items() if not is_blank(value)}
    for field in declaration.fields:
        if field.name in given:
            continue
        here = _here(field, within)
        if here is not None:
            given[field.name] = here
        elif field.required or (pressed and field.ask.pressed):
            _values(declaration, given)  # what is wrong is said before more is asked for
            return Missing(declaration, given, field)
    return declaration.build(**_values(declaration, given))


def _build(declaration: Declaration, given: Mapping[str, str], within: Within | None) -> Reading:
    try:
        return _filled(declaration, given, within)
    except _Unreadable as wrong:
        return Complaint(str(wrong), usage(declaration), wrong.word)


def _here(field: Field, within: Within | None) -> str | None:
    if not field.ask.here or within is None:
        return None
    if field.kind is Kind.REQUEST:
        return request_ref(within.request) if within.request is not None else None
    return case_ref(within.case) if within.case is not None else None


def _values(declaration: Declaration, given: Mapping[str, str]) -> dict[str, Any]:
    out = {}
    for name, text in given.items():
        field = declaration.field(name)
        try:
            out[name] = values.convert(field, text)
        except values.BadWord as wrong:
            raise _Unreadable(str(wrong), text) from None
    return out


def write(path: str, given: Mapping[str, str], *, table: Mapping[str, Declaration] | None = None) -> str:
    """The line that reads back as these values."""
    declaration = (TABLE if table is None else table)[path]
    parts = [f"/{path}"]
    parts += [given[field.name] for field in declaration.positional if field.name in given]
    for flag, field in declaration.flags.items():
        if field.name in given:
            parts.append(flag if field.kind is Kind.SWITCH else f"{flag} {quoted(given[field.name])}")
    rest = declaration.rest
    if rest is not None and rest.name in given:
        text = given[rest.name]
        # behind a lone -- nothing is a flag, and nothing is taken for a value that goes by its place
        safe = all(field.name in given for field in declaration.positional) and not any(
            word.text == "--" or flag_in(word.text, set(declaration.flags)) for word in words(text)
        )
        parts.append(text if safe else f"-- {text}")
    return " ".join(parts)


def lone_verb(text: str, *, table: Mapping[str, Declaration] | None = None) -> Declaration | None:
    """`ack` alone: a reply that is nothing but a request's verb."""
    word = plain(text).strip(" .!\n\t")
    found = (TABLE if table is None else table).get(f"request {word}")
    return found if found is not None and found.positional and found.positional[0].ask.here else None
