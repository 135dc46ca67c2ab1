"""Received lines as servers write them, and how far down they are believed: a sender forges what stands below."""

from __future__ import annotations

import pytest

from commands.rules.mail_head import Head, read_head
from commands.rules.mail_hops import Trace, read_hop, trace
from commands.rules.mail_hosts import organisation
from commands.rules.mail_results import Standing, read_results

SEEN, MX = "203.0.113.7", "mx.example"
TIME = "Mon, 23 Nov 2026 10:00:00 +0000"
FORGED = "Received: from victim.example (victim.example [192.0.2.1]) by mx2.acma.example with ESMTP"


def _head(*lines: str) -> Head:
    return read_head("".join(f"{line}\n" for line in lines).encode(), cut=False)


def _trace(*lines: str) -> Trace:
    return trace(_head(*lines))


def _handed_over(*lines: str) -> tuple[int | None, str | None]:
    way = _trace(*lines)
    return way.handover, way.handed_over.ip if way.handed_over else None


@pytest.mark.parametrize(
    ("line", "name", "ip", "by"),
    [
        ("from a.example (b.example [203.0.113.7]) by mx.example (Postfix) with ESMTP id 1", "a.example", SEEN, MX),
        ("from a.example (b.example [203.0.113.7] (may be forged)) by mx.example", "a.example", SEEN, MX),
        ("from a.example (unknown [IPv6:2001:db8::7]) by mx.example", "a.example", "2001:db8::7", MX),
        ("from [203.0.113.7] (helo=a.example) by mx.example with esmtp (Exim 4.98)", SEEN, SEEN, MX),
        ("from b.example ([203.0.113.7]:4321 helo=[192.0.2.1]) by mx.example", "b.example", SEEN, MX),
        ("from unknown (HELO [192.0.2.1]) (203.0.113.7) by mx.example with SMTP", "unknown", SEEN, MX),
        ("from 203.0.113.7 (EHLO a.example) by mx.example", SEEN, SEEN, MX),
        ("from [192.0.2.1] (helo.evil.example [203.0.113.7]) by mx.example", "192.0.2.1", SEEN, MX),
        ("from [192.0.2.1] (unknown [203.0.113.7]) by mx.example", "192.0.2.1", SEEN, MX),
        ("from a.example (::ffff:203.0.113.7) by mx.example", "a.example", SEEN, MX),
        ("from a.example (203.0.113.7) by mx.example (10.0.0.1) with Microsoft SMTP Server", "a.example", SEEN, MX),
        ("from by (unknown [203.0.113.7]) by mx.example", "by", SEEN, MX),
        ("from x( (unknown [203.0.113.7]) by mx.example (Postfix)", "x", SEEN, ""),
        ("from x[192.0.2.1]) (unknown [203.0.113.7]) by mx.example", "x[192.0.2.1", SEEN, ""),
        ("from a.example (7.113.0.203.dsl.example) by mx.example", "a.example", None, MX),
        ("by mx.example (Postfix, from userid 1000) id 1", "", None, MX),
        ("(qmail 812 invoked by uid 89)", "", None, ""),
        ("", "", None, ""),
    ],
)  # fmt: skip
def test_what_a_line_says(line: str, name: str, ip: str | None, by: str) -> None:
    hop = read_hop(f"{line}; {TIME}")
    assert (hop.name, hop.ip, hop.by) == (name, ip, by)
    assert f"{hop.at:%Y-%m-%dT%H:%M%z}" == "2026-11-23T10:00+0000"


def test_a_line_without_a_readable_time() -> None:
    assert read_hop("from a.example by b.example; yesterday").at is None
    assert read_hop("from a.example by b.example; Mon, 31 Feb 2026 10:00:00 +0000").at is None


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "169.254.0.1", "100.64.0.1", "IPv6:::1", "IPv6:fd00::1",
     "IPv6:fe80::1", "IPv6:2002:a05::1", "IPv6:::ffff:10.0.0.1"],
)  # fmt: skip
def test_an_internal_address_at_the_top_is_passed_over(address: str) -> None:
    top = f"Received: from relay.acma.example (relay [{address}]) by store.acma.example"
    assert _handed_over(top, "Received: from evil.example ([203.0.113.7]) by mx.acma.example", FORGED) == (
        2,
        "203.0.113.7",
    )


def test_the_first_address_from_outside_ends_it_whatever_the_host_calls_itself() -> None:
    """The sender says it is a server of the receiver's, and forges the line that such a server would have written."""
    top = "Received: from mx2.acma.example (unknown [203.0.113.7]) by mx1.acma.example"
    way = _trace(top, FORGED)
    assert way.handover == 1
    assert [hop.trusted for hop in way.hops] == [True, False]


