"""The embedded workspace in a terminal: one client in which a person can be anybody; it knows nothing of cases."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import App
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message as Notice
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList

from bot.local import choices, hangup
from bot.local.bar import Bar
from bot.local.blocks import as_widgets, drawn
from bot.local.buttons import MessageButton, go_to_buttons
from bot.local.clock import RunningClock
from bot.local.conversation import Conversation, nothing_yet
from bot.local.dialogs import Page
from bot.local.keys import KEYS, key_table
from bot.local.message_view import MessageView, summary
from bot.local.places import Places, title_of
from bot.local.posted import address_of
from bot.local.prompt import Prompt
from bot.local.standpoint import Journey, Standpoint
from bot.local.theme import NIGHT
from bot.local.trouble import Trouble
from bot.local.turns import Turns
from commands.message import Message
from storage.words import Address, Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from bot.local.house import Completer, House

_NOT_SENT = "That could not be sent. It stands below as you wrote it"
_NOT_PRESSED = "That could not be pressed"
_NOT_NOTED = "What you have seen could not be noted, and counts as unread"


class Terminal(App[None], inherit_bindings=False):
    """`hint` is what a newcomer should know; `real` the machine's clock, which the workspace's runs ahead of."""

    CSS_PATH = "terminal.tcss"
    TITLE = "Comity"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    class Changed(Notice):
        """Something happened in the rooms."""

        def can_replace(self, message: Notice) -> bool:
            """Of several things that happened at once, each would only show the same again."""
            return isinstance(message, Terminal.Changed)

    def __init__(
        self,
        house: House,
        completer: Completer,
        hint: Message,
        *,
        real: Callable[[], datetime] = lambda: datetime.now(UTC),
        rehearsal: bool = False,
        log: Path | None = None,
    ) -> None:
        super().__init__()
        self.register_theme(NIGHT)
        self.theme = NIGHT.name
        self._rooms = house.rooms
        self._hint = hint
        self._clock = RunningClock(real, house.rooms.now)
        self._trouble = Trouble(log)
        self._turns = Turns(house, completer, self._clock, self._trouble)
        person = next(iter(self._rooms.people()), address_of("guest"))
        self._journey = Journey(Standpoint(person, self._rooms.places(person)[0]))
        self._prompt = Prompt(self._turns.complete, person, self._here.place)
        self._conversation = Conversation(rehearsal=rehearsal)
        self._places, self._bar = Places(compact=True), Bar()
        self._until_closed = ExitStack()
        self._minute = datetime.min.replace(tzinfo=UTC)

    def compose(self) -> ComposeResult:
        yield self._bar
        with Horizontal():
            yield self._places
            with Vertical():
                yield self._conversation
                yield self._trouble
                yield self._prompt
        yield Footer(compact=True)

    async def stay(self) -> int:
        """Until somebody quits, the process is told to stop or its terminal is gone; else that is given back as it was.

        What the house has not acknowledged by then is taken at the next start. 0: all was well.
        """
        loop = asyncio.get_running_loop()

        def leave() -> None:
            with suppress(RuntimeError):  # the loop has ended: it is leaving
                loop.call_soon_threadsafe(self.exit)

        hangup.heed(leave)
        await self.run_async()
        return self.return_code or 0

    def on_mount(self) -> None:
        self._until_closed.enter_context(self._rooms.listening(lambda _event: self._hear()))
        self.set_interval(1, self._tick)
        # What was written just before a crash has not been taken yet.
        for arrival in self._rooms.since():
            self.run_worker(self._turns.take(arrival))

    async def on_ready(self) -> None:
        """Only what has been laid out can be scrolled to its end."""
        await self._go(self._here)

    def _hear(self) -> None:
        self.post_message(self.Changed())

    def on_unmount(self) -> None:
        self._until_closed.close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """While a window is open, nothing happens behind it."""
        return action == "quit" or not isinstance(self.screen, ModalScreen)

    # Where one is, and as whom

    @property
    def _here(self) -> Standpoint:
        return self._journey.here

    async def _go(self, there: Standpoint) -> None:
        self._journey.go(there)
        await self._show()
        self._prompt.take_focus()

    @on(Changed)
    async def _show(self) -> None:
        here, where = self._here, title_of(self._here.place)
        shown, elsewhere = self._journey.look([*self._rooms.messages(here.place, here.person)])
        with self._trouble.instead_of_ending(_NOT_NOTED):
            self._rooms.mark_read(here.person, here.place)
        self._places.show(self._rooms.unread(here.person), here.place)
        self._show_clock()
        self._conversation.border_title = Content(f"{where}: {summary(here.thread)}" if here.thread else where).markup
        news = f", {elsewhere} new" if elsewhere else ""
        self._prompt.address(here, f"Esc: all of {where}{news}" if here.thread else "")
        await self._conversation.show(shown, lambda: nothing_yet(where, self._hint))

    def _show_clock(self) -> None:
        self._bar.show(self._here.person, self._clock.now())

    @on(OptionList.OptionSelected, "Places")
    async def _visit(self, event: OptionList.OptionSelected) -> None:
        await self._walk(event.option_id)

    @on(MessageView.Opened)
    async def _open(self, opened: MessageView.Opened) -> None:
        await self._enter(opened.root)

    async def _enter(self, root: str | None) -> None:
        if root is not None and (self._here.thread is None or self._here.thread.id != root):
            await self._go(replace(self._here, thread=self._rooms.message(root)))

    # What one does there

    @on(Prompt.Sent)
    def _send(self, sent: Prompt.Sent) -> None:
        here, now = self._here, self._clock.now()
        root = here.thread.id if here.thread else None
        self._trouble.clear()
        with self._trouble.instead_of_ending(_NOT_SENT):
            arrival = self._rooms.post(here.person, here.place, sent.text, now, root=root, files=sent.files)
            self.run_worker(self._turns.take(arrival))
            return
        self._prompt.give_back(sent.text, sent.files)

    @on(MessageButton.Pressed)
    async def _press(self, pressed: MessageButton.Pressed) -> None:
        self._trouble.clear()
        with self._trouble.instead_of_ending(_NOT_PRESSED):
            self._rooms.move(self._clock.now())
            arrival = self._rooms.press(self._here.person, pressed.message, pressed.button)
            self.run_worker(self._turns.take(arrival))
            # What Comity asks back stands in the thread of the button, and only there is its answer looked for.
            await self._enter(arrival.thread)
        self._prompt.take_focus()

    # The clock

    def _tick(self) -> None:
        """By the minute: nothing is due by the second."""
        minute = self._clock.now().replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._show_clock()
            self.run_worker(self._turns.perform_due())

    def action_clock(self, how: str) -> None:
        self._clock.move(how)
        self._show_clock()
        self.run_worker(self._turns.perform_due())

    async def action_set_clock(self) -> None:
        await self.push_screen(choices.instant(self._clock.now), self._set_clock)

    def _set_clock(self, how: str | None) -> None:
        if how:
            self.action_clock(how)

    # The other keys; each ends with its window open, so that the next key is the window's

    async def action_help(self) -> None:
        await self.push_screen(Page("Help", *as_widgets(map(drawn, self._hint.blocks)), key_table()))

    async def action_attach(self) -> None:
        await self.push_screen(choices.file(), self._take_file)

    def _take_file(self, path: str | None) -> None:
        if path:
            self._prompt.attach(choices.path_of(path))

    async def action_person(self) -> None:
        await self.push_screen(choices.person(self._rooms, self._journey), self._become)

    async def _become(self, chosen: str | None) -> None:
        if chosen == choices.NEW:
            await self.push_screen(choices.name(), self._come)
        elif chosen is not None:
            await self._go(self._here.become(Address(chosen), self._rooms))

    async def _come(self, name: str | None) -> None:
        if name:
            await self._become(address_of(name))

    async def action_place(self) -> None:
        await self.push_screen(choices.place(self._rooms, self._journey), self._walk)

    async def _walk(self, chosen: str | None) -> None:
        if chosen is not None:
            await self._go(Standpoint(self._here.person, Place(chosen)))

    async def action_thread(self) -> None:
        await self.push_screen(choices.thread(self._rooms, self._journey), self._look_into)

    async def _look_into(self, chosen: str | None) -> None:
        if chosen == choices.ALL:
            await self._walk(self._here.place)
        else:
            await self._enter(chosen)

    async def action_leave(self) -> None:
        """Of what Escape could close, the nearest."""
        if self._prompt.close_menu():
            return
        if not self._prompt.has_focus_within:
            self._prompt.take_focus()
        elif self._here.thread is not None:
            await self._walk(self._here.place)

    def action_buttons(self) -> None:
        go_to_buttons(self.screen)

    def action_scroll(self, pages: int) -> None:
        self._conversation.turn(pages)
