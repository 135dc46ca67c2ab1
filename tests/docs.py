"""Writes what is generated: docs/commands.md, transcripts, the picture; with --check it says what is stale.

The transcript of Slack and Matrix is made by tests.mixed, which needs a homeserver; here it is only put in the README.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from bot.app import script_workspace
from bot.local.script import play
from commands.help_page import commands_page
from tests.picture import drawn

ROOT = Path(__file__).parents[1]
SAMPLES = ("first-ten-minutes", "three-agencies", "second-thoughts", "counted-days")
MIXED = ROOT / "docs" / "transcripts" / "slack-and-matrix.txt"


def transcript(name: str) -> str:
    """What `python -m bot local --script samples/NAME.txt` prints."""
    file = ROOT / "samples" / f"{name}.txt"
    blocks: list[str] = []
    with script_workspace(None) as workspace:
        asyncio.run(play(file.read_text(encoding="utf-8").splitlines(), workspace, blocks.append, folder=file.parent))
    return "".join(f"{block}\n" for block in blocks)


def _with(page: str, name: str, text: str) -> str:
    """The page with this text between the marks of that name."""
    between = re.compile(rf"(<!-- {name} -->\n```\n).*?(```\n<!-- /{name} -->)", re.DOTALL)
    return between.sub(lambda found: f"{found[1]}{text}{found[2]}", page)


def generated() -> dict[Path, str]:
    """Each generated file with what it should hold."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    readme = _with(readme, "transcript", transcript(SAMPLES[0]))
    files = {
        ROOT / "docs" / "commands.md": commands_page(),
        ROOT / "README.md": _with(readme, "slack-and-matrix", MIXED.read_text(encoding="utf-8")),
    }
    for name in SAMPLES[1:]:
        files[ROOT / "docs" / "transcripts" / f"{name}.txt"] = transcript(name)
    files[ROOT / "docs" / "workspace.svg"] = drawn(ROOT / "samples" / f"{SAMPLES[0]}.txt")
    return files


def main(arguments: list[str]) -> int:
    stale = []
    for file, text in generated().items():
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            stale.append(str(file.relative_to(ROOT)))
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    if stale:
        sys.stdout.write(f"Stale, run `make docs`: {', '.join(stale)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
