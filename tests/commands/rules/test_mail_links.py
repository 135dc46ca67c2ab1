"""Links of texts and pages: found where a reader would see or press them, and shown so that nobody can."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rules.mail_links import defang, gather, links_of_page, links_of_text


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See http://a.example/x, or (https://b.example).", ["http://a.example/x", "https://b.example"]),
        ("www.a.example! a.example/x a.example:8080", ["www.a.example", "a.example/x", "a.example:8080"]),
        ("write to a@b.example or first.last@b.example/x", []),
        ("ftp://files.example/a and HTTP://UP.example", ["ftp://files.example/a", "HTTP://UP.example"]),
        ("e.g. this and/or that at 12.30/13.00. A sentence.And more", []),
        ("<http://a.example/>", ["http://a.example/"]),
        ("", []),
    ],
)
def test_links_in_a_text(text: str, links: list[str]) -> None:
    assert list(links_of_text(text)) == links


@pytest.mark.parametrize(
    ("page", "links"),
    [
        ('<a class=x href="http://a.example/?a=1&amp;b=2">x</a>', ["http://a.example/?a=1&b=2"]),
        ("<A\nHREF = 'http://a.example'>http://b.example</A>", ["http://a.example", "http://b.example"]),
        ("<a href=http://a.example/x>", ["http://a.example/x"]),
        ("<a href='//a.example/x'><a href='/x'><a href='#'><a href=mailto:a@b.example>", ["//a.example/x"]),
        ('<a href=" ht\ntp://a.example">', ["http://a.example"]),
        ('<a href="&#104;&#x74;&#0000116;p://a.example">', ["http://a.example"]),
        ('<img src="http://a.example/x.png"><!-- http://b.example --><style>http://c.example</style>', []),
        ("<script>x='http://a.example'</script><p title='>'>http://b.example</p>", ["http://b.example"]),
        ("<form action=https://a.example/post>", ["https://a.example/post"]),
        ("<a data-href='http://a.example'>", []),
        ('<a href="http://a.example', ["http://a.example"]),
        ("&#99999999999999999999; &#xffffffffffff; &#0;", []),
    ],
)
def test_links_in_a_page(page: str, links: list[str]) -> None:
    assert list(links_of_page(page)) == links


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://evil.example/path", "hxxps://evil[.]example/path"),
        ("HTTP://evil.example", "HxxP://evil[.]example"),
        ("http://bank.example@evil.example:80/a.b", "hxxp://bank[.]example[@]evil[.]example:80/a.b"),
        ("http://evil.example/?u=http://b.example&v=https%3A//c", "hxxp://evil[.]example/?u=hxxp://b.example&v=hxxps%3A//c"),
        ("//evil.example/x", "//evil[.]example/x"),
        ("evil.example/x", "evil[.]example/x"),
        ("http://evil.example/\N{RIGHT-TO-LEFT OVERRIDE}x", "hxxp://evil[.]example/\N{REPLACEMENT CHARACTER}x"),
    ],
)  # fmt: skip
def test_defanged(link: str, shown: str) -> None:
    assert defang(link) == shown


@pytest.mark.parametrize(
    ("link", "domain"),
    [
        ("http://user:pw@EVIL.example.:8080/x", "evil[.]example"),
        ("http://аpple.example/", "xn--pple-43d[.]example"),  # noqa: RUF001 - the letter is Cyrillic
        ("http://evil。example/", "evil[.]example"),
        ("http://[2001:db8::1]/", "[2001:db8::1]"),
        ("http://203.0.113.7/", "203[.]0[.]113[.]7"),
    ],
)
def test_domains(link: str, domain: str) -> None:
    assert gather(iter([link])).domains == (domain,)


def test_each_once_in_order_and_counted() -> None:
    found = gather(iter(["http://b.example/", "http://a.example/", "http://b.example/", "http://b.example/x"]))
    assert found.links == ("hxxp://b[.]example/", "hxxp://a[.]example/", "hxxp://b[.]example/x")
    assert (found.link_total, found.domains, found.domain_total) == (3, ("b[.]example", "a[.]example"), 2)


@given(st.text(max_size=80))
def test_nothing_that_is_shown_can_be_pressed(text: str) -> None:
    for source in (text, f"http://{text}", f"<a href='http://{text}.example/http://x.example'>"):
        found = gather(iter([*links_of_text(source), *links_of_page(source)]))
        assert not any(re.search(r"https?://", link, re.IGNORECASE) for link in found.links)
        assert not any(re.search(r"\w\.\w", domain) for domain in found.domains)
