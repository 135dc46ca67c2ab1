"""The long-running programs: what runs is built here from Settings, and ends on SIGTERM; it decides nothing."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from bot import calendar, web
from bot.app import database, fresh_salt, fresh_secret, reached, vault_of
from bot.clock import Clock
from bot.contents import Contents
from bot.errands import Errands
from bot.health import Health, note_heard, watched
from bot.intake import Intake
from bot.lease import Lease
from bot.matrix.accounts import Accounts
from bot.matrix.direct import DirectRooms
from bot.matrix.sending import Matrix
from bot.matrix.worker import Worker
from bot.metrics import Metrics
from bot.relay import Relay
from bot.settings import Settings, SettingsError, read_clock
from bot.slack import accounts as slack_accounts
from bot.slack import http
from bot.slack import worker as slack_worker
from bot.slack.hooks import Hooks
from bot.slack.sending import Slack
from bot.slack.station import House, Station
from bot.tally import Tally
from commands.desk import Desk
from storage.session import transaction
from storage.settings import identity

log = logging.getLogger(__name__)


async def run(settings: Settings, *, works: bool, serves: bool) -> int:
    """Until SIGTERM or SIGINT; raises SettingsError with what is to be mended before it can run.

    `works`: it listens and delivers; `serves`: HTTP.
    """
    if works and not (settings.matrix or settings.slack):
        wanted = "COMITY_SLACK__<NAME>__BOT_TOKEN or COMITY_MATRIX__<NAME>__HOMESERVER and so on, see the README"
        raise SettingsError([f"no account is set: {wanted}"])
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    log.info("started")
    try:
        await work(settings, stop, works=works, serves=serves)
    except* SettingsError as errors:
        raise SettingsError(_complaints(errors)) from None
    log.info("stopped")
    return 0


def _complaints(errors: BaseExceptionGroup[SettingsError]) -> list[str]:
    found: list[str] = []
    for error in errors.exceptions:
        found += _complaints(error) if isinstance(error, BaseExceptionGroup) else error.complaints
    return found


async def work(settings: Settings, stop: asyncio.Event, *, works: bool, serves: bool) -> None:
    """Listen, take and deliver on every platform of the settings, and serve, until told to stop."""
    with database(settings) as engine:
        clock, accounts = _clock(settings), watched(settings)
        metrics = Metrics(accounts)
        health = Health(engine, metrics, accounts, clock)
        taken, sent = Tally(metrics), Tally(metrics)
        desk = Desk(fresh_salt, settings.operator_place, observer=taken, web=reached(settings, fresh_secret))
        with transaction(engine) as session:
            known_as = identity(session, secrets.token_hex(8))
        rehearsal = settings.clock is not None
        rooms = Accounts(settings.matrix)
        apps, hooks = slack_accounts.Accounts(settings.slack), Hooks()
        contents = Contents(vault := vault_of(settings))
        slack = Slack(apps, hooks, known_as, contents, rehearsal=rehearsal)
        matrix = Matrix(rooms, DirectRooms(rooms, engine, clock), known_as, contents, rehearsal=rehearsal)
        platforms: dict[str, Matrix | Slack] = {"matrix": matrix} if settings.matrix else {}
        platforms |= {"slack": slack} if settings.slack else {}
        with Intake(engine, desk, taken) as intake:
            relay = Relay(engine, desk, platforms, sent)
            house = House(
                engine, intake, relay, clock, apps, hooks, slack, metrics,
                lease=Lease(engine, "slack"), idle=relay.stopped if works else stop, rehearsal=rehearsal,
            )  # fmt: skip
            stations = [Station(one, house) for one in settings.slack if works or one.signing_secret is not None]
            async with asyncio.TaskGroup() as group:
                if serves:
                    group.create_task(
                        web.serve(
                            await web.bind(settings, health, [*http.routes(stations), *calendar.routes(engine, clock)]),
                            stop,
                        )
                    )
                group.create_task(note_heard(engine, metrics, stop))
                for station in stations:
                    group.create_task(station.keep(stop))
                if works:
                    group.create_task(relay.run(clock, stop))
                    ticking = Clock(engine, intake, clock, relay.wake, rehearsal=rehearsal)
                    group.create_task(ticking.run(stop))
                    errands = Errands(engine, intake, platforms, vault, settings.exhibit_max, relay.wake)
                    group.create_task(errands.run(clock, stop))
                if works and settings.slack:
                    group.create_task(slack_worker.work(house, stop))
                if works and settings.matrix:
                    worker = Worker(settings.matrix, rooms, engine, intake, desk, relay, clock, metrics)
                    group.create_task(worker.run(stop))


def _clock(settings: Settings) -> Callable[[], datetime]:
    """Now; in a rehearsal what its file said within the last second, also while it is being written."""
    if settings.clock is None:
        return lambda: datetime.now(UTC)
    file, said, read_at = settings.clock, read_clock(settings.clock), time.monotonic()

    def rehearsed() -> datetime:
        nonlocal said, read_at
        if time.monotonic() - read_at >= 1:
            with suppress(SettingsError):
                said = read_clock(file)
            read_at = time.monotonic()
        return said

    return rehearsed
