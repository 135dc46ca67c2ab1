"""Each documented limit of Slack's at its last allowed and its first refused value, and every wrong shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from tests.slack.blockkit import (
    Refusal,
    check_message,
    check_options,
    check_view,
)
from tests.slack.samples import (
    Json,
    actions,
    button,
    cells,
    field,
    home,
    modal,
    of_length,
    options,
    rich,
    section,
    select,
    typed,
    words,
)


def posted(*blocks: Json) -> Refusal | None:
    return check_message({"text": "words", "blocks": list(blocks)})


def shown(*blocks: Json) -> Refusal | None:
    return check_view(modal(*blocks))


def pressed(element: Json) -> Refusal | None:
    return posted(actions(element))


def asked(element: Json) -> Refusal | None:
    return shown(field(element))


class Limit(NamedTuple):
    """What is right at `most` and no more at one above."""

    name: str
    most: int
    check: Callable[[int], Refusal | None]
    code: str = "invalid_blocks"
    says: str = ""


def with_text(**parts: Any) -> Json:
    return {"type": "section", "text": words(**parts)}


def _confirm(**more: str) -> Json:
    texts = {"title": "Sure?", "text": "Really?", "confirm": "Yes", "deny": "No", **more}
    return {name: words(text) for name, text in texts.items()}


EMPTY_METADATA = '{"event_type":"t","event_payload":{"k":""}}'
CHARACTERS = "must be less than {} characters [json-pointer:{}]"
ITEMS = "no more than {} items allowed [json-pointer:{}]"
LIMITS = (
    Limit("text", 40_000, lambda n: check_message({"text": of_length(n)}), "msg_too_long"),
    Limit("text of an update", 4_000, lambda n: check_message({"text": of_length(n)}, update=True), "msg_too_long"),
    Limit("blocks", 50, lambda n: posted(*[{"type": "divider"}] * n), says=ITEMS.format(50, "/blocks")),
    Limit("all text", 13_200, lambda n: posted(*[section(of_length(3000))] * 4, section(of_length(n - 12_000))),
          "msg_blocks_too_long"),
    Limit("section", 3000, lambda n: posted(section(of_length(n))),
          says=CHARACTERS.format(3001, "/blocks/0/text/text")),
    Limit("fields", 10, lambda n: posted({"type": "section", "fields": [words()] * n}),
          says=ITEMS.format(10, "/blocks/0/fields")),
    Limit("field", 2000, lambda n: posted({"type": "section", "fields": [words(of_length(n))]}),
          says=CHARACTERS.format(2001, "/blocks/0/fields/0/text")),
    Limit("header", 150, lambda n: posted({"type": "header", "text": words(of_length(n))}),
          says=CHARACTERS.format(151, "/blocks/0/text/text")),
    Limit("context", 10, lambda n: posted({"type": "context", "elements": [words()] * n})),
    Limit("actions", 25, lambda n: posted(actions(*[button()] * n)), says=ITEMS.format(25, "/blocks/0/elements")),
    Limit("block_id", 255, lambda n: posted(section(block_id=of_length(n)))),
    Limit("action_id", 255, lambda n: pressed(button(action_id=of_length(n)))),
    Limit("button's label", 75, lambda n: pressed(button(text=words(of_length(n))))),
    Limit("button's value", 2000, lambda n: pressed(button(value=of_length(n)))),
    Limit("button's url", 3000, lambda n: pressed(button(url="https://" + of_length(n - 8)))),
    Limit("button's accessibility label", 75, lambda n: pressed(button(accessibility_label=of_length(n)))),
    Limit("confirm's title", 100, lambda n: pressed(button(confirm=_confirm(title=of_length(n))))),
    Limit("confirm's text", 300, lambda n: pressed(button(confirm=_confirm(text=of_length(n))))),
    Limit("confirm's confirm", 30, lambda n: pressed(button(confirm=_confirm(confirm=of_length(n))))),
    Limit("confirm's deny", 30, lambda n: pressed(button(confirm=_confirm(deny=of_length(n))))),
    Limit("overflow", 5, lambda n: pressed({"type": "overflow", "options": options(n)}),
          says=ITEMS.format(5, "/blocks/0/elements/0/options")),
    Limit("options", 100, lambda n: pressed(select(options=options(n)))),
    Limit("option groups", 100, lambda n: pressed({"type": "static_select", "option_groups": [
        {"label": words(), "options": options(1)}] * n})),
    Limit("options of a group", 100, lambda n: pressed({"type": "static_select", "option_groups": [
        {"label": words(), "options": options(n)}]})),
    Limit("label of a group", 75, lambda n: pressed({"type": "static_select", "option_groups": [
        {"label": words(of_length(n)), "options": options(1)}]})),
    Limit("option's text", 75, lambda n: pressed(select(options=[{"text": words(of_length(n)), "value": "v"}]))),
    Limit("option's value", 150, lambda n: pressed(select(options=[{"text": words(), "value": of_length(n)}]))),
    Limit("option's description", 75, lambda n: pressed(select(options=[
        {"text": words(), "value": "v", "description": words(of_length(n))}]))),
    Limit("overflow's url", 3000, lambda n: pressed({"type": "overflow", "options": [
        {"text": words(), "value": "v", "url": "https://" + of_length(n - 8)}]})),
    Limit("placeholder", 150, lambda n: pressed(select(placeholder=words(of_length(n))))),
    Limit("checkboxes", 10, lambda n: pressed({"type": "checkboxes", "options": options(n)})),
    Limit("radio buttons", 10, lambda n: pressed({"type": "radio_buttons", "options": options(n)})),
    Limit("image's alt text", 2000, lambda n: posted(
        {"type": "image", "image_url": "https://x.example/i.png", "alt_text": of_length(n)})),
    Limit("image's title", 2000, lambda n: posted(
        {"type": "image", "image_url": "https://x.example/i.png", "alt_text": "i", "title": words(of_length(n))})),
    Limit("image's url", 3000, lambda n: posted(
        {"type": "image", "image_url": "https://" + of_length(n - 8), "alt_text": "i"})),
    Limit("markdown", 12_000, lambda n: posted({"type": "markdown", "text": of_length(n)})),
    Limit("markdown together", 12_000, lambda n: posted(
        {"type": "markdown", "text": "words"}, {"type": "markdown", "text": of_length(n - 5)})),
    Limit("rows", 100, lambda n: posted({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * n})),
    Limit("columns", 20, lambda n: posted({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * n]})),
    Limit("column settings", 20, lambda n: posted({**cells(1), "column_settings": [{"align": "right"}] * n})),
    Limit("cells", 10_000, lambda n: posted(cells(n))),
    Limit("cells together", 10_000, lambda n: posted(cells(n - 100), cells(100))),
    Limit("attachments", 100, lambda n: check_message({"attachments": [{"text": "x"}] * n}), "too_many_attachments"),
    Limit("an attachment's section", 3000, lambda n: check_message(
        {"attachments": [{"blocks": [section(of_length(n))]}]}), "invalid_attachments",
        CHARACTERS.format(3001, "/attachments/0/blocks/0/text/text")),
    Limit("metadata", 8_000, lambda n: check_message({"text": "x", "metadata": {
        "event_type": "t", "event_payload": {"k": of_length(n - len(EMPTY_METADATA))}}}), "metadata_too_large"),
    Limit("view's blocks", 100, lambda n: shown(*[{"type": "divider"}] * n), "invalid_arguments",
          ITEMS.format(100, "/view/blocks")),
    Limit("home's blocks", 100, lambda n: check_view(home(*[{"type": "divider"}] * n)), "invalid_arguments"),
    Limit("title", 24, lambda n: check_view(modal(section(), title=words(of_length(n)))), "invalid_arguments",
          CHARACTERS.format(25, "/view/title/text")),
    Limit("submit", 24, lambda n: check_view(modal(section(), submit=words(of_length(n)))), "invalid_arguments"),
    Limit("close", 24, lambda n: check_view(modal(section(), close=words(of_length(n)))), "invalid_arguments"),
    Limit("private_metadata", 3000, lambda n: check_view(home(section(), private_metadata=of_length(n))),
          "invalid_arguments"),
    Limit("callback_id", 255, lambda n: check_view(home(section(), callback_id=of_length(n))), "invalid_arguments"),
    Limit("external_id", 255, lambda n: check_view(home(section(), external_id=of_length(n))), "invalid_arguments"),
    Limit("view", 250_000, lambda n: check_view(modal(*_padded(n))), "view_too_large"),
    Limit("label", 2000, lambda n: shown(field(label=words(of_length(n)))), "invalid_arguments"),
    Limit("hint", 2000, lambda n: shown(field(hint=words(of_length(n)))), "invalid_arguments"),
    Limit("max_length", 3000, lambda n: asked(typed(max_length=n)), "invalid_arguments"),
    Limit("min_length", 3000, lambda n: asked(typed(min_length=n)), "invalid_arguments"),
    Limit("initial_value", 3000, lambda n: asked(typed(initial_value=of_length(n))), "invalid_arguments"),
    Limit("initial_value, own limit", 5, lambda n: asked(typed(initial_value=of_length(n), max_length=5)),
          "invalid_arguments"),
    Limit("files", 10, lambda n: asked(typed("file_input", max_files=n)), "invalid_arguments"),
    Limit("suggested options", 100, lambda n: check_options({"options": options(n)}), "invalid_options"),
    Limit("suggested option's text", 75, lambda n: check_options(
        {"options": [{"text": words(of_length(n)), "value": "v"}]}), "invalid_options"),
    Limit("suggested option's value", 150, lambda n: check_options(
        {"options": [{"text": words(), "value": of_length(n)}]}), "invalid_options"),
)  # fmt: skip


def _padded(size: int) -> Iterator[Json]:
    """Blocks that make a modal of exactly so many bytes."""
    empty = len(json.dumps(modal(), separators=(",", ":")))
    whole = len(json.dumps(section(of_length(3000)), separators=(",", ":"))) + 1
    count, rest = divmod(size - empty - 3000, whole)
    yield from [section(of_length(3000))] * count
    short = rest + 3000 - 2 * (whole - 3000) + 1
    yield section(of_length(short // 2))
    yield section(of_length(short - short // 2))


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_the_last_value_allowed_and_the_first_refused(limit: Limit) -> None:
    last = limit.check(limit.most)
    assert last is None, last.messages
    first = limit.check(limit.most + 1)
    assert first == limit.code
    assert not limit.says or f"[ERROR] {limit.says}" in first.messages


@pytest.mark.parametrize(
    "block",
    [
        section(""),
        {"type": "section", "fields": []},
        {"type": "header", "text": words("")},
        {"type": "context", "elements": []},
        actions(),
        section(block_id=""),
        actions(button(text=words(""))),
        actions(button(action_id="")),
        actions({"type": "overflow", "options": []}),
        actions(select(options=[])),
        actions({"type": "static_select", "option_groups": []}),
        actions({"type": "checkboxes", "options": []}),
        {"type": "markdown", "text": ""},
        {"type": "table", "rows": []},
        {"type": "rich_text", "elements": []},
        rich({"type": "text", "text": ""}),
    ],
)
def test_nothing_is_empty(block: Json) -> None:
    assert posted(block) == "invalid_blocks"


FIELDS = {
    "type": "section", "block_id": "b", "fields": [words(emoji=True), words(kind="mrkdwn", verbatim=True)],
    "expand": True,
}  # fmt: skip
MESSAGE_BLOCKS: tuple[Json, ...] = (
    section(accessory=button()),
    FIELDS,
    {"type": "header", "text": words()},
    {"type": "divider"},
    {"type": "context", "elements": [
        words(), words(kind="mrkdwn"), {"type": "image", "image_url": "https://x.example/i", "alt_text": "i"}]},
    {"type": "image", "slack_file": {"id": "F012AB3CD"}, "alt_text": "i", "title": words()},
    {"type": "video", "alt_text": "v", "title": words(), "title_url": "https://x.example", "author_name": "ana",
     "thumbnail_url": "https://x.example/i", "video_url": "https://x.example/v", "description": words()},
    {"type": "file", "external_id": "f", "source": "remote"},
    {"type": "markdown", "text": "# words"},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}, rich({"type": "text", "text": "x"})]],
     "column_settings": [{"align": "right", "is_wrapped": True}]},
    rich({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "user", "user_id": "U1"},
         {"type": "link", "url": "https://x.example", "text": "x"}, {"type": "broadcast", "range": "here"},
         {"type": "date", "timestamp": 1720710212, "format": "{date_num}", "fallback": "then"},
         {"type": "emoji", "name": "wave"}, {"type": "channel", "channel_id": "C1"}),
    {"type": "rich_text", "elements": [
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "x"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}], "border": 0}]},
    actions(
        button(action_id="a", value="/request ack R-1", style="primary", confirm={**_confirm(), "style": "danger"}),
        {"type": "overflow", "options": options(1), "confirm": _confirm()},
        {"type": "datetimepicker", "initial_date_time": 1628633820},
        {"type": "workflow_button", "text": words(), "workflow": {"trigger": {"url": "https://slack.com/t"}}},
    ),
)  # fmt: skip
PICKERS: tuple[Json, ...] = (
    select(initial_option=options(2)[1], placeholder=words(), confirm=_confirm(), focus_on_load=True, action_id="a"),
    select("multi_static_select", initial_options=options(1), max_selected_items=1),
    {"type": "external_select", "min_query_length": 0, "initial_option": options(1)[0]},
    {"type": "multi_external_select", "initial_options": options(3)},
    {"type": "users_select", "initial_user": "U1"},
    {"type": "multi_users_select", "initial_users": ["U1"]},
    {"type": "conversations_select", "default_to_current_conversation": True, "filter": {"include": ["im"]}},
    {"type": "multi_conversations_select", "initial_conversations": ["C1"], "filter": {"exclude_bot_users": True}},
    {"type": "channels_select", "initial_channel": "C1"},
    {"type": "multi_channels_select", "initial_channels": ["C1"]},
    {"type": "datepicker", "initial_date": "2026-12-10", "placeholder": words()},
    {"type": "timepicker", "initial_time": "09:05", "timezone": "Australia/Sydney"},
    {"type": "checkboxes", "options": options(2), "initial_options": options(1)},
    {"type": "radio_buttons", "options": [{"text": words("*x*", "mrkdwn"), "value": "v"}]},
)
INPUTS: tuple[Json, ...] = (
    typed(multiline=True, min_length=0, max_length=3000, initial_value="x", placeholder=words(), focus_on_load=True,
          dispatch_action_config={"trigger_actions_on": ["on_enter_pressed", "on_character_entered"]}),
    typed("email_text_input", initial_value="ana@ftc.example"),
    typed("url_text_input", initial_value="https://x.example"),
    typed("number_input", is_decimal_allowed=True, initial_value="1.5", min_value="-1", max_value="10"),
    typed("rich_text_input", initial_value=rich({"type": "text", "text": "x"})),
    typed("file_input", filetypes=["eml"], max_files=1),
    {"type": "datetimepicker"},
)  # fmt: skip


def kind_of(one: Json) -> str:
    return str(one["type"])


@pytest.mark.parametrize("block", MESSAGE_BLOCKS, ids=kind_of)
def test_a_message_takes_each_of_its_blocks_and_no_key_besides(block: Json) -> None:
    assert posted(block) is None
    refused = posted({**block, "disabled": True})
    assert refused == "invalid_blocks"
    assert refused.messages == ("[ERROR] invalid additional property: disabled [json-pointer:/blocks/0]",)


@pytest.mark.parametrize("element", PICKERS, ids=kind_of)
def test_a_picker_goes_beside_a_section_among_actions_and_into_a_form(element: Json) -> None:
    assert posted(section(accessory=element)) is None
    assert pressed(element) is None
    assert asked(element) is None
    assert pressed({**element, "disabled": True}) == "invalid_blocks"


@pytest.mark.parametrize("element", INPUTS, ids=kind_of)
def test_an_input_goes_into_a_form_only(element: Json) -> None:
    assert asked(element) is None
    assert asked({**element, "disabled": True}) == "invalid_arguments"
    assert posted(section(accessory=element)) == "invalid_blocks"
    if element["type"] != "datetimepicker":
        assert pressed(element) == "invalid_blocks"


@pytest.mark.parametrize("kind", ["button", "overflow", "workflow_button", "image", "plain_text", "nonsense"])
def test_a_form_takes_inputs_only(kind: str) -> None:
    refused = asked({**button(), "type": kind})
    assert refused == "invalid_arguments"
    assert f"[ERROR] unsupported type: {kind} [json-pointer:/view/blocks/0/element/type]" in refused.messages


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("words", "must be an object [json-pointer:/blocks/0]"),
        ({"text": words()}, "missing required field: type [json-pointer:/blocks/0]"),
        ({"type": "nonsense"}, "unsupported type: nonsense [json-pointer:/blocks/0/type]"),
        ({"type": ["section"]}, "unsupported type: ['section'] [json-pointer:/blocks/0/type]"),
        ({"type": "section"}, "must define either `text` or `fields` [json-pointer:/blocks/0]"),
        ({"type": "section", "text": "words"}, "must be an object [json-pointer:/blocks/0/text]"),
        ({"type": "section", "text": None}, "must be an object [json-pointer:/blocks/0/text]"),
        (with_text(text=7), "must be a string [json-pointer:/blocks/0/text/text]"),
        (with_text(kind="markdown"), "unsupported type: markdown [json-pointer:/blocks/0/text/type]"),
        ({"type": "section", "fields": words()}, "must be an array [json-pointer:/blocks/0/fields]"),
        (
            {"type": "header", "text": words(kind="mrkdwn")},
            "must be a valid enum value [json-pointer:/blocks/0/text/type]",
        ),
        (with_text(emoji=1), "must be a boolean [json-pointer:/blocks/0/text/emoji]"),
        (with_text(verbatim=True), "invalid additional property: verbatim [json-pointer:/blocks/0/text]"),
        (
            with_text(kind="mrkdwn", emoji=True),
            "invalid additional property: emoji [json-pointer:/blocks/0/text]",
        ),
        (actions(button(style="default")), "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"),
        (actions(button(url="somewhere")), "must match the expected format [json-pointer:/blocks/0/elements/0/url]"),
        (actions(button(value=7)), "must be a string [json-pointer:/blocks/0/elements/0/value]"),
        (actions({"type": "button"}), "missing required field: text [json-pointer:/blocks/0/elements/0]"),
        (
            actions({"type": "static_select"}),
            "must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]",
        ),
        (
            actions(select(initial_option=options(3)[2])),
            "initial option must exactly match one of the options [json-pointer:/blocks/0/elements/0]",
        ),
        (
            actions(select(options=[{"text": words(kind="mrkdwn"), "value": "v"}])),
            "must be a valid enum value [json-pointer:/blocks/0/elements/0/options/0/text/type]",
        ),
        (
            actions({"type": "datepicker", "initial_date": "2026-02-30"}),
            "must be a valid date [json-pointer:/blocks/0/elements/0/initial_date]",
        ),
        (
            actions({"type": "timepicker", "initial_time": "24:00"}),
            "must match the expected format [json-pointer:/blocks/0/elements/0/initial_time]",
        ),
        (
            actions({"type": "datetimepicker", "initial_date_time": 1628633820000}),
            "must be less than 10000000000 [json-pointer:/blocks/0/elements/0/initial_date_time]",
        ),
        (
            actions({"type": "conversations_select", "filter": {}}),
            "must define at least one filter [json-pointer:/blocks/0/elements/0/filter]",
        ),
        (
            {"type": "image", "alt_text": "i"},
            "must define either `image_url` or `slack_file` [json-pointer:/blocks/0]",
        ),
        (
            rich({"type": "broadcast", "range": "all"}),
            "must be a valid enum value [json-pointer:/blocks/0/elements/0/elements/0/range]",
        ),
        (field(), "unsupported type: input [json-pointer:/blocks/0/type]"),
    ],
)  # fmt: skip
def test_it_says_what_is_wrong_and_where(block: Any, says: str) -> None:
    refused = posted(block)
    assert refused == "invalid_blocks"
    assert f"[ERROR] {says}" in refused.messages


def test_an_answer_has_slacks_form() -> None:
    refused = posted(section(of_length(3001)))
    assert refused is not None
    assert refused.body() == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [
            "failed to match all allowed schemas [json-pointer:/blocks/0/text]",
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ],
        "response_metadata": {
            "messages": [
                "[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]",
                "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
            ]
        },
    }
    assert Refusal("no_text").body() == {"ok": False, "error": "no_text"}


@pytest.mark.parametrize(
    ("blocks", "says"),
    [
        (
            [section(block_id="b"), section(block_id="b")],
            '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]',
        ),
        (
            [actions(button(action_id="a"), button(action_id="a"))],
            '`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]',
        ),
        (
            [section(accessory=button(action_id="a")), actions(button(action_id="a"))],
            '`action_id` "a" already exists [json-pointer:/blocks/1/elements/0/action_id]',
        ),
        (
            [actions(select(options=options(1) * 2))],
            '`value` "v0" already exists [json-pointer:/blocks/0/elements/0/options/1/value]',
        ),
    ],
)  # fmt: skip
def test_nothing_stands_twice_in_a_message(blocks: list[Json], says: str) -> None:
    refused = posted(*blocks)
    assert refused == "invalid_blocks"
    assert refused.messages == (f"[ERROR] {says}",)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": " \n"}, "no_text"),
        ({"text": None, "blocks": [], "attachments": []}, "no_text"),
        ({"text": 7}, "invalid_arguments"),
        ({"text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"text": "x", "blocks": json.dumps("[]")}, "invalid_blocks_format"),
        ({"text": "x", "blocks": json.dumps([{"type": "nonsense"}])}, "invalid_blocks"),
        ({"text": "x", "attachments": "{}"}, "invalid_attachments"),
        ({"text": "x", "attachments": [{"blocks": [section()], "footer": "x"}]}, "invalid_attachments"),
        ({"text": "x", "attachments": [{"txt": "x"}]}, "invalid_attachments"),
        ({"text": "x", "metadata": "x"}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "t"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "t", "event_payload": []}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "", "event_payload": {}}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "t", "event_payload": {}, "x": 1}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "t", "event_payload": {"k": None}}}, "invalid_metadata_schema"),
        ({"text": "x", "metadata": {"event_type": "t", "event_payload": {"k": ["x"]}}}, "invalid_metadata_schema"),
        ({"text": "x", "metadata": {"event_type": "t", "event_payload": {"k": {"k": {}}}}}, "invalid_metadata_schema"),
    ],
)  # fmt: skip
def test_a_message_that_slack_refuses(payload: Json, code: str) -> None:
    assert check_message(payload) == code


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "x", "channel": "C1", "unfurl_links": False},
        {"blocks": [section()]},
        {"blocks": json.dumps([section()])},
        {"text": "x", "blocks": []},
        {"text": "x", "blocks": None, "attachments": None, "metadata": None},
        {"attachments": [{"fallback": "x", "fields": [{"title": "x", "value": "x", "short": True}]}]},
        {"attachments": json.dumps([{"color": "#36a64f", "blocks": [section()]}])},
        {"text": "x", "metadata": {"event_type": "t", "event_payload": {"k": 1, "o": {"k": "x"}, "l": [{"k": True}]}}},
        {"text": "x", "metadata": json.dumps({"event_type": "t", "event_payload": {}})},
    ],
)  # fmt: skip
def test_a_message_that_slack_takes(payload: Json) -> None:
    assert check_message(payload) is None


def test_an_update_takes_the_metadata_away() -> None:
    assert check_message({"text": "x", "metadata": {}}, update=True) is None
