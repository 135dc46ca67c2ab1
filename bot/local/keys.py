"""The keys of the terminal and what they do, for its footer and its help; what they set off is the terminal's."""

from __future__ import annotations

from textual.binding import Binding
from textual.containers import Grid
from textual.widgets import Static

from bot.local.prompt import Prompt

# Priority, because the text area has uses of its own for some of them.
KEYS = (
    Binding("f1", "help", "Help", key_display="F1", priority=True),
    Binding("f2", "person", "Person", key_display="F2", priority=True, tooltip="be somebody else"),
    Binding("f3", "place", "Place", key_display="F3", priority=True, tooltip="go to another place"),
    Binding("f4", "thread", "Thread", key_display="F4", priority=True, tooltip="go into a thread, and write there"),
    Binding("f5", "clock('+1h')", "+1h", key_display="F5", priority=True, tooltip="move the clock by an hour"),
    Binding("f6", "clock('+1d')", "+1d", key_display="F6", priority=True, tooltip="move the clock by a day"),
    Binding("f7", "set_clock", "Clock", key_display="F7", priority=True, tooltip="move the clock to an instant"),
    Binding("f8", "attach", "File", key_display="F8", priority=True, tooltip="attach a file to what you write next"),
    Binding("ctrl+q", "quit", "Quit", key_display="^Q", priority=True, tooltip="leave; everything is kept"),
    Binding("ctrl+c", "help_quit", show=False),
    Binding("escape", "leave", show=False, key_display="Esc", tooltip="close the completions, leave the thread"),
    Binding("pageup", "scroll(-1)", show=False, key_display="PgUp PgDn", priority=True, tooltip="scroll"),
    Binding("pagedown", "scroll(1)", show=False, priority=True),
)


def key_table() -> Grid:
    keys = [(str(key.key_display), key.tooltip) for key in (*KEYS, *Prompt.KEYS) if key.tooltip]
    keys.append(("Shift+Tab", "go up to the buttons; Enter presses one"))
    return Grid(*(Static(cell) for row in keys for cell in row), classes="pairs keys")
