"""What is attached below a request becomes evidence: kept to the byte, shown to whoever may have it, to nobody else."""

from __future__ import annotations

import hashlib
import random
import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from bot import errands
from bot.local import find
from bot.settings import EXHIBIT_MAX
from commands import verify_export
from commands.arrival import Arrival
from storage import exhibits
from storage.session import transaction
from storage.tables import Custody, Errand, Exhibit
from storage.vault import Vault
from storage.words import Address, Place, Trouble
from tests.dialogue import Dialogue, opened
from tests.hostile_mail import ALL

ACMA, BO = Place("local:acma"), Address("local:bo")
LEASE = b"The mailbox was rented on 3 May 2026.\n"
SUM = hashlib.sha256(LEASE).hexdigest()
KEPT = f"X-1 `lease.txt` from bo (ACMA) is kept: text/plain, 38 bytes. / SHA-256: `{SUM}`"
ASKED = """
    ana in #ftc: /case open Pump-and-dump mailing
    ana in #ftc thread C-1: !request send ACMA Who rented mailbox 1200?
"""
OFFER = "Your reply is kept in R-1; it changes no state. / [This is our answer] [Acknowledge]"


@pytest.fixture
def asked(talk: Dialogue) -> Dialogue:
    talk(ASKED)
    (talk.folder / "lease.txt").write_bytes(LEASE)
    return talk


@pytest.fixture
def given(asked: Dialogue) -> Dialogue:
    asked(f"bo in #acma thread R-1 attach {asked.folder}/lease.txt: The lease.")
    return asked


def attach(talk: Dialogue, content: bytes, name: str, text: str = "") -> list[str]:
    path = talk.folder / name
    path.write_bytes(content)
    return talk.said(f"bo in #acma thread R-1 attach {path}{': ' + text if text else ''}")


def files(talk: Dialogue) -> list[bytes]:
    """What people got, in the order in which they got it."""
    found = sorted((talk.folder / "files").glob("*"), key=lambda path: int(path.name.partition("-")[0]))
    return [path.read_bytes() for path in found]


def kept_in(talk: Dialogue) -> list[Path]:
    return [path for path in (talk.folder / "vault").glob("??/*") if path.is_file()]


def damage(talk: Dialogue, content: bytes | None) -> None:
    [blob] = kept_in(talk)
    if content is None:
        blob.unlink()
    else:
        blob.chmod(0o600)
        blob.write_bytes(content)


# Taken in


def test_a_file_is_an_exhibit_and_goes_to_the_other_side(asked: Dialogue) -> None:
    said = asked.said(f"bo in #acma thread R-1 attach {asked.folder}/lease.txt: The lease.")
    assert said == [
        "#ftc [R-1] Comity: bo (ACMA), NOW: / > The lease. / - X-1 `lease.txt`",
        f"#acma [R-1] (to bo) Comity: {OFFER}",
        f"#ftc [R-1] Comity: {KEPT} / [file: X-1-lease.txt, 38 bytes]",
        f"#acma [R-1] Comity: {KEPT}",
    ]
    assert files(asked) == [LEASE]
    assert [path.name for path in kept_in(asked)] == [SUM]
    tags = [(entry["tag"], entry["subject"]) for entry in asked.ledger("exhibit:")]
    assert tags == [("exhibit:attached", "X-1"), ("exhibit:received", "X-1"), ("exhibit:released", "X-1")]
    assert "lease.txt" not in str(asked.ledger())


def test_the_same_bytes_twice_are_two_exhibits_and_one_file(given: Dialogue) -> None:
    attach(given, LEASE, "again.txt")
    assert len(kept_in(given)) == 1
    assert given.told("ana in #ftc: /exhibit list").count(", text/plain, 38 bytes") == 2


def test_a_file_without_words_is_a_reply(asked: Dialogue) -> None:
    said = attach(asked, LEASE, "lease.txt")
    assert said[0] == "#ftc [R-1] Comity: bo (ACMA), NOW: / - X-1 `lease.txt`"


