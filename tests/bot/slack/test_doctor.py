"""The doctor names what keeps an agency from being reached in Slack, and nothing where all is well."""

from __future__ import annotations

from pathlib import Path

from tests.bot.slack.network import network
from tests.slack import membership


def test_all_is_well_and_then_is_not(tmp_path: Path) -> None:
    with network(tmp_path) as net:
        assert net.comity.program("doctor") == "All is well.\n"
        eve, ftc, acma = net.come("FTC", "eve"), net.desks["FTC"], net.desks["ACMA"]
        net["ana"].invites(ftc, eve)
        net["bo"].removes(acma, net.apps["ACMA"])
        assert net.comity.program("doctor", code=1).splitlines() == [
            f"nobody has enrolled slack:{eve.user.team}/{eve.id} in slack:FTC/{ftc.id}, where FTC is to be reached",
            f"no app of ours sits in slack:ACMA/{acma.id}, where ACMA is to be reached: type /invite there",
        ]
        membership.archive(net.slack.world, ftc, net["ana"].user)
        archived = f"slack:FTC/{ftc.id}, where FTC is to be reached: the channel is archived"
        assert archived in net.comity.program("doctor", code=1).splitlines()


def test_tokens_and_scopes_are_looked_at(tmp_path: Path) -> None:
    with network(tmp_path, "FTC") as net:
        app = net.apps["FTC"]
        with net.slack.world.lock:
            app.scopes -= {"reactions:read"}
        [line] = net.comity.program("doctor", code=1).splitlines()
        assert line.startswith("slack FTC: the scope reactions:read is missing, to hear a reaction to a root: ")
        membership.revoke(net.slack.world, app)
        [line] = net.comity.program("doctor", code=1).splitlines()
        assert line.startswith("COMITY_SLACK__FTC__BOT_TOKEN is not accepted: Slack answers token_revoked")
        assert app.token not in line
        net.comity.environment |= {"COMITY_SLACK__FTC__API_URL": "http://127.0.0.1:9/api/"}
        found = net.comity.program("doctor", code=1)
        assert found.startswith("slack FTC: http://127.0.0.1:9/api/ does not answer as it should: ")
