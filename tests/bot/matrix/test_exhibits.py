"""What people attach in Matrix rooms is kept to the byte and passed on to the byte, encrypted where the room is."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import nio
import pytest
from aiohttp import web
from nio.crypto.attachments import encrypt_attachment
from sqlmodel import col, select

from storage import exhibits
from storage.tables import Exhibit
from storage.vault import Vault
from tests.bot.matrix.network import Event, Network, Person, body, download, joined, network, root_of
from tests.bot.matrix.people import must
from tests.bot.matrix.sealed import ENCRYPTION, opened, person
from tests.proxy import Proxy, downloads
from tests.synapse import Synapse

PAGE = "<!DOCTYPE html><html><title>Sign in</title></html>"
_numbers = count(1)


@pytest.fixture
async def proxy(homeserver: Synapse) -> AsyncIterator[Proxy]:
    async with Proxy(homeserver.url) as found:
        yield found


@pytest.fixture
async def net(homeserver: Synapse, proxy: Proxy, tmp_path: Path) -> AsyncIterator[Network]:
    async with network(homeserver, tmp_path, url=proxy.url, COMITY_EXHIBIT_MAX="2MB") as found:
        yield found
        with found.comity.records(reading=True) as session:
            expected = exhibits.sums(session)
            assert not [one for one in session.exec(select(Exhibit.id)) if exhibits.broken(session, one or 0)]
        assert list(Vault(found.comity.folder / "vault").survey(expected)) == []


def content(size: int) -> bytes:
    """Bytes that no other test has."""
    return random.Random(next(_numbers)).randbytes(size)  # noqa: S311  # nothing is kept secret by it


async def attach(who: Person, room: str, thread: str, name: str, given: bytes, **more: Any) -> str:
    """As a client does: brought to the media repository, encrypted if `more` says so, and told of in the thread."""
    kind = str(more.pop("kind", "application/octet-stream"))
    more["info"] = {"mimetype": kind, "size": len(given)}
    if more.pop("encrypted", False):
        ciphertext, keys = encrypt_attachment(given)
        more["file"] = keys | {"url": await brought(who, ciphertext)}
    else:
        more["url"] = await brought(who, given, kind)
    return await who.say(room, name, thread, msgtype="m.file", filename=name, **more)


async def brought(who: Person, given: bytes, kind: str = "application/octet-stream") -> str:
    """The address of what is in the media repository now."""
    about = {
        "Content-Type": kind, "Content-Length": str(len(given)),
        "Authorization": f"Bearer {who.client.access_token}",
    }  # fmt: skip
    answer = await who.client.send("POST", "/_matrix/media/v3/upload", io.BytesIO(given), about)
    return str((await answer.json())["content_uri"])


async def passed_on(who: Person, room: str, root: str, number: int = 1) -> list[Event]:
    """The files of Comity's below a root."""
    found = await who.hears_all(lambda event: event["content"].get("msgtype") == "m.file", room, number)
    return [event for event in found if root_of(event) == root]


async def test_what_is_attached_reaches_the_other_side_to_the_byte(net: Network) -> None:
    (here, there), ana, bo = await net.asked(), net["ana"], net["bo"]
    given = [content(size) for size in (1, 70_000, 1_999_999)]
    names = ["lease.bin", "../../etc/passwd", "evil\u202etxt.exe"]
    for number, (name, one) in enumerate(zip(names, given, strict=True), start=1):
        await attach(bo, net.desks["ACMA"], there, name, one)
        heard = await ana.hears(f"X-{number} ", net.desks["FTC"], 2)
        assert hashlib.sha256(one).hexdigest() in body(heard)
    files = await passed_on(ana, net.desks["FTC"], here, 3)
    assert [event["content"]["filename"] for event in files] == ["X-1-lease.bin", "X-2-passwd", "X-3-eviltxt.exe"]
    assert [await download(ana, event["content"]["url"]) for event in files] == given
    assert not any("\u202e" in body(event) for event in ana.from_comity())


