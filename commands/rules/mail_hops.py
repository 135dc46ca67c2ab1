"""Which way a mail says it came, and how far down that can be believed; knows no network and no list of servers.

From the message alone one can only trust from the top down, because each server writes its line above all others: the
topmost Received line is the receiving server's own, what a sender forges stands below it. So:

1. The first line is trusted. Its `by` host names the receiving organisation; the authserv-id of an
   Authentication-Results field above that line may name another domain of it.
2. The line below is trusted only if the one above says that it got the mail from inside: from nobody (a delivery within
   the server), from an internal, loopback or private address, from a host without a domain, or from a neighbour, that
   is, host and server have one organisational domain and the server recorded both addresses, in one /24 (IPv4) or /32
   (IPv6), as Microsoft's do. And its own `by` host must be of the receiving organisation, or without a domain.
3. The first line that names an address from outside ends it: this is the hand-over address, the last that was recorded
   and not told. All lines below can be forged and say so.

The name in a line is what the sender's server called itself; only the address was recorded. Where a server in front of
the receiving one hides the sender's address behind a private one, nothing in a mail tells that from a true inner hop.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address, ip_network

from commands.rules.mail_head import Field, Head, read_sent
from commands.rules.mail_hosts import Ip, address_of, is_homely, is_internal, organisation
from commands.rules.mail_words import harmless

_NEIGHBOURS = {4: 24, 6: 32}

_PIECE = re.compile(r"[()]|[^\s();]++")
_IP = re.compile(r"(?<![\w.:-])(?:IPv6:)?([0-9A-Fa-f:.]{2,45}+)(?:%\w{1,20})?(?![\w-])", re.IGNORECASE)
_BRACKETED = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45}+)\]", re.IGNORECASE)
_CLAIM = re.compile(r"(?<![\w.-])(?:helo|ehlo)[= ]", re.IGNORECASE)  # not the host helo.example
_LONGEST = 2_000
_CLAUSES = frozenset({"from", "by", "with", "id", "via", "for"})
_AUTHSERV = re.compile(r"\s*(?:i=\s*[0-9]{1,3}\s*;\s*)?([^\s;=()]{1,255}+)(?:\s+[0-9]{1,3})?\s*;")


@dataclass(frozen=True)
class Hop:
    """One Received line: who handed over (`name` as it called itself, `ip` as recorded), to whom, and when.

    What it does not say is empty or None; `at` is aware and UTC. `plain`: its brackets match, so that its parts are
    what they seem to be. `trusted`: written by the receiving organisation, as far as the mail alone can show.
    """

    name: str
    ip: str | None
    by: str
    by_ip: str | None
    at: datetime | None
    plain: bool = True
    trusted: bool = False


@dataclass(frozen=True)
class Trace:
    """The hops from the top, and the number (from 1) of the one that handed over, None if no address was recorded.

    `names` are the receiving organisation's domains; `line` is the number of the lowest trusted field in the header,
    -1 without one.
    """

    hops: tuple[Hop, ...]
    handover: int | None
    names: frozenset[str]
    line: int

    @property
    def handed_over(self) -> Hop | None:
        return None if self.handover is None else self.hops[self.handover - 1]


def trace(head: Head) -> Trace:
    """All hops, the trusted ones marked."""
    lines = head.all("received")
    hops = [read_hop(line.text) for line in lines]
    names = _named_above(head, lines)
    trusted, handover = 0, None
    for number, hop in enumerate(hops, start=1):
        domain = organisation(hop.by)
        if number > 1 and not (domain in names or is_homely(hop.by) or (domain and not names)):
            break
        if domain is not None:
            names |= {domain}
        trusted = number
        if not _came_from_inside(hop):
            handover = number if hop.ip is not None else None
            break
    marked = tuple(replace(hop, trusted=number < trusted) for number, hop in enumerate(hops))
    return Trace(marked, handover, names, lines[trusted - 1].number if trusted else -1)


def _named_above(head: Head, lines: tuple[Field, ...]) -> frozenset[str]:
    top = lines[0].number if lines else -1
    above = (field.text for field in head.all("authentication-results") if field.number < top)
    return frozenset(domain for text in above if (domain := organisation(authserv_id(text))) is not None)


def authserv_id(text: str) -> str:
    """Who recorded an Authentication-Results field (RFC 8601, 2.5); empty where it does not say, as Microsoft's."""
    found = _AUTHSERV.match(text)
    return found[1].lower() if found else ""


