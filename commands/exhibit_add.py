"""What is attached to a command, or stands elsewhere, is added to a request as its exhibits."""

from __future__ import annotations

from typing import Annotated

from commands import find, reply
from commands.call import Call, Outcome
from commands.declare import Ask, Permission, RequestNo, command
from commands.message import Code
from commands.refusals import BadValue, NotPermitted
from storage.words import Sight, request_ref


@command("exhibit add", permit=Permission.EXHIBIT_ADD)
class AddExhibit:
    """Keep the files attached to this message as exhibits of a request, as if they were attached below its root."""

    request: Annotated[RequestNo, Ask("Request", here=True)]
    text: Annotated[str | None, Ask("About them", rest=True, example="The lease of the mailbox.")] = None

    def perform(self, call: Call) -> Outcome:
        request, sight = find.request(call, self.request)
        ref = request_ref(self.request)
        if sight is not Sight.FULL:
            raise NotPermitted(f"{call.agency.code} may not write in {ref}: its two agencies do.")
        if call.origin is None or not call.origin.files:
            line = Code(f"!exhibit add {ref}")
            raise BadValue("Nothing is attached.", instead=("Attach it to the message that says ", line, "."))
        call.mind_red(request.marking, self.text, *(file.name or file.id for file in call.origin.files))
        return reply.add(call, request, call.origin, self.text or "")
