"""What an app answers to what it was sent, whichever way it came; it carries nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tests.slack.apps import App, Json

Failure = Literal["no_socket", "timeout", "http_error", "connection_failed"]


@dataclass(frozen=True)
class Ack:
    """`payload` is what came with it; `failure` says why there was none, `again` whether Slack tries once more."""

    payload: Any = None
    failure: Failure | None = None
    again: bool = True


@dataclass(frozen=True)
class Retry:
    number: int
    reason: str


class Carrier(Protocol):
    """A way to an app."""

    async def carry(self, app: App, kind: str, payload: Json, retry: Retry | None) -> Ack:
        """Bring something and wait for the answer, at most as long as Slack waits."""
