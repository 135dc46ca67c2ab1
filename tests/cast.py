"""Who plays the people of a local script elsewhere, and where; it changes no other words than their names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.local.posted import channel_place
from commands.message import Message, from_json, to_json
from storage.words import Address, Place

_NAMED = re.compile(r"local:([\w-]+)|(?<![\w.:])@([\w-]+)")
_LINK = re.compile(r"(; link (?:`|<code>))[0-9a-f]{16}")
_LEDGER = re.compile(r"(Ledger: )\d+( entries, head (?:`|<code>))[0-9a-f]+")


@dataclass(frozen=True)
class Cast:
    """`people` by their local names, and `places` by the local ones: what each is called where the script is played."""

    people: dict[str, Address] = field(default_factory=dict)
    places: dict[Place, Place] = field(default_factory=dict)

    def named(self, text: str) -> str:
        """With addresses, mentions and places of where it is played."""
        return _NAMED.sub(self._name, text)

    def addressed(self, text: str) -> str:
        """As `named`, but mentions stay as people type them: their client finds out who that is."""
        return _NAMED.sub(lambda found: found[0] if found[2] else self._name(found), text)

    def message(self, message: Message) -> Message:
        return from_json(self.named(to_json(message)))

    def _name(self, found: re.Match[str]) -> str:
        address, mention = found.groups()
        if mention:
            return self.people[mention].removeprefix("matrix:") if mention in self.people else found[0]
        place = channel_place(address)
        return self.places[place] if place in self.places else self.people[address]


def without_ledger(words: str) -> str:
    """Invitations stand in the ledger too, and the salts of a program that runs are its own, as are its places."""
    return _LINK.sub(r"\1?", _LEDGER.sub(r"\1?\2?", words))


def address_in(direct: Place) -> Address:
    """Whose direct place it is."""
    return Address(direct.replace("@", "", 1))
