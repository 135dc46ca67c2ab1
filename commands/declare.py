"""One declaration per command, from which grammar, help, usage, questions and permissions follow; it performs nothing.

Faults in a declaration fail at import.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NewType, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

from storage.words import AgencyCode, Permission

__all__ = [
    "TABLE",
    "AgencyCode",
    "Ask",
    "CaseNo",
    "Country",
    "Days",
    "Declaration",
    "DeclarationError",
    "Field",
    "Kind",
    "Permission",
    "Person",
    "PlaceName",
    "RequestNo",
    "When",
    "Zone",
    "command",
    "declaration_of",
]  # fmt: skip

CaseNo = NewType("CaseNo", int)
"""Typed C-n."""
RequestNo = NewType("RequestNo", int)
"""Typed R-n."""
Person = NewType("Person", str)
"""An address or a mention, as typed."""
When = NewType("When", str)
"""A WHEN, as typed; it reads as one."""
Zone = NewType("Zone", str)
Country = NewType("Country", str)
Days = NewType("Days", str)
PlaceName = NewType("PlaceName", str)

LABEL_MOST = 75
"""Slack's limit for a button's label, in characters (https://docs.slack.dev/reference/block-kit)."""

Command = TypeVar("Command")


class DeclarationError(TypeError):
    """A command is declared in a way that could not work."""


class Kind(StrEnum):
    """How a field's value is typed."""

    CHOICE = "choice"
    SWITCH = "switch"
    WORD = "word"
    REST = "rest"
    AGENCY = "agency"
    AGENCIES = "agencies"
    CASE = "case"
    REQUEST = "request"
    WHEN = "when"


@dataclass(frozen=True)
class Ask:
    """How a value is asked for.

    `flag`: typed as --name. `rest`: free text, to the end of the line. `here`: taken from the thread where it is left
    out. `pressed`: asked for when a button was pressed, though it may be left out in a typed line. `shows`: what
    stands for the value in the usage line. `max_length` is in characters.
    """

    label: str
    help: str = ""
    flag: bool = False
    rest: bool = False
    here: bool = False
    pressed: bool = False
    shows: str = ""
    max_length: int = 20_000


@dataclass(frozen=True)
class Field:
    name: str
    kind: Kind
    ask: Ask
    required: bool
    default: Any
    choices: tuple[str, ...]
    words: type[StrEnum] | None
    shown: str
    """What stands for the value in a usage line."""

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")


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

    @property
    def noun(self) -> str:
        return self.path.split()[0]

    @property
    def verb(self) -> str:
        return self.path.split()[1]

    @property
    def flags(self) -> dict[str, Field]:
        return {field.flag: field for field in self.fields if field.ask.flag}

    @property
    def positional(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if not field.ask.flag and not field.ask.rest)

    @property
    def rest(self) -> Field | None:
        return next((field for field in self.fields if field.ask.rest), None)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


TABLE: dict[str, Declaration] = {}
"""All commands by their path, in the order in which they are declared."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(
    path: str,
    *,
    permit: Permission,
    operator: bool = False,
    private: bool = False,
    table: dict[str, Declaration] | None = None,
) -> Callable[[type[Command]], type[Command]]:
    """Make a class a frozen dataclass and put it in the table; raises DeclarationError."""

    def declare(cls: type[Command]) -> type[Command]:
        known = TABLE if table is None else table
        if path in known:
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
        known[path] = Declaration(path, permit, summary, details.strip(), fields, made, operator, private)
        made._declared = known[path]  # type: ignore[attr-defined]  # noqa: SLF001  # our own mark
        return made

    return declare


def declaration_of(value: Any) -> Declaration:
    """The declaration of a command's value."""
    found = value._declared  # noqa: SLF001  # our own mark
    if not isinstance(found, Declaration):
        raise TypeError(f"{value} is no command")
    return found


def _fields(path: str, cls: type) -> tuple[Field, ...]:
    hints = get_type_hints(cls, include_extras=True)
    found = tuple(_field(path, item, hints[item.name]) for item in dataclasses.fields(cls))
    if sum(field.ask.rest for field in found) > 1:
        raise DeclarationError(f"{path}: only one value can be the rest of the line")
    rest = next((number for number, field in enumerate(found) if field.ask.rest), len(found))
    if any(field.required for field in found[rest + 1 :]):
        raise DeclarationError(f"{path}: a required value after the free text could never be read")
    return found


_NEWTYPES: dict[Any, tuple[Kind, str]] = {
    AgencyCode: (Kind.AGENCY, "AGENCY"),
    CaseNo: (Kind.CASE, "CASE"),
    RequestNo: (Kind.REQUEST, "REQUEST"),
    When: (Kind.WHEN, "WHEN"),
    Person: (Kind.WORD, "PERSON"),
    Zone: (Kind.WORD, "IANA"),
    Country: (Kind.WORD, "CC[-SUB]"),
    Days: (Kind.WORD, "DAYS"),
    PlaceName: (Kind.WORD, "PLACE"),
}


def _field(path: str, item: dataclasses.Field[Any], hint: Any) -> Field:
    if get_origin(hint) is not typing.Annotated or not isinstance(get_args(hint)[1], Ask):
        raise DeclarationError(f"{path}: {item.name} says not how it is asked for")
    kind_of, ask = get_args(hint)
    if len(ask.label) > LABEL_MOST:
        raise DeclarationError(f"{path}: the label of {item.name} is longer than {LABEL_MOST} characters")
    if get_origin(kind_of) in (Union, types.UnionType):
        kind_of = next(part for part in get_args(kind_of) if part is not type(None))
    required = item.default is dataclasses.MISSING
    default = None if required else item.default
    kind, shown, words = _kind(path, item.name, kind_of, ask)
    choices = tuple(str(word) for word in words) if words is not None else ()
    return Field(item.name, kind, ask, required, default, choices, words, ask.shows or shown)


def _kind(path: str, name: str, hint: Any, ask: Ask) -> tuple[Kind, str, type[StrEnum] | None]:
    upper = name.upper().replace("_", "-")
    if hint in _NEWTYPES:
        kind, shown = _NEWTYPES[hint]
        return kind, "CODE" if name == "code" else shown, None
    if get_origin(hint) is tuple and get_args(hint)[0] is AgencyCode:
        return Kind.AGENCIES, "AGENCY[,AGENCY...]", None
    if hint is bool and ask.flag:
        return Kind.SWITCH, "", None
    if hint is str:
        return (Kind.REST, upper, None) if ask.rest else (Kind.WORD, upper, None)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Kind.CHOICE, "|".join(hint) if len(hint) <= 3 else upper, hint  # noqa: PLR2004  # a line stays short
    raise DeclarationError(f"{path}: nobody knows how to type {name}, a {hint}")
