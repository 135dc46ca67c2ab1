"""Links in a text or a page, made harmless to show; follows none of them and knows no list of domains."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from commands.rules.mail_words import harmless

SHOWN = 20
"""Links, domains and attachments that are kept of however many there are."""
MOST = 5_000
"""Links that are looked at; a mail with more of them is cut."""
_TOKENS = 40_000  # tags and texts of a page

_LINK = (
    r"[a-z][a-z0-9+.-]{1,20}://[^\s<>\"`]{1,2000}"
    # without a scheme: what begins with www. or goes on with a path or a port, and is no mail address
    r"|(?<![\w.@/:-])(?:www\.(?:[\w-]++\.){1,20}[a-z]{2,24}|(?:[\w-]++\.){1,20}[a-z]{2,24}(?=/|:[0-9]))(?![\w@-])"
    r"(?:[:/?#][^\s<>\"`]{0,2000})?"
)
_LINKS = re.compile(_LINK, re.IGNORECASE)
_END = ".,:;!?)]}'*_"
_TOKEN = re.compile(r"<([a-z!/?][^<>]*+)>?|([^<]++|<)", re.IGNORECASE)
# A value that is not closed is taken as far as it goes, so that no letter is looked at twice.
_TARGET = re.compile(
    r"[\s\"'/](?:href|action)\s{0,9}=\s{0,9}(?:\"([^\"]{0,2000})|'([^']{0,2000})|([^\s\"']{1,2000}))", re.IGNORECASE
)
_HIDDEN = tuple(
    (re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE))
    for opening, closing in (("<!--", "-->"), (r"<style\b", r"</style"), (r"<script\b", r"</script"))
)
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9a-fA-F]{7,}+);?")  # no character, and no int if it is very long
_ZEROS = re.compile(r"&#(x?)0++(?=[0-9a-f])", re.IGNORECASE)
_SPLIT = re.compile(r"(?:([a-z][a-z0-9+.-]*)://|//)?([^/?#\\]*)(.*)", re.IGNORECASE | re.DOTALL)
_WEB = re.compile(r"(?<=h)tt(?=ps?(?::|%3a|\Z))", re.IGNORECASE)
_DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))
_LABEL = 63


@dataclass(frozen=True)
class Links:
    """The first SHOWN links and domains, defanged, each once and in order, and how many there are."""

    links: tuple[str, ...] = ()
    link_total: int = 0
    domains: tuple[str, ...] = ()
    domain_total: int = 0
    cut: bool = False


def links_of_text(text: str) -> Iterator[str]:
    """As they stand, without the sentence's own end; mail addresses are none."""
    for found in _LINKS.finditer(text):
        if link := found[0].rstrip(_END):
            yield link


def links_of_page(page: str) -> Iterator[str]:
    """Targets of links and forms, and links in the text that is seen, in order."""
    for tag, text in _tokens(page):
        for found in _TARGET.finditer(tag):
            target = _plain(found[1] or found[2] or found[3] or "").strip()
            if "://" in target or target.startswith("//"):
                yield "".join(target.split())
        if text:
            yield from links_of_text(_plain(text))


def words_of_page(page: str) -> str:
    """The text that is seen, a line for each piece between two tags."""
    return "\n".join(filter(None, (_plain(text).strip() for _tag, text in _tokens(page))))


def _tokens(page: str) -> Iterator[tuple[str, str]]:
    for opening, closing in _HIDDEN:
        page = "".join(_without(page, opening, closing))
    for found, _number in zip(_TOKEN.finditer(page), range(_TOKENS), strict=False):
        yield found[1] or "", found[2] or ""


def _without(page: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> Iterator[str]:
    at = 0
    while (start := opening.search(page, at)) and (end := closing.search(page, start.end())):
        yield page[at : start.start()]
        at = end.end()
    yield page[at:]


def _plain(text: str) -> str:
    if "&" not in text:
        return text
    return unescape(_LONG_NUMBER.sub("\N{REPLACEMENT CHARACTER}", _ZEROS.sub(r"&#\1", text)))


def gather(found: Iterator[str]) -> Links:
    """The first of them, defanged, and the numbers."""
    links: dict[str, None] = {}
    domains: dict[str, None] = {}
    cut = False
    for number, link in enumerate(found):
        if number >= MOST:
            cut = True
            break
        if link not in links:
            links[link] = None
            if host := _host(_parts(link)[1]):
                domains[host] = None
    shown = tuple(map(defang, [*links][:SHOWN]))
    hosts = tuple(_broken(_looked_up(host)) for host in [*domains][:SHOWN])
    return Links(shown, len(links), hosts, len(domains), cut)


def defang(link: str, most: int = 150) -> str:
    """`https://evil.example/a?to=b@c.example` -> `hxxps://evil[.]example/a?to=b[@]c.example`."""
    scheme, authority, rest = _parts(link)
    start = f"{_unwebbed(scheme)}://" if scheme else "//" if link.startswith("//") else ""
    return harmless(start + _broken(authority) + _unwebbed(rest).replace("@", "[@]"), most)


def defanged(text: str) -> str:
    """A text with whatever in it is a link."""
    return _LINKS.sub(lambda found: defang(found[0]), text)


def _parts(link: str) -> tuple[str, str, str]:
    found = _SPLIT.match(link)
    return (found[1] or "", found[2], found[3]) if found else ("", link, "")


def _unwebbed(text: str) -> str:
    return _WEB.sub("xx", text)


def _broken(host: str) -> str:
    return harmless(host.replace(".", "[.]").replace("@", "[@]"), 120)


def _host(authority: str) -> str:
    """In small letters, without user and port."""
    name = authority.rpartition("@")[2]
    if not name.startswith("["):
        name = name.partition(":")[0]
    name = name[:255] if name.isascii() else unicodedata.normalize("NFKC", name[:255]).translate(_DOTS)
    return name.lower().strip(".")


def _looked_up(host: str) -> str:
    """In ASCII (RFC 3492), so that a letter that only looks like another shows."""
    return ".".join(
        label if label.isascii() or len(label) > _LABEL else f"xn--{label.encode('punycode').decode('ascii')}"
        for label in host.split(".")
    )
