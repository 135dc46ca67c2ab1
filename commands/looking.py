"""What a file is, found from its own bytes; a spam sample also says what it is. It is read, never believed."""

from __future__ import annotations

from dataclasses import dataclass

from commands.message import Message
from commands.rules.media_types import HEAD, media_type

__all__ = ["HEAD", "Look", "looked_at"]


@dataclass(frozen=True)
class Look:
    media_type: str
    sample: Message | None = None


def looked_at(head: bytes) -> Look:
    """`head` are the first HEAD bytes, or all of fewer."""
    return Look(media_type(head))
