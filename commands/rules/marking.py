"""What a marking lets stand where (TLP 2.0, https://www.first.org/tlp/); no database, no wording."""

from __future__ import annotations

from collections.abc import Iterable

from storage.words import Marking, Sight


def narrowest(markings: Iterable[Marking]) -> Marking:
    """What is said together is marked as the narrowest of it; raises ValueError where there is nothing."""
    return max(markings, key=lambda marking: marking.narrowness)


def narrower(one: Marking, other: Marking) -> Marking:
    return narrowest((one, other))


def is_wider(one: Marking, other: Marking) -> bool:
    return one.narrowness < other.narrowness


def standing(marking: Marking, readers: Sight, *, desk: bool) -> Sight:
    """How much of a thing so marked may stand in a place whose readers may all see `readers` of it.

    AMBER+STRICT and RED stand at desks only (`desk`: of all who read there); of RED only the outline stands anywhere,
    its words never.
    """
    if marking in (Marking.STRICT, Marking.RED) and not desk:
        return Sight.NONE
    return min(readers, Sight.OUTLINE) if marking is Marking.RED else readers


def may_be_typed(marking: Marking, *, secluded: bool) -> bool:
    """RED words are taken only where nobody else reads along: by form, Slack slash command or direct message."""
    return secluded or marking is not Marking.RED
