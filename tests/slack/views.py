"""Whether Slack would take a view, and an app's answers within one; it knows no message.

https://docs.slack.dev/reference/views and https://docs.slack.dev/surfaces/modals
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.slack.elements import OPTION_GROUPS, PLAIN_OPTION, options, plain_text
from tests.slack.layouts import VIEW_BLOCKS, blocks, elements
from tests.slack.shapes import (
    Check,
    Refusal,
    any_of,
    boolean,
    choice,
    fault,
    mapping,
    one_of,
    record,
    string,
    tagged,
)

VIEW_MAX = 250_000
"""Bytes as JSON ("the provided view is greater than 250kb")."""

_VIEW_STACK = blocks(VIEW_BLOCKS, 100, one_namespace=False)
_OWN = {"private_metadata": string(3000), "callback_id": string(255), "external_id": string(255)}
_VIEW = any_of(
    tagged({
        "modal": record({"type": choice("modal"), "title": plain_text(24), "blocks": _VIEW_STACK}, {
            **_OWN, "submit": plain_text(24), "close": plain_text(24), "clear_on_close": boolean,
            "notify_on_close": boolean}),
        "home": record({"type": choice("home"), "blocks": _VIEW_STACK}, _OWN),
    })
)  # fmt: skip


def check_view(view: Any) -> Refusal | None:
    """A modal or a home tab, as views.open, views.push, views.update and views.publish take it."""
    if found := list(_VIEW(view, "/view")) or list(_view_faults(view)):
        return Refusal("invalid_arguments", found)
    too_large = len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode()) > VIEW_MAX
    return Refusal("view_too_large") if too_large else None


def _view_faults(view: Mapping[str, Any]) -> Iterator[str]:
    focused = 0
    for n, block in enumerate(view["blocks"]):
        if block["type"] == "input" and view["type"] == "modal" and "submit" not in view:
            yield fault("must define `submit` to use an `input` block", f"/view/blocks/{n}/input")
        for element, at in elements(block, f"/view/blocks/{n}"):
            if element["type"] == "file_input" and view["type"] != "modal":
                yield fault("unsupported type: file_input", f"{at}/type")
            focused += element.get("focus_on_load") is True
            if focused > 1 and element.get("focus_on_load") is True:
                yield fault("only one element can be focused on load", f"{at}/focus_on_load")


_OPTIONS: Check = record(
    {},
    {"options": options(PLAIN_OPTION, 100, least=0), "option_groups": OPTION_GROUPS},
    one_of("options", "option_groups"),
)


def check_options(answer: Any) -> Refusal | None:
    """The answer to a block_suggestion. Slack has no code for a bad one: it shows the person that nothing loaded."""
    found = list(_OPTIONS(answer, ""))
    return Refusal("invalid_options", found) if found else None


_ACTIONS: Mapping[str, Check] = {
    "clear": record({"response_action": choice("clear")}),
    "errors": record({"response_action": choice("errors"), "errors": mapping}),
    "update": record({"response_action": choice("update"), "view": mapping}),
    "push": record({"response_action": choice("push"), "view": mapping}),
}


def check_submission_answer(answer: Any, view: Mapping[str, Any]) -> Refusal | None:
    """The answer to a view_submission of this view; nothing, or `{}`, closes it.

    Slack has no code for a bad one: it shows the person "We had some trouble connecting. Try again?".
    """
    if answer is None or answer in ("", {}):
        return None
    action = answer.get("response_action") if isinstance(answer, Mapping) else None
    if not isinstance(action, str) or action not in _ACTIONS:
        return Refusal("invalid_response_action", [fault("must be a valid enum value", "/response_action")])
    found = list(_ACTIONS[action](answer, ""))
    if not found and "errors" in answer:
        found += _error_faults(answer["errors"], view)
    if not found and "view" in answer:
        refusal = check_view(answer["view"])
        if refusal:
            found += refusal.messages or (refusal,)
        elif answer["view"]["type"] != "modal":
            found.append(fault("must be a valid enum value", "/view/type"))
    return Refusal("invalid_response_action", found) if found else None


def _error_faults(errors: Mapping[str, Any], view: Mapping[str, Any]) -> Iterator[str]:
    inputs = {block.get("block_id") for block in view["blocks"] if block["type"] == "input"}
    if not errors:
        yield fault("must name at least one block", "/errors")
    for name, words in errors.items():
        if name not in inputs:
            yield fault(f"{name} is the block_id of no input block", f"/errors/{name}")
        yield from string(least=1)(words, f"/errors/{name}")
