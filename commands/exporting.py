"""A case as one agency may see it, as plain values: what an export is made of; nothing is written or decided here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from commands import case_page, request_page
from commands.call import key, named, record
from commands.rules.custody import may_have
from commands.rules.file_names import passed_on_as
from commands.rules.marking import narrowest
from storage import agencies, cases, exhibits, exports, ledger, releases, replies, requests
from storage.ledger import Head, Record
from storage.tables import Agency, Case, Custody, Event, Exhibit, Officer, Reply, Request
from storage.words import Act, Sight, case_ref, exhibit_ref, read_ref, request_ref

FORMAT = "comity export 1"

Values = dict[str, Any]


@dataclass(frozen=True)
class _Viewer:
    session: Session
    agency: Agency

    def name(self, officer_id: int | None) -> str:
        if officer_id is None:
            return "the operator"
        officer = self.session.get_one(Officer, officer_id)
        return named(officer, self.session.get_one(Agency, officer.agency_id))

    def code(self, agency_id: int) -> str:
        return self.session.get_one(Agency, agency_id).code


def snapshot(session: Session, agency: Agency, case: Case, now: datetime) -> Values:
    """All of it, with the ledger's head as it is now; times are UTC in ISO 8601."""
    viewer, number = _Viewer(session, agency), key(case.id)
    found = requests.of_case(session, key(agency.id), number)
    sights = {key(request.id): (request, sight) for request, sight in found}
    shown = [
        _exhibit(viewer, exhibit, *sights[exhibit.request_id])
        for exhibit in exhibits.of_case(session, key(agency.id), number, None)
    ]
    head = ledger.head(session)
    markings = (case.marking, *(request.marking for request, _sight in found))
    return {
        "format": FORMAT,
        "for": agency.code,
        "at": _at(now),
        "marking": narrowest(markings),
        "ledger": {"count": head.count, "head": head.hash},
        "case": _case(viewer, case),
        "timeline": list(_timeline(viewer, case, sights)),
        "requests": [_request(viewer, request, sight) for request, sight in found],
        "exhibits": shown,
    }


def name_of(shown: Values) -> str:
    """`C-1-FTC-120`: the case, for whom, and the ledger's count then."""
    return f"{shown['case']['ref']}-{shown['for']}-{shown['ledger']['count']}"


def enclosed(shown: Values) -> frozenset[str]:
    """The exhibits whose files are in it."""
    return frozenset(one["ref"] for one in shown["exhibits"] if one["file"] is not None)


def subjects(shown: Values) -> frozenset[str]:
    """What the ledger's entries may be about that the agency may read."""
    full = (one for one in shown["requests"] if "what" in one)
    return frozenset([shown["case"]["ref"], *(one["ref"] for one in full), *(one["ref"] for one in shown["exhibits"])])


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _case(viewer: _Viewer, case: Case) -> Values:
    session = viewer.session
    members = [(session.get_one(Agency, number), row) for number, row in cases.on_case(session, key(case.id)).items()]
    return {
        "ref": case_ref(key(case.id)), "title": case.title, "conduct": case.conduct, "priority": case.priority,
        "marking": case.marking, "state": "open" if case.closed_at is None else "closed", "outcome": case.outcome,
        "opened": _at(case.opened_at), "opened by": viewer.name(case.officer_id), "closed": _at(case.closed_at),
        "exhibits kept until": str(case.keep_until) if case.keep_until is not None else None,
        "agencies": [
            {"code": one.code, "name": one.name, "country": one.country, "zone": one.zone, "reference": row.their_ref}
            for one, row in members
        ],
    }  # fmt: skip


def _timeline(viewer: _Viewer, case: Case, sights: dict[int, tuple[Request, Sight]]) -> Iterator[Values]:
    for event in cases.events(viewer.session, key(viewer.agency.id), key(case.id)):
        line: Values = {"at": _at(event.at), "by": viewer.name(event.officer_id)}
        if event.request_id is None:
            yield line | {"what": case_page.EVENTS.get(event.tag, event.tag), "words": event.text}
            continue
        request, sight = sights[event.request_id]
        line |= {"what": request_page.done_words(request, event), "request": request_ref(event.request_id)}
        yield line | ({"words": event.text} if sight is Sight.FULL else {})


