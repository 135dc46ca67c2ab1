"""Calendars from a `python -m bot web` of their own, while officers go on: over HTTP, read by another's parser."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message as Headers
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import vobject
from sqlalchemy import Engine

from bot.doctor import examine
from bot.settings import read
from commands.call import Web
from storage.session import transaction
from storage.settings import mark_rehearsal
from tests.bot.served import PATIENCE, environment, process
from tests.databases import refusing
from tests.dialogue import Dialogue, opened
from tests.synapse import LOOPBACK, free_port

DUE = datetime(2026, 12, 15, 6, tzinfo=UTC)
HOME = "https://comity.example"


class Answer(NamedTuple):
    status: int
    page: bytes
    headers: Headers


class Served:
    """A process that serves, on a port of its own."""

    def __init__(self, port: int, begun: subprocess.Popen[str]) -> None:
        self._port = port
        self._begun = begun

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = HTTPConnection(LOOPBACK, self._port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), answer.headers)
        finally:
            connection.close()

    def events(self, address: str) -> dict[str, Any]:
        """What stands in the calendar at this address of ours, by reference."""
        answer = self.ask(address.removeprefix(HOME))
        assert answer.status == 200
        calendar = vobject.readOne(answer.page.decode())
        return {event.uid.value.partition("@")[0]: event for event in calendar.contents.get("vevent", [])}

    def ended(self) -> str:
        """It is told to stop, and does; its log."""
        self._begun.send_signal(signal.SIGTERM)
        _, said = self._begun.communicate(timeout=5)
        assert self._begun.returncode == 0
        return said


@contextmanager
def _served(engine: Engine, folder: Path, **more: str) -> Iterator[Served]:
    port = free_port()
    with process("web", environment(engine, port) | {"COMITY_WEB_URL": HOME} | more, folder) as begun:
        served = Served(port, begun)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                assert served.ask("/healthz").status == 200
                break
            except ConnectionRefusedError:
                assert begun.poll() is None
                assert time.monotonic() < until
        yield served


def _secrets() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"secret-{next(numbers)}"


@pytest.fixture
def talk(engine: Engine) -> Iterator[Dialogue]:
    with opened(engine, Web(HOME, _secrets())) as talk:
        yield talk


def _address(talk: Dialogue, person: str) -> str:
    return talk.told(f"{person} in direct: /digest calendar").split("`")[1]


def test_programs_read_what_officers_do_until_it_is_revoked(talk: Dialogue, tmp_path: Path) -> None:
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 These words stand nowhere
        ana in #ftc: /request send KISA --case C-1 --kind identify These words stand nowhere
        ana in direct: /case open --marking red These words stand nowhere
        ana in direct: /request send ACMA --case C-2 --kind freeze These words stand nowhere
        choi in #kisa: /case open Fake shops
        choi in #kisa: /request send ICO --case C-3 These words stand nowhere
    """)
    ftc, acma, ico = (_address(talk, person) for person in ("ana", "bea", "dev"))
    with _served(talk.engine, tmp_path) as served:
        events = served.events(ftc)
        assert {ref: event.summary.value for ref, event in events.items()} == {
            "R-1-due": "R-1: ACMA owes us an answer (evidence, sent)",
            "R-2-due": "R-2: KISA owes us an answer (identify, sent)",
            "R-3-due": "R-3 is due (sent)",
        }
        assert {event.dtstart.value for event in events.values()} == {DUE, datetime(2026, 12, 15, 8, tzinfo=UTC)}
        assert set(served.events(acma)) == {"R-1-due", "R-3-due"}
        assert set(served.events(ico)) == {"R-4-due"}
        page = served.ask("/calendar/secret-1.ics").page
        for words in (b"stand nowhere", b"Silent calls", b"R-4", b"ana", b"freeze"):
            assert words not in page

        talk("bo in #acma: /request ack R-1\nana in #ftc: /request extend R-1 --due 2026-12-21")
        before, now = events["R-1-due"], served.events(ftc)["R-1-due"]
        assert now.uid.value == before.uid.value
        assert int(now.sequence.value) > int(before.sequence.value)
        assert now.dtstart.value == datetime(2026, 12, 21, 6, tzinfo=UTC)
        assert now.summary.value == "R-1: ACMA owes us an answer (evidence, acknowledged)"
        talk("bo in #acma: /request answer R-1 Here.\nana in #ftc: /request withdraw R-2")
        assert set(served.events(ftc)) == {"R-3-due"}

        assert talk.told("ada in direct: /digest calendar --revoke") == "Done: 1 address reads nothing any more."
        assert served.ask("/calendar/secret-1.ics").status == 404
        assert set(served.events(ico)) == {"R-4-due"}
        said = served.ended()
    assert "secret-" not in said


