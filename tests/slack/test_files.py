"""Uploads as Slack takes them: what it refuses in each of its three steps, and which files it shows in a message."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.apps import Install
from tests.slack.bots import client
from tests.slack.files import UPLOAD_LIVES
from tests.slack.limits import NONE
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.world import Channel

PNG = b"\x89PNG\r\n\x1a\n and so on"


class Office(NamedTuple):
    slack: Slack
    install: Install
    ana: Person
    room: Channel
    web: AsyncWebClient

    async def brought(
        self, name: str = "chart.png", content: bytes = PNG, length: int | None = None
    ) -> tuple[str, int]:
        """The number of a file, and what the upload was answered."""
        size = len(content) if length is None else length
        made = await self.web.files_getUploadURLExternal(filename=name, length=size)
        return str(made["file_id"]), await put(str(made["upload_url"]), content)

    async def completed(self, name: str = "chart.png", content: bytes = PNG, **where: Any) -> str:
        number, status = await self.brought(name, content)
        assert status == 200
        await self.web.files_completeUploadExternal(files=[{"id": number}], **where)
        return number

    async def shows(self, number: str) -> str:
        """Show it in a message; returns its timestamp."""
        block = {"type": "image", "slack_file": {"id": number}, "alt_text": "a chart"}
        said = await self.web.chat_postMessage(channel=self.room.id, text="a chart", blocks=[block])
        return str(said["ts"])


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    with running(limits=NONE) as slack:
        team = slack.team("ftc")
        install, ana = slack.app("Echo", team), slack.person(team, "ana")
        slack.delivery.loop = None  # nobody listens
        yield Office(slack, install, ana, slack.channel("desk", ana, install), client(slack, install))


async def put(url: str, content: bytes) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=content) as answer:
        return answer.status


async def refused(asking: Any) -> str:
    with pytest.raises(SlackApiError) as error:
        await asking
    answer = error.value.response
    return str(answer.get("response_metadata", {}).get("messages", [answer["error"]])[0])


async def test_a_file_in_three_steps(office: Office) -> None:
    number = await office.completed(channel_id=office.room.id)
    (seen,) = office.ana.sees(office.room)
    assert office.ana.opens(office.room, seen.ts) == {"chart.png": PNG}
    assert list(office.slack.world.files[number].shares) == [office.room.id]


@pytest.mark.parametrize("length", ["0", "-1", "many", "1000000001"])
async def test_a_length_that_is_none(office: Office, length: str) -> None:
    asking = office.web.api_call("files.getUploadURLExternal", params={"filename": "a", "length": length})
    assert await refused(asking) == "invalid_arguments"


async def test_an_upload_needs_its_scope(office: Office) -> None:
    office.install.scopes.discard("files:write")
    assert await refused(office.web.files_getUploadURLExternal(filename="a", length=1)) == "missing_scope"


async def test_other_bytes_than_were_announced_are_not_taken(office: Office) -> None:
    number, status = await office.brought(length=3)
    assert status == 500
    assert await refused(office.web.files_completeUploadExternal(files=[{"id": number}])) == "file_not_found"


async def test_an_upload_url_ends(office: Office) -> None:
    made = await office.web.files_getUploadURLExternal(filename="chart.png", length=len(PNG))
    office.slack.clock.advance(UPLOAD_LIVES + 1)
    assert await put(str(made["upload_url"]), PNG) == 404
    assert await put(f"{office.slack.world.file_base}/upload/v1/F0FFFFFFFF", PNG) == 404


async def test_completing_takes_only_what_was_uploaded_and_only_once(office: Office) -> None:
    made = await office.web.files_getUploadURLExternal(filename="chart.png", length=len(PNG))
    done = await office.completed()
    for number in (made["file_id"], done, "F0FFFFFFFF"):
        assert await refused(office.web.files_completeUploadExternal(files=[{"id": number}])) == "file_not_found"
    assert await refused(office.web.files_completeUploadExternal(files=[])) == "invalid_arguments"


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"channel_id": "U0123ABCD"}, "invalid_arguments"),
        ({"channel_id": "C0FFFFFFFF"}, "invalid_channel"),
        ({"channel_id": "{room}", "thread_ts": "yesterday"}, "invalid_arguments"),
        ({"channel_id": "{room}", "blocks": json.dumps([{"type": "nonsense"}])}, "[ERROR] unsupported type"),
        ({"channel_id": "{other}"}, "posting_to_channel_denied"),
    ],
)
async def test_where_a_file_cannot_be_shared(office: Office, where: dict[str, str], code: str) -> None:
    other = office.slack.channel("other", office.ana)
    number, _ = await office.brought()
    args: dict[str, Any] = {
        name: text.replace("{room}", office.room.id).replace("{other}", other.id) for name, text in where.items()
    }
    assert (await refused(office.web.files_completeUploadExternal(files=[{"id": number}], **args))).startswith(code)
    await office.web.files_completeUploadExternal(files=[{"id": number}], channel_id=office.room.id)  # it may still be


async def test_what_stands_with_a_file_keeps_its_block_ids(office: Office) -> None:
    text = {"type": "rich_text_section", "elements": [{"type": "text", "text": "The chart"}]}
    blocks = [{"type": "rich_text", "block_id": "key.1", "elements": [text]}]
    await office.completed(channel_id=office.room.id, blocks=json.dumps(blocks))
    (found,) = (await office.web.conversations_history(channel=office.room.id))["messages"]
    assert (found["blocks"][0]["block_id"], found["files"][0]["name"]) == ("key.1", "chart.png")


async def test_a_picture_of_our_own_is_shown_and_then_whoever_reads_it_may_open_it(office: Office) -> None:
    number = await office.completed()
    assert not office.slack.world.files[number].shares
    ts = await office.shows(number)
    assert office.ana.opens(office.room, ts) == {"chart.png": PNG}


async def test_what_is_no_picture_of_ours_is_not_shown(office: Office) -> None:
    other = office.slack.channel("other", office.ana)
    office.ana.attaches(other, "secret.png", PNG)
    hidden = list(office.slack.world.files)[-1]
    unfinished, _ = await office.brought()
    for number in ("F0FFFFFFFF", hidden, unfinished, await office.completed("table.csv", b"a,b")):
        assert await refused(office.shows(number)) == "[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]"
    assert "expected format" in await refused(office.shows("F1"))


async def test_a_picture_that_is_still_looked_through_is_not_shown(office: Office) -> None:
    office.slack.world.looking = 30.0
    number = await office.completed()
    assert (await office.web.files_info(file=number))["file"]["mimetype"] == ""
    assert "invalid slack file" in await refused(office.shows(number))
    office.slack.clock.advance(31)
    assert (await office.web.files_info(file=number))["file"]["mimetype"] == "image/png"
    await office.shows(number)


async def test_a_picture_says_what_it_shows(office: Office) -> None:
    number = await office.completed()
    block = {"type": "image", "slack_file": {"id": number}}
    asking = office.web.chat_postMessage(channel=office.room.id, text="a chart", blocks=[block])
    assert await refused(asking) == "[ERROR] missing required field: alt_text [json-pointer:/blocks/0]"


async def test_a_picture_for_one_reader_is_noted_as_one_that_nobody_sees(office: Office) -> None:
    number = await office.completed()
    block = {"type": "image", "slack_file": {"id": number}, "alt_text": "a chart"}
    await office.web.chat_postEphemeral(channel=office.room.id, user=office.ana.id, text="a chart", blocks=[block])
    assert office.slack.world.breaches == [f"Echo showed {office.ana.id} a file that stands in no message"]


async def test_a_share_comes_after_the_answer(office: Office) -> None:
    office.slack.world.looking = 0.2
    await office.completed(channel_id=office.room.id)
    assert not office.ana.sees(office.room)
    office.ana.hears(office.room, lambda one: one.files == ("chart.png",))
