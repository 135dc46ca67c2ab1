"""Slack Connect: who is who in a channel of two workspaces, as bolt and the Web API come to know it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from slack_bolt.async_app import AsyncApp

from tests.slack import membership
from tests.slack.apps import Install, Json
from tests.slack.bots import bot
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.world import Channel


class Bridge(NamedTuple):
    """ana's workspace has the app; dev is of another."""

    slack: Slack
    install: Install
    ana: Person
    dev: Person
    room: Channel


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    with running() as slack:
        ftc, ico = slack.team("ftc"), slack.team("ico")
        install = slack.app("Desk", ftc)
        ana, dev = slack.person(ftc, "ana"), slack.person(ico, "dev")
        yield Bridge(slack, install, ana, dev, slack.channel("shared", ana, dev, install))


class Desk:
    def __init__(self) -> None:
        self.known: list[tuple[str | None, str | None, str | None]] = []
        self.bodies: list[Json] = []

    def build(self, app: AsyncApp) -> None:
        @app.event("message")
        async def message(body: Json, context: Any, say: Any) -> None:
            self._note(body, context)
            if body["event"]["text"] == "form?":
                button = {"type": "button", "action_id": "form", "text": {"type": "plain_text", "text": "Form"}}
                await say(text="here", blocks=[{"type": "actions", "elements": [button]}])

        @app.event("app_mention")
        async def mention() -> None:
            pass

        @app.action("form")
        async def form(ack: Any, body: Json, client: Any) -> None:
            await ack()
            self.bodies.append(body)
            label = {"type": "plain_text", "text": "A"}
            element = {"type": "plain_text_input", "action_id": "a"}
            block = {"type": "input", "block_id": "a", "label": label, "element": element}
            view = {"type": "modal", "callback_id": "form", "title": label, "submit": label, "blocks": [block]}
            await client.views_open(trigger_id=body["trigger_id"], view=view)

        @app.view("form")
        async def view(ack: Any, body: Json, context: Any) -> None:
            self._note(body, context)
            await ack()

    def _note(self, body: Json, context: Any) -> None:
        self.bodies.append(body)
        self.known.append((context.team_id, context.actor_team_id, context.actor_user_id))


def test_whose_message_it_is(bridge: Bridge) -> None:
    desk, slack = Desk(), bridge.slack
    with bot(slack, bridge.install, desk.build):
        bridge.dev.says(bridge.room, "hello @desk")
        slack.settle()
    home, abroad = bridge.ana.user.team, bridge.dev.user.team
    assert desk.known == [(home, abroad, bridge.dev.id)]
    (message,), (mention,) = slack.journal.events("message"), slack.journal.events("app_mention")
    assert (message.payload["team_id"], message.event["team"]) == (abroad, abroad)
    assert (mention.payload["team_id"], mention.event["team"], mention.event["user_team"]) == (home, home, abroad)
    assert message.payload["authorizations"][0]["team_id"] == home
    assert message.payload["is_ext_shared_channel"] is True


def test_an_outsiders_command_never_arrives(bridge: Bridge) -> None:
    with bot(bridge.slack, bridge.install, Desk().build):
        assert bridge.dev.slash(bridge.room, "/case open X").error == "unknown_command"
    assert not bridge.slack.journal.sent


def test_an_outsider_presses_and_sends_a_form(bridge: Bridge) -> None:
    desk, dev = Desk(), bridge.dev
    with bot(bridge.slack, bridge.install, desk.build):
        bridge.ana.says(bridge.room, "form?")
        shown = dev.waits(bridge.room, lambda there: any(one.labels for one in there))[-1]
        dev.press(bridge.room, shown, "Form")
        assert dev.modal().submit({"a": "b"}).closed
    press, sent = desk.bodies[-2:]
    assert press["user"]["team_id"] == sent["user"]["team_id"] == dev.user.team
    assert sent["view"]["app_installed_team_id"] == bridge.install.team
    assert desk.known[-1][0] == bridge.install.team


def test_reactions_tell_no_team(bridge: Bridge) -> None:
    ts = bridge.ana.says(bridge.room, "hello")
    bridge.dev.reacts(bridge.room, ts, ":check:")
    bridge.slack.settle()
    (told,) = bridge.slack.journal.events("reaction_added")
    assert told.payload["team_id"] == bridge.install.team
    assert bridge.dev.user.team not in str(told.payload)


def test_two_workspaces_with_an_app_each(bridge: Bridge) -> None:
    theirs = bridge.slack.app("Other", bridge.slack.world.teams[bridge.dev.user.team])
    bridge.dev.invites(bridge.room, theirs)
    bridge.slack.settle()
    bridge.slack.journal.sent.clear()
    bridge.ana.says(bridge.room, "hello")
    bridge.slack.settle()
    told = {one.app: one.payload["authorizations"][0]["team_id"] for one in bridge.slack.journal.events("message")}
    assert told == {bridge.install.app.id: bridge.install.team, theirs.app.id: theirs.team}


def test_a_file_from_abroad_is_a_pointer(bridge: Bridge) -> None:
    bridge.dev.attaches(bridge.room, "mail.eml", b"Subject: hi", "The original")
    bridge.slack.settle()
    message, shared = (bridge.slack.journal.events(kind)[0] for kind in ("message", "file_shared"))
    assert message.event["files"][0]["file_access"] == "check_file_info"
    assert "url_private_download" not in message.event["files"][0]
    assert bridge.dev.user.team not in str(shared.payload)


def test_a_channel_becomes_shared(bridge: Bridge) -> None:
    room = bridge.slack.channel("alone", bridge.ana, bridge.install)
    assert not bridge.dev.sees(room)
    membership.share(bridge.slack.world, room, bridge.dev.user.team)
    bridge.ana.invites(room, bridge.dev)
    assert [one.raw["subtype"] for one in bridge.dev.sees(room)] == ["channel_join"]
