"""A channel where several of our apps sit is one place, whichever app is told of what happens there."""

from __future__ import annotations

from pathlib import Path

from tests.bot.slack.network import network


def test_a_command_stands_where_the_first_app_speaks(tmp_path: Path) -> None:
    """Though the app of its writer's workspace brings it, and is the first to bring anything."""
    with network(tmp_path) as net:
        assert net.network is not None
        first = min(net.apps)
        net.comity.do(*(f"/agency desk {code} slack:{first}/{net.network.id} --shared" for code in net.apps))
        writer = next(net[name] for name, code in (("ana", "FTC"), ("bo", "ACMA")) if code != first)
        assert writer.slash(net.network, "/case", "open Fake parcel notices").error is None
        root = writer.finds(net.network, "Fake parcel notices")
        assert not root.private
        assert {"FTC", "ACMA"} <= set(root.text.replace(",", " ").split())
