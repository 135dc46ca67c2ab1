"""What must never be lost: bursts, kills, absences. Every command is performed once, every letter stands once."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from sqlmodel import col, select

from storage import arrivals, ledger
from storage.tables import Case, ReplyRevision
from tests.bot.matrix.network import Event, Network, Person, body, network, root_of, word
from tests.synapse import Synapse

LONG = 150.0
"""Seconds that a storm may take, on a machine that others use too."""

HEADS = {"FTC": "ana", "ACMA": "bo", "KISA": "chin", "ICO": "dev", "CRTC": "eve"}


@pytest.fixture
async def net(homeserver: Synapse, tmp_path: Path) -> AsyncIterator[Network]:
    async with network(homeserver, tmp_path) as found:
        yield found


@pytest.fixture
async def wide(homeserver: Synapse, tmp_path: Path) -> AsyncIterator[Network]:
    async with network(homeserver, tmp_path, *HEADS) as found:
        yield found


async def test_500_commands_in_5_rooms_get_500_answers_in_order(wide: Network) -> None:
    titles = [f"Storm {number}" for number in range(100)]
    people = {code: wide[name] for code, name in HEADS.items()}
    await asyncio.gather(*(_open_cases(person, wide.desks[code], titles) for code, person in people.items()))
    for code, person in people.items():
        await person.hears_all(_is_case, wide.desks[code], count=len(titles), within=LONG)
    for code, person in people.items():
        assert [_title(event) for event in person.from_comity(wide.desks[code])] == titles
    await wide.comity.delivered()
    assert sorted(_opened(wide)) == sorted(titles * len(HEADS))
    _nothing_is_left(wide)


async def test_killed_30_times_in_a_storm_it_does_everything_once(net: Network) -> None:
    ana, bo, ftc, acma = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"]
    _, root = await net.asked()
    chance = random.Random(30)  # noqa: S311
    titles, words = [f"Storm {number}" for number in range(90)], [f"Word {number}." for number in range(90)]
    storm = asyncio.gather(_open_cases(ana, ftc, titles), _reply(bo, acma, root, words))
    for _ in range(30):
        if chance.random() < 0.5:
            await _hears_more(ana, chance.randrange(12))
        else:
            await asyncio.sleep(chance.uniform(0, 1.5))  # it chooses the moment
        net.comity.kill()
        net.comity.start()
    await storm
    await ana.hears_all(_is_case, ftc, count=len(titles) + 1, within=LONG)
    await ana.hears_all(word, ftc, count=len(words), within=LONG)
    await bo.hears("; it changes no state.", count=len(words), within=LONG)
    await _calm(net)
    said = ana.from_comity(ftc)
    assert [_title(event) for event in said if _is_case(event)] == ["Case", *titles]
    assert [found for event in said if (found := word(event))] == words
    assert len([event for event in bo.from_comity() if "; it changes no state." in body(event)]) == len(words)
    assert _opened(net) == ["Case", *titles]
    assert _replies(net) == words
    _each_once(said)
    _nothing_is_left(net)


async def test_300_messages_while_it_was_down_are_all_taken_in_order(homeserver: Synapse, tmp_path: Path) -> None:
    async with network(homeserver, tmp_path, "FTC", "ACMA", "KISA") as net:
        ana, bo, chin = net["ana"], net["bo"], net["chin"]
        _, root = await net.asked()
        net.comity.stop()
        titles = [f"Meanwhile {number}" for number in range(110)]
        words = [f"Word {number}." for number in range(110)]
        other = [f"Seoul {number}" for number in range(110)]
        await asyncio.gather(
            _open_cases(ana, net.desks["FTC"], titles),
            _reply(bo, net.desks["ACMA"], root, words),
            _open_cases(chin, net.desks["KISA"], other),
        )
        net.comity.start()
        await ana.hears_all(_is_case, net.desks["FTC"], count=len(titles) + 1, within=LONG)
        await chin.hears_all(_is_case, net.desks["KISA"], count=len(other), within=LONG)
        await ana.hears_all(word, net.desks["FTC"], count=len(words), within=LONG)
        await _calm(net)
        said = ana.from_comity(net.desks["FTC"])
        assert [_title(event) for event in said if _is_case(event)] == ["Case", *titles]
        assert [found for event in said if (found := word(event))] == words
        assert [_title(event) for event in chin.from_comity(net.desks["KISA"]) if _is_case(event)] == other
        assert sorted(_opened(net)) == sorted(["Case", *titles, *other])
        assert _replies(net) == words
        _each_once(said)
        _nothing_is_left(net)


async def test_a_homeserver_that_stops_and_starts_under_load_loses_nothing(tmp_path: Path) -> None:
    homeserver = Synapse(tmp_path / "homeserver")
    homeserver.start()
    try:
        async with network(homeserver, tmp_path) as net:
            ana, ftc = net["ana"], net.desks["FTC"]
            before, after = ([f"{when} {number}" for number in range(40)] for when in ("Before", "After"))
            await _open_cases(ana, ftc, before)
            await ana.hears_all(_is_case, ftc, count=1)
            for end in (homeserver.stop, homeserver.kill):
                await asyncio.to_thread(end)
                await asyncio.to_thread(homeserver.start)
            await _open_cases(ana, ftc, after)
            await ana.hears_all(_is_case, ftc, count=80, within=LONG)
            await _calm(net)
            heard = [str(_title(event)) for event in ana.from_comity(ftc) if _is_case(event)]
            assert sorted(heard) == sorted(before + after)  # a letter that must wait lets those of other threads pass
            assert _opened(net) == before + after
            _nothing_is_left(net)
    finally:
        homeserver.stop()


async def _open_cases(person: Person, room: str, titles: Sequence[str]) -> None:
    for title in titles:
        await person.say(room, f"!case open {title}")


async def _reply(person: Person, room: str, root: str, words: Sequence[str]) -> None:
    for text in words:
        await person.say(room, text, thread=root)


async def _hears_more(person: Person, count: int) -> None:
    """Wait until they have heard so much more, or until there may be no more to hear."""
    before = len(person.from_comity())
    with suppress(TimeoutError):
        await person.until(lambda: len(person.from_comity()) >= before + count, within=3.0)


async def _calm(net: Network) -> None:
    """Wait until no letter is on its way, and the first desk has heard all that went before a last answer."""
    await net.comity.delivered(LONG)
    ana, ftc = net["ana"], net.desks["FTC"]
    await ana.say(ftc, "!case nothing")
    await ana.hears("There is no /case nothing", ftc)
    await net.comity.delivered()


def _is_case(event: Event) -> bool:
    return _title(event) is not None


def _title(event: Event) -> str | None:
    """Of the case whose root it is."""
    found = re.match(r"TLP:AMBER\nC-\d+ (.*)", body(event))
    return found[1] if found and root_of(event) is None else None


def _each_once(said: Sequence[Event]) -> None:
    """No two letters are alike; the transaction id is Comity's own business."""
    alike = Counter((body(event), str(event["content"].get("m.relates_to"))) for event in said)
    assert {text: count for text, count in alike.items() if count > 1} == {}


def _opened(net: Network) -> list[str]:
    with net.comity.records(reading=True) as session:
        return [case.title for case in session.exec(select(Case).order_by(col(Case.id)))]


def _replies(net: Network) -> list[str]:
    """What was kept, in its order."""
    with net.comity.records(reading=True) as session:
        return list(session.exec(select(ReplyRevision.text).order_by(col(ReplyRevision.reply_id))))


def _nothing_is_left(net: Network) -> None:
    """Every letter has arrived, nothing was set aside, and the ledger holds."""
    assert net.comity.waiting() == []
    with net.comity.records(reading=True) as session:
        assert not arrivals.set_aside(session)
        ledger.verify(session)
