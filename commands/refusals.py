"""Why something is not done, and what to do instead; every refusal ends up in the ledger under its tag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from commands.draft import Draft
from commands.message import Block, Code, Items, Message, Span, Spans, Text, say, typed
from storage.words import Marking


class Refusal(Exception):  # noqa: N818  # an outcome, not a fault: see house.md, "A refusal is an outcome too"
    """`problem` says what is wrong, `instead` what to type; the subject is for the ledger (R-1, C-1 or empty)."""

    tag = "refused"

    def __init__(
        self,
        *problem: str | Span,
        instead: Iterable[str | Span] = (),
        items: Sequence[Spans] = (),
        marking: Marking | None = None,
    ) -> None:
        super().__init__("".join(part if isinstance(part, str) else getattr(part, "text", "") for part in problem))
        self.problem, self.instead, self.items = problem, tuple(instead), tuple(items)
        self.marking = marking
        self.drafts: Sequence[Draft] = ()
        """Letters that go out all the same (a root that someone saw in an old state)."""

    def message(self) -> Message:
        blocks: list[Block] = [say(*self.problem)]
        if self.items:
            blocks.append(Items(self.items))
        if self.instead:
            blocks.append(say(*self.instead))
        return Message(self.marking, tuple(blocks))


class NotEnrolled(Refusal):
    """A stranger; those who can enrol them are named."""

    tag = "refused:stranger"

    def __init__(self, address: str, enrollers: Sequence[str]) -> None:
        who = f"Who can enrol you: {', '.join(enrollers) or 'a coordinator'}, by "
        super().__init__(
            "Nobody has enrolled ",
            Code(address),
            " yet.",
            instead=(who, Code(f"/officer add {address} --agency CODE"), "."),
        )


class NotPermitted(Refusal):
    tag = "refused:permission"


class UnknownCase(Refusal):
    """The same words whether it does not exist or may not be seen."""

    tag = "refused:unknown"

    def __init__(self, ref: str) -> None:
        super().__init__(f"There is no {ref} that you may see.", instead=(Code("/case list"), " shows your cases."))


class UnknownRequest(Refusal):
    tag = "refused:unknown"

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"There is no {ref} that you may see.", instead=(Code("/request list"), " shows your requests.")
        )


class UnknownExhibit(Refusal):
    tag = "refused:unknown"

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"There is no {ref} that you may see.", instead=(Code("/exhibit list"), " shows your exhibits.")
        )


class UnknownAgency(Refusal):
    tag = "refused:unknown"

    def __init__(self, code: str, known: Iterable[str]) -> None:
        known = list(known)
        near = get_close_matches(code, known, n=1)
        guess: Spans = (Text(f" Did you mean {near[0]}?"),) if near else ()
        super().__init__(
            "There is no agency ", *typed(code), ".", *guess, instead=(f"Agencies: {', '.join(known) or 'none yet'}.",)
        )


class StepNotOpen(Refusal):
    tag = "refused:state"


class Stale(Refusal):
    """A button that was shown before the request changed."""

    tag = "refused:stale"

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"{ref} has changed since that button was shown, so nothing was done.",
            instead=("Look at it again: ", Code(f"/request show {ref}"), "."),
        )


class BadValue(Refusal):
    """A value that reads well and means nothing: a date in the past, a zone that does not exist."""

    tag = "refused:value"


class RedTyped(Refusal):
    tag = "refused:red"

    def __init__(self) -> None:
        super().__init__(
            "This is RED, and others read along here: nothing was entered and your words were not kept.",
            instead=("Please delete your message, and write it to me directly.",),
        )


def busy(reason: str) -> Message:
    """The records could not be written in time: nothing was entered, and nothing will be later."""
    return Message(None, (say(reason, " Nothing was entered. Please try again."),))


BUSY = "Busy: the records are locked by another writer."
BROKEN = "The records cannot be written (the disk is full or read-only); the operator must mend this."


def set_aside() -> Message:
    words = "That failed three times and was set aside; the operator has been shown. Nothing was entered."
    return Message(None, (say(words),))
