"""The one door between this server and the rules for what Slack takes and shows; it holds no rule itself."""

from __future__ import annotations

from tests.slack.blockkit import (
    Refusal,
    check_message,
    check_options,
    check_submission_answer,
    check_view,
    live,
    plain,
)
from tests.slack.errors import SlackError

__all__ = [
    "Refusal", "check_message", "check_options", "check_submission_answer", "check_view", "live", "plain", "refuse",
]  # fmt: skip


def refuse(refusal: Refusal | None) -> None:
    """Raise a refusal, with all that Slack's answer says of it."""
    if refusal is not None:
        beside = {name: value for name, value in refusal.body().items() if name not in {"ok", "error"}}
        raise SlackError(str(refusal), **beside)
