"""A file of 100 MB from Slack into the vault and on to the other side: how long it takes, and what memory."""

from __future__ import annotations

import hashlib
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import select

from storage.tables import Exhibit
from tests.bot.slack.network import Network, network

SIZE = 100_000_000
PORTION = 1 << 20
WITHIN = 300.0


@dataclass(frozen=True)
class Taken:
    """Seconds until it is kept, and until the other side has it; of the floor, to hash, write and fsync the same.

    Memory is the process's own, in MB: at rest before, and its highest.
    """

    kept: float
    passed_on: float
    floor: float
    idle: float
    peak: float


def measure(size: int) -> Taken:
    content = random.Random(1).randbytes(size)  # noqa: S311  # nothing is kept secret by it
    with TemporaryDirectory(prefix="comity-") as folder, network(Path(folder), COMITY_EXHIBIT_MAX="1GB") as net:
        asked = net.asked()
        net["bo"].attaches(net.desks["ACMA"], "small.bin", b"small", thread=asked.there)  # what it imports is at rest
        _arrives(net, "small.bin", asked.here)
        floor = _floor(content, Path(folder))
        idle = _memory(net, "VmRSS")
        Path(f"/proc/{net.comity.pid}/clear_refs").write_text("5")  # its highest is counted from here on
        began = time.monotonic()
        net["bo"].attaches(net.desks["ACMA"], "large.bin", content, thread=asked.there)
        net.until(lambda: _kept(net) > 1, WITHIN)
        kept = time.monotonic() - began
        _arrives(net, "large.bin", asked.here)
        return Taken(kept, time.monotonic() - began, floor, idle, _memory(net, "VmHWM"))


def _arrives(net: Network, name: str, root: str) -> None:
    net["ana"].waits(
        net.desks["FTC"], lambda seen: any(file.endswith(name) for one in seen for file in one.files), root,
        within=WITHIN,
    )  # fmt: skip


def _kept(net: Network) -> int:
    with net.comity.records(reading=True) as session:
        return sum(one is not None for one in session.exec(select(Exhibit.sha256)))


def _floor(content: bytes, folder: Path) -> float:
    began = time.monotonic()
    found = hashlib.sha256()
    with (folder / "floor").open("wb") as file:
        for begin in range(0, len(content), PORTION):
            found.update(content[begin : begin + PORTION])
            file.write(content[begin : begin + PORTION])
        file.flush()
        os.fsync(file.fileno())
    return time.monotonic() - began


def _memory(net: Network, what: str) -> float:
    """In MB."""
    lines = Path(f"/proc/{net.comity.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) * 1024 / 1e6
