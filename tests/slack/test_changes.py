"""What apps are told of edits, deletions, broadcasts, files and channels, in Slack's own shapes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import membership
from tests.slack.apps import Install, Json
from tests.slack.bots import client
from tests.slack.people import Person
from tests.slack.server import Slack, running
from tests.slack.world import Channel


class Office(NamedTuple):
    slack: Slack
    install: Install
    ana: Person
    bo: Person
    room: Channel
    web: AsyncWebClient

    def told(self, kind: str = "message") -> list[Json]:
        """The events that apps were to hear, oldest first."""
        return [one.event for one in self.slack.journal.events(kind)]


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    with running() as slack:
        team = slack.team("ftc")
        install = slack.app("Echo", team)
        ana, bo = slack.person(team, "ana"), slack.person(team, "bo")
        slack.delivery.loop = None  # nobody listens: what would be sent stands in the journal at once
        yield Office(slack, install, ana, bo, slack.channel("desk", ana, bo, install), client(slack, install))


def test_an_edit_and_a_deletion(office: Office) -> None:
    ts = office.ana.says(office.room, "opened on 3 May")
    office.ana.edits(office.room, ts, "opened on 4 May")
    office.ana.deletes(office.room, ts)
    posted, changed, deleted = office.told()
    assert posted["channel_type"] == "channel"
    assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "opened on 4 May")
    assert changed["previous_message"]["text"] == "opened on 3 May"
    assert changed["message"]["ts"] == ts != changed["ts"]
    assert changed["message"]["edited"]["user"] == office.ana.id
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)
    assert deleted["previous_message"]["text"] == "opened on 4 May"


def test_a_preview_is_a_change_without_a_change(office: Office) -> None:
    office.ana.says(office.room, "see https://example.org/a?b=1&c")
    posted, changed = office.told()
    assert posted["text"] == changed["message"]["text"] == "see <https://example.org/a?b=1&amp;c>"
    assert changed["subtype"] == "message_changed"
    assert "edited" not in changed["message"]
    (shown,) = office.bo.sees(office.room)
    assert (shown.unfurled, shown.edited) == (True, False)


async def test_what_an_app_does_not_want_unfurled(office: Office) -> None:
    post = office.web.chat_postMessage
    await post(channel=office.room.id, text="https://example.org", unfurl_links=False, unfurl_media=False)
    assert not office.ana.sees(office.room)[0].unfurled
    await post(channel=office.room.id, text="https://example.org")
    assert office.ana.sees(office.room)[1].unfurled


def test_the_root_of_a_thread_stays_as_a_tombstone(office: Office) -> None:
    root = office.ana.says(office.room, "root")
    office.bo.says(office.room, "reply", thread=root)
    office.ana.deletes(office.room, root)
    last = office.told()[-1]
    assert (last["subtype"], last["message"]["subtype"]) == ("message_changed", "tombstone")
    assert last["previous_message"]["text"] == "root"


def test_a_broadcast_reply(office: Office) -> None:
    root = office.ana.says(office.room, "root")
    office.bo.says(office.room, "to all", thread=root, broadcast=True)
    told = office.told()[-1]
    assert (told["subtype"], told["thread_ts"], told["root"]["text"]) == ("thread_broadcast", root, "root")
    assert [one.text for one in office.ana.sees(office.room)] == ["root", "to all"]


def test_coming_and_going(office: Office) -> None:
    room = office.slack.channel("new", office.ana)
    office.ana.invites(room, office.install)
    office.bo.joins(room)
    office.bo.leaves(room)
    membership.rename(office.slack.world, room, office.ana.user, "newer")
    membership.archive(office.slack.world, room, office.ana.user)
    membership.unarchive(office.slack.world, room, office.ana.user)
    office.ana.removes(room, office.install)
    office.ana.says(room, "unheard")
    subtypes = [one.get("subtype") for one in office.told()]
    assert subtypes == ["channel_join", "channel_join", "channel_leave", "channel_name"]
    joined = office.told("member_joined_channel")
    assert [(one["user"], one.get("inviter")) for one in joined] == [
        (office.install.bot_user, office.ana.id),
        (office.bo.id, None),
    ]
    assert [one["user"] for one in office.told("member_left_channel")] == [office.bo.id, office.install.bot_user]
    assert office.told("channel_rename")[0]["channel"]["name"] == "newer"
    for kind in ("channel_archive", "channel_unarchive", "channel_left"):
        assert len(office.told(kind)) == 1


def test_an_app_is_taken_out(office: Office) -> None:
    membership.uninstall(office.slack.world, office.install)
    office.ana.says(office.room, "unheard")
    assert not office.told()
    assert len(office.told("app_uninstalled")) == len(office.told("tokens_revoked")) == 1
    assert office.install.bot_user not in office.room.members


def test_direct_messages(office: Office) -> None:
    direct = office.ana.direct(office.install)
    office.ana.says(direct, "psst @echo")
    (told,) = office.told()
    assert (told["channel_type"], told["channel"][0]) == ("im", "D")
    assert not office.told("app_mention")
    assert not office.bo.sees(direct)


async def test_a_file_from_a_person(office: Office) -> None:
    office.ana.attaches(office.room, "mail.eml", b"Subject: hi", "The original")
    assert office.ana.sees(office.room)[0].files == ("mail.eml",)
    (message,), (shared,) = office.told(), office.told("file_shared")
    assert (message["subtype"], shared["file_id"]) == ("file_share", message["files"][0]["id"])
    url = message["files"][0]["url_private_download"]
    async with ClientSession() as session:
        async with session.get(url) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
        async with session.get(url, headers={"Authorization": f"Bearer {office.install.token}"}) as answer:
            assert await answer.read() == b"Subject: hi"


async def test_a_file_from_an_app(office: Office) -> None:
    upload = office.web.files_upload_v2
    done = await upload(filename="a.zip", content=b"PK", channel=office.room.id, initial_comment="The export")
    assert office.ana.sees(office.room)[0].files == ("a.zip",)
    info = (await office.web.files_info(file=done["file"]["id"]))["file"]
    assert (info["size"], list(info["shares"]["public"])) == (2, [office.room.id])
    other = office.slack.channel("other", office.ana)
    office.ana.attaches(other, "secret.txt", b"no")
    hidden = list(office.slack.world.files)[-1]
    for refused in (
        office.web.files_info(file=hidden),
        office.web.files_info(file="F404"),
        office.web.files_completeUploadExternal(files=[{"id": done["file"]["id"]}]),
    ):
        with pytest.raises(SlackApiError) as error:
            await refused
        assert error.value.response["error"] == "file_not_found"
