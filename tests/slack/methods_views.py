"""views.*: opening, changing, stacking and publishing."""

from __future__ import annotations

from typing import Any

from tests.slack.apps import Json
from tests.slack.errors import SlackError
from tests.slack.kit import check_view, refuse
from tests.slack.webapi import Asked, method


def _view(asked: Asked, *kinds: str) -> Json:
    view: Any = asked.parsed("view", "invalid_arguments")
    if view is None:
        asked.text("view")
    refuse(check_view(view))
    if view["type"] not in kinds:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] invalid view type"]})
    found: Json = view
    return found


def _same_hash(asked: Asked, current: str) -> None:
    given = asked.args.get("hash")
    if given and given != current:
        raise SlackError("hash_conflict")


@method("views.open")
def _open(asked: Asked) -> Json:
    payload = _view(asked, "modal")
    trigger = asked.desk.hooks.exchange(asked.text("trigger_id"), asked.app)
    view = asked.desk.views.open(asked.here, asked.world.users[trigger.user], payload)
    return {"view": asked.desk.views.described(view)}


@method("views.push")
def _push(asked: Asked) -> Json:
    payload = _view(asked, "modal")
    trigger = asked.desk.hooks.exchange(asked.text("trigger_id"), asked.app)
    view = asked.desk.views.push(asked.here, asked.world.users[trigger.user], payload)
    return {"view": asked.desk.views.described(view)}


@method("views.update")
def _update(asked: Asked) -> Json:
    payload = _view(asked, "modal", "home")
    view = asked.desk.views.find(asked.here, asked.args.get("view_id"), asked.args.get("external_id"))
    _same_hash(asked, view.hash)
    asked.desk.views.update(view, payload)
    return {"view": asked.desk.views.described(view)}


@method("views.publish")
def _publish(asked: Asked) -> Json:
    user = asked.world.users.get(asked.text("user_id"))
    if user is None or user.team != asked.here.team:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["invalid `user_id`"]})
    if not asked.app.has_home:
        raise SlackError("not_enabled")
    payload = _view(asked, "home")
    stands = asked.desk.views.homes.get((asked.app.id, user.id))
    if stands is not None:
        _same_hash(asked, stands.hash)
    view = asked.desk.views.publish(asked.here, user, payload)
    return {"view": asked.desk.views.described(view)}
