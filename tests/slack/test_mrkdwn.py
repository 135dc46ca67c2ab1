"""What comes alive in a text, and what a person reads of it."""

from __future__ import annotations

import pytest

from tests.slack.blockkit import (
    active,
    live,
    plain,
)
from tests.slack.samples import (
    actions,
    button,
    field,
    modal,
    of_length,
    rich,
    section,
    select,
    typed,
    words,
)


@pytest.mark.parametrize(
    ("text", "alive"),
    [
        ("<@U024BE7LH> and <@W024BE7LH|bob>", ["<@U024BE7LH>", "<@W024BE7LH|bob>"]),
        ("<!channel> <!here|here> <!everyone>", ["<!channel>", "<!here|here>", "<!everyone>"]),
        ("<!subteam^SAZ94GDB8>", ["<!subteam^SAZ94GDB8>"]),
        ("<#C024BE7LR|general>", ["<#C024BE7LR|general>"]),
        ("<https://x.example|read>", ["<https://x.example|read>"]),
        ("<mailto:ana@ftc.example|ana>", ["<mailto:ana@ftc.example|ana>"]),
        ("<!date^1392734382^{date}^https://x.example|then>", ["<!date^1392734382^{date}^https://x.example|then>"]),
        ("`<@U024BE7LH>`", ["<@U024BE7LH>"]),
        ("a<b>c <script> <!nobody> <@nobody> 1 < 2 > 0", []),
        ("&lt;!channel&gt; &lt;@U024BE7LH&gt; &amp;lt;!here&amp;gt;", []),
        ("<!chan\u200bnel> <\u200b!channel>", []),
    ],
)
def test_what_comes_alive_even_verbatim(text: str, alive: list[str]) -> None:
    assert active(text, verbatim=True) == alive
    assert [found for found in active(text) if found.startswith("<")] == alive


@pytest.mark.parametrize(
    ("text", "alive"),
    [
        ("see https://x.example/a?b=1&amp;c=2 now", ["https://x.example/a?b=1&amp;c=2"]),
        ("HTTP://X.EXAMPLE", ["HTTP://X.EXAMPLE"]),
        ("www.foo.com, spam.example/x", ["www.foo.com", "spam.example/x"]),
        ("write to ana@ftc.example", ["ana@ftc.example"]),
        ("`https://x.example`", ["https://x.example"]),
        ("@here and @channel in #general", ["@here", "@channel", "#general"]),
        ("<https://x.example|https://y.example>", ["<https://x.example|https://y.example>"]),
        ("어머니.한국", ["어머니.한국"]),
        ("p.m., e.g. 3.14, 17:00, C-1 #, @heretic, a@b, &#60; U.S.", []),
        ("spam\u2060.\u2060example", []),
    ],
)
def test_what_comes_alive_unless_verbatim(text: str, alive: list[str]) -> None:
    assert active(text) == alive
    assert [found for found in active(text, verbatim=True) if not found.startswith("<")] == []


def test_long_words_are_read_quickly() -> None:
    assert active(of_length(40_000)) == []
    assert active("x." * 20_000) == []


def test_what_is_alive_in_a_whole_message() -> None:
    payload = {
        "text": "a.example #general <@U1>",
        "blocks": [
            section("b.example <!here>", accessory=button(text=words("c.example <!channel>"))),
            {"type": "section", "fields": [words("d.example <@U2>", "mrkdwn", verbatim=True)]},
            {"type": "header", "text": words("<!everyone> e.example")},
            {"type": "context", "elements": [words("<@U3>", "mrkdwn")]},
            rich({"type": "text", "text": "f.example"}, {"type": "user", "user_id": "U4"}),
        ],
        "attachments": [{"text": "<@U5>", "fields": [{"value": "<@U6>"}]}, {"blocks": [section("<@U7>")]}],
    }
    within = ["b.example", "<!here>", "<@U2>", "<@U3>", "<user U4>", "<@U5>", "<@U6>", "<@U7>"]
    assert live(payload) == ["a.example", "<@U1>", *within]
    assert live({**payload, "parse": "none"}) == ["<@U1>", *within]
    assert live({**payload, "link_names": True}) == ["a.example", "#general", "<@U1>", *within]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt; &#60; &quot;", "&lt; &#60; &quot;"),
        ("<@U1|bo>, <@U2>, <#C1|general>, <!here>, <!subteam^S1|@desk>", "@bo, @U2, #general, @here, @desk"),
        ("<https://x.example|read> <https://y.example>", "read https://y.example"),
        ("<!date^1392734382^{date}|18 Feb>", "18 Feb"),
        ("*R-1* FTC asks _ACMA_: *_evidence_*", "R-1 FTC asks ACMA: evidence"),
        ("`*x* &lt;b&gt;` snake_case_name 2*3*4", "`*x* <b>` snake_case_name 2*3*4"),
        ("&lt;!channel&gt;", "<!channel>"),
    ],
)
def test_what_a_person_reads_of_a_text(text: str, seen: str) -> None:
    assert plain({"text": text}) == seen


def test_what_a_person_reads_of_a_message() -> None:
    blocks = [
        {"type": "context", "elements": [words("*TLP:AMBER*", "mrkdwn")]},
        {"type": "header", "text": words("R-1 *FTC* asks &amp; waits")},
        {"type": "divider"},
        section("Who rented\nmailbox 1200?", fields=[words("*State:* sent", "mrkdwn")], accessory=button()),
        actions(button(), select(placeholder=words("Choose"))),
        {"type": "image", "image_url": "https://x.example/i", "alt_text": "a chart"},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, rich({"type": "text", "text": "b"})]]},
        rich({"type": "text", "text": "to "}, {"type": "user", "user_id": "U1"}),
    ]
    assert plain({"text": "unread", "blocks": blocks}).split("\n") == [
        "TLP:AMBER",
        "R-1 *FTC* asks & waits",
        "Who rented",
        "mailbox 1200?",
        "State: sent",
        "[Press]",
        "[Press] [Choose]",
        "a chart",
        "a | b",
        "to @U1",
    ]


def test_what_a_person_reads_of_a_form() -> None:
    assert plain(modal(section("*Open*"), field(typed(initial_value="x")), field())) == "Open\nLabel [x]\nLabel"
