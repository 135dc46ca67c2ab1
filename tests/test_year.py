"""A year of simulated time: every reminder is accounted for, none missed, none doubled, none at night."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from commands.rules.reminders import Audience
from tests import lives, reckoning
from tests.lives import END, Turn
from tests.reckoning import Accounted, Change, Heard, Word, office

AGENCIES, REQUESTS = 200, 20_000
FAR = END + timedelta(days=60)


def test_the_rules_alone() -> None:
    chance = random.Random(20261201)  # noqa: S311  # nothing is kept secret by it
    parties = lives.agencies(chance, AGENCIES)
    given: Counter[str] = Counter()
    for _ in range(REQUESTS):
        turns = lives.life(chance, parties)
        for audience in Audience:
            for one in _accounted(turns, audience):
                assert one.own
                given[f"{audience} {one.heard.word.stage}"] += 1
    assert given.total() > 2 * REQUESTS
    assert len(given) == 8


def _accounted(turns: Sequence[Turn], audience: Audience) -> Iterator[Accounted]:
    urgent = turns[0].facts.urgent
    return reckoning.account(_happened(turns, audience), END, urgent=urgent)


def _happened(turns: Sequence[Turn], audience: Audience) -> Iterator[Change | Heard]:
    played = list(lives.play(turns, audience))
    for number, turn in enumerate(turns):
        reader = office(turn.facts.asking if audience is Audience.ASKING else turn.facts.asked)
        yield Change(turn.at, reckoning.wanted(turn.facts, audience, FAR), reader, turn.afresh)
        for one in played:
            if one.turn == number:
                word = Word(one.reminder.at, one.reminder.stage, one.reminder.days)
                yield Heard(one.at, word, late=False)
