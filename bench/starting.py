"""From `python -m bot local --script` to the first reply, beside Python alone and Python that imports SQLModel."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.turns import Round, Series, in_turns

LINE = "ana in #ftc: /case open Pump-and-dump mailing\n"
REPLY = "] Comity:"

SCRIPT, BARE, FLOOR = "to the first reply", "Python alone", "import sqlmodel"


@dataclass(frozen=True)
class Started:
    series: dict[str, Series]
    resident: dict[str, int]
    """At most, in bytes."""
    imports: list[tuple[str, float]]
    """Packages and the seconds that their own modules took to import, the longest first."""


def measure(turns: int) -> Started:
    with TemporaryDirectory(prefix="comity-bench-") as folder:
        script = Path(folder) / "script.txt"
        script.write_text(LINE, encoding="utf-8")
        program = ["-m", "bot", "local", "--script", str(script)]
        programs = {SCRIPT: program, BARE: ["-c", "pass"], FLOOR: ["-c", "import sqlmodel"]}
        ways = {name: _way(arguments, REPLY if name == SCRIPT else "") for name, arguments in programs.items()}
        resident = {name: _resident(arguments) for name, arguments in programs.items()}
        return Started(in_turns(ways, turns), resident, _imports(program))


def _way(arguments: Sequence[str], until: str) -> Callable[[], Round]:
    def run() -> Round:
        took = _run(arguments, until)
        return Round(took, [took])

    return run


def _run(arguments: Sequence[str], until: str) -> float:
    """The seconds to the line that holds `until`, or to the end."""
    took = None
    began = perf_counter()
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("no pipe to read from")
        for line in process.stdout:
            if took is None and until in line:
                took = perf_counter() - began
    if process.returncode or (took is None and until):
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}, and did not say {until!r}")
    return perf_counter() - began if took is None else took


# A child's figure is never below what its parent had in memory as it forked: the parent must be a small one.
_WATCH = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _resident(arguments: Sequence[str]) -> int:
    """Bytes, at most (https://man7.org/linux/man-pages/man2/getrusage.2.html: kilobytes, on macOS bytes)."""
    watching = [sys.executable, "-c", _WATCH, sys.executable, *arguments]
    done = subprocess.run(watching, capture_output=True, text=True, check=True)
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


def _imports(arguments: Sequence[str]) -> list[tuple[str, float]]:
    """As `python -X importtime` tells it: microseconds of its own, of all below it, and the name."""
    done = subprocess.run([sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=True)
    own: dict[str, float] = defaultdict(float)
    for line in done.stderr.splitlines():
        first, _, rest = line.removeprefix("import time:").partition("|")
        if first.strip().isdecimal():
            own[rest.partition("|")[2].strip().split(".")[0]] += int(first) / 1e6
    return sorted(own.items(), key=lambda item: -item[1])
