"""When the process of a terminal has to end: told to, or without its terminal; it knows nothing of what is kept."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable

GRACE = 4.0
"""Seconds to leave in order: whoever stops a program waits for 5."""


def heed(leave: Callable[[], object]) -> None:
    """Call `leave` on SIGTERM or SIGHUP, and end the process GRACE later, or once its terminal (on 0) has hung up.

    Call it in the main thread, once; it holds for the rest of the process.
    """
    if sys.platform == "win32":  # where nobody sends these
        return

    def end(*_: object) -> None:
        if not signal.getitimer(signal.ITIMER_REAL)[0]:  # told again, it has no more time
            signal.setitimer(signal.ITIMER_REAL, GRACE)
            leave()

    # Not as the event loop's handlers: it stands still while Textual waits for a terminal that takes no more output.
    for one in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, end)
    signal.signal(signal.SIGALRM, _cut_off)
    threading.Thread(target=_await_hangup, name="hangup", daemon=True).start()


def _await_hangup() -> None:
    """SIGHUP does not tell: it may be ignored, and it comes to the session that has the terminal as its own only."""
    poll = select.poll()
    poll.register(0, 0)  # of no event but those that come unasked
    if any(what & select.POLLHUP for _, what in poll.poll()):
        _cut_off()


def _cut_off(*_: object) -> None:
    """Textual has no way out of a terminal that is gone or stalled: it waits for its last words to be written.

    Nothing is lost. What was acknowledged had been committed before; what was not is taken at the next start.
    """
    os._exit(0)
