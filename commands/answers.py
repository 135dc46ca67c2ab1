"""How an answer reaches its asker, and the answers that no command gives; it decides nothing."""

from __future__ import annotations

from commands.call import Call
from commands.draft import Draft
from commands.grammar import Complaint
from commands.message import Actions, Button, Code, Message, say, typed
from commands.request_page import BUTTONS
from storage.tables import LetterKind
from storage.words import Manner, Step


def privately(call: Call, message: Message, manner: Manner = Manner.ALOUD) -> Draft:
    """For the asker alone: where they asked, or directly. What is marked is never said aloud."""
    thread = call.thread.id if call.thread is not None and call.place is not None else None
    return Draft(
        LetterKind.PRIVATE,
        message,
        place=call.place,
        addressee=call.actor.address,
        under=call.below if call.place is not None and thread is None else None,
        thread_id=thread,
        agency_id=call.actor.agency.id if call.actor.agency is not None and message.marking is not None else None,
        manner=Manner.APART if manner is Manner.ALOUD and message.marking is not None else manner,
    )


def openly(call: Call, message: Message) -> Draft:
    """For all who read the place, below the message that asked; in a direct message for the asker."""
    if call.place is None:
        return privately(call, message)
    thread = call.thread.id if call.thread is not None else None
    return Draft(
        LetterKind.POST, message, place=call.place, thread_id=thread, under=call.below if thread is None else None
    )


def elsewhere() -> Message:
    """What a room hears of an answer that only its asker reads."""
    return Message(None, (say("Answered privately."),))


def unreadable() -> Message:
    words = "I could not read that message: your client did not give me its key. Please send it again."
    return Message(None, (say(words),))


def muted() -> Message:
    """For a command that could be answered nowhere."""
    words = "I may not write in that place, so nothing was entered."
    instead = "Someone who looks after it invites me, or gives me the power to send messages there."
    return Message(None, (say(words), say(instead)))


def complaint(found: Complaint) -> Message:
    """A clear error that shows the usage."""
    blocks = [say(*typed(found.problem))]
    if found.usage:
        blocks.append(say("Usage: ", Code(found.usage)))
    return Message(None, tuple(blocks))


def no_files() -> Message:
    words = "The file was not taken: attach it below the request that it answers, or to a message that says "
    return Message(None, (say(words, Code("!exhibit add R-n"), ", and it is kept as an exhibit."),))


def bare_verb(verb: str, ref: str) -> Message:
    """`ack` alone may be meant as the command; it is never relayed."""
    label = BUTTONS.get(Step(verb), verb.capitalize()) if verb in set(Step) else verb.capitalize()
    words = say("A bare ", Code(verb), " is not relayed. If you mean the command, press the button.")
    return Message(None, (words, Actions((Button(label, f"/request {verb} {ref}"),))))


def not_a_command() -> Message:
    return Message(None, (say("Type a command, for example ", Code("/comity help"), "."),))


def cancelled() -> Message:
    return Message(None, (say("Cancelled: nothing was entered."),))


def nothing_to_cancel() -> Message:
    return Message(None, (say("Nothing is waiting to be cancelled."),))


def edited_command() -> Message:
    words = "That was a command, and an edited command is not performed again: type it anew."
    return Message(None, (say(words),))


def edited_into_a_command() -> Message:
    return Message(None, (say("An edit is not performed as a command: type it anew."),))


def at_work() -> Message:
    """For one who waits longer than a platform lets them."""
    return Message(None, (say("One moment, this takes longer than usual …"),))
