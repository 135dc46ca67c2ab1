"""Runs errands off the records: fetches files into the vault, reads them again; each result is an arrival.

What has been begun when the process ends is begun again by the next one: nothing is entered before it is done.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from bot import exporting
from bot.intake import Intake
from bot.patience import either
from bot.platform import FetchError, Source, UnreachableError
from commands import retention, taking_in, verifying
from commands.arrival import File, errand_arrival
from commands.exported import EXPORT, IMPOSSIBLE
from commands.rules.mail import read_mail
from commands.rules.media_types import HEAD, MAIL, MBOX, media_type
from commands.taking_in import Fetched, write_fetched
from storage import errands, exhibits
from storage.exhibits import Soundness
from storage.session import UNWRITABLE, transaction
from storage.vault import ChangedError, MissingError, SealedError, TooLargeError, Vault, VaultError
from storage.words import Address, Place, Trouble

log = logging.getLogger(__name__)

LOOK_AGAIN = 1.0
"""Seconds between two looks for new errands."""

LEFT = 86_400.0
"""Seconds after which a half of a file was left by a process that was killed: none takes so long to come."""

AT_ONCE = 4
"""How many are run at the same time."""


@dataclass(frozen=True)
class Task:
    """A row, as it was read."""

    job: str
    person: Address
    place: Place
    payload: str
    at: datetime

    @property
    def exhibit(self) -> int:
        return int(self.job.split(":")[1])


class Errands:
    """`platforms` by the word before the colon of a place; `most` is in bytes."""

    def __init__(
        self,
        engine: Engine,
        intake: Intake,
        platforms: Mapping[str, Source],
        vault: Vault,
        most: int,
        speak: Callable[[], object] = lambda: None,
    ) -> None:
        self._engine = engine
        self._intake = intake
        self._platforms = platforms
        self._vault = vault
        self._most = most
        self._speak = speak
        """There may be new letters."""

    async def run(self, clock: Callable[[], datetime], stop: asyncio.Event) -> None:
        """Until told to stop; what is under way then is left for later."""
        under_way: dict[str, asyncio.Task[bool]] = {}
        await asyncio.to_thread(self._vault.sweep, time.time() - LEFT)
        try:
            while not stop.is_set():
                try:
                    found = await asyncio.to_thread(self._due, clock(), AT_ONCE - len(under_way), tuple(under_way))
                except UNWRITABLE as error:
                    log.warning("errands wait for the records: %s", type(error.orig).__name__)
                    found = []
                for task in found:
                    under_way[task.job] = asyncio.ensure_future(self._perform(task, clock))
                timer = asyncio.ensure_future(asyncio.sleep(LOOK_AGAIN))
                await either(stop, timer, *under_way.values())
                timer.cancel()
                for job in [job for job, one in under_way.items() if one.done()]:
                    under_way.pop(job).result()
        finally:
            for one in under_way.values():
                one.cancel()
            await asyncio.gather(*under_way.values(), return_exceptions=True)

    async def drain(self, now: datetime) -> bool:
        """Run all that may be run now, one after the other; whether any result was entered."""
        entered = False
        # what stays as it is was not done, and asking again at once would not do it
        last: list[Task] = []
        while (found := await asyncio.to_thread(self._due, now, 1, ())) and found != last:
            last = found
            entered = await self._perform(found[0], lambda: now) or entered
        return entered

    def _due(self, now: datetime, most: int, busy: Collection[str]) -> list[Task]:
        ready = [name for name, platform in self._platforms.items() if platform.ready]
        if not ready or most < 1:
            return []
        with transaction(self._engine, reading=True) as session:
            return [
                Task(row.job, Address(row.person), Place(row.place), row.payload, row.at)
                for row in errands.due(session, now, most, ready, busy)
            ]

    async def _perform(self, task: Task, clock: Callable[[], datetime]) -> bool:
        """Enter its result; or note when it is tried again, and return False."""
        try:
            if task.job.startswith(f"{retention.DESTROY}:"):
                if await asyncio.to_thread(self._destroy, task):
                    return True
                await asyncio.to_thread(self._later, task, clock())
                return False
            result, where = await self._result(task, clock)
            if result is not None:
                arrival = errand_arrival(task.job, task.person, task.place, result, **where)
                if await self._intake.take(arrival, clock()) is None:
                    self._speak()
                    return True
            await asyncio.to_thread(self._later, task, clock())
        except UNWRITABLE as error:
            log.warning("%s waits for the records: %s", task.job, type(error.orig).__name__)
        except Exception:
            log.exception("%s waits", task.job)
            await asyncio.to_thread(self._later, task, clock())
        return False

    def _later(self, task: Task, now: datetime) -> None:
        """Where even that cannot be noted, it is found again at the next look."""
        with suppress(*UNWRITABLE), transaction(self._engine) as session:
            errands.try_later(session, task.job, now)

    async def _result(self, task: Task, clock: Callable[[], datetime]) -> tuple[str | None, dict[str, object]]:
        """None: it is to be tried again."""
        if task.job.startswith(f"{EXPORT}:"):
            return await asyncio.to_thread(self._export, task, clock()), json.loads(task.payload)
        if task.job.startswith(f"{verifying.VERIFY}:"):
            return await asyncio.to_thread(self._read_again, task.exhibit), json.loads(task.payload)
        found = await self._fetch(task)
        if isinstance(found, Trouble):
            log.warning("%s: %s", task.job, found)
            if found not in taking_in.HOPELESS and clock() - task.at < exhibits.TRIED_FOR:
                return None, {}
        return write_fetched(found), {}

    async def _fetch(self, task: Task) -> Fetched | Trouble:
        platform, file = self._platforms[task.place.partition(":")[0]], File(**json.loads(task.payload))
        head = b""
        with ExitStack() as stack:
            incoming = await asyncio.to_thread(stack.enter_context, self._vault.receiving(self._most))
            try:
                async for portion in platform.fetch(task.place, file, self._most):
                    head = head if len(head) >= HEAD else (head + portion)[:HEAD]
                    await asyncio.to_thread(incoming.write, portion)
            except TooLargeError:
                return Trouble.TOO_LARGE
            except FetchError as error:
                return error.trouble
            except UnreachableError as error:
                log.warning("%s: %s", task.job, error)
                return Trouble.UNREACHABLE
            except OSError:
                raise  # our own disk: whoever mends it finds that nothing was given up meanwhile
            except Exception:
                log.exception("%s cannot be fetched", task.job)
                return Trouble.UNREACHABLE  # tried again for as long as that, and no longer
            kept = await asyncio.to_thread(incoming.keep)
        kind = media_type(head)
        summary = await asyncio.to_thread(self._summary, task.exhibit, kept.sha256) if kind in (MAIL, MBOX) else None
        return Fetched(kept.sha256, kept.size, kind, summary)

    def _summary(self, number: int, sha256: str) -> str | None:
        """Of a mail; whatever is in it, the file is kept all the same."""
        try:
            with self._vault.reading(sha256) as file:
                mail = read_mail(file)
        except Exception:
            log.exception("X-%s has no summary", number)
            return None
        if mail is None:
            return None
        with transaction(self._engine, reading=True) as session:
            return taking_in.write_summary(session, number, mail)

    def _destroy(self, task: Task) -> bool:
        """Take the bytes away; False while something is coming that might have them.

        In a transaction that writes: no exhibit comes in meanwhile.
        """
        with transaction(self._engine) as session:
            if errands.are_left(session, taking_in.FETCH) or errands.are_left(session, EXPORT):
                return False
            for sha256 in retention.taken_away(session, task.exhibit):
                self._vault.destroy(sha256)
            errands.done(session, task.job)
        return True

    def _export(self, task: Task, now: datetime) -> str:
        """The zip is in the vault, and what it shows is known."""
        _, number, code, _ = task.job.split(":")
        with TemporaryDirectory(prefix="comity-") as folder:
            with transaction(self._engine, reading=True) as session:
                try:
                    shown = exporting.shown(session, f"C-{number}", code, None, now)
                    written = exporting.write(session, self._vault, shown, Path(folder))
                except (exporting.ExportError, VaultError) as error:
                    log.warning("%s cannot be written: %s: %s", task.job, type(error).__name__, error)
                    return IMPOSSIBLE
            with written.path.open("rb") as file, self._vault.receiving(written.size) as incoming:
                while portion := file.read(1 << 20):
                    incoming.write(portion)
                kept = incoming.keep()
        return json.dumps({"snapshot": json.dumps(shown, ensure_ascii=False), "sha256": kept.sha256, "size": kept.size})

    def _read_again(self, number: int) -> str:
        with transaction(self._engine, reading=True) as session:
            sha256 = exhibits.by_id(session, number).sha256 or ""
            unsound = exhibits.broken(session, number) is not None or exhibits.unrecorded(session, number)
        try:
            for _portion in self._vault.read(sha256):
                pass
        except MissingError:
            return Soundness.MISSING
        except SealedError:
            return Soundness.SEALED
        except ChangedError:
            return Soundness.CHANGED
        return Soundness.CUSTODY if unsound else Soundness.WHOLE
