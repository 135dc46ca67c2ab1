"""Which command a line means: by its mark, its noun and its verb, or in a thread by less."""
# ruff: noqa: RUF001  # characters that look alike are what people type

from __future__ import annotations

import pytest

from commands import grammar
from commands.declare import AgencyCode, CaseNo, RequestNo
from commands.grammar import Complaint, Missing
from tests.commands.sample import (
    IN_CASE,
    IN_REQUEST,
    SAMPLE,
    AckRequest,
    AddAgency,
    CloseCase,
    ExplainRequest,
    Help,
    NoteCase,
    OpenCase,
    ReopenCase,
    ShowCase,
    ShowRequest,
    read,
    refused,
    title,
)


class TestBeginning:
    @pytest.mark.parametrize(
        "line",
        [
            "/case open Pump and dump",
            "!case open Pump and dump",
            "@Comity case open Pump and dump",
            "@comity, case open Pump and dump",
            "@Comity: /case open Pump and dump",
            "  /CASE Open Pump and dump  ",
            "/case\nopen Pump and dump",
            "/ca\u200bse op\u00aden Pump and dump",
            "\ufeff！case open Pump and dump",
        ],
    )
    def test_all_ways_lead_to_the_same_command(self, line: str) -> None:
        assert grammar.is_command(grammar.clean(line))
        assert read(line) == OpenCase(title="Pump and dump")

    @pytest.mark.parametrize(
        "line", ["ack", "1/2 done", "/", "!", "! case", "/2 days", "@Comityfoo", "see @Comity", ""]
    )
    def test_all_else_is_talk(self, line: str) -> None:
        assert not grammar.is_command(line)

    @pytest.mark.parametrize("line", ["@comity:ftc.example", "@Comity-test hello", "@comity.org"])
    def test_a_longer_name_is_no_mention(self, line: str) -> None:
        assert not grammar.is_command(line)

    def test_what_begins_like_a_command_is_never_a_reply(self) -> None:
        assert grammar.is_command("/etc/passwd was in the attachment")
        assert "There is no command etc/passwd." in refused("/etc/passwd was in the attachment", IN_REQUEST)


class TestNames:
    def test_the_nearest_name_is_suggested(self) -> None:
        assert refused("/cse open x") == "There is no command cse. Did you mean case?"
        assert refused("/request snd ACMA x") == "There is no /request snd. Did you mean send?"
        assert refused("/case send ACMA x") == "There is no /case send. Did you mean /request send?"
        assert refused("/ack R-1") == "There is no command ack. Did you mean /request ack?"

    def test_the_usage_shows_what_there_is(self) -> None:
        reading = read("/case opn x")
        assert isinstance(reading, Complaint)
        assert reading.usage == "/case open|show|list|add|note|set|close|reopen"
        assert reading.word == "opn"

    @pytest.mark.parametrize(
        ("line", "topic"),
        [
            ("@Comity", None),
            ("/comity", None),
            ("/help", None),
            ("/comity help", None),
            ("/comity help request send", "request send"),
            ("!help request", "request"),
            ("/case", "case"),
            ("/case help", "case"),
            ("/case open help", "case open"),
            ("/request ack --help", "request ack"),
            ("/request ack —help", "request ack"),
        ],
    )
    def test_help_is_never_far(self, line: str, topic: str | None) -> None:
        assert read(line) == Help(topic=topic)

    def test_a_text_may_begin_with_help(self) -> None:
        assert title("/case open Help for victims") == "Help for victims"
        assert title("/case open -- help") == "help"

    def test_without_a_help_command_the_nouns_are_named(self) -> None:
        reading = grammar.read("@Comity", table={"case open": SAMPLE["case open"]})
        assert reading == Complaint("A command is a noun and a verb.", "/case")


