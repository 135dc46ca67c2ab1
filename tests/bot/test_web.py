"""HTTP as those who watch machines use it: true, quick, closed to all else, and gone when it is told to go."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import Engine

from bot import health
from bot.health import FORGOTTEN, LATE, WITHIN, note_heard
from bot.local.script import START
from bot.metrics import Metrics
from bot.settings import SettingsError
from bot.web import bind, serve
from storage import arrivals
from storage.figures import figures
from storage.session import transaction
from tests.bot.figures import OPENMETRICS
from tests.bot.served import (
    HOME,
    PATIENCE,
    SECOND,
    Site,
    answers,
    connection,
    environment,
    healthz,
    metrics,
    process,
    settings_for,
)
from tests.faults import away, locked, silent
from tests.synapse import LOOPBACK, free_port

SILENT, DEAF = health.SILENT["matrix"], health.SILENT["slack"]

ACCOUNTS = {
    "COMITY_MATRIX__HOME__HOMESERVER": "https://ftc.example",
    "COMITY_MATRIX__HOME__USER_ID": "@comity:ftc.example",
    "COMITY_MATRIX__HOME__PASSWORD": "s3cret",
    "COMITY_SLACK__SOCKETS__BOT_TOKEN": "xoxb-s3cret",
    "COMITY_SLACK__SOCKETS__APP_TOKEN": "xapp-s3cret",
    "COMITY_SLACK__HTTP__BOT_TOKEN": "xoxb-s3cret",
    "COMITY_SLACK__HTTP__SIGNING_SECRET": "s3cret",
}


@pytest.fixture
def site(engine: Engine, tmp_path: Path) -> Site:
    return Site(engine, settings_for(engine, tmp_path, ACCOUNTS))


@pytest.fixture
def bare(engine: Engine, tmp_path: Path) -> Site:
    """Without an account of its own."""
    return Site(engine, settings_for(engine, tmp_path))


# All is well, or not


async def test_an_empty_database_is_well(bare: Site) -> None:
    async with bare.open() as client:
        status, report = await healthz(client)
    assert status == 200
    assert report["database"].pop("milliseconds") >= 0
    assert report == {
        "ok": True,
        "database": {"ok": True, "trouble": None},
        "connections": [],
        "letters_waiting": 0,
        "oldest_letter_seconds": 0,
        "arrivals_set_aside": 0,
    }


async def test_a_connection_that_says_nothing_for_too_long_is_not_well(site: Site) -> None:
    async with site.open() as client:
        site.metrics.heard("matrix:HOME")
        site.metrics.heard("slack:SOCKETS")
        site.real.passes(SILENT)
        assert (await healthz(client))[0] == 200
        site.metrics.heard("slack:SOCKETS")
        site.real.passes(1)
        status, report = await healthz(client)
        assert (status, report["ok"]) == (503, False)
        assert report["connections"] == [
            {"account": "HOME", "platform": "matrix", "heard_seconds_ago": SILENT + 1, "ok": False},
            {"account": "HTTP", "platform": "slack", "heard_seconds_ago": None, "ok": True},
            {"account": "SOCKETS", "platform": "slack", "heard_seconds_ago": 1, "ok": True},
        ]
        site.metrics.heard("matrix:HOME")
        assert (await healthz(client))[0] == 200


async def test_what_another_process_heard_counts(site: Site) -> None:
    site.note("slack:SOCKETS", 3)
    async with site.open() as client:
        site.real.passes(DEAF + 1)
        site.note("matrix:HOME", 7)
        status, report = await healthz(client)
        assert status == 503
        assert connection(report, "HOME") == {
            "account": "HOME", "platform": "matrix", "heard_seconds_ago": 7, "ok": True,
        }  # fmt: skip
        assert not connection(report, "SOCKETS")["ok"]
        page = await metrics(client)
        assert page("connection_heard_seconds", "matrix", "HOME") == 7
        assert page("connection_heard_seconds", "slack", "SOCKETS") == DEAF + 4


async def test_a_process_that_has_just_begun_is_given_time(site: Site) -> None:
    site.note("matrix:HOME", 5_000)
    async with site.open() as client:
        status, report = await healthz(client)
        assert status == 200
        assert connection(report, "HOME")["heard_seconds_ago"] == 5_000
        site.real.passes(SILENT + 1)
        status, report = await healthz(client)
        assert (status, connection(report, "HOME")["ok"]) == (503, False)


async def test_an_account_of_nobodys_settings_is_forgotten_after_a_day(bare: Site) -> None:
    bare.note("matrix:GONE")
    async with bare.open() as client:
        bare.real.passes(DEAF + 1)
        status, report = await healthz(client)
        assert (status, report["connections"][0]["account"]) == (503, "GONE")
        bare.real.passes(FORGOTTEN)
        status, report = await healthz(client)
        assert (status, report["connections"]) == (200, [])


async def test_a_letter_that_waits_for_too_long_is_not_well(bare: Site) -> None:
    async with bare.open() as client:
        bare.post()
        bare.clock.passes(LATE)
        bare.post()
        status, report = await healthz(client)
        assert (status, report["letters_waiting"], report["oldest_letter_seconds"]) == (200, 2, LATE)
        bare.clock.passes(1)
        assert (await healthz(client))[0] == 503
        page = await metrics(client)
        assert page("letters_waiting", "matrix") == 2
        assert page("letter_oldest_seconds", "matrix") == LATE + 1


async def test_what_was_set_aside_is_shown(bare: Site) -> None:
    with transaction(bare.engine) as session:
        for _ in range(arrivals.TRIES):
            arrivals.failed(session, "k", HOME, "m", START, "{}", "ValueError")
    async with bare.open() as client:
        status, report = await healthz(client)
        assert (status, report["arrivals_set_aside"]) == (200, 1)
        assert (await metrics(client))("arrivals_set_aside") == 1


async def test_nothing_secret_is_said(site: Site) -> None:
    site.post()
    async with site.open() as client, client.get("/healthz") as answer:
        text = await answer.text()
    assert "s3cret" not in text
    assert "!room" not in text
    assert "ftc.example" not in text


# The database is away


async def test_a_database_that_is_away_is_said_at_once(site: Site) -> None:
    site.metrics.heard("matrix:HOME")
    async with site.open() as client:
        with away(site.engine):
            began = time.monotonic()
            status, report = await healthz(client)
            page = await metrics(client)
            assert time.monotonic() - began < WITHIN
        assert status == 503
        assert report["database"] == {"ok": False, "milliseconds": None, "trouble": "OperationalError"}
        assert (report["oldest_letter_seconds"], report["letters_waiting"]) == (None, None)
        assert connection(report, "HOME")["heard_seconds_ago"] == 0
        assert page("database_up") == 0
        assert page("connection_heard_seconds", "matrix", "HOME") == 0
        assert (await healthz(client))[0] == 200
        assert (await metrics(client))("database_up") == 1


async def test_a_database_that_hangs_takes_one_thread_and_2_s(site: Site) -> None:
    async with site.open() as client:
        with silent(site.engine) as waiting:
            began = time.monotonic()
            answers = await asyncio.gather(*(healthz(client) for _ in range(20)))
            assert time.monotonic() - began < WITHIN + 1
            assert (await metrics(client))("database_up") == 0
            assert len(waiting) == 1
        assert {status for status, _ in answers} == {503}
        assert answers[0][1]["database"]["trouble"] == "no answer within 2 s"
        assert (await healthz(client))[0] == 200


async def test_another_writer_disturbs_nobody(site: Site) -> None:
    async with site.open() as client:
        with locked(site.engine):
            assert (await healthz(client))[0] == 200


# What is served, and what is not


async def test_the_page_comes_in_the_format_that_was_asked_for(site: Site) -> None:
    async with site.open() as client:
        for accept in ("", "*/*", OPENMETRICS):
            page = await metrics(client, accept)
            assert page("reconnects_total", "matrix", "HOME") == 0
        async with client.get("/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/healthz", 405),
        ("DELETE", "/metrics", 405),
        ("GET", "/", 404),
        ("GET", "/healthz/", 404),
        ("GET", "/slack/FTC/events", 404),
        ("POST", "/slack/FTC/events", 404),
        ("HEAD", "/healthz", 200),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_all_else_is_refused(bare: Site, method: str, path: str, status: int) -> None:
    async with bare.open() as client, client.request(method, path) as answer:
        assert answer.status == status


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_other_routes_are_served_beside(bare: Site) -> None:
    async def events(request: web.Request) -> web.Response:
        return web.Response(text=request.match_info["name"])

    async with bare.open(web.post("/slack/{name}/events", events)) as client:
        async with client.post("/slack/FTC/events") as answer:
            assert await answer.text() == "FTC"
        assert (await healthz(client))[0] == 200


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_it_closes_within_3_s_whoever_still_waits(bare: Site) -> None:
    came = asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        came.set()
        await asyncio.Event().wait()
        return web.Response()

    serving = asyncio.ensure_future(serve(await bind(bare.settings, bare.health, [web.get("/slow", slow)]), bare.stop))
    async with aiohttp.ClientSession(f"http://{LOOPBACK}:{bare.settings.web_port}") as client:
        assert (await healthz(client))[0] == 200  # and its connection stays open
        asking = asyncio.ensure_future(client.get("/slow"))
        await asyncio.wait_for(came.wait(), PATIENCE)
        bare.stop.set()
        await asyncio.wait_for(serving, 3)
        with pytest.raises(aiohttp.ClientError):
            await asking
        with pytest.raises(aiohttp.ClientError):
            await client.get("/healthz")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_port_that_another_has_is_said_in_one_line(bare: Site) -> None:
    async with bare.open():
        with pytest.raises(SettingsError) as taken:
            await bind(bare.settings, bare.health)
    where = f"{LOOPBACK} port {bare.settings.web_port}"
    assert taken.value.complaints == (
        f"COMITY_WEB_HOST, COMITY_WEB_PORT: cannot listen at {where}: Address already in use",
    )


# What the workers note


async def test_what_a_worker_hears_is_noted_every_10_s(site: Site) -> None:
    worker, stop = Metrics((), site.real), asyncio.Event()
    noting = asyncio.ensure_future(note_heard(site.engine, worker, stop, look_again=0.01))
    worker.heard("matrix:HOME")
    await _noted(site.engine, {"matrix:HOME": START})
    site.real.passes(5)
    worker.heard("matrix:HOME")  # too soon
    worker.heard("slack:SOCKETS")
    await _noted(site.engine, {"matrix:HOME": START, "slack:SOCKETS": START + 5 * SECOND})
    with away(site.engine):
        site.real.passes(5)
        worker.heard("matrix:HOME")
    await _noted(site.engine, {"matrix:HOME": START + 10 * SECOND, "slack:SOCKETS": START + 5 * SECOND})
    stop.set()
    await asyncio.wait_for(noting, PATIENCE)


async def _noted(engine: Engine, expected: dict[str, Any]) -> None:
    def read_heard() -> dict[str, Any]:
        with transaction(engine, reading=True) as session:
            return dict(figures(session).heard)

    async with asyncio.timeout(PATIENCE):
        while await asyncio.to_thread(read_heard) != expected:  # noqa: ASYNC110  # it is the database that changes
            await asyncio.sleep(0.01)


# As a process


async def test_web_is_a_program(engine: Engine, tmp_path: Path) -> None:
    port = free_port()
    settings = environment(engine, port)
    with process("web", settings, tmp_path) as first:
        status, report = await answers(port, first)
        assert (status, report["ok"]) == (200, True)
        with process("web", settings, tmp_path) as second:
            _, said = second.communicate(timeout=PATIENCE)
            assert second.returncode == 2
            assert _unlogged(said) == [
                f"COMITY_WEB_HOST, COMITY_WEB_PORT: cannot listen at {LOOPBACK} port {port}: Address already in use"
            ]
        first.send_signal(signal.SIGTERM)
        _, said = first.communicate(timeout=5)
        assert (first.returncode, _unlogged(said)) == (0, [])


def _unlogged(said: str) -> Sequence[str]:
    """What stands on standard error besides the log's lines."""
    return [line for line in said.splitlines() if not _is_json(line)]


