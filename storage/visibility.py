"""Which cases and requests a viewer may see, as SQL: the twin of rules.access, proved equal to it in tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, case, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from storage.tables import CaseAgency, Exhibit, Release, Request
from storage.words import Sight

Viewer = int | BindParameter[int]
"""The agency that looks, or its place in a statement that is made once."""


def _cases_of(viewer: Viewer) -> ColumnElement[bool]:
    return and_(col(CaseAgency.agency_id) == viewer, col(CaseAgency.removed_at).is_(None))


def case_visible(viewer: Viewer, case_id: Mapped[Any]) -> ColumnElement[bool]:
    """The viewer is on the case."""
    return case_id.in_(select(col(CaseAgency.case_id)).where(_cases_of(viewer)))


def request_visible(viewer: Viewer) -> ColumnElement[bool]:
    """At least the outline: the viewer is a party, or on the request's case."""
    return or_(
        col(Request.asking_id) == viewer,
        col(Request.asked_id) == viewer,
        case_visible(viewer, col(Request.case_id)),
    )


def request_sight(viewer: Viewer) -> ColumnElement[int]:
    """The viewer's Sight of a request, as a number."""
    return case(
        (or_(col(Request.asking_id) == viewer, col(Request.asked_id) == viewer), int(Sight.FULL)),
        (
            case_visible(viewer, col(Request.case_id)),
            case((col(Request.shared), int(Sight.FULL)), else_=int(Sight.OUTLINE)),
        ),
        else_=int(Sight.NONE),
    )


def exhibit_visible(viewer: Viewer) -> ColumnElement[bool]:
    """Of a query that joins exhibits and requests: the viewer may read all of the request, or it was released to it."""
    released = select(col(Release.exhibit_id)).where(col(Release.to_id) == viewer, col(Release.agreed).is_(True))
    return or_(request_sight(viewer) == int(Sight.FULL), col(Exhibit.id).in_(released))
