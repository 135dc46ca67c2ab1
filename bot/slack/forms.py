"""A command's form as a Slack modal, made from its declaration, and what comes back of it; it opens and sends nothing.

Each field is an input whose block_id is the field's name. A time and a person have a picker below their text, which
counts where the text is left empty: no picker knows `10 working days`, or a person on Matrix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from html import escape
from typing import Any, assert_never

from commands import forms, values
from commands.declare import Declaration, Field, Kind
from commands.lines import MisreadError, clean, is_blank

Json = dict[str, Any]

FORM = "form:"
"""What the callback_id of each command's form begins with; its path follows."""
TEXT, DATE, PERSON = "text", "date", "person"
"""The action_id of a text and of the two pickers; that of any other input is its Kind."""

TEXT_MOST = 3_000
TITLE_MOST = 24
METADATA_MOST = 3_000
OPTIONS_MOST = 100
OPTION_MOST = 75
VALUE_MOST = 150
PLACEHOLDER_MOST = 150
"""Slack's limits, in characters: https://docs.slack.dev/reference/block-kit and /reference/views/modal-views."""

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_JOINTS = {"line": "\n", "space": " ", "letter": ""}
"""What stood between two parts of a text: at their ends white space could get lost."""
_PART = re.compile(r"(\w+)@([0-9]+)-(line|space|letter)")


def modal(declaration: Declaration, given: Mapping[str, str], metadata: str, *, pressed: bool = False) -> Json:
    """The form, filled with what was typed; `pressed`: a button's, which asks for more.

    A typed text that is no value of its field stands in a text input, whatever the field's own input is, and one that
    is too long for an input in several. Raises ValueError for metadata over Slack's limit.
    """
    if len(metadata) > METADATA_MOST:
        raise ValueError(f"{len(metadata)} characters of metadata: {METADATA_MOST} fit")
    inputs = (
        block
        for field in declaration.fields
        for block in _inputs(field, clean(given.get(field.name, "")), needed=_is_needed(field, pressed=pressed))
    )
    return {
        **_view(forms.title(declaration), [_section(declaration.summary), *inputs], forms.CANCEL),
        "submit": _plain(forms.SEND),
        "callback_id": FORM + declaration.path,
        "private_metadata": metadata,
    }


def path_of(callback_id: str) -> str:
    """The path of the command whose form this is; raises ValueError for another view."""
    if not callback_id.startswith(FORM):
        raise ValueError("not a command's form")
    return callback_id.removeprefix(FORM)


def waiting(title: str) -> Json:
    """What stands there until the form is ready: a trigger lasts 3 seconds."""
    return _view(title, [_section(forms.WAITING)], forms.CANCEL)


def failed(words: str) -> Json:
    return _view(forms.NOT_DONE, [_section(words)], forms.CLOSE)


def given(declaration: Declaration, state: Mapping[str, Mapping[str, Json]]) -> dict[str, str]:
    """The texts of a form's `state.values`, as grammar.fill takes them; what was left empty is not among them.

    A person who was picked is `<@U1>`, as a slash command has a mention: whoever knows their workspace resolves it.
    """
    found = {name: _typed(element) for name, elements in state.items() for element in elements.values()}
    parts = sorted((part for part in map(_PART.fullmatch, found) if part), key=lambda part: int(part[2]))
    for part in parts:
        rest = found[part[0]]
        found[part[1]] = found.get(part[1], "") + (_JOINTS[part[3]] + rest if rest else "")
    texts = {}
    for name in (field.name for field in declaration.fields):
        texts[name] = next(
            (text for key in (name, f"{name}@{DATE}", f"{name}@{PERSON}") if (text := found.get(key))), ""
        )
    return {name: text for name, text in texts.items() if not is_blank(clean(text))}


def errors(declaration: Declaration, given: Mapping[str, str], *, pressed: bool = False) -> dict[str, str]:
    """What is wrong at each field, by its block_id; nothing, if grammar.fill makes a command of these texts."""
    found = {}
    for field in declaration.fields:
        text = clean(given.get(field.name, "")).strip()
        if is_blank(text):
            if _is_needed(field, pressed=pressed):
                found[field.name] = forms.NEEDED
            continue
        try:
            values.convert(field, text)
        except MisreadError as wrong:
            found[field.name] = str(wrong)
    return found


def refused(declaration: Declaration, given: Mapping[str, str], words: str) -> dict[str, str]:
    """A refusal's words at the field whose text they quote, else at the first text; {} if there is no field at all."""
    quoted = [field for field in declaration.fields if (text := given.get(field.name, "").strip()) and text in words]
    if quoted:
        return {max(quoted, key=lambda field: len(given[field.name])).name: words}
    texts = [field for field in declaration.fields if field.kind in {Kind.TEXT, Kind.WHEN, Kind.NAME}]
    return {field.name: words for field in (texts or declaration.fields)[:1]}


def options(rows: Iterable[tuple[str, str]]) -> list[Json]:
    """Values and their texts, for the answer to a block_suggestion: as many as Slack takes, each once."""
    found = {value: _option(value, text) for value, text in rows if 0 < len(value) <= VALUE_MOST}
    return list(found.values())[:OPTIONS_MOST]


def _is_needed(field: Field, *, pressed: bool) -> bool:
    return field.required or (pressed and field.ask.pressed)


