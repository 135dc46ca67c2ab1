"""Processes that are measured: compiled beforehand, and how much memory they hold."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def compiled(folder: Path) -> Iterator[None]:
    """All of them start from compiled modules, as they do wherever Python may keep them."""
    before = dict(os.environ)
    os.environ.update(PYTHONPYCACHEPREFIX=str(folder), PYTHONDONTWRITEBYTECODE="")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def resident(pid: int) -> int:
    """Bytes."""
    done = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(done.stdout) * 1024
