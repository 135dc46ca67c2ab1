"""A lively fortnight of the sample agencies, for tests of digests."""

from __future__ import annotations

from tests.dialogue import Dialogue


def fortnight(talk: Dialogue) -> Dialogue:
    """Something in each part of FTC's digest of 14 December."""
    talk("""
        ana in #ftc: /case open Silent calls
        ana in #ftc: /request send ACMA --case C-1 --due 2026-12-04 Overdue to us
        ana in #ftc: /request send KISA --case C-1 --due 2027-02-01 Nobody answers
        ana in #ftc: /request send ICO --case C-1 To be closed
        ana in #ftc: /request send ICO --case C-1 To be explained
        ana in #ftc: /request send ICO --case C-1 --kind preserve Keep the logs
        ana in #ftc: /request send ICO --case C-1 Done
        choi in #kisa: /case open Fake shops
        choi in #kisa: /request send FTC --case C-2 --due 2026-12-04 Overdue by us
        choi in #kisa: /request send FTC --case C-2 --due 2026-12-17 Due this week
        choi in #kisa: /request send FTC --case C-2 --due 2027-02-01 Later
        bo in #acma: /request ack R-1
        clock +2d
        dev in #ico: /request answer R-3 Here.
        dev in #ico: /request clarify R-4 What exactly?
        dev in #ico: /request answer R-5 --kept-until 2027-01-04 Kept.
        dev in #ico: /request answer R-6 Here.
        clock 2026-12-14T13:59Z
        ana in #ftc: /request close R-6
    """)
    return talk
