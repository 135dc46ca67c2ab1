"""A typed word to the value that a field wants, and back; whether it exists (an agency, a case) is asked elsewhere."""

from __future__ import annotations

import re
from typing import Any

from commands.declare import Field, Kind
from commands.lines import MisreadError, bare, near, plain, short
from commands.rules.when import EXAMPLES, Unreadable, read_when
from storage.words import RefKind, case_ref, exhibit_ref, read_ref, request_ref

_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,19}")
_COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_COMMAS = re.compile(r"\s*,\s*")
_HYPHENS = dict.fromkeys(map(ord, "\N{NON-BREAKING HYPHEN}\N{HYPHEN}\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"), "-")
SWITCH = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
"""A line has the flag or has it not; a form has a box whose state comes as a word."""

REFS = {Kind.CASE: RefKind.CASE, Kind.REQUEST: RefKind.REQUEST, Kind.EXHIBIT: RefKind.EXHIBIT}

_EXAMPLES = {
    Kind.SWITCH: "yes",
    Kind.COUNTRY: "AU-ACT",
    Kind.AGENCY: "ACMA",
    Kind.AGENCIES: "ACMA",
    Kind.CASE: "C-1",
    Kind.REQUEST: "R-1",
    Kind.EXHIBIT: "X-1",
    Kind.WHEN: "10 working days",
}
_NAMES = {
    "PERSON": "@ana", "IANA": "Australia/Sydney", "DAYS": "fri,sat", "PLACE": "local:acma",
    "FROM..TO": "2026-12-24..2027-01-03",
}  # fmt: skip


def convert(field: Field, text: str) -> Any:
    """The field's value; raises MisreadError."""
    match field.kind:
        case Kind.CHOICE:
            return _choice(field, text)
        case Kind.SWITCH:
            return _switch(field, text)
        case Kind.COUNTRY:
            return _country(text)
        case Kind.AGENCY:
            return _code(text)
        case Kind.AGENCIES:
            return _codes(text)
        case Kind.CASE | Kind.REQUEST | Kind.EXHIBIT:
            return _reference(REFS[field.kind], text)
        case Kind.WHEN:
            return _when(text)
        case Kind.NAME:
            return bare(text)
        case Kind.TEXT:
            return _text(field, text)


def spelled(field: Field, value: Any) -> str:
    """What is typed to get the value."""
    match field.kind:
        case Kind.SWITCH:
            return "yes" if value else "no"
        case Kind.AGENCIES:
            return ",".join(value)
        case Kind.CASE:
            return case_ref(value)
        case Kind.REQUEST:
            return request_ref(value)
        case Kind.EXHIBIT:
            return exhibit_ref(value)
        case _:
            return str(value)


def example(field: Field) -> str:
    """Something that reads as a value of the field."""
    if field.ask.example:
        return field.ask.example
    if field.kind is Kind.CHOICE:
        return str(field.default or field.choices[0])
    return _EXAMPLES.get(field.kind) or _NAMES.get(field.shown) or field.ask.label


def reads(field: Field, text: str) -> bool:
    """Whether several words would be one value: of a time and a choice only, as any words are a text."""
    if field.kind is Kind.WHEN:
        return read_when(bare(text)) is not None
    return field.kind is Kind.CHOICE and _folded(text) in _by_word(field)


def reference(text: str) -> tuple[RefKind, int] | None:
    """`r-1` -> (REQUEST, 1), whatever hyphen a copied text has in it."""
    return read_ref(bare(text).translate(_HYPHENS))


def squeezed(text: str) -> str:
    """`ACMA, KISA` -> `ACMA,KISA`: one word again."""
    return _COMMAS.sub(",", text)


def _folded(text: str) -> str:
    """`Amber + Strict` -> `amber-strict`; markings are often written with the name of their standard (TLP:RED)."""
    return re.sub(r"[\s_+-]+", "-", plain(text).removeprefix("tlp:"))


def _by_word(field: Field) -> dict[str, Any]:
    """The choices by their words, and by their names where those are shorter (STRICT)."""
    return {_folded(word): choice for choice in field.words or () for word in (choice.name, choice.value)}


def _choice(field: Field, text: str) -> Any:
    word, known = _folded(text), _by_word(field)
    if word in known:
        return known[word]
    guess, label = near(word, known), field.ask.label.lower()
    raise MisreadError(f"“{short(text)}” is no {label}.{guess} One of: {', '.join(field.choices)}.", text)


def _switch(field: Field, text: str) -> bool:
    try:
        return SWITCH[plain(text)]
    except KeyError:
        raise MisreadError(f"{field.ask.label}: yes or no, not “{short(text)}”.", text) from None


def _country(text: str) -> str:
    country = bare(text).upper()
    if not _COUNTRY.fullmatch(country):
        raise MisreadError(f"“{short(text)}” is no country's code (ISO 3166): write it as in US or AU-ACT.", text)
    return country


def _code(text: str) -> str:
    code = bare(text).strip(" ,").upper()
    if not _CODE.fullmatch(code):
        raise MisreadError(f"“{short(text)}” is no agency's code: letters and digits, as in FTC.", text)
    return code


def _codes(text: str) -> tuple[str, ...]:
    codes = tuple(_code(part) for part in text.split(",") if bare(part))
    if not codes:
        raise MisreadError("Which agency? Write its code, as in FTC.", text)
    for code in codes:
        if codes.count(code) > 1:
            raise MisreadError(f"{code} stands there twice.", code)
    return codes


def _reference(wanted: RefKind, text: str) -> int:
    found = reference(text)
    if found is None or found[0] is not wanted:
        raise MisreadError(f"“{short(text)}” is no {wanted.name.lower()}: write {wanted}-1.", text)
    return found[1]


def _when(text: str) -> str:
    found = read_when(bare(text))
    if isinstance(found, Unreadable):
        raise MisreadError(f"“{short(text)}” is no time: {found.why}.", text)
    if found is None:
        raise MisreadError(f"“{short(text)}” cannot be read as a time. Write for example {EXAMPLES}.", text)
    return bare(text)


def _text(field: Field, text: str) -> str:
    text = text.strip()
    if len(text) > field.ask.max_length:
        raise MisreadError(
            f"{field.ask.label}: {len(text):,} characters are more than the {field.ask.max_length:,} that fit. "
            "Nothing was entered; shorten it.",
            text,
        )
    return text
