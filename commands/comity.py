"""About Comity itself: help, and who it takes you for; their commands."""

from __future__ import annotations

from typing import Annotated

from commands import help_page
from commands.call import Call, Outcome, named
from commands.declare import Ask, Permission, command
from commands.message import Code, Fields, Message, Paragraph, Spans, say, spans
from storage import agencies
from storage.words import Address

P = Permission


@command("comity help", permit=P.COMITY_HELP, private=True)
class Help:
    """Say what can be typed, and how."""

    topic: Annotated[
        str | None, Ask("Topic", rest=True, help="a noun, or a noun and a verb", example="request send")
    ] = None

    def perform(self, call: Call) -> Outcome:  # noqa: ARG002  # every handler has this shape
        return Outcome(reply=help_page.topic(self.topic) if self.topic else help_page.overview())


@command("comity whoami", permit=P.COMITY_WHOAMI, private=True)
class WhoAmI:
    """Say whom Comity takes you for."""

    def perform(self, call: Call) -> Outcome:
        actor = call.actor
        if actor.operator:
            return Outcome(reply=Message(None, (say("You are the operator: agencies, people and desks, no cases."),)))
        if actor.officer is None or actor.agency is None:
            return Outcome(reply=Message(None, (stranger(actor.address),)))
        rows: list[tuple[str, Spans]] = [
            ("Role", spans(actor.officer.role)),
            ("Agency", spans(f"{actor.agency.name}, {actor.agency.zone}")),
            ("Address", spans(Code(actor.address))),
        ]
        desk = agencies.desk_of(call.session, call.agency_id)
        rows.append(
            ("Desk", spans(Code(desk)) if desk else spans("none yet: ", Code(f"/agency desk {actor.agency.code}")))
        )
        return Outcome(
            reply=Message(None, (say("You are ", named(actor.officer, actor.agency), "."), Fields(tuple(rows))))
        )


def stranger(address: Address) -> Paragraph:
    """Whom Comity takes somebody for whom nobody enrolled."""
    return say("You write as ", Code(address), "; nobody has enrolled you.")
