"""Reads the whole vault again for the operator, and says what is not as it was received; it mends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from storage import exhibits, exports
from storage.session import transaction
from storage.vault import Fault, Vault
from storage.words import case_ref, exhibit_ref


def faults(engine: Engine, vault: Vault) -> Iterator[str]:
    """A line each: `changed: X-1 (sha256 ...)`, `foreign: notes.txt`."""
    with transaction(engine, reading=True) as session:
        before, names = _expected(session), exhibits.names(session)
        given = exports.in_vault(session)
    for found in vault.survey(before):
        if found.fault is not Fault.FOREIGN:
            exported = [f"an export of {case_ref(given[found.what][1])}"] if found.what in given else []
            refs = ", ".join([*map(exhibit_ref, names.get(found.what, ())), *exported])
            yield f"{found.fault}: {refs} (sha256 {found.what})"
        elif not _came_meanwhile(engine, found.what):
            yield f"{found.fault}: {found.what}"


def _came_meanwhile(engine: Engine, path: str) -> bool:
    with transaction(engine, reading=True) as session:
        return path.rpartition("/")[2] in _expected(session)


def _expected(session: Session) -> dict[str, int]:
    """What lies in the vault: sizes in bytes by sha256."""
    return exhibits.sums(session) | {sha256: size for sha256, (size, _) in exports.in_vault(session).items()}


def glance(session: Session, folder: Path, vault: Vault) -> Iterator[str]:
    """What a look without reading shows: a line for whatever keeps exhibits from being kept or given."""
    if not vault.is_writable:
        yield f"COMITY_VAULT_DIR: no file can be kept in {folder}: no exhibit can come in"
        return
    found = vault.glance(_expected(session))
    for fault, number in found.items():
        files = "1 file of the vault is" if number == 1 else f"{number} files of the vault are"
        yield f"{files} {fault}: python -m bot vault verify names them"


def count(engine: Engine) -> str:
    """`3 exhibits, 1 export, 3 files`."""
    with transaction(engine, reading=True) as session:
        names, given = exhibits.names(session), exports.in_vault(session)
        files = len(_expected(session))
    counted = {"exhibit": sum(map(len, names.values())), "export": len(given), "file": files}
    return ", ".join(f"{number} {what}{'' if number == 1 else 's'}" for what, number in counted.items())
