"""A channel, a token, a scope or a workspace goes: letters wait, the doctor says why; once it is back, they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.tables import LetterState
from tests.bot.slack.network import Asked, Network, network
from tests.bot.slack.reckoning import each_once, nothing_is_left, replies
from tests.slack import membership


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Network]:
    with network(tmp_path) as found:
        yield found
        found.quiet()
        each_once(found)
        nothing_is_left(found)
        assert not found.slack.world.breaches


@dataclass(frozen=True)
class Absence:
    """How ACMA's app goes, how it comes back, and what the doctor says meanwhile."""

    go: Callable[[Network], None]
    come: Callable[[Network], None]
    doctor: str


def _archive(net: Network) -> None:
    membership.archive(net.slack.world, net.desks["ACMA"], net["bo"].user)


def _unarchive(net: Network) -> None:
    membership.unarchive(net.slack.world, net.desks["ACMA"], net["bo"].user)


def _remove(net: Network) -> None:
    net["bo"].removes(net.desks["ACMA"], net.apps["ACMA"])


def _invite(net: Network) -> None:
    net["bo"].invites(net.desks["ACMA"], net.apps["ACMA"])


def _refused(error: str) -> Callable[[Network], None]:
    def revoke(net: Network) -> None:
        membership.revoke(net.slack.world, net.apps["ACMA"], error)

    return revoke


def _accept(net: Network) -> None:
    with net.slack.world.lock:
        net.apps["ACMA"].refusal = None


def _take_scope(net: Network) -> None:
    with net.slack.world.lock:
        net.apps["ACMA"].scopes.discard("chat:write")


def _give_scope(net: Network) -> None:
    with net.slack.world.lock:
        net.apps["ACMA"].scopes.add("chat:write")


ABSENCES = {
    "archived": Absence(_archive, _unarchive, "where ACMA is to be reached: the channel is archived"),
    "removed": Absence(_remove, _invite, "where ACMA is to be reached: type /invite there"),
    "revoked": Absence(
        _refused("token_revoked"), _accept, "COMITY_SLACK__ACMA__BOT_TOKEN is not accepted: Slack answers token_revoked"
    ),
    "workspace gone": Absence(
        _refused("account_inactive"),
        _accept,
        "COMITY_SLACK__ACMA__BOT_TOKEN is not accepted: Slack answers account_inactive",
    ),
    "scope missing": Absence(_take_scope, _give_scope, "slack ACMA: the scope chat:write is missing"),
}


@pytest.mark.parametrize("absence", ABSENCES.values(), ids=ABSENCES)
def test_letters_wait_and_arrive_when_it_is_mended(net: Network, absence: Absence) -> None:
    asked = net.asked()
    net.quiet()
    absence.go(net)
    _more(net, asked, "The second mailbox too.")
    later = _sent(net, asked)
    net.until(lambda: any(error for _, _, error in net.comity.waiting()))
    assert {state for _, state, _ in net.comity.waiting()} == {LetterState.WAITING}
    assert absence.doctor in net.comity.program("doctor", code=1)
    net["ana"].finds(net.desks["FTC"], later)  # nobody else waits for it
    absence.come(net)
    net["bo"].finds(net.desks["ACMA"], "The second mailbox too.", asked.there)
    net["bo"].finds(net.desks["ACMA"], later)


@pytest.mark.parametrize("name", ["revoked", "workspace gone"])
def test_what_was_said_while_we_were_let_in_nowhere_is_read_once(net: Network, name: str) -> None:
    asked = net.asked()
    net.quiet()
    ABSENCES[name].go(net)
    net["bo"].says(net.desks["ACMA"], "It was a reseller.", thread=asked.there)
    _more(net, asked, "The second mailbox too.")
    net.until(lambda: any(error for _, _, error in net.comity.waiting()))
    ABSENCES[name].come(net)
    net["ana"].finds(net.desks["FTC"], "It was a reseller.", asked.here)
    net["bo"].says(net.desks["ACMA"], "Its name is Example.", thread=asked.there)
    net["ana"].finds(net.desks["FTC"], "Its name is Example.", asked.here)


def test_that_we_are_back_may_be_heard_before_that_we_were_gone(net: Network) -> None:
    bo, acma = net["bo"], net.desks["ACMA"]
    net.quiet()
    kinds = {"channel_left", "group_left", "member_left_channel", "member_joined_channel"}
    held = net.slack.faults.hold(which=lambda payload: payload["event"]["type"] in kinds)
    _remove(net)
    _invite(net)
    net.slack.faults.let_go(held)
    bo.finds(acma, "I was not here from")


def test_whoever_puts_us_out_speaks_without_us_and_reads_so_afterwards(net: Network) -> None:
    asked, bo, acma = net.asked(), net["bo"], net.desks["ACMA"]
    net.quiet()
    _remove(net)
    bo.says(acma, "Let us not tell them yet.", thread=asked.there)
    _invite(net)
    bo.finds(acma, "I was not here from")
    bo.says(acma, "It was a reseller.", thread=asked.there)
    net["ana"].finds(net.desks["FTC"], "It was a reseller.", asked.here)
    assert replies(net) == ["It was a reseller."]


def test_a_workspace_that_is_gone_when_we_begin(net: Network) -> None:
    asked = net.asked()
    net.quiet()
    net.comity.stop()
    ABSENCES["workspace gone"].go(net)
    net.comity.start()
    _more(net, asked, "The second mailbox too.")
    net.until(lambda: any(error for _, _, error in net.comity.waiting()))
    (error,) = {error for _, _, error in net.comity.waiting() if error}
    assert error == "slack:ACMA: Slack answers account_inactive to auth.test"
    assert f": {error}" in net.comity.program("doctor", code=1)
    ABSENCES["workspace gone"].come(net)
    net["bo"].finds(net.desks["ACMA"], "The second mailbox too.", asked.there)


def _more(net: Network, asked: Asked, words: str) -> None:
    net["ana"].says(net.desks["FTC"], words, thread=asked.here)


def _sent(net: Network, asked: Asked) -> str:
    words = "And who paid for it?"
    answer = net["ana"].slash(net.desks["FTC"], "/request", f"send ACMA --case {asked.case} {words}")
    assert answer.error is None
    return words
