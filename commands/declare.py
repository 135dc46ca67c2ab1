"""One declaration per command, from which grammar, help, usage, questions and permissions follow; it performs nothing.

Faults in a declaration fail at import.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

from commands.kinds import (
    KINDS,
    CaseNo,
    ClockTime,
    Country,
    Dates,
    Days,
    ExhibitNo,
    Hours,
    Kind,
    Person,
    PlaceName,
    RequestNo,
    When,
    Zone,
)
from storage.words import AgencyCode, Permission

__all__ = [
    "TABLE", "AgencyCode", "Ask", "CaseNo", "ClockTime", "Country", "Dates", "Days", "Declaration", "DeclarationError",
    "ExhibitNo", "Field", "Hours", "Kind", "Permission", "Person", "PlaceName", "RequestNo", "Table", "When", "Zone",
    "command", "declaration_of",
]  # fmt: skip

LABEL_MOST = 75
"""Slack's limit for a button's label, in characters (https://docs.slack.dev/reference/block-kit)."""

Command = TypeVar("Command")


class DeclarationError(TypeError):
    """A command is declared in a way that could not work."""


@dataclass(frozen=True)
class Ask:
    """How a value is asked for.

    `flag`: typed as --name. `rest`: free text, to the end of the line. `here`: taken from the thread where it is left
    out. `pressed`: asked for when a button was pressed, though it may be left out in a typed line. `shows`: what
    stands for the value in the usage line. `example`: a value that the help shows. `max_length` is in characters.
    """

    label: str
    help: str = ""
    flag: bool = False
    rest: bool = False
    here: bool = False
    pressed: bool = False
    shows: str = ""
    example: str = ""
    max_length: int = 20_000


@dataclass(frozen=True)
class Field:
    name: str
    kind: Kind
    ask: Ask
    required: bool
    default: Any
    words: type[StrEnum] | None
    shown: str
    """What stands for the value in a usage line."""

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(str(word) for word in self.words or ())


@dataclass(frozen=True)
class Declaration:
    path: str
    permit: Permission
    summary: str
    details: str
    fields: tuple[Field, ...]
    build: Callable[..., Any]
    operator: bool
    private: bool

    @cached_property
    def noun(self) -> str:
        return self.path.split()[0]

    @cached_property
    def verb(self) -> str:
        return self.path.split()[1]

    @cached_property
    def flags(self) -> dict[str, Field]:
        """By the name that is typed, as in `--due`."""
        return {field.flag: field for field in self.fields if field.ask.flag}

    @cached_property
    def positional(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if not field.ask.flag and not field.ask.rest)

    @cached_property
    def rest(self) -> Field | None:
        return next((field for field in self.fields if field.ask.rest), None)

    @cached_property
    def here(self) -> Field | None:
        """What the thread gives where the line does not."""
        return next((field for field in self.fields if field.ask.here), None)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


Table = dict[str, Declaration]
"""Commands by their path, in the order in which they are declared."""

TABLE: Table = {}
"""All commands; `commands.table` fills it."""

_MARK = "__declaration__"


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(
    path: str, *, permit: Permission, operator: bool = False, private: bool = False, table: Table = TABLE
) -> Callable[[type[Command]], type[Command]]:
    """Make a class a frozen dataclass and put it in the table; raises DeclarationError.

    The docstring's first line is the summary in lists, the others the details on the command's own page.
    """

    def declare(cls: type[Command]) -> type[Command]:
        if path in table:
            raise DeclarationError(f"{path} is declared twice")
        if len(path.split()) != 2:  # noqa: PLR2004  # a noun and a verb
            raise DeclarationError(f"{path}: a command is a noun and a verb")
        if not isinstance(permit, Permission):
            raise DeclarationError(f"{path}: {permit} is no permission")
        words = inspect.cleandoc(cls.__doc__ or "")
        if not words:
            raise DeclarationError(f"{path} has no docstring, so no help")
        made = dataclass(frozen=True, kw_only=True)(cls)
        summary, _, details = words.partition("\n")
        fields = _fields(path, made)
        table[path] = Declaration(path, permit, summary, details.strip(), fields, made, operator, private)
        setattr(made, _MARK, table[path])
        return made

    return declare


def declaration_of(value: object) -> Declaration:
    """The declaration of a command's value; raises TypeError for any other value."""
    found = getattr(type(value), _MARK, None)
    if not isinstance(found, Declaration):
        raise TypeError(f"{value} is no command")
    return found


def _fields(path: str, cls: Any) -> tuple[Field, ...]:
    hints = get_type_hints(cls, include_extras=True)
    found = tuple(_field(path, item, hints[item.name]) for item in dataclasses.fields(cls))
    if sum(field.ask.here for field in found) > 1:
        raise DeclarationError(f"{path}: a thread gives one value, its case or its request")
    for field, after in pairwise(field for field in found if not field.ask.flag):
        if field.ask.rest:
            raise DeclarationError(f"{path}: {after.name} comes after the free text {field.name}, and is never reached")
        if not field.required:
            raise DeclarationError(f"{path}: {field.name} may be left out, and {after.name} would be taken for it")
    return found


def _field(path: str, item: dataclasses.Field[Any], hint: Any) -> Field:
    hint, *extras = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    ask = next((extra for extra in extras if isinstance(extra, Ask)), None)
    if ask is None:
        raise DeclarationError(f"{path}: {item.name} does not say how it is asked for")
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not types.NoneType)
    required = item.default is dataclasses.MISSING
    words = hint if isinstance(hint, type) and issubclass(hint, StrEnum) else None
    if words is None and hint not in KINDS:
        raise DeclarationError(f"{path}: nobody knows how to type {item.name}, a {hint}")
    kind, shown = (Kind.CHOICE, _choice_shown(words)) if words else KINDS[hint]
    shown = "" if kind is Kind.SWITCH else ask.shows or shown or item.name.upper().replace("_", "-")
    field = Field(item.name, kind, ask, required, None if required else item.default, words, shown)
    for fault in _faults(field):
        raise DeclarationError(f"{path}: {item.name} {fault}")
    return field


def _choice_shown(words: type[StrEnum]) -> str:
    return "|".join(words) if len(words) <= 3 else ""  # noqa: PLR2004  # a usage line stays short


def _faults(field: Field) -> Iterator[str]:
    ask = field.ask
    if not 0 < len(ask.label) <= LABEL_MOST:
        yield f"has a label of {len(ask.label)} characters: 1 to {LABEL_MOST} fit"
    if field.kind is Kind.SWITCH and (not ask.flag or field.default is not False):
        yield "is a bool: a flag, and False unless it is typed"
    if ask.rest and (ask.flag or field.kind not in {Kind.TEXT, Kind.WHEN}):
        yield "cannot be free text: that is a str or a When, and no flag"
    if ask.here and field.kind not in {Kind.CASE, Kind.REQUEST}:
        yield "cannot come from the thread: only a case or a request does"