def _came_from_inside(hop: Hop) -> bool:
    if not hop.plain:
        return False
    if hop.ip is None:
        return not hop.name or is_homely(hop.name)
    address = ip_address(hop.ip)
    return is_internal(address) or _neighbours(hop, address)


def _neighbours(hop: Hop, address: Ip) -> bool:
    if hop.by_ip is None or organisation(hop.name) is None or organisation(hop.name) != organisation(hop.by):
        return False
    own = ip_address(hop.by_ip)
    return own.version == address.version and own in ip_network(f"{address}/{_NEIGHBOURS[own.version]}", strict=False)


def read_hop(text: str) -> Hop:
    """What a Received line says (RFC 5321, 4.4, and what servers make of it); `trusted` is for others to find."""
    said, comments, plain = _clauses(text[:_LONGEST])
    sent = read_sent(text[:_LONGEST].rpartition(";")[2])
    name = said.get("from", "")
    ip = _recorded(name, comments.get("from", [])) if plain else _last_bracketed(text)
    by_ip = _first_ip(" ".join(comments.get("by", []))) if plain else None
    at = sent.at if sent else None
    return Hop(harmless(name.strip("[]"), 100), ip, harmless(said.get("by", "").strip("[]"), 100), by_ip, at, plain)


def _clauses(text: str) -> tuple[dict[str, str], dict[str, list[str]], bool]:
    """The word after each of `from`, `by` ..., the comments that follow it, and whether the brackets match."""
    said: dict[str, str] = {}
    comments: dict[str, list[str]] = {}
    clause, waits, depth, opened = "", False, 0, 0
    for piece in _PIECE.finditer(text):
        match piece[0]:
            case "(":
                opened = opened if depth else piece.end()
                depth += 1
            case ")":
                depth -= 1
                if depth < 0:
                    break
                if not depth and clause:
                    comments[clause].append(text[opened : piece.start()])
            case word if depth:
                pass
            case word if waits:  # whatever it is: a host may call itself `by`
                said[clause], waits = word, False
            case word if word.lower() in _CLAUSES and word.lower() not in said:
                clause, waits = word.lower(), True
                comments[clause] = []
    return said, comments, depth == 0


def _recorded(name: str, comments: list[str]) -> str | None:
    """The address that the server saw: in the last comment that has one, for what precedes it may be the sender's.

    Exim writes `from [203.0.113.7] (helo=x)`; elsewhere a name in brackets is what the sender called itself.
    """
    for comment in reversed(comments):
        if (found := _first_ip(_before_claim(comment))) is not None:
            return found
    claims_only = all(_CLAIM.search(comment) for comment in comments)
    address = address_of(name) if claims_only and (comments or name.startswith("[")) else None
    return str(address) if address is not None else None


def _before_claim(comment: str) -> str:
    found = _CLAIM.search(comment)
    return comment[: found.start()] if found else comment


def _first_ip(text: str) -> str | None:
    for pattern in (_BRACKETED, _IP):
        for found in pattern.findall(text):
            if (address := address_of(found.rstrip("."))) is not None:
                return str(address)
    return None


def _last_bracketed(text: str) -> str | None:
    addresses = filter(None, map(address_of, _BRACKETED.findall(re.split(r"\sby\s", text)[0])))
    return next((str(address) for address in reversed(list(addresses))), None)
