"""What stands in Slack of Comity's letters, and what Comity has kept: each once, in order; it does nothing."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from sqlmodel import col, select

from storage import arrivals, ledger
from storage.tables import Case, ReplyRevision
from tests.bot.slack.network import Network
from tests.slack.seeing import shown
from tests.slack.world import Channel, Message


def ours(net: Network, channel: Channel) -> list[tuple[Message, str]]:
    """Comity's messages in a channel and its threads, as people read them, oldest first."""
    bots = {app.bot_user for app in net.apps.values()}
    with net.slack.world.lock:
        found = [one for one in channel.messages.values() if one.body["user"] in bots]
        return [(one, shown(net.slack.world, channel, one).text) for one in found]


def roots(net: Network, channel: Channel) -> list[str]:
    """The titles of the cases whose roots stand there, in order."""
    found = [re.match(r"TLP:[A-Z+]+\nC-\d+ (.*)\nState", text) for one, text in ours(net, channel) if not one.is_reply]
    return [one[1] for one in found if one]


def each_once(net: Network) -> None:
    """No part of a letter stands anywhere twice, and no two messages in a thread are alike."""
    with net.slack.world.lock:
        channels = list(net.slack.world.channels.values())
    for channel in channels:
        there = ours(net, channel)
        parts = Counter(one.metadata["event_payload"]["letter"] for one, _ in there if one.metadata is not None)
        alike = Counter((one.thread_ts, text) for one, text in there)
        assert _more_than_once(parts) == {}, channel.name
        assert _more_than_once(alike) == {}, channel.name


def _more_than_once(counted: Counter[Any]) -> dict[Any, int]:
    return {what: times for what, times in counted.items() if times > 1}


def opened(net: Network) -> list[str]:
    """The titles of all cases that were kept, in their order."""
    with net.comity.records(reading=True) as session:
        return [case.title for case in session.exec(select(Case).order_by(col(Case.id)))]


def replies(net: Network) -> list[str]:
    """What was kept of replies, in its order."""
    with net.comity.records(reading=True) as session:
        return list(session.exec(select(ReplyRevision.text).order_by(col(ReplyRevision.reply_id))))


def nothing_is_left(net: Network) -> None:
    """Every letter has arrived, nothing was set aside, and the ledger holds."""
    assert net.comity.waiting() == []
    with net.comity.records(reading=True) as session:
        assert not arrivals.set_aside(session)
        ledger.verify(session)
