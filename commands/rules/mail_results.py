"""What servers recorded of a mail's authentication, and whose record it is; checks nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from commands.rules.mail_head import Field, Head
from commands.rules.mail_hops import Trace, authserv_id
from commands.rules.mail_hosts import organisation
from commands.rules.mail_words import harmless

MOST = 20
"""Results that are kept."""
_FIELDS = ("authentication-results", "arc-authentication-results", "received-spf")
_LONGEST = 4_000  # characters of a field that are read

_PIECE = re.compile(r"[();]|[^();]++")
_RESULT = re.compile(
    r"\s*+(spf|dkim|dmarc|arc)\s{0,5}(?:/\s{0,5}[0-9]{1,3})?\s{0,5}=\s{0,5}([a-z]{1,12})\b", re.IGNORECASE
)
_ABOUT = re.compile(r"\b(?:smtp\.(?:mailfrom|helo)|header\.(?:d|i|from))=\s{0,5}\"?([^\s;\"]{1,255})", re.IGNORECASE)
_SPF = re.compile(r"\s*+(pass|fail|softfail|neutral|none|temperror|permerror)\b", re.IGNORECASE)
_SPF_BY = re.compile(
    r"\breceiver=\s{0,5}\"?([^\s;\"]{1,255})|\A\s{0,5}[a-z]{1,12}\s{0,5}\(([\w.-]{1,255}+):", re.IGNORECASE
)
_SPF_ABOUT = re.compile(r"\benvelope-from=\s{0,5}\"?([^\s;\"]{1,255})|\bdomain of ([^\s;\"]{1,255})", re.IGNORECASE)


class Standing(StrEnum):
    """How far a result can be believed.

    RECEIVER: it bears the receiving organisation's name and stands above the lowest trusted hop, where no sender
    writes. NAMED: it bears that name, is the first of those to speak of its method, and stands directly below that
    hop, before any other: there most servers put their own, but so could a sender, if the server does not strip foreign
    fields that bear its name (RFC 8601, 5, obliges it to). FORGEABLE: all others.
    """

    RECEIVER = "the receiver's"
    NAMED = "bears the receiver's name"
    FORGEABLE = "could be forged"


@dataclass(frozen=True)
class Result:
    """`method` is spf, dkim, dmarc or arc, `verdict` as recorded (`pass`, `fail` ...), `about` the domain or address.

    `by` is who recorded it, as the field says; empty where it does not.
    """

    method: str
    verdict: str
    about: str
    by: str
    standing: Standing = Standing.FORGEABLE


def read_results(head: Head, way: Trace) -> tuple[Result, ...]:
    """The first MOST results, from the top."""
    hops_below = [field.number for field in head.all("received") if field.number > way.line]
    next_hop = min(hops_below, default=len(head.fields))
    results: list[Result] = []
    for field in head.all(*_FIELDS):
        found = [*_of(field)]
        if organisation(_recorder(field)) in way.names:
            found = [replace(each, standing=_standing(each, field, results, way.line, next_hop)) for each in found]
        results += found
        if len(results) >= MOST:
            break
    return tuple(results[:MOST])


def _standing(result: Result, field: Field, before: list[Result], line: int, next_hop: int) -> Standing:
    if field.number < line:
        return Standing.RECEIVER
    better = any(
        each.standing is Standing.RECEIVER or (each.standing is Standing.NAMED and each.method == result.method)
        for each in before
    )
    return Standing.FORGEABLE if better or field.number > next_hop else Standing.NAMED


def _recorder(field: Field) -> str:
    if field.name != "received-spf":
        return authserv_id(field.text[:_LONGEST])
    found = _SPF_BY.search(field.text[:_LONGEST])
    return (found[1] or found[2]).lower() if found else ""


def _of(field: Field) -> Iterator[Result]:
    text, by = field.text[:_LONGEST], harmless(_recorder(field), 100)
    if field.name == "received-spf":
        if found := _SPF.match(text):
            about = _SPF_ABOUT.search(text)
            yield Result("spf", found[1].lower(), harmless((about[1] or about[2]) if about else "", 100), by)
        return
    for statement in _statements(text):
        if found := _RESULT.match(statement):
            about = _ABOUT.search(statement)
            whom = about[1] if about and about[1] != "none" else ""
            yield Result(found[1].lower(), found[2].lower(), harmless(whom, 100), by)


def _statements(text: str) -> list[str]:
    """What stands between the semicolons, without the comments, in which anything may be written."""
    statements, depth = [""], 0
    for piece in _PIECE.findall(text):
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(depth - 1, 0)
        elif not depth and piece == ";":
            statements.append("")
        elif not depth:
            statements[-1] += piece
    return statements[:50]
