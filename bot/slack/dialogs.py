"""The forms of our commands in Slack: opened within a trigger's three seconds, filled, searched and read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine

from bot.platform import AwayError, RefusedError, UnreachableError
from bot.slack import forms, manifest
from bot.slack.accounts import Account, Accounts, address
from bot.slack.events import files_of, typed
from bot.slack.hearing import HOME, Where
from bot.slack.wire import ask
from commands.complete import described_to
from commands.declare import TABLE, Declaration
from commands.grammar import Missing
from storage.session import transaction

log = logging.getLogger(__name__)

Json = Mapping[str, Any]


class Dialogs:
    """One app's."""

    def __init__(self, account: Account, accounts: Accounts, engine: Engine) -> None:
        self._account = account
        self._accounts = accounts
        self._engine = engine

    async def open(self, trigger: str, missing: Missing, where: Where) -> bool:
        """Show the form of a command that lacks a value, with what was typed; False if Slack does not take it."""
        return await self._show(trigger, missing.declaration, missing.given, where)

    async def shortcut(self, body: Json) -> None:
        """A global shortcut, or one in the menu of a message."""
        channel = str((body.get("channel") or {}).get("id") or HOME)
        message = body.get("message") or {}
        where = Where(self._accounts.place(self._account, channel))
        given: dict[str, str] = {}
        match body.get("callback_id"):
            case manifest.OPEN_CASE:
                path = "case open"
            case manifest.ASK_PARTNER:
                path = "request send"
            case manifest.ADD_TO_CASE:
                where = replace(where, files=files_of(message))
                path, given = "exhibit add" if where.files else "case note", {"text": self._quoted(message)}
            case _:
                return
        await self._show(str(body["trigger_id"]), TABLE[path], given, where)

    def _quoted(self, message: Json) -> str:
        """The words of a message, as they were typed."""
        return typed(str(message.get("text") or ""), self._account.identity.user, lambda user: f"@{user}")

    async def _show(self, trigger: str, declaration: Declaration, given: Mapping[str, str], where: Where) -> bool:
        view = forms.modal(declaration, given, where.write(), pressed=where.pressed)
        try:
            await ask(self._account.client, "views.open", trigger_id=trigger, view=view)
        except (UnreachableError, AwayError, RefusedError) as error:
            log.warning("%s: a form was not opened: %s", self._account.name, error)
            return False
        return True

    async def options(self, body: Json) -> list[dict[str, Any]]:
        """What an input may be chosen from, as this person may see it, by what they typed."""
        user = body["user"]
        team = user.get("team_id") or (body.get("team") or {}).get("id") or self._account.identity.team
        person, kind, begun = address(str(team), str(user["id"])), str(body["action_id"]), str(body.get("value") or "")

        def look_up() -> list[tuple[str, str]]:
            with transaction(self._engine, reading=True) as session:
                return described_to(session, person, kind, begun)

        return forms.options(await asyncio.to_thread(look_up))