def _inputs(field: Field, text: str, *, needed: bool) -> Iterator[Json]:
    match field.kind:
        case Kind.TEXT | Kind.COUNTRY:
            yield from _texts(field, text, needed=needed)
        case Kind.NAME if field.shown == "PERSON":
            # users_select alone would leave out whoever is on another platform, or in a workspace not yet met
            yield from _texts(field, text, needed=False, example="")
            yield _picker(field, PERSON, {"type": "users_select"}, forms.OR_PERSON)
        case Kind.NAME:
            yield from _texts(field, text, needed=needed)
        case Kind.WHEN:
            day = {"initial_date": text.strip()} if _is_day(text) else {}
            yield from _texts(field, "" if day else text, needed=False)
            yield _picker(field, DATE, {"type": "datepicker", **day}, forms.OR_DATE)
        case Kind.CHOICE | Kind.SWITCH | Kind.AGENCY | Kind.AGENCIES | Kind.CASE | Kind.REQUEST | Kind.EXHIBIT:
            chosen = _chosen(field, text)
            if chosen is None:
                yield from _texts(field, text, needed=needed)
            else:
                yield _input(field.name, field.ask.label, _select(field, chosen), field.ask.help, needed=needed)
        case _:
            assert_never(field.kind)


def _chosen(field: Field, text: str) -> str | None:
    """What a select shows as chosen, "" for nothing yet; None if the text cannot be shown in one."""
    if is_blank(text):
        return "" if field.default is None else values.spelled(field, field.default)
    try:
        chosen = values.spelled(field, values.convert(field, text.strip()))
    except MisreadError:
        return None
    return chosen if chosen.count(",") < OPTIONS_MOST else None


def _select(field: Field, chosen: str) -> Json:
    """The input of a value that is chosen, with the choice so far."""
    element: Json = {"action_id": str(field.kind)}
    match field.kind:
        case Kind.CHOICE:
            element |= {"type": "static_select", "options": options((choice, choice) for choice in field.choices)}
        case Kind.SWITCH:
            return (
                element
                | {"type": "checkboxes", "options": [_option("yes", forms.YES)]}
                | ({"initial_options": [_option("yes", forms.YES)]} if chosen == "yes" else {})
            )
        case Kind.AGENCIES:
            element |= {"type": "multi_external_select", "min_query_length": 0}
            return element | (
                {"initial_options": options((code, code) for code in chosen.split(","))} if chosen else {}
            )
        case _:
            element |= {"type": "external_select", "min_query_length": 0}
    return element | ({"initial_option": _option(chosen, chosen)} if chosen else {})


def _texts(field: Field, text: str, *, needed: bool, example: str | None = None) -> Iterator[Json]:
    """One input, or as many as the typed text takes."""
    placeholder = values.example(field) if example is None else example
    for number, (joint, part) in enumerate(_cut(text), start=1):
        first = number == 1
        element = {
            "type": "plain_text_input",
            "action_id": TEXT,
            "multiline": field.ask.rest or "\n" in part,
            "max_length": TEXT_MOST if len(part) > field.ask.max_length else min(TEXT_MOST, field.ask.max_length),
            **({"initial_value": part} if part else {}),
            **({"placeholder": _plain(_short(placeholder, PLACEHOLDER_MOST))} if placeholder else {}),
        }
        name = field.name if first else f"{field.name}@{number}-{joint}"
        label = field.ask.label if first else forms.continued(field.ask.label, number)
        yield _input(name, label, element, field.ask.help if first else "", needed=needed and first)


def _cut(text: str) -> Iterator[tuple[str, str]]:
    """Parts that fit an input, each with what stood before it: cut at a line break, else at a space, else anywhere."""
    joint = "letter"
    while (fitting := _fitting(text, TEXT_MOST)) != text:
        line, space = fitting.rfind("\n", 1), fitting.rfind(" ", 1)
        end, following = (line, "line") if line > 0 else (space, "space") if space > 0 else (len(fitting), "letter")
        yield joint, text[:end]
        joint, text = following, text[end + len(_JOINTS[following]) :]
    yield joint, text


def _fitting(text: str, most: int) -> str:
    """As much of it as has so many UTF-16 units: no count of characters is larger."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


def _is_day(text: str) -> bool:
    try:
        return _ISO.fullmatch(text.strip()) is not None and bool(date.fromisoformat(text.strip()))
    except ValueError:
        return False


def _picker(field: Field, kind: str, element: Json, label: str) -> Json:
    return _input(f"{field.name}@{kind}", label, element | {"action_id": kind}, forms.INSTEAD, needed=False)


def _input(name: str, label: str, element: Json, hint: str, *, needed: bool) -> Json:
    return {
        "type": "input",
        "block_id": name,
        "label": _plain(label),
        "element": element,
        "optional": not needed,
        **({"hint": _plain(hint)} if hint else {}),
    }


def _typed(element: Json) -> str:
    """What a form's element has, as text."""
    match element:
        case {"value": str(text)} | {"selected_date": str(text)}:
            return text
        case {"selected_user": str(person)}:
            return f"<@{person}>"
        case {"selected_option": {"value": str(value)}}:
            return value
        case {"selected_options": list(chosen)}:
            return ",".join(option["value"] for option in chosen)
        case _:
            return ""


def _option(value: str, text: str) -> Json:
    return {"text": _plain(_short(text or value, OPTION_MOST)), "value": value}


def _short(words: str, most: int) -> str:
    """So short that it fits when it is escaped."""
    if _fitting(escape(words, quote=False), most) == escape(words, quote=False):
        return words
    kept = _fitting(words, most - 1)
    while _fitting(escape(kept, quote=False), most - 1) != escape(kept, quote=False):
        kept = kept[:-1]
    return kept + "…"


def _view(title: str, blocks: list[Json], close: str) -> Json:
    return {"type": "modal", "title": _plain(_short(title, TITLE_MOST)), "blocks": blocks, "close": _plain(close)}


def _section(words: str) -> Json:
    return {"type": "section", "text": _plain(_short(words, TEXT_MOST))}


def _plain(words: str) -> Json:
    return {"type": "plain_text", "text": escape(words, quote=False), "emoji": False}
