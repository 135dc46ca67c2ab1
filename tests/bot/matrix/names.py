"""What the people, places and commands of a local script are called on a homeserver; it changes no other words."""

from __future__ import annotations

import re

from bot.local.posted import channel_place, name_of
from bot.matrix import html
from commands.message import Message, from_json, to_json
from storage.words import Address, Place
from tests.bot.matrix.network import Network

_NAMED = re.compile(r"local:([\w-]+)|(?<![\w.:])@([\w-]+)")
_LEDGER = re.compile(r"(Ledger: )\d+( entries, head (?:`|<code>))[0-9a-f]+")


class Names:
    """`rooms`: the Matrix room of each local place."""

    def __init__(self, net: Network) -> None:
        self._net = net
        self.rooms = {channel_place(code.lower()): room for code, room in net.desks.items()}

    def user(self, person: str) -> str:
        """The Matrix id of a local address."""
        return self._net.user(name_of(person))

    def place(self, place: Place) -> Place:
        return Place(f"matrix:HOME/{self.rooms[place]}")

    def typed(self, text: str) -> str:
        """As people type it whose clients keep what begins with a slash."""
        return self.named(f"!{text[1:]}" if text.startswith("/") else text)

    def named(self, text: str) -> str:
        """With addresses, mentions and places of this homeserver."""
        return _NAMED.sub(self._name, text)

    def _name(self, found: re.Match[str]) -> str:
        address, mention = found.groups()
        if mention:
            return found[0] if mention.lower() == "comity" else self._net.user(mention)
        place = channel_place(address)
        return self.place(place) if place in self.rooms else f"matrix:{self._net.user(address)}"

    def words(self, message: Message) -> html.Words:
        """As an event of Matrix has it."""
        (words,) = html.render(from_json(self.named(to_json(message))), rehearsal=True)
        return html.Words(without_ledger(words.plain), without_ledger(words.html), words.mentions)


def without_ledger(words: str) -> str:
    """Invitations stand in the ledger too, and the salts of a program that runs are its own."""
    return _LEDGER.sub(r"\1?\2?", words)


def address_in(direct: Place) -> Address:
    """Whose direct place it is."""
    return Address(direct.replace("@", "", 1))