def test_http_as_programs_speak_it(talk: Dialogue, tmp_path: Path) -> None:
    talk("ana in #ftc: /case open Silent calls\nana in #ftc: /request send ACMA --case C-1 Who called?")
    path = _address(talk, "ana").removeprefix(HOME)
    with _served(talk.engine, tmp_path) as served:
        first = served.ask(path)
        tag = first.headers["ETag"]
        assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert "secret" not in first.headers["Content-Disposition"]
        head = served.ask(path, "HEAD")
        assert (head.status, head.page, head.headers["ETag"]) == (200, b"", tag)
        assert head.headers["Content-Length"] == str(len(first.page))
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            unchanged = served.ask(path, If_None_Match=known)
            assert (unchanged.status, unchanged.page, unchanged.headers["ETag"]) == (304, b"", tag)
        talk("bo in #acma: /request ack R-1")
        changed = served.ask(path, If_None_Match=tag)
        assert changed.status == 200
        assert changed.headers["ETag"] != tag
        unknown = served.ask("/calendar/secret-2.ics")
        assert (unknown.status, unknown.page, unknown.headers["Cache-Control"]) == (404, b"", "no-store")
        for wrong in ("x" * 5000, path[10:-5], "%2e%2e%2fetc%2fpasswd", "%ff%00", "secret-1%20", "SECRET-1", "'--"):
            same = served.ask(f"/calendar/{wrong}.ics")
            assert (same.status, same.page) == (404, b""), wrong
        for wrong in ("/calendar/", "/calendar/.ics", path.removesuffix(".ics"), f"{path}/"):
            assert served.ask(wrong).status == 404, wrong
        assert served.ask(path, "POST").status == 405
        assert served.ask(f"{path}?reload=1").status == 200
        said = served.ended()
    assert "secret-" not in said


def test_in_a_rehearsal_each_entry_says_so_and_its_clock_counts(talk: Dialogue, tmp_path: Path) -> None:
    with transaction(talk.engine) as session:
        mark_rehearsal(session)
    clock = tmp_path / "clock"
    clock.write_text("2026-12-01T09:00Z")
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --kind preserve Keep the logs
        bo in #acma: /request answer R-1 --kept-until 2027-03-01 Kept.
    """)
    address = _address(talk, "ana")
    with _served(talk.engine, tmp_path, COMITY_CLOCK=str(clock)) as served:
        kept = served.events(address)["R-1-kept"]
        assert kept.summary.value == "REHEARSAL R-1: ACMA keeps the data until now"
        assert kept.dtstart.value == datetime(2027, 3, 1, 6, tzinfo=UTC)
        assert b"X-WR-CALNAME:REHEARSAL Comity: FTC\r\n" in served.ask(address.removeprefix(HOME)).page
        clock.write_text("2027-03-01T06:00Z")
        until = time.monotonic() + PATIENCE
        while served.events(address):
            assert time.monotonic() < until


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_while_the_database_is_away_programs_are_told_to_come_again(talk: Dialogue, tmp_path: Path) -> None:
    path = _address(talk, "ana").removeprefix(HOME)
    with _served(talk.engine, tmp_path) as served:
        assert served.ask(path).status == 200
        with refusing(talk.engine):
            away = served.ask(path)
            assert (away.status, away.headers["Retry-After"]) == (503, "60")
        assert served.ask(path).status == 200
        said = served.ended()
    logged = [json.loads(line) for line in said.splitlines()]
    assert [line["what"] for line in logged if line["level"] != "INFO"] == [
        "a calendar waits for the records: OperationalError"
    ]
    assert not any("trace" in line for line in logged)


def test_the_entries_of_two_houses_are_never_taken_for_each_other(talk: Dialogue, tmp_path: Path) -> None:
    talk("ana in #ftc: /case open Silent calls\nana in #ftc: /request send ACMA --case C-1 Who called?")
    address = _address(talk, "ana")
    with _served(talk.engine, tmp_path) as served:
        ours = served.events(address)["R-1-due"].uid.value
    with _served(talk.engine, tmp_path) as served:
        assert served.events(address)["R-1-due"].uid.value == ours  # as long as the database lasts
    reference, _, house = ours.partition("@")
    assert reference == "R-1-due"
    assert house.endswith(".comity")
    assert house != ".comity"


def test_the_doctor_names_addresses_that_lead_nowhere(talk: Dialogue, tmp_path: Path) -> None:
    without = read(environment(talk.engine, free_port()), tmp_path)
    assert asyncio.run(examine(without)) == []
    _address(talk, "ana")
    assert asyncio.run(examine(without)) == [
        "COMITY_WEB_URL is not set, and 1 calendar's address was given out: set it, and let web or run be reached there"
    ]
    assert asyncio.run(examine(replace(without, web_url=HOME))) == []
    talk("bea in direct: /digest calendar")
    assert "2 calendars' addresses were given out" in asyncio.run(examine(without))[0]
    talk("ana in direct: /digest calendar --revoke\nbo in direct: /digest calendar --revoke")
    assert asyncio.run(examine(without)) == []
