"""Slack takes what its documentation lets into a view and out of a form, and refuses all else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.slack.blockkit import (
    check_options,
    check_submission_answer,
    check_view,
)
from tests.slack.samples import (
    actions,
    button,
    cells,
    field,
    home,
    modal,
    options,
    section,
    typed,
    words,
)


@pytest.mark.parametrize(
    ("view", "says"),
    [
        ("modal", "must be an object [json-pointer:/view]"),
        ({"blocks": []}, "missing required field: type [json-pointer:/view]"),
        ({"type": "modal", "blocks": [section()]}, "missing required field: title [json-pointer:/view]"),
        ({"type": "home"}, "missing required field: blocks [json-pointer:/view]"),
        (home(), "no fewer than 1 items allowed [json-pointer:/view/blocks]"),
        (home(section(), title=words()), "invalid additional property: title [json-pointer:/view]"),
        (home(section(), submit=words()), "invalid additional property: submit [json-pointer:/view]"),
        (modal(section(), id="V1"), "invalid additional property: id [json-pointer:/view]"),
        (modal(section(), title=words(kind="mrkdwn")), "must be a valid enum value [json-pointer:/view/title/type]"),
        (modal(section(), clear_on_close="yes"), "must be a boolean [json-pointer:/view/clear_on_close]"),
        (modal(section(), private_metadata={}), "must be a string [json-pointer:/view/private_metadata]"),
        (
            {"type": "modal", "title": words(), "blocks": [section(), field()]},
            "must define `submit` to use an `input` block [json-pointer:/view/blocks/1/input]",
        ),
        (
            modal(field(typed(focus_on_load=True)), field(typed(focus_on_load=True))),
            "only one element can be focused on load [json-pointer:/view/blocks/1/element/focus_on_load]",
        ),
        (home(field(typed("file_input"))), "unsupported type: file_input [json-pointer:/view/blocks/0/element/type]"),
        (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"),
        (modal(cells(1)), "unsupported type: table [json-pointer:/view/blocks/0/type]"),
        (
            modal({"type": "file", "external_id": "f", "source": "remote"}),
            "unsupported type: file [json-pointer:/view/blocks/0/type]",
        ),
        (
            modal(field(typed(min_length=5, max_length=4))),
            "`min_length` must not be greater than `max_length` [json-pointer:/view/blocks/0/element]",
        ),
        (
            modal(field(typed("number_input", is_decimal_allowed=False, max_value="1.5"))),
            "must be a whole number [json-pointer:/view/blocks/0/element/max_value]",
        ),
        (
            modal(field(typed("number_input", is_decimal_allowed=False, min_value="9", initial_value="8"))),
            "`min_value` must not be greater than `initial_value` [json-pointer:/view/blocks/0/element]",
        ),
        (modal(field(typed(max_length=0))), "must be greater than 0 [json-pointer:/view/blocks/0/element/max_length]"),
        (modal(field(optional=1)), "must be a boolean [json-pointer:/view/blocks/0/optional]"),
    ],
)  # fmt: skip
def test_a_view_that_slack_refuses(view: Any, says: str) -> None:
    refused = check_view(view)
    assert refused == "invalid_arguments"
    assert f"[ERROR] {says}" in refused.messages


def test_views_that_slack_takes() -> None:
    assert check_view({"type": "modal", "title": words(), "blocks": [section()]}) is None
    assert check_view(modal(field(), clear_on_close=True, notify_on_close=False, callback_id="c")) is None
    assert check_view(home(field(), actions(button()), private_metadata="")) is None


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"options": options(1), "option_groups": [{"label": words(), "options": options(1)}]},
        {"options": options(1), "more": True},
        {"options": options(1) * 2},
        {"options": [{"text": words(kind="mrkdwn"), "value": "v"}]},
        {"options": [{"text": words(), "value": "v", "url": "https://x.example"}]},
        {"option_groups": [{"label": words(), "options": []}]},
    ],
)
def test_options_that_slack_does_not_show(answer: Any) -> None:
    assert check_options(answer) == "invalid_options"


def test_options_that_slack_shows() -> None:
    assert check_options({"options": []}) is None
    assert check_options({"option_groups": [{"label": words(), "options": options(2)}]}) is None


FORM = modal(section(block_id="said"), field(block_id="due"))


@pytest.mark.parametrize(
    "answer",
    [
        "closed",
        {"errors": {"due": "too late"}},
        {"response_action": "close"},
        {"response_action": "errors"},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": ["due"]},
        {"response_action": "errors", "errors": {"due": ""}},
        {"response_action": "errors", "errors": {"due": 7}},
        {"response_action": "errors", "errors": {"said": "not an input"}},
        {"response_action": "errors", "errors": {"due": "too late", "what": "no such block"}},
        {"response_action": "errors", "errors": {"due": "too late"}, "view": FORM},
        {"response_action": "update"},
        {"response_action": "update", "view": modal()},
        {"response_action": "push", "view": home(section())},
        {"response_action": "clear", "view": FORM},
    ],
)
def test_answers_to_a_form_that_slack_cannot_use(answer: Any) -> None:
    refused = check_submission_answer(answer, FORM)
    assert refused == "invalid_response_action"
    assert refused.messages


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "",
        {},
        {"response_action": "clear"},
        {"response_action": "errors", "errors": {"due": "too late"}},
        {"response_action": "update", "view": FORM},
        {"response_action": "push", "view": FORM},
    ],
)
def test_answers_to_a_form(answer: Any) -> None:
    assert check_submission_answer(answer, FORM) is None


def test_in_a_view_an_action_id_is_unique_in_its_block() -> None:
    assert check_view(home(actions(button(action_id="a")), actions(button(action_id="a")))) is None
    assert check_view(home(actions(button(action_id="a"), button(action_id="a")))) == "invalid_arguments"
    assert check_view(modal(field(block_id="b"), field(block_id="b"))) == "invalid_arguments"