def test_an_internal_note_keeps_its_file_to_itself(asked: Dialogue) -> None:
    assert attach(asked, LEASE, "lease.txt", ";; for us") == []
    assert kept_in(asked) == []
    assert asked.told("bo in #acma: /exhibit list") == "There are no exhibits yet."


def test_an_empty_file_is_kept_and_nothing_is_sent(asked: Dialogue) -> None:
    said = attach(asked, b"", "empty")
    assert said[-2].startswith("#ftc [R-1] Comity: X-1 empty from bo (ACMA) is kept: inode/x-empty, 0 bytes.")
    assert "[file" not in said[-2]
    assert kept_in(asked)[0].read_bytes() == b""


def test_as_much_as_is_kept(asked: Dialogue) -> None:
    content = random.Random(1).randbytes(EXHIBIT_MAX)  # noqa: S311  # nothing is kept secret by it
    said = attach(asked, content, "disk.img")
    assert " is kept: application/octet-stream, 100.0 MB (100,000,000 bytes). " in said[-1]
    assert files(asked) == [content]
    refused = attach(asked, content + b"1", "disk.img")
    assert " was not kept: it is larger than what is kept here. / Please attach it again." in refused[-1]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a b.txt", "X-1-a_b.txt"), (".hidden", "X-1-hidden"), ("x" * 240 + ".eml", f"X-1-{'x' * 112}.eml"),
        ("evil\u202etxt.exe", "X-1-eviltxt.exe"), ("отчёт.pdf", "X-1-отчёт.pdf"), ("CON", "X-1-CON"),
        ("..", "X-1-file"), ("../../etc/passwd", "X-1-passwd"),
    ],
)  # fmt: skip
def test_a_file_goes_by_a_harmless_name(asked: Dialogue, name: str, shown: str) -> None:
    (asked.folder / "given").write_bytes(LEASE)
    asked.said(f"bo in #acma thread R-1 attach {asked.folder}/given: {name}")
    with transaction(asked.engine) as session:
        session.execute(update(Exhibit).values(name=name))
    assert f"[file: {shown}, 38 bytes]" in asked.told("bo in #acma: /exhibit show X-1")


def bring(talk: Dialogue, path: Path) -> Arrival:
    """Bo attaches what lies there; it is not taken yet."""
    root = find.root_of(talk.house.rooms, ACMA, "R-1")
    assert root is not None
    return talk.house.rooms.post(BO, ACMA, "", talk.house.rooms.now, root=root.id, files=[path])


def test_what_is_gone_before_it_was_fetched_is_said_in_the_thread(asked: Dialogue) -> None:
    arrival = bring(asked, asked.folder / "lease.txt")
    (asked.folder / "lease.txt").unlink()
    asked.take(arrival)
    why = "its platform has it no more, or does not let me read it"
    for place in ("#ftc", "#acma"):
        assert asked.last(place) == f"X-1 `lease.txt` from bo (ACMA) was not kept: {why}. / Please attach it again."
    assert f"State: not kept: {why}" in asked.told("ana in #ftc: /exhibit show X-1")
    assert [entry["why"] for entry in asked.ledger("exhibit:lost")] == ["gone"]


def test_a_digest_names_what_is_not_kept(asked: Dialogue) -> None:
    arrival = bring(asked, asked.folder / "lease.txt")
    (asked.folder / "lease.txt").unlink()
    asked.take(arrival)
    (asked.folder / "in-the-way").mkdir()
    asked.take(bring(asked, asked.folder / "in-the-way"))
    why = "its platform has it no more, or does not let me read it"
    gone = f"Files that are not kept: 1 / - X-1 `lease.txt` below R-1: {why}."
    assert gone in asked.told("ana in #ftc: /digest preview")
    asked("clock +2h")
    for line in ("ana in #ftc: /digest preview", "bo in #acma: /digest preview"):
        told = asked.told(line)
        assert "Files that are not kept: 2" in told
        assert "- X-2 in-the-way below R-1: still asked for." in told
    assert "not kept" not in asked.told("chin in #kisa: /digest preview")
    asked("ana in #ftc: /digest file")
    page, table = (path.read_text() for path in sorted((asked.folder / "files").glob("*"))[-2:])
    for written in (page, table):
        assert "X-1" in written
        assert why in written


