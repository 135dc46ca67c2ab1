"""A spam sample is summarised: what it claims, what was recorded, what is in it, and which mail of several it is."""

from __future__ import annotations

from base64 import encodebytes
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.rules.mail import Attachment, Forwarded, Mail, read_mail
from commands.rules.mail_head import Sender, Sent
from commands.rules.mail_kind import looks_like_mail, looks_like_mbox
from commands.rules.mail_results import Standing

SAMPLES = Path(__file__).parents[2] / "data" / "mail"
HEAD = b"From: a@bulk.example\nSubject: x\n"


def sample(name: str, *, crlf: bool = False) -> Mail:
    raw = (SAMPLES / name).read_bytes()
    return summary(raw.replace(b"\n", b"\r\n") if crlf else raw)


def summary(raw: bytes) -> Mail:
    mail = read_mail(BytesIO(raw))
    assert mail is not None
    return mail


@pytest.mark.parametrize("crlf", [False, True])
def test_what_a_phishing_mail_claims(crlf: bool) -> None:
    mail = sample("phish.eml", crlf=crlf)
    assert mail.sender == Sender("Security at Bänk", "security@bank.example")
    assert mail.reply_to == Sender("Account desk", "desk@evil.example")
    assert mail.return_path == Sender("", "bounce-77@mailer.bulk.example")
    assert mail.subject == "Your account is limited – confirm now"  # noqa: RUF001 - as the sender wrote it
    assert mail.sent == Sent(datetime(2026, 11, 23, 16, 14, 1, tzinfo=UTC), "Mon, 23 Nov 2026 08:14:01 -0800 (PST)")
    assert mail.message_id == "<20261123.771@smtp.bank.example>"
    assert (mail.messages, mail.forwarded, mail.cut) == (1, Forwarded.NOT, False)


@pytest.mark.parametrize("crlf", [False, True])
def test_its_way_and_who_handed_over(crlf: bool) -> None:
    way = sample("phish.eml", crlf=crlf).trace
    assert way.handover == 2
    assert way.handed_over is not None
    assert (way.handed_over.ip, way.handed_over.by) == ("203.0.113.7", "mx2.acma.example")
    assert way.handed_over.at == datetime(2026, 11, 23, 16, 14, 16, tzinfo=UTC)
    assert [(hop.name, hop.ip, hop.trusted) for hop in way.hops] == [
        ("mx2.acma.example", "127.0.0.1", True),
        ("smtp.bank.example", "203.0.113.7", True),
        ("vault.bank.example", "192.0.2.44", False),
        ("198.51.100.9", "198.51.100.9", False),
    ]


def test_a_forged_authentication_is_told_from_the_receivers() -> None:
    """Both name the receiving server; a comment that says `dmarc=pass` is no result."""
    assert [(each.method, each.verdict, each.standing) for each in sample("phish.eml").results] == [
        ("dkim", "fail", Standing.RECEIVER),
        ("spf", "softfail", Standing.RECEIVER),
        ("dmarc", "fail", Standing.RECEIVER),
        ("dkim", "pass", Standing.FORGEABLE),
        ("spf", "pass", Standing.FORGEABLE),
        ("dmarc", "pass", Standing.FORGEABLE),
    ]
    assert {each.by for each in sample("phish.eml").results} == {"mx2.acma.example"}
    assert sample("phish.eml").results[0].about == "bank.example"


def test_where_its_links_go() -> None:
    links = sample("phish.eml").links
    assert links.links == (
        "hxxps://bank[.]evil[.]example/login?id=77&to=bo[@]acma.example",
        "www[.]bank[.]example/help",
        "hxxp://pay[.]evil[.]example/?a=1&b=2",
        "hxxps://bank[.]example/",
        "hxxps://form[.]evil[.]example/post",
    )
    assert links.domains[:2] == ("bank[.]evil[.]example", "www[.]bank[.]example")
    assert (links.link_total, links.domain_total) == (5, 5)


@pytest.mark.parametrize("crlf", [False, True])
def test_an_attachment_has_a_name_without_a_path_or_a_turn(crlf: bool) -> None:
    mail = sample("phish.eml", crlf=crlf)
    assert mail.attachments == (Attachment("stäte\N{REPLACEMENT CHARACTER}fdp.exe", "application/pdf", 23),)
    assert mail.attachment_total == 1


def test_a_delivery_within_the_receiver_is_no_hand_over() -> None:
    """The topmost line of webmail names nobody it came from, and an address that holds a private one."""
    mail = sample("webmail.eml")
    assert (mail.trace.handover, mail.trace.hops[1].ip) == (2, "198.51.100.20")
    assert [(each.method, each.standing) for each in mail.results] == [
        ("dkim", Standing.RECEIVER),
        ("spf", Standing.RECEIVER),
        ("spf", Standing.FORGEABLE),
        ("dkim", Standing.FORGEABLE),
        ("arc", Standing.FORGEABLE),
    ]
    assert mail.return_path is None


