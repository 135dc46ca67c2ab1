"""What must hold of every line, whoever types it: no flag is lost, no reading raises, what is written reads back."""
# ruff: noqa: RUF001  # characters that look alike are what people type

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from commands import (
    grammar,
    table,  # noqa: F401  # the commands are declared by importing them
    values,
)
from commands.declare import TABLE, Declaration, Field, Kind
from commands.grammar import Complaint, Missing, Within
from commands.lines import clean, is_blank
from storage.words import Marking
from tests.commands.sample import SAMPLE, read

ALL = [*SAMPLE.values(), *TABLE.values()]

TRAPS = [
    "--marking", "--marking=red", "—marking", "–due", "--", "—", "---", "--x", '"', "''", "“", "”", "it's", "C-1",
    "R-2", "x-3", "help", "--help", "friday", "10", "working", "days", "5pm", ",", "KISA,", "\n", "\u200b", "\u202e",
    "amber", "strict", "red", "/case", "@Comity", "=", "ack", "send", "not", "held",
]  # fmt: skip
WORDS = st.one_of(st.sampled_from(TRAPS), st.text(max_size=8))
_QUOTES = re.compile("[\"'“”‘’„]")
TEXTS = st.lists(WORDS, min_size=1, max_size=8).map(" ".join) | st.text(min_size=1, max_size=40)
CODES = st.from_regex(r"[A-Z][A-Z0-9-]{1,9}", fullmatch=True)
TIMES = st.sampled_from(["10wd", "10 working days", "friday", "tomorrow 9am", "2026-12-10 17:00 Seoul", "end of month"])


def typed(field: Field) -> st.SearchStrategy[str]:
    """Texts that read as a value of the field."""
    match field.kind:
        case Kind.CHOICE:
            return st.sampled_from(field.choices)
        case Kind.SWITCH:
            return st.sampled_from(["yes", "no"])
        case Kind.AGENCY:
            return CODES
        case Kind.AGENCIES:
            return st.lists(CODES, min_size=1, max_size=3, unique=True).map(", ".join)
        case Kind.CASE | Kind.EXHIBIT:
            return st.integers(1, 99).map(lambda number: f"{values.REFS[field.kind]}-{number}")
        case Kind.REQUEST:
            return st.integers(1, 99).map(lambda number: f"R-{number}")
        case Kind.WHEN:
            return TIMES
        case Kind.COUNTRY:
            return st.sampled_from(["US", "AU-ACT"])
        case Kind.NAME | Kind.TEXT:
            texts = TEXTS.map(lambda text: clean(text)[: field.ask.max_length])
            return texts.filter(lambda text: not is_blank(text))


@st.composite
def filled(draw: st.DrawFn, declaration: Declaration) -> dict[str, str]:
    """Texts for all fields that a command needs, and for some of the others."""
    return {
        field.name: draw(typed(field))
        for field in declaration.fields
        if field.required or draw(st.booleans(), label=field.name)
    }


commands = st.sampled_from(ALL).flatmap(lambda declaration: st.tuples(st.just(declaration), filled(declaration)))


def known_to(declaration: Declaration) -> dict[str, Declaration]:
    return SAMPLE if SAMPLE.get(declaration.path) is declaration else TABLE


@given(commands)
def test_a_written_command_reads_back_as_itself(chosen: tuple[Declaration, dict[str, str]]) -> None:
    declaration, texts = chosen
    command = grammar.fill(declaration.path, texts, table=known_to(declaration))
    assert isinstance(command, declaration.build)  # type: ignore[arg-type]  # a class
    line = grammar.written(command)
    assert grammar.read(line, table=known_to(declaration)) == command
    assert grammar.written(grammar.read(line, table=known_to(declaration))) == line


@given(commands, st.data())
def test_a_line_without_a_value_asks_for_it_and_goes_on(
    chosen: tuple[Declaration, dict[str, str]], data: st.DataObject
) -> None:
    declaration, texts = chosen
    known = known_to(declaration)
    required = [field.name for field in declaration.fields if field.required and (field.ask.here or field.ask.flag)]
    if not required:
        return
    name = data.draw(st.sampled_from(required))
    given_texts = {other: text for other, text in texts.items() if other != name}
    reading = grammar.read(grammar.write(declaration.path, given_texts, table=known), table=known)
    assert isinstance(reading, Missing), reading
    assert reading.field.name == name
    whole = grammar.fill(declaration.path, {**reading.given, name: texts[name]}, table=known)
    assert whole == grammar.fill(declaration.path, texts, table=known)


