"""Blocks, elements and views in their shortest form, for the tests of what Slack takes."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def words(text: str = "words", kind: str = "plain_text", **more: Any) -> Json:
    return {"type": kind, "text": text, **more}


def section(text: str = "words", **more: Any) -> Json:
    return {"type": "section", "text": words(text, "mrkdwn"), **more}


def button(**more: Any) -> Json:
    return {"type": "button", "text": words("Press"), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def options(count: int) -> list[Json]:
    return [{"text": words(f"Option {n}"), "value": f"v{n}"} for n in range(count)]


def select(kind: str = "static_select", **more: Any) -> Json:
    return {"type": kind, "options": options(2), **more}


def typed(kind: str = "plain_text_input", **more: Any) -> Json:
    return {"type": kind, **more}


def field(element: Json | None = None, **more: Any) -> Json:
    return {"type": "input", "label": words("Label"), "element": element or typed(), **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": words("Title"), "submit": words("Go"), "blocks": list(blocks), **more}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks), **more}


def rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


def cells(count: int) -> Json:
    """A table of so many characters."""
    return {"type": "table", "rows": [[{"type": "raw_text", "text": of_length(count)}]]}


def of_length(count: int) -> str:
    return "x" * count
