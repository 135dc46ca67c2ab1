"""A spam sample's summary: what a mail says of itself, and how much of that its sender could have forged.

It reads a bounded part of the file in bounded time, whatever that holds, and never raises for what is in it; it decides
nothing, looks nothing up, and opens no attachment but a mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from io import SEEK_END, BytesIO
from typing import BinaryIO

from commands.rules.mail_head import Head, Sender, Sent, read_sender, read_sent
from commands.rules.mail_hops import Trace, trace
from commands.rules.mail_kind import BOM, first_message, looks_like_mail, looks_like_mbox
from commands.rules.mail_links import SHOWN, Links, defanged, gather, links_of_page, links_of_text, words_of_page
from commands.rules.mail_parts import HEADER, Part, Tree, read_at
from commands.rules.mail_results import Result, read_results
from commands.rules.mail_words import decoded, file_name, harmless, unencoded

TEXT = 256_000
"""Bytes of texts and pages that are looked through for links."""
ATTACHED = 8_000_000
"""Bytes of an encoded attached mail that are read."""

_FORWARDS = re.compile(r"\s{0,5}(?:fwd?|wg|tr|rv)\s{0,2}:", re.IGNORECASE)
_FORWARDED = re.compile(
    r"^[ \t>*]{0,20}(?:-{3,20} ?(?:Forwarded message|Weitergeleitete Nachricht) ?-{3,20}"
    r"|Begin forwarded message:)",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWERED = re.compile(r"^[ \t>*]{0,20}-{3,20} ?Original Message ?-{3,20}", re.IGNORECASE | re.MULTILINE)
_MAIL_TYPES = frozenset({"message/rfc822", "message/global"})


class Forwarded(StrEnum):
    """How a person passed the sample on: ATTACHED, and the attached mail is the one summarised, or as text, INLINE."""

    NOT = "not"
    ATTACHED = "attached"
    INLINE = "inline"


@dataclass(frozen=True)
class Attachment:
    """`name` is harmless and may be empty, `media_type` as claimed, `size` in bytes, decoded."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True)
class Mail:
    """What a mail says. All words are harmless to show, and as claimed; only what `trace` trusts was recorded.

    `reply_to` and `return_path` only where their address is not the sender's. `attachments` are the first SHOWN.
    `messages` is the number in an mbox, of which the first is summarised; 1 for a single mail. `forwarder` is who
    attached it, and `attached` how many mails were. `cut`: not all of it was looked at, so that numbers and sizes are
    lower bounds.
    """

    sender: Sender | None
    reply_to: Sender | None
    return_path: Sender | None
    subject: str
    sent: Sent | None
    message_id: str
    trace: Trace
    results: tuple[Result, ...]
    links: Links
    attachments: tuple[Attachment, ...]
    attachment_total: int
    forwarded: Forwarded = Forwarded.NOT
    forwarder: Sender | None = None
    attached: int = 0
    messages: int = 1
    cut: bool = False


def read_mail(file: BinaryIO) -> Mail | None:
    """The summary of a mail, or of the first one of an mbox; None for what is neither.

    The file is read from its beginning, forth and back, in pieces. Raises only what reading the file raises.
    """
    size = file.seek(0, SEEK_END)
    head = read_at(file, 0, min(size, HEADER))
    if not looks_like_mail(head):
        return None
    start = len(BOM) if head.startswith(BOM) else 0
    if not looks_like_mbox(head):
        return _summary(Tree(file, start, size), deep=True)
    count, end, cut = first_message(file, size)
    mail = _summary(Tree(file, start, end), deep=True)
    return replace(mail, messages=count, cut=mail.cut or cut)


def _summary(tree: Tree, *, deep: bool) -> Mail:
    head, body = _top(tree)
    leaves = list(tree.leaves(head, body, tree.end))
    mails = [part for part in leaves if _is_mail(tree, part)] if deep and not _is_bounce(head) else []
    inner = _attached(tree, mails[0]) if mails else None
    if inner is not None:
        return replace(
            inner,
            forwarded=Forwarded.ATTACHED if inner.forwarded is Forwarded.NOT else inner.forwarded,
            forwarder=read_sender(head.first("from")),
            attached=len(mails),
            cut=inner.cut or tree.cut,
        )
    return _read(tree, head, leaves)


