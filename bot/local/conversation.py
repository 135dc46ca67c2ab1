"""The messages of one place in the terminal, each thread below its root; it shows what it is given and asks nobody."""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import MouseScrollDown, MouseScrollUp
from textual.widgets import Static

from bot.local.blocks import as_widgets, drawn
from bot.local.message_view import MessageView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from bot.local.posted import Posted
    from commands.message import Message

KEYS = (
    "Tab completes what you type, Shift+Tab goes to the buttons. F2 makes you somebody else, F3 goes to another place, "
    "F4 into a thread. F1 shows this again."
)

THREADS_SHOWN = 20
"""Only the threads with the latest news: a terminal does not lay out years of messages at once."""


class Conversation(VerticalScroll, can_focus=False):
    def __init__(self, *, rehearsal: bool) -> None:
        super().__init__()
        self._rehearsal = rehearsal
        self._in_sight: MessageView | None = None
        """The newest message, until the person looks elsewhere: a message that is drawn anew above moves it about."""

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
                    mounted = [MessageView(posted, rehearsal=self._rehearsal) for posted in row]
                    await self.mount_all(mounted, before=position if position < len(self.children) else None)
                    fresh += mounted
                position += len(row)
            if not wanted:
                await self.mount(hint())
        if fresh:
            self._in_sight = max(fresh, key=lambda view: int(view.posted.id))
        self.call_after_refresh(self._keep_in_sight)

    def turn(self, pages: int) -> None:
        self._look_elsewhere()
        # Not when the screen is drawn next: two pages asked for at once are two.
        height = self.scrollable_content_region.height
        self.scroll_to(y=self.scroll_y + pages * height, animate=False, immediate=True)

    def _keep_in_sight(self) -> None:
        if self._in_sight is not None and self._in_sight.is_attached:
            self._in_sight.scroll_visible(animate=False)

    @on(MouseScrollUp)
    @on(MouseScrollDown)
    def _look_elsewhere(self) -> None:
        self._in_sight = None

    def on_resize(self) -> None:
        self.call_after_refresh(self._keep_in_sight)


def nothing_yet(where: str, hint: Message) -> Widget:
    """What a newcomer sees in an empty place."""
    return Vertical(
        Static(Content.styled(f"Nothing has been said in {where} yet.", "bold")),
        *as_widgets(map(drawn, hint.blocks)),
        Static(KEYS, classes="aside"),
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
