"""How a spam sample's summary reads below its exhibit: what was recorded and what only claimed; it reads no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from commands.message import Block, Code, Fields, Heading, Instant, Items, Ref, Span, Spans, Text, say, spans, typed
from commands.rules.mail import Attachment, Forwarded, Mail
from commands.rules.mail_head import Sender, Sent
from commands.rules.mail_hops import Hop, Trace
from commands.rules.mail_results import Result, Standing

_SHOWN = 10
"""Links, domains, attachments and hops that a thread is shown; `and 7 more` says the rest."""
_SIZES = (("MB", 1_000_000), ("kB", 1_000))

INLINE = (
    "This looks like a mail that a person forwarded as text: it is not the original, and the way it came is the "
    "forwarder's own. Please attach the original as a file (save it as .eml, or forward it as an attachment)."
)
CUT = "Not all of it was looked at, because it is too long or built to be: numbers and sizes are lower bounds."


def page(ref: str, mail: Mail, zones: tuple[str, ...]) -> tuple[Block, ...]:
    """The summary of the exhibit `ref`; `zones` are the IANA zones in which times are shown, UTC without any."""
    return tuple(_blocks(ref, mail, zones))


def _blocks(ref: str, mail: Mail, zones: tuple[str, ...]) -> Iterator[Block]:
    kind = "a mail" if mail.messages == 1 else f"an mbox of {_more(mail.messages, mail)} mails, the first one"
    yield Heading((Text("Sample "), Ref(ref), Text(f": {kind}")))
    if mail.attached:
        yield say(*_attached(mail))
    if mail.forwarded is Forwarded.INLINE:
        yield say(INLINE)
    yield Fields(tuple(_rows(mail, zones)))
    if mail.trace.hops:
        yield Items(tuple(_hops(mail.trace, zones)))
    if mail.cut:
        yield say(CUT)


def _attached(mail: Mail) -> Spans:
    by = _sender(mail.forwarder) if mail.forwarder else spans("someone")
    which = "is the sample" if mail.attached == 1 else f"are {mail.attached}, of which the first is the sample"
    verb = "A mail attached" if mail.attached == 1 else "The mails attached"
    return (Text(f"{verb} to one from "), *by, Text(f" {which}: the rest is about that one."))


def _rows(mail: Mail, zones: tuple[str, ...]) -> Iterator[tuple[str, Spans]]:
    yield "From (claimed)", _sender(mail.sender) if mail.sender else spans("nobody")
    if mail.reply_to:
        yield "Reply to", _sender(mail.reply_to)
    if mail.return_path:
        yield "Return path", _sender(mail.return_path)
    yield "Handed over by", _handover(mail.trace)
    yield "Sent (claimed)", _sent(mail.sent, zones)
    yield "Subject", typed(mail.subject) or spans("none")
    if mail.message_id:
        yield "Message-ID", (Code(mail.message_id),)
    yield from _authentication(mail.results)
    links = mail.links
    yield _counted("Domains", links.domain_total, mail), _codes(links.domains, links.domain_total)
    if links.links:
        yield _counted("Links", links.link_total, mail), _codes(links.links, links.link_total)
    if mail.attachments:
        yield _counted("Attachments", mail.attachment_total, mail), _files(mail.attachments, mail.attachment_total)


def _sender(sender: Sender) -> Spans:
    if not sender.address:
        return typed(sender.name) or spans("empty")
    return (*typed(sender.name), Text(" " if sender.name else ""), Code(sender.address))


def _sent(sent: Sent | None, zones: tuple[str, ...]) -> Spans:
    if sent is None:
        return spans("not said")
    if sent.at is None:
        return (*typed(sent.text), Text(" (not readable as a time)"))
    return (Instant(sent.at, zones),)


def _handover(way: Trace) -> Spans:
    """The one address that no sender wrote, and who wrote it down."""
    hop, count = way.handed_over, len(way.hops)
    if hop is None or hop.ip is None:
        if not way.hops:
            return spans("not recorded: no server has written in it")
        named = "no address from outside, so what stands below could be forged" if count > 1 else "no outside address"
        return spans(f"not recorded: the receiving servers wrote {named}")
    below = count - (way.handover or 0)
    could = f"; the {'hop' if below == 1 else f'{below} hops'} below could be forged" if below else ""
    recorder: Spans = (Code(hop.by),) if hop.by else spans("the receiving server")
    return (Code(f"[{hop.ip}]"), Text(" (recorded by "), *recorder, Text(f", hop {way.handover} of {count}{could})"))


def _authentication(results: tuple[Result, ...]) -> Iterator[tuple[str, Spans]]:
    """A row for each standing; what only repeats a better one is left out."""
    said: set[tuple[str, str]] = set()
    for standing, label, recorded in (
        (Standing.RECEIVER, "Authentication", "recorded by"),
        (Standing.NAMED, "Authentication", "under the name of"),
        (Standing.FORGEABLE, "Authentication that could be forged", "under the name of"),
    ):
        some = [one for one in results if one.standing is standing and (one.method, one.verdict) not in said]
        said |= {(one.method, one.verdict) for one in some}
        if some:
            yield label, (*_results(some), *_recorders(some, recorded))
    if not results:
        yield "Authentication", spans("nothing recorded")


def _results(results: list[Result]) -> Iterator[Span]:
    for number, one in enumerate(results[:_SHOWN]):
        yield Text(f"{', ' if number else ''}{one.method} {one.verdict}")
        if one.about:
            yield from (Text(" ("), Code(one.about), Text(")"))


def _recorders(results: list[Result], recorded: str) -> Iterator[Span]:
    names = [*dict.fromkeys(one.by for one in results if one.by)][:3]
    yield from spans(f"; {recorded} ") if names else spans("; nobody is named")
    for number, name in enumerate(names):
        yield from (Text(", " if number else ""), Code(name))
    if results[0].standing is Standing.NAMED:
        yield Text(", which must have stripped what others wrote under it")


def _hops(way: Trace, zones: tuple[str, ...]) -> Iterator[Spans]:
    for number, hop in enumerate(way.hops[:_SHOWN], start=1):
        standing = "recorded" if hop.trusted else "could be forged"
        yield (Text(f"Hop {number}, {standing}: "), *_hop(hop, zones))
    if len(way.hops) > _SHOWN:
        yield spans(f"and {len(way.hops) - _SHOWN} more")


def _hop(hop: Hop, zones: tuple[str, ...]) -> Iterator[Span]:
    if hop.name:
        yield from (Text("from "), Code(hop.name), Text(" "))
    if hop.ip:
        yield from (Code(f"[{hop.ip}]"), Text(" "))
    if hop.by:
        yield from (Text("by "), Code(hop.by))
    if not (hop.name or hop.ip or hop.by):
        yield Text("names nobody")
    if hop.at:
        yield from (Text(", "), Instant(hop.at, zones[:1]))


def _codes(words: tuple[str, ...], total: int) -> Spans:
    if not total:
        return spans("none in its texts")
    shown: list[Span] = []
    for word in words[:_SHOWN]:
        shown += [Text(", "), Code(word)] if shown else [Code(word)]
    return (*shown, *_rest(words, total))


def _files(files: tuple[Attachment, ...], total: int) -> Spans:
    shown: list[Span] = []
    for file in files[:_SHOWN]:
        shown += [Text(", ")] if shown else []
        shown += [*(typed(file.name) or spans("(no name)")), Text(" ("), Code(file.media_type)]
        shown += [Text(f", {_size(file.size)})")]
    return (*shown, *_rest(files, total))


def _rest(words: Iterable[object], total: int) -> Spans:
    more = total - len(tuple(words)[:_SHOWN])
    return spans(f" and {more:,} more") if more else ()


def _counted(label: str, total: int, mail: Mail) -> str:
    return f"{label} ({_more(total, mail)})" if total > 1 else label


def _more(total: int, mail: Mail) -> str:
    return f"at least {total:,}" if mail.cut else f"{total:,}"


def _size(size: int) -> str:
    for unit, bytes_ in _SIZES:
        if size >= bytes_:
            return f"{size / bytes_:.1f} {unit}"
    return f"{size} {'byte' if size == 1 else 'bytes'}"