def _request(viewer: _Viewer, request: Request, sight: Sight) -> Values:
    session, number = viewer.session, key(request.id)
    outline: Values = {
        "ref": request_ref(number), "asking": viewer.code(request.asking_id), "asked": viewer.code(request.asked_id),
        "kind": request.kind, "state": request.state, "marking": request.marking, "due": _at(request.due_at),
    }  # fmt: skip
    if sight is not Sight.FULL:
        return outline
    return outline | {
        "what": request.what, "sent": _at(request.sent_at), "sent by": viewer.name(request.officer_id),
        "first due": _at(request.first_due_at), "due steps": (request.due_steps or "").split("\n"),
        "urgent": request.urgent, "shared": request.shared, "under": request.instrument,
        "kept until": _at(request.kept_until), "answered": _at(request.answered_at),
        "handler": viewer.name(request.handler_id) if request.handler_id is not None else None,
        "references": {"asking": request.asking_ref, "asked": request.asked_ref},
        "steps": [_step(viewer, request, event) for event in requests.events(session, number)],
        "replies": [_reply(viewer, reply) for reply in replies.of_request(session, number)],
    }  # fmt: skip


def _step(viewer: _Viewer, request: Request, event: Event) -> Values:
    return {
        "at": _at(event.at), "by": viewer.name(event.officer_id), "step": request_page.done_words(request, event),
        "state": event.state, "reason": event.reason, "due": _at(event.due_at), "words": event.text,
    }  # fmt: skip


def _reply(viewer: _Viewer, reply: Reply) -> Values:
    session, number = viewer.session, key(reply.id)
    return {
        "at": _at(reply.at), "by": viewer.name(reply.officer_id), "held until": _at(reply.held_until),
        "deleted": _at(reply.deleted_at),
        "exhibits": [exhibit_ref(key(one.id)) for one in exhibits.of_reply(session, number)],
        "wordings": [{"at": _at(one.at), "words": one.text} for one in replies.wording(session, number)],
    }  # fmt: skip


def _exhibit(viewer: _Viewer, exhibit: Exhibit, request: Request, sight: Sight) -> Values:
    """With where its file lies in the export, if the agency may have it."""
    number, own = key(exhibit.id), exhibit.agency_id == viewer.agency.id
    released = releases.agreed(viewer.session, number, key(viewer.agency.id))
    given = may_have(sight, request.marking, own=own, released=released)
    there = given and exhibit.sha256 is not None and exhibit.destroyed_at is None
    return {
        "ref": exhibit_ref(number), "request": request_ref(exhibit.request_id), "name": exhibit.name,
        "attached": _at(exhibit.at), "attached by": viewer.name(exhibit.officer_id), "received": _at(exhibit.kept_at),
        "size": exhibit.size, "sha256": exhibit.sha256, "media type": exhibit.media_type, "trouble": exhibit.trouble,
        "destroyed": _at(exhibit.destroyed_at),
        "file": f"exhibits/{passed_on_as(number, exhibit.name)}" if there else None,
        "custody": [_link(viewer, one) for one in exhibits.chain(viewer.session, number)],
    }  # fmt: skip


def _link(viewer: _Viewer, one: Custody) -> Values:
    """`chained` is what its hash is made of."""
    chained = one.model_dump(exclude={"hash"}) | {"at": _at(one.at)}
    return {"act": one.act, "by": viewer.name(one.officer_id), "agency": viewer.code(one.agency_id), "at": _at(one.at),
            "purpose": one.purpose, "chained": chained, "hash": one.hash}  # fmt: skip


def given(session: Session, shown: Values, sha256: str, now: datetime) -> list[Record]:
    """Remember that the operator gave it: a link for each exhibit in it, and what stands in the ledger after it."""
    ref, code = shown["case"]["ref"], shown["for"]
    agency = agencies.by_codes(session, [code])[code]
    _, number = read_ref(ref) or (None, 0)
    head = Head(shown["ledger"]["count"], shown["ledger"]["head"])
    exports.keep(session, number, key(agency.id), head, json.dumps(shown, ensure_ascii=False), now)
    records = [record("case:exported", ref, agency=code, head=str(head), sha256=sha256)]
    for one in shown["exhibits"]:
        if one["file"] is not None:
            _, exhibit = read_ref(one["ref"]) or (None, 0)
            link, chained = exhibits.link(
                session, exhibit, Act.EXPORTED, now, address="operator", agency_id=key(agency.id), officer_id=None,
                place=None, purpose=f"exported for {code} with {ref}", sha256=one["sha256"],
            )  # fmt: skip
            records.append(record("exhibit:exported", one["ref"], link=link, custody=chained, sha256=one["sha256"]))
    return records
