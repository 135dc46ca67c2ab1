"""Calendars as calendar programs read them: over HTTP, by a parser that is not the one that wrote them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import vobject
from sqlalchemy import Engine

from bot.calendar import routes, written
from bot.local.script import START
from commands.calendar import Entry
from storage import agencies, feeds, requests
from storage.session import transaction
from tests import common
from tests.bot.served import Site, settings_for
from tests.faults import away

SECRET = "x" * 43  # of a database that lasts for one test


@pytest.fixture
def site(engine: Engine, tmp_path: Path) -> Site:
    """R-1 and R-2 between two agencies, of which the first has a calendar."""
    with transaction(engine) as session:
        ours, theirs, others = common.parties(session, 3)
        case = common.case(session, ours, [theirs, others])
        common.request(session, case, ours, theirs)
        common.request(session, case, theirs, others)
        feeds.make(session, (ours.agency, ours.officer), hashlib.sha256(SECRET.encode()).hexdigest(), START)
    return Site(engine, settings_for(engine, tmp_path))


async def _read(client: aiohttp.ClientSession, secret: str = SECRET, **headers: str) -> tuple[int, bytes, str]:
    async with client.get(f"/calendar/{secret}.ics", headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers.get("ETag", "")


async def test_a_program_reads_it(site: Site) -> None:
    address = f"/calendar/{SECRET}.ics"
    async with site.open(*routes(site.engine, site.clock)) as client, client.get(address) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer.headers["Cache-Control"].startswith("private")
        page = await answer.text()
    calendar = vobject.readOne(page)
    (event,) = calendar.vevent_list
    assert event.uid.value == "R-1-due@comity"
    assert event.summary.value.startswith("R-1: ")
    with transaction(site.engine, reading=True) as session:
        assert event.dtstart.value == requests.by_id(session, 1).due_at
    assert "R-2" not in page


async def test_unchanged_it_is_not_sent_again(site: Site) -> None:
    async with site.open(*routes(site.engine, site.clock)) as client:
        _status, page, tag = await _read(client)
        assert await _read(client) == (200, page, tag)
        assert (await _read(client, **{"If-None-Match": tag}))[:2] == (304, b"")


async def test_who_has_no_address_gets_nothing(site: Site) -> None:
    async with site.open(*routes(site.engine, site.clock)) as client:
        for secret in ("y" * 43, "", "..%2f..%2fetc%2fpasswd", SECRET[:-1], "x" * 5000):
            assert (await _read(client, secret))[0] in (404, 400), secret
        with transaction(site.engine) as session:
            agency = agencies.everyone(session)[0]
            feeds.revoke(session, agency.id or 0, START)
        assert (await _read(client))[:2] == (404, b"")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_while_the_records_are_away_it_says_when_to_come_back(site: Site) -> None:
    async with site.open(*routes(site.engine, site.clock)) as client:
        with away(site.engine):
            assert (await _read(client))[0] == 503
        assert (await _read(client))[0] == 200


def test_what_rfc_5545_wants() -> None:
    """Lines end with CRLF and have 75 octets at most, and what would part them is escaped."""
    title = "R-1: " + "Überwachung; von, allem \\ ".replace("\\\\", "\\") * 8
    at = datetime(2026, 12, 15, 6, tzinfo=UTC)
    page = written("FTC", [Entry("R-1-due", 3, at, title, START)])
    lines = page.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    for line in (b"VERSION:2.0", b"DTSTART:20261215T060000Z", b"UID:R-1-due@comity", b"SEQUENCE:3"):
        assert line in lines
    assert vobject.readOne(page.decode()).vevent.summary.value == title
    assert written("FTC", [Entry("R-1-due", 3, at, title, START)]) == page