def _is_json(line: str) -> bool:
    with suppress(json.JSONDecodeError):
        return isinstance(json.loads(line), dict)
    return False


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("program", ["run", "worker"])
def test_those_that_listen_want_an_account(engine: Engine, tmp_path: Path, program: str) -> None:
    with process(program, environment(engine, free_port()), tmp_path) as ended:
        _, said = ended.communicate(timeout=PATIENCE)
    assert ended.returncode == 2
    assert said.startswith("no account is set: COMITY_")
    assert said.count("\n") == 1


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("program", "serves"), [("run", True), ("worker", False)])
async def test_run_serves_too_and_worker_does_not(engine: Engine, tmp_path: Path, program: str, serves: bool) -> None:
    """Their homeserver never answers; they end all the same."""
    port, nobody = free_port(), free_port()
    account = {"COMITY_MATRIX__HOME__HOMESERVER": f"http://{LOOPBACK}:{nobody}"}
    matrix = {name: value for name, value in ACCOUNTS.items() if "MATRIX" in name} | account
    with process(program, environment(engine, port) | matrix, tmp_path) as running:
        if serves:
            status, report = await answers(port, running)
            assert (status, connection(report, "HOME")["heard_seconds_ago"]) == (200, None)
        else:
            await asyncio.to_thread(_says, running, "matrix:HOME")
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(LOOPBACK, port)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=5) == 0


def _says(process: subprocess.Popen[str], words: str) -> None:
    """Wait until its log does."""
    assert process.stderr is not None
    assert any(words in line for line in process.stderr)