def test_what_cannot_be_fetched_is_asked_for_again_for_a_day(asked: Dialogue) -> None:
    """A folder of that name is in the way until the evening."""
    path = asked.folder / "later.txt"
    path.mkdir()
    asked.take(bring(asked, path))
    assert "is being fetched" in asked.told("ana in #ftc: /exhibit list")
    asked("clock +6h")
    path.rmdir()
    path.write_bytes(LEASE)
    said = asked.said("clock +1h")
    assert f"#ftc [R-1] Comity: {KEPT.replace('lease', 'later')} / [file: X-1-later.txt, 38 bytes]" in said


def test_what_cannot_be_fetched_for_a_day_is_given_up_and_said(asked: Dialogue) -> None:
    (asked.folder / "in-the-way").mkdir()
    asked.take(bring(asked, asked.folder / "in-the-way"))
    said = asked.said("clock +23h") + asked.said("clock +2h")
    assert [line for line in said if "was not kept: its platform did not give it for a whole day" in line]
    assert not [line for line in asked.said("clock +1d") if "X-1" in line]


@pytest.mark.parametrize("name", ["@room.txt", "example.com", "evil\u202etxt.exe"])
def test_what_a_file_is_called_is_no_formatting(asked: Dialogue, name: str) -> None:
    said = "\n".join(attach(asked, LEASE, name))
    assert "\u202e" not in said
    assert f"X-1 `{name}`" in said or name not in said


def test_a_file_below_a_case_or_nowhere_is_not_taken(asked: Dialogue) -> None:
    answer = (
        "The file was not taken: attach it below the request that it answers, or to a message that says"
        " `!exhibit add R-n`, and it is kept as an exhibit."
    )
    assert asked.told(f"ana in #ftc thread C-1 attach {asked.folder}/lease.txt: Here.") == answer
    assert asked.said(f"ana in direct attach {asked.folder}/lease.txt") == [f"direct (to ana) Comity: {answer}"]
    assert asked.said(f"ana in #ftc attach {asked.folder}/lease.txt") == []
    assert kept_in(asked) == []


def add(talk: Dialogue, where: str, line: str) -> list[str]:
    return talk.said(f"{where} attach {talk.folder}/lease.txt: {line}")


def test_a_file_is_added_to_a_request_from_anywhere(asked: Dialogue) -> None:
    copy = "bo (ACMA), NOW: / > The lease. / - X-1 `lease.txt`"
    told = "Attached below R-1: / - X-1 `lease.txt` / Your reply is kept in R-1; it changes no state."
    assert add(asked, "bo in direct", "!exhibit add R-1 The lease.") == [
        f"#ftc [R-1] Comity: {copy}",
        f"#acma [R-1] Comity: {copy}",
        f"direct (to bo) Comity: {told} / [This is our answer] [Acknowledge]",
        f"#ftc [R-1] Comity: {KEPT} / [file: X-1-lease.txt, 38 bytes]",
        f"#acma [R-1] Comity: {KEPT} / [file: X-1-lease.txt, 38 bytes]",
    ]
    assert files(asked) == [LEASE, LEASE]


def test_whoever_asks_adds_files_too(asked: Dialogue) -> None:
    said = add(asked, "ana in #ftc", "!exhibit add R-1")
    assert "#acma [R-1] Comity: ana (FTC), NOW: / - X-1 `lease.txt`" in said
    assert "#ftc (to ana) Comity: Attached below R-1: / - X-1 `lease.txt`" in said


def test_a_file_that_comes_with_a_command_below_a_request_is_kept_too(asked: Dialogue) -> None:
    said = add(asked, "bo in #acma thread R-1", "!answer See the lease.")
    answered = said.index("#ftc [R-1] Comity: bo (ACMA) answered R-1. / > See the lease.")
    assert said[answered + 1 :].count("#ftc [R-1] Comity: bo (ACMA), NOW: / - X-1 `lease.txt`") == 1
    assert said.count(f"#ftc [R-1] Comity: {KEPT} / [file: X-1-lease.txt, 38 bytes]") == 1
    assert len(kept_in(asked)) == 1


