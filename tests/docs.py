"""Writes what is generated: docs/commands.md, transcripts, the picture; with --check it says what is stale.

The transcript of Slack and Matrix is made by tests.mixed, which needs a homeserver; here it is only put in the README.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from bot.app import script_workspace
from bot.local.posted import Event
from bot.local.script import play
from bot.picture import draw
from commands.help_page import commands_page
from commands.message import Message, Picture
from tests.picture import drawn

ROOT = Path(__file__).parents[1]
SAMPLES = ("first-ten-minutes", "three-agencies", "second-thoughts", "counted-days", "evidence", "weekly-digest")
DIGEST = SAMPLES[-1]
BARS = ROOT / "docs" / "digest.png"
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


def _last_digest(text: str) -> str:
    """What is said last in a transcript: the block alone."""
    lines = text.splitlines(keepends=True)
    begins = max(number for number, line in enumerate(lines) if not line.startswith(" "))
    return "".join(lines[begins:])


def bars() -> bytes:
    """The picture of that digest as Slack and Matrix show it."""
    found: list[Picture] = []

    def look(event: Event) -> None:
        if isinstance(event.message.body, Message):
            found.extend(block for block in event.message.body.blocks if isinstance(block, Picture))

    file = ROOT / "samples" / f"{DIGEST}.txt"
    with script_workspace(None) as workspace, workspace.rooms.listening(look):
        lines = file.read_text(encoding="utf-8").splitlines()
        asyncio.run(play(lines, workspace, lambda _: None, folder=file.parent))
    return draw(found[-1], "TLP:AMBER").png


def generated() -> dict[Path, bytes]:
    """Each generated file with what it should hold."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    readme = _with(readme, "transcript", transcript(SAMPLES[0]))
    readme = _with(readme, "digest", _last_digest(transcript(DIGEST)))
    files = {
        ROOT / "docs" / "commands.md": commands_page(),
        ROOT / "README.md": _with(readme, "slack-and-matrix", MIXED.read_text(encoding="utf-8")),
    }
    for name in SAMPLES[1:]:
        files[ROOT / "docs" / "transcripts" / f"{name}.txt"] = transcript(name)
    files[ROOT / "docs" / "workspace.svg"] = drawn(ROOT / "samples" / f"{SAMPLES[0]}.txt")
    return {file: text.encode() for file, text in files.items()} | {BARS: bars()}


def main(arguments: list[str]) -> int:
    stale = []
    for file, text in generated().items():
        if file.exists() and file.read_bytes() == text:
            continue
        if "--check" in arguments:
            stale.append(str(file.relative_to(ROOT)))
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text)
    if stale:
        sys.stdout.write(f"Stale, run `make docs`: {', '.join(stale)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
