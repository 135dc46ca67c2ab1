"""The embedded workspace in a terminal: one client in which a person can be anybody; it knows nothing of cases."""

from __future__ import annotations

import asyncio
import signal
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import App
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message as Notice
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList

from bot.local import find
from bot.local.bar import Bar
from bot.local.blocks import as_widgets, drawn
from bot.local.buttons import MessageButton
from bot.local.clock import ClockError, RunningClock, moved
from bot.local.conversation import Conversation, nothing_yet
from bot.local.dialogs import Choice, Page, Question
from bot.local.keys import KEYS, key_table
from bot.local.message_view import summary
from bot.local.places import Places, place_line, title_of
from bot.local.posted import address_of, is_name, name_of
from bot.local.prompt import Completer, Prompt
from bot.local.theme import NIGHT
from commands.message import Message
from storage.words import Address, Place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from bot.local.house import House
    from bot.local.posted import Event, Posted
    from commands.arrival import Arrival

__all__ = ["Completer", "Terminal"]


class Terminal(App[None], inherit_bindings=False):
    """`hint` is what a newcomer should know; `real` the machine's clock, which the workspace's runs ahead of."""

    CSS_PATH = "terminal.tcss"
    TITLE = "Comity"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    class Changed(Notice):
        """Something happened in the rooms."""

        def __init__(self, event: Event) -> None:
            super().__init__()
            self.event = event

    def __init__(
        self,
        house: House,
        completer: Completer,
        hint: Message,
        *,
        real: Callable[[], datetime] = lambda: datetime.now(UTC),
        rehearsal: bool = False,
    ) -> None:
        super().__init__()
        self.register_theme(NIGHT)
        self.theme = NIGHT.name
        self._house = house
        self._rooms = house.rooms
        self._hint = hint
        self._clock = RunningClock(real, house.rooms.now)
        self._person: Address = next(iter(self._rooms.people()), address_of("guest"))
        self._place: Place = self._rooms.places(self._person)[0]
        self._thread: Posted | None = None
        self._prompt = Prompt(completer, self._person, self._place)
        self._conversation = Conversation(rehearsal=rehearsal)
        self._turn = asyncio.Lock()
        self._until_closed = ExitStack()
        self._minute = datetime.min.replace(tzinfo=UTC)

    def compose(self) -> ComposeResult:
        yield Bar()
        with Horizontal():
            yield Places(compact=True)
            with Vertical():
                yield self._conversation
                yield self._prompt
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self._until_closed.enter_context(self._rooms.listening(self._hear))
        self._stop_on_sigterm()
        self._rooms.move(self._clock.now())
        self.set_interval(1, self._tick)
        # What was written just before a crash has not been taken yet.
        for arrival in self._rooms.since():
            self._take(arrival)
        self._prompt.take_focus()

    async def on_ready(self) -> None:
        """Only what has been laid out can be scrolled to its end."""
        await self._go(self._person, self._place)

    def _hear(self, event: Event) -> None:
        self.post_message(self.Changed(event))

    def _stop_on_sigterm(self) -> None:
        """The terminal is given back as it was; what the house has not acknowledged is taken at the next start."""
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError):  # on Windows, where nobody sends it
            loop.add_signal_handler(signal.SIGTERM, self.exit)
            self._until_closed.callback(loop.remove_signal_handler, signal.SIGTERM)

    def on_unmount(self) -> None:
        self._until_closed.close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """While a window is open, nothing happens behind it."""
        return action == "quit" or not isinstance(self.screen, ModalScreen)

    # Where one is, and as whom

    async def _go(self, person: Address, place: Place, thread: Posted | None = None) -> None:
        self._person, self._place, self._thread = person, place, thread
        await self._show()

    async def _show(self) -> None:
        messages = list(self._rooms.messages(self._place, self._person))
        if self._thread is not None:
            messages = [posted for posted in messages if self._thread.id in {posted.id, posted.root}]
        self._rooms.mark_read(self._person, self._place)
        self._show_frame()
        await self._conversation.show(messages, lambda: nothing_yet(title_of(self._place), self._hint))

    def _show_frame(self) -> None:
        who, where, thread = name_of(self._person), title_of(self._place), self._thread
        self.query_one(Places).show(self._rooms.unread(self._person), self._place)
        self._conversation.border_title = Content(f"{where}: {summary(thread)}" if thread else where).markup
        within = f" > {thread.label or 'thread'}" if thread else ""
        self._prompt.address(self._person, self._place, f"{who} in {where}{within}")
        self._show_clock()

    def _show_clock(self) -> None:
        self.query_one(Bar).show(self._person, self._clock.now())

    @on(Changed)
    async def _follow(self, changed: Changed) -> None:
        if changed.event.message.place == self._place:
            await self._show()
        else:
            self._show_frame()

    # What one does there

    @on(Prompt.Sent)
    def _send(self, sent: Prompt.Sent) -> None:
        root = self._thread.id if self._thread else None
        now = self._clock.now()
        self._take(self._rooms.post(self._person, self._place, sent.text, now, root=root, files=sent.files))

    @on(MessageButton.Pressed)
    def _press(self, pressed: MessageButton.Pressed) -> None:
        self._rooms.move(self._clock.now())
        self._take(self._rooms.press(self._person, pressed.message, pressed.button))
        self._prompt.take_focus()

    @on(OptionList.OptionSelected, "Places")
    async def _visit(self, event: OptionList.OptionSelected) -> None:
        await self._go(self._person, Place(str(event.option_id)))
        self._prompt.take_focus()

    def _take(self, arrival: Arrival) -> None:
        self._in_turn(lambda: self._house.take(arrival, self._clock.now()))

    @work
    async def _in_turn(self, deed: Callable[[], Awaitable[None]]) -> None:
        """The house does one thing after another, in the order in which they were asked for."""
        async with self._turn:
            await deed()

    # The clock

    def _tick(self) -> None:
        """By the minute: nothing is due by the second."""
        minute = self._clock.now().replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._show_clock()
            self._in_turn(self._perform_due)

    async def _perform_due(self) -> None:
        now = self._clock.now()
        await self._house.tick(now)
        self._rooms.move(now)

    def action_clock(self, how: str) -> None:
        self._clock.move(how)
        self._show_clock()
        self._in_turn(self._perform_due)

    @work
    async def action_set_clock(self) -> None:
        def problem(how: str) -> str | None:
            try:
                moved(self._clock.now(), how)
            except ClockError as error:
                return str(error)
            return None

        how = await self.push_screen_wait(Question("Move the clock", "+3d, +2h, +30m or 2026-12-10T09:00Z", problem))
        if how:
            self.action_clock(how)

    # The other keys

    def action_help(self) -> None:
        self.push_screen(Page("Help", *as_widgets(map(drawn, self._hint.blocks)), key_table()))

    @work
    async def action_attach(self) -> None:
        def problem(path: str) -> str | None:
            return None if _file(path).is_file() else f"there is no file {path}"

        path = await self.push_screen_wait(Question("Attach a file", "path of the file", problem))
        if path:
            self._prompt.attach(_file(path))

    @work
    async def action_person(self) -> None:
        people = [(str(person), Content(name_of(person))) for person in self._rooms.people()]
        chosen = await self.push_screen_wait(
            Choice("Who are you?", [*people, ("", Content("somebody new"))], self._person)
        )
        if chosen == "":
            name = await self.push_screen_wait(Question("Who are you?", "a name", _name_problem))
            chosen = address_of(name) if name else None
        if chosen is not None:
            person = Address(chosen)
            places = self._rooms.places(person)
            await self._go(person, self._place if self._place in places else places[0])

    @work
    async def action_place(self) -> None:
        own = self._rooms.unread(self._person)
        others = {place: 0 for place in self._rooms.channels() if place not in own}
        places = [(str(place), place_line(place, count)) for place, count in (own | others).items()]
        chosen = await self.push_screen_wait(Choice("Where to?", places, self._place))
        if chosen is not None:
            await self._go(self._person, Place(chosen))

    @work
    async def action_thread(self) -> None:
        threads = {posted.id: posted for posted in find.threads_in(self._rooms, self._place, self._person)}
        words = [("", Content(f"no thread, all of {title_of(self._place)}"))]
        words += [(posted.id, Content(summary(posted))) for posted in threads.values()]
        present = self._thread.id if self._thread else ""
        chosen = await self.push_screen_wait(Choice("Which thread?", words, present))
        if chosen is not None:
            await self._go(self._person, self._place, threads.get(chosen))

    async def action_leave(self) -> None:
        """Of what Escape could close, the nearest."""
        if self._prompt.close_menu():
            return
        if not self._prompt.has_focus_within:
            self._prompt.take_focus()
        elif self._thread is not None:
            await self._go(self._person, self._place)

    def action_scroll(self, pages: int) -> None:
        self._conversation.scroll_page_down() if pages > 0 else self._conversation.scroll_page_up()


def _name_problem(name: str) -> str | None:
    return None if is_name(name) else "a name is one word of letters, digits, dots and dashes"


def _file(path: str) -> Path:
    return Path(path).expanduser().resolve()
