"""The terminal as a process in a real one: however it is told to end, or left without its terminal, it ends soon."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and waits for a pidfd")

REPOSITORY = Path(__file__).parents[3]
PATIENCE = 60
"""Seconds to start and to answer; so long only where something is broken."""
WITHIN = 5.0
"""Seconds that whoever stops a program waits for it."""

OWN = "os.login_tty(0); signal.signal(signal.SIGHUP, signal.SIG_DFL)"
IGNORING = "os.login_tty(0); signal.signal(signal.SIGHUP, signal.SIG_IGN)"
OTHERS = "os.setsid(); signal.signal(signal.SIGHUP, signal.SIG_DFL)"
"""The terminal is another session's: what becomes of it is signalled to that one alone."""

everyhow = pytest.mark.parametrize("before", [OWN, IGNORING, OTHERS], ids=["own", "ignoring", "others"])

STANDING_STILL = """
import asyncio, queue
from bot.local import hangup

async def stay():
    hangup.heed(lambda: print("leaving", flush=True))
    waiting = queue.Queue(1)  # as Textual's of what is to be written
    waiting.put("standing")
    print("standing", flush=True)
    waiting.put("still")

asyncio.run(stay())
"""

FIRST_SCREEN = "Nothing has been said in"
GIVEN_BACK = b"\x1b[?1049l"
"""Leaves the alternate screen (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html)."""


class Seat:
    """The far end of a terminal, in front of a process."""

    def __init__(self, process: subprocess.Popen[bytes], end: int, terminal: str) -> None:
        self.process = process
        self.came = b""
        self._end = end
        self._terminal = terminal
        self._ended = os.pidfd_open(process.pid)

    def sees(self, words: str) -> None:
        """Fails, with all that came, if they do not come, unbroken by any style."""
        until = time.monotonic() + PATIENCE
        while words.encode() not in self.came:
            if not select.select([self._end], [], [], max(0, until - time.monotonic()))[0]:
                pytest.fail(f"waited in vain for {words!r} after {self.came!r}")
            self.came += os.read(self._end, 65536)

    def types(self, text: str) -> None:
        os.write(self._end, text.encode())

    def stalls(self) -> None:
        """No more output is taken, as by a line that is down and not given up yet."""
        terminal = os.open(self._terminal, os.O_RDWR | os.O_NOCTTY)
        termios.tcflow(terminal, termios.TCOOFF)
        os.close(terminal)

    def hangs_up(self) -> None:
        os.close(self._end)
        self._end = -1

    def ends(self) -> float:
        """Gives the seconds of processor time used until then; fails if it takes too long."""
        used, until = self._cpu(), time.monotonic() + WITHIN
        watched = [self._ended] if self._end < 0 else [self._ended, self._end]
        while (ready := select.select(watched, [], [], max(0, until - time.monotonic()))[0]) != [self._ended]:
            if not ready:
                pytest.fail(f"still there after {WITHIN:g} s; it worked for {self._cpu() - used:.2f} s of them")
            try:
                self.came += os.read(self._end, 65536)
            except OSError:  # nobody else has the terminal open any more
                watched.remove(self._end)
        used = self._cpu() - used
        assert self.process.wait() == 0
        return used

    def _cpu(self) -> float:
        """Seconds used so far: proc(5), utime and stime; they stay until somebody has waited for the process."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ended)
        if self._end >= 0:
            os.close(self._end)


@contextmanager
def seat(folder: Path, before: str, *program: str) -> Iterator[Seat]:
    """The embedded workspace in the folder, or another program; `before` is what its process does first."""
    end, terminal = pty.openpty()
    termios.tcsetwinsize(end, (24, 80))
    arguments = [sys.executable, *(program or ("-m", "bot", "local"))]
    start = f"import os, signal, sys; {before}; os.execv(sys.executable, {arguments})"
    process = subprocess.Popen(
        [sys.executable, "-c", start],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "TERM": "xterm-256color"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    seat = Seat(process, end, os.ttyname(terminal))
    os.close(terminal)
    with closing(seat):
        yield seat


@everyhow
def test_without_its_terminal_it_ends_and_does_nothing_more(before: str, tmp_path: Path) -> None:
    with seat(tmp_path, before) as person:
        person.sees(FIRST_SCREEN)
        person.hangs_up()
        assert person.ends() < 0.5


@everyhow
def test_without_its_terminal_it_ends_when_told_to(before: str, tmp_path: Path) -> None:
    with seat(tmp_path, before) as person:
        person.sees(FIRST_SCREEN)
        person.hangs_up()
        person.process.send_signal(signal.SIGTERM)
        assert person.ends() < 0.5


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP])
@everyhow
def test_told_to_end_it_gives_the_terminal_back(told: signal.Signals, before: str, tmp_path: Path) -> None:
    with seat(tmp_path, before) as person:
        person.sees(FIRST_SCREEN)
        person.process.send_signal(told)
        person.ends()
        assert GIVEN_BACK in person.came


def test_told_to_end_it_does_not_wait_for_a_terminal_that_takes_nothing(tmp_path: Path) -> None:
    with seat(tmp_path, OWN) as person:
        person.sees(FIRST_SCREEN)
        person.stalls()
        person.types("/case open")
        person.process.send_signal(signal.SIGTERM)
        assert person.ends() < 1


def test_told_to_end_it_ends_though_its_event_loop_stands_still(tmp_path: Path) -> None:
    with seat(tmp_path, OWN, "-c", STANDING_STILL) as person:
        person.sees("standing")
        person.process.send_signal(signal.SIGTERM)
        person.ends()
        assert b"leaving" in person.came


def test_what_was_acknowledged_is_there_when_one_comes_back(tmp_path: Path) -> None:
    with seat(tmp_path, OWN) as person:
        person.sees(FIRST_SCREEN)
        person.types("/case open Pump-and-dump mailing\r")
        person.sees("Ask a partner")
        person.hangs_up()
        person.ends()
    with seat(tmp_path, OWN) as person:
        person.sees("Pump-and-dump mailing")
        person.process.send_signal(signal.SIGTERM)
        person.ends()
