"""The README's picture: the terminal itself over the first sample, exported by its own means, the same on every run."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from pathlib import Path

from bot.app import script_workspace
from bot.local.script import play
from bot.local.terminal import Terminal
from commands.help_page import welcome

SIZE = (112, 40)
_UNTIL = "# Ana wakes"
"""Where in the sample the picture is taken: Bo has answered, Ana is about to read it."""

_REMOTE_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
_EXPORTED_AS = re.compile(r"terminal-\d+")


def drawn(sample: Path) -> str:
    """The SVG; it asks no server for a font, so that it looks the same offline."""
    script, _, _ = sample.read_text(encoding="utf-8").partition(_UNTIL)
    svg = asyncio.run(_exported(script.splitlines(), sample.parent))
    return _EXPORTED_AS.sub("terminal", _REMOTE_FONT.sub("", svg)) + "\n"


async def _exported(script: list[str], folder: Path) -> str:
    with script_workspace(None) as workspace:
        await play(script, workspace, lambda _: None, folder=folder)
        now = workspace.rooms.now
        terminal = Terminal(workspace, workspace, welcome(), real=lambda: _standing(now))
        async with terminal.run_test(size=SIZE) as pilot:
            await pilot.pause()
            await pilot.press("pageup", "pageup", "pagedown", "pagedown")
            await pilot.pause()
            return terminal.export_screenshot(title="Comity")


def _standing(now: datetime) -> datetime:
    """A clock that does not run: the picture says the same minute whenever it is made."""
    return now
