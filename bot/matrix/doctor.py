"""What is to be mended about an account: token, rooms, power, who reads along; it mends nothing and logs nobody in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import nio

from bot.matrix.accounts import is_public, may_write, room_of
from bot.matrix.answers import ask
from bot.matrix.events import address
from bot.matrix.store import Store
from bot.matrix.trouble import LoggedOutError
from bot.platform import AwayError, RefusedError, UnreachableError
from bot.settings import MatrixAccount
from commands.message import DOCUMENT_MOST
from storage.words import Address, Place


async def examine(
    accounts: Sequence[MatrixAccount], desks: Mapping[Place, str], enrolled: Collection[Address]
) -> list[str]:
    """One line for each thing; `desks` are places with the codes of the agencies that read them."""
    complaints: list[str] = []
    found: dict[str, list[str]] = {}
    all_looked = True
    for settings in accounts:
        config = nio.AsyncClientConfig(max_timeouts=0, max_limit_exceeded=1, request_timeout=10)
        client = nio.AsyncClient(settings.homeserver, settings.user_id, config=config)
        client.access_token = settings.access_token or Store(settings).kept_token() or ""
        try:
            rooms = await _rooms(client, settings)
            complaints += await _uploads(client, settings)
            for place in desks:
                if room_of(place) in rooms:
                    found.setdefault(room_of(place), []).extend(await _room(client, settings, place, desks, enrolled))
        except _AccountComplaint as wrong:
            complaints.append(str(wrong))
            all_looked = False
        except (UnreachableError, AwayError, RefusedError) as error:
            complaints.append(f"matrix {settings.name}: {settings.homeserver} does not answer as it should: {error}")
            all_looked = False
        finally:
            await client.close()
    for place, codes in desks.items():
        if room_of(place) in found:
            complaints += dict.fromkeys(found[room_of(place)])
        elif place.startswith("matrix:") and all_looked:
            complaints.append(f"no account of ours sits in {place}, where {codes} is to be reached: invite it there")
    return complaints


class _AccountComplaint(Exception):  # noqa: N818  # a finding, not a fault
    pass


async def _rooms(client: nio.AsyncClient, settings: MatrixAccount) -> Collection[str]:
    if not client.access_token:
        raise _AccountComplaint(f"matrix {settings.name}: it has never logged in: python -m bot run")
    try:
        await ask(client, client.whoami(), nio.WhoamiResponse)
    except LoggedOutError:
        raise _AccountComplaint(f"matrix {settings.name}: its token is not accepted: set a new one") from None
    client.user_id = settings.user_id
    return frozenset((await ask(client, client.joined_rooms(), nio.JoinedRoomsResponse)).rooms)


async def _uploads(client: nio.AsyncClient, settings: MatrixAccount) -> list[str]:
    most = (await ask(client, client.content_repository_config(), nio.ContentRepositoryConfigResponse)).upload_size
    if most is None or most >= DOCUMENT_MOST:
        return []
    limit = f"{settings.homeserver} takes files of {most} bytes at most, ours may have {DOCUMENT_MOST}"
    return [f"matrix {settings.name}: {limit}: raise its limit of uploads"]


async def _room(
    client: nio.AsyncClient,
    settings: MatrixAccount,
    place: Place,
    desks: Mapping[Place, str],
    enrolled: Collection[Address],
) -> list[str]:
    state = (await ask(client, client.room_get_state(room_of(place)), nio.RoomGetStateResponse)).events
    room = nio.MatrixRoom(room_of(place), settings.user_id)
    for event in state:
        read = nio.Event.parse_event(event)
        if isinstance(read, nio.RoomMemberEvent):
            room.handle_membership(read)
        else:
            room.handle_event(read)
    members = [user for user in room.users if user != settings.user_id and not room.users[user].invited]
    where = f"{place}, where {desks[place]} is to be reached"
    complaints = []
    if not may_write(room, settings.user_id):
        complaints.append(f"{settings.user_id} may not write in {where}: give it the power to send messages")
    if is_public(room):
        complaints.append(f"everyone can read {where}: make it private")
    unknown = [member for member in members if address(member) not in enrolled]
    if unknown:
        complaints.append(f"nobody has enrolled {', '.join(unknown)} in {where}")
    return complaints
