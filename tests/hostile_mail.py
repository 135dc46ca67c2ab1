"""Mail that is built to stop its reader, for the tests and the bench."""

from __future__ import annotations

import random
from base64 import encodebytes
from collections.abc import Callable

HEAD = b"From: a@bulk.example\nSubject: x\n"
FROM = b"From a@b.example Mon Jan  1 10:00:00 2024\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
MB = 1_000_000
CHARSETS = (
    "utf-8", "cp1252", "cp037", "iso-8859-8", "koi8-u", "gb18030", "big5", "euc-jp", "euc-kr", "shift_jis",
    "ks_c_5601-1987", "iso-2022-jp", "iso-2022-kr", "tis-620", "utf-16", "utf-16le", "utf-7", "punycode",
    "unicode_escape", "idna", "zlib", "undefined", "\N{SNOWMAN}",
)  # fmt: skip
NOISE = random.Random(1).randbytes(MB)  # noqa: S311 - the same on every run


def body(text: bytes, kind: bytes = b"plain; charset=utf-8", encoding: bytes = b"8bit") -> bytes:
    return HEAD + b"Content-Type: text/" + kind + b"\nContent-Transfer-Encoding: " + encoding + b"\n\n" + text


def _nested(count: int) -> bytes:
    return b"".join(HEAD + b"Content-Type: message/rfc822\n\n" for _ in range(count)) + HEAD + b"\nhi"


def _nested_parts(count: int, *, same: bool) -> bytes:
    names = (b"b" if same else b"b%d" % number for number in range(count))
    return HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=" + each + b"\n\n--" + each + b"\n" for each in names
    )


HEADERS: dict[str, Callable[[], bytes]] = {
    "a subject of encoded words": lambda: b"From: a\nSubject: " + b"=?utf-8?b?4pyF?= " * 200_000 + b"\n\n",
    "a subject that almost is": lambda: b"From: a\nSubject: =?utf-8?q?" + b"=?" * MB + b"\n\n",
    "a name in 100,000 pieces": lambda: (
        HEAD
        + b"Content-Type: text/plain"
        + b"".join(b"; name*%d*=%%20" % number for number in range(100_000))
        + b"\n\n"
    ),
    "a quotation never closed": lambda: HEAD + b"Content-Type: text/plain" + b';a="\\' * 100_000 + b"\n\n",
    "100,000 headers": lambda: HEAD + b"".join(b"X-%d: aaaaaaaaaaa\n" % number for number in range(100_000)) + b"\nhi",
    "100,000 hops": lambda: (
        HEAD + b"Received: from a ([10.0.0.1]) by b; 1 Jan 2024 10:00:00 +0000\n" * 100_000 + b"\nhi"
    ),
    "700,000 senders": lambda: HEAD + b"From:\n" * 700_000 + b"\nhi",
    "three lines of 1 MB before the sender": lambda: (
        b"".join(b"X: " + b"a" * MB + b"\n" for _ in range(3)) + HEAD + b"\n"
    ),
    "five lines of 1 MB": lambda: HEAD + (b"Received: " + b"a (" * 333_333 + b"\n") * 5 + b"\nhi",
    "folded a million times": lambda: HEAD + b"Received: from" + b"\n " * MB + b"\n\nhi",
    "brackets": lambda: (
        HEAD + (b"Received: from " + b"(" * 7_000 + b"\nAuthentication-Results: " + b"(;" * 4_000 + b"\n") * 100
    ),
    "results": lambda: HEAD + (b"Authentication-Results: a; " + b"spf=pass; " * 700 + b"\n") * 100 + b"\n",
    "colons": lambda: HEAD + b"a:\n" * MB,
    "an address of angles": lambda: b"Subject: x\nFrom: " + b"<" * MB + b"\n\n",
    "a date of days": lambda: HEAD + b"Date: " + b"Mon, " * 200_000 + b"\n\n",
    "NULs": lambda: HEAD + b"Date: \0\0\nReceived: \0 from \0 by \0\nMessage-ID: \xed\xa0\x80\n\n\0\xed\xa0\x80",
}
PARTS: dict[str, Callable[[], bytes]] = {
    "1,000 mails in each other": lambda: _nested(1000),
    "1,000 multiparts in each other": lambda: _nested_parts(1000, same=False),
    "1,000 of one boundary": lambda: _nested_parts(1000, same=True),
    "5 million boundaries": lambda: MIXED + b"--b\n\n" * 5 * MB,
    "lines like boundaries": lambda: MIXED + b"\n--" * (20 * MB),
    "a boundary of 1 MB": lambda: MIXED.replace(b"=b", b"=" + b"b" * MB) + b"--" + b"b" * MB,
    "no boundary": lambda: HEAD + b"Content-Type: multipart/mixed\n\n--\n--\n",
    "20 MB of text": lambda: HEAD + b"\n" + b"hello world, this is http://a.example/x\n" * (MB // 2),
    "20 MB of noise": lambda: HEAD + b"\n" + NOISE * 20,
    "70 MB of nothing": lambda: HEAD + b"\n" * (70 * MB),
    "40 MB attached": lambda: (
        MIXED + b"--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
        + (b"A" * 76 + b"\r\n") * (MB // 2)
    ),
    "20 MB of mail in base64": lambda: (
        MIXED + b"--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        + encodebytes(HEAD + b"\n" + b"http://a.example/ " * MB)
    ),
    "an mbox of a million": lambda: FROM + HEAD + (b"\n\n" + FROM + b"From: x\n") * MB,
    "From in every line": lambda: FROM + HEAD + b"\nFrom " * (8 * MB),
}  # fmt: skip
TEXTS: dict[str, Callable[[], bytes]] = {
    "base64 of noise": lambda: body(NOISE, encoding=b"base64"),
    "padding": lambda: body(b"A=" * MB, encoding=b"base64"),
    "quoted nothing": lambda: body(b"=" * MB, encoding=b"quoted-printable"),
    "an unknown encoding": lambda: body(NOISE, encoding=b"x-uuencode"),
    "dots": lambda: body(b"a." * MB),
    "hyphens": lambda: body(b"a-" * MB),
    "at signs": lambda: body(b"a@" * MB),
    "schemes": lambda: body(b"http:/" * MB),
    "links": lambda: body(b"".join(b"http://%d.example/ " % number for number in range(50_000))),
    "links in no alphabet": lambda: body("http://日本語日本語日本語日本語.example ".encode() * 20_000),
    "rules": lambda: body(b"-" * MB),
    "quotation marks": lambda: body(b"> " * MB),
    "empty lines": lambda: body(b"\n" * MB),
    "angles": lambda: body(b"<" * MB, b"html"),
    "tags not closed": lambda: body(b"<a" * MB, b"html"),
    "tags": lambda: body(b"<a>" * MB, b"html"),
    "targets not closed": lambda: body(b"<a" + b" href='" * MB, b"html"),
    "comments not closed": lambda: body(b"<!--" * MB, b"html"),
    "styles not closed": lambda: body(b"<style " * MB, b"html"),
    "scripts": lambda: body(b"<script></script>" * MB, b"html"),
    "zeros": lambda: body(b"&#" + b"0" * MB, b"html"),
    "nines": lambda: body(b"&#" + b"9" * MB, b"html"),
    "entities": lambda: body((b"&" + b"b" * 31) * 30_000, b"html"),
}

ALL = {**HEADERS, **PARTS, **TEXTS}
