"""How Slack says no; it decides nothing."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A refusal: the code that Slack gives, and what stands beside it in the answer."""

    def __init__(self, code: str, **beside: Any) -> None:
        super().__init__(code)
        self.code = code
        self.beside = beside
