"""A picture as a block, with the words for whoever does not see it; it draws nothing and brings nothing to Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any

from commands.message import Message, Picture
from commands.plain import inert

ALT_MOST = 2_000
"""https://docs.slack.dev/reference/block-kit/blocks/image-block"""

_MORE = "\n…"


def image(picture: Picture, file: str) -> dict[str, Any]:
    """`file` is the number of one that Slack has looked through."""
    return {"type": "image", "slack_file": {"id": file}, "alt_text": _alternative(picture)}


def with_words(message: Message, shown: Mapping[Picture, str]) -> Message:
    """Below each picture that is shown, whatever its alternative text has no room for."""
    blocks = message.blocks
    for picture in dict.fromkeys(message.pictures):
        if picture in shown and _length(_described(picture)) > ALT_MOST:
            at = blocks.index(picture) + 1
            blocks = (*blocks[:at], *picture.in_words(), *blocks[at:])
    return replace(message, blocks=blocks)


def _alternative(picture: Picture) -> str:
    """Whole lines, as many as there is room for."""
    words = _described(picture)
    if _length(words) <= ALT_MOST:
        return words
    kept, *lines = words.split("\n")
    for line in lines:
        if _length(f"{kept}\n{line}{_MORE}") > ALT_MOST:
            break
        kept += f"\n{line}"
    return kept[: ALT_MOST // 2] + _MORE if _length(kept + _MORE) > ALT_MOST else kept + _MORE


def _described(picture: Picture) -> str:
    return escape(inert(picture.described()), quote=False)


def _length(words: str) -> int:
    """In UTF-16 units: no count of characters is larger."""
    return len(words.encode("utf-16-le")) // 2
