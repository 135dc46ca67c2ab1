"""The app's manifest: what it declares is what there is, and Slack would take it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.slack.manifest import EVENTS, SCOPES, manifest
from commands.declare import TABLE, Table
from tests.commands.sample import SAMPLE

ROOT = Path(__file__).parents[3]

NEEDS = {
    "app_home_opened": set[str](),
    "app_mention": {"app_mentions:read"},
    "app_uninstalled": set(),
    "channel_archive": {"channels:read"},
    "channel_left": {"channels:read"},
    "channel_unarchive": {"channels:read"},
    "group_archive": {"groups:read"},
    "group_left": {"groups:read"},
    "group_unarchive": {"groups:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "reaction_added": {"reactions:read"},
    "tokens_revoked": set(),
}
"""The scopes of each event: https://docs.slack.dev/reference/events."""


def test_it_declares_what_there_is() -> None:
    found = manifest()
    assert found["display_information"]["name"] == "Comity"
    commands = found["features"]["slash_commands"]
    assert [command["command"] for command in commands] == [
        "/case", "/request", "/exhibit", "/agency", "/officer", "/digest", "/comity",
    ]  # fmt: skip
    assert commands[-1] == {
        "command": "/comity",
        "description": "Help, and who you are to me",
        "usage_hint": "help | whoami",
        "should_escape": True,
    }
    assert {command["command"][1:] for command in commands} == {declaration.noun for declaration in TABLE.values()}
    shortcuts = {(each["type"], each["callback_id"], each["name"]) for each in found["features"]["shortcuts"]}
    assert shortcuts == {
        ("global", "open_case", "Open a case"),
        ("global", "ask_partner", "Ask a partner"),
        ("message", "add_to_case", "Add to a case"),
    }
    assert found["oauth_config"] == {"scopes": {"bot": list(SCOPES)}}
    assert found["settings"] == {
        "event_subscriptions": {"bot_events": list(EVENTS)},
        "interactivity": {"is_enabled": True},
        "org_deploy_enabled": False,
        "socket_mode_enabled": True,
        "token_rotation_enabled": False,
    }


def test_only_declared_nouns_are_commands() -> None:
    nouns = {command["command"] for command in manifest(table=SAMPLE)["features"]["slash_commands"]}
    assert nouns == {f"/{declaration.noun}" for declaration in SAMPLE.values()}


def test_in_http_mode_everything_comes_to_one_address() -> None:
    found = manifest("https://comity.example", "FTC")
    address = "https://comity.example/slack/FTC/events"
    assert {command["url"] for command in found["features"]["slash_commands"]} == {address}
    settings = found["settings"]
    assert settings["event_subscriptions"]["request_url"] == address
    assert settings["interactivity"] == {
        "is_enabled": True,
        "request_url": address,
        "message_menu_options_url": address,
    }
    assert settings["socket_mode_enabled"] is False


def test_each_event_has_its_scopes_and_each_has_a_reason() -> None:
    assert EVENTS.keys() == NEEDS.keys()
    assert set().union(*NEEDS.values()) <= SCOPES.keys()
    assert all(SCOPES.values())
    assert all(EVENTS.values())


MOST = {
    ("display_information", "name"): 35,
    ("display_information", "description"): 140,
    ("bot_user", "display_name"): 80,
    ("shortcuts", "name"): 24,
    ("shortcuts", "type"): 7,
    ("shortcuts", "description"): 150,
    ("shortcuts", "callback_id"): 255,
    ("slash_commands", "command"): 32,
    ("slash_commands", "description"): 140,
    ("slash_commands", "usage_hint"): 1_000,
    ("slash_commands", "url"): 3_000,
    ("event_subscriptions", "request_url"): 3_500,
    ("interactivity", "request_url"): 3_500,
    ("interactivity", "message_menu_options_url"): 3_500,
    ("bot", ""): 50,
    ("bot_events", ""): 50,
}


def texts(node: Any, group: str = "", name: str = "") -> Iterator[tuple[str, str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from texts(value, group if isinstance(value, str) else key, key)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value, group, "")
    elif isinstance(node, str):
        yield group, name, node


@pytest.mark.parametrize("table", [TABLE, SAMPLE], ids=["real", "sample"])
def test_every_limit_is_kept(table: Table) -> None:
    found = manifest("https://comity.example", "FTC", table=table)
    for group, name, text in texts(found):
        assert 0 < len(text) <= MOST[group, name], (group, name)
    assert {(group, name) for group, name, _ in texts(found)} == MOST.keys()
    assert len(found["features"]["slash_commands"]) <= 50
    assert len(found["features"]["shortcuts"]) <= 10


def program(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", "slack", "manifest", *arguments]
    environ = {"PYTHONPATH": str(ROOT), "COMITY_NONSENSE": "1"}  # any other program would refuse to start
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def test_the_program_needs_no_settings_and_leaves_nothing(tmp_path: Path) -> None:
    printed = program(tmp_path)
    assert (printed.returncode, json.loads(printed.stdout)) == (0, manifest())
    printed = program(tmp_path, "--http", "https://comity.example/", "--name", "FTC")
    assert (printed.returncode, json.loads(printed.stdout)) == (0, manifest("https://comity.example", "FTC"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--http", "https://comity.example"], "--http and --name go together"),
        (["--http", "comity", "--name", "FTC"], "--http is no web address"),
    ],
)
def test_half_an_address_is_said(arguments: list[str], said: str, tmp_path: Path) -> None:
    printed = program(tmp_path, *arguments)
    assert (printed.returncode, printed.stdout) == (2, "")
    assert printed.stderr.startswith(said)
