"""What a person at a client points at, by its words; it looks only at what that person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.local.posted import Posted, buttons_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.local.archive import Archive
    from commands.message import Button
    from storage.words import Address, Place


def root_of(archive: Archive, place: Place, label: str) -> Posted | None:
    """The newest root of this reference in the place."""
    return next((posted for posted in _roots(archive, place) if posted.label == label), None)


def roots_in(archive: Archive, place: Place) -> list[str]:
    """The references that have a thread in the place, in order of their appearance."""
    return list(dict.fromkeys(posted.label or "" for posted in _roots(archive, place)))[::-1]


def written_by(archive: Archive, person: Address, place: Place, root: str | None = None) -> Iterator[Posted]:
    """What a person has written, the newest first."""
    return (posted for posted in _seen(archive, place, person, root) if posted.author == person)


def button_in(
    archive: Archive, person: Address, place: Place, label: str, root: str | None = None
) -> tuple[Posted, Button] | None:
    """The newest message with a button of this label, and the button.

    Where no message shows it any more, the button as it was shown last: a client that has not refreshed still has it,
    with the event number of its time.
    """
    seen = [posted for posted in _seen(archive, place, person, root) if posted.ours]
    for posted in seen:
        for button in buttons_of(posted.body):
            if button.label == label:
                return posted, button
    for posted in seen:
        for body in archive.versions(posted.id):
            for button in buttons_of(body):
                if button.label == label:
                    return posted, button
    return None


def labels_in(archive: Archive, person: Address, place: Place, root: str | None = None) -> list[str]:
    """The labels of the buttons that are shown now, the newest message first."""
    seen = _seen(archive, place, person, root)
    return list(dict.fromkeys(button.label for posted in seen for button in buttons_of(posted.body)))


def threads_in(archive: Archive, place: Place, person: Address) -> list[Posted]:
    """The messages that begin a thread and those that have become one by a reply, the latest news first."""
    seen = list(_seen(archive, place, person, None))
    top = {posted.id: posted for posted in seen if posted.root is None}
    news = dict.fromkeys(posted.root or posted.id for posted in seen if posted.root or posted.label)
    return [top[root] for root in news if root in top]


def _roots(archive: Archive, place: Place) -> Iterator[Posted]:
    return (posted for posted in archive.backwards(place) if posted.root is None and posted.label)


def _seen(archive: Archive, place: Place, person: Address, root: str | None) -> Iterator[Posted]:
    return (
        posted
        for posted in archive.backwards(place, person)
        if not posted.deleted and root in {None, posted.id, posted.root}
    )
