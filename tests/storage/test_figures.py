"""The figures say how much there is, by platform, and nothing else."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from storage import accounts, arrivals, outbox
from storage.figures import Figures, Queue, figures
from storage.tables import LetterKind
from storage.words import Address, LetterId, Place
from tests.common import NOW, undone

SECOND = timedelta(seconds=1)
FTC, ACMA, HOME = Place("local:ftc"), Place("local:acma"), Place("matrix:HOME/!room:ftc.example")


def test_of_nothing_there_are_no_figures(engine: Engine) -> None:
    with undone(engine) as session:
        assert figures(session) == Figures({}, 0, {})


def test_letters_that_wait_are_counted_by_platform_with_the_oldest(engine: Engine) -> None:
    with undone(engine) as session:
        for number, where in enumerate((FTC, ACMA, FTC, HOME)):
            letter = {"kind": LetterKind.POST, "place": where, "body": "{}"}
            outbox.post(session, [letter], NOW + number * SECOND)
        to_bo = {"kind": LetterKind.PRIVATE, "place": FTC, "addressee": Address("matrix:@bo:acma.example")}
        outbox.post(session, [to_bo | {"body": "{}", "agency_id": None}], NOW - SECOND)
        outbox.delivered(session, outbox.by_id(session, LetterId(1)), FTC, "m1", NOW)
        outbox.set_aside(session, outbox.by_id(session, LetterId(3)), "no such room")
        outbox.try_later(session, outbox.by_id(session, LetterId(2)), outbox.UNREACHABLE, NOW)
        assert figures(session).waiting == {"local": Queue(1, NOW + SECOND), "matrix": Queue(2, NOW - SECOND)}


def test_arrivals_that_were_set_aside_are_counted(engine: Engine) -> None:
    with undone(engine) as session:
        for key, times in (("a", 3), ("b", 2), ("c", 3)):
            for _ in range(times):
                arrivals.failed(session, key, FTC, key, NOW, "{}", "ValueError")
        assert figures(session).arrivals_set_aside == 2


def test_accounts_say_when_they_were_heard_and_leases_do_not(engine: Engine) -> None:
    with undone(engine) as session:
        accounts.hold(session, "matrix", "one", NOW)
        accounts.move(session, "matrix:OTHER", "s1")
        accounts.heard(session, "matrix:HOME", NOW)
        assert figures(session).heard == {"matrix:HOME": NOW}
