"""What people typed is data: no platform makes a link or a mention of it, and no text keeps the house waiting."""

from __future__ import annotations

import pytest

from commands.message import Code, Text, typed

LONGEST = 20_000


def _codes(text: str) -> list[str]:
    return [span.text for span in typed(text) if isinstance(span, Code)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Who owns spam.example now?", ["spam.example"]),
        ("See http://localhost/x, please.", ["http://localhost/x"]),
        ("1http://localhost", ["http://localhost"]),
        ("Ask @room or <!channel>", ["@room", "<!channel>"]),
        ("mail ana.b+c@ftc.example now", ["ana.b+c@ftc.example"]),
        ("a@b+c@d", ["a@b", "@d"]),
        ("e.g. the 1.5 million of 1 May", []),
        ("From 1 May. To 3 May.", []),
    ],
)
def test_whatever_could_be_an_address_is_code(text: str, codes: list[str]) -> None:
    assert _codes(text) == codes


@pytest.mark.parametrize("text", ["", "nothing", "a.b http://x @y <z>", "@@@", "..."])
def test_no_word_is_lost(text: str) -> None:
    assert "".join(span.text for span in typed(text) if isinstance(span, Code | Text)) == text
