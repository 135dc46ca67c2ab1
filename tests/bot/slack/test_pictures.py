"""A picture stands in its message, a document below it: what people open is what was drawn, and each stands once."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlmodel import col, select

from bot.picture import draw
from commands.draft import Draft
from commands.message import Block, Message, say
from storage import ledger
from storage.tables import Letter, LetterState
from storage.words import Marking
from tests.bot.slack.network import Network, network
from tests.bot.slack.reckoning import each_once, nothing_is_left, ours
from tests.pictured import (
    PAGE,
    PAGE_WORDS,
    PICTURE,
    TABLE,
    TABLE_WORDS,
    WORDS,
    below,
    digest,
    letters,
    many,
    to_person,
    to_place,
)
from tests.slack.faults import Faults
from tests.slack.limits import Limits
from tests.slack.seeing import Seen
from tests.slack.world import Channel

GET, COMPLETE, POST, UPLOAD = (
    "files.getUploadURLExternal", "files.completeUploadExternal", "chat.postMessage", "upload",
)  # fmt: skip
PNG = "open-requests-by-partner-and-age.png"
DRAWN = draw(PICTURE, "TLP:AMBER").png
_titles = count(1)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network(tmp_path_factory.mktemp("pictures"), looking=0.3) as found:
        yield found
        assert not found.slack.world.breaches


@pytest.fixture
def net(together: Network) -> Iterator[Network]:
    together.quiet()
    yield together
    together.slack.faults.clear()
    together.quiet()
    each_once(together)
    files_once(together)
    nothing_is_left(together)


def files_once(net: Network) -> None:
    """No document was shared twice."""
    with net.slack.world.lock:
        for channel in net.slack.world.channels.values():
            shared = [one for one, _ in ours(net, channel) if one.body.get("files")]
            keys = Counter(block["block_id"] for one in shared for block in one.body["blocks"][:1])
            assert not [key for key, times in keys.items() if times > 1], channel.name


def send(net: Network, *drafts: Draft) -> None:
    with net.comity.records() as session:
        letters(session, *drafts)


def desk(net: Network) -> str:
    return f"slack:FTC/{net.desks['FTC'].id}"


def new(*blocks: Block) -> tuple[str, Message]:
    """A digest that no other test has; its title, and the message."""
    title = f"Digest {next(_titles)}."
    return title, digest(title, *blocks)


def image(seen: Seen) -> dict[str, Any]:
    (found,) = [block for block in seen.raw["blocks"] if block["type"] == "image"]
    return dict(found)


def shared(net: Network, channel: Channel, root: str, number: int) -> list[Seen]:
    """The files below a root, once there are so many."""
    name = "ana"
    there = net[name].waits(channel, lambda seen: sum(bool(one.files) for one in seen) >= number, root)
    return [one for one in there if one.files]


# In a channel


def test_a_picture_stands_in_its_message_and_says_what_it_shows(net: Network) -> None:
    (title, message), ftc = new(PICTURE), net.desks["FTC"]
    send(net, to_place(message, desk(net)))
    seen = net["ana"].finds(ftc, title)
    assert image(seen)["alt_text"] == WORDS
    assert seen.text == f"TLP:AMBER\n{title}\n{WORDS}\nThat is all.\nTLP:AMBER"
    assert WORDS in seen.raw["text"]
    for name in ("ana", "ada"):
        assert net[name].opens(ftc, seen.ts) == {PNG: DRAWN}
    assert not seen.files


async def test_the_bytes_on_the_wire_are_the_bytes_that_were_drawn(net: Network) -> None:
    (title, message), app = new(PICTURE), net.apps["FTC"]
    send(net, to_place(message, desk(net)))
    number = image(net["ana"].finds(net.desks["FTC"], title))["slack_file"]["id"]
    url = net.slack.world.url_of(net.slack.world.files[number])
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Authorization": f"Bearer {app.token}"}) as answer,
    ):
        assert (answer.content_type, await answer.read()) == ("image/png", DRAWN)


def test_whoever_is_not_in_the_channel_does_not_see_it(net: Network) -> None:
    (title, message), eve, ftc = new(PICTURE, TABLE), net.come("FTC", "eve"), net.desks["FTC"]
    send(net, to_place(message, desk(net)))
    seen = net["ana"].finds(ftc, title)
    (table,) = shared(net, ftc, seen.ts, 1)
    net["ana"].invites(ftc, eve)
    assert eve.opens(ftc, seen.ts) == {PNG: DRAWN}
    files = [net.slack.world.files[image(seen)["slack_file"]["id"]], net.slack.world.files[table.raw["files"][0]["id"]]]
    assert [list(file.shares) for file in files] == [[ftc.id], [ftc.id]]


def test_documents_stand_below_their_message_with_the_marking(net: Network) -> None:
    (title, message), ftc = new(PAGE, TABLE), net.desks["FTC"]
    send(net, to_place(message, desk(net)))
    seen = net["ana"].finds(ftc, title)
    assert f"{PAGE_WORDS}\n{TABLE_WORDS}" in seen.text
    page, table = shared(net, ftc, seen.ts, 2)
    assert [page.text, table.text] == [f"TLP:AMBER {words} TLP:AMBER" for words in (PAGE_WORDS, TABLE_WORDS)]
    assert net["ada"].opens(ftc, page.ts) == {PAGE.name: PAGE.content}
    assert net["ada"].opens(ftc, table.ts) == {TABLE.name: TABLE.content}
    assert not any(one.unfurled or one.alive for one in (page, table))


def test_a_letter_below_another_has_its_picture_and_its_document_there(net: Network) -> None:
    (first, root), (second, message), ftc = new(), new(PICTURE, TABLE), net.desks["FTC"]
    send(net, *below(root, [message], desk(net)))
    ana = net["ana"]
    top = ana.finds(ftc, first)
    reply = ana.finds(ftc, second, top.ts)
    assert ana.opens(ftc, reply.ts) == {PNG: DRAWN}
    (table,) = shared(net, ftc, top.ts, 1)
    assert ana.opens(ftc, table.ts) == {TABLE.name: TABLE.content}


def test_the_same_picture_twice_is_brought_once(net: Network) -> None:
    (title, message), ftc = new(PICTURE, PICTURE), net.desks["FTC"]
    before = len(net.slack.world.files)
    send(net, to_place(message, desk(net)))
    seen = net["ana"].finds(ftc, title)
    assert [block["type"] for block in seen.raw["blocks"]].count("image") == 2
    assert len(net.slack.world.files) == before + 1


def test_a_picture_of_many_partners_says_the_rest_below(net: Network) -> None:
    (title, message), ftc = new(many(60)), net.desks["FTC"]
    send(net, to_place(message, desk(net)))
    net["ana"].finds(ftc, title)
    net.quiet()
    words = "\n".join(text for _, text in ours(net, ftc))
    assert "- PARTNER-59: 240 (under a week: 59, 1 to 2 weeks: 60, 2 to 4 weeks: 118, older: 3)" in words


# To one reader


def test_a_private_document_goes_to_the_direct_conversation(net: Network) -> None:
    (title, message), ana, ftc = new(PICTURE, TABLE), net["ana"], net.desks["FTC"]
    send(net, to_person(message, f"slack:{ana.user.team}/{ana.id}", desk(net)))
    direct = ana.direct(net.apps["FTC"])
    seen = ana.finds(direct, title)
    assert ana.opens(direct, seen.ts) == {PNG: DRAWN}
    table = ana.hears(direct, lambda one: one.files == (TABLE.name,))
    assert ana.opens(direct, table.ts) == {TABLE.name: TABLE.content}
    assert not [one for one in ana.sees(ftc) if title in one.text]


def test_the_digest_as_files_opens_in_the_direct_conversation(net: Network) -> None:
    ana = net["ana"]
    ana.slash(net.desks["FTC"], "/digest", "file")
    direct = ana.direct(net.apps["FTC"])
    there = ana.waits(direct, lambda seen: str([one.files for one in seen]).count("digest-FTC") > 1)
    files = [file for one in there for file in ana.opens(direct, one.ts).items()]  # other tests' stand there, too
    opened = [content for name, content in files if name.startswith("digest-FTC")]
    with net.comity.records() as session:
        kept = [json.loads(entry.content) for entry in ledger.entries(session)][-1]
    assert sorted(hashlib.sha256(content).hexdigest() for content in opened) == sorted([kept["page"], kept["table"]])


def test_a_picture_for_one_reader_in_a_channel_comes_in_words(net: Network) -> None:
    (title, message), ana, ftc = new(PICTURE), net["ana"], net.desks["FTC"]
    before = len(net.slack.world.files)
    send(net, to_person(message, f"slack:{ana.user.team}/{ana.id}", desk(net)))
    seen = ana.hears(ftc, lambda one: one.private and title in one.text)
    assert seen.text == f"TLP:AMBER\n{title}\n{WORDS}\nThat is all.\nTLP:AMBER"
    assert len(net.slack.world.files) == before


# In all weathers

WEATHER: dict[str, Callable[[Faults], object]] = {
    "gives no address": lambda slack: slack.fail(GET, 2),
    "hangs up before an address": lambda slack: slack.cut_before(GET),
    "hangs up after an address": lambda slack: slack.cut_after(GET),
    "limits addresses": lambda slack: slack.ratelimit(GET, 2),
    "does not take the bytes": lambda slack: slack.fail(UPLOAD, 2),
    "does not know the address any more": lambda slack: slack.fail(UPLOAD, status=404, body="no such upload"),
    "hangs up before the bytes": lambda slack: slack.cut_before(UPLOAD),
    "hangs up after the bytes": lambda slack: slack.cut_after(UPLOAD),
    "does not complete": lambda slack: slack.unavailable(COMPLETE, 2),
    "hangs up before it completes": lambda slack: slack.cut_before(COMPLETE, 3),
    "hangs up after it completed": lambda slack: slack.cut_after(COMPLETE, 3),
    "limits completing": lambda slack: slack.ratelimit(COMPLETE, 2),
    "hangs up after a post": lambda slack: slack.cut_after(POST, 2),
    "cannot say what it looked at": lambda slack: slack.fail("files.info", 2),
}


@pytest.mark.parametrize("weather", WEATHER)
def test_whatever_slack_does_all_of_it_stands_once(net: Network, weather: str) -> None:
    (title, message), ana, ftc = new(PICTURE, PAGE, TABLE), net["ana"], net.desks["FTC"]
    WEATHER[weather](net.slack.faults)
    send(net, to_place(message, desk(net)))
    seen = ana.finds(ftc, title)
    assert ana.opens(ftc, seen.ts) == {PNG: DRAWN}
    shared(net, ftc, seen.ts, 2)
    net.quiet()
    assert [one.files for one in ana.sees(ftc, seen.ts)] == [(), (PAGE.name,), (TABLE.name,)]


def test_a_letter_whose_rest_must_wait_is_not_begun_again(net: Network) -> None:
    (title, message), ana, ftc = new(PAGE, TABLE), net["ana"], net.desks["FTC"]
    net.slack.faults.fail(COMPLETE, 2, status=200, body='{"ok":false,"error":"token_expired"}')
    send(net, to_place(message, desk(net)))
    seen = ana.finds(ftc, title)
    shared(net, ftc, seen.ts, 2)
    net.quiet()
    assert len([text for _, text in ours(net, ftc) if title in text]) == 1
    assert [one.files for one in ana.sees(ftc, seen.ts)] == [(), (PAGE.name,), (TABLE.name,)]


def test_a_picture_that_slack_does_not_show_is_said_in_words(net: Network) -> None:
    (title, message), ana, ftc = new(PICTURE), net["ana"], net.desks["FTC"]
    net.slack.faults.fail(POST, status=200, body='{"ok":false,"error":"invalid_blocks"}')
    send(net, to_place(message, desk(net)))
    assert ana.finds(ftc, title).text == f"TLP:AMBER\n{title}\n{WORDS}\nThat is all.\nTLP:AMBER"


def test_a_picture_that_slack_does_not_take_is_said_in_words(net: Network) -> None:
    (title, message), ana, ftc = new(PICTURE), net["ana"], net.desks["FTC"]
    net.slack.faults.fail(GET, status=200, body='{"ok":false,"error":"storage_limit_reached"}')
    send(net, to_place(message, desk(net)))
    assert ana.finds(ftc, title).text == f"TLP:AMBER\n{title}\n{WORDS}\nThat is all.\nTLP:AMBER"


def test_a_document_that_slack_does_not_take_is_set_aside_before_a_word_is_said(net: Network) -> None:
    (title, message), (later, other) = new(TABLE), new()
    net.slack.faults.fail(GET, status=200, body='{"ok":false,"error":"storage_limit_reached"}')
    send(net, to_place(message, desk(net)), to_place(other, desk(net)))
    net["ana"].finds(net.desks["FTC"], later)
    assert not [text for _, text in ours(net, net.desks["FTC"]) if title in text]
    with net.comity.records() as session:
        letter = session.exec(select(Letter).where(Letter.state == LetterState.SET_ASIDE)).one()
        assert letter.error == f"Slack answers storage_limit_reached to {GET}"
        session.delete(letter)  # for the tests to come


def test_without_the_scope_it_waits_and_the_doctor_names_it(net: Network) -> None:
    (title, message), app = new(PICTURE), net.apps["FTC"]
    app.scopes.discard("files:write")
    send(net, to_place(message, desk(net)))
    net.until(lambda: any(error and "missing_scope" in error for _, _, error in net.comity.waiting()))
    found = net.comity.program("doctor", code=1)
    assert "slack FTC: the scope files:write is missing" in found
    app.scopes.add("files:write")
    assert net["ana"].opens(net.desks["FTC"], net["ana"].finds(net.desks["FTC"], title).ts) == {PNG: DRAWN}


def test_within_what_slack_allows(tmp_path: Path) -> None:
    with network(tmp_path, "FTC", limits=Limits(), looking=0.3) as net:
        titles = [new(PICTURE, TABLE) for _ in range(3)]
        send(net, *(to_place(message, desk(net)) for _, message in titles))
        net["ana"].finds(net.desks["FTC"], titles[-1][0])
        net.quiet()
        calls = [net.slack.journal.of(method) for method in (GET, COMPLETE, POST, "files.info")]
        assert [one.result for made in calls for one in made if not one.result["ok"]] == []
        files_once(net)
        assert not net.slack.world.breaches


# Killed


@pytest.mark.parametrize("moment", ["brought", "posted", "shared"])
def test_a_process_that_is_killed_leaves_all_of_it_once(tmp_path: Path, moment: str) -> None:
    with network(tmp_path, "FTC", looking=0.5) as net:
        (title, message), ana, ftc = new(PICTURE, PAGE, TABLE), net["ana"], net.desks["FTC"]
        reached = {
            "brought": lambda: len(net.slack.journal.of(GET)) >= 3,
            "posted": lambda: len(net.slack.journal.of(POST)) >= 1,
            "shared": lambda: any("channel_id" in one.args for one in net.slack.journal.of(COMPLETE)),
        }[moment]
        send(net, to_place(message, desk(net)))
        net.slack.until(reached)
        net.comity.kill()
        net.comity.start()
        seen = ana.finds(ftc, title, within=120)
        shared(net, ftc, seen.ts, 2)
        net.quiet()
        assert [one.files for one in ana.sees(ftc, seen.ts)] == [(), (PAGE.name,), (TABLE.name,)]
        assert ana.opens(ftc, seen.ts) == {PNG: DRAWN}
        each_once(net)
        files_once(net)
        nothing_is_left(net)


def test_the_letter_is_gone_once_it_has_arrived(net: Network) -> None:
    """What it said, its files too, is kept no longer than it must be."""
    title, message = new(TABLE)
    send(net, to_place(message, desk(net)))
    net["ana"].finds(net.desks["FTC"], title)
    net.quiet()
    with net.comity.records(reading=True) as session:
        bodies = session.exec(select(Letter.body).order_by(col(Letter.id).desc())).first()
    assert bodies is None


def test_what_is_for_nobody_s_case_has_no_marking_at_its_file(net: Network) -> None:
    ana = net["ana"]
    send(net, to_person(Message(None, (say("Here it is."), TABLE)), f"slack:{ana.user.team}/{ana.id}"))
    direct = ana.direct(net.apps["FTC"])
    ana.finds(direct, "Here it is.")
    assert ana.hears(direct, lambda one: bool(one.files) and one.text == TABLE_WORDS).files == (TABLE.name,)


def test_the_block_with_the_key_is_what_slack_documents(net: Network) -> None:
    (title, message), marking = new(TABLE), Marking.AMBER
    send(net, to_place(message, desk(net)))
    seen = net["ana"].finds(net.desks["FTC"], title)
    shared(net, net.desks["FTC"], seen.ts, 1)
    call = [one for one in net.slack.journal.of(COMPLETE) if "channel_id" in one.args][-1]
    assert call.args["thread_ts"] == seen.ts
    (block,) = json.loads(call.args["blocks"])
    assert (block["type"], f"TLP:{marking}" in json.dumps(block)) == ("rich_text", True)
    assert len(block["block_id"]) <= 255
