"""PERSON as someone typed it: an address, or a mention that resolves to one, never a display name."""

from __future__ import annotations

import re

from commands.call import Call
from commands.message import Code, typed
from commands.refusals import BadValue
from storage import agencies
from storage.tables import LONGEST, Agency, Officer
from storage.words import Address

_ADDRESS = re.compile(
    r"local:[\w.-]+|matrix:@[^\s:@]+:[^\s@]+|slack:[A-Z0-9]+/[A-Z0-9]+",
    re.ASCII,
)


def read_address(text: str) -> Address:
    """`local:ana`, `@ana`, `@ana:ftc.example` or `slack:T1/U1`; raises BadValue."""
    if len(text) > LONGEST - len("matrix:"):
        raise BadValue(f"An address has at most {LONGEST} characters.")
    if _ADDRESS.fullmatch(text):
        return Address(text)
    if re.fullmatch(r"@[\w.-]+", text, re.ASCII):
        return Address(f"local:{text[1:]}")
    if re.fullmatch(r"@[^\s:@]+:[^\s@]+", text):
        return Address(f"matrix:{text}")
    raise BadValue(
        *typed(text),
        " is no address of a person.",
        instead=("Write local:NAME, matrix:@user:server, slack:TEAM/USER, or mention the person.",),
    )


def officer_named(call: Call, text: str) -> tuple[Officer, Agency]:
    """The enrolled officer behind an address; raises BadValue."""
    address = read_address(text)
    found = agencies.officer_at(call.session, address)
    if found is None:
        raise BadValue("Nobody is enrolled as ", Code(address), ".", instead=(Code("/officer list"), " shows who is."))
    return found
