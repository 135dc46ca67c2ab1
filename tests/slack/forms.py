"""What a person can put into the inputs of a view, in the form in which Slack tells it; it sends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.slack.apps import Json

_TEXTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
_SELECTS = {"static_select", "external_select", "radio_buttons"}
_MULTIPLE = {"multi_static_select", "multi_external_select", "checkboxes"}
_PICKED = {
    "datepicker": ("initial_date", "selected_date"),
    "timepicker": ("initial_time", "selected_time"),
    "datetimepicker": ("initial_date_time", "selected_date_time"),
    "users_select": ("initial_user", "selected_user"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
    "channels_select": ("initial_channel", "selected_channel"),
    "multi_users_select": ("initial_users", "selected_users"),
    "multi_conversations_select": ("initial_conversations", "selected_conversations"),
    "multi_channels_select": ("initial_channels", "selected_channels"),
}


class CannotFillError(Exception):
    """Slack's client does not let anybody enter that."""


def elements(blocks: Iterable[Json]) -> list[tuple[Json, Json]]:
    """Each interactive element with its block, in the order in which they stand."""
    found: list[tuple[Json, Json]] = []
    for block in blocks:
        parts = [block.get("element")] if block["type"] == "input" else []
        parts += block.get("elements", []) if block["type"] == "actions" else []
        parts += [block.get("accessory")]
        found += [(block, part) for part in parts if isinstance(part, dict) and part.get("type") != "image"]
    return found


def initial(blocks: Iterable[Json]) -> dict[str, dict[str, Json]]:
    """What stands in a fresh view's inputs. Buttons hold nothing."""
    values: dict[str, dict[str, Json]] = {}
    for block, element in elements(blocks):
        if element["type"] not in {"button", "overflow", "workflow_button"}:
            values.setdefault(block["block_id"], {})[element["action_id"]] = _initial(element)
    return values


def _initial(element: Json) -> Json:
    kind = element["type"]
    state: Json = {"type": kind}
    if kind in _TEXTS:
        state["value"] = element.get("initial_value")
    elif kind in _SELECTS:
        state["selected_option"] = element.get("initial_option")
    elif kind in _MULTIPLE:
        state["selected_options"] = element.get("initial_options") or []
    elif kind in _PICKED:
        given, told = _PICKED[kind]
        state[told] = element.get(given, [] if kind.startswith("multi_") else None)
    elif kind == "rich_text_input":
        state["rich_text_value"] = element.get("initial_value")
    elif kind == "file_input":
        state["files"] = []
    return state


def filled(element: Json, value: Any, suggested: list[Json]) -> Json:
    """The element's state once a person has entered that; raises CannotFillError where the client has no such thing.

    Args:
        element: of Block Kit.
        value: a text; for a choice its label or value, for several a list of them; None empties it.
        suggested: what an app has offered for an external select.
    """
    kind = element["type"]
    state: Json = {"type": kind}
    if value is None:
        return _initial({"type": kind})
    if kind in _TEXTS:
        return state | {"value": _text(element, str(value))}
    if kind in _SELECTS:
        return state | {"selected_option": _option(element, value, suggested)}
    if kind in _MULTIPLE:
        return state | {"selected_options": [_option(element, one, suggested) for one in value]}
    if kind == "datepicker":
        return state | {"selected_date": date.fromisoformat(str(value)).isoformat()}
    if kind in _PICKED:
        return state | {_PICKED[kind][1]: value}
    raise CannotFillError(f"{kind} takes no {value!r}")


def missing(block: Json, state: Json) -> str | None:
    """What the client says where a required input is empty or a text too short; it is not sent then."""
    element = block["element"]
    held = next((value for name, value in state.items() if name != "type"), None)
    if held in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    if element["type"] in _TEXTS and len(str(held)) < int(element.get("min_length", 0)):
        return f"Must be at least {element['min_length']} characters."
    return None


def _text(element: Json, text: str) -> str:
    kind = element["type"]
    if kind == "plain_text_input":
        if len(text) > int(element.get("max_length", 3000)):
            raise CannotFillError(f"at most {element.get('max_length', 3000)} characters fit")
        if "\n" in text and not element.get("multiline"):
            raise CannotFillError("there is one line only")
    if kind == "number_input" and not re.fullmatch(
        r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+", text
    ):
        raise CannotFillError(f"{text!r} is no number")
    return text


def _option(element: Json, value: Any, suggested: list[Json]) -> Json:
    options: list[Json] = suggested if "external" in element["type"] else choices(element)
    for option in options:
        if value in {option["value"], option["text"]["text"]}:
            return option
    raise CannotFillError(f"{value!r} is not among {[option['text']['text'] for option in options]}")


def choices(holder: Json) -> list[Json]:
    """All options, also those in groups."""
    found: list[Json] = list(holder.get("options") or [])
    for group in holder.get("option_groups") or []:
        found += group["options"]
    return found