async def test_100_megabytes_reach_the_other_side_to_the_byte(homeserver: Synapse, tmp_path: Path) -> None:
    async with network(homeserver, tmp_path) as net:
        (here, there), given = await net.asked(), content(100_000_000)
        await attach(net["bo"], net.desks["ACMA"], there, "disk.img", given)
        [file] = await passed_on(net["ana"], net.desks["FTC"], here)
        assert await download(net["ana"], file["content"]["url"]) == given
        with net.comity.records(reading=True) as session:
            assert session.exec(select(Exhibit.sha256)).all() == [hashlib.sha256(given).hexdigest()]


async def test_an_empty_file_is_kept_and_nothing_is_sent(net: Network) -> None:
    (_, there), bo = await net.asked(), net["bo"]
    await attach(bo, net.desks["ACMA"], there, "empty", b"")
    await net["ana"].hears("0 bytes", net.desks["FTC"])


LONG = "\N{HANGUL SYLLABLE HAN}" * 84 + ".go"
"""255 bytes."""


@pytest.mark.parametrize(("name", "beginning", "end"), [(LONG, LONG[:10], ".go"), ("", "file", "file")])
async def test_whatever_a_file_is_called(net: Network, name: str, beginning: str, end: str) -> None:
    (here, there), given = await net.asked(), content(10)
    await attach(net["bo"], net.desks["ACMA"], there, name, given)
    [file] = await passed_on(net["ana"], net.desks["FTC"], here)
    there_called = file["content"]["filename"]
    assert there_called.startswith(f"X-1-{beginning}")
    assert there_called.endswith(end)
    assert len(there_called.encode()) <= len(LONG.encode())
    assert await download(net["ana"], file["content"]["url"]) == given


async def test_the_same_file_twice_is_two_exhibits(net: Network) -> None:
    (here, there), given = await net.asked(), content(10)
    for name in ("one", "two"):
        await attach(net["bo"], net.desks["ACMA"], there, name, given)
    files = await passed_on(net["ana"], net.desks["FTC"], here, 2)
    assert [await download(net["ana"], file["content"]["url"]) for file in files] == [given, given]
    assert {event["content"]["filename"] for event in files} == {"X-1-one", "X-2-two"}


WEATHER: dict[str, Callable[[Proxy], object]] = {
    "fails": lambda proxy: proxy.fail(2, downloads),
    "wants fewer requests": lambda proxy: proxy.limit(1, downloads),
    "hangs up before": lambda proxy: proxy.cut_before(2, downloads),
    "hangs up within": lambda proxy: proxy.cut_within(2, downloads),
    "a page is given": lambda proxy: proxy.fail(2, downloads, status=200, body=PAGE, content_type="text/html"),
    "wants us to sign in": lambda proxy: proxy.fail(
        1, downloads, status=302, headers={"Location": f"{proxy.url}/sign-in"}
    ),
    "sends to an old link": lambda proxy: proxy.fail(
        1, downloads, status=307, headers={"Location": f"{proxy.url}/expired"}
    ),
}


@pytest.mark.parametrize("weather", WEATHER)
async def test_what_is_not_given_at_once_is_asked_for_again(net: Network, proxy: Proxy, weather: str) -> None:
    (here, there), bo, given = await net.asked(), net["bo"], content(5000)
    WEATHER[weather](proxy)
    await attach(bo, net.desks["ACMA"], there, "lease.bin", given)
    [file] = await passed_on(net["ana"], net.desks["FTC"], here)
    assert await download(net["ana"], file["content"]["url"]) == given


async def test_a_page_that_was_attached_is_taken_for_itself(net: Network) -> None:
    (here, there), given = await net.asked(), PAGE.encode()
    await attach(net["bo"], net.desks["ACMA"], there, "page.html", given, kind="text/html")
    [file] = await passed_on(net["ana"], net.desks["FTC"], here)
    assert await download(net["ana"], file["content"]["url"]) == given


