"""The sample scripts, which the README shows in the local workspace, are the same conversations at Slack clients."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from bot.local.script import START
from tests.bot.slack.network import network
from tests.bot.slack.player import Player
from tests.cast import Cast
from tests.comity import SAMPLE
from tests.playing import play
from tests.screenplay import SCRIPTS, screenplay
from tests.synapse import ROOT


async def perform(folder: Path, lines: list[str], *, http: bool = False) -> None:
    """The script as it is heard in the local workspace, and then as people at Slack clients see it."""
    clock = folder / "clock"
    clock.write_text(START.isoformat(), encoding="utf-8")
    script = await screenplay(lines, folder)
    assert any(scene.said for scene in script.scenes)
    with network(folder, *SAMPLE, seated=True, http=http, COMITY_CLOCK=str(clock)) as net:
        cast = Cast()
        player = Player(net, cast)
        player.seat(script.people)
        await play(script, net.comity, cast, player)


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_sample_is_the_same_conversation(tmp_path: Path, name: str) -> None:
    copytree(ROOT / "samples" / "files", tmp_path / "files")
    await perform(tmp_path, _lines(name))


async def test_it_is_over_http(tmp_path: Path) -> None:
    await perform(tmp_path, _lines("second-thoughts"), http=True)


def _lines(name: str) -> list[str]:
    return (ROOT / "samples" / f"{name}.txt").read_text(encoding="utf-8").splitlines()


async def test_every_kind_of_deed_is_the_same_conversation(tmp_path: Path) -> None:
    (tmp_path / "lease.txt").write_text("Signed on 3 May.", encoding="utf-8")
    script = """
        ana in direct: /comity whoami
        ana in direct: /case open A case that no room hears of
        ana in direct: hello
        ana in direct: /case open --marking red A source that only the desk hears of
        ana in #ftc: !case open --marking green Parcel scam
        ana in #ftc thread C-3: /request send ACMA Who is behind <b>parcels</b>@example.com & https://evil.example?
        bo in #acma reacts R-1 :check:
        bo in #acma thread R-1: Two lines:\\nthe first of May, and *the* second.
        bo in #acma edits "first of May": ;; not before Bea has read it
        bo in #acma thread R-1: ;; Bea?
        bo in #acma edits "Bea?": Bea says: the third of May, `not` <!channel> &amp; _not_ #ftc.
        bo in #acma thread R-1 attach lease.txt: The lease.
        bo in #acma deletes "the third of May"
        bo in direct: /request show R-1
        bo in direct: /request decline R-1
        bo in direct: not-held
        ana in #ftc edits "!case open": !case open Something else
        operator: /officer add local:eve --agency ACMA Eve Park
        operator: /agency desk ACMA local:acma
        operator: /agency add ACMA --country AU --zone Australia/Sydney Once more
        clock +3d
        eve in #acma thread R-1: It was I who declined, on behalf of Bo.
        ana in #ftc press R-1 "Reopen"
        ana in #ftc thread R-1: Please look again.
        ana in #network: /request list
        ana in #network: /digest now
        bea in #network: /officer remove local:eve
        eve in #acma thread R-1: Am I still heard?
        bo in #acma thread R-1: /decline
        bo in #acma thread R-1: not-held
        ana in #ftc: /case frobnicate
        ana in #ftc: /case list
        ana in #ftc press C-3 "Ask a partner"
        ana in #ftc thread C-3: KISA
        ana in #ftc thread C-3: Do you know the sender?
        chin in #kisa press C-3 "Note"
        chin in #kisa thread C-3: cancel
        ana in #ftc thread C-3: /note Bo is on leave until Monday.
    """
    await perform(tmp_path, script.splitlines())
