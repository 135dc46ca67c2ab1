"""Slack's composition objects and block elements with their documented limits; it knows no surface and no message.

https://docs.slack.dev/reference/block-kit/composition-objects and .../block-elements
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.slack.rich import RICH_TEXT
from tests.slack.shapes import (
    Check,
    Rule,
    any_of,
    array,
    boolean,
    choice,
    day,
    fault,
    integer,
    one_of,
    record,
    string,
    tagged,
    unique,
    url,
    web_url,
)

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_FILE = re.compile(r"F[A-Z0-9]{8,}", re.ASCII)
_TYPED_MAX = 3000  # characters that a plain-text input takes


def plain_text(most: int = 3000) -> Check:
    fields = {"type": choice("plain_text"), "text": string(most, least=1)}
    return record(fields, {"emoji": boolean})


def text(most: int = 3000) -> Check:
    mrkdwn = record({"type": choice("mrkdwn"), "text": string(most, least=1)}, {"verbatim": boolean})
    return any_of(tagged({"plain_text": plain_text(most), "mrkdwn": mrkdwn}))


STYLE = choice("primary", "danger")
ID = string(255, least=1)
CONFIRM = record(
    {"title": plain_text(100), "text": plain_text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": STYLE},
)
DISPATCH = record({"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), 2)})
SLACK_FILE = record({}, {"id": string(like=_FILE), "url": web_url()}, one_of("id", "url"))
FILTER = record(
    {},
    {
        "include": array(choice("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    lambda value, at: iter(() if value else [fault("must define at least one filter", at)]),
)


def option(words: Check, **more: Check) -> Check:
    return record({"text": words, "value": string(150, least=1)}, {"description": words, **more})


PLAIN_OPTION = option(plain_text(75))
ANY_OPTION = option(text(75))
"""Of checkboxes and radio buttons, which may be formatted."""
OVERFLOW_OPTION = option(plain_text(75), url=url())


def options(of: Check, most: int, *, least: int = 1) -> Check:
    """Options whose values differ ("a unique string value")."""
    each = array(of, most, least=least)

    def check(value: Any, at: str) -> Iterator[str]:
        found = list(each(value, at))
        yield from found
        if not found:
            yield from unique([(item["value"], f"{at}/{n}/value") for n, item in enumerate(value)], "value")

    return check


OPTION_GROUPS = array(record({"label": plain_text(75), "options": options(PLAIN_OPTION, 100)}), 100)


def _offered(value: Mapping[str, Any]) -> Sequence[Any]:
    groups = value.get("option_groups", [])
    return [*value.get("options", []), *(item for group in groups for item in group["options"])]


def _initial_is_offered(value: Mapping[str, Any], at: str) -> Iterator[str]:
    chosen = [*value.get("initial_options", []), *([value["initial_option"]] if "initial_option" in value else [])]
    if any(item not in _offered(value) for item in chosen):
        yield fault("initial option must exactly match one of the options", at)


def _not_above(low: str, high: str) -> Rule:
    def rule(value: Mapping[str, Any], at: str) -> Iterator[str]:
        if low in value and high in value and float(value[low]) > float(value[high]):
            yield fault(f"`{low}` must not be greater than `{high}`", at)

    return rule


def _whole(value: Mapping[str, Any], at: str) -> Iterator[str]:
    for name in ("initial_value", "min_value", "max_value"):
        if not value["is_decimal_allowed"] and "." in value.get(name, ""):
            yield fault("must be a whole number", f"{at}/{name}")


def _initial_fits(value: Mapping[str, Any], at: str) -> Iterator[str]:
    most = value.get("max_length", _TYPED_MAX)
    if len(value.get("initial_value", "")) > most:
        yield fault(f"must be less than {most + 1} characters", f"{at}/initial_value")


_CONFIRM = {"confirm": CONFIRM}
_FOCUS = {"focus_on_load": boolean}
_HINT = {"placeholder": plain_text(150)}
_PICK = {**_CONFIRM, **_FOCUS, **_HINT}
_TYPED = {**_FOCUS, **_HINT, "dispatch_action_config": DISPATCH}
_MANY = {"max_selected_items": integer(1)}
_IDS = array(string(least=1))


def _element(
    kind: str, required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule
) -> tuple[str, Check]:
    return kind, record({"type": choice(kind), **required}, {"action_id": ID, **optional}, *rules)


_ELEMENTS: dict[str, Check] = dict([
    _element("button", {"text": plain_text(75)}, {
        "url": url(), "value": string(2000), "style": STYLE, **_CONFIRM, "accessibility_label": string(75, least=1)}),
    _element("workflow_button", {"text": plain_text(75), "workflow": record({"trigger": record({"url": web_url()}, {
        "customizable_input_parameters": array(record({"name": string(least=1), "value": string()}))})})},
        {"style": STYLE, "accessibility_label": string(75, least=1)}),
    _element("overflow", {"options": options(OVERFLOW_OPTION, 5)}, _CONFIRM),
    _element("static_select", {}, {
        "options": options(PLAIN_OPTION, 100), "option_groups": OPTION_GROUPS, "initial_option": PLAIN_OPTION, **_PICK},
        one_of("options", "option_groups"), _initial_is_offered),
    _element("multi_static_select", {}, {
        "options": options(PLAIN_OPTION, 100), "option_groups": OPTION_GROUPS, **_PICK, **_MANY,
        "initial_options": options(PLAIN_OPTION, 100)},
        one_of("options", "option_groups"), _initial_is_offered),
    _element("external_select", {}, {"initial_option": PLAIN_OPTION, "min_query_length": integer(0), **_PICK}),
    _element("multi_external_select", {}, {
        "initial_options": options(PLAIN_OPTION, 100), "min_query_length": integer(0), **_PICK, **_MANY}),
    _element("users_select", {}, {"initial_user": string(least=1), **_PICK}),
    _element("multi_users_select", {}, {"initial_users": _IDS, **_PICK, **_MANY}),
    _element("conversations_select", {}, {
        "initial_conversation": string(least=1), "default_to_current_conversation": boolean,
        "response_url_enabled": boolean, "filter": FILTER, **_PICK}),
    _element("multi_conversations_select", {}, {
        "initial_conversations": _IDS, "default_to_current_conversation": boolean, "filter": FILTER, **_PICK, **_MANY}),
    _element("channels_select", {}, {"initial_channel": string(least=1), "response_url_enabled": boolean, **_PICK}),
    _element("multi_channels_select", {}, {"initial_channels": _IDS, **_PICK, **_MANY}),
    _element("datepicker", {}, {"initial_date": day, **_PICK}),
    _element("timepicker", {}, {"initial_time": string(like=_TIME), "timezone": string(least=1), **_PICK}),
    _element("datetimepicker", {}, {"initial_date_time": integer(10**9, 10**10 - 1), **_CONFIRM, **_FOCUS}),
    _element("checkboxes", {"options": options(ANY_OPTION, 10)}, {
        "initial_options": options(ANY_OPTION, 10), **_CONFIRM, **_FOCUS}, _initial_is_offered),
    _element("radio_buttons", {"options": options(ANY_OPTION, 10)}, {
        "initial_option": ANY_OPTION, **_CONFIRM, **_FOCUS}, _initial_is_offered),
    _element("plain_text_input", {}, {
        "initial_value": string(), "multiline": boolean, "min_length": integer(0, _TYPED_MAX),
        "max_length": integer(1, _TYPED_MAX), **_TYPED}, _not_above("min_length", "max_length"), _initial_fits),
    _element("email_text_input", {}, {"initial_value": string(), **_TYPED}),
    _element("url_text_input", {}, {"initial_value": string(), **_TYPED}),
    _element("number_input", {"is_decimal_allowed": boolean}, {
        "initial_value": string(like=_NUMBER), "min_value": string(like=_NUMBER), "max_value": string(like=_NUMBER),
        **_TYPED}, _whole, _not_above("min_value", "max_value"), _not_above("min_value", "initial_value"),
        _not_above("initial_value", "max_value")),
    _element("rich_text_input", {}, {"initial_value": RICH_TEXT, **_TYPED}),
    _element("file_input", {}, {"filetypes": array(string(least=1)), "max_files": integer(1, 10)}),
])  # fmt: skip

IMAGE = record(
    {"type": choice("image"), "alt_text": string(2000, least=1)},
    {"image_url": web_url(), "slack_file": SLACK_FILE},
    one_of("image_url", "slack_file"),
)

_SELECTS = tuple(
    f"{many}{source}_select"
    for many in ("", "multi_")
    for source in ("static", "external", "users", "conversations", "channels")
)
_ANYWHERE = (*_SELECTS, "checkboxes", "datepicker", "radio_buttons", "timepicker")
_INPUTS = ("datetimepicker", "plain_text_input", "email_text_input", "url_text_input", "number_input",
           "rich_text_input", "file_input")  # fmt: skip


def _these(*kinds: str) -> dict[str, Check]:
    return {kind: _ELEMENTS[kind] for kind in kinds}


ACCESSORY = tagged({**_these(*_ANYWHERE, "button", "overflow", "workflow_button"), "image": IMAGE})
ACTION = tagged(_these(*_ANYWHERE, "button", "overflow", "workflow_button", "datetimepicker"))
INPUT = tagged(_these(*_ANYWHERE, *_INPUTS))
CONTEXT = tagged({"image": IMAGE, "plain_text": text(), "mrkdwn": text()})
