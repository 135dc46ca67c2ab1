"""auth.test, apps.connections.open, users.*, team.info and bots.info: who is who, as a workspace knows it."""

from __future__ import annotations

from tests.slack.apps import Json
from tests.slack.errors import SlackError
from tests.slack.methods_conversations import page
from tests.slack.webapi import Asked, method
from tests.slack.world import User


@method("auth.test")
def _auth_test(asked: Asked) -> Json:
    if asked.install is None:
        return {"app_name": asked.app.name, "app_id": asked.app.id}
    team, bot = asked.world.teams[asked.install.team], asked.world.users[asked.install.bot_user]
    return {
        "url": f"https://{team.domain}.slack.com/", "team": team.name, "user": bot.name, "team_id": team.id,
        "user_id": bot.id, "bot_id": asked.install.bot_id, "is_enterprise_install": False,
    }  # fmt: skip


@method("apps.connections.open")
def _connections_open(asked: Asked) -> Json:
    if asked.install is not None:
        raise SlackError("not_allowed_token_type")
    return {"url": asked.desk.sockets.ticket(asked.app)}


def _told(asked: Asked, user: User) -> Json:
    outside = user.team != asked.here.team
    body: Json = {
        "id": user.id, "team_id": user.team, "name": user.name, "deleted": user.deleted, "real_name": user.real_name,
        "is_bot": user.app is not None, "is_app_user": False, "updated": 0,
        "profile": {
            "real_name": user.real_name, "display_name": user.name, "real_name_normalized": user.real_name,
            "display_name_normalized": user.name, "team": user.team,
        },
    }  # fmt: skip
    if user.app is not None:
        body["profile"] |= {"api_app_id": user.app, "always_active": True}
        install = asked.world.bot(user.id)
        body["profile"]["bot_id"] = install.bot_id if install else ""
    if outside:
        return body | {"is_stranger": not asked.world.acquainted(user, asked.here.team)}
    zone = {"tz": user.tz, "tz_label": user.tz, "tz_offset": 0, "color": "9f69e7"}
    rights = dict.fromkeys(
        ("is_admin", "is_owner", "is_primary_owner", "is_restricted", "is_ultra_restricted"),
        False,
    )
    return body | zone | rights | {"is_email_confirmed": True, "who_can_share_contact_card": "EVERYONE"}


@method("users.info")
def _users_info(asked: Asked) -> Json:
    asked.need("users:read")
    user = asked.world.users.get(asked.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": _told(asked, user)}


@method("users.list")
def _users_list(asked: Asked) -> Json:
    asked.need("users:read")
    own = [one for one in asked.world.users.values() if one.team == asked.here.team]
    shown, after = page(asked, own)
    return {"members": [_told(asked, one) for one in shown], "cache_ts": int(asked.world.clock.now()), **after}


@method("team.info")
def _team_info(asked: Asked) -> Json:
    asked.need("team:read")
    team = asked.world.teams.get(str(asked.args.get("team") or asked.here.team))
    if team is None:
        raise SlackError("team_not_found")
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}}


@method("bots.info")
def _bots_info(asked: Asked) -> Json:
    asked.need("users:read")
    wanted = str(asked.args.get("bot") or asked.here.bot_id)
    found = next((one for one in asked.world.installs() if one.bot_id == wanted), None)
    if found is None:
        raise SlackError("bot_not_found")
    bot = {
        "id": found.bot_id, "app_id": found.app.id, "user_id": found.bot_user, "name": found.app.name,
        "deleted": found.refusal is not None, "updated": 0, "icons": {},
    }  # fmt: skip
    return {"bot": bot}
