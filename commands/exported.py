"""What is done once a case's file lies in the vault: who gets it, and what is remembered of it."""

from __future__ import annotations

import json

from commands import custody, exporting
from commands.arrival import Arrival
from commands.call import Call, Outcome, key, record
from commands.message import Code, Enclosure, Message, say
from storage import cases, exhibits, exports
from storage.ledger import Head
from storage.words import Act, Marking, case_ref, read_ref

EXPORT = "export"

IMPOSSIBLE = "impossible"
"""The errand's result where an exhibit is not in the vault as it was received, or the agency is on the case no more."""


def written(call: Call, arrival: Arrival) -> Outcome:
    """The file is in the vault; it goes to whoever asked, if that is still an officer of the agency it was made for."""
    if arrival.text == IMPOSSIBLE:
        return _impossible(call, int(arrival.message.split(":")[1]))
    found = json.loads(arrival.text)
    shown = json.loads(found["snapshot"])
    _, number = read_ref(shown["case"]["ref"]) or (None, 0)
    if call.actor.agency is None or call.agency.code != shown["for"]:
        return Outcome()
    case, head = cases.by_id(call.session, number), Head(shown["ledger"]["count"], shown["ledger"]["head"])
    exports.keep(
        call.session, number, call.agency_id, head, found["snapshot"], call.now, found["sha256"], found["size"]
    )
    ref = case_ref(key(case.id))
    records = [record("case:exported", ref, head=str(head), sha256=found["sha256"])]
    for one in shown["exhibits"]:
        if one["file"] is not None:
            _, exhibit = read_ref(one["ref"]) or (None, 0)
            kept = exhibits.by_id(call.session, exhibit)
            records.append(custody.link(call, kept, Act.EXPORTED, f"exported for {call.agency.code} with {ref}"))
    words = say(f"{ref} as {call.agency.code} may see it. SHA-256: ", Code(found["sha256"]))
    how = say("Unpacked, VERIFY.txt says how anyone checks it. Its ledger ends with ", Code(str(head)), ".")
    file = Enclosure(f"{exporting.name_of(shown)}.zip", "application/zip", found["size"], found["sha256"])
    return Outcome(tuple(records), reply=Message(Marking(shown["marking"]), (words, how, file)))


def _impossible(call: Call, number: int) -> Outcome:
    if call.actor.agency is None or (case := cases.visible(call.session, call.agency_id, number)) is None:
        return Outcome()
    words = say(f"{case_ref(number)} cannot be given: one of its exhibits is not in the vault as it was received.")
    told = say("Please tell the operator: ", Code("python -m bot vault verify"), " names it.")
    return Outcome((record("case:damaged", case_ref(number)),), reply=Message(case.marking, (words, told)))
