"""Whether a text is an e-mail that somebody forwarded as words: what proved where it came from is gone then."""

from __future__ import annotations

import re

LOOKED_AT = 4000
"""Characters, from the beginning."""

# each looks at no more than a line's beginning: a text of nothing else costs no more than another
_SAYS_SO = re.compile(
    r"^[> \t-]{0,40}(?:begin )?(?:forwarded|original) message[: \t-]{0,40}$", re.IGNORECASE | re.MULTILINE
)
_HEADER = re.compile(r"^[> \t*]{0,40}(from|to|subject|date|sent|cc)\*?:[ \t*]*\S", re.IGNORECASE | re.MULTILINE)
ENOUGH = 3
"""Different headers that make a mail of a text: people write "To: all" by themselves."""


def is_forwarded_mail(text: str) -> bool:
    """By the line that mail programs put above it, or by the headers that they repeat; it may be mistaken."""
    beginning = text[:LOOKED_AT]
    named = {found[1].lower() for found in _HEADER.finditer(beginning)}
    return len(named) >= ENOUGH or (bool(named) and _SAYS_SO.search(beginning) is not None)
