"""Which parts of a letter stand in a channel already: asked after an unclear failure, before anything is sent again.

A message has its key in its metadata (https://docs.slack.dev/messaging/message-metadata); a shared file, which can have
none, as the block_id of what is written with it.
"""

from __future__ import annotations

from typing import Any

from bot.slack.accounts import Account
from bot.slack.calls import pages

EVENT = "comity_letter"
"""The event_type of our metadata."""

LOOK_BACK = 5
"""Pages of a thread or channel, of 200 messages each, on which a letter is looked for."""


def metadata(key: str) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": {"letter": key}}


async def arrived(account: Account, channel: str, thread: str | None, letter: str) -> dict[str, str]:
    """The numbers of the messages, by their keys, which begin with `letter` and a dot; raises as `pages`."""
    method = "conversations.history" if thread is None else "conversations.replies"
    where = {"channel": channel} | ({} if thread is None else {"ts": thread})
    found: dict[str, str] = {}
    async for message in pages(account, method, LOOK_BACK, **where, include_all_metadata=True):
        key = ((message.get("metadata") or {}).get("event_payload") or {}).get("letter")
        for one in (key, *(block.get("block_id") for block in message.get("blocks") or ())):
            if isinstance(one, str) and one.startswith(f"{letter}."):
                found[one] = str(message["ts"])
    return found
