"""What is attached to a reply becomes exhibits: noted at once, fetched by an errand, and told of in its threads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlmodel import Session

from commands import custody, exhibit_page, mail_page, request_page
from commands.arrival import Arrival, File
from commands.call import Call, Outcome, key, record
from commands.draft import Draft
from commands.message import Block, Message, from_json, to_json
from commands.rules.mail import Mail
from commands.standing import parties_of, request_standing
from storage import agencies, errands, exhibits, requests
from storage import threads as thread_rows
from storage.ledger import Record
from storage.tables import Exhibit, LetterKind, Reply, Request, Thread
from storage.words import Act, Address, Place, Sight, Trouble, exhibit_ref, request_ref

FETCH = "fetch"

HOPELESS = frozenset({Trouble.TOO_LARGE, Trouble.GONE, Trouble.ELSEWHERE})


@dataclass(frozen=True)
class Fetched:
    """The file is in the vault; `size` is in bytes, `summary` what write_summary wrote of a mail."""

    sha256: str
    size: int
    media_type: str
    summary: str | None = None


def write_fetched(found: Fetched | Trouble) -> str:
    """What came of fetching a file, as the text of the arrival that tells of it."""
    if isinstance(found, Trouble):
        return json.dumps({"trouble": found})
    return json.dumps(vars(found))


def _read_fetched(text: str) -> Fetched | Trouble:
    said = json.loads(text)
    if "trouble" in said:
        return Trouble(said["trouble"])
    return Fetched(**said)


def write_summary(session: Session, number: int, mail: Mail) -> str:
    """What the mail that is the exhibit X-number says, as its threads are shown it."""
    request = requests.by_id(session, exhibits.by_id(session, number).request_id)
    zones = request_page.zones(session, request)
    return to_json(Message(request.marking, mail_page.page(exhibit_ref(number), mail, zones)))


def _read_summary(text: str | None) -> tuple[Block, ...]:
    return from_json(text).blocks if text is not None else ()


def attach(call: Call, reply: Reply, files: Sequence[File], person: Address) -> tuple[Record, ...]:
    """Each file is an exhibit from now on; its bytes are fetched later."""
    records = []
    for file in files:
        number = exhibits.attach(
            call.session, reply.at, request_id=reply.request_id, reply_id=key(reply.id), agency_id=reply.agency_id,
            officer_id=reply.officer_id, place=reply.place, message=reply.message, file=file.id, name=file.name,
            claimed_type=file.media_type,
        )  # fmt: skip
        payload = json.dumps(asdict(file))
        errands.order(call.session, f"{FETCH}:{number}", person, Place(reply.place), payload, call.now)
        records.append(record("exhibit:attached", exhibit_ref(number), file.name, reply=reply.id))
    return tuple(records)


def write_files(files: Sequence[File]) -> str | None:
    """As they are kept while their message is held."""
    return json.dumps([asdict(file) for file in files]) if files else None


def read_files(text: str | None) -> tuple[File, ...]:
    return tuple(File(**one) for one in json.loads(text)) if text else ()


def fetched(call: Call, arrival: Arrival) -> Outcome:
    """The file is kept, and passed on to whoever may have it; or it is said that it could not be had."""
    exhibit = exhibits.by_id(call.session, int(arrival.message.partition(":")[2]))
    found = _read_fetched(arrival.text)
    request = requests.by_id(call.session, exhibit.request_id)
    if isinstance(found, Trouble):
        exhibit.trouble = found
        call.session.flush()
        lost = record("exhibit:lost", exhibit_ref(key(exhibit.id)), why=found)
        return Outcome((lost,), _told(call, exhibit, request, ())[0])
    exhibit.sha256, exhibit.size, exhibit.media_type = found.sha256, found.size, found.media_type
    exhibit.kept_at = call.now
    call.session.flush()
    ref = request_ref(key(request.id))
    received = custody.link(
        call, exhibit, Act.RECEIVED, f"attached below {ref}", _attacher(exhibit), size=found.size, request=ref
    )
    drafts, passed = _told(call, exhibit, request, _read_summary(found.summary))
    return Outcome((received, *passed), drafts)


def _told(
    call: Call, exhibit: Exhibit, request: Request, summary: tuple[Block, ...]
) -> tuple[tuple[Draft, ...], list[Record]]:
    """What each of the request's threads hears; the file itself goes where it did not stand before."""
    parties = parties_of(call.session, request)
    drafts, passed = [], []
    for thread in thread_rows.of_request(call.session, key(request.id)):
        sight = request_standing(call.session, request, parties, Place(thread.place))
        if not sight:
            continue
        here = thread.place == exhibit.place
        message = exhibit_page.news(call.session, exhibit, request, sight, *summary, enclosed=not here)
        drafts.append(_draft(thread, request, sight, message))
        if not here and sight is Sight.FULL and exhibit.sha256 is not None:
            passed += _passed(call, exhibit, request, thread)
    return tuple(drafts), passed


def _passed(call: Call, exhibit: Exhibit, request: Request, thread: Thread) -> list[Record]:
    """A link for each agency that reads there."""
    readers = agencies.by_ids(call.session, agencies.readers(call.session, Place(thread.place)))
    ref = request_ref(key(request.id))
    return [
        custody.link(
            call, exhibit, Act.RELEASED, f"passed on to {agency.code} below {ref}", _attacher(exhibit), to=agency.code
        )
        for agency in readers.values()
        if agency.id != exhibit.agency_id
    ]


def _attacher(exhibit: Exhibit) -> tuple[int, int]:
    """Whoever attaches a file hands it over, and passes it on to those who read along."""
    return exhibit.agency_id, exhibit.officer_id


def _draft(thread: Thread, request: Request, sight: Sight, message: Message) -> Draft:
    return Draft(LetterKind.POST, message, place=thread.place, thread_id=thread.id, request_id=request.id, sight=sight)
