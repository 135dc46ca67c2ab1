"""A newcomer plays both sides of a request in the sample workspace, with nothing but what the screen says."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.app import script_workspace
from commands.help_page import welcome
from tests.bot.local.client import terminal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.bot.local.client import Client

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])


@asynccontextmanager
async def workspace(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Client]:
    with script_workspace(None) as house:
        async with terminal(house, house, hint=welcome(), size=size) as client:
            yield client


async def ask(client: Client) -> None:
    """As the first screen says, typed and sent at once; then as Bo, at his own desk."""
    await client.sees("/case open Pump-and-dump mailing", "Ask a partner agency: /request send ACMA --case C-1 Who")
    client.keys("/case open Pump-and-dump mailing", "enter")
    client.keys("/request send ACMA --case C-1 Who rented the mailbox?", "enter")
    await client.sees("R-1 FTC asks ACMA: evidence", "Withdraw")
    client.keys("f2")
    await client.sees("bo    #acma #network  2 new")
    client.keys("bo", "enter")
    await client.sees("bo in #acma", "Acknowledge")


@SIZES
async def test_both_sides_of_a_request_from_opening_to_closing(size: tuple[int, int]) -> None:
    async with workspace(size) as client:
        await ask(client)
        client.keys("shift+tab", "enter")
        await client.sees("bo (ACMA) acknowledged R-1.", "bo in #acma > R-1")
        client.keys("Fast Parcels Pty Ltd rented it.", "enter")
        await client.sees("only you see this", "Your reply is kept in R-1", "This is our answer")
        client.keys("shift+tab", "enter")
        await client.sees("bo (ACMA) answered R-1.")

        client.keys("f2", "enter")
        await client.sees("ana in #ftc", "Fast Parcels Pty Ltd rented it.", "Close")
        client.keys("shift+tab", "enter")
        await client.sees("ana (FTC) closed R-1.", "ana in #ftc > R-1")
        client.keys("/case close Handed to the enforcement division.", "enter")
        await client.sees("Esc: all of #ftc, 1 new")
        client.keys("escape")
        await client.sees("ana (FTC) closed C-1.", "Handed to the enforcement division.")


async def test_what_a_button_asks_is_answered_by_typing_on() -> None:
    async with workspace() as client:
        await ask(client)
        client.keys("shift+tab")
        await client.until(lambda: not client.line.has_focus)
        client.keys("right")
        client.keys("enter")
        await client.sees("only you see this", "Write it here, or cancel.", "bo in #acma > R-1")
        client.keys("Fast Parcels Pty Ltd rented it.", "enter")
        await client.sees("bo (ACMA) answered R-1.", "Fast Parcels Pty Ltd rented it.")


async def test_a_partner_is_asked_from_the_case_by_buttons_and_answers_alone() -> None:
    async with workspace() as client:
        client.keys("/case open Pump-and-dump mailing", "enter")
        await client.sees("Ask a partner   Note")
        client.keys("shift+tab", "enter")
        await client.sees("Agency asked? Write it here, or cancel.", "ana in #ftc > C-1")
        client.keys("ACMA", "enter")
        await client.sees("What is asked? Write it here, or cancel.")
        client.keys("Who rented the mailbox?", "enter")
        await client.sees("asked ACMA, who is now on C-1", "Esc: all of #ftc, 1 new")
        client.keys("escape")
        await client.sees("R-1 FTC asks ACMA: evidence")