def test_neighbours_have_one_domain_and_addresses_that_the_server_recorded_side_by_side() -> None:
    below = "Received: from evil.example ([203.0.113.7]) by mx2.acma.example"
    same = "Received: from mx2.acma.example (198.51.100.8) by mx1.acma.example (198.51.100.9) with SMTP"
    far = "Received: from mx2.acma.example (203.0.113.8) by mx1.acma.example (198.51.100.9) with SMTP"
    other = "Received: from mx2.evil.example (198.51.100.8) by mx1.acma.example (198.51.100.9) with SMTP"
    assert _handed_over(same, below) == (2, "203.0.113.7")
    assert _handed_over(far, below) == (1, "203.0.113.8")
    assert _handed_over(other, below) == (1, "198.51.100.8")


def test_below_an_inner_hop_another_organisations_line_is_not_believed() -> None:
    top = "Received: from localhost ([127.0.0.1]) by mx.acma.example"
    way = _trace(top, "Received: from a.example ([192.0.2.1]) by mx.stranger.example")
    assert (way.handover, [hop.trusted for hop in way.hops]) == (None, [True, False])


def test_a_second_domain_of_the_receiver_is_named_by_what_it_wrote_above() -> None:
    above = "Authentication-Results: mx.acma-mail.example 1; spf=pass"
    top = "Received: from relay ([10.0.0.1]) by store.acma.example"
    below = "Received: from evil.example ([203.0.113.7]) by mx.acma-mail.example"
    assert _handed_over(above, top, below) == (2, "203.0.113.7")
    assert _handed_over(top, above, below) == (None, None)


@pytest.mark.parametrize("line", ["from x( ([203.0.113.7] by mx.acma.example", "from localhost( by mx.acma.example"])
def test_a_line_whose_brackets_do_not_match_is_the_last_that_is_believed(line: str) -> None:
    assert [hop.trusted for hop in _trace(f"Received: {line}", FORGED).hops] == [True, False]


def test_a_host_without_a_recorded_address_ends_it_too() -> None:
    way = _trace("Received: from evil.example by mx.acma.example with SMTP", FORGED)
    assert (way.handover, [hop.trusted for hop in way.hops]) == (None, [True, False])


def test_no_line_at_all() -> None:
    way = _trace("From: a@b.example")
    assert (way.hops, way.handover, way.line) == ((), None, -1)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("mx.acma.example", "acma.example"),
        ("mx.acma.gov.au.", "acma.gov.au"),
        ("a.b.co.uk", "b.co.uk"),
        ("a.b.com.example", "com.example"),
        ("MX.Acma.Example", "acma.example"),
        ("localhost", None),
        ("store.local", None),
        ("[203.0.113.7]", None),
        ("2001:db8::1", None),
        ("a..b", None),
        ("", None),
    ],
)
def test_whose_a_host_is(host: str, domain: str | None) -> None:
    assert organisation(host) == domain


HANDOVER = "Received: from evil.example ([203.0.113.7]) by mx.acma.example"
OLDER = "Received: from b.example ([192.0.2.1]) by c.example"
PASS = "Authentication-Results: mx.acma.example; spf=pass smtp.mailfrom=evil.example"  # noqa: S105 - no password


@pytest.mark.parametrize(
    ("lines", "standings"),
    [
        ((PASS, HANDOVER), [Standing.RECEIVER]),
        ((HANDOVER, PASS), [Standing.NAMED]),
        ((HANDOVER, PASS, PASS), [Standing.NAMED, Standing.FORGEABLE]),
        ((HANDOVER, PASS, PASS.replace("spf", "dkim")), [Standing.NAMED, Standing.NAMED]),
        ((HANDOVER, OLDER, PASS), [Standing.FORGEABLE]),
        ((PASS, HANDOVER, PASS.replace("spf", "dkim")), [Standing.RECEIVER, Standing.FORGEABLE]),
        ((PASS.replace("acma", "evil"), HANDOVER.replace("203.0.113.7", "10.0.0.1")), [Standing.RECEIVER]),
        ((HANDOVER, PASS.replace("acma", "evil")), [Standing.FORGEABLE]),
        ((PASS,), [Standing.FORGEABLE]),
        ((HANDOVER, "Received-SPF: fail (mx.acma.example: domain of x@evil.example) client-ip=1"), [Standing.NAMED]),
        ((HANDOVER, "Received-SPF: Fail identity=mailfrom; receiver=acma.example"), [Standing.NAMED]),
        ((HANDOVER, "Received-SPF: fail"), [Standing.FORGEABLE]),
        ((HANDOVER, "Authentication-Results: mx.acma.example; none"), []),
    ],
)
def test_whose_a_result_is(lines: tuple[str, ...], standings: list[Standing]) -> None:
    head = _head(*lines)
    assert [each.standing for each in read_results(head, trace(head))] == standings
