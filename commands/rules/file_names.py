"""What a file is called when it is passed on: its own name made harmless on every system; it reads no file."""

from __future__ import annotations

import re
import unicodedata

from storage.words import exhibit_ref

MOST = 120
"""Bytes in UTF-8: a name with its folder fits every file system and archive."""

_FORBIDDEN = re.compile(r'[<>:"|?*\s]+')  # Windows takes none of these in a name, and blanks hide what a file is


def passed_on_as(number: int, name: str) -> str:
    """`X-5-lease.txt`: no folder, no control or reordering characters, no leading dot, and its ending kept."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Cc, Cf (reordering marks, zero-width characters), Cn, Co, Cs
    plain = "".join(one for one in last if not unicodedata.category(one).startswith("C"))
    plain = _FORBIDDEN.sub("_", plain).strip("._")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:  # noqa: PLR2004  # what follows so late a dot is no file type
        stem, ending = plain, ""
    ending = f".{ending}" if ending else ""
    before = f"{exhibit_ref(number)}-"
    room = MOST - len((before + ending).encode())
    return before + (stem.encode()[:room].decode(errors="ignore") or "file") + ending
