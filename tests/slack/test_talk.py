"""Real slack-bolt over Socket Mode: commands, messages, clicks, and what nobody else sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from tests.slack.apps import Install
from tests.slack.bots import bot
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.surfaces import Answer, NotOfferedError
from tests.slack.world import Channel


class Office(NamedTuple):
    """A workspace with two people and an app in one channel."""

    slack: Slack
    install: Install
    ana: Person
    bo: Person
    room: Channel


@pytest.fixture
def office() -> Iterator[Office]:
    with running() as slack:
        team = slack.team("ftc")
        install = slack.app("Echo", team)
        ana, bo = slack.person(team, "ana"), slack.person(team, "bo")
        yield Office(slack, install, ana, bo, slack.channel("desk", ana, bo, install))


def _button(label: str, value: str) -> dict[str, Any]:
    return {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": label}, "value": value}


def _echo(app: AsyncApp) -> None:
    @app.command("/echo")
    async def command(ack: Any, body: Any, say: Any) -> None:
        await say(f"{body['user_name']} wrote {body['text']}")
        await ack(f"done: {body['text']}")

    @app.event("message")
    async def message(event: Any, client: Any) -> None:
        if event.get("text") == "buttons":
            blocks = [{"type": "actions", "elements": [_button("Go", "1")]}]
            await client.chat_postMessage(channel=event["channel"], text="choose", blocks=blocks)
            await client.chat_postEphemeral(
                channel=event["channel"], user=event["user"], text="only you", blocks=blocks
            )

    @app.action("go")
    async def go(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        where = "ephemeral" if body["container"]["is_ephemeral"] else body["message"]["text"]
        await respond(f"{body['user']['id']} pressed in {where}", response_type="ephemeral", replace_original=False)

    @app.event("app_mention")
    async def mention(event: Any, say: Any) -> None:
        await say("yes?", thread_ts=event["ts"])


def test_a_command_goes_and_its_answer_comes(office: Office) -> None:
    with bot(office.slack, office.install, _echo):
        answer = office.ana.slash(office.room, "/echo", "ask @bo & <co> in #desk")
    expected = f"ask <@{office.bo.id}|bo> &amp; &lt;co&gt; in <#{office.room.id}|desk>"
    assert answer.text == f"done: {expected}"
    read = "ask @bo & <co> in #desk"
    assert [one.text for one in office.ana.sees(office.room)] == [f"ana wrote {read}", f"done: {read}"]
    (shown,) = office.bo.sees(office.room)
    assert shown.text == f"ana wrote {read}"
    assert len(shown.alive) == 2
    assert not office.slack.world.breaches


def test_a_click_works_on_what_is_shown(office: Office) -> None:
    ana, bo, room = office.ana, office.bo, office.room
    with bot(office.slack, office.install, _echo):
        ana.says(room, "buttons")
        private = ana.finds(room, "only you")
        public = bo.finds(room, "choose")
        assert (private.private, public.private, public.labels) == (True, False, ["Go"])
        assert bo.press(room, public, "Go") == Answer()
        assert ana.press(room, private, "go") == Answer()
        assert bo.finds(room, f"{bo.id} pressed in choose").private
        ana.finds(room, f"{ana.id} pressed in ephemeral")
        with pytest.raises(NotOfferedError):
            bo.press(room, private, "Go")
        with pytest.raises(NotOfferedError):
            bo.press(room, public, "Stop")
        ana.reloads()
        assert not [one for one in ana.sees(room) if one.private]


def test_a_mention_comes_twice_under_two_ids(office: Office) -> None:
    with bot(office.slack, office.install, _echo):
        ts = office.ana.says(office.room, "hello @echo")
        reply = office.ana.finds(office.room, "yes?", thread=ts)
    mention, message = (office.slack.journal.events(kind)[0] for kind in ("app_mention", "message"))
    assert mention.event["ts"] == message.event["ts"] == ts
    assert mention.payload["event_id"] != message.payload["event_id"]
    assert reply.raw["thread_ts"] == ts
    assert office.ana.sees(office.room)[0].replies == 1
    assert "yes?" not in [one.text for one in office.ana.sees(office.room)]


def test_a_command_works_where_the_app_is_not(office: Office) -> None:
    room = office.slack.channel("elsewhere", office.ana, office.bo)

    def build(app: AsyncApp) -> None:
        @app.command("/where")
        async def where(ack: Any, respond: Any, client: Any, body: Any) -> None:
            await ack("only you")
            try:
                await client.chat_postMessage(channel=body["channel_id"], text="all")
            except SlackApiError as error:
                await respond(error.response["error"], response_type="in_channel")

    with bot(office.slack, office.install, build):
        assert office.ana.slash(room, "/where").text == "only you"
        assert office.bo.finds(room, "not_in_channel").author == "echo"
    assert [one.text for one in office.ana.sees(room) if one.private] == ["only you"]
    assert not office.slack.journal.events("message")


def test_nobody_answers_where_nobody_listens(office: Office) -> None:
    assert office.ana.slash(office.room, "/echo hi") == Answer(error="dispatch_failed")
    office.ana.says(office.room, "hello")
    office.slack.until(lambda: office.slack.journal.events("message", "lost"))


def test_what_the_client_does_not_do(office: Office) -> None:
    ts = office.ana.says(office.room, "hello")
    with pytest.raises(NotOfferedError):
        office.ana.says(office.room, "/echo hi")
    with pytest.raises(NotOfferedError):
        office.ana.slash(office.room, "/echo", thread=ts)
    with pytest.raises(NotOfferedError):
        office.bo.edits(office.room, ts, "mine now")
