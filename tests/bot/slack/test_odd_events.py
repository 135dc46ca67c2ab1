"""Slack brings events twice, backwards, by two names and about nothing: each thing that a person did counts once."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from tests.bot.slack.network import Network, network
from tests.bot.slack.reckoning import each_once, nothing_is_left, opened, replies, roots


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network(tmp_path_factory.mktemp("events")) as found:
        yield found
        assert not found.slack.world.breaches


@pytest.fixture
def net(together: Network) -> Iterator[Network]:
    together.quiet()
    yield together
    together.slack.faults.clear()
    together.quiet()
    each_once(together)
    nothing_is_left(together)


def test_everything_comes_twice(net: Network) -> None:
    """With one event_id and no word of a retry."""
    ana, bo, ftc, acma, asked = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"], net.asked()
    net.quiet()
    before = net.comity.tags()
    net.slack.faults.duplicate(math.inf)
    ana.says(ftc, "!case open Twice")
    said = bo.says(acma, "Said twice.", thread=asked.there)
    ana.finds(ftc, "Said twice.", asked.here)
    bo.edits(acma, said, "Edited twice.")
    ana.finds(ftc, "Edited twice.", asked.here)
    bo.deletes(acma, said)
    ana.finds(ftc, "deleted", asked.here)
    bo.reacts(acma, asked.there, "white_check_mark")
    ana.finds(ftc, "State: acknowledged", asked.here)
    net.quiet()
    new = net.comity.tags() - before
    assert roots(net, ftc).count("Twice") == 1
    assert {tag: times for tag, times in new.items() if times > 1} == {}


def test_a_mention_comes_by_two_names_and_counts_once(net: Network) -> None:
    ana, ftc = net["ana"], net.desks["FTC"]
    ana.says(ftc, "@comity case open Mentioned")
    ana.waits(ftc, lambda _: "Mentioned" in roots(net, ftc))
    net.quiet()
    told = [one for kind in ("message", "app_mention") for one in net.slack.journal.events(kind)]
    assert len([one for one in told if str(one.event.get("text", "")).endswith("case open Mentioned")]) == 2
    assert opened(net).count("Mentioned") == 1


def test_an_edit_and_a_deletion_before_what_they_are_about(net: Network) -> None:
    ana, bo, ftc, acma, asked = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"], net.asked()
    net.quiet()
    back = net.slack.faults.hold(which=lambda payload: payload["event"]["channel"] == acma.id)
    edited = bo.says(acma, "First wording.", thread=asked.there)
    bo.edits(acma, edited, "Second wording.")
    bo.edits(acma, edited, "Third wording.")
    gone = bo.says(acma, "A slip.", thread=asked.there)
    bo.deletes(acma, gone)
    net.slack.faults.let_go(back)
    ana.finds(ftc, "Third wording.", asked.here)
    ana.finds(ftc, "deleted", asked.here)
    net.quiet()
    seen = [one.text for one in ana.sees(ftc, asked.here)]
    assert len([one for one in seen if "wording." in one]) == 1
    assert not [one for one in seen if "A slip." in one]
    assert [one for one in replies(net) if "wording." in one] == ["First wording.", "Second wording.", "Third wording."]


def test_a_preview_is_no_edit(net: Network) -> None:
    ana, bo, ftc, acma, asked = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"], net.asked()
    said = bo.says(acma, "See https://evil.example/a?b=1&c.", thread=asked.there)
    ana.finds(ftc, "evil.example", asked.here)
    bo.edits(acma, said, "See https://evil.example/a?b=2&c.")
    ana.finds(ftc, "b=2", asked.here)
    net.quiet()
    assert len([one for one in replies(net) if "evil.example" in one]) == 2
    assert not [one for one in bo.sees(acma, asked.there) if one.private and "edit" in one.text]


def test_a_root_with_replies_is_deleted(net: Network) -> None:
    """A tombstone stays in its place; who deleted what was no reply has changed nothing."""
    ana, ada, ftc = net["ana"], net["ada"], net.desks["FTC"]
    root = ana.says(ftc, "Shall we open one?")
    ada.says(ftc, "Yes.", thread=root)
    ada.says(ftc, "@comity case open From a thread", thread=root)
    ana.waits(ftc, lambda _: "From a thread" in roots(net, ftc))
    net.quiet()
    before = net.comity.tags()
    ana.deletes(ftc, root)
    ada.says(ftc, "@comity case open From the same", thread=root)
    ana.waits(ftc, lambda _: "From the same" in roots(net, ftc))
    net.quiet()
    assert net.comity.tags() - before == {"case:opened": 1}


def test_a_reply_that_is_shown_to_the_channel_too_is_one_reply(net: Network) -> None:
    ana, bo, ftc, acma, asked = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"], net.asked()
    said = bo.says(acma, "For all to see.", thread=asked.there, broadcast=True)
    ana.finds(ftc, "For all to see.", asked.here)
    bo.edits(acma, said, "For all to see again.")
    ana.finds(ftc, "For all to see again.", asked.here)
    net.quiet()
    assert replies(net)[-2:] == ["For all to see.", "For all to see again."]
