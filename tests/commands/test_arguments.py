"""What stands behind a command's name is read as the contract says, or refused with what to type instead."""
# ruff: noqa: RUF001  # characters that look alike are what people type

from __future__ import annotations

from typing import Any

import pytest

from commands.declare import AgencyCode, CaseNo, Person, PlaceName, RequestNo
from commands.grammar import Missing
from storage.words import Marking, Priority, Reason
from tests.commands.sample import (
    IN_CASE,
    IN_REQUEST,
    AddOfficer,
    AssignRequest,
    DeclineRequest,
    ListRequests,
    OpenCase,
    SetDesk,
    read,
    refused,
    sent,
    title,
)


class TestPlaces:
    def test_agencies_with_and_without_spaces(self) -> None:
        for typed in ("acma,kisa", "ACMA, KISA", "ACMA ,Kisa", "ACMA , KISA", "ＡＣＭＡ,KISA"):
            assert sent(f"/request send {typed} Please help").to == ("ACMA", "KISA")
        assert sent("/request send ACMA Please, help").what == "Please, help"

    def test_agencies_are_checked_in_form(self) -> None:
        assert refused("/request send ACMA,acma x", IN_CASE) == "ACMA stands there twice."
        assert "“@bo” is no agency's code" in refused("/request send @bo x", IN_CASE)
        assert refused("/request send , x", IN_CASE).startswith("“x” is no agency's code")

    def test_flags_may_stand_between(self) -> None:
        expected = AddOfficer(person=Person("@ana"), agency=AgencyCode("FTC"), name="Ana Lee")
        for line in (
            "/officer add @ana --agency FTC Ana Lee",
            "/officer add --agency FTC @ana Ana Lee",
            "/officer add @ana Ana Lee --agency ftc",
            "/officer add --agency FTC -- @ana Ana Lee",
        ):
            assert read(line) == expected

    def test_a_place_may_be_quoted(self) -> None:
        assert read('/agency desk ACMA "local:acma"') == SetDesk(code=AgencyCode("ACMA"), place=PlaceName("local:acma"))

    def test_too_many_words_are_refused(self) -> None:
        assert refused("/request ack R-1 thanks a lot") == "“thanks” is more than this command takes."
        assert refused("/digest now please") == "“please” is more than this command takes."

    def test_a_person_is_kept_as_typed(self) -> None:
        reading = read("/request assign R-1 matrix:@Bo:acma.example")
        assert reading == AssignRequest(request=RequestNo(1), person=Person("matrix:@Bo:acma.example"))


class TestFlags:
    def test_before_and_after_the_text(self) -> None:
        expected = sent("/request send ACMA Please help --urgent --marking red")
        assert expected.marking is Marking.RED
        assert expected.urgent
        assert expected.what == "Please help"
        assert sent("/request send --marking red ACMA --urgent Please help") == expected
        assert sent("/request send ACMA --URGENT Please help --Marking=RED") == expected
        assert sent("/request send ACMA —urgent Please help –marking red") == expected

    def test_in_the_middle_it_is_refused_by_name(self) -> None:
        problem = refused("/request send ACMA Please --marking red help us", IN_CASE)
        assert problem.startswith("--marking stands in the middle of the text")

    def test_behind_a_dash_in_the_text_it_is_refused_too(self) -> None:
        problem = refused("/request send ACMA Please -- as agreed -- help --marking red", IN_CASE)
        assert problem.startswith("--marking stands in the middle of the text, behind a --.")

    def test_a_lone_double_dash_ends_the_flags(self) -> None:
        assert sent("/request send ACMA -- use --marking red").what == "use --marking red"
        assert sent("/request send ACMA -- use --marking red").marking is None
        assert sent("/request send -- ACMA --urgent is a flag").what == "--urgent is a flag"
        assert sent("/request send ACMA as agreed -- thanks").what == "as agreed -- thanks"

    def test_a_dash_before_other_words_is_a_dash(self) -> None:
        text = "the mailing — –sent on 3 May—is -urgent, 5 --3"
        assert sent(f"/request send ACMA {text}").what == text

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("--makring", "--marking"),
            ("---marking", "--marking"),
            ("–-marking", "--marking"),
            ("--marking:", "--marking"),
            ("--mark\u200b-ing", "--marking"),
            ("--urgent.", "--urgent"),
        ],
    )
    def test_a_mistyped_flag_is_refused(self, typed: str, meant: str) -> None:
        for line in (f"/request send ACMA {typed} red Please help", f"/request send ACMA Please help {typed} red"):
            problem = refused(line, IN_CASE)
            assert f"Did you mean {meant}? If it is text, write a lone -- before the text." in problem

    def test_an_unseen_character_does_not_hide_a_flag(self) -> None:
        assert sent("/request send ACMA --mark\u200bing re\u00add Please help").marking is Marking.RED

    def test_a_doubled_flag_is_refused(self) -> None:
        assert refused("/request send ACMA --marking red x --marking green", IN_CASE) == "--marking stands there twice."

    def test_a_flag_without_its_value_is_refused(self) -> None:
        for end in ("--due", "--due --urgent", "--due --", '--due ""', "--due=", "--due —urgent"):
            assert refused(f"/request send ACMA x {end}", IN_CASE) == "--due needs a value: --due WHEN."
        assert refused("/request send ACMA --urgent=yes x", IN_CASE) == "--urgent takes no value."


