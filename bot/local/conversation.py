"""The messages of one place in the terminal, each thread below its root; it shows what it is given and asks nobody."""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from bot.local.blocks import as_widgets, drawn
from bot.local.message_view import MessageView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from bot.local.posted import Posted
    from commands.message import Message

THREADS_SHOWN = 20
"""Only the threads with the latest news: a terminal does not lay out years of messages at once."""


class Conversation(VerticalScroll, can_focus=False):
    def __init__(self, *, rehearsal: bool) -> None:
        super().__init__()
        self._rehearsal = rehearsal

    async def show(self, messages: Iterable[Posted], hint: Callable[[], Widget]) -> None:
        """Draw what has changed, and bring the newest of it into sight; the hint stands where there is nothing."""
        wanted = _threaded(messages)
        ids = {posted.id for posted in wanted}
        fresh: list[MessageView] = []
        async with self.batch():
            views = {view.posted.id: view for view in self.query(MessageView) if view.posted.id in ids}
            await self.remove_children([child for child in self.children if child not in views.values()])
            position = 0
            for there, run in groupby(wanted, key=lambda posted: posted.id in views):
                row = list(run)
                if there:
                    for posted in row:
                        if views[posted.id].posted != posted:
                            await views[posted.id].show(posted)
                else:
                    # At once: one by one, each would wait for a layout of its own.
                    fresh = [MessageView(posted, rehearsal=self._rehearsal) for posted in row]
                    await self.mount_all(fresh, before=position if position < len(self.children) else None)
                position += len(row)
            if not wanted:
                await self.mount(hint())
        if fresh:
            self.call_after_refresh(fresh[-1].scroll_visible, animate=False)


def nothing_yet(where: str, hint: Message) -> Widget:
    """What a newcomer sees in an empty place."""
    return Vertical(
        Static(Content.styled(f"Nothing has been said in {where} yet.", "bold")),
        *as_widgets(map(drawn, hint.blocks)),
        Static("Tab completes, F1 helps, F2 makes you somebody else.", classes="aside"),
        classes="empty",
    )


def _threaded(messages: Iterable[Posted]) -> list[Posted]:
    threads: dict[str, list[Posted]] = {}
    news: dict[str, None] = {}
    for posted in messages:
        root = posted.root or posted.id
        threads.setdefault(root, []).append(posted)
        news.pop(root, None)
        news[root] = None
    shown = set(list(news)[-THREADS_SHOWN:])
    return list(chain.from_iterable(thread for root, thread in threads.items() if root in shown))