def test_neighbours_within_a_receiver_that_has_public_addresses() -> None:
    mail = sample("office.eml")
    assert (mail.trace.handover, mail.trace.hops[1].ip) == (2, "203.0.113.80")
    assert [hop.trusted for hop in mail.trace.hops] == [True, True, False]
    assert [(each.method, each.by, each.standing) for each in mail.results] == [
        ("spf", "", Standing.FORGEABLE),
        ("dkim", "", Standing.FORGEABLE),
        ("spf", "office.example", Standing.NAMED),
    ]


def test_the_mail_that_is_attached_is_the_sample() -> None:
    mail = sample("attached.eml")
    assert (mail.forwarded, mail.attached) == (Forwarded.ATTACHED, 1)
    assert mail.forwarder == Sender("Ana", "ana@ftc.example")
    assert (mail.subject, mail.message_id) == ("Cheap", "<spam1@spam.example>")
    assert mail.trace.handed_over is not None
    assert mail.trace.handed_over.ip == "198.51.100.66"
    assert mail.links.links == ("hxxp://pills[.]example/now",)


@pytest.mark.parametrize("kind", [b"message/rfc822", b"application/octet-stream"])
def test_an_attached_mail_in_base64(kind: bytes) -> None:
    inner = b"From: pills@spam.example\nSubject: Cheap\n\nhttp://pills.example/\n"
    encoded = encodebytes(inner)
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: " + kind
    raw += b'; name="s.eml"\nContent-Transfer-Encoding: base64\n\n' + encoded + b"--b--\n"
    mail = summary(raw)
    assert (mail.forwarded, mail.subject, mail.links.link_total) == (Forwarded.ATTACHED, "Cheap", 1)


def test_a_digest_holds_mails_without_saying_so() -> None:
    part = b"--b\n\nFrom: pills@spam.example\nSubject: %d\n\nhi\n"
    mail = summary(HEAD + b"Content-Type: multipart/digest; boundary=b\n\n" + part % 1 + part % 2 + b"--b--\n")
    assert (mail.subject, mail.attached) == ("1", 2)


def test_a_bounce_is_itself_the_sample() -> None:
    mail = sample("bounce.eml")
    assert (mail.subject, mail.forwarded) == ("Undelivered Mail Returned to Sender", Forwarded.NOT)
    assert [each.media_type for each in mail.attachments] == ["message/delivery-status", "message/rfc822"]
    assert mail.return_path == Sender("", "")


@pytest.mark.parametrize(
    ("subject", "text", "forwarded"),
    [
        ("x", "---------- Forwarded message ---------\nFrom: a", Forwarded.INLINE),
        ("x", "> Begin forwarded message:\n", Forwarded.INLINE),
        ("x", "-------- Weitergeleitete Nachricht --------", Forwarded.INLINE),
        ("FW: x", "-----Original Message-----", Forwarded.INLINE),
        ("Re: x", "-----Original Message-----", Forwarded.NOT),
        ("Fwd: x", "you have been forwarded a message", Forwarded.NOT),
    ],
)
def test_a_mail_forwarded_as_text_is_not_the_original(subject: str, text: str, forwarded: Forwarded) -> None:
    raw = f"From: a@ftc.example\nSubject: {subject}\n\n{text}\n"
    assert summary(raw.encode()).forwarded is forwarded
    page = f"From: a@ftc.example\nSubject: {subject}\nContent-Type: text/html\n\n<div><p>{text}</p></div>"
    assert summary(page.encode()).forwarded is forwarded


def test_the_first_mail_of_an_mbox() -> None:
    """A paragraph that begins with `From what` begins no message."""
    mail = sample("three.mbox")
    assert (mail.messages, mail.subject, mail.links.links) == (3, "First", ("hxxp://first[.]example/",))
    assert mail.trace.handed_over is not None
    assert mail.trace.handed_over.ip == "198.51.100.66"