def test_a_file_that_comes_with_an_answer_to_a_question_is_kept_too(asked: Dialogue) -> None:
    asked("bo in #acma thread R-1: !decline")
    said = add(asked, "bo in #acma thread R-1", "not-held")
    assert "#ftc [R-1] Comity: bo (ACMA) declined R-1. / Reason: not-held." in said
    assert "#ftc [R-1] Comity: bo (ACMA), NOW, after R-1 was declined: / - X-1 `lease.txt`" in said


def test_a_file_that_comes_with_a_command_elsewhere_is_not_taken_and_its_writer_told(asked: Dialogue) -> None:
    said = add(asked, "ana in #ftc thread C-1", "!case note --case C-1 See the lease.")
    assert said[-1].startswith("#ftc [C-1] (to ana) Comity: The file was not taken: ")
    assert kept_in(asked) == []


def test_what_cannot_be_added_is_refused(asked: Dialogue) -> None:
    nothing = asked.told("bo in direct: !exhibit add R-1 The lease.")
    assert nothing == "Nothing is attached. / Attach it to the message that says `!exhibit add R-1`."
    usage = "Usage: `!exhibit add REQUEST [TEXT]`"
    assert usage in add(asked, "bo in direct", "!exhibit add")[-1].replace("`/", "`!")
    assert "R-9" in add(asked, "bo in direct", "!exhibit add R-9")[-1]
    assert "There is no R-1" in add(asked, "chin in #kisa", "!exhibit add R-1")[-1]
    asked("ana in #ftc: /case add KISA --case C-1")
    assert "KISA may not write in R-1" in add(asked, "chin in #kisa", "!exhibit add R-1")[-1]
    assert "Nobody has enrolled" in add(asked, "zed in #acma", "!exhibit add R-1")[-1]
    assert kept_in(asked) == []


def test_a_strangers_file_is_held_with_the_words_until_someone_enrols_them(asked: Dialogue) -> None:
    told = asked.told(f"zed in #acma thread R-1 attach {asked.folder}/lease.txt: I know.")
    assert told.startswith("Nobody has enrolled you")
    assert kept_in(asked) == []
    said = asked.news("bea in #acma: /officer add local:zed --agency ACMA Zed")
    assert "#ftc [R-1] Comity: Zed (ACMA), NOW, held until NOW: / > I know. / - X-1 `lease.txt`" in said
    assert files(asked) == [LEASE]


def test_words_edited_or_deleted_leave_the_file(given: Dialogue) -> None:
    edited = given.said('bo in #acma edits "The lease.": The lease of 3 May.')
    assert edited == ["#ftc [R-1] Comity edits: bo (ACMA), NOW, edited: / > The lease of 3 May. / - X-1 `lease.txt`"]
    given('bo in #acma deletes "The lease of"')
    assert given.told("ana in #ftc: /exhibit list") == "- X-1 `lease.txt`, text/plain, 38 bytes"


# A spam sample


MAILS = Path(__file__).parents[1] / "data" / "mail"


def mail(talk: Dialogue, name: str) -> list[str]:
    return talk.said(f"bo in #acma thread R-1 attach {MAILS / name}")


def test_what_a_mail_says_is_summed_up_in_both_threads(asked: Dialogue) -> None:
    told = [line for line in mail(asked, "phish.eml") if " is kept: " in line]
    assert [line.split(" ", 1)[0] for line in told] == ["#ftc", "#acma"]
    for line in told:
        assert " is kept: message/rfc822, " in line
        assert " / Sample X-1: a mail / From (claimed): Security at Bänk `security@bank.example` / " in line
        handed = "`[203.0.113.7]` (recorded by `mx2.acma.example`, hop 2 of 4; the 2 hops below could be forged)"
        assert f" / Handed over by: {handed} / " in line
        assert " / Sent (claimed): Tue 24 Nov 2026, 03:14 AEDT (Sydney) / Mon 23 Nov, 11:14 EST (New York) / " in line
    assert files(asked) == [(MAILS / "phish.eml").read_bytes()]


