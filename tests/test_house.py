"""The checks that hold the house together fail when they must: each is run on a copy in which it is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = (
    "bot",
    "commands",
    "storage",
    "samples",
    "docs",
    "tests/docs.py",
    "tests/picture.py",
    "README.md",
    "pyproject.toml",
)
IMPORTS = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
DOCS = [sys.executable, "-m", "tests.docs", "--check"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in HOUSE:
        whole, part = ROOT / name, tmp_path / name
        part.parent.mkdir(exist_ok=True)
        if whole.is_dir():
            shutil.copytree(whole, part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(whole, part)
    return tmp_path


def _run(copy: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    return subprocess.run(command, cwd=copy, env=environ, capture_output=True, text=True, check=False)


def _append(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_the_house_as_it_is_passes(copy: Path) -> None:
    imports = _run(copy, IMPORTS)
    assert imports.returncode == 0, imports.stdout
    docs = _run(copy, DOCS)
    assert docs.returncode == 0, docs.stdout + docs.stderr


@pytest.mark.parametrize(
    ("file", "planted", "contract"),
    [
        ("commands/message.py", "import bot.text\n", "one staircase"),
        ("storage/outbox.py", "import commands.desk\n", "one staircase"),
        ("commands/desk.py", "import os\n", "no network, no clock, no environment"),
        ("commands/rules/access.py", "import storage.tables\n", "rules know values only"),
        ("bot/slack/blocks.py", "import bot.matrix.html\n", "the platforms do not know each other"),
        ("commands/lines.py", "import commands.grammar\n", "no room is built in a circle"),
    ],
)
def test_a_planted_import_fails(copy: Path, file: str, planted: str, contract: str) -> None:
    _append(copy / file, planted)
    found = _run(copy, IMPORTS)
    assert found.returncode == 1
    assert any(contract in line and line.endswith("BROKEN") for line in found.stdout.splitlines()), found.stdout


@pytest.mark.parametrize("file", ["docs/commands.md", "docs/transcripts/three-agencies.txt"])
def test_a_stale_document_fails(copy: Path, file: str) -> None:
    _append(copy / file, "one line more\n")
    found = _run(copy, DOCS)
    assert found.returncode == 1
    assert file in found.stdout


def test_a_command_that_is_not_documented_fails(copy: Path) -> None:
    _append(
        copy / "commands" / "comity.py",
        '\n\n@command("comity wave", permit=P.COMITY_HELP)\nclass Wave:\n    """Wave."""\n',
    )
    found = _run(copy, DOCS)
    assert found.returncode == 1
    assert "docs/commands.md" in found.stdout
