"""Trigger ids, response URLs and acknowledgements have their time, and it runs out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.slack.apps import Install
from tests.slack.bots import bot, client
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.surfaces import Answer
from tests.slack.world import Channel

VIEW = {"type": "modal", "title": {"type": "plain_text", "text": "A"}, "blocks": [{"type": "divider"}]}


class Office(NamedTuple):
    slack: Slack
    install: Install
    ana: Person
    bo: Person
    room: Channel

    def press(self, person: Person) -> dict[str, Any]:
        """Let somebody press the button, and return what the app was sent."""
        shown = person.finds(self.room, "choose")
        assert person.press(self.room, shown, "Go") == Answer()
        return self.slack.journal.sent[-1].payload

    def post_buttons(self, app: AsyncApp) -> None:
        @app.event("message")
        async def message(event: dict[str, Any], client: Any) -> None:
            if event["text"] == "buttons":
                button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
                blocks = [
                    {"type": "section", "text": {"type": "plain_text", "text": "choose"}},
                    {"type": "actions", "elements": [button]},
                ]
                await client.chat_postMessage(channel=event["channel"], text="choose", blocks=blocks)

        @app.action("go")
        async def go(ack: Any) -> None:
            await ack()


@pytest.fixture
def office() -> Iterator[Office]:
    with running() as slack:
        team = slack.team("ftc")
        install = slack.app("Late", team)
        ana, bo = slack.person(team, "ana"), slack.person(team, "bo")
        there = Office(slack, install, ana, bo, slack.channel("desk", ana, bo, install))
        with bot(slack, install, there.post_buttons):
            ana.says(there.room, "buttons")
            ana.finds(there.room, "choose")
            yield there


async def _opened(office: Office, trigger: str) -> str:
    try:
        await client(office.slack, office.install).views_open(trigger_id=trigger, view=VIEW)
    except SlackApiError as error:
        return str(error.response["error"])
    return "ok"


async def test_a_trigger_opens_once_and_soon(office: Office) -> None:
    trigger = office.press(office.ana)["trigger_id"]
    assert await _opened(office, trigger) == "ok"
    assert await _opened(office, trigger) == "exchanged_trigger_id"
    late = office.press(office.ana)["trigger_id"]
    office.slack.clock.advance(3.1)
    assert await _opened(office, late) == "expired_trigger_id"
    assert await _opened(office, "1.2.3") == "invalid_trigger_id"


async def test_a_response_url_is_good_five_times(office: Office) -> None:
    hook = AsyncWebhookClient(office.press(office.ana)["response_url"])
    for number in range(5):
        answer = await hook.send(text=str(number), response_type="ephemeral", replace_original=False)
        assert (answer.status_code, answer.body) == (200, "ok")
    refused = await hook.send(text="6", response_type="ephemeral")
    assert (refused.status_code, refused.body) == (404, '{"ok": false, "error": "used_url"}')
    assert [one.text for one in office.ana.sees(office.room) if one.private] == list("01234")
    assert not [one for one in office.bo.sees(office.room) if one.private]


async def test_a_response_url_is_good_for_half_an_hour(office: Office) -> None:
    hook = AsyncWebhookClient(office.press(office.ana)["response_url"])
    office.slack.clock.advance(29 * 60)
    assert (await hook.send(text="in time", response_type="in_channel")).status_code == 200
    assert office.bo.finds(office.room, "in time").author == "late"
    office.slack.clock.advance(2 * 60)
    assert (await hook.send(text="late")).body == '{"ok": false, "error": "expired_url"}'


async def test_the_original_is_replaced_and_deleted(office: Office) -> None:
    hook = AsyncWebhookClient(office.press(office.bo)["response_url"])
    await hook.send(text="chosen", replace_original=True)
    shown = office.ana.finds(office.room, "chosen")
    assert (shown.labels, shown.edited) == ([], True)
    await hook.send(delete_original=True)
    assert [one.text for one in office.ana.sees(office.room)] == ["buttons"]


def test_who_acknowledges_too_late_is_told_of() -> None:
    with running(ack_within=0.2) as slack:
        team = slack.team("ftc")
        install, ana = slack.app("Late", team), slack.person(team, "ana")
        room = slack.channel("desk", ana, install)

        def build(app: AsyncApp) -> None:
            @app.command("/slow")
            async def slow(ack: Any, client: Any) -> None:
                await client.chat_postMessage(channel=room.id, text="at work")
                await ack("too late")

        slack.faults.delay("chat.postMessage", 0.5)
        with bot(slack, install, build):
            assert ana.slash(room, "/slow") == Answer(error="operation_timeout")
            slack.until(lambda: len(slack.world.breaches) == 2)
        assert [one.text for one in ana.sees(room)] == ["at work"]
