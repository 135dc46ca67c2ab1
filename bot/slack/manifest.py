"""The Slack app's manifest, from the declarations and what the listeners hear; it compares no installation with it.

Its limits: https://docs.slack.dev/reference/app-manifest and https://github.com/slackapi/manifest-schema.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from commands import forms
from commands import table as _table  # noqa: F401  # the commands are declared by importing them
from commands.declare import TABLE, Table
from commands.help_page import ABOUT
from commands.naming import nouns, verbs

Json = dict[str, Any]

SCOPES = {
    "app_mentions:read": "to hear @Comity",
    "channels:history": "to hear replies in public channels, and to catch up after a gap",
    "channels:read": "to see who sits in a channel, and that it is archived or left",
    "chat:write": "to answer, to relay, to edit roots in place",
    "commands": "for the slash commands and the shortcuts",
    "files:read": "to keep what is attached as exhibits",
    "files:write": "to hand out charts, calendars and exports",
    "groups:history": "as channels:history, in private channels, where most desks are",
    "groups:read": "as channels:read, in private channels",
    "im:history": "to hear direct messages, where RED text may be typed",
    "im:read": "to know a direct message for what it is",
    "im:write": "to answer privately where the bot is not in the channel",
    "reactions:read": "to hear a reaction to a root",
    "team:read": "to name the workspace in what doctor says",
    "users:read": "to know an outsider's own workspace, in shared channels",
}
"""The bot token's scopes, each with what it is for."""

EVENTS = {
    "app_home_opened": "the home tab is written when it is looked at",
    "app_mention": "a command in a thread, where no slash command can be typed",
    "app_uninstalled": "undelivered letters stay, and doctor says why",
    "channel_archive": "a desk where nothing can be posted any more",
    "channel_left": "the bot was taken out of a desk",
    "channel_unarchive": "what waited is delivered",
    "group_archive": "as channel_archive, in private channels",
    "group_left": "as channel_left, in private channels",
    "group_unarchive": "as channel_unarchive, in private channels",
    "member_joined_channel": "who reads a desk has changed, or the bot was invited",
    "member_left_channel": "who reads a desk has changed",
    "message.channels": "replies, edits, deletions and files",
    "message.groups": "as message.channels, in private channels",
    "message.im": "commands and answers in a direct message",
    "reaction_added": "a reaction to a root",
    "tokens_revoked": "as app_uninstalled",
}
"""The bot's events, each with what it is heard for."""

OPEN_CASE, ASK_PARTNER, ADD_TO_CASE = "open_case", "ask_partner", "add_to_case"
"""The callback_ids of the shortcuts."""

_SHORTCUTS = (
    ("global", OPEN_CASE, forms.OPEN_A_CASE, forms.ABOUT_OPEN_A_CASE),
    ("global", ASK_PARTNER, forms.ASK_A_PARTNER, forms.ABOUT_ASK_A_PARTNER),
    ("message", ADD_TO_CASE, forms.ADD_TO_A_CASE, forms.ABOUT_ADD_TO_A_CASE),
)


def manifest(url: str = "", name: str = "", *, table: Table = TABLE) -> Json:
    """For Socket Mode; with a `url` for HTTP mode at `url`/slack/`name`/events, which then hears everything."""
    address = f"{url}/slack/{quote(name, safe='')}/events" if url else ""
    return {
        "display_information": {"name": forms.APP, "description": forms.ABOUT_APP},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": forms.APP, "always_online": True},
            "shortcuts": [
                {"name": label, "type": kind, "callback_id": callback, "description": about}
                for kind, callback, label, about in _SHORTCUTS
            ],
            "slash_commands": [_slash_command(noun, address, table) for noun in nouns(table)],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**_at("request_url", address), "bot_events": list(EVENTS)},
            "interactivity": {
                "is_enabled": True,
                **_at("request_url", address),
                **_at("message_menu_options_url", address),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }


def _slash_command(noun: str, address: str, table: Table) -> Json:
    return {
        "command": f"/{noun}",
        **_at("url", address),
        "description": forms.about(ABOUT.get(noun, noun)),
        "usage_hint": " | ".join(verbs(noun, table)),
        "should_escape": True,  # a mention and a channel then come with their ids
    }


def _at(name: str, address: str) -> Json:
    return {name: address} if address else {}
