"""Commands as Slack modals: whatever was typed is in the form, and what comes back is the same command."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from bot.slack import forms
from commands import forms as words
from commands import grammar
from commands.declare import TABLE, Declaration, Kind
from commands.grammar import Missing
from commands.lines import clean, is_blank
from tests.commands.test_grammar_properties import ALL, TEXTS, WORDS, commands, known_to
from tests.messages import TREACHEROUS
from tests.slack.blockkit import check_options, check_submission_answer, check_view

Json = dict[str, Any]
SEND = TABLE["request send"]


def plain(words: str) -> Json:
    return {"type": "plain_text", "text": words, "emoji": False}


def option(value: str) -> Json:
    return {"text": plain(value), "value": value}


def by_id(view: Json) -> dict[str, Json]:
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def submitted(view: Json) -> dict[str, dict[str, Json]]:
    """The `state.values` that Slack sends if nothing is changed: with null for what is empty."""
    return {name: {block["element"]["action_id"]: _state(block["element"])} for name, block in by_id(view).items()}


def _state(element: Json) -> Json:
    kind = element["type"]
    match kind:
        case "plain_text_input":
            return {"type": kind, "value": element.get("initial_value")}
        case "datepicker":
            return {"type": kind, "selected_date": element.get("initial_date")}
        case "users_select":
            return {"type": kind, "selected_user": None}
        case "checkboxes" | "multi_external_select":
            return {"type": kind, "selected_options": element.get("initial_options", [])}
        case "static_select" | "external_select":
            return {"type": kind, "selected_option": element.get("initial_option")}
        case _:
            raise AssertionError(kind)


def back(declaration: Declaration, texts: dict[str, str]) -> dict[str, str]:
    """Through the form and back."""
    return forms.given(declaration, submitted(forms.modal(declaration, texts, "")))


def test_a_request_that_lacks_its_case() -> None:
    typed = {"to": "acma, KISA", "due": "10 working days", "urgent": "yes", "what": "Who rented\nthe mailbox?"}
    view = forms.modal(SEND, typed, "kept")
    assert view["type"] == "modal"
    assert view["title"] == plain("Ask a partner")
    assert (view["submit"], view["close"]) == (plain("Send"), plain("Cancel"))
    assert (forms.path_of(view["callback_id"]), view["private_metadata"]) == ("request send", "kept")
    assert view["blocks"][0] == {"type": "section", "text": plain(SEND.summary)}
    found = by_id(view)
    assert list(found) == [
        "to", "case", "kind", "due", "due@date", "urgent", "under", "marking", "shared", "what",
    ]  # fmt: skip
    assert [name for name, block in found.items() if not block["optional"]] == ["to", "case", "what"]
    assert found["to"] == {
        "type": "input",
        "block_id": "to",
        "label": plain("Agency asked"),
        "hint": plain("one code, or several with commas"),
        "optional": False,
        "element": {
            "type": "multi_external_select",
            "action_id": "agencies",
            "min_query_length": 0,
            "initial_options": [option("ACMA"), option("KISA")],
        },
    }
    assert found["case"]["element"] == {"type": "external_select", "action_id": "case", "min_query_length": 0}
    assert found["kind"]["element"]["initial_option"] == option("evidence")
    assert option("preserve") in found["kind"]["element"]["options"]
    assert "initial_option" not in found["marking"]["element"]
    assert found["urgent"]["element"]["initial_options"] == [{"text": plain("Yes"), "value": "yes"}]
    assert "initial_options" not in found["shared"]["element"]
    assert found["due"]["element"]["initial_value"] == "10 working days"
    assert found["due@date"]["element"] == {"type": "datepicker", "action_id": "date"}
    assert found["what"]["element"] == {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "max_length": 3_000,
        "initial_value": "Who rented\nthe mailbox?",
        "placeholder": plain("Who rented the mailbox?"),
    }


def test_a_button_asks_for_what_a_line_may_leave_out() -> None:
    answer = TABLE["request answer"]
    assert by_id(forms.modal(answer, {}, ""))["text"]["optional"]
    assert not by_id(forms.modal(answer, {}, "", pressed=True))["text"]["optional"]
    assert forms.errors(answer, {"request": "R-1"}) == {}
    assert forms.errors(answer, {"request": "R-1"}, pressed=True) == {"text": words.NEEDED}


def test_a_date_is_picked_where_no_time_is_written() -> None:
    extend = TABLE["request extend"]
    typed = by_id(forms.modal(extend, {"request": "R-1", "due": "2026-12-10"}, ""))
    assert typed["due@date"]["element"]["initial_date"] == "2026-12-10"
    assert "initial_value" not in typed["due"]["element"]
    assert "initial_date" not in by_id(forms.modal(extend, {"due": "2026-02-30"}, ""))["due@date"]["element"]
    picked: dict[str, Json] = {"due@date": {"date": {"type": "datepicker", "selected_date": "2026-12-11"}}}
    empty: dict[str, Json] = {"due": {"text": {"type": "plain_text_input", "value": None}}}
    written = {"due": {"text": {"type": "plain_text_input", "value": "friday 5pm"}}}
    assert forms.given(extend, empty | picked) == {"due": "2026-12-11"}
    assert forms.given(extend, written | picked) == {"due": "friday 5pm"}
    assert forms.errors(extend, {"request": "R-1"}) == {"due": words.NEEDED}


def test_a_person_is_picked_where_no_address_is_written() -> None:
    assign = TABLE["request assign"]
    view = by_id(forms.modal(assign, {"request": "R-1", "person": "matrix:@bo:acma.example"}, ""))
    assert view["person"]["element"]["initial_value"] == "matrix:@bo:acma.example"
    picked = {"person@person": {"person": {"type": "users_select", "selected_user": "U1"}}}
    assert forms.given(assign, picked) == {"person": "<@U1>"}
    written = {"person": {"text": {"type": "plain_text_input", "value": "slack:T2/U2"}}}
    assert forms.given(assign, picked | written) == {"person": "slack:T2/U2"}


def test_what_cannot_be_chosen_stands_there_as_it_was_typed() -> None:
    typed = {"to": "the ACMA", "marking": "purple", "case": "C-0", "kind": "?", "urgent": "perhaps", "what": "Help"}
    view = forms.modal(SEND, typed, "")
    assert forms.given(SEND, submitted(view)) == typed
    assert set(forms.errors(SEND, typed)) == {"to", "marking", "case", "kind", "urgent"}


def test_more_agencies_than_a_select_takes_are_typed() -> None:
    codes = ",".join(f"A{number:03}" for number in range(101))
    assert back(SEND, {"to": codes}) == {"to": codes, "kind": "evidence"}


@pytest.mark.parametrize(
    ("typed", "blocks"),
    [
        ("x" * 3_000, ["text"]),
        ("x" * 3_001, ["text", "text@2-letter"]),
        ("word " * 1_000, ["text", "text@2-space"]),
        ("word word\n" * 700, ["text", "text@2-line", "text@3-line"]),
        ("👩\u200d👧" * 1_000, ["text", "text@2-letter"]),
    ],
)
def test_a_text_that_is_too_long_for_an_input_stands_in_several(typed: str, blocks: list[str]) -> None:
    note = TABLE["case note"]
    view = forms.modal(note, {"case": "C-1", "text": typed}, "")
    assert [name for name in by_id(view) if name.startswith("text")] == blocks
    assert forms.given(note, submitted(view)) == {"case": "C-1", "text": typed}


@drawn(st.lists(st.sampled_from((*TREACHEROUS, "x" * 700, "어" * 700, "word " * 300)), max_size=40).map("".join))
def test_no_text_is_lost_in_a_form(typed: str) -> None:
    expected = {} if is_blank(clean(typed)) else {"text": clean(typed)}
    assert back(TABLE["case note"], {"text": typed}) == expected


@drawn(commands)
def test_a_form_that_is_sent_as_it_is_is_the_command(chosen: tuple[Declaration, dict[str, str]]) -> None:
    declaration, texts = chosen
    known = known_to(declaration)
    returned = back(declaration, texts)
    command = grammar.fill(declaration.path, texts, table=known)
    assert grammar.fill(declaration.path, returned, table=known) == command
    assert forms.errors(declaration, returned) == {}


@st.composite
def misfilled(draw: st.DrawFn) -> tuple[Declaration, dict[str, str]]:
    declaration = draw(st.sampled_from(ALL))
    texts = {field.name: draw(WORDS | TEXTS | st.just("x" * 20_001)) for field in declaration.fields}
    return declaration, {name: text for name, text in texts.items() if draw(st.booleans())}


@drawn(misfilled())
def test_errors_stand_at_their_fields_exactly_where_there_is_no_command(
    chosen: tuple[Declaration, dict[str, str]],
) -> None:
    declaration, texts = chosen
    reading = grammar.fill(declaration.path, texts, table=known_to(declaration))
    errors = forms.errors(declaration, texts)
    assert isinstance(reading, declaration.build) == (not errors)  # type: ignore[arg-type]  # a class
    if isinstance(reading, Missing):
        assert errors[reading.field.name] == words.NEEDED
    assert all(errors.values())
    if errors:
        answer = {"response_action": "errors", "errors": errors}
        assert check_submission_answer(answer, forms.modal(declaration, texts, "")) is None
    assert (
        back(declaration, texts).items()
        >= {
            name: text
            for name, text in texts.items()
            if name in errors and not is_blank(clean(text)) and clean(text) == text
        }.items()
    )


@drawn(misfilled() | commands)
def test_every_form_keeps_the_limits(chosen: tuple[Declaration, dict[str, str]]) -> None:
    check(forms.modal(*chosen, metadata="x" * 3_000))


def check(view: Json) -> None:
    refusal = check_view(view)
    assert refusal is None, refusal.messages
    for block in by_id(view).values():
        assert len(block["label"]["text"]) <= 80


@pytest.mark.parametrize("declaration", [*TABLE.values()], ids=lambda declaration: declaration.path)
def test_every_command_has_a_form_with_an_input_for_each_field(declaration: Declaration) -> None:
    view = forms.modal(declaration, {}, "")
    check(view)
    assert [name for name in by_id(view) if "@" not in name] == [field.name for field in declaration.fields]
    actions = {block["element"]["action_id"] for block in by_id(view).values()}
    assert actions <= {"text", "date", "person", *Kind}


def test_a_refusal_stands_at_the_field_that_it_quotes() -> None:
    typed = {"to": "ACMA", "due": "yesterday", "what": "Who is it?"}
    assert forms.refused(SEND, typed, "“yesterday” is past.") == {"due": "“yesterday” is past."}
    assert forms.refused(SEND, typed, "Not now.") == {"due": "Not now."}
    assert forms.refused(TABLE["request ack"], {}, "Not now.") == {"request": "Not now."}
    assert forms.refused(TABLE["digest now"], {}, "Not now.") == {}


def test_options_are_as_many_and_as_short_as_slack_takes() -> None:
    found = forms.options(
        [
            ("x" * 151, "too long"),
            ("", "empty"),
            ("C-0", "C-0"),
            ("C-0", ""),
            ("C-1", "A & B"),
            ("C-x", "&" * 20),
            *((f"C-{n}", "어" * 76) for n in range(2, 200)),
        ]
    )
    assert check_options({"options": found}) is None
    assert len(found) == 100
    assert found[0] == option("C-0")
    assert found[1] == {"text": plain("A &amp; B"), "value": "C-1"}
    assert found[2] == {"text": plain("&amp;" * 14 + "…"), "value": "C-x"}
    assert found[3] == {"text": plain("어" * 74 + "…"), "value": "C-2"}


def test_other_views() -> None:
    assert forms.waiting("Ask a partner")["title"] == plain("Ask a partner")
    assert forms.failed("Too late.")["blocks"] == [{"type": "section", "text": plain("Too late.")}]
    for view in (forms.waiting("x" * 30), forms.failed("x" * 4_000)):
        check(view)
        assert "submit" not in view
    with pytest.raises(ValueError, match="3000 fit"):
        forms.modal(SEND, {}, "x" * 3_001)
    with pytest.raises(ValueError, match="form"):
        forms.path_of("other")
