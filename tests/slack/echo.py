"""The smallest app that slack-bolt can be, as a process of its own: `/echo TEXT` and `echo TEXT` say it again.

python -m tests.slack.echo URL BOT_TOKEN APP_TOKEN runs until it is ended.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def main(url: str, token: str, app_token: str) -> None:
    """Connect, and answer."""
    app = AsyncApp(client=AsyncWebClient(token=token, base_url=url))

    @app.command("/echo")
    async def command(ack: Any, body: dict[str, Any]) -> None:
        await ack(body["text"])

    @app.message("echo ")
    async def message(event: dict[str, Any], say: Any) -> None:
        await say(event["text"].removeprefix("echo "))

    handler: Any = AsyncSocketModeHandler(app, app_token)
    await handler.start_async()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
