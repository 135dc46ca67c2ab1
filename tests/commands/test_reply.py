"""Replies below a request's root: who may write them, where they go, what is offered, what is held and let go."""

from __future__ import annotations

import pytest

from commands.reply import MOST
from storage import ledger
from tests.dialogue import Dialogue

LATER = "Wed 2 Dec 2026, 20:00 AEDT (Sydney) / 04:00 EST (New York)"
OFFER = "Your reply is kept in R-1; it changes no state."
HELD = "what you write below R-1 is held for 30 days and relayed nowhere."


@pytest.fixture
def asked(talk: Dialogue) -> Dialogue:
    """R-1 of FTC to ACMA stands at both desks; KISA is on the case."""
    talk("""
    ana in #ftc: /case open Silent calls
    ana in #ftc: /case add KISA --case C-1
    ana in #ftc: /request send ACMA --case C-1 Who called?
    """)
    return talk


# Relayed


def test_a_reply_goes_to_the_other_thread_with_name_agency_and_time(asked: Dialogue) -> None:
    assert asked.said("ana in #ftc thread R-1: Ask <!here> or a@b.example: https://x.example") == [
        "#acma [R-1] Comity: ana (FTC), NOW: / > Ask `<!here>` or `a@b.example`: `https://x.example`"
    ]


def test_what_the_asked_side_writes_is_relayed_and_its_writer_offered_what_may_be_next(asked: Dialogue) -> None:
    assert asked.said("bo in #acma thread R-1: Nobody we know.") == [
        "#ftc [R-1] Comity: bo (ACMA), NOW: / > Nobody we know.",
        f"#acma [R-1] (to bo) Comity: {OFFER} / [This is our answer] [Acknowledge]",
    ]
    assert "State: sent" in asked.root("#acma", "R-1")
    asked("bo in #acma thread R-1: !ack")
    assert asked.told("bo in #acma thread R-1: Nor do the carriers.") == f"{OFFER} / [This is our answer]"
    asked("bo in #acma thread R-1: !answer Nobody.")
    assert asked.said("bo in #acma thread R-1: Ask the bank.") == [
        "#ftc [R-1] Comity: bo (ACMA), NOW: / > Ask the bank."
    ]


def test_this_is_our_answer_answers_with_the_reply(asked: Dialogue) -> None:
    asked("bo in #acma thread R-1: Nobody we know.")
    assert asked.news('bo in #acma press "This is our answer"')[0] == (
        "#ftc [R-1] Comity: bo (ACMA) answered R-1. / > See my reply of Tue 1 Dec 2026, 20:00 AEDT."
    )
    assert "State: answered" in asked.root("#ftc", "R-1")


@pytest.mark.parametrize("note", [";; do we tell them?", "Internal: do we tell them?", "  ;;do we tell them?"])
def test_an_internal_note_stays_where_it_was_written_and_is_kept_nowhere(asked: Dialogue, note: str) -> None:
    assert asked.said(f"bo in #acma thread R-1: {note}") == []
    assert asked.holding("do we tell them?") == []


def test_what_begins_like_a_command_and_is_none_is_never_relayed(asked: Dialogue) -> None:
    usage = "Usage: `/case /request /exhibit /agency /officer /digest /comity`"
    for typed in ("!anwser Nobody.", "/etc/passwd was read."):
        said = asked.said(f"bo in #acma thread R-1: {typed}")
        assert [line.split(" Comity: ")[0] for line in said] == ["#acma [R-1] (to bo)"]
        assert usage in said[0] or "/request answer" in said[0]
    assert asked.holding("was read") == []


def test_a_mail_forwarded_as_text_is_not_the_original(asked: Dialogue) -> None:
    mail = r"---------- Forwarded message ---------\nFrom: Prize <win@evil.example>\nSubject: You won"
    original = (
        "A forwarded e-mail is not the original: what shows where it came from is gone. Attach the file below R-1."
    )
    said = asked.said(f"ana in #ftc thread R-1: {mail}")
    assert said[-1] == f"#ftc [R-1] (to ana) Comity: {original}"
    assert said[0].startswith("#acma [R-1] Comity: ana (FTC), NOW: / > ---------- Forwarded message")
    assert asked.told(f"bo in #acma thread R-1: {mail}").endswith(f"[This is our answer] [Acknowledge] / {original}")


def test_a_reply_too_long_to_keep_is_refused_with_its_length(asked: Dialogue) -> None:
    assert asked.told(f"ana in #ftc thread R-1: {'x' * (MOST + 1)}") == (
        "That is too long to keep (20,001 of 20,000 characters): send it in parts."
    )
    assert asked.said(f"ana in #ftc thread R-1: {'x' * MOST}")[0].startswith("#acma [R-1] Comity: ana (FTC), NOW: / >")


def test_the_ledger_keeps_its_sum_and_not_its_words(asked: Dialogue) -> None:
    asked("bo in #acma thread R-1: Nobody we know.")
    [entry] = asked.ledger("reply:")
    assert (entry["subject"], entry["by"], entry["text_sha256"]) == (
        "R-1",
        "local:bo",
        ledger.sha256("Nobody we know."),
    )
    assert asked.holding("Nobody we know.") == ["reply_revision.text"]


