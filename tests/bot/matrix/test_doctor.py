"""The doctor names what keeps an agency from being reached in Matrix, and nothing where all is well."""

from __future__ import annotations

from pathlib import Path

import nio

from tests.bot.matrix.network import network
from tests.bot.matrix.people import PASSWORD, logged_in, must
from tests.synapse import Synapse


async def test_all_is_well_and_then_is_not(homeserver: Synapse, tmp_path: Path) -> None:
    async with network(homeserver, tmp_path) as net:
        assert net.comity.program("doctor") == "All is well.\n"
        ana, bo, ftc, acma = net["ana"], net["bo"], net.desks["FTC"], net.desks["ACMA"]
        eve = homeserver.register(f"eve{net.bot.partition('-')[2].partition(':')[0]}", PASSWORD)
        await ana.client.room_invite(ftc, eve)
        async with logged_in(homeserver.url, eve) as stranger:
            must(await stranger.join(ftc), nio.JoinResponse)
        levels = must(await ana.client.room_get_state_event(ftc, "m.room.power_levels"), nio.RoomGetStateEventResponse)
        quiet = {**levels.content, "events_default": 50}
        must(await ana.client.room_put_state(ftc, "m.room.power_levels", quiet), nio.RoomPutStateResponse)
        must(await bo.client.room_kick(acma, net.bot), nio.RoomKickResponse)
        there = f"matrix:HOME/{ftc}, where FTC is to be reached"
        assert net.comity.program("doctor", code=1).splitlines() == [
            f"{net.bot} may not write in {there}: give it the power to send messages",
            f"nobody has enrolled {eve} in {there}",
            f"no account of ours sits in matrix:HOME/{acma}, where ACMA is to be reached: invite it there",
        ]


async def test_an_account_that_cannot_be_used_is_named(homeserver: Synapse, tmp_path: Path) -> None:
    async with network(homeserver, tmp_path, "FTC") as net:
        net.comity.stop()
        account = net.comity.environment
        net.comity.environment = account | {"COMITY_MATRIX__HOME__STORE_DIR": str(tmp_path / "another")}
        assert net.comity.program("doctor", code=1) == "matrix HOME: it has never logged in: python -m bot run\n"
        with_token = {"COMITY_MATRIX__HOME__ACCESS_TOKEN": "nobody's", "COMITY_MATRIX__HOME__DEVICE_ID": "D"}
        net.comity.environment = account | with_token
        assert net.comity.program("doctor", code=1) == "matrix HOME: its token is not accepted: set a new one\n"
        net.comity.environment = account | with_token | {"COMITY_MATRIX__HOME__HOMESERVER": "http://127.0.0.1:9"}
        found = net.comity.program("doctor", code=1)
        assert found.startswith("matrix HOME: http://127.0.0.1:9 does not answer as it should: ")
