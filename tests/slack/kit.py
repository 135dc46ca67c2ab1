"""The one place where this server asks whether Slack would take a message or a view; it holds no rule itself."""

from __future__ import annotations

from typing import Any

TEXT_MAX = 40_000


def check_message(payload: dict[str, Any]) -> str | None:
    """Slack's error code for what it would not post, or None."""
    text = payload.get("text") or ""
    if not text and not payload.get("blocks") and not payload.get("attachments"):
        return "no_text"
    if len(text) > TEXT_MAX:
        return "msg_too_long"
    return None if isinstance(payload.get("blocks") or [], list) else "invalid_blocks_format"


def check_view(view: dict[str, Any]) -> str | None:
    """Slack's error code for what it would not show, or None."""
    return None if isinstance(view.get("blocks"), list) and "type" in view else "invalid_arguments"
