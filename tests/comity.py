"""Comity as a process of its own, as an operator starts and asks it; and the agencies of the sample workspace."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.app import fresh_salt
from bot.local.workspace import operate
from bot.settings import read_clock
from commands.desk import Desk
from commands.message import Message
from storage.session import connect, transaction
from storage.tables import LedgerEntry, Letter, LetterState
from tests.synapse import ROOT

WITHIN = 60.0
"""Seconds that an answer may take, on a machine that others use too."""

SAMPLE = {
    "FTC": ("US", "America/New_York", {"ana": "officer", "ada": "coordinator"}),
    "ACMA": ("AU-ACT", "Australia/Sydney", {"bo": "officer", "bea": "coordinator"}),
    "KISA": ("KR", "Asia/Seoul", {"chin": "officer", "choi": "coordinator"}),
    "ICO": ("GB-ENG", "Europe/London", {"dev": "officer", "dot": "coordinator"}),
}
"""As in the sample workspace."""

AGENCIES = SAMPLE | {"CRTC": ("CA-QC", "America/Toronto", {"eve": "officer", "eli": "coordinator"})}
"""And one more, where five rooms are wanted."""

NAMES = {
    "FTC": "Federal Trade Commission",
    "ACMA": "Australian Communications and Media Authority",
    "KISA": "Korea Internet & Security Agency",
    "ICO": "Information Commissioner's Office",
    "CRTC": "Canadian Radio-television and Telecommunications Commission",
}


class Comity:
    """The program, as an operator starts it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = {**os.environ, "COMITY_VAULT_DIR": str(folder / "vault"), **environment}
        self.log = folder / "comity.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The number of its process; 0 while it does not run."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """With HTTP only where its port is set: it would be the same for all otherwise."""
        program = "run" if "COMITY_WEB_PORT" in self.environment else "worker"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", program], cwd=ROOT, env=self.environment, stderr=log, stdout=log
            )

    def stop(self) -> int:
        """As an operator does; the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut does."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        try:
            return self._process.wait(timeout=20)
        finally:
            self._process = None

    def do(self, *lines: str) -> None:
        """Commands of the operator's: what `python -m bot do` does, without the half second of its start."""
        for line in lines:
            message, done = self.operate(line)
            assert done, message

    def operate(self, line: str) -> tuple[Message, bool]:
        """The answer to the operator, and whether it was done."""
        clock = self.environment.get("COMITY_CLOCK")
        with self.engine() as engine:
            return operate(engine, Desk(fresh_salt), line, read_clock(Path(clock)) if clock else datetime.now(UTC))

    @contextmanager
    def records(self, *, reading: bool = False) -> Iterator[Session]:
        """What Comity has kept."""
        with self.engine() as engine, transaction(engine, reading=reading) as session:
            yield session

    def tags(self) -> Counter[str]:
        """How often what stands in the ledger."""
        with self.records(reading=True) as session:
            return Counter(str(json.loads(entry.content)["tag"]) for entry in session.exec(select(LedgerEntry)))

    def waiting(self) -> list[tuple[int | None, LetterState, str | None]]:
        """Letters that have not arrived."""
        with self.records(reading=True) as session:
            found = session.exec(select(Letter).where(Letter.state != LetterState.DELIVERED))
            return [(letter.id, letter.state, letter.error) for letter in found]

    async def delivered(self, within: float = WITHIN) -> None:
        """Wait until every letter has its receipt."""
        await self.until(lambda: not self.waiting(), within)

    async def until(self, condition: Callable[[], object], within: float = WITHIN) -> None:
        """Wait until what Comity has kept is so."""
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110  # another process keeps it
                await asyncio.sleep(0.1)

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The database of the program, beside it."""
        engine = connect(self.environment["COMITY_DATABASE_URL"])
        try:
            yield engine
        finally:
            engine.dispose()

    def program(self, *arguments: str, code: int = 0) -> str:
        """What it prints."""
        return self._run(arguments, code).stdout

    def refusal(self, *arguments: str) -> str:
        """What it says on standard error when it cannot begin."""
        return self._run(arguments, 2).stderr

    def _run(self, arguments: Sequence[str], code: int) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done
