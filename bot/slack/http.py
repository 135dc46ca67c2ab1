"""Slack's HTTP mode: requests whose signature holds go to the app that they are for; nothing is understood here.

Signatures and their age are checked by bolt (https://docs.slack.dev/authentication/verifying-requests-from-slack).
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.station import Station

_WORD = "payload"


def _asked(body: str, request: web.Request) -> AsyncBoltRequest:
    """As bolt has it; raises ValueError for what cannot be read.

    Bolt takes any form with a certain word in it for a click, and a command that has it in its text for nothing
    (slack_bolt.request.internals.parse_body): there the word is written in another way. The signature is of what came.
    """
    clear = body if body.startswith(("{", f"{_WORD}=")) else body.replace(_WORD, f"%{ord(_WORD[0]):X}{_WORD[1:]}")
    asked = AsyncBoltRequest(body=clear, query=request.query_string, headers=dict(request.headers))
    asked.raw_body = body
    return asked


def routes(stations: Sequence[Station]) -> list[web.RouteDef]:
    """`POST /slack/<NAME>/events`: events, commands, clicks and forms of the app with that name in the settings."""
    signed = {one.settings.name.lower(): one for one in stations if one.settings.signing_secret is not None}

    async def answer(request: web.Request) -> web.StreamResponse:
        station = signed.get(request.match_info["name"].lower())
        if station is None:
            return web.Response(status=404)
        if station.bolt is None:
            return web.Response(status=503)  # Slack brings it again
        try:
            asked = _asked(await request.text(), request)
        except ValueError:
            return web.Response(status=400)
        said = await station.bolt.async_dispatch(asked)
        kind = said.first_headers().pop("content-type", "text/plain")
        return web.Response(status=said.status, text=said.body, headers={"content-type": kind})

    return [web.post("/slack/{name}/events", answer)]