def _top(tree: Tree) -> tuple[Head, int]:
    """The mail's own header; a From_ line above it is none of its fields."""
    start = tree.start
    line = tree.read(start, tree.end, 1_000)
    if line.startswith((b"From ", b">From ")):
        start += len(line.partition(b"\n")[0]) + 1
    return tree.head(start, tree.end, HEADER)


def _is_bounce(head: Head) -> bool:
    """A server's report that a mail did not arrive is itself the sample, whatever it brings back (RFC 6522)."""
    return "delivery-status" in head.first("content-type").lower()


def _is_mail(tree: Tree, part: Part) -> bool:
    if part.media_type in _MAIL_TYPES:
        return True
    return _name(part).lower().endswith(".eml") and looks_like_mail(tree.content(part, 16_000))


def _attached(tree: Tree, part: Part) -> Mail | None:
    """The summary of an attached mail; None if there is none in what claims to be one."""
    if not looks_like_mail(tree.content(part, 64_000)):
        return None
    if part.encoding not in {"base64", "quoted-printable"}:
        return _summary(Tree(tree.file, part.start, part.end), deep=False)
    whole = BytesIO(tree.content(part, ATTACHED))
    mail = _summary(Tree(whole, 0, len(whole.getbuffer())), deep=False)
    return replace(mail, cut=mail.cut or part.end - part.start > ATTACHED)


def _read(tree: Tree, head: Head, leaves: list[Part]) -> Mail:
    way = trace(head)
    sender = read_sender(head.first("from"))
    texts = _Texts(tree)
    found = gather(link for part in leaves if _is_text(part) for link in texts.links(part))
    files = [part for part in leaves if not _is_text(part)]
    subject = unencoded(head.first("subject")[:4_000])
    inline = texts.forwarded or (texts.answered and _FORWARDS.match(subject) is not None)
    return Mail(
        sender,
        _other(read_sender(head.first("reply-to")), sender),
        _other(read_sender(head.first("return-path")), sender),
        defanged(harmless(subject)),
        read_sent(head.first("date")),
        harmless(head.first("message-id"), 120),
        way,
        read_results(head, way),
        found,
        tuple(Attachment(_name(part), part.media_type, tree.size(part)) for part in files[:SHOWN]),
        len(files),
        Forwarded.INLINE if inline else Forwarded.NOT,
        cut=tree.cut or texts.cut or found.cut,
    )


class _Texts:
    """The texts and pages of a mail, as far as TEXT goes over all of them, and what they show of forwarding."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.left = TEXT
        self.cut = self.forwarded = self.answered = False

    def links(self, part: Part) -> Iterator[str]:
        most = min(part.end - part.start, self.left)
        self.cut = self.cut or most < part.end - part.start
        self.left -= most
        text = decoded(self.tree.content(part, most), part.kind.get("charset", ""))
        self._look(words_of_page(text) if part.media_type == "text/html" else text)
        yield from links_of_page(text) if part.media_type == "text/html" else links_of_text(text)

    def _look(self, words: str) -> None:
        self.forwarded = self.forwarded or _FORWARDED.search(words) is not None
        self.answered = self.answered or _ANSWERED.search(words) is not None


def _is_text(part: Part) -> bool:
    """A body that is read with the mail; also what claims to have parts and has none."""
    return not part.attached and part.media_type.startswith(("text/plain", "text/html", "multipart/"))


def _name(part: Part) -> str:
    return file_name(part.place.get("filename") or part.kind.get("name") or "")


def _other(claimed: Sender | None, sender: Sender | None) -> Sender | None:
    same = claimed is not None and sender is not None and claimed.address.lower() == sender.address.lower()
    return None if same else claimed
