"""Hosts and addresses as a mail names them: whose a host is, and what only a network knows; looks nothing up."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Ip = IPv4Address | IPv6Address

# Not `is_private`, which counts the networks for documentation too: they stand for the public ones in every example.
_INSIDE: tuple[IPv4Network | IPv6Network, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.168.0.0/16", "224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10", "ff00::/8",
        ),
    )
)  # fmt: skip
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
_HOMELY = (".local", ".localdomain", ".lan", ".internal", ".intranet", ".home", ".corp")
_COUNTRY = 2
_LITERAL = re.compile(r"\AIPv6:", re.IGNORECASE)


def is_internal(address: Ip) -> bool:
    """Private, loopback, link-local, shared or of no single host, also where an IPv6 address holds such an IPv4 one."""
    if isinstance(address, IPv6Address):
        held = address.ipv4_mapped or address.sixtofour
        if held is not None:
            return is_internal(held)
    return any(address in network for network in _INSIDE if network.version == address.version)


def organisation(host: str) -> str | None:
    """The domain of whoever runs a host; None for an address or a bare name.

    No list of public suffixes is used: the last two labels, or three where the second last is a usual second level
    (co, com, org, net, gov, ac, edu) below a country's two letters. `a.gov.example` and `b.gov.example` would be one.
    """
    labels = host.lower().strip(".").split(".")
    if len(labels) == 1 or address_of(host) is not None or is_homely(host) or not all(labels):
        return None
    deep = len(labels[-1]) == _COUNTRY and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if deep else -2 :])


def is_homely(host: str) -> bool:
    """A name that only the inside of a network knows."""
    host = host.lower().strip("[].")
    address = address_of(host)
    if address is not None:
        return is_internal(address)
    return not any(mark in host for mark in ".:") or host.endswith(_HOMELY)


def address_of(text: str) -> Ip | None:
    """`203.0.113.7`, `[IPv6:2001:db8::1]`; None for what is no address."""
    try:
        found = ip_address(_LITERAL.sub("", text.strip("[]")))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