def test_an_mbox_is_told_by_its_bytes(asked: Dialogue) -> None:
    said = attach(asked, (MAILS / "three.mbox").read_bytes(), "evidence.bin")[-1]
    assert " is kept: application/mbox, " in said
    assert " / Sample X-1: an mbox of 3 mails, the first one / " in said


def test_what_is_only_called_a_mail_has_no_summary(asked: Dialogue) -> None:
    said = attach(asked, LEASE, "lease.eml")[-1]
    assert said == f"#acma [R-1] Comity: {KEPT.replace('lease.txt', 'lease.eml')}"


@pytest.mark.parametrize("name", ["NULs", "1,000 mails in each other", "lines like boundaries", "20 MB of noise"])
def test_a_hostile_mail_is_kept_to_the_byte(asked: Dialogue, name: str) -> None:
    content = ALL[name]()
    said = attach(asked, content, "hostile.eml")
    assert "Sample X-1: a mail" in said[-1]
    assert files(asked) == [content]


def test_a_mail_whose_summary_cannot_be_made_is_kept_all_the_same(
    asked: Dialogue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: object) -> None:
        raise RecursionError("a mail that nobody has thought of")

    monkeypatch.setattr(errands, "read_mail", fails)
    said = mail(asked, "phish.eml")
    assert " is kept: message/rfc822, " in said[-1]
    assert "Sample" not in said[-1]
    assert "X-1 has no summary" in caplog.text


def test_the_summary_of_a_sealed_mail(engine: Engine) -> None:
    with opened(engine, key=bytes(range(32))) as talk:
        talk(ASKED)
        assert "Sample X-1: a mail" in mail(talk, "attached.eml")[-1]
        [blob] = kept_in(talk)
        assert b"From:" not in blob.read_bytes()


# Shown


def test_show_prints_its_custody_and_gives_the_file(given: Dialogue) -> None:
    said = given.private("ana in #ftc: /exhibit show X-1")
    assert "received by bo (ACMA), attached below R-1; link `" in said
    assert "released by bo (ACMA), passed on to FTC below R-1; link `" in said
    assert "shown by ana (FTC), to read it; link `" in said
    assert "[file: X-1-lease.txt, 38 bytes]" in said
    assert "local:acma" not in said
    assert files(given) == [LEASE, LEASE]
    assert "Platform's ids: `local:acma`, message `" in given.private("bo in #acma: /exhibit show X-1")


def test_another_agency_learns_nothing_of_it(given: Dialogue) -> None:
    for line in ("/exhibit show X-1", "/exhibit verify X-1", "/exhibit show X-7"):
        ref = line.split()[-1]
        told = given.told(f"chin in #kisa: {line}")
        assert told == f"There is no {ref} that you may see. / `/exhibit list` shows your exhibits."
    assert given.told("chin in #kisa: /exhibit list") == "There are no exhibits yet."
    assert given.ledger("refused:unknown")


def test_on_the_case_but_no_party_it_is_not_seen_unless_the_request_is_shared(given: Dialogue) -> None:
    given("ana in #ftc: /case add KISA --case C-1")
    assert given.told("chin in #kisa: /exhibit list C-1") == "There are no exhibits in C-1 yet."
    given("ana in #ftc: /request send ACMA --case C-1 --shared And who paid?")
    given(f"bo in #acma thread R-2 attach {given.folder}/lease.txt")
    assert given.told("chin in #kisa: /exhibit list C-1") == "- X-2 `lease.txt`, text/plain, 38 bytes"


def test_strangers_and_nonsense_are_told_how(given: Dialogue) -> None:
    assert given.told("zed in #acma: /exhibit show X-1").startswith("Nobody has enrolled `local:zed` yet.")
    assert "Usage: `/exhibit show EXHIBIT`" in given.told("ana in #ftc: /exhibit show lease")
    assert "Usage: `/exhibit show EXHIBIT`" in given.told("ana in #ftc: /exhibit show R-1")
    assert "Usage: `/exhibit list|show|verify" in given.told("ana in #ftc: /exhibit open X-1")


