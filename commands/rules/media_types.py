"""What kind of file it is, from its first bytes; what anybody called it is not asked."""

from __future__ import annotations

import codecs

import filetype

from commands.rules.mail_kind import looks_like_mail, looks_like_mbox

HEAD = 8192
"""Bytes that are looked at."""

UNKNOWN = "application/octet-stream"
MAIL = "message/rfc822"
MBOX = "application/mbox"


def media_type(head: bytes) -> str:
    """By its signature (`image/png`), or as a MAIL or an MBOX; what else is text throughout is `text/plain`.

    Anything else is UNKNOWN; an empty file `inode/x-empty`.
    """
    if not head:
        return "inode/x-empty"
    found = filetype.guess_mime(head)
    if found is not None:
        return str(found)
    if looks_like_mail(head):
        return MBOX if looks_like_mbox(head) else MAIL
    return "text/plain" if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character may be cut in two at the end
    except UnicodeDecodeError:
        return False
    return not any(one < ord(" ") and one not in b"\t\n\r\f\x1b" for one in head)
