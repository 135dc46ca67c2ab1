"""The Web API refuses what Slack refuses, with Slack's own words, and pages as Slack pages; real slack-sdk asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import limits, membership
from tests.slack.apps import Install
from tests.slack.bots import client
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.world import Channel


class Office(NamedTuple):
    """A workspace with two people, an app in one channel, and its client."""

    slack: Slack
    install: Install
    ana: Person
    bo: Person
    room: Channel
    web: AsyncWebClient


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    with running(limits=limits.NONE) as slack:
        team = slack.team("ftc")
        install = slack.app("Echo", team)
        ana, bo = slack.person(team, "ana"), slack.person(team, "bo")
        yield Office(slack, install, ana, bo, slack.channel("desk", ana, bo, install), client(slack, install))


async def _refused(call: Any) -> dict[str, Any]:
    """The answer of a call that must fail."""
    with pytest.raises(SlackApiError) as refused:
        await call
    assert refused.value.response["ok"] is False
    found: dict[str, Any] = refused.value.response.data
    return found


async def test_tokens(office: Office) -> None:
    known = await office.web.auth_test()
    assert (known["team_id"], known["user_id"]) == (office.install.team, office.install.bot_user)
    assert "chat:write" in known.headers["x-oauth-scopes"]
    stranger = AsyncWebClient(token="xoxb-nobody", base_url=office.slack.url)  # noqa: S106
    assert (await _refused(stranger.auth_test()))["error"] == "invalid_auth"
    nobody = AsyncWebClient(base_url=office.slack.url)
    assert (await _refused(nobody.auth_test()))["error"] == "not_authed"
    assert (await _refused(office.web.api_call("chat.shout")))["error"] == "unknown_method"
    opened = office.web.apps_connections_open(app_token=office.install.token)
    assert (await _refused(opened))["error"] == "not_allowed_token_type"
    membership.revoke(office.slack.world, office.install)
    assert (await _refused(office.web.auth_test()))["error"] == "token_revoked"
    membership.uninstall(office.slack.world, office.install)
    assert (await _refused(office.web.auth_test()))["error"] == "account_inactive"


async def test_scopes(office: Office) -> None:
    office.install.scopes.discard("chat:write")
    answer = await _refused(office.web.chat_postMessage(channel=office.room.id, text="hi"))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
    assert "channels:read" in answer["provided"]
    office.install.scopes.discard("channels:history")
    answer = await _refused(office.web.conversations_history(channel=office.room.id))
    assert answer["needed"] == "channels:history"


async def test_where_one_may_post(office: Office) -> None:
    slack, web = office.slack, office.web
    secret = slack.channel("secret", office.ana, private=True)
    public = slack.channel("public", office.ana)
    abroad = slack.channel("abroad", slack.person(slack.team("acma"), "dev"))
    for channel, error in ((secret, "channel_not_found"), (public, "not_in_channel"), (abroad, "channel_not_found")):
        assert (await _refused(web.chat_postMessage(channel=channel.id, text="hi")))["error"] == error
    membership.archive(slack.world, office.room, office.ana.user)
    assert (await _refused(web.chat_postMessage(channel=office.room.id, text="hi")))["error"] == "is_archived"
    membership.unarchive(slack.world, office.room, office.ana.user)
    assert (await web.chat_postMessage(channel="#desk", text="hi"))["channel"] == office.room.id
    direct = await web.chat_postMessage(channel=office.ana.id, text="psst")
    assert direct["channel"].startswith("D")
    assert (await web.conversations_open(users=office.ana.id))["channel"]["id"] == direct["channel"]
    assert (await _refused(web.conversations_open(users="U999")))["error"] == "user_not_found"


async def test_what_one_may_post(office: Office) -> None:
    web, room = office.web, office.room.id
    assert (await _refused(web.api_call("chat.postMessage", json={"channel": room})))["error"] == "no_text"
    assert (await _refused(web.chat_postMessage(channel=room, text="x" * 40_001)))["error"] == "msg_too_long"
    metadata = {"event_type": "letter"}
    assert (await _refused(web.chat_postMessage(channel=room, text="x", metadata=metadata)))["error"] == (
        "invalid_metadata_format"
    )
    answer = await _refused(web.chat_postMessage(channel=room, text="x", thread_ts="0"))
    assert answer["error"] == "invalid_thread_ts"
    assert not office.slack.world.breaches
    await web.chat_postMessage(channel=room, text="lost", thread_ts="1700000000.000001")
    assert len(office.slack.world.breaches) == 1
    assert not office.ana.sees(office.room)


async def test_only_ones_own_is_changed(office: Office) -> None:
    web, room = office.web, office.room.id
    hers = office.ana.says(office.room, "mine")
    assert (await _refused(web.chat_update(channel=room, ts=hers, text="x")))["error"] == "cant_update_message"
    assert (await _refused(web.chat_delete(channel=room, ts=hers)))["error"] == "cant_delete_message"
    ours = await web.chat_postMessage(channel=room, text="first", metadata={"event_type": "a", "event_payload": {}})
    await web.chat_update(channel=room, ts=ours["ts"], text="second")
    shown = office.ana.finds(office.room, "second")
    assert (shown.edited, shown.ts) == (True, ours["ts"])
    history = await web.conversations_history(channel=room, include_all_metadata=True)
    assert history["messages"][0]["metadata"]["event_type"] == "a"
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": "third"}}]
    await web.chat_update(channel=room, ts=ours["ts"], text="fallback", blocks=blocks)
    assert office.ana.finds(office.room, "third").raw["text"] == "fallback"
    await web.chat_update(channel=room, ts=ours["ts"], text="fourth")
    assert office.ana.finds(office.room, "fourth").raw.get("blocks") is None
    await web.chat_delete(channel=room, ts=ours["ts"])
    assert [one.text for one in office.ana.sees(office.room)] == ["mine"]
    answer = await _refused(web.chat_update(channel=room, ts=ours["ts"], text="third"))
    assert answer["error"] == "message_not_found"


async def test_ephemerals_are_for_one_reader(office: Office) -> None:
    web, slack = office.web, office.slack
    dev = slack.person(slack.world.teams[office.install.team], "dev")
    answer = await _refused(web.chat_postEphemeral(channel=office.room.id, user=dev.id, text="x"))
    assert answer["error"] == "user_not_in_channel"
    other = slack.channel("other", office.ana)
    answer = await _refused(web.chat_postEphemeral(channel=other.id, user=office.ana.id, text="x"))
    assert answer["error"] == "not_in_channel"
    told = await web.chat_postEphemeral(channel=office.room.id, user=office.ana.id, text="for ana")
    assert [(one.text, one.private) for one in office.ana.sees(office.room)] == [("for ana", True)]
    assert not office.bo.sees(office.room)
    assert (await web.conversations_history(channel=office.room.id))["messages"] == []
    answer = await _refused(web.chat_update(channel=office.room.id, ts=told["message_ts"], text="y"))
    assert answer["error"] == "message_not_found"


async def test_an_ephemeral_in_a_thread_without_replies_is_shown_to_nobody(office: Office) -> None:
    root = office.ana.says(office.room, "root")
    ask = office.web.chat_postEphemeral
    await ask(channel=office.room.id, user=office.ana.id, text="unseen", thread_ts=root)
    assert len(office.slack.world.breaches) == 1
    office.bo.says(office.room, "reply", thread=root)
    await ask(channel=office.room.id, user=office.ana.id, text="seen", thread_ts=root)
    assert [one.text for one in office.ana.sees(office.room, root)] == ["root", "reply", "seen"]


async def test_history_in_pages_with_metadata(office: Office) -> None:
    web, room = office.web, office.room.id
    stamps = []
    for number in range(7):
        metadata = {"event_type": "letter", "event_payload": {"number": number}}
        stamps.append((await web.chat_postMessage(channel=room, text=str(number), metadata=metadata))["ts"])
    await web.chat_postMessage(channel=room, text="reply", thread_ts=stamps[0])
    first = await web.conversations_history(channel=room, limit=3, include_all_metadata=True)
    assert [one["text"] for one in first["messages"]] == ["6", "5", "4"]
    assert [one["metadata"]["event_payload"]["number"] for one in first["messages"]] == [6, 5, 4]
    assert first["has_more"] is True
    texts = []
    async for page in await web.conversations_history(channel=room, limit=3):
        texts += [one["text"] for one in page["messages"]]
        assert not any("metadata" in one for one in page["messages"])
    assert texts == ["6", "5", "4", "3", "2", "1", "0"]
    between = {"oldest": stamps[2], "latest": stamps[4]}
    assert len((await web.conversations_history(channel=room, **between))["messages"]) == 1
    assert len((await web.conversations_history(channel=room, inclusive=True, **between))["messages"]) == 3
    assert (await _refused(web.conversations_history(channel=room, cursor="nonsense")))["error"] == "invalid_cursor"
    assert (await _refused(web.conversations_history(channel=room, oldest="monday")))["error"] == "invalid_ts_oldest"
    other = office.slack.channel("other", office.ana)
    assert (await _refused(web.conversations_history(channel=other.id)))["error"] == "not_in_channel"


async def test_replies_begin_with_the_root(office: Office) -> None:
    web, room = office.web, office.room
    root = office.ana.says(room, "root")
    for number in range(5):
        office.bo.says(room, str(number), thread=root, broadcast=number == 3)
    texts = []
    async for page in await web.conversations_replies(channel=room.id, ts=root, limit=2):
        texts += [one["text"] for one in page["messages"]]
    assert texts == ["root", "0", "1", "2", "3", "4"]
    history = (await web.conversations_history(channel=room.id))["messages"]
    assert [one["text"] for one in history] == ["3", "root"]
    assert (history[0]["subtype"], history[1]["reply_count"]) == ("thread_broadcast", 5)
    assert (await _refused(web.conversations_replies(channel=room.id, ts="1.2")))["error"] == "thread_not_found"


async def test_a_root_with_replies_leaves_a_tombstone(office: Office) -> None:
    root = office.ana.says(office.room, "root")
    office.bo.says(office.room, "reply", thread=root)
    office.ana.deletes(office.room, root)
    messages = (await office.web.conversations_replies(channel=office.room.id, ts=root))["messages"]
    assert [one.get("subtype") for one in messages] == ["tombstone", None]


async def test_posting_faster_than_one_a_second_is_refused() -> None:
    with running() as slack:
        team = slack.team("ftc")
        install, ana = slack.app("Echo", team), slack.person(team, "ana")
        rooms = [slack.channel(name, ana, install) for name in ("one", "two")]
        web = client(slack, install)
        posts = [web.chat_postMessage(channel=rooms[0].id, text=str(number)) for number in range(5)]
        answers = await asyncio.gather(*posts, return_exceptions=True)
        refused = [one.response for one in answers if isinstance(one, SlackApiError)]
        assert [one["error"] for one in refused] == ["ratelimited"] * 3
        assert {(one.status_code, one.headers["Retry-After"]) for one in refused} == {(429, "1")}
        await web.chat_postMessage(channel=rooms[1].id, text="another channel")
        slack.clock.advance(1)
        await web.chat_postMessage(channel=rooms[0].id, text="a second later")
        assert len(ana.sees(rooms[0])) == 3
        assert len(slack.journal.of("chat.postMessage", ok=False)) == 3


async def test_a_method_has_its_calls_a_minute() -> None:
    with running(limits=limits.Limits(per_minute={"auth.test": 3})) as slack:
        web = client(slack, slack.app("Echo", slack.team("ftc")))
        for _ in range(3):
            await web.auth_test()
        with pytest.raises(SlackApiError) as refused:
            await web.auth_test()
        assert (refused.value.response["error"], refused.value.response.headers["Retry-After"]) == ("ratelimited", "20")
        slack.clock.advance(20)
        await web.auth_test()


async def test_who_is_who(office: Office) -> None:
    slack, web = office.slack, office.web
    dev = slack.person(slack.team("acma"), "dev")
    assert (await web.users_info(user=dev.id))["user"]["is_stranger"] is True
    slack.channel("shared", office.ana, dev, office.install)
    known = (await web.users_info(user=dev.id))["user"]
    assert (known["is_stranger"], known["team_id"]) == (False, dev.user.team)
    listed = [one["name"] for one in (await web.users_list())["members"]]
    assert listed == ["echo", "ana", "bo"]
    own = (await web.users_info(user=office.ana.id))["user"]
    assert "is_stranger" not in own
    assert (await web.bots_info(bot=office.install.bot_id))["bot"]["user_id"] == office.install.bot_user
    assert (await web.team_info())["team"]["domain"] == "ftc"


async def test_channels(office: Office) -> None:
    slack, web = office.slack, office.web
    public = slack.channel("public", office.ana)
    slack.channel("secret", office.ana, private=True)
    listed = (await web.conversations_list(types="public_channel,private_channel"))["channels"]
    assert [(one["name"], one["is_member"]) for one in listed] == [("desk", True), ("public", False)]
    await web.conversations_join(channel=public.id)
    assert (await web.conversations_info(channel=public.id))["channel"]["is_member"] is True
    assert office.install.bot_user in (await web.conversations_members(channel=public.id))["members"]


async def test_reactions(office: Office) -> None:
    ts = office.ana.says(office.room, "nice")
    await office.web.reactions_add(channel=office.room.id, timestamp=ts, name="eyes")
    assert office.ana.sees(office.room)[0].reactions == ("eyes",)
    again = office.web.reactions_add(channel=office.room.id, timestamp=ts, name="eyes")
    assert (await _refused(again))["error"] == "already_reacted"


async def test_a_form_is_as_good_as_json(office: Office) -> None:
    form = {"channel": office.room.id, "text": "form", "blocks": '[{"type":"divider"}]', "token": office.install.token}
    async with ClientSession() as session, session.post(f"{office.slack.url}chat.postMessage", data=form) as answer:
        assert (await answer.json())["message"]["blocks"][0]["type"] == "divider"
    broken = form | {"blocks": "[{"}
    async with ClientSession() as session, session.post(f"{office.slack.url}chat.postMessage", data=broken) as answer:
        assert (await answer.json())["error"] == "invalid_blocks_format"
