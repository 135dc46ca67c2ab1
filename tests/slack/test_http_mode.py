"""HTTP mode: what this server signs bolt takes, and what was tampered with or is too old bolt refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from slack_bolt.async_app import AsyncApp

from tests.slack.apps import Install, Json
from tests.slack.bots import bot
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.surfaces import Answer
from tests.slack.world import Channel


class Office(NamedTuple):
    slack: Slack
    install: Install
    ana: Person
    room: Channel


def _build(app: AsyncApp) -> None:
    @app.command("/echo")
    async def echo(ack: Any, body: Json) -> None:
        await ack(body["text"])

    @app.command("/form")
    async def form(ack: Any, body: Json, client: Any) -> None:
        element = {"type": "plain_text_input", "action_id": "a"}
        label = {"type": "plain_text", "text": "A"}
        block = {"type": "input", "block_id": "a", "label": label, "element": element}
        view = {"type": "modal", "callback_id": "form", "title": label, "submit": label, "blocks": [block]}
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @app.view("form")
    async def view(ack: Any) -> None:
        await ack(response_action="errors", errors={"a": "no"})

    @app.event("message")
    async def message(event: Json, say: Any) -> None:
        if "bot_id" not in event:
            await say("heard")


@pytest.fixture
def office() -> Iterator[Office]:
    with running(retries=()) as slack:
        team = slack.team("ftc")
        install = slack.app("Echo", team)
        ana = slack.person(team, "ana")
        room = slack.channel("desk", ana, install)
        with bot(slack, install, _build, http=True):
            yield Office(slack, install, ana, room)


def test_all_kinds_come_through(office: Office) -> None:
    assert office.ana.slash(office.room, "/echo ä & ö").text == "ä &amp; ö"
    office.ana.slash(office.room, "/form")
    assert office.ana.modal().submit({"a": "b"}).errors == {"a": "no"}
    office.ana.says(office.room, "hello")
    office.ana.finds(office.room, "heard")


def test_the_request_url_is_verified(office: Office) -> None:
    assert office.slack.verifies(office.install)


def test_what_was_tampered_with_is_refused(office: Office) -> None:
    office.slack.http.tamper = True
    assert office.ana.slash(office.room, "/echo hi") == Answer(error="dispatch_failed")
    office.ana.says(office.room, "hello")
    office.slack.until(lambda: office.slack.journal.events("message", "failed"))


def test_another_secret_is_refused(office: Office) -> None:
    office.install.app.signing_secret = "another"  # noqa: S105
    assert office.ana.slash(office.room, "/echo hi").error == "dispatch_failed"
    assert not office.slack.verifies(office.install)


def test_what_is_older_than_five_minutes_is_refused(office: Office) -> None:
    office.slack.http.skew = -301
    assert office.ana.slash(office.room, "/echo hi").error == "dispatch_failed"
    office.slack.http.skew = -290
    assert office.ana.slash(office.room, "/echo hi").text == "hi"


def test_nobody_there(office: Office) -> None:
    office.install.app.request_url = "http://127.0.0.1:1/slack/events"
    assert office.ana.slash(office.room, "/echo hi").error == "dispatch_failed"
