"""How an exhibit reads: its page with its chain of custody, its news; nothing here decides who may read it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from commands import request_page
from commands.call import key, named
from commands.exhibit_lines import TROUBLES, name_spans, size_words, state_words
from commands.message import (
    Block,
    Code,
    Enclosure,
    Fields,
    Heading,
    Instant,
    Items,
    Message,
    Ref,
    Spans,
    Strong,
    Text,
    say,
    spans,
    typed,
)
from commands.rules.file_names import passed_on_as
from storage import exhibits
from storage.exhibits import Soundness
from storage.tables import Agency, Custody, Exhibit, Officer, Request
from storage.words import Sight, exhibit_ref, request_ref


def attached(found: Sequence[Exhibit]) -> tuple[Block, ...]:
    """What came with a reply, below its words."""
    return (Items(tuple(name_spans(one) for one in found)),) if found else ()


def news(
    session: Session, exhibit: Exhibit, request: Request, sight: Sight, *summary: Block, enclosed: bool
) -> Message:
    """It is kept, with the summary of what it says, or could not be had; `enclosed`: the file goes with the message."""
    ref, show = Ref(exhibit_ref(key(exhibit.id))), Code(f"/exhibit show {exhibit_ref(key(exhibit.id))}")
    if sight is not Sight.FULL:
        what = "was not kept" if exhibit.trouble is not None else "is kept"
        return Message(request.marking, (say(ref, f" {what}: ", show),))
    writer = _person(session, exhibit.officer_id)
    if exhibit.trouble is not None:
        words = say(*name_spans(exhibit), f" from {writer} was not kept: {TROUBLES[exhibit.trouble]}.")
        return Message(request.marking, (words, say("Please attach it again.")))
    blocks: list[Block] = [
        say(*name_spans(exhibit), f" from {writer} is kept: {state_words(exhibit)}."),
        say("SHA-256: ", Code(exhibit.sha256 or "")),
        *summary,
    ]
    if enclosed:
        blocks += enclosures(exhibit)
    return Message(request.marking, tuple(blocks))


def enclosures(exhibit: Exhibit) -> tuple[Block, ...]:
    """The file itself; an empty one goes nowhere, for there is nothing to send."""
    if not exhibit.size or exhibit.sha256 is None or exhibit.destroyed_at is not None:
        return ()
    name = passed_on_as(key(exhibit.id), exhibit.name)
    return (Enclosure(name, exhibit.media_type or "", exhibit.size, exhibit.sha256),)


def _person(session: Session, officer_id: int) -> str:
    officer = session.get_one(Officer, officer_id)
    return named(officer, session.get_one(Agency, officer.agency_id))


def page(session: Session, exhibit: Exhibit, request: Request, *more: Block, own: bool) -> Message:
    """All that is known of it, and its chain of custody, the first link first; `own`: the reader's agency attached it.

    Where and as what it was attached is that agency's own business.
    """
    ref = request_ref(key(request.id))
    rows: list[tuple[str, Spans]] = [
        ("Attached", spans(f"by {_person(session, exhibit.officer_id)} below ", Ref(ref), ", ",
                           request_page.instant(session, request, exhibit.at))),
        ("State", spans(state_words(exhibit))),
    ]  # fmt: skip
    if own and exhibit.claimed_type is not None:
        rows.append(("Sent as", typed(exhibit.claimed_type)))
    if exhibit.sha256 is not None:
        rows.append(("SHA-256", spans(Code(exhibit.sha256))))
    if own:
        ids = spans(Code(exhibit.place), ", message ", Code(exhibit.message), ", file ", Code(exhibit.file))
        rows.append(("Platform's ids", ids))
    links = tuple(_link(session, one) for one in exhibits.chain(session, key(exhibit.id)))
    blocks: tuple[Block, ...] = (Heading(name_spans(exhibit)), Fields(tuple(rows)))
    if links:
        blocks += (Heading((Text("Chain of custody"),)), Items(links))
    return Message(request.marking, blocks + more)


def _link(session: Session, one: Custody) -> Spans:
    """In UTC, as in an export: it is read long after, by those who sit at neither desk."""
    who = _person(session, one.officer_id) if one.officer_id is not None else "the operator"
    when, purpose = Instant(one.at, ("UTC",)), typed(one.purpose)
    return spans(
        f"{one.number}. ", when, f": {one.act} by ", Strong(who), ", ", *purpose, "; link ", Code(one.hash[:16])
    )


_FOUND = {
    Soundness.MISSING: "is not in the vault: its file is gone",
    Soundness.CHANGED: "is not what was received: its bytes have changed",
    Soundness.SEALED: "is sealed with a key that is not there, so it could not be read",
    Soundness.CUSTODY: "is unchanged, but its chain of custody does not hold",
}


def verified(exhibit: Exhibit, request: Request, found: Soundness, links: int) -> Message:
    """What was found when it was read again."""
    if found is Soundness.WHOLE:
        size = size_words(exhibit.size or 0)
        words = say(*name_spans(exhibit), f" is what was received: {size} read, and its SHA-256 is the same.")
        held = say(f"Its chain of custody holds: {links} link{'' if links == 1 else 's'}, each in the ledger.")
        return Message(request.marking, (words, say("SHA-256: ", Code(exhibit.sha256 or "")), held))
    told = say("Please tell the operator: ", Code("python -m bot vault verify"), " reads all exhibits again.")
    return Message(request.marking, (say(*name_spans(exhibit), f" {_FOUND[found]}."), told))
