"""Everything that apps did and were told, in order, for tests to look at; it changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tests.slack.apps import Json

Outcome = Literal["sent", "acknowledged", "timeout", "failed", "lost", "dropped"]


@dataclass(frozen=True)
class Call:
    """One call of the Web API. `told` is false where the app never heard the answer."""

    method: str
    args: Json
    result: Json
    at: float
    app: str | None
    team: str | None
    told: bool = True


@dataclass
class Sent:
    """One try to bring an event or an interaction to an app."""

    app: str
    kind: str
    payload: Json
    retry: int
    at: float
    outcome: Outcome = "sent"

    @property
    def event(self) -> Json:
        found: Json = self.payload.get("event", {})
        return found


@dataclass
class Journal:
    calls: list[Call] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    responses: list[tuple[str, Json, str]] = field(default_factory=list)
    """What was posted to response URLs: name, payload, and `ok` or the refusal."""

    def of(self, method: str, *, ok: bool | None = None, **args: Any) -> list[Call]:
        """The calls of one method, with these arguments."""
        return [
            one
            for one in self.calls
            if one.method == method
            and (ok is None or one.result["ok"] is ok)
            and all(one.args.get(name) == value for name, value in args.items())
        ]

    def events(self, kind: str, outcome: Outcome | None = None) -> list[Sent]:
        """The events of one type that were to be brought."""
        return [one for one in self.sent if one.event.get("type") == kind and outcome in {None, one.outcome}]
