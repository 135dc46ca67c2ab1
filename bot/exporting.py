"""Writes an export: one zip, the same bytes whenever it is written from the same snapshot; it decides nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import Engine
from sqlmodel import Session

from commands import export_html, export_uco, exporting, verify_export
from storage import agencies, cases, exhibits, exports, ledger
from storage.session import transaction
from storage.vault import Vault, VaultError
from storage.words import RefKind, case_ref, read_ref

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip knows: when it was written says nothing, and would make each another one."""

_READ_ME = """This is what {code} could see of {ref}, as of {at}.

case.html           the case, to be read and printed
case.json           the same, for programs
custody.jsonld      exhibits and their custody in the words of CASE and UCO
exhibits/           the files, byte for byte as they were received
ledger.jsonl        the ledger up to then; of entries that are not about what {code} could see, only their sums
manifest.sha256     the SHA-256 of every other file here

To check it, unpack it and in its folder type

    sha256sum -c manifest.sha256
    python3 verify.py

The first says whether every file is what was exported. The second says so too, walks the ledger's chain and every chain
of custody, and needs nothing but Python; what it does is written at its beginning. The ledger must end with

    {count}:{head}

An entry after it says who exported this. Every digest names the head of its day, and every agency has digests: with
one of them, say "Ledger: 40 entries, head 38961c574bd39576",

    python3 verify.py 40:38961c574bd39576

says too whether the ledger above is the one that it was then.
"""


class Written(NamedTuple):
    path: Path
    sha256: str
    size: int


class ExportError(Exception):
    """It cannot be exported; its text says why."""


def export(
    engine: Engine, vault: Vault, salt: Callable[[], bytes], now: datetime, *, case: str, code: str, folder: Path,
    head: str | None,
) -> str:  # fmt: skip
    """Write the case as the agency may see it, or as it saw it at an earlier export's head; what to print.

    Raises ExportError. The zip shows the ledger as it was before the entry of the export itself.
    """
    try:
        # a large zip takes a while: others write meanwhile, and the ledger up to its head stays what it is
        with transaction(engine, reading=True) as session:
            found = shown(session, case, code, head, now)
            written = write(session, vault, found, folder)
        if head is None:
            with transaction(engine) as session:
                giving = exporting.given(session, found, written.sha256, now)
                ledger.append(session, giving, now, {"by": "operator", "in": None}, salt)
    except OSError as error:
        raise ExportError(f"{folder} cannot be written to: {error.strerror}") from None
    except VaultError as error:
        raise ExportError(f"an exhibit is not as it was received: {error}; `vault verify` says which") from None
    at = f"{found['ledger']['count']}:{found['ledger']['head']}"
    return f"{written.path}\n{written.size} bytes, sha256 {written.sha256}\nhead {at}"


def shown(session: Session, case: str, code: str, head: str | None, now: datetime) -> dict[str, Any]:
    """What the agency may see, or saw at an earlier export's head; raises ExportError."""
    agency = agencies.by_codes(session, [code.upper()]).get(code.upper())
    found = read_ref(case)
    if agency is None:
        raise ExportError(f"there is no agency {code}")
    if found is None or found[0] is not RefKind.CASE:
        raise ExportError(f"{case} is no case: write it as in C-12")
    if head is None:
        visible = cases.visible(session, agency.id or 0, found[1])
        if visible is None:
            raise ExportError(f"{agency.code} is not on a case {case_ref(found[1])}")
        return exporting.snapshot(session, agency, visible, now)
    try:
        given = exports.given_at(session, found[1], agency.id or 0, ledger.read_head(head))
    except ValueError as wrong:
        raise ExportError(str(wrong)) from None
    if given is None:
        raise ExportError(f"{case_ref(found[1])} was not exported for {agency.code} at that head")
    shown: dict[str, Any] = json.loads(given.snapshot)
    for ref in sorted(exporting.enclosed(shown)):
        _, number = read_ref(ref) or (None, 0)
        if exhibits.by_id(session, number).destroyed_at is not None:
            raise ExportError(f"{ref} was in it, and was destroyed since: `/exhibit show {ref}` says by whom and why")
    return shown


def write(session: Session, vault: Vault, shown: dict[str, Any], folder: Path) -> Written:
    """One zip in the folder. Raises OSError, and VaultError where an exhibit is not there as it was received."""
    name = exporting.name_of(shown)
    path, unfinished = folder / f"{name}.zip", folder / f"{name}.zip.part"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _fill(unfinished, name, _files(session, vault, shown))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    found = hashlib.sha256()
    with path.open("rb") as file:
        while portion := file.read(1 << 20):
            found.update(portion)
    return Written(path, found.hexdigest(), path.stat().st_size)


def _fill(zip_: Path, name: str, files: Iterable[tuple[str, Iterable[bytes]]]) -> None:
    sums: list[tuple[str, str]] = []
    with ZipFile(zip_, "w", ZIP_STORED) as archive:
        for inside, content in files:
            sums.append((_put(archive, f"{name}/{inside}", content), inside))
        manifest = "".join(f"{sum_}  {inside}\n" for sum_, inside in sorted(sums, key=lambda one: one[1]))
        _put(archive, f"{name}/{verify_export.MANIFEST}", [manifest.encode()])


def _put(archive: ZipFile, name: str, content: Iterable[bytes]) -> str:
    """The SHA-256 of what was put there."""
    about, found = ZipInfo(name, _LONG_AGO), hashlib.sha256()
    about.external_attr = 0o644 << 16
    with archive.open(about, "w", force_zip64=True) as file:
        for portion in content:
            found.update(portion)
            file.write(portion)
    return found.hexdigest()


def _files(session: Session, vault: Vault, shown: dict[str, Any]) -> Iterator[tuple[str, Iterable[bytes]]]:
    head = shown["ledger"]
    read_me = _READ_ME.format(code=shown["for"], ref=shown["case"]["ref"], at=shown["at"], **head)
    yield "VERIFY.txt", [read_me.encode()]
    yield "case.html", [export_html.page(shown).encode()]
    yield "case.json", [json.dumps(shown, ensure_ascii=False, indent=1).encode()]
    yield "custody.jsonld", [export_uco.graph(shown).encode()]
    yield "ledger.jsonl", _extract(session, shown)
    yield "verify.py", [Path(verify_export.__file__).read_bytes()]
    for exhibit in shown["exhibits"]:
        if exhibit["file"] is not None:
            yield exhibit["file"], vault.read(exhibit["sha256"])


def _extract(session: Session, shown: dict[str, Any]) -> Iterator[bytes]:
    """What was tried and refused is between whoever tried and us."""
    subjects = exporting.subjects(shown)

    def may_read(content: dict[str, Any]) -> bool:
        own = content.get("agency") == shown["for"]
        return content["subject"] in subjects and (own or not content["tag"].startswith("refused:"))

    for line in ledger.extract(session, shown["ledger"]["count"], may_read):
        yield f"{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}\n".encode()
