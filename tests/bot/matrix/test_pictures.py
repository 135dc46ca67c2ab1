"""Pictures and documents in Matrix rooms: what people download is what was drawn, and each event stands once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path

import nio
import pytest
from PIL import Image
from sqlmodel import select

from bot.picture import draw
from commands.draft import Draft
from commands.message import Block, Message
from storage.tables import Letter, LetterState
from storage.words import Manner
from tests.bot.matrix.network import Event, Network, Person, body, download, joined, network, root_of
from tests.bot.matrix.people import must
from tests.bot.matrix.sealed import ENCRYPTION, opened, person, raw_type
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
    to_person,
    to_place,
)
from tests.proxy import Proxy, Seen, sends, syncs, uploads
from tests.synapse import Synapse, running

DRAWN = draw(PICTURE, "TLP:AMBER")
_titles = count(1)


@pytest.fixture
async def proxy(homeserver: Synapse) -> AsyncIterator[Proxy]:
    async with Proxy(homeserver.url) as found:
        yield found


@pytest.fixture
async def net(homeserver: Synapse, proxy: Proxy, tmp_path: Path) -> AsyncIterator[Network]:
    async with network(homeserver, tmp_path, "FTC", url=proxy.url) as found:
        yield found


def send(net: Network, *drafts: Draft) -> None:
    with net.comity.records() as session:
        letters(session, *drafts)


def desk(net: Network) -> str:
    return f"matrix:HOME/{net.desks['FTC']}"


def new(*blocks: Block) -> tuple[str, Message]:
    """A digest that no other test has; its title, and the message."""
    title = f"Digest {next(_titles)}."
    return title, digest(title, *blocks)


async def of_kind(who: Person, kind: str, room: str | None = None, number: int = 1) -> list[Event]:
    """What Comity has said of this kind, once it is so much."""
    return await who.hears_all(lambda event: event["content"].get("msgtype") == kind, room, number)


# In a room


async def test_a_picture_follows_the_words_that_say_the_same(net: Network) -> None:
    (title, message), ana, ftc = new(PICTURE), net["ana"], net.desks["FTC"]
    send(net, to_place(message, desk(net)))
    (image,) = await of_kind(ana, "m.image", ftc)
    words, after = ana.from_comity(ftc)[-2:]
    assert body(words) == f"TLP:AMBER\n{title}\n{WORDS}\nThat is all.\nTLP:AMBER"
    assert after == image
    assert root_of(words) is root_of(image) is None
    content = image["content"]
    assert content["body"] == f"TLP:AMBER\n{WORDS}\nTLP:AMBER"
    assert content["m.mentions"] == {}
    assert "filename" not in content  # clients would show the words as a caption
    assert content["info"] == {
        "mimetype": "image/png", "w": DRAWN.width, "h": DRAWN.height, "size": len(DRAWN.png),
    }  # fmt: skip
    assert await download(ana, content["url"]) == DRAWN.png


async def test_a_document_is_a_file_with_its_name_and_its_marking(net: Network) -> None:
    (title, message), ana, ftc = new(PAGE, TABLE), net["ana"], net.desks["FTC"]
    send(net, to_place(message, desk(net)))
    page, table = await of_kind(ana, "m.file", ftc, 2)
    for event, document, words in ((page, PAGE, PAGE_WORDS), (table, TABLE, TABLE_WORDS)):
        content = event["content"]
        assert (content["filename"], content["body"]) == (document.name, f"TLP:AMBER {words} TLP:AMBER")
        assert content["info"] == {"mimetype": document.media_type, "size": len(document.content)}
        assert await download(ana, content["url"]) == document.content
    assert f"{PAGE_WORDS}\n{TABLE_WORDS}" in body(await ana.hears(title, ftc))


async def test_below_another_letter_they_stand_in_its_thread(net: Network) -> None:
    (first, root), (second, message), ana, ftc = new(), new(PICTURE, TABLE), net["ana"], net.desks["FTC"]
    send(net, *below(root, [message], desk(net)))
    top = await ana.hears(first, ftc)
    (image,), (table,) = await of_kind(ana, "m.image", ftc), await of_kind(ana, "m.file", ftc)
    assert {root_of(event) for event in (await ana.hears(second, ftc), image, table)} == {top["event_id"]}


@pytest.mark.parametrize("manner", [None, Manner.APART, Manner.ALOUD])
async def test_a_private_document_goes_to_the_direct_room(net: Network, manner: Manner | None) -> None:
    (title, message), ana, ada, ftc = new(PICTURE, TABLE), net["ana"], net["ada"], net.desks["FTC"]
    private = to_person(message, f"matrix:{ana.user}", desk(net) if manner else None)
    send(net, Draft(**vars(private) | {"manner": manner}))
    room = await ana.room_of(title)
    assert room != ftc
    (image,), (table,) = await of_kind(ana, "m.image", room), await of_kind(ana, "m.file", room)
    assert await download(ana, image["content"]["url"]) == DRAWN.png
    assert await download(ana, table["content"]["url"]) == TABLE.content
    await net.comity.delivered()
    assert not any(title in body(event) or "url" in event["content"] for event in ada.from_comity())


# In an encrypted room


@asynccontextmanager
async def _sealed(
    homeserver: Synapse, folder: Path, *, url: str | None = None, encrypted: bool = True
) -> AsyncIterator[tuple[Network, Person, str]]:
    """The network, ada at a client that encrypts, and a room of hers where Comity sits."""
    async with AsyncExitStack() as stack:
        net = await stack.enter_async_context(network(homeserver, folder, "FTC", url=url))
        client = await stack.enter_async_context(person(homeserver, net["ada"].user, folder / "ada"))
        ada = Person(client)
        stack.push_async_callback(ada.close)
        asking = client.room_create(initial_state=[ENCRYPTION] if encrypted else [], invite=[net.bot])
        room = str(must(await asking, nio.RoomCreateResponse).room_id)
        await joined(ada, room, net.bot)
        await ada.hears("To be reached here", room)
        yield net, ada, room


async def test_in_an_encrypted_room_nothing_is_there_in_plain(homeserver: Synapse, tmp_path: Path) -> None:
    async with _sealed(homeserver, tmp_path) as (net, ada, room):
        send(net, to_place(new(PICTURE, TABLE)[1], f"matrix:HOME/{room}"))
        (image,), (table,) = await of_kind(ada, "m.image", room), await of_kind(ada, "m.file", room)
        for event, plain in ((image, DRAWN.png), (table, TABLE.content)):
            content = dict(event["content"])
            assert "url" not in content
            assert await raw_type(ada.client, room, str(event["event_id"])) == "m.room.encrypted"
            ciphertext = await download(ada, content["file"]["url"])
            assert opened(content, ciphertext) == plain
            assert plain not in ciphertext
        kept = [file.read_bytes() for file in _media(homeserver)]
        assert kept
        assert not any(DRAWN.png in file or TABLE.content in file for file in kept)
        assert not any(TABLE.name in str(file) for file in _media(homeserver))


async def test_a_room_that_is_encrypted_meanwhile_gets_nothing_in_plain(
    homeserver: Synapse, proxy: Proxy, tmp_path: Path
) -> None:
    """Between the upload and the event."""
    async with _sealed(homeserver, tmp_path, url=proxy.url, encrypted=False) as (net, ada, room):
        held = proxy.hold(uploads)
        send(net, to_place(new(TABLE)[1], f"matrix:HOME/{room}"))
        await held.happened()
        for change in (ada.client.room_put_state(room, "m.room.encryption", ENCRYPTION["content"]), ada.say(room, ".")):
            looks = len(_looks(proxy))
            await change
            await net.comity.until(lambda looks=looks: len(_looks(proxy)) > looks)  # type: ignore[misc]  # bound at once
        held.end()
        (table,) = await of_kind(ada, "m.file", room)
        content = dict(table["content"])
        assert "url" not in content
        assert opened(content, await download(ada, content["file"]["url"])) == TABLE.content


def _looks(proxy: Proxy) -> list[Seen]:
    return [one for one in proxy.seen if syncs(one.method, one.path)]


def _media(homeserver: Synapse) -> list[Path]:
    """Whatever the homeserver keeps of uploads; other tests of this session put theirs there too."""
    newest = sorted(homeserver.folder.rglob("local_content/**/*"), key=lambda file: file.stat().st_mtime)
    return [file for file in newest if file.is_file()][-2:]


# In all weathers

WEATHER: dict[str, Callable[[Proxy], object]] = {
    "fails to take a file": lambda proxy: proxy.fail(2, uploads),
    "limits uploads": lambda proxy: proxy.limit(2, uploads, retry_after=0.5),
    "hangs up before an upload": lambda proxy: proxy.cut_before(1, uploads),
    "hangs up within the answer to an upload": lambda proxy: proxy.cut_within(1, uploads),
    "hangs up after an upload": lambda proxy: proxy.cut_after(2, uploads),
    "hangs up after a send": lambda proxy: proxy.cut_after(4, sends),
    "limits sends": lambda proxy: proxy.limit(3, sends, retry_after=0.5),
}


async def test_whatever_the_homeserver_does_each_event_stands_once(net: Network, proxy: Proxy) -> None:
    ana, ftc, before = net["ana"], net.desks["FTC"], len(net["ana"].from_comity(net.desks["FTC"]))
    titles = []
    for weather in WEATHER.values():
        weather(proxy)
        title, message = new(PICTURE, TABLE)
        titles.append(title)
        send(net, to_place(message, desk(net)))
        await ana.hears(title, ftc)
        await net.comity.delivered()
        proxy.clear()
    heard = (await ana.hears_all(lambda _: True, ftc, before + 3 * len(titles)))[before:]
    kinds = [event["content"]["msgtype"] for event in heard]
    assert kinds == ["m.text", "m.image", "m.file"] * len(titles)
    assert [body(event).splitlines()[1] for event in heard[::3]] == titles
    for event in heard[1::3]:
        assert await download(ana, event["content"]["url"]) == DRAWN.png


@pytest.mark.parametrize("sent", [0, 1, 2])
async def test_a_process_that_is_killed_leaves_each_event_once(net: Network, proxy: Proxy, sent: int) -> None:
    (title, message), ana, ftc = new(PICTURE, TABLE), net["ana"], net.desks["FTC"]
    already = sum(sends(one.method, one.path) for one in proxy.seen)
    held = proxy.hold(
        lambda method, path: (
            sends(method, path) and sum(sends(one.method, one.path) for one in proxy.seen) - already >= sent
        )
    )
    send(net, to_place(message, desk(net)))
    await held.happened()
    net.comity.kill()
    held.end()
    net.comity.start()
    await of_kind(ana, "m.file", ftc)
    await net.comity.delivered()
    heard = [event for event in ana.from_comity(ftc) if event["content"]["msgtype"] != "m.text" or title in body(event)]
    assert [event["content"]["msgtype"] for event in heard] == ["m.text", "m.image", "m.file"]


# What is not taken


async def test_what_the_homeserver_takes_none_of_is_said_in_words_or_set_aside(tmp_path: Path) -> None:
    with running(tmp_path / "small", max_upload_size="1K") as homeserver:
        async with network(homeserver, tmp_path, "FTC") as net:
            ana, ftc = net["ana"], net.desks["FTC"]
            (title, message), (large, other) = new(PICTURE), new(_large())
            send(net, to_place(message, desk(net)), to_place(other, desk(net)))
            assert WORDS in body(await ana.hears(title, ftc))
            await net.comity.until(lambda: any(state is LetterState.SET_ASIDE for _, state, _ in net.comity.waiting()))
            with net.comity.records(reading=True) as session:
                errors = session.exec(select(Letter.error).where(Letter.state == LetterState.SET_ASIDE)).all()
            assert errors == ["the homeserver says M_TOO_LARGE"]
            assert not any(large in body(event) or "url" in event["content"] for event in ana.from_comity())
            found = net.comity.program("doctor", code=1)
            assert f"matrix HOME: {homeserver.url} takes files of 1024 bytes at most, ours may have 1000000" in found


def _large() -> Block:
    return type(TABLE)("large.csv", "text/csv", "x" * 5_000)


async def test_what_is_shown_is_a_picture_of_its_size(net: Network, tmp_path: Path) -> None:
    send(net, to_place(new(PICTURE)[1], desk(net)))
    (image,) = await of_kind(net["ana"], "m.image")
    (tmp_path / "shown.png").write_bytes(await download(net["ana"], image["content"]["url"]))
    info = image["content"]["info"]
    with Image.open(tmp_path / "shown.png") as shown:
        assert (shown.format, shown.size) == ("PNG", (info["w"], info["h"]))
