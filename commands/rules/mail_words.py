"""The words of a mail: bytes and encoded words to text that is harmless to show; it never raises.

Nothing here takes more than linear time, and what is handed in is short already: the standard library's own reading
of RFC 2047 and RFC 2231 takes a minute for one hostile line.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

SHOWN = 200
"""Characters of a line of a mail that are shown, unless told otherwise."""
_VALUES = 100  # parameters of one header field
_BASE64_RUNS = 1000  # a hostile body could be padding after every letter
_JUNK = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, formats (bidi, zero width), lone surrogates, breaks
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # letters that show nothing
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Not whatever Python has a codec for: punycode takes quadratic time, unicode_escape warns, undefined raises.
_CHARSET = re.compile(
    r"(?:iso-?8859-[0-9]{1,2}|latin-?1|(?:windows-|cp)[0-9]{3,4}|koi8-[rut]|gb2312|gbk|gb18030|big5(?:-hkscs)?"
    r"|euc-(?:jp|kr)|shift[_-]jis|ks_c_5601-1987|iso-2022-(?:jp|kr)|tis-620|macintosh|utf-16(?:le|be)?)",
    re.IGNORECASE,
)
# No class holds the mark that ends it: each letter is looked at once.
_WORD = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([bq])\?([^?\n]{0,4000})\?=", re.ASCII | re.IGNORECASE)
_PARAMETER = re.compile(
    r";\s*+([\w*.-]{1,60}+)\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"?|([^\s;\"]*+))", re.ASCII | re.DOTALL
)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_EXTENDED = re.compile(r"([\w.:+-]{0,40})'[\w-]{0,40}'(.*)", re.ASCII | re.DOTALL)


def harmless(text: str, most: int = SHOWN) -> str:
    """On one line and in at most `most` characters; what cannot be seen, or turns a line round, is U+FFFD."""
    line = " ".join(text[: most * 4].split())
    shown = "".join(
        _REPLACEMENT if unicodedata.category(each) in _UNSEEN or each in _FILLERS else each for each in line[: most + 1]
    )
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def decoded(raw: bytes, charset: str = "") -> str:
    """The text in the charset that is claimed; of one unknown or wrong as UTF-8, or a letter for each byte."""
    if _CHARSET.fullmatch(charset):
        try:
            return raw.decode(charset, "replace")
        except LookupError:
            pass  # a number that no code page has
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def content(raw: bytes, encoding: str) -> bytes:
    """A body out of its transfer encoding (RFC 2045, 6), however broken it is."""
    match encoding:
        case "base64":
            return unbase64(raw)
        case "quoted-printable":
            return binascii.a2b_qp(raw)
        case _:
            return raw


def unbase64(raw: bytes) -> bytes:
    """What the base64 in it says: all else is passed over, and padding does not end it."""
    runs = raw.translate(None, _JUNK).split(b"=", _BASE64_RUNS)
    return b"".join(map(_run, runs[:_BASE64_RUNS]))


def _run(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:  # six bits make no byte
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def base64_size(raw: bytes) -> int:
    """Letters in it that count, 4 for 3 bytes."""
    return len(raw.translate(None, _JUNK + b"="))


def unencoded(text: str) -> str:
    """A header's text with its encoded words (RFC 2047) read; a letter may be cut in two between two of them."""
    return "".join(_unencoded(text))


def _unencoded(text: str) -> Iterator[str]:
    last, held, charset = 0, b"", ""
    for found in _WORD.finditer(text):
        between = text[last : found.start()]
        joins = not between.strip() and held
        if held and not (joins and found[1].lower() == charset):
            yield decoded(held, charset)
            held = b""
        yield "" if joins else between
        letters = found[3].encode("ascii", "ignore")
        held += unbase64(letters) if found[2] in "bB" else binascii.a2b_qp(letters, header=True)
        charset, last = found[1].lower(), found.end()
    if held:
        yield decoded(held, charset)
    yield text[last:]


def parameters(value: str) -> dict[str, str]:
    """`attachment; filename*0=a; filename*1=b` -> {"filename": "ab"} (RFC 2231; encoded words are read, too)."""
    pieces: dict[str, str] = {}
    for found, _number in zip(_PARAMETER.finditer(value), range(_VALUES), strict=False):
        plain = found[3] if found[2] is None else _QUOTED_PAIR.sub(r"\1", found[2])
        pieces.setdefault(found[1].lower(), plain)
    named = dict.fromkeys(name.partition("*")[0] for name in pieces)
    return {name: _value(name, pieces) for name in named}


def _value(name: str, pieces: dict[str, str]) -> str:
    if name in pieces:
        return unencoded(pieces[name])
    if (whole := pieces.get(f"{name}*")) is not None:
        return _extended(whole)
    numbered: list[str] = []
    marked = f"{name}*0*" in pieces
    while (part := pieces.get(f"{name}*{len(numbered)}*", pieces.get(f"{name}*{len(numbered)}"))) is not None:
        numbered.append(part)
    return _extended("".join(numbered)) if marked else "".join(numbered)


def _extended(text: str) -> str:
    found = _EXTENDED.fullmatch(text)
    charset, letters = (found[1], found[2]) if found else ("", text)
    return decoded(unquote_to_bytes(letters), charset)


def file_name(text: str) -> str:
    """A file's name and nothing of a path, in at most 80 characters, its ending kept; empty if there is none."""
    name = harmless(re.split(r"[/\\]", text[-1000:])[-1], 1000).strip(". ")
    stem, dot, ending = name.rpartition(".")
    most = 80
    if len(name) <= most:
        return name
    return f"{stem[: most - 12]}…{dot}{ending[:10]}" if stem else harmless(name, most)
