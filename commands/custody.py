"""Adds links to an exhibit's chain of custody, and their records for the ledger; what was done was done elsewhere."""

from __future__ import annotations

from typing import Any

from commands.call import Call, key, record
from storage import exhibits
from storage.ledger import Record
from storage.tables import Exhibit
from storage.words import Act, exhibit_ref


def link(
    call: Call, exhibit: Exhibit, act: Act, purpose: str, hand: tuple[int, int | None] | None = None, **details: Any
) -> Record:
    """What was done with it now, by the asker of the call or, with `hand` (agency and officer), by another."""
    agency, officer = hand or call.hand
    number, chained = exhibits.link(
        call.session, key(exhibit.id), act, call.now, address=str(call.actor.address), agency_id=agency,
        officer_id=officer, place=call.place, purpose=purpose, sha256=exhibit.sha256 or "",
    )  # fmt: skip
    return record(
        f"exhibit:{act}", exhibit_ref(key(exhibit.id)), link=number, custody=chained, sha256=exhibit.sha256,
        purpose=purpose, **details,
    )  # fmt: skip
