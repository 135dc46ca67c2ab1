"""What a person writes at a Slack client, and sees there; what apps offer is in people."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.slack import conversation, membership, typed
from tests.slack.apps import Install
from tests.slack.files import readable
from tests.slack.pictures import pictures
from tests.slack.seeing import Seen, seen
from tests.slack.surfaces import WITHIN, NotOfferedError
from tests.slack.world import Channel, File, Message, User

if TYPE_CHECKING:
    from tests.slack.server import Slack


class Member:
    """Somebody in a workspace, in its channels."""

    def __init__(self, slack: Slack, user: User) -> None:
        self._slack = slack
        self._world = slack.world
        self.user = user

    @property
    def id(self) -> str:
        return self.user.id

    # What is written.

    def says(self, channel: Channel, text: str, *, thread: str | None = None, broadcast: bool = False) -> str:
        """Post a message; returns its timestamp. A line that begins with a slash never leaves the client."""
        if text.startswith("/"):
            raise NotOfferedError(f"{text.split(maxsplit=1)[0]} is a command, and goes nowhere as a message")
        return self._post(channel, text, thread=thread, broadcast=broadcast).ts

    def attaches(
        self, channel: Channel, name: str, content: bytes, text: str = "", *, thread: str | None = None
    ) -> str:
        """Post a file; returns the timestamp of its message."""
        with self._world.lock:
            made = int(self._world.clock.now())
            file = File(self._world.new_id("F"), self.user.team, self.id, name, len(content), content, created=made)
            file.complete = True
            self._world.files[file.id] = file
        return self._post(channel, text, thread=thread, files=(file,)).ts

    def edits(self, channel: Channel, ts: str, text: str) -> None:
        """Change one's own message."""
        message = self._own(channel, ts)
        encoded = typed.message(self._world, self.user, text)
        blocks = typed.rich_text(self._world, encoded)
        conversation.edit(self._world, channel, message, self.user, text=encoded, blocks=blocks)

    def deletes(self, channel: Channel, ts: str) -> None:
        """Take one's own message away."""
        conversation.delete(self._world, channel, self._own(channel, ts))

    def reacts(self, channel: Channel, ts: str, name: str) -> None:
        self._inside(channel)
        conversation.react(self._world, channel, self._message(channel, ts), self.user, name.strip(":"))

    def _post(
        self,
        channel: Channel,
        text: str,
        *,
        thread: str | None = None,
        broadcast: bool = False,
        files: tuple[File, ...] = (),
    ) -> Message:
        with self._world.lock:
            self._inside(channel)
            if thread is not None and self._message(channel, thread).is_reply:
                raise NotOfferedError("a reply has no thread of its own")
            encoded = typed.message(self._world, self.user, text)
            return conversation.post(
                self._world,
                channel,
                self.user,
                encoded,
                blocks=typed.rich_text(self._world, encoded) if encoded else None,
                thread_ts=thread,
                broadcast=broadcast,
                files=files,
                client_msg_id=self._world.new_id("msg"),
            )

    # Where one is.

    def direct(self, install: Install) -> Channel:
        """The conversation with an app."""
        if not install.app.takes_messages:
            raise NotOfferedError(f"{install.app.name} takes no messages")
        return self._world.direct(self.user, self._world.users[install.bot_user])

    def joins(self, channel: Channel) -> None:
        if channel.kind != "channel" or self.user.team not in channel.teams:
            raise NotOfferedError(f"{self.user.name} does not see {channel.name}")
        membership.join(self._world, channel, self.user)

    def invites(self, channel: Channel, *guests: Member | Install) -> None:
        """Bring people and apps in."""
        self._inside(channel)
        for guest in guests:
            user = guest.user if isinstance(guest, Member) else self._world.users[guest.bot_user]
            membership.join(self._world, channel, user, self.user)

    def removes(self, channel: Channel, guest: Member | Install) -> None:
        self._inside(channel)
        user = guest.user if isinstance(guest, Member) else self._world.users[guest.bot_user]
        membership.leave(self._world, channel, user, self.user)

    def leaves(self, channel: Channel) -> None:
        membership.leave(self._world, channel, self.user)

    # What is seen.

    def sees(self, channel: Channel, thread: str | None = None) -> list[Seen]:
        """What stands there now for this person, oldest first."""
        with self._world.lock:
            return seen(self._world, self.user, channel, thread)

    def finds(self, channel: Channel, text: str, thread: str | None = None, *, within: float = WITHIN) -> Seen:
        """Wait until a text is to be read; returns the newest message that says it."""

        return self.hears(channel, lambda one: text in one.text, thread, within=within)

    def hears(
        self, channel: Channel, wanted: Callable[[Seen], object], thread: str | None = None, *, within: float = WITHIN
    ) -> Seen:
        """Wait until a message is such; returns the newest that is."""

        def such(there: list[Seen]) -> list[Seen]:
            return [one for one in there if wanted(one)]

        return such(self.waits(channel, lambda there: bool(such(there)), thread, within=within))[-1]

    def waits(
        self,
        channel: Channel,
        condition: Callable[[list[Seen]], bool],
        thread: str | None = None,
        *,
        within: float = WITHIN,
    ) -> list[Seen]:
        """Wait until a condition on what is seen holds, and return that; fails after so many seconds."""
        there: list[Seen] = []

        def holds() -> bool:
            there[:] = self.sees(channel, thread)
            return condition(there)

        if not self._world.until(holds, within):
            lines = [f"{one.author}: {one.text}" for one in there[-20:]]
            raise AssertionError(f"after {within:g} s {self.user.name} sees {lines}")
        return there

    def opens(self, channel: Channel, ts: str) -> dict[str, bytes]:
        """Look at the pictures in a message and open its files; what this person may not read is not there."""
        with self._world.lock:
            self._inside(channel)
            body = self._message(channel, ts).body
            shown = [str(one.get("id")) for one, _where in pictures(body.get("blocks") or ())]
            files = [self._world.files[one] for one in [*shown, *(one["id"] for one in body.get("files") or ())]]
            return {file.name: file.content or b"" for file in files if readable(self._world, file, self.id)}

    def reloads(self) -> None:
        """Start the client anew: what was shown to this person only is gone."""
        with self._world.lock:
            self._world.ephemerals.pop(self.id, None)

    def _inside(self, channel: Channel) -> None:
        if self.id not in channel.members:
            raise NotOfferedError(f"{self.user.name} is not in {channel.name}")
        if channel.archived:
            raise NotOfferedError(f"{channel.name} is archived")

    def _message(self, channel: Channel, ts: str) -> Message:
        if ts not in channel.messages:
            raise NotOfferedError(f"there is no {ts} in {channel.name}")
        return channel.messages[ts]

    def _own(self, channel: Channel, ts: str) -> Message:
        message = self._message(channel, ts)
        if message.body["user"] != self.id:
            raise NotOfferedError(f"{ts} is not {self.user.name}'s")
        return message
