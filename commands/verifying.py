"""What was found when an exhibit was read again, to the last byte: told to whoever asked, and a link of its chain."""

from __future__ import annotations

from commands import custody, exhibit_page
from commands.arrival import Arrival
from commands.call import Call, Outcome, key, record
from storage import exhibits, requests
from storage.exhibits import Soundness
from storage.words import Act, exhibit_ref

VERIFY = "verify"


def verified(call: Call, arrival: Arrival) -> Outcome:
    """It is a link of the chain only if the bytes are those that came."""
    exhibit = exhibits.by_id(call.session, int(arrival.message.split(":")[1]))
    request = requests.by_id(call.session, exhibit.request_id)
    found = Soundness(arrival.text)
    links = len(exhibits.chain(call.session, key(exhibit.id)))
    reply = exhibit_page.verified(exhibit, request, found, links)
    if found is not Soundness.WHOLE or call.actor.officer is None:  # who asked may be no officer any more
        return Outcome((record("exhibit:read", exhibit_ref(key(exhibit.id)), found=found),), reply=reply)
    return Outcome(
        (custody.link(call, exhibit, Act.VERIFIED, "read again, and compared with its receipt"),), reply=reply
    )
