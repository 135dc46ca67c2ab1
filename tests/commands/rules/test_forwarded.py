"""A mail that was forwarded as words is known by what mail programs write; what people write is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rules.forwarded import is_forwarded_mail


@pytest.mark.parametrize(
    "text",
    [
        "See below.\n\n---------- Forwarded message ---------\nFrom: Prize <win@evil.example>\nSubject: You won",
        "-----Original Message-----\nFrom: Prize\nSent: Monday\nTo: me\nSubject: You won",
        "Begin forwarded message:\n\n> From: Prize\n> Subject: You won",
        "From: Prize <win@evil.example>\nTo: me@example.org\nSubject: You won\n\nClick here",
        "*From:* Prize\n*Date:* Mon\n*Subject:* You won",
    ],
)
def test_a_forwarded_mail(text: str) -> None:
    assert is_forwarded_mail(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "The mail came from: a reseller.", "To: all of you, thanks.", "Subject: see the lease.\nDate: 3 May.",
        "They forwarded message after message.", "Forwarded message", "From here on: nothing.",
    ],
)  # fmt: skip
def test_what_people_write_is_none(text: str) -> None:
    assert not is_forwarded_mail(text)


@given(st.text(max_size=300) | st.text(alphabet=">-* \nfrom:", max_size=5000))
def test_any_text_is_looked_at_without_a_fault(text: str) -> None:
    assert is_forwarded_mail(text) in {True, False}
