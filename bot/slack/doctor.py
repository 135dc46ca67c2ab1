"""What is to be mended about our Slack apps: tokens, scopes, channels, who reads along; it mends nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import aiohttp

from bot.platform import AwayError, RefusedError, UnreachableError
from bot.settings import SlackAccount
from bot.settings_source import variable
from bot.slack.accounts import Account, channel_of, meet
from bot.slack.manifest import SCOPES
from bot.slack.wire import TIMEOUT, TokenError, ask, client, granted, read
from storage.words import Address, Place


async def examine(
    accounts: Sequence[SlackAccount], desks: Mapping[Place, str], enrolled: Collection[Address]
) -> list[str]:
    """One line for each thing; `desks` are places with the codes of the agencies that read them."""
    complaints: list[str] = []
    met: list[Account] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as session:
        for settings in accounts:
            web = client(settings.bot_token, settings.api_url, session)
            try:
                met.append(await meet(settings, web))
                missing = SCOPES.keys() - await granted(web)
                complaints += [
                    f"slack {settings.name}: the scope {scope} is missing, {SCOPES[scope]}: install the app anew with "
                    "python -m bot slack manifest"
                    for scope in sorted(missing)
                ]
                if settings.app_token is not None:
                    complaints += await _socket(settings, session)
            except TokenError as error:
                name = variable("slack", settings.name, "bot_token")
                complaints.append(f"{name} is not accepted: {error}: install the app again")
            except (UnreachableError, AwayError, RefusedError) as error:
                complaints.append(f"slack {settings.name}: {settings.api_url} does not answer as it should: {error}")
        for place in desks:
            if place.startswith("slack:"):
                complaints += await _desk(place, met, desks, enrolled, sure=len(met) == len(accounts))
    return list(dict.fromkeys(complaints))


async def _socket(settings: SlackAccount, session: aiohttp.ClientSession) -> list[str]:
    try:
        await ask(client(settings.app_token or "", settings.api_url, session), "apps.connections.open")
    except (AwayError, RefusedError) as error:
        name = variable("slack", settings.name, "app_token")
        return [f"{name} opens no socket: {error}: make an app-level token with the scope connections:write"]
    return []


async def _desk(
    place: Place, accounts: Sequence[Account], desks: Mapping[Place, str], enrolled: Collection[Address], *, sure: bool
) -> list[str]:
    where = f"{place}, where {desks[place]} is to be reached"
    for account in accounts:
        try:
            info = (await read(account.client, "conversations.info", channel=channel_of(place)))["channel"]
            if info.get("is_archived"):
                return [f"{where}: the channel is archived"]
            if not info.get("is_member"):
                continue
            room = await account.room(channel_of(place))
        except UnreachableError as error:
            return [f"slack {account.settings.name}: {where} cannot be looked into: {error}"]
        except (AwayError, RefusedError):
            continue
        complaints = [f"the whole workspace can read {where}: make it private"] if room.public else []
        unknown = [member for member in room.members if member not in enrolled]
        if unknown:
            complaints.append(f"nobody has enrolled {', '.join(unknown)} in {where}")
        return complaints
    return [f"no app of ours sits in {where}: type /invite there"] if sure else []