def test_the_operator_sees_no_exhibit(given: Dialogue) -> None:
    assert "takes no part in cases" in given.answer("operator: /exhibit show X-1")


# RED


@pytest.fixture
def red(talk: Dialogue) -> Dialogue:
    talk("""
        ana in direct: /case open --marking red Pump-and-dump mailing
        ana in direct: /request send ACMA --case C-1 Who rented mailbox 1200?
    """)
    (talk.folder / "lease.txt").write_bytes(LEASE)
    return talk


def test_of_a_red_file_no_room_hears_more_than_that_it_is_there(red: Dialogue) -> None:
    said = red.said(f"bo in #acma thread R-1 attach {red.folder}/lease.txt")
    assert not [line for line in said if "lease" in line]
    assert [line for line in said if "X-1" in line] == [
        f"{place} [R-1] Comity: TLP:RED X-1 is kept: `/exhibit show X-1` TLP:RED" for place in ("#acma", "#ftc")
    ]
    assert files(red) == []
    assert [entry["tag"] for entry in red.ledger("exhibit:")] == ["exhibit:attached", "exhibit:received"]
    assert "X-1 [RED]" in red.private("ana in #ftc: /exhibit list")


def test_a_red_file_is_added_where_nobody_reads_along_and_nowhere_else(red: Dialogue) -> None:
    refused = add(red, "bo in #acma", "!exhibit add R-1")[-1]
    assert "delete" in refused
    assert kept_in(red) == []
    said = add(red, "bo in direct", "!exhibit add R-1 It names a witness.")
    assert not [line for line in said if "lease" in line or "witness" in line if " (to bo)" not in line]
    assert [entry["tag"] for entry in red.ledger("exhibit:")] == ["exhibit:attached", "exhibit:received"]
    assert red.private("ana in direct: /request show R-1").count("It names a witness.") == 1


def test_of_a_red_mail_no_room_hears_what_it_says(red: Dialogue) -> None:
    said = "\n".join(red.said(f"bo in #acma thread R-1 attach {MAILS}/phish.eml"))
    assert "X-1 is kept" in said
    assert "bank" not in said


def test_a_red_file_reaches_the_other_side_by_agreement_only(red: Dialogue) -> None:
    red(f"bo in #acma thread R-1 attach {red.folder}/lease.txt")
    shown = red.private("ana in direct: /exhibit show X-1")
    assert "[file" not in shown
    assert "The file itself needs its originator's agreement: `/exhibit release X-1 FTC` asks for it." in shown
    assert files(red) == []
    assert "[file: X-1-lease.txt, 38 bytes]" in red.private("bo in direct: /exhibit show X-1")


# Verified


def test_it_is_read_again_to_the_last_byte(given: Dialogue) -> None:
    begun, found = given.said("ana in #ftc: /exhibit verify X-1")
    assert begun == "#ftc (to ana) Comity: X-1 `lease.txt` is read again: what was found comes in a moment."
    assert found == (
        "#ftc (to ana) Comity: X-1 `lease.txt` is what was received: 38 bytes read, and its SHA-256 is the same. /"
        f" SHA-256: `{SUM}` / Its chain of custody holds: 2 links, each in the ledger."
    )
    assert "verified by ana (FTC)" in given.private("bo in #acma: /exhibit show X-1")


def test_what_was_changed_or_is_gone_is_said(given: Dialogue) -> None:
    for content, words in ((b"The mailbox was rented on 4 May 2026.\n", "is not what was received"), (None, "is gone")):
        damage(given, content)
        assert words in given.said("ana in direct: /exhibit verify X-1")[-1]
    assert [entry["found"] for entry in given.ledger("exhibit:read")] == ["changed", "missing"]


