"""What a file is from its first bytes, a mail or an mbox, and where an mbox's first message ends; reads no message."""

from __future__ import annotations

import re
from typing import BinaryIO

from commands.rules.mail_head import head_end
from commands.rules.mail_parts import WALKED, lines_beginning

MESSAGES = 20_000
"""Lines of an mbox that could begin a message; more are not counted."""

BOM = b"\xef\xbb\xbf"
_KNOWN = re.compile(
    rb"^(from|to|subject|date|received|return-path|message-id|mime-version|reply-to|delivered-to|dkim-signature)"
    rb"[ \t]{0,4}:",
    re.IGNORECASE | re.MULTILINE,
)
_TELLING = frozenset({b"from", b"received", b"return-path", b"message-id", b"delivered-to", b"dkim-signature"})
# RFC 4155: who, and when in asctime's form. What follows `From ` in a text has no time of day and year.
_FROM_LINE = re.compile(
    rb"From [^\s]{1,200}+ {1,3}[A-Za-z]{3} [^\n]{0,20}[0-9]{2}:[0-9]{2}[^\n]{0,20}[0-9]{4}[^\n]{0,40}"
)
_FIELDS = 1_000  # that are looked at


def looks_like_mail(head: bytes) -> bool:
    """Whether a file with these first bytes (2,000 or more are best) is a mail, message/rfc822."""
    fields = head.removeprefix(BOM)
    if fields.startswith((b"From ", b">From ")):
        fields = fields.partition(b"\n")[2]
    end, _body = head_end(fields)
    names: set[bytes] = set()
    for found, _number in zip(_KNOWN.finditer(fields, 0, end), range(_FIELDS), strict=False):
        names.add(found[1].lower())
        if len(names) > 1 and not names.isdisjoint(_TELLING):
            return True
    return False


def looks_like_mbox(head: bytes) -> bool:
    """Whether a file with these first bytes is an mbox (RFC 4155), application/mbox; it looks like a mail, too."""
    return _FROM_LINE.match(head) is not None and looks_like_mail(head)


def first_message(file: BinaryIO, size: int) -> tuple[int, int, bool]:
    """How many messages an mbox has, and where its first one ends; whether there may be more."""
    count, end, lines, walked = 0, min(size, WALKED), 0, min(size, WALKED)
    for offset, line in lines_beginning(file, 0, walked, b"From ", MESSAGES):
        lines += 1
        if _FROM_LINE.match(line):
            count += 1
            end = offset if count == 2 else end  # noqa: PLR2004 - the second ends the first
    return count, end, lines == MESSAGES or walked < size