class TestThreads:
    def test_noun_and_reference_may_be_left_out(self) -> None:
        assert read("/ack", IN_REQUEST) == AckRequest(request=RequestNo(2))
        assert read("!explain the one of 3 May", IN_REQUEST) == ExplainRequest(
            request=RequestNo(2), text="the one of 3 May"
        )
        assert read("/request ack", IN_REQUEST) == AckRequest(request=RequestNo(2))

    def test_a_first_word_of_the_form_of_a_reference_is_the_reference(self) -> None:
        assert read("/ack r-9", IN_REQUEST) == AckRequest(request=RequestNo(9))
        assert read("/note C-5 seen", IN_CASE) == NoteCase(case=CaseNo(5), text="seen")
        assert read("/case close --anyway C-5 done", IN_CASE) == CloseCase(case=CaseNo(5), anyway=True, outcome="done")
        assert read("/case add c-5 ACMA") == AddAgency(agency=AgencyCode("ACMA"), case=CaseNo(5))

    def test_a_reference_typed_as_a_flag_leaves_the_first_word_to_the_text(self) -> None:
        assert read("/note --case C-3 C-5 seen", IN_CASE) == NoteCase(case=CaseNo(3), text="C-5 seen")
        assert read("/note C-5 seen --case C-3", IN_CASE) == NoteCase(case=CaseNo(3), text="C-5 seen")
        assert read("/note -- C-5 seen", IN_CASE) == NoteCase(case=CaseNo(1), text="C-5 seen")

    def test_a_verb_means_the_nearest_noun(self) -> None:
        assert read("/show", IN_REQUEST) == ShowRequest(request=RequestNo(2))
        assert read("/show", IN_CASE) == ShowCase(case=CaseNo(1))
        assert read("/note seen", IN_REQUEST) == NoteCase(case=CaseNo(1), text="seen")
        assert read("/open New matter", IN_REQUEST) == OpenCase(title="New matter")

    def test_a_reference_says_which_noun_is_meant(self) -> None:
        assert read("/show C-7", IN_REQUEST) == ShowCase(case=CaseNo(7))
        assert read("/reopen C-7 new leads", IN_REQUEST) == ReopenCase(case=CaseNo(7), reason="new leads")

    def test_a_verb_of_a_request_needs_one(self) -> None:
        assert refused("/ack", IN_CASE) == "There is no command ack. Did you mean /request ack?"

    def test_a_reference_of_the_wrong_kind_is_refused_where_it_would_be_taken_for_one(self) -> None:
        assert refused("/request ack C-1", IN_REQUEST) == "C-1 is no request: write R-1."
        assert refused("/explain C-1 was closed", IN_REQUEST) == (
            "C-1 is no request: write R-1. If it is text, write a lone -- before the text."
        )
        explained = ExplainRequest(request=RequestNo(2), text="C-1 was closed")
        assert read("/explain -- C-1 was closed", IN_REQUEST) == explained
        assert read("/explain R-2 C-1 was closed", IN_REQUEST) == explained

    def test_outside_a_thread_a_missing_reference_is_asked_for(self) -> None:
        reading = read("/request send ACMA --urgent Please help")
        assert isinstance(reading, Missing)
        assert (reading.field.name, reading.given) == (
            "case",
            {"to": "ACMA", "urgent": "yes", "what": "Please help"},
        )

    def test_a_word_that_can_only_be_a_reference_must_be_one(self) -> None:
        assert refused("/case show pump") == "“pump” is no case: write C-1."
        assert refused("/case show pump", IN_CASE) == "“pump” is no case: write C-1."
        assert refused("/request assign R-0 @bo") == "“@bo” is more than this command takes."

    @pytest.mark.parametrize("text", ["ack", " Ack! ", "ACK.", "a\u200bck"])
    def test_a_reply_that_is_nothing_but_a_verb(self, text: str) -> None:
        assert grammar.lone_verb(grammar.clean(text), table=SAMPLE) is SAMPLE["request ack"]

    @pytest.mark.parametrize("text", ["ack R-1", "acknowledged", "send", "list", "open", ""])
    def test_a_reply_that_is_more_or_less(self, text: str) -> None:
        assert grammar.lone_verb(text, table=SAMPLE) is None
