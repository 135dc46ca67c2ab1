"""What a command lacks is asked for; what it is can be written down again."""

from __future__ import annotations

from typing import Any

import pytest

from commands import grammar
from commands.declare import AgencyCode, CaseNo, RequestNo, When
from commands.grammar import Complaint, Missing
from storage.words import Reason
from tests.commands.sample import (
    IN_CASE,
    SAMPLE,
    AnswerRequest,
    DeclineRequest,
    SendRequest,
    read,
    sent,
)


class TestMissing:
    def test_values_are_missed_in_their_order(self) -> None:
        given: dict[str, str] = {}
        for name, text in (("to", "ACMA"), ("case", "C-1"), ("what", "Please help")):
            reading = grammar.fill("request send", given, table=SAMPLE)
            assert isinstance(reading, Missing)
            assert reading.field.name == name
            given[name] = text
        assert grammar.fill("request send", given, table=SAMPLE) == sent("/request send ACMA Please help")

    def test_a_form_leaves_boxes_empty(self) -> None:
        given = {"to": "ACMA", "case": "C-1", "due": " ", "urgent": "no", "under": "", "what": " Please help\n"}
        assert grammar.fill("request send", given, table=SAMPLE) == sent("/request send ACMA Please help")

    def test_a_form_is_not_read_for_flags(self) -> None:
        given = {"to": "ACMA", "case": "C-1", "what": "--marking red"}
        reading: Any = grammar.fill("request send", given, table=SAMPLE)
        assert (reading.what, reading.marking) == ("--marking red", None)

    def test_an_answer_typed_in_a_conversation_is(self) -> None:
        given = {"to": "ACMA", "case": "C-1", "urgent": "yes"}

        def answer(text: str) -> Any:
            return grammar.answer("request send", given, "what", text, table=SAMPLE)

        assert answer("Please help --marking red") == sent("/request send ACMA --urgent Please help --marking red")
        assert answer("C-9 is older").what == "C-9 is older"
        assert "middle of the text" in answer("Please --marking red help").problem
        assert answer("--urgent x").problem == "--urgent stands there twice."
        assert answer("\u200b").field.name == "what"

    def test_an_answer_to_another_question_is_that_value(self) -> None:
        given = {"request": "R-1", "text": "None."}
        reading = grammar.answer("request decline", given, "reason", "not held", table=SAMPLE)
        assert reading == DeclineRequest(request=RequestNo(1), reason=Reason.NOT_HELD, text="None.")
        wrong = grammar.answer("request decline", given, "reason", "busy", table=SAMPLE)
        assert isinstance(wrong, Complaint)
        assert wrong.problem.startswith("“busy” is no reason. One of: not-held,")

    def test_a_press_asks_for_what_a_line_may_leave_out(self) -> None:
        assert read("/request answer R-1") == AnswerRequest(request=RequestNo(1))
        reading = read("/request answer R-1", pressed=True)
        assert isinstance(reading, Missing)
        assert reading.field.name == "text"


class TestUsage:
    def test_it_is_in_the_words_of_the_contract(self) -> None:
        assert grammar.usage(SAMPLE["request send"]) == (
            "/request send AGENCY[,AGENCY...] [--case CASE] [--due WHEN] [--urgent] [--under INSTRUMENT] "
            "[--marking TLP] WHAT"
        )
        assert grammar.usage(SAMPLE["case show"]) == "/case show [CASE]"
        assert grammar.usage(SAMPLE["agency desk"]) == "/agency desk CODE [PLACE] [--shared]"
        assert grammar.usage(SAMPLE["request decline"]) == "/request decline REQUEST --reason CODE [TEXT]"

    def test_a_complaint_shows_it_with_the_word_that_offends(self) -> None:
        reading = read("/case set --marking pink", IN_CASE)
        assert isinstance(reading, Complaint)
        assert reading.usage == "/case set [--case CASE] [--title TITLE] [--marking TLP]"
        assert reading.word == "pink"


class TestWriting:
    def test_the_canonical_line(self) -> None:
        command = sent('/request send acma, kisa --urgent --due "10 working days" Please help')
        assert grammar.written(command) == (
            '/request send ACMA,KISA --case C-1 --due "10 working days" --urgent Please help'
        )

    @pytest.mark.parametrize(
        "text", ["--marking red", "5pm is late", ", and KISA", "help --urgent", "-- x", "a -- —due b"]
    )
    def test_text_that_could_be_more_stands_behind_a_lone_double_dash(self, text: str) -> None:
        command = SendRequest(to=(AgencyCode("ACMA"),), case=CaseNo(1), due=When("friday"), what=text)
        assert grammar.written(command) == f"/request send ACMA --case C-1 --due friday -- {text}"
        assert read(grammar.written(command)) == command

    def test_a_button_carries_what_was_given(self) -> None:
        given = {"to": "ACMA, KISA", "urgent": "yes", "what": "Please help"}
        line = grammar.write("request send", {**given, "case": "C-7"}, table=SAMPLE)
        assert line == "/request send ACMA,KISA --case C-7 --urgent Please help"
