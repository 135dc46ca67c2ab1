"""Serves calendars of due times as iCalendar (RFC 5545) to whoever has their address; what stands in one is not known.

An unknown secret, one that was ended and a mistyped one are answered alike, and no secret is ever written to a log.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy import Engine

from commands.calendar import Entry, entries
from storage import feeds
from storage.session import UNWRITABLE, transaction

log = logging.getLogger(__name__)

REFRESH = timedelta(hours=1)
LASTS = timedelta(minutes=30)
"""A due time is an instant; programs show what has a length."""


def routes(engine: Engine, clock: Callable[[], datetime]) -> list[web.RouteDef]:
    """`GET /calendar/<secret>.ics`."""

    def read(secret: str) -> tuple[str, list[Entry]] | None:
        with transaction(engine, reading=True) as session:
            agency = feeds.agency_of(session, hashlib.sha256(secret.encode()).hexdigest())
            return None if agency is None else (agency.code, list(entries(session, agency, clock())))

    async def calendar(request: web.Request) -> web.Response:
        try:
            found = await asyncio.to_thread(read, request.match_info["secret"])
        except UNWRITABLE as error:
            log.warning("a calendar waits for the records: %s", type(error.orig).__name__)
            return web.Response(status=503, headers={"Retry-After": "60"})
        if found is None:
            return web.Response(status=404)
        page = await asyncio.to_thread(written, *found)
        tag = f'"{hashlib.sha256(page).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": f"private, max-age={REFRESH // timedelta(seconds=1)}"}
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        return web.Response(body=page, headers={**headers, "Content-Type": "text/calendar; charset=utf-8"})

    return [web.get("/calendar/{secret:[A-Za-z0-9_-]+}.ics", calendar)]


def written(code: str, found: Sequence[Entry]) -> bytes:
    """RFC 5545: the same bytes for the same entries."""
    from icalendar import Calendar, Event  # noqa: PLC0415  # a tenth of a second, only once somebody asks

    calendar = Calendar()
    calendar.add("prodid", "-//Comity//Due times//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Comity: {code}")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for entry in found:
        event = Event()
        event.add("uid", f"{entry.uid}@comity")
        event.add("sequence", entry.sequence)
        event.add("dtstamp", entry.changed_at)
        event.add("last-modified", entry.changed_at)
        event.add("dtstart", entry.at)
        event.add("dtend", entry.at + LASTS)
        event.add("summary", entry.title)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
