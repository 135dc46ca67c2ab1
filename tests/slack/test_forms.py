"""Modals, external selects, shortcuts and homes, between a person and a real slack-bolt app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from tests.slack.apps import Install
from tests.slack.bots import bot
from tests.slack.forms import CannotFillError
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.surfaces import NotOfferedError, Submission
from tests.slack.world import Channel


class Office(NamedTuple):
    slack: Slack
    install: Install
    ana: Person
    room: Channel


@pytest.fixture
def office() -> Iterator[Office]:
    with running() as slack:
        team = slack.team("ftc")
        install = slack.app("Forms", team)
        ana = slack.person(team, "ana")
        yield Office(slack, install, ana, slack.channel("desk", ana, install))


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def _input(block_id: str, element: dict[str, Any], *, optional: bool = False) -> dict[str, Any]:
    element = {"action_id": "value", **element}
    return {"type": "input", "block_id": block_id, "label": _plain(block_id), "element": element, "optional": optional}


def _option(label: str) -> dict[str, Any]:
    return {"text": _plain(label), "value": label.lower()}


def _modal(*blocks: dict[str, Any], title: str = "Open", **more: Any) -> dict[str, Any]:
    view = {"type": "modal", "callback_id": "open", "title": _plain(title), "submit": _plain("Send")}
    return view | {"blocks": list(blocks), "private_metadata": "C-1"} | more


FORM = _modal(
    _input("title", {"type": "plain_text_input"}),
    _input("agency", {"type": "external_select", "min_query_length": 1}),
    _input("due", {"type": "datepicker", "initial_date": "2026-12-10"}, optional=True),
    _input("kind", {"type": "static_select", "options": [_option("Phishing"), _option("Call")]}, optional=True),
    notify_on_close=True,
)


class Desk:
    """A bolt app with one form, and what it has heard."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.closed: list[dict[str, Any]] = []
        self.errors: list[str] = []

    def build(self, app: AsyncApp) -> None:
        app.command("/open")(self.command)
        app.shortcut("open")(self.command)
        app.shortcut("add")(self.add)
        app.view("open")(self.view)
        app.view_closed("open")(self.view_closed)
        app.options("value")(self.options)
        app.event("app_home_opened")(self.home)
        app.action("again")(self.again)

    async def command(self, ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    async def add(self, ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        view = _modal(_input("note", {"type": "plain_text_input", "initial_value": body["message"]["text"]}))
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    async def view(self, ack: Any, body: dict[str, Any]) -> None:
        self.sent.append(body)
        title = body["view"]["state"]["values"].get("title", {}).get("value", {}).get("value")
        answers: dict[str, dict[str, Any]] = {
            "bad": {"response_action": "errors", "errors": {"title": "Not that one"}},
            "misplaced": {"response_action": "errors", "errors": {"elsewhere": "Not that one"}},
            "more": {"response_action": "push", "view": _modal({"type": "divider"}, title="More")},
            "sure": {"response_action": "update", "view": FORM | {"title": _plain("Sure?")}},
            "stop": {"response_action": "clear"},
        }
        await (ack(answers[title]) if title in answers else ack())

    async def view_closed(self, ack: Any, body: dict[str, Any]) -> None:
        self.closed.append(body)
        await ack()

    async def options(self, ack: Any, payload: dict[str, Any]) -> None:
        known = [_option(name) for name in ("ACMA", "AEPD", "ICO")]
        if payload["value"] == "all":
            await ack(options=[_option(str(number)) for number in range(101)])
            return
        await ack(options=[one for one in known if one["text"]["text"].startswith(payload["value"].upper())])

    async def home(self, event: dict[str, Any], client: Any) -> None:
        button = {"type": "button", "action_id": "again", "text": _plain("Again")}
        blocks = [{"type": "section", "text": _plain("Owed: 1")}, {"type": "actions", "elements": [button]}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    async def again(self, ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        view = {"type": "home", "blocks": [{"type": "section", "text": _plain("Owed: 2")}]}
        try:
            await client.views_publish(user_id=body["user"]["id"], view=view, hash="stale")
        except SlackApiError as error:
            self.errors.append(error.response["error"])
        await client.views_publish(user_id=body["user"]["id"], view=view, hash=body["view"]["hash"])


def test_a_form_is_filled_and_sent(office: Office) -> None:
    desk = Desk()
    with bot(office.slack, office.install, desk.build):
        office.ana.slash(office.room, "/open")
        form = office.ana.modal("Open")
        assert form.values == {"title": None, "agency": None, "due": "2026-12-10", "kind": None}
        lacking = form.submit()
        assert (set(lacking.errors), lacking.sent) == ({"title", "agency"}, False)
        assert form.options("agency", "a") == ["ACMA", "AEPD"]
        assert form.options("agency", "") == []
        form.fill({"agency": "AEPD", "kind": "Call"})
        assert form.submit({"title": "bad"}) == Submission({"title": "Not that one"})
        assert form.submit({"title": "Pump and dump", "due": "2026-12-24"}) == Submission(closed=True)
        assert not office.ana.in_modal
    view = desk.sent[-1]["view"]
    assert view["private_metadata"] == "C-1"
    assert view["app_installed_team_id"] == office.install.team
    values = {block: state["value"] for block, state in view["state"]["values"].items()}
    assert values == {
        "title": {"type": "plain_text_input", "value": "Pump and dump"},
        "agency": {"type": "external_select", "selected_option": _option("AEPD")},
        "due": {"type": "datepicker", "selected_date": "2026-12-24"},
        "kind": {"type": "static_select", "selected_option": _option("Call")},
    }
    assert not office.slack.world.breaches


def test_what_an_app_may_answer_to_a_form(office: Office) -> None:
    desk = Desk()
    with bot(office.slack, office.install, desk.build):
        office.ana.slash(office.room, "/open")
        form = office.ana.modal()
        form.fill({"agency": "ICO"})
        assert form.submit({"title": "misplaced"}) == Submission(error="invalid_response_action")
        assert len(office.slack.world.breaches) == 1
        assert form.submit({"title": "sure"}) == Submission()
        assert (form.title, form.values["title"], form.values["agency"]) == ("Sure?", "sure", "ico")
        assert form.submit({"title": "more"}) == Submission()
        assert form.title == "More"
        form.close()
        assert form.title == "Sure?"
        assert form.submit({"title": "stop"}) == Submission(closed=True)
        assert not office.ana.in_modal
        assert not desk.closed


def test_closing_is_told_to_who_asked_for_it(office: Office) -> None:
    desk = Desk()
    with bot(office.slack, office.install, desk.build):
        office.ana.slash(office.room, "/open")
        form = office.ana.modal()
        form.close()
        assert [one["is_cleared"] for one in desk.closed] == [False]
        with pytest.raises(NotOfferedError):
            form.submit()


def test_what_does_not_fit_an_input(office: Office) -> None:
    with bot(office.slack, office.install, Desk().build):
        office.ana.slash(office.room, "/open")
        form = office.ana.modal()
        for values in ({"kind": "Letters"}, {"agency": "FTC"}, {"title": "two\nlines"}):
            with pytest.raises(CannotFillError):
                form.fill(values)
        with pytest.raises(NotOfferedError):
            form.fill({"colour": "red"})
        with pytest.raises(NotOfferedError):
            form.options("agency", "all")
        assert "offered no options" in office.slack.world.breaches[0]


def test_shortcuts(office: Office) -> None:
    with bot(office.slack, office.install, Desk().build):
        office.ana.shortcut(office.install, "open")
        assert office.ana.modal().title == "Open"
        ts = office.ana.says(office.room, "Keep this")
        office.ana.message_shortcut(office.install, office.room, ts, "add")
        assert office.ana.modal().values == {"note": "Keep this"}


def test_a_home(office: Office) -> None:
    desk = Desk()
    with bot(office.slack, office.install, desk.build):
        office.ana.opens_home(office.install)
        home = office.ana.home(office.install, "Owed: 1")
        assert home.labels == ["Again"]
        home.press("Again")
        assert office.ana.home(office.install, "Owed: 2").labels == []
        assert desk.errors == ["hash_conflict"]


def test_a_manifest_says_what_there_is() -> None:
    manifest: dict[str, Any] = {
        "features": {
            "slash_commands": [{"command": "/open", "should_escape": False}],
            "shortcuts": [{"callback_id": "open", "type": "global"}],
            "app_home": {"home_tab_enabled": False, "messages_tab_enabled": False},
        },
        "oauth_config": {"scopes": {"bot": ["commands", "channels:history", "app_mentions:read"]}},
        "settings": {
            "event_subscriptions": {"bot_events": ["app_mention", "message.groups"]},
            "interactivity": {"is_enabled": True},
        },
    }
    with running() as slack:
        team = slack.team("ftc")
        install = slack.app("Forms", team, manifest=manifest)
        ana = slack.person(team, "ana")
        room = slack.channel("desk", ana, install)
        assert install.scopes == {"commands", "channels:history", "app_mentions:read"}
        assert ana.slash(room, "/close").error == "unknown_command"
        assert ana.slash(room, "/open @ana").error == "dispatch_failed"
        assert slack.journal.sent[-1].payload["text"] == "@ana"
        ana.says(room, "hello @forms")
        slack.until(lambda: slack.journal.events("app_mention"))
        assert not slack.journal.events("message")
        assert ana.shortcut(install, "open").error == "dispatch_failed"
        for refused in (
            lambda: ana.message_shortcut(install, room, ana.sees(room)[0].ts, "open"),
            lambda: ana.shortcut(install, "other"),
            lambda: ana.opens_home(install),
            lambda: ana.direct(install),
        ):
            with pytest.raises(NotOfferedError):
                refused()
        manifest["settings"]["interactivity"]["is_enabled"] = False
        with pytest.raises(NotOfferedError):
            ana.shortcut(install, "open")
