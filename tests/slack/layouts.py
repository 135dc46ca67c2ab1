"""Slack's blocks with their documented limits, and which of them a surface takes; it knows no method of the API.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from tests.slack.elements import (
    ACCESSORY,
    ACTION,
    CONTEXT,
    ID,
    INPUT,
    SLACK_FILE,
    plain_text,
    text,
)
from tests.slack.rich import RICH_TEXT
from tests.slack.shapes import (
    Check,
    Rule,
    array,
    boolean,
    choice,
    fault,
    one_of,
    record,
    string,
    tagged,
    unique,
    web_url,
)

TABLE_TEXT_MAX = 10_000  # characters in all cells of a message
MARKDOWN_MAX = 12_000  # characters in all markdown blocks of a message


def _block(kind: str, required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> tuple[str, Check]:
    return kind, record({"type": choice(kind), **required}, {"block_id": ID, **optional}, *rules)


def _text_or_fields(value: Mapping[str, Any], at: str) -> Iterator[str]:
    if "text" not in value and "fields" not in value:
        yield fault("must define either `text` or `fields`", at)


_CELL = tagged({
    "rich_text": RICH_TEXT,
    "raw_text": record({"type": choice("raw_text"), "text": string(least=1)}),
})  # fmt: skip
_COLUMN = record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})
_EVERYWHERE = dict([
    _block("section", {}, {
        "text": text(), "fields": array(text(2000), 10), "accessory": ACCESSORY, "expand": boolean}, _text_or_fields),
    _block("header", {"text": plain_text(150)}, {}),
    _block("divider", {}, {}),
    _block("context", {"elements": array(CONTEXT, 10)}, {}),
    _block("actions", {"elements": array(ACTION, 25)}, {}),
    _block("image", {"alt_text": string(2000, least=1)}, {
        "image_url": web_url(), "slack_file": SLACK_FILE, "title": plain_text(2000)},
        one_of("image_url", "slack_file")),
    _block("video", {
        "alt_text": string(least=1), "title": plain_text(199), "thumbnail_url": web_url(), "video_url": web_url()}, {
        "author_name": string(49), "description": plain_text(), "provider_icon_url": web_url(),
        "provider_name": string(), "title_url": web_url()}),
])  # fmt: skip
_EVERYWHERE["rich_text"] = RICH_TEXT

MESSAGE_BLOCKS = {
    **_EVERYWHERE,
    **dict([
        _block("file", {"external_id": string(least=1), "source": choice("remote")}, {}),
        _block("markdown", {"text": string(MARKDOWN_MAX, least=1)}, {}),
        _block("table", {"rows": array(array(_CELL, 20), 100)}, {"column_settings": array(_COLUMN, 20, least=0)}),
    ]),
}  # fmt: skip
VIEW_BLOCKS = {
    **_EVERYWHERE,
    **dict([
        _block("input", {"label": plain_text(2000), "element": INPUT}, {
            "hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean}),
    ]),
}  # fmt: skip


def blocks(kinds: Mapping[str, Check], most: int, *, one_namespace: bool) -> Check:
    """So many blocks of these kinds at most, whose ids differ.

    An action_id "should be unique among all other action_ids in the containing block"; with `one_namespace` it must be
    in the whole stack.
    """
    each = array(tagged(kinds), most)

    def check(value: Any, at: str) -> Iterator[str]:
        found = list(each(value, at))
        yield from found
        if found:
            return
        named = [(block["block_id"], f"{at}/{n}/block_id") for n, block in enumerate(value) if "block_id" in block]
        yield from unique(named, "block_id")
        actions = [_actions(block, f"{at}/{n}") for n, block in enumerate(value)]
        for group in [list(chain.from_iterable(actions))] if one_namespace else actions:
            yield from unique(group, "action_id")

    return check


def elements(block: Mapping[str, Any], at: str = "") -> Iterator[tuple[Mapping[str, Any], str]]:
    """What stands in a block, and where."""
    for name in ("accessory", "element"):
        if name in block:
            yield block[name], f"{at}/{name}"
    if block["type"] in {"actions", "context"}:
        for n, element in enumerate(block["elements"]):
            yield element, f"{at}/elements/{n}"


def _actions(block: Mapping[str, Any], at: str) -> list[tuple[str, str]]:
    return [(one["action_id"], f"{where}/action_id") for one, where in elements(block, at) if "action_id" in one]
