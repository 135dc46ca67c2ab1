"""A digest with something in each of its parts, as a value, and how it reads on each platform: tests/bot/golden.

`python -m tests.outlooks` writes the golden texts anew; read them before they are kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import text
from bot.matrix import html
from bot.slack import blocks
from commands import digest_page
from commands.message import Message
from commands.outlook import Outlook, Part
from commands.rules.digest import AnswerTimes
from storage.ledger import Head
from storage.lines import Line
from storage.prospects import SetAside, Some, Undelivered, Word
from storage.tables import Agency
from storage.words import Marking, State, Step

GOLDEN = Path(__file__).parent / "bot" / "golden"
NOW = datetime(2026, 12, 14, 14, tzinfo=UTC)
LATE = datetime(2026, 12, 7, 14, tzinfo=UTC)
DAY = timedelta(days=1)
ZONES = {
    "FTC": "America/New_York", "ACMA": "Australia/Sydney", "KISA": "Asia/Seoul", "ICO": "Europe/London",
}  # fmt: skip
FTC = Agency(
    id=1, code="FTC", name="Federal Trade Commission", country="US", zone=ZONES["FTC"], weekend=None,
    added_at=NOW - 365 * DAY,
)  # fmt: skip
HEAD = Head(512, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


def line(
    number: int,
    due: float,
    what: str,
    *,
    asking: str = "FTC",
    asked: str = "ACMA",
    state: State = State.ACKNOWLEDGED,
    marking: Marking = Marking.AMBER,
) -> Line:
    """`due` in days from now."""
    at = NOW + due * DAY
    return Line(number, state, marking, at, what, asking, ZONES[asking], asked, ZONES[asked])


def own() -> Outlook:
    """An agency's, too long for one message; what was typed in it tries what it can."""
    overdue = [line(number, -number, f"Number {number}") for number in range(1, 15)]
    parts = {
        Part.OVERDUE_BY_US: [
            line(21, -9.2, "Who was paid?\nAnd when?", asking="KISA", asked="FTC"),
            line(22, -0.2, "A source inside the carrier", asking="ICO", asked="FTC", marking=Marking.RED),
        ],
        Part.DUE_SOON: [line(23, 0.4, "<!channel> *now* https://evil.example", asking="KISA", asked="FTC")],
        Part.OVERDUE_TO_US: overdue,
        Part.TO_EXPLAIN: [line(24, 3, "Which of <b>them</b>?", asked="ICO", state=State.CLARIFYING)],
        Part.TO_CLOSE: [line(25, -2, "Whose domain is it?", asked="ICO", state=State.ANSWERED)],
        Part.LAPSING: [line(26, 21.2, "Please keep the logs", asked="ICO", state=State.ANSWERED)],
        Part.SILENT: [line(27, 49, "Who answers @here?", asked="KISA", state=State.SENT)],
        Part.CLOSED: [line(28, -5, "Done", asked="KISA", state=State.CLOSED, marking=Marking.STRICT)],
    }
    words = {
        21: ("KISA", Word(3, NOW - 20 * DAY, Step.SEND)),
        23: ("FTC", Word(1, NOW - 2 * DAY, Step.ACK)),
        24: ("ICO", Word(4, NOW - DAY, Step.CLARIFY)),
        25: ("ICO", Word(4, NOW - 3 * DAY, Step.ANSWER)),
        26: ("ACMA", Word(2, NOW - DAY / 2, None)),
    }
    return Outlook(
        FTC,
        FTC.zone,
        NOW,
        {part: Some(len(found) + (100 if part is Part.OVERDUE_TO_US else 0), found) for part, found in parts.items()},
        SetAside(
            31,
            [
                Undelivered(77, 21, "matrix:FTC/!desk:ftc.example", "M_FORBIDDEN"),
                Undelivered(78, None, "slack:FTC/C0DESK", "channel_not_found"),
            ],
        ),
        (4, 11),
        [
            AnswerTimes("ACMA", 12, 6.5 * DAY, 11 * DAY, 4 * DAY),
            AnswerTimes("ICO", 3, DAY / 4, DAY / 2, None),
            AnswerTimes("KISA", 1, 8 * DAY, 8 * DAY, 16 * DAY),
        ],
        {"ACMA": (2, 0, 11, 1), "KISA": (1, 1, 1, 0), "ICO": (0, 3, 0, 1)},
        words,
        HEAD,
    )


def network() -> Outlook:
    """What all who read a place may see."""
    parts = {
        Part.OVERDUE: [line(31, -3.1, "Not these words", marking=Marking.GREEN)],
        Part.DUE_SOON: [],
        Part.CLARIFYING: [line(32, 2, "Nor these", asked="ICO", state=State.CLARIFYING, marking=Marking.CLEAR)],
        Part.TO_CLOSE: [],
        Part.SILENT: [],
        Part.CLOSED: [],
    }
    some = {part: Some(len(found), found) for part, found in parts.items()}
    ages = {"ACMA": (0, 1, 0, 0), "ICO": (1, 0, 0, 0)}
    return Outlook(None, "Europe/London", NOW, some, SetAside(0, ()), (0, 2), (), ages, {}, HEAD)


def nothing() -> Outlook:
    parts = {part: Some(0, ()) for part in own().parts}
    return Outlook(FTC, FTC.zone, NOW, parts, SetAside(0, ()), (0, 0), (), {}, {}, HEAD)


DIGESTS: Mapping[str, tuple[Message, ...]] = {
    "own": digest_page.messages(own()),
    "network": digest_page.messages(network()),
    "nothing-late": digest_page.messages(nothing(), LATE),
}


def golden(messages: tuple[Message, ...]) -> dict[str, str]:
    """By the ending of its file: plain words, Matrix's words and html, Slack's words and blocks."""
    between = f"\n{'-' * 40}\n"
    posted = [posting for message in messages for posting in blocks.render(message)]
    said = [words for message in messages for words in html.render(message)]
    return {
        "txt": between.join(text.render(message) for message in messages) + "\n",
        "html": "\n\n".join(words.html.replace("><", ">\n<") for words in said) + "\n",
        "json": json.dumps([[one.text, one.blocks] for one in posted], ensure_ascii=False, indent=1) + "\n",
    }


def main() -> None:
    for name, messages in DIGESTS.items():
        for ending, words in golden(messages).items():
            (GOLDEN / f"digest-{name}.{ending}").write_text(words, encoding="utf-8")


if __name__ == "__main__":
    main()