async def test_a_file_is_taken_from_where_the_homeserver_sends_us_and_our_token_stays_here(
    net: Network, proxy: Proxy
) -> None:
    (here, there), given = await net.asked(), content(5000)
    asked = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.headers)
        return web.Response(body=given)

    async with store(answer) as url:
        proxy.fail(1, downloads, status=307, headers={"Location": f"{url}/file?signed=1"})
        await attach(net["bo"], net.desks["ACMA"], there, "far.bin", content(5000))
        [file] = await passed_on(net["ana"], net.desks["FTC"], here)
    assert await download(net["ana"], file["content"]["url"]) == given
    [headers] = asked
    assert "Authorization" not in headers


@asynccontextmanager
async def store(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """Where a homeserver may keep its files; yields the address."""
    app = web.Application()
    app.router.add_get("/file", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def test_what_cannot_be_had_is_said_in_the_thread(net: Network) -> None:
    (_, there), bo, ana, acma, ftc = await net.asked(), net["bo"], net["ana"], net.desks["ACMA"], net.desks["FTC"]
    await attach(bo, acma, there, "large.bin", content(2_000_001))
    assert "it is larger than what is kept here" in body(await ana.hears("X-1 `large.bin` from", ftc))
    nowhere = f"mxc://{bo.user.partition(':')[2]}/nothing"
    await bo.say(acma, "gone.bin", there, msgtype="m.file", filename="gone.bin", url=nowhere)
    assert "has it no more" in body(await ana.hears("X-2 `gone.bin` from", ftc))
    for url in ("https://evil.example/x", "mxc://evil", "mxc://a/b/c"):
        await bo.say(acma, "odd.bin", there, msgtype="m.file", filename="odd.bin", url=url)
    await ana.hears("`odd.bin` from", ftc, 3)


async def test_in_encrypted_rooms_files_are_opened_and_sealed_again(
    homeserver: Synapse, net: Network, tmp_path: Path
) -> None:
    """Ada's client encrypts; ACMA's desk is in plain."""
    async with person(homeserver, net["ada"].user, tmp_path / "ada") as client:
        ada = Person(client)
        try:
            asking = client.room_create(initial_state=[ENCRYPTION], invite=[net.bot])
            room = str(must(await asking, nio.RoomCreateResponse).room_id)
            await joined(ada, room, net.bot)
            await ada.hears("To be reached here", room)
            net.comity.do(f"/agency desk FTC matrix:HOME/{room}")
            await ada.say(room, "!case open Sealed")
            await ada.hears("C-1 Sealed", room)
            await ada.say(room, "!request send ACMA --case C-1 Who rented it?")
            here = str((await ada.hears("R-1 FTC asks ACMA", room))["event_id"])
            there = str((await net["bo"].hears("R-1 FTC asks ACMA", net.desks["ACMA"]))["event_id"])
            one, two = content(100_000), content(70_001)
            await attach(ada, room, here, "from-ada.bin", one, encrypted=True)
            [file] = await passed_on(net["bo"], net.desks["ACMA"], there)
            assert await download(net["bo"], file["content"]["url"]) == one
            await attach(net["bo"], net.desks["ACMA"], there, "from-bo.bin", two)
            [file] = await passed_on(ada, room, here)
            assert "url" not in file["content"]
            ciphertext = await download(ada, file["content"]["file"]["url"])
            assert opened(dict(file["content"]), ciphertext) == two
            assert ciphertext != two
        finally:
            await ada.close()


async def test_what_is_not_what_was_encrypted_is_not_taken(net: Network) -> None:
    (_, there), bo = await net.asked(), net["bo"]
    ciphertext, keys = encrypt_attachment(b"sealed")
    url = await brought(bo, ciphertext)
    for number, wrong in enumerate(
        [
            {"hashes": {"sha256": "A" * 43}}, {"key": {"alg": "A256CTR", "k": "?"}}, {"iv": 7},
            {"key": {"alg": "ROT13", "k": "x"}}, {"hashes": {}},
        ]
    ):  # fmt: skip
        file = keys | {"url": url} | wrong
        await bo.say(net.desks["ACMA"], f"file {number}", there, msgtype="m.file", file=file)
    await net["ana"].hears("was not kept", net.desks["FTC"], 4)
    with net.comity.records(reading=True) as session:
        found = session.exec(select(Exhibit.sha256).order_by(col(Exhibit.id))).all()
    assert found == [None] * 5
