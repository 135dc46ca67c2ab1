"""Who may have an exhibit's bytes, and what becomes of a release; no database, no wording."""

from __future__ import annotations

from storage.words import Marking, Sight


def may_have(sight: Sight, marking: Marking, *, own: bool, released: bool) -> bool:
    """`own`: the agency attached it; `released`: its originator agreed. `sight` is the agency's of the request.

    The originator controls onward disclosure: RED, and what an agency could not read, want its agreement.
    """
    return own or released or (sight is Sight.FULL and marking is not Marking.RED)