@pytest.mark.parametrize(
    "forge",
    [
        {"purpose": "for another purpose"}, {"sha256": "0" * 64}, {"address": "local:eve"}, {"hash": "0" * 64},
        {"place": None}, {"number": 7},
    ],
)  # fmt: skip
def test_a_forged_chain_of_custody_is_found(given: Dialogue, forge: dict[str, object]) -> None:
    with transaction(given.engine) as session:
        session.execute(update(Custody).where(col(Custody.number) == 1).values(**forge))
    assert "its chain of custody does not hold" in given.said("bo in #acma: /exhibit verify X-1")[-1]


def test_a_chain_forged_from_its_beginning_is_not_in_the_ledger(given: Dialogue) -> None:
    with transaction(given.engine) as session:
        before = exhibits.BEGINNING
        for link in exhibits.chain(session, 1):
            link.purpose = "for another purpose"
            before = link.hash = exhibits.chained(before, **link.model_dump(exclude={"hash"}))
        session.flush()
        assert exhibits.broken(session, 1) is None
    assert "its chain of custody does not hold" in given.said("bo in #acma: /exhibit verify X-1")[-1]


def test_an_exhibit_on_its_way_cannot_be_verified_yet(given: Dialogue) -> None:
    with transaction(given.engine) as session:
        session.execute(update(Exhibit).values(sha256=None, size=None, kept_at=None))
    assert (
        given.told("ana in #ftc: /exhibit verify X-1") == "X-1 is still being fetched: there is nothing of it here yet."
    )
    with transaction(given.engine) as session:
        session.execute(update(Exhibit).values(trouble=Trouble.GONE))
    assert given.told("ana in #ftc: /exhibit verify X-1").startswith("X-1 could not be fetched")


def test_the_words_of_an_errand_are_gone_once_it_is_done(given: Dialogue) -> None:
    with transaction(given.engine, reading=True) as session:
        assert session.exec(select(Errand)).all() == []
    assert given.holding(str(given.folder)) == []


def test_the_vault_and_the_tables_agree(given: Dialogue, talk: Dialogue) -> None:
    with transaction(given.engine, reading=True) as session:
        expected = exhibits.sums(session)
    assert list(Vault(talk.folder / "vault").survey(expected)) == []


# Given away as a file


def test_a_case_of_which_an_exhibit_is_damaged_is_not_given_and_that_is_said(given: Dialogue) -> None:
    [blob] = kept_in(given)
    blob.chmod(0o600)
    blob.write_bytes(b"?")
    begun, came = given.said("ana in #ftc: /case export C-1")
    assert "comes directly to you" in begun
    assert came == (
        "#ftc (to ana) Comity: C-1 cannot be given: one of its exhibits is not in the vault as it was received."
        " / Please tell the operator: `python -m bot vault verify` names it."
    )
    assert len(given.ledger("case:damaged")) == 1
    blob.write_bytes(LEASE)
    assert "C-1 as FTC may see it" in given.said("ana in #ftc: /case export C-1")[-1]
    assert given.said("clock +1d") == []


def test_a_case_is_given_as_a_private_file(given: Dialogue) -> None:
    begun, came = given.said("ana in #ftc: /case export C-1")
    assert begun == "#ftc (to ana) Comity: C-1 is being written to a file, which comes directly to you."
    zip_ = files(given)[-1]
    sum_ = hashlib.sha256(zip_).hexdigest()
    assert came.startswith(f"#ftc (to ana) Comity: C-1 as FTC may see it. SHA-256: `{sum_}`")
    name = re.findall(r"\[file: (C-1-FTC-\d+).zip, ", came)[0]
    with ZipFile(BytesIO(zip_)) as archive:
        archive.extractall(given.folder)
        assert archive.read(f"{name}/exhibits/X-1-lease.txt") == LEASE
    assert list(verify_export.faults(given.folder / name)) == []
    assert "exported by ana (FTC), exported for FTC with C-1; link `" in given.private("bo in #acma: /exhibit show X-1")
    assert [entry["sha256"] for entry in given.ledger("case:exported")] == [sum_]
    assert given.told("dev in #ico: /case export C-1").startswith("There is no C-1 that you may see.")
    assert len(given.said("ana in direct: /case export C-1")) == 2
