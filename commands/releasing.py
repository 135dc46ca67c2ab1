"""What becomes of a release that was asked for: agreed, refused or lapsed; who is told, and who gets the file."""

from __future__ import annotations

from commands import custody, exhibit_lines, exhibit_page
from commands.bundle import directly_to
from commands.call import Call, Outcome, key, record
from commands.draft import Draft
from commands.due import calendar_of
from commands.message import Actions, Block, Button, Instant, Message, say, typed
from commands.rules.deadline import default_due
from storage import exhibits, moments, releases, requests
from storage.moments import Planned
from storage.tables import Agency, Exhibit, LetterKind, Release, Request
from storage.words import Act, exhibit_ref

RELEASE = "release"


def ask(call: Call, exhibit: Exhibit, request: Request, to: Agency) -> tuple[Release, Outcome]:
    """The originator's coordinators have as long as an answer has by default: 10 of their working days."""
    originator = call.session.get_one(Agency, exhibit.agency_id)
    lapses = default_due(call.now, False, calendar_of(call.session, originator)).at  # noqa: FBT003  # it is not urgent
    number = releases.ask(
        call.session, call.now, exhibit_id=key(exhibit.id), to_id=key(to.id), agency_id=call.agency_id,
        officer_id=call.hand[1], address=str(call.actor.address), lapses_at=lapses,
    )  # fmt: skip
    moments.plan(call.session, f"{RELEASE}:{number}", lapses, new=True)
    ref = exhibit_ref(key(exhibit.id))
    until = say("Without an answer it lapses: ", Instant(lapses, (originator.zone,)), ".")
    name = exhibit_lines.name_spans(exhibit)
    words = say(f"{call.who} asks that {to.code} may have ", *name, f", which {originator.code} attached.")
    buttons = Actions((
        Button("Agree", f"/exhibit agree {ref} {to.code}"), Button("Refuse", f"/exhibit refuse {ref} {to.code}"),
        Button("Show", f"/exhibit show {ref}"),
    ))  # fmt: skip
    drafts = directly_to(call, key(originator.id), Message(request.marking, (words, until, buttons)))
    asked = record("exhibit:asked", ref, to=to.code)
    told = say(f"{originator.code} is asked whether {to.code} may have {ref}. ", *until.spans)
    return releases.by_id(call.session, number), Outcome((asked,), drafts, Message(request.marking, (told,)))


def agree(call: Call, release: Release, exhibit: Exhibit, request: Request) -> Outcome:
    """The file goes to whoever asked for it, or to that agency's coordinators; no room gets it."""
    to = _decide(call, release, agreed=True, why=None)
    link = custody.link(call, exhibit, Act.RELEASED, f"to {to.code}, as {call.who} agreed", to=to.code)
    words = say(f"{call.who} agreed that {to.code} may have ", *exhibit_lines.name_spans(exhibit), ".")
    given = Message(request.marking, (words, *exhibit_page.enclosures(exhibit)))
    own = release.agency_id == to.id
    drafts = (_to_asker(release, given),) if own else directly_to(call, key(to.id), given)
    if not own and release.officer_id != call.hand[1]:
        drafts += (_to_asker(release, _outcome(exhibit, request, f"{call.who} agreed: {to.code} has ")),)
    said = _outcome(exhibit, request, f"{to.code} gets ")
    return Outcome((record("exhibit:agreed", exhibit_ref(key(exhibit.id)), to=to.code), link), drafts, said)


def refuse(call: Call, release: Release, exhibit: Exhibit, request: Request, why: str | None) -> Outcome:
    to = _decide(call, release, agreed=False, why=why)
    because: Block | None = say("Why: ", *typed(why)) if why else None
    told = _outcome(exhibit, request, f"{call.who} refused: {to.code} does not get ", because)
    refused = record("exhibit:refused", exhibit_ref(key(exhibit.id)), why, to=to.code)
    reply = _outcome(exhibit, request, f"{to.code} does not get ")
    return Outcome((refused,), (_to_asker(release, told),), reply)


def lapse(call: Call, moment: Planned) -> Outcome:
    """Nobody of the originator's said anything in time."""
    release = releases.by_id(call.session, int(moment.job.partition(":")[2]))
    if release.agreed is not None:
        return Outcome()
    release.lapsed_at = call.now
    call.session.flush()
    exhibit = exhibits.by_id(call.session, release.exhibit_id)
    request = requests.by_id(call.session, exhibit.request_id)
    to, originator = (call.session.get_one(Agency, agency).code for agency in (release.to_id, exhibit.agency_id))
    told = _outcome(exhibit, request, f"{originator} did not answer in time: {to} does not get ")
    return Outcome((record("exhibit:lapsed", exhibit_ref(key(exhibit.id)), to=to),), (_to_asker(release, told),))


def _decide(call: Call, release: Release, *, agreed: bool, why: str | None) -> Agency:
    release.agreed, release.decided_at, release.decider_id, release.why = agreed, call.now, call.hand[1], why
    call.session.flush()
    moments.plan(call.session, f"{RELEASE}:{release.id}", None)
    return call.session.get_one(Agency, release.to_id)


def _outcome(exhibit: Exhibit, request: Request, words: str, more: Block | None = None) -> Message:
    told = say(words, *exhibit_lines.name_spans(exhibit), ".")
    return Message(request.marking, (told, more) if more is not None else (told,))


def _to_asker(release: Release, message: Message) -> Draft:
    return Draft(LetterKind.PRIVATE, message, addressee=release.address, agency_id=release.agency_id)