def test_where_one_thread_serves_both_nothing_is_repeated(talk: Dialogue) -> None:
    talk("""
    ana in #network: /case open Silent calls
    ana in #network: /request send ACMA --case C-1 --shared Who called?
    """)
    assert talk.said("ana in #network thread R-1: We need it soon.") == []
    assert "ana (FTC), NOW / > We need it soon." in talk.told("chin in #kisa: /request show R-1")


# Third agencies


def test_in_a_shared_request_every_agency_on_the_case_replies_and_takes_no_step(talk: Dialogue) -> None:
    talk("""
    ana in #network: /case open Silent calls
    ana in #ftc: /request send ACMA --case C-1 --shared Who called?
    """)
    assert talk.said("chin in #acma thread R-1: We saw them too.") == [
        "#ftc [R-1] Comity: chin (KISA), NOW: / > We saw them too."
    ]
    assert "takes no step in it" in talk.told("chin in #acma thread R-1: !answer Ours.")


def test_in_an_unshared_request_another_agency_is_held_and_told_so(asked: Dialogue) -> None:
    assert asked.said("chin in #acma thread R-1: We saw them too.") == [
        (
            f"#acma [R-1] (to chin) Comity: KISA may not write in this request: {HELD}"
            " / Its agencies' coordinators: bea (ACMA)."
        )
    ]
    [entry] = asked.ledger("refused:")
    assert (entry["tag"], entry["subject"], entry["by"]) == ("refused:reply", "R-1", "local:chin")
    assert asked.holding("We saw them too.") == ["held.text"]
    assert "We saw them too." not in asked.told("ana in #ftc: /request show R-1")


# Held


def test_a_stranger_is_held_and_told_privately_who_can_enrol_them(asked: Dialogue) -> None:
    assert asked.said("zed in #acma thread R-1: It was me.") == [
        (
            f"#acma [R-1] (to zed) Comity: Nobody has enrolled you: {HELD}"
            " / Who can enrol you: bea (ACMA), by `/officer add local:zed --agency CODE`."
        )
    ]


def test_enrolment_lets_go_what_was_held_at_its_first_time(asked: Dialogue) -> None:
    asked("""
    zed in #acma thread R-1: It was me.
    clock +1d
    bo in #acma thread R-1: Somebody says it was them.
    """)
    assert asked.news("bea in #acma: /officer add @zed --agency ACMA Zed Zhang") == [
        (
            "#acma Comity: Zed Zhang (ACMA), officer, writes from `local:zed`."
            " / One message of theirs was held, and is relayed now."
        ),
        f"#ftc [R-1] Comity: Zed Zhang (ACMA), NOW, held until {LATER}: / > It was me.",
    ]
    shown = asked.told("ana in #ftc: /request show R-1")
    assert shown.endswith(
        f" / Zed Zhang (ACMA), NOW, held until {LATER} / > It was me."
        f" / bo (ACMA), {LATER} / > Somebody says it was them."
    )
    assert asked.holding("It was me.") == ["reply_revision.text"]


@pytest.mark.parametrize(
    "enrol",
    [
        "operator: /officer add local:zed --agency FTC Zed",
        "bea in #acma: /officer add @zed --agency ACMA --same-as @bo",
    ],
)
def test_it_is_the_same_whoever_enrols_and_however(asked: Dialogue, enrol: str) -> None:
    asked("zed in #acma thread R-1: It was me.")
    released = [line for line in asked.news(enrol) if line.endswith("held until NOW: / > It was me.")]
    assert len(released) == 1


def test_what_the_new_agency_may_not_say_stays_held(asked: Dialogue) -> None:
    asked("zed in #acma thread R-1: It was me.")
    assert asked.news("dot in #ico: /officer add @zed --agency ICO Zed") == [
        "#ico Comity: Zed (ICO), officer, writes from `local:zed`."
    ]
    asked("dot in #ico: /officer remove @zed")
    assert asked.news("bea in #acma: /officer add @zed --agency ACMA Zed")[-1] == (
        "#ftc [R-1] Comity: Zed (ACMA), NOW, held until NOW: / > It was me."
    )


def test_ten_messages_of_a_person_are_held_and_the_eleventh_is_not(asked: Dialogue) -> None:
    asked("\n".join(f"zed in #acma thread R-1: word {number}" for number in range(10)))
    asked("yan in #acma thread R-1: another's")
    assert asked.told("zed in #acma thread R-1: the eleventh") == (
        "You have 10 messages held already: this one was not kept."
        " / Who can enrol you: bea (ACMA), by `/officer add local:zed --agency CODE`."
    )
    assert asked.holding("the eleventh") == []
    news = asked.news("bea in #acma: /officer add @zed --agency ACMA Zed")
    assert news[0].endswith("10 messages of theirs were held, and are relayed now.")
    assert [line.rsplit("> ", 1)[1] for line in news[1:]] == [f"word {number}" for number in range(10)]


def test_after_thirty_days_nothing_is_held_any_more(asked: Dialogue) -> None:
    asked("""
    zed in #acma thread R-1: too old
    clock +1d
    zed in #acma thread R-1: just in time
    clock +30d
    """)
    news = asked.news("bea in #acma: /officer add @zed --agency ACMA Zed")
    assert [line.rsplit("> ", 1)[1] for line in news[1:]] == ["just in time"]
    assert asked.holding("too old") == []
