"""Whoever is not Slack gets nowhere at our address: forged, tampered with, old, or meant for another app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.bot.slack.network import Network, network
from tests.bot.slack.reckoning import opened
from tests.slack.http_events import sign
from tests.synapse import LOOPBACK

TITLE = "A case by whoever knows our address"
MINUTES = 60


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network(tmp_path_factory.mktemp("signatures"), http=True) as found:
        yield found
        assert not found.slack.world.breaches


def _body(net: Network, title: str = TITLE) -> str:
    ana, ftc = net["ana"], net.apps["FTC"]
    with net.slack.world.lock:
        command = net.slack.payloads.slash(ftc, ana.user, net.desks["FTC"], "/case", f"open {title}")
    return urlencode(command)


def _headers(secret: str, body: str, age: float = 0) -> dict[str, str]:
    timestamp = str(int(time.time() - age))
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign(secret, timestamp, body)}


def _posts(net: Network, body: str, headers: dict[str, str], name: str = "FTC") -> int:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"http://{LOOPBACK}:{net.comity.environment['COMITY_WEB_PORT']}/slack/{name}/events"

    async def post() -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body.encode(), headers=form | headers) as answer,
        ):
            return answer.status

    return asyncio.run(post())


def test_what_slack_signed_is_performed_and_a_replay_is_not(net: Network) -> None:
    body = _body(net, "Signed")
    headers = _headers(net.apps["FTC"].app.signing_secret, body)
    assert [_posts(net, body, headers) for _ in range(3)] == [200, 200, 200]
    net["ana"].finds(net.desks["FTC"], "Signed")
    net.quiet()
    assert opened(net).count("Signed") == 1


@pytest.mark.parametrize("what", ["unsigned", "forged", "tampered", "of another app", "old", "ahead", "half"])
def test_the_rest_gets_nowhere(net: Network, what: str) -> None:
    body, secret = _body(net), net.apps["FTC"].app.signing_secret
    headers = _headers(secret, body)
    match what:
        case "unsigned":
            headers = {}
        case "forged":
            headers = _headers("0" * 32, body)
        case "tampered":
            body = body.replace("open", "close")
        case "of another app":
            headers = _headers(net.apps["ACMA"].app.signing_secret, body)
        case "old":
            headers = _headers(secret, body, age=6 * MINUTES)
        case "ahead":
            headers = _headers(secret, body, age=-6 * MINUTES)
        case "half":
            del headers["X-Slack-Signature"]
    assert _posts(net, body, headers) == 401
    _nothing_came_of_it(net)


def test_an_app_that_nobody_has_set_up(net: Network) -> None:
    body = _body(net)
    assert _posts(net, body, _headers(net.apps["FTC"].app.signing_secret, body), "NOBODY") == 404
    _nothing_came_of_it(net)


NONSENSE = ("", "{", "[]", "payload=", "payload={}", "payload=%00", "command=/case", "\N{NULL}" * 10, "a=" * 10_000)


@pytest.mark.parametrize("body", NONSENSE)
def test_nonsense_that_is_signed_loses_nothing(net: Network, body: str) -> None:
    assert _posts(net, body, _headers(net.apps["FTC"].app.signing_secret, body)) in {200, 400, 404}
    _nothing_came_of_it(net)


def test_a_command_may_speak_of_a_payload(net: Network) -> None:
    """Bolt takes forms with that word for clicks."""
    title = "Who wrote the payload=malware&text=x of May?"
    assert net["ana"].slash(net.desks["FTC"], "/case", f"open {title}").error is None
    net["ana"].finds(net.desks["FTC"], "Who wrote the payload=malware&text=x of May?")


def _nothing_came_of_it(net: Network) -> None:
    net.quiet()
    assert TITLE not in opened(net)