@pytest.mark.parametrize("declaration", ALL, ids=lambda declaration: declaration.path)
def test_every_usage_line_parses(declaration: Declaration) -> None:
    known = known_to(declaration)
    line = grammar.usage(declaration)
    for field in sorted(declaration.fields, key=lambda field: -len(field.shown)):
        shown = f"{field.flag} {field.shown}" if field.ask.flag and field.shown else field.shown
        sample = values.example(field)
        quoted = f'"{sample}"' if " " in sample and not field.ask.rest else sample
        line = line.replace(shown, f"{field.flag} {quoted}" if field.ask.flag else quoted, 1) if shown else line
    shortest = re.sub(r" \[.*?\](?= |$)", "", line)
    whole = re.sub(r"[\[\]]", "", line)
    for each in (shortest, whole):
        reading = grammar.read(each, Within(case=1), table=known)
        assert isinstance(reading, declaration.build), (each, reading)  # type: ignore[arg-type]  # a class


FLAGS = {
    "--marking red": ("marking", Marking.RED),
    "--marking=RED": ("marking", Marking.RED),
    "—marking red": ("marking", Marking.RED),
    "–Marking 'red'": ("marking", Marking.RED),
    "--urgent": ("urgent", True),
    "--due “10 working days”": ("due", "10 working days"),
}
LINES = [
    "/request send ACMA, KISA --case C-1 --under MoU Please keep the logs, we don't know -- yet -- 5 days more",
    "/request send ACMA Please help --case C-1 --under MoU",
    "/request send --under MoU ACMA -- Please help",
    "/send ACMA Please 'help' us — soon",
    "/request send ACMA",
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("flag", FLAGS)
def test_no_placement_of_a_known_flag_is_silently_lost(line: str, flag: str) -> None:
    name, value = FLAGS[flag]
    words = line.removesuffix(" -- Please help").split()  # behind that -- nothing is a flag
    behind = line[len(" ".join(words)) :]
    for at in range(1 if words[0] == "/send" else 2, len(words) + 1):
        with_flag = " ".join([*words[:at], flag, *words[at:]]) + behind
        reading = read(with_flag, Within(case=1, request=1))
        assert isinstance(reading, Complaint) or given_value(reading, name) == value, with_flag


def given_value(reading: Any, name: str) -> Any:
    """What the field has, or will have once the rest is answered."""
    if isinstance(reading, Missing):
        field = reading.declaration.field(name)
        return values.convert(field, reading.given[name]) if name in reading.given else None
    return getattr(reading, name)


@given(st.lists(WORDS, max_size=5), st.lists(WORDS, max_size=5), st.sampled_from(["--marking red", "—marking=red"]))
def test_nor_among_any_words(before: list[str], after: list[str], flag: str) -> None:
    line = " ".join(["/request send ACMA", *before, flag, *after])
    assume(not _QUOTES.search(line))  # what stands in quotes is quoted
    assume("--" not in clean(" ".join(before)).split())
    reading = read(line, Within(case=1))
    assert isinstance(reading, Complaint) or given_value(reading, "marking") is Marking.RED, reading


LINE = st.lists(st.one_of(st.sampled_from(["/request send ACMA", "/case", "!", "note", "@Comity", *TRAPS]), WORDS))


@given(LINE.map(" ".join) | st.text(), st.sampled_from([None, Within(), Within(1), Within(1, 2)]), st.booleans())
@example("/request send " + "a, " * 5_000, None, False)
@example("/case set --title " + '"' * 20_001, None, False)
@example("/case set --title " + '"' + "''\"\" " * 5_000, None, False)
@example("/case note " + "--case " * 5_000, None, False)
@example("/case note " + "-" * 40_000 + "x", None, False)
def test_reading_never_raises(text: str, within: Within | None, pressed: bool) -> None:
    grammar.is_command(text)
    grammar.lone_verb(text, table=SAMPLE)
    for known in (SAMPLE, TABLE):
        reading = grammar.read(text, within, pressed=pressed, table=known)
        if isinstance(reading, Complaint):
            assert reading.problem
            assert len(reading.problem) < 1_000


@given(st.text())
def test_cleaning_loses_nothing_and_hides_nothing(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert cleaned.encode() or not text
    assert restored(cleaned) == restored(text.replace("\r\n", "\n").replace("\r", "\n"))


def restored(text: str) -> str:
    return re.sub(r"⟨U\+([0-9A-F]{4})⟩", lambda found: chr(int(found[1], 16)), text)


def test_the_sample_has_every_kind() -> None:
    assert {field.kind for declaration in SAMPLE.values() for field in declaration.fields} == set(Kind)
