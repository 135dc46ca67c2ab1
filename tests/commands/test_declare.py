"""A declaration that could not work fails where it is written, at import."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import pytest

from commands.declare import (
    AgencyCode,
    Ask,
    CaseNo,
    DeclarationError,
    Kind,
    Permission,
    Person,
    RequestNo,
    Table,
    command,
    declaration_of,
)
from storage.words import Marking
from tests.commands.sample import SAMPLE, AnswerRequest, OpenCase


def declare(cls: type, path: str = "case open", permit: Any = Permission.CASE_OPEN, table: Table | None = None) -> None:
    command(path, permit=permit, table={} if table is None else table)(cls)


class Plain:
    """Does something."""

    title: Annotated[str, Ask("Title", rest=True)]


def test_a_command_is_a_frozen_value_with_fields_in_their_order() -> None:
    value = OpenCase(title="Pump and dump", only=True)
    assert (value.title, value.marking, value.only) == ("Pump and dump", Marking.AMBER, True)
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.title = "other"  # type: ignore[misc]  # what is tested
    assert [field.name for field in declaration_of(value).fields] == ["conduct", "priority", "marking", "only", "title"]


def test_a_declaration_says_how_its_fields_are_typed() -> None:
    declared = SAMPLE["request answer"]
    assert declared is declaration_of(AnswerRequest(request=CaseNo(1)))  # type: ignore[arg-type]  # any number will do
    assert (declared.noun, declared.verb) == ("request", "answer")
    assert list(declared.flags) == ["--partial", "--kept-until"]
    assert [field.name for field in declared.positional] == ["request"]
    assert declared.rest is declared.field("text")
    assert declared.here is declared.field("request")
    assert [declared.field(name).kind for name in ("request", "partial", "kept_until", "text")] == [
        Kind.REQUEST,
        Kind.SWITCH,
        Kind.WHEN,
        Kind.TEXT,
    ]
    assert SAMPLE["request send"].field("to").kind is Kind.AGENCIES
    assert SAMPLE["case open"].field("marking").choices == ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")


def test_the_docstring_is_the_help() -> None:
    declared = SAMPLE["case open"]
    assert (declared.summary, declared.details) == ("Open a case.", "Everyone who sits here is on it.")
    assert (SAMPLE["agency add"].operator, SAMPLE["case show"].private) == (True, True)


def test_no_command_is_no_command() -> None:
    with pytest.raises(TypeError, match="is no command"):
        declaration_of("case open")


def test_faults_of_a_command() -> None:
    table: Table = {}
    declare(Plain, table=table)
    with pytest.raises(DeclarationError, match="declared twice"):
        declare(Plain, table=table)
    with pytest.raises(DeclarationError, match="a noun and a verb"):
        declare(Plain, path="open")
    with pytest.raises(DeclarationError, match="is no permission"):
        declare(Plain, permit="case:peek")
    with pytest.raises(DeclarationError, match="no docstring"):
        declare(type("Silent", (), {}))


FAULTS = {
    "does not say how it is asked for": {"title": str},
    "does not say how": {"title": Annotated[str, "Title"]},
    "1 to 75 fit": {"title": Annotated[str, Ask("x" * 76)]},
    "0 characters: 1": {"title": Annotated[str, Ask("")]},
    "nobody knows how to type": {"count": Annotated[int, Ask("Count")]},
    "text2 comes after the free text": {
        "text": Annotated[str, Ask("Text", rest=True)],
        "text2": Annotated[str, Ask("Text", rest=True)],
    },
    "person comes after the free text": {
        "text": Annotated[str, Ask("Text", rest=True)],
        "person": Annotated[Person, Ask("Person")],
    },
    "a thread gives one value": {
        "case": Annotated[CaseNo, Ask("Case", here=True)],
        "request": Annotated[RequestNo, Ask("Request", here=True)],
    },
    "cannot come from the thread": {"person": Annotated[Person, Ask("Person", here=True)]},
    "cannot be free text": {"code": Annotated[AgencyCode, Ask("Agency", rest=True)]},
    "free text: that is a str": {"text": Annotated[str, Ask("Text", rest=True, flag=True)]},
    "is a bool": {"only": Annotated[bool, Ask("Only")]},
    "False unless it is typed": {"only": Annotated[bool, Ask("Only", flag=True)]},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_a_field(fault: str) -> None:
    faulty = type("Faulty", (), {"__doc__": "Fails.", "__annotations__": FAULTS[fault]})
    with pytest.raises(DeclarationError, match=fault):
        declare(faulty)


def test_what_may_be_left_out_comes_last() -> None:
    class Ambiguous:
        """Fails."""

        person: Annotated[Person | None, Ask("Person")] = None
        text: Annotated[str, Ask("Text", rest=True)]

    with pytest.raises(DeclarationError, match="text would be taken for it"):
        declare(Ambiguous)