@pytest.mark.parametrize("name", ["phish.eml", "webmail.eml", "three.mbox"])
def test_a_mail_is_known_by_its_first_bytes(name: str) -> None:
    head = (SAMPLES / name).read_bytes()[:2000]
    assert looks_like_mail(head)
    assert looks_like_mail(b"\xef\xbb\xbf" + head)
    assert looks_like_mbox(head) is name.endswith(".mbox")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 3000,
        b"%PDF-1.7\nFrom: a@b.example\nSubject: x\n",
        b"PK\3\4" + bytes(range(256)) * 9,
        b"HTTP/1.1 200 OK\nDate: Mon, 1 Jan 2024\nFrom: x\n\n",
        b"Dear Bo,\nFrom: where\nSubject: that\n",
        b"From me to you Mon Jan 1 10:00:00 2024\nhello\n",
        b"<html><a href=http://x.example>",
        b"Note: a list\nTo: do\nDate: today\n",
        "Von: a@b.example\nBetreff: ä\n".encode("utf-16"),
    ],
)
def test_what_is_no_mail(raw: bytes) -> None:
    assert not looks_like_mail(raw)
    assert not looks_like_mbox(raw)
    assert read_mail(BytesIO(raw)) is None


def test_sizes_are_those_of_what_is_encoded() -> None:
    part = b"--b\nContent-Type: image/png\nContent-Transfer-Encoding: %s\n\n%s\n"
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
    raw += part % (b"base64", b"AAAA\nAAA=") + part % (b"quoted-printable", b"a=3Db=\nc") + part % (b"7bit", b"abc")
    mail = summary(raw + part % (b"", b"") + b"--b--\nepilogue http://no.example/")
    assert [each.size for each in mail.attachments] == [5, 4, 3, 0]
    assert mail.links.link_total == 0


def test_no_more_than_twenty_and_how_many_there_are() -> None:
    links = b"".join(b"http://h%d.example/ http://h%d.example/x\n" % (number, number) for number in range(30))
    part = b'--b\nContent-Type: image/png; name="%d.png"\n\nx\n'
    files = b"".join(part % number for number in range(25))
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + links + files + b"--b--\n"
    mail = summary(raw)
    assert (len(mail.links.links), mail.links.link_total) == (20, 60)
    assert (len(mail.links.domains), mail.links.domain_total) == (20, 30)
    assert (len(mail.attachments), mail.attachment_total) == (20, 25)
    assert not mail.cut


def test_a_broken_boundary_loses_no_text() -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=other\n\n--b\n\nhttp://a.example/\n"
    assert summary(raw).links.link_total == 1


class _Dribble(BytesIO):
    """A file that hands out less than was asked for, as a stream may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(7 if size is None or size < 0 else min(size, 7))


@pytest.mark.parametrize("name", ["phish.eml", "three.mbox", "attached.eml"])
def test_a_file_that_comes_in_drops_says_the_same(name: str) -> None:
    raw = (SAMPLES / name).read_bytes()
    assert read_mail(_Dribble(raw)) == summary(raw)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    assert read_mail(BytesIO(raw)) is None or looks_like_mail(raw)
    summary(HEAD + raw)
    summary(HEAD + b"\n" + raw)


@given(
    st.sampled_from(sorted(path.name for path in SAMPLES.iterdir() if path.suffix != ".txt")),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12)), min_size=1, max_size=6),
)
def test_a_mail_with_some_of_its_bytes_changed_never_raises(name: str, changes: list[tuple[float, int, bytes]]) -> None:
    raw = (SAMPLES / name).read_bytes()
    for where, gone, new in changes:
        at = int(where * len(raw))
        raw = raw[:at] + new + raw[at + gone :]
    mail = read_mail(BytesIO(raw))
    assert mail is None or mail.messages >= 1


_NAMES = st.sampled_from(
    ["From", "Received", "Subject", "Date", "Content-Type", "Content-Disposition", "Authentication-Results",
     "Received-SPF", "Content-Transfer-Encoding", "Message-ID", "Reply-To"]
)  # fmt: skip
_VALUES = st.lists(
    st.sampled_from(
        ["=?utf-8?q?", "=?big5?b?4", "?=", "from ", "by ", "(", ")", "[", "]", "::1", "[192.0.2.1]", "helo=", ";", "=",
         "spf", "pass", "a.example", "@", "<", ">", '"', "\\", "multipart/mixed", "boundary", "name*0*", "utf-8''%",
         "1 Jan 2024 10:00:60 +9999", "31 Feb 0001 99:99 -2359", "\n ", "\n\t", "\0", "\u202e", "é", "message/rfc822",
         "base64", "--x", "filename", "i=1;", "text/html; charset=utf-7"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(st.lists(st.tuples(_NAMES, _VALUES), max_size=8), _VALUES)
def test_headers_put_together_at_random_never_raise(fields: list[tuple[str, str]], body: str) -> None:
    lines = "".join(f"{name}: {value}\n" for name, value in fields)
    summary(HEAD + f"{lines}\n{body}\n--x\n{lines}\n{body}".encode("utf-8", "surrogatepass"))
