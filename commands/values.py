"""A typed word to the value that a field wants; whether it exists (an agency, a case) is asked elsewhere."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from commands.declare import Field, Kind
from commands.lines import plain
from storage.words import Marking, RefKind, read_ref

_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,19}")
_MARKINGS = {"strict": Marking.STRICT, "amber-strict": Marking.STRICT, "amber_strict": Marking.STRICT}


class BadWord(ValueError):  # noqa: N818  # becomes a complaint that shows the usage
    """A word that is no value of its field; the text says what would be."""


def when_examples() -> str:
    from commands.rules.when import EXAMPLES  # noqa: PLC0415  # only where a time is typed

    return EXAMPLES


def reads_as_when(text: str) -> bool:
    from commands.rules.when import Unreadable, read_when  # noqa: PLC0415  # only where a time is typed

    found = read_when(text)
    return found is not None and not isinstance(found, Unreadable)


def convert(field: Field, text: str) -> Any:
    """The field's value; raises BadWord."""
    match field.kind:
        case Kind.SWITCH:
            return True
        case Kind.CHOICE:
            return _choice(field, text)
        case Kind.AGENCY:
            return _code(text)
        case Kind.AGENCIES:
            return _codes(text)
        case Kind.CASE:
            return _reference(RefKind.CASE, text)
        case Kind.REQUEST:
            return _reference(RefKind.REQUEST, text)
        case Kind.WHEN:
            return _when(text)
        case Kind.WORD | Kind.REST:
            return _words(field, text)


def _choice(field: Field, text: str) -> Any:
    word = plain(text).strip()
    if field.words is Marking:
        word = word.removeprefix("tlp:")
        if word in _MARKINGS:
            return _MARKINGS[word]
    for choice in field.words or ():
        if choice.lower() == word:
            return choice
    near = get_close_matches(word, [choice.lower() for choice in field.choices], n=1)
    guess = f" Did you mean {near[0]}?" if near else ""
    raise BadWord(f"“{_short(text)}” is no {field.ask.label.lower()}.{guess} One of: {', '.join(field.choices)}.")


def _code(text: str) -> str:
    code = plain(text).strip(" ,").upper()
    if not _CODE.fullmatch(code):
        raise BadWord(f"“{_short(text)}” is no agency's code: letters and digits, as in FTC.")
    return code


def _codes(text: str) -> tuple[str, ...]:
    codes = tuple(_code(part) for part in text.split(",") if part.strip())
    if not codes:
        raise BadWord("Which agency? Write its code, as in FTC.")
    for code in codes:
        if codes.count(code) > 1:
            raise BadWord(f"{code} stands there twice.")
    return codes


def _reference(wanted: RefKind, text: str) -> int:
    found = read_ref(plain(text).strip())
    if found is None or found[0] is not wanted:
        raise BadWord(f"“{_short(text)}” is no {wanted.name.lower()}: write {wanted}-1.")
    return found[1]


def _when(text: str) -> str:
    from commands.rules.when import Unreadable, read_when  # noqa: PLC0415  # only where a time is typed

    found = read_when(plain(text))
    if isinstance(found, Unreadable):
        raise BadWord(f"“{_short(text)}” is no time: {found.why}")
    if found is None:
        raise BadWord(f"“{_short(text)}” cannot be read as a time. Write for example {when_examples()}.")
    return plain(text)


def _words(field: Field, text: str) -> str:
    text = text.strip()
    if len(text) > field.ask.max_length:
        raise BadWord(
            f"{field.ask.label}: {len(text):,} characters are more than the {field.ask.max_length:,} that fit. "
            "Nothing was entered; shorten it."
        )
    return text


def _short(text: str, length: int = 60) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
