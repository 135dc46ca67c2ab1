"""The help is read off the declarations, so nothing that can be typed is left out."""

from __future__ import annotations

import pytest

from bot.text import render
from commands import grammar, help_page
from commands.declare import Declaration
from commands.grammar import Complaint
from commands.message import Code, Message, Paragraph
from storage.words import Conduct
from tests.commands.sample import SAMPLE, Help, read


def shown(topic: str) -> str:
    return render(help_page.topic(topic, SAMPLE))


def test_the_overview_names_every_verb_and_how_to_write_them() -> None:
    words = render(help_page.overview(SAMPLE))
    assert "/request: one agency asks another: send, show, list, ack, assign," in words
    for said in (
        "In a thread the noun and the reference may be left out",
        ";; or internal:",
        '"tomorrow 9am"',
        "lone --",
    ):
        assert said in words


@pytest.mark.parametrize("typed", ["case", "/case", " CASE "])
def test_a_noun_shows_its_lines(typed: str) -> None:
    words = shown(typed)
    assert words.startswith("/case: a matter that agencies share")
    assert "`/case add AGENCY [--case CASE]` Put an agency on a case." in words


def test_a_command_shows_all_there_is_to_say() -> None:
    assert shown("case open").splitlines() == [
        "/case open",
        "Open a case. Everyone who sits here is on it.",
        "Usage: `/case open [--conduct CONDUCT] [--priority low|normal|high] [--marking TLP] [--only] TITLE`",
        f"--conduct CONDUCT: Kind of conduct; one of {', '.join(Conduct)}",
        "--priority low|normal|high: Priority; one of low, normal, high; else normal",
        "--marking TLP: Marking; one of CLEAR, GREEN, AMBER, AMBER+STRICT, RED; else AMBER",
        "--only: Only us; leave the others out",
        "TITLE: Title",
        "For example: `/case open Pump-and-dump mailing`",
    ]


def test_a_verb_alone_shows_all_commands_of_that_name() -> None:
    words = shown("show")
    assert "/case show" in words
    assert "/request show" in words


def test_who_may_and_who_hears_is_said() -> None:
    assert "Take an agency into the network. Only the operator does that." in shown("agency add")
    assert "Show a case. The answer is for you alone." in shown("case show")


def test_an_unknown_topic_gives_the_nearest_and_the_overview() -> None:
    words = shown("reqest send")
    assert words.startswith("There is no help on reqest send. Did you mean `/comity help request send`?")
    assert "What you can type" in words
    assert shown("x" * 5_000).startswith(f"There is no help on {'x' * 59}….\n")


def test_what_was_asked_for_comes_out_inert() -> None:
    message = help_page.topic("https://ftc.example @room", SAMPLE)
    assert isinstance(message.blocks[0], Paragraph)
    assert [span.text for span in message.blocks[0].spans if isinstance(span, Code)] == ["https://ftc.example", "@room"]


@pytest.mark.parametrize("topic", ["", " ", "!", "\u200b"])
def test_no_topic_is_the_overview(topic: str) -> None:
    assert help_page.topic(grammar.clean(topic), SAMPLE) == help_page.overview(SAMPLE)


@pytest.mark.parametrize("declaration", SAMPLE.values(), ids=lambda declaration: declaration.path)
def test_every_command_answers_help_empty_input_and_nonsense(declaration: Declaration) -> None:
    asked = read(f"/{declaration.path} help")
    assert asked == Help(topic=declaration.path) or declaration.path == "comity help"
    assert isinstance(help_page.topic(declaration.path, SAMPLE), Message)
    assert not isinstance(read(f"/{declaration.path}"), Complaint)
    nonsense = read(f"/{declaration.path} --nonsense")
    assert isinstance(nonsense, Complaint)
    assert nonsense.usage == grammar.usage(declaration)


def test_examples_can_be_typed() -> None:
    for declaration in SAMPLE.values():
        for line in shown(declaration.path).splitlines():
            if line.startswith("For example: "):
                reading = read(line.removeprefix("For example: ").strip("`"))
                assert isinstance(reading, declaration.build)  # type: ignore[arg-type]  # a class


def test_the_page_has_every_command_and_is_the_same_each_time() -> None:
    page = help_page.commands_page(SAMPLE)
    assert page == help_page.commands_page(dict(SAMPLE))
    assert [line.removeprefix("### /") for line in page.splitlines() if line.startswith("### ")] == [*SAMPLE]
    for declaration in SAMPLE.values():
        assert f"`{grammar.usage(declaration)}`" in page
    assert page.endswith("\n")
    assert "\n\n\n" not in page
