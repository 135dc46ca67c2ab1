"""Whether Slack would take what an app sends, and what it would say if not; it sends nothing and knows no renderer.

Written from Slack's documentation (https://docs.slack.dev/reference/block-kit, .../reference/methods/chat.postMessage,
.../reference/views) and from answers of its API that are on record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.slack.layouts import MARKDOWN_MAX, MESSAGE_BLOCKS, TABLE_TEXT_MAX, blocks
from tests.slack.mrkdwn import active, live, plain
from tests.slack.shapes import (
    Refusal,
    array,
    boolean,
    choice,
    fault,
    integer,
    mapping,
    record,
    string,
    web_url,
)
from tests.slack.views import check_options, check_submission_answer, check_view

__all__ = [
    "Refusal", "active", "check_message", "check_options", "check_submission_answer", "check_view", "live", "plain",
]  # fmt: skip

TEXT_MAX = 40_000
"""Characters of a posted message's `text`; Slack cuts a longer one, which for us is as bad as a refusal."""
UPDATE_TEXT_MAX = 4_000
"""Characters of `text` in chat.update, which answers `msg_too_long` to what chat.postMessage had taken."""
BLOCKS_TEXT_MAX = 13_200
"""Characters in all blocks of a message: measured, not documented (https://github.com/slackapi/bolt-js/issues/2509)."""
METADATA_MAX = 8_000
"""Bytes as JSON; that there is a limit is documented, which one is not."""


class _UnreadableError(ValueError):
    """What should be JSON is not."""


def check_message(payload: Mapping[str, Any], *, update: bool = False) -> Refusal | None:
    """The content of a message: `text`, `blocks`, `attachments`, `metadata`; all other arguments are the method's.

    The last three may also be JSON in a string, as forms carry them. chat.update (`update`) takes less text, and an
    empty `metadata` that removes what was there.
    """
    text = payload.get("text")
    if text is not None and not isinstance(text, str):
        return Refusal("invalid_arguments", [fault("must be a string", "/text")])
    try:
        stack = _read(payload.get("blocks"), list, "invalid_blocks_format") or []
        attachments = _read(payload.get("attachments"), list, "invalid_attachments") or []
        metadata = _read(payload.get("metadata"), dict, "invalid_metadata_format")
    except _UnreadableError as error:
        return Refusal(str(error))
    if not ((text and text.strip()) or stack or attachments):
        return Refusal("no_text")
    if len(text or "") > (UPDATE_TEXT_MAX if update else TEXT_MAX):
        return Refusal("msg_too_long")
    return (
        (_blocks_refusal(stack) if stack else None)
        or (_attachments_refusal(attachments) if attachments else None)
        or (_metadata_refusal(metadata) if metadata is not None and not (update and not metadata) else None)
    )


def _read(value: Any, kind: type, code: str) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value) if value else None
        except ValueError:
            raise _UnreadableError(code) from None
    if value is not None and not isinstance(value, kind):
        raise _UnreadableError(code)
    return value


_MESSAGE_STACK = blocks(MESSAGE_BLOCKS, 50, one_namespace=True)


def _blocks_refusal(stack: list[Any]) -> Refusal | None:
    if found := [*_MESSAGE_STACK(stack, "/blocks"), *_share_faults(stack)]:
        return Refusal("invalid_blocks", found)
    return Refusal("msg_blocks_too_long") if sum(_lengths(stack)) > BLOCKS_TEXT_MAX else None


def _share_faults(stack: list[Any]) -> Iterator[str]:
    """What all blocks of a kind may have together."""
    for kind, most in (("table", TABLE_TEXT_MAX), ("markdown", MARKDOWN_MAX)):
        held = sum(_lengths([block for block in stack if isinstance(block, Mapping) and block.get("type") == kind]))
        if held > most:
            yield fault(f"{kind} blocks must have less than {most + 1} characters in aggregate", "/blocks")


def _lengths(node: Any, name: str = "") -> Iterator[int]:
    """Of each text that people read; what only the app reads (values, ids, addresses) is not counted."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _lengths(value, key)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from _lengths(item)
    elif isinstance(node, str) and name in {"text", "alt_text"}:
        yield len(node)


_WORDS = string()
_ATTACHMENT = record(
    {},
    {
        **dict.fromkeys(("fallback", "text", "pretext", "title", "author_name", "author_subname"), _WORDS),
        **dict.fromkeys(
            ("author_link", "author_icon", "title_link", "image_url", "thumb_url", "footer_icon"), web_url()
        ),
        "color": string(least=1),
        "footer": string(300),
        "ts": integer(0),
        "mrkdwn_in": array(choice("text", "pretext", "fields"), least=0),
        "fields": array(record({}, {"title": _WORDS, "value": _WORDS, "short": boolean}), least=0),
    },
)
_BLOCK_ATTACHMENT = record({"blocks": _MESSAGE_STACK}, {"color": string(least=1), "fallback": _WORDS})
"""Blocks do not go together with the older fields."""


def _attachments_refusal(attachments: list[Any]) -> Refusal | None:
    if len(attachments) > 100:
        return Refusal("too_many_attachments")
    found: list[str] = []
    for n, one in enumerate(attachments):
        of = _BLOCK_ATTACHMENT if isinstance(one, Mapping) and "blocks" in one else _ATTACHMENT
        found += of(one, f"/attachments/{n}")
    if found:
        return Refusal("invalid_attachments", found)
    return Refusal("msg_blocks_too_long") if sum(_lengths(attachments)) > BLOCKS_TEXT_MAX else None


_METADATA = record({"event_type": string(least=1), "event_payload": mapping})


def _metadata_refusal(metadata: Mapping[str, Any]) -> Refusal | None:
    if found := list(_METADATA(metadata, "/metadata")):
        return Refusal("invalid_metadata_format", found)
    if len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode()) > METADATA_MAX:
        return Refusal("metadata_too_large")
    wrong = [key for key, value in metadata["event_payload"].items() if not _may_be_carried(value)]
    words = "must be a string, a number, a boolean, an object of them or an array of such objects"
    found = [fault(words, f"/metadata/event_payload/{key}") for key in wrong]
    return Refusal("invalid_metadata_schema", found) if found else None


def _may_be_carried(value: Any) -> bool:
    match value:
        case list():
            return all(isinstance(one, Mapping) and _all_plain(one.values()) for one in value)
        case Mapping():
            return _all_plain(value.values())
        case _:
            return _all_plain([value])


def _all_plain(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str | int | float) for value in values)
