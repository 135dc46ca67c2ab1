"""A person fills in the form of a command with what a local script answers in words; it decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot import text
from commands import answers
from commands.message import Message
from storage.words import Address
from tests.screenplay import Said
from tests.slack.people import Person

_END = "? Write it here, or `cancel`."


def question(message: Message) -> str | None:
    """The label of the value that is asked for in words."""
    first = next((line for line in text.render(message).splitlines() if _END in line), None)
    return first.partition(_END)[0] if first is not None else None


def asks(said: Said, person: Address | str) -> bool:
    return said.delivery.to == person and question(said.delivery.message) is not None


@dataclass
class Forms:
    """`open` has the label of what each person was asked for last, and the root below which the form's effects come."""

    open: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def begin(self, person: Person, by: str, asked: Said, at: str | None) -> None:
        """The form is there, and has an input for the question."""
        label = question(asked.delivery.message)
        assert label is not None
        person.modal(lambda modal: label in modal.text)
        self.open[by] = (label, at)

    def answer(self, person: Person, by: str, words: str, said: list[Said]) -> str | None:
        """Fill in the answer; with the last one send the form. Returns the root below which its effects come."""
        label, at = self.open.pop(by)
        modal = person.modal()
        if words == "cancel":
            assert [one.delivery.message for one in said] == [answers.cancelled()]
            modal.close()
            return at
        [block] = [one for one in modal.view.inputs if one["label"]["text"] == label]
        several = block["element"]["type"].startswith("multi_")
        modal.fill({block["block_id"]: words.split(",") if several else words})
        more = next((one for one in said if asks(one, by)), None)
        if more is not None:
            self.begin(person, by, more, at)
        else:
            sent = modal.submit()
            assert sent.closed, sent
        return at