class TestValues:
    @pytest.mark.parametrize(
        "typed", ['"MoU 2019"', "“MoU 2019”", "'MoU 2019'", "‘MoU 2019’", '"MoU 2019”', "„MoU 2019“"]
    )
    def test_several_words_in_quotes(self, typed: str) -> None:
        assert sent(f"/request send ACMA --under {typed} Please help").under == "MoU 2019"

    def test_quotes_inside_quotes(self) -> None:
        assert sent("/request send ACMA --under 'Ana's MoU' x").under == "Ana's MoU"
        assert sent('/request send ACMA --under "the ""big"" MoU" x').under == 'the "big" MoU'
        assert sent('/request send ACMA --under “the "big" MoU” x').under == 'the "big" MoU'

    @pytest.mark.parametrize("typed", ['"MoU', '"MoU --marking red the "big" one', "“MoU --marking red the “big” one"])
    def test_a_quotation_that_swallows_is_refused(self, typed: str) -> None:
        assert "does not end, or another begins in it" in refused(f"/request send ACMA x --under {typed}", IN_CASE)

    def test_an_apostrophe_opens_nothing(self) -> None:
        assert sent("/request send ACMA we don't know 'tis \"so").what == "we don't know 'tis \"so"

    @pytest.mark.parametrize(
        ("typed", "marking"),
        [
            ("amber", Marking.AMBER),
            ("AMBER+STRICT", Marking.STRICT),
            ("amber+strict", Marking.STRICT),
            ('"Amber + Strict"', Marking.STRICT),
            ("strict", Marking.STRICT),
            ("TLP:RED", Marking.RED),
        ],
    )
    def test_markings(self, typed: str, marking: Marking) -> None:
        assert sent(f"/request send ACMA --marking {typed} x").marking is marking

    def test_an_unknown_choice_shows_all_of_them(self) -> None:
        problem = refused("/case open --priority hihg x")
        assert problem == "“hihg” is no priority. Did you mean high? One of: low, normal, high."
        assert read("/case open --priority HIGH x") == OpenCase(priority=Priority.HIGH, title="x")

    @pytest.mark.parametrize(
        ("typed", "longer", "shorter", "after"),
        [
            ("--due 10 working days Please", '--due "10 working days"', '--due "10"', "working days Please"),
            ("--due friday 5pm, please", '--due "friday 5pm"', '--due "friday"', "5pm, please"),
            ("--due in 10 days --urgent x", '--due "in 10 days"', '--due "in"', "10 days"),
            ("--due=tomorrow 9am x", '--due "tomorrow 9am"', '--due "tomorrow"', "9am x"),
            ("x --due 2026-12-10 17:00", '--due "2026-12-10 17:00"', '--due "2026-12-10"', "17:00"),
            ("--marking amber strict words", '--marking "amber strict"', '--marking "amber"', "strict words"),
        ],
    )
    def test_two_readings_are_both_shown(self, typed: str, longer: str, shorter: str, after: str) -> None:
        problem = refused(f"/request send ACMA {typed}", IN_CASE)
        assert problem.endswith(f"{longer}, or {shorter} and then the text “{after}”. Put the value in quotes.")

    def test_each_reading_can_be_typed(self) -> None:
        assert sent('/request send ACMA --due "10 working days" Please').due == "10 working days"
        assert sent('/request send ACMA --due "friday" 5pm is too late').what == "5pm is too late"
        assert sent("/request send ACMA --due friday -- 5pm is too late").what == "5pm is too late"
        assert sent("/request send ACMA --due 10wd Please").due == "10wd"

    def test_what_is_no_time_is_refused(self) -> None:
        assert "“soon” cannot be read as a time. Write for example" in refused(
            "/request send ACMA --due soon x", IN_CASE
        )
        assert "03/04/2027 reads differently" in refused("/request send ACMA --due 03/04/2027 x", IN_CASE)

    def test_a_time_may_be_the_rest_of_the_line(self) -> None:
        reading: Any = read("/extend 10 working days", IN_REQUEST)
        assert reading.due == "10 working days"

    def test_references_countries_and_switches(self) -> None:
        assert read("/request list --case c‑3") == ListRequests(case=CaseNo(3))
        assert refused("/request list --case R-3") == "“R-3” is no case: write C-1."
        added: Any = read("/agency add acma --country au-act --zone Australia/Sydney Media Authority")
        assert (added.code, added.country) == ("ACMA", "AU-ACT")
        assert "is no country's code" in refused("/agency add ACMA --country Australia --zone UTC Media")

    def test_a_decline_with_its_reason(self) -> None:
        reading = read("/request decline R-1 --reason not-held We have none.")
        assert reading == DeclineRequest(request=RequestNo(1), reason=Reason.NOT_HELD, text="We have none.")
        assert '--reason "not held"' in refused("/request decline R-1 --reason not held")


class TestText:
    def test_it_is_taken_as_typed(self) -> None:
        text = "We  don't\n\n  know:\t“what”\n> quoted — & <b>bold</b>"
        assert title(f"/case open  {text} \n") == text

    def test_what_cannot_be_seen_is_shown(self) -> None:
        assert title("/case open a\u202egnp.exe\x00 \u200bb\r\nc") == "a⟨U+202E⟩gnp.exe⟨U+0000⟩ ⟨U+200B⟩b\nc"
        assert title("/case open \ud83d half a face") == "⟨U+D83D⟩ half a face"
        assert title("/case open 👩\u200d⚖️") == "👩\u200d⚖️"

    def test_what_cannot_be_seen_is_no_text(self) -> None:
        reading = read("/case open \u200b \u2060")
        assert isinstance(reading, Missing)
        assert reading.field.name == "title"

    def test_what_is_too_long_is_refused_whole(self) -> None:
        assert "201 characters are more than the 200 that fit" in refused("/case open " + "x" * 201)
        assert "20,001 characters are more than the 20,000" in refused("/case note --case C-1 " + "x" * 20_001)
        assert title("/case open " + "x" * 200) == "x" * 200

    def test_what_is_wrong_is_said_before_more_is_asked(self) -> None:
        assert "is no marking" in refused("/request send ACMA --marking pink")
