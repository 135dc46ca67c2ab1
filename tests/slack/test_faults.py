"""What befalls a call: cut before and after it was done, errors in Slack's place, waits; and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import limits
from tests.slack.apps import Install
from tests.slack.bots import client
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.world import Channel


class Office(NamedTuple):
    slack: Slack
    install: Install
    ana: Person
    room: Channel
    web: AsyncWebClient

    async def post(self, text: str) -> Any:
        return await self.web.chat_postMessage(channel=self.room.id, text=text)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    with running(limits=limits.NONE) as slack:
        team = slack.team("ftc")
        install, ana = slack.app("Echo", team), slack.person(team, "ana")
        yield Office(slack, install, ana, slack.channel("desk", ana, install), client(slack, install))


async def test_cut_after_it_was_done(office: Office) -> None:
    fault = office.slack.faults.cut_after("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await office.post("once")
    fault.happened()
    history = await office.web.conversations_history(channel=office.room.id)
    assert [one["text"] for one in history["messages"]] == ["once"]
    assert [(one.result["ok"], one.told) for one in office.slack.journal.of("chat.postMessage")] == [(True, False)]
    await office.post("again")
    assert len(office.ana.sees(office.room)) == 2


async def test_a_client_that_repeats_by_itself_posts_twice(office: Office) -> None:
    office.slack.faults.cut_after("chat.postMessage")
    eager = AsyncWebClient(token=office.install.token, base_url=office.slack.url)
    await eager.chat_postMessage(channel=office.room.id, text="twice")
    assert [one.text for one in office.ana.sees(office.room)] == ["twice", "twice"]


async def test_cut_before_it_was_done(office: Office) -> None:
    office.slack.faults.cut_before("chat.postMessage", 2)
    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await office.post("never")
    assert not office.ana.sees(office.room)
    await office.post("now")
    assert [one.text for one in office.ana.sees(office.room)] == ["now"]
    assert [one.result["ok"] for one in office.slack.journal.of("chat.postMessage")] == [False, False, True]


async def test_errors_in_slacks_place(office: Office) -> None:
    office.slack.faults.fail("chat.postMessage")
    with pytest.raises(SlackApiError) as refused:
        await office.post("never")
    assert refused.value.response.status_code == 500
    office.slack.faults.ratelimit("chat.postMessage", retry_after=7)
    with pytest.raises(SlackApiError) as refused:
        await office.post("never")
    assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (429, "7")
    office.slack.faults.unavailable("*")
    with pytest.raises(SlackApiError) as refused:
        await office.web.auth_test()
    assert refused.value.response.status_code == 503
    assert not office.ana.sees(office.room)
    assert (await office.post("now"))["ok"]


async def test_a_wait(office: Office) -> None:
    fault = office.slack.faults.delay("chat.postMessage", 30)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(office.post("later"), 0.1)
    await asyncio.to_thread(fault.happened)
    office.slack.faults.clear()
    await office.post("now")
    assert [one.text for one in office.ana.sees(office.room)] == ["now"]


async def test_refusing_connections_for_a_while(office: Office) -> None:
    office.slack.faults.refusing = True
    with pytest.raises(aiohttp.ClientError):
        await office.web.auth_test()
    office.slack.faults.refusing = False
    assert (await office.web.auth_test())["ok"]
    await asyncio.to_thread(office.slack.stop)
    with pytest.raises(aiohttp.ClientConnectorError):
        await office.web.auth_test()
    await asyncio.to_thread(office.slack.start)
    assert (await office.web.auth_test())["ok"]
