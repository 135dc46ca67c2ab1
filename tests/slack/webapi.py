"""The Web API's door: who calls, with what, how often, and what is written down; the methods are elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.slack.apps import App, Install, Json
from tests.slack.errors import SlackError
from tests.slack.faults import Faults
from tests.slack.hooks import Hooks
from tests.slack.journal import Call, Journal
from tests.slack.limits import Meter
from tests.slack.sockets import Sockets
from tests.slack.stacks import Views
from tests.slack.world import World

_TRUE = {"1", "true", "True"}


@dataclass
class Desk:
    """What the methods work with."""

    world: World
    hooks: Hooks
    views: Views
    sockets: Sockets
    meter: Meter
    faults: Faults
    journal: Journal


@dataclass
class Asked:
    """One call, once it is known whose it is. `install` is None for an app-level token."""

    desk: Desk
    method: str
    args: Json
    app: App
    install: Install | None
    scopes: set[str] = field(default_factory=set)

    @property
    def world(self) -> World:
        return self.desk.world

    @property
    def here(self) -> Install:
        """The installation; an app-level token has none."""
        if self.install is None:
            raise SlackError("not_allowed_token_type")
        return self.install

    def need(self, scope: str) -> None:
        """Refuse what the token was not granted."""
        if scope not in self.here.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self.here.scopes)))

    def text(self, name: str) -> str:
        """An argument that must be there."""
        value = self.args.get(name)
        if value in (None, ""):
            messages = [f"[ERROR] missing required field: {name}"]
            raise SlackError("invalid_arguments", response_metadata={"messages": messages})
        return str(value)

    def flag(self, name: str) -> bool | None:
        value = self.args.get(name)
        return None if value is None else value is True or str(value) in _TRUE

    def number(self, name: str, usual: int, most: int) -> int:
        value = self.args.get(name)
        if value in (None, ""):
            return usual
        if not str(value).isdecimal() or not 1 <= int(value) <= most:
            raise SlackError("invalid_limit")
        return int(value)

    def parsed(self, name: str, refusal: str) -> Any:
        """A structured argument, which may come as a text that holds JSON."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(refusal) from None


Method = Callable[[Asked], Json]
_METHODS: dict[str, Method] = {}


def method(name: str) -> Callable[[Method], Method]:
    """Register a method of the Web API."""

    def register(function: Method) -> Method:
        _METHODS[name] = function
        return function

    return register


def _whose(world: World, method_name: str, token: str) -> tuple[App, Install | None]:
    if method_name not in _METHODS:
        raise SlackError("unknown_method", req_method=method_name)
    if not token:
        raise SlackError("not_authed")
    for app in world.apps.values():
        if token == app.app_token:
            if app.app_token_refusal is not None:
                raise SlackError(app.app_token_refusal)
            return app, None
        for install in app.installs.values():
            if token == install.token:
                if install.refusal is not None:
                    raise SlackError(install.refusal)
                return app, install
    raise SlackError("invalid_auth")


async def arguments(request: web.Request) -> Json:
    """From the query and from a form or JSON body; raises SlackError."""
    found: Json = dict(request.query)
    if request.method != "POST" or not request.can_read_body:
        return found
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text())
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return found | body
    if request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return found | dict(await request.post())
    raise SlackError("invalid_post_type" if request.content_type != "application/octet-stream" else "missing_post_type")


class WebApi:
    """Answers `/api/METHOD`; what a fault kept from being done stands in the journal as `not_done`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            args = await arguments(request)
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.code})
        token = str(args.pop("token", "") or request.headers.get("Authorization", "").removeprefix("Bearer "))
        fault = await self._desk.faults.meet(name)
        if fault is not None and (fault.answer is not None or fault.cut_before):
            self._note(name, args, {"ok": False, "error": "not_done"}, None, told=fault.answer is not None)
            return fault.answer() if fault.answer else self._desk.faults.hang_up(request)
        told = fault is None
        result, headers, asked = self._perform(name, args, token)
        self._note(name, args, result, asked, told=told)
        if not told:
            return self._desk.faults.hang_up(request)
        return web.json_response(result, status=429 if "Retry-After" in headers else 200, headers=headers)

    def _perform(self, name: str, args: Json, token: str) -> tuple[Json, dict[str, str], Asked | None]:
        world, headers, asked = self._desk.world, dict[str, str](), None
        with world.lock:
            try:
                app, install = _whose(world, name, token)
                asked = Asked(self._desk, name, args, app, install)
                if install is not None:
                    headers["X-OAuth-Scopes"] = ",".join(sorted(install.scopes))
                wait = self._desk.meter.wait(name, token, str(args.get("channel")))
                if wait is not None:
                    headers["Retry-After"] = str(wait)
                    return {"ok": False, "error": "ratelimited"}, headers, asked
                return {"ok": True, **_METHODS[name](asked)}, headers, asked
            except SlackError as error:
                return {"ok": False, "error": error.code, **error.beside}, headers, asked

    def _note(self, name: str, args: Json, result: Json, asked: Asked | None, *, told: bool) -> None:
        app = asked.app.id if asked else None
        team = asked.install.team if asked and asked.install else None
        with self._desk.world.lock:
            call = Call(name, args, result, self._desk.world.clock.now(), app, team, told)
            self._desk.journal.calls.append(call)
            self._desk.world.changed()
