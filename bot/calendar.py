"""Serves calendars of due times as iCalendar (RFC 5545) to whoever has their address; what stands in one is not known.

An unknown secret, one that was ended and a mistyped one are answered alike, and no secret is ever written to a log.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.aside import Aside
from commands.calendar import Entry, entries
from storage import feeds, settings
from storage.session import transaction

log = logging.getLogger(__name__)

REFRESH = timedelta(hours=1)
"""How often a program is asked to look again; each does as it likes."""

LASTS = timedelta(minutes=30)
"""A due time is an instant; programs show what has a length."""

AT_ONCE = 2
"""Calendars that are made at the same time: whoever asks wildly takes no more threads and connections than these."""

AGAIN = 60
"""Seconds after which whoever had to be sent away may come again."""


def routes(engine: Engine, clock: Callable[[], datetime]) -> list[web.RouteDef]:
    """`GET /calendar/<secret>.ics`."""
    aside = Aside[bytes | None](AT_ONCE)

    async def calendar(request: web.Request) -> web.Response:
        secret = request.match_info["secret"]
        try:
            page = await aside.do(lambda: _page(engine, secret, clock()))
        except (SQLAlchemyError, TimeoutError) as error:
            # the database's own words may name hosts and people
            why = type(error.orig).__name__ if isinstance(error, DBAPIError) else type(error).__name__
            log.warning("a calendar waits for the records: %s", why)
            return web.Response(status=503, headers={"Retry-After": str(AGAIN)})
        return web.Response(status=404, headers=_UNKEPT) if page is None else _answer(request, page)

    return [web.get("/calendar/{secret}.ics", calendar)]


_UNKEPT = {"Cache-Control": "no-store"}
_ASKED_AGAIN = {
    # nobody shows an old one without asking: an address that was ended is ended at once
    "Cache-Control": "private, no-cache",
    # else it would be saved under the secret
    "Content-Disposition": 'inline; filename="comity.ics"',
}


def _answer(request: web.Request, page: bytes) -> web.Response:
    """All of it, or 304 if it is what they have (RFC 9110, 13.1.2)."""
    tag = hashlib.sha256(page).hexdigest()[:32]
    headers = {**_ASKED_AGAIN, "ETag": f'"{tag}"'}
    if {tag, "*"} & {each.value for each in request.if_none_match or ()}:
        return web.Response(status=304, headers=headers)
    return web.Response(body=page, headers={**headers, "Content-Type": "text/calendar; charset=utf-8"})


def _page(engine: Engine, secret: str, now: datetime) -> bytes | None:
    """None: nothing stands there. What is compared is a sum, so that the time it takes tells nothing of a secret."""
    with transaction(engine, reading=True) as session:
        agency = feeds.agency_of(session, hashlib.sha256(secret.encode(errors="replace")).hexdigest())
        if agency is None:
            return None
        rehearsal, network = settings.is_rehearsal(session), settings.known_as(session)
        code, name, found = agency.code, agency.name, entries(session, agency, now)
    return written(code, found, name=name, network=network, rehearsal=rehearsal)


_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
"""No text may hold them (3.3.11)."""


def written(
    code: str, found: Sequence[Entry], *, name: str = "", network: str | None = None, rehearsal: bool = False
) -> bytes:
    """RFC 5545: the same bytes for the same entries. `network` tells this house's entries from all others' for ever."""
    from icalendar import Calendar, Event, vText  # noqa: PLC0415  # a twentieth of a second, only once somebody asks

    mark = "REHEARSAL " if rehearsal else ""
    calendar = Calendar()
    calendar.add("prodid", "-//Comity//Due times//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    # what is not of the RFC is written as it is, unless it is said to be a text
    calendar.add("x-wr-calname", vText(f"{mark}Comity: {code}"))
    if name:
        calendar.add("x-wr-caldesc", vText(f"{mark}Due times of {_CONTROLS.sub(' ', name)}"))
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})  # RFC 7986, 5.7
    calendar.add("x-published-ttl", f"PT{REFRESH // timedelta(minutes=1)}M")  # the same for older programs
    home = f"{network}.comity" if network else "comity"
    for entry in found:
        event = Event()
        event.add("uid", f"{entry.uid}@{home}")
        event.add("sequence", entry.sequence)
        event.add("dtstamp", entry.changed_at)
        event.add("last-modified", entry.changed_at)
        event.add("dtstart", entry.at)
        event.add("dtend", entry.at + LASTS)
        event.add("summary", f"{mark}{entry.title}")
        event.add("status", "TENTATIVE" if entry.stands else "CONFIRMED")
        event.add("categories", [f"TLP:{entry.marking}"])
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")  # it keeps nobody busy
        calendar.add_component(event)
    return bytes(calendar.to_ical())
