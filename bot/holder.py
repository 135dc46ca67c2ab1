"""Which process this is, among those that share a database; and whether another one of this machine has ended."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket

_MACHINE = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:12]

HOLDER = f"{_MACHINE}:{os.getpid()}:{secrets.token_hex(4)}"
"""This process, in a lease."""


def has_ended(holder: str) -> bool:
    """True if that process was of this machine and is no more: nobody has to wait for its lease to run out.

    A process that was given the same number since counts as alive; then the lease runs out by itself.
    """
    machine, _, rest = holder.partition(":")
    number = rest.partition(":")[0]
    if machine != _MACHINE or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
