"""The operator's programs for the vault: what is not as it was received is named, and a key is changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.synapse import ROOT

SCRIPT = """
ana in #ftc: /case open Mailing
ana in #ftc: /request send ACMA --case C-1 Who rented it?
bo in #acma thread R-1 attach one.txt: One.
bo in #acma thread R-1 attach one.txt: Again.
bo in #acma thread R-1 attach two.txt: Two.
"""


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(name)
    (tmp_path / "script.txt").write_text(SCRIPT)
    found = {"COMITY_DATABASE_URL": f"sqlite:///{tmp_path}/comity.db", "COMITY_VAULT_DIR": str(tmp_path / "vault")}
    code, said = program(found, "local", "--script", str(tmp_path / "script.txt"))
    assert code == 0, said
    return found


def program(settings: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """What an operator types, and what is said to that."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments], cwd=ROOT, env=os.environ | settings, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout


def blobs(settings: Mapping[str, str]) -> list[Path]:
    return sorted(Path(settings["COMITY_VAULT_DIR"]).glob("??/*"))


def test_all_is_as_it_was_received(settings: dict[str, str]) -> None:
    assert program(settings, "vault", "verify") == (0, "3 exhibits, 0 exports, 2 files, all as they were received\n")


def test_what_is_missing_changed_or_foreign_is_named(settings: dict[str, str]) -> None:
    contents = {path.read_bytes(): path for path in blobs(settings)}
    one, two = contents[b"one"], contents[b"two"]
    one.unlink()
    two.chmod(0o600)
    two.write_bytes(b"twq")
    (two.parent / "stray").write_text("?")
    code, said = program(settings, "vault", "verify")
    assert code == 1
    assert sorted(said.splitlines()) == sorted([
        f"missing: X-1, X-2 (sha256 {one.name})", f"changed: X-3 (sha256 {two.name})",
        f"foreign: {two.parent.name}/stray", "3 exhibits, 0 exports, 2 files, 3 faults",
    ])  # fmt: skip


def test_the_doctor_says_what_keeps_exhibits_from_being_kept_or_given(settings: dict[str, str]) -> None:
    key = {"COMITY_VAULT_KEY": "01" * 32}
    assert program(settings, "doctor")[0] == 0
    program(settings | key, "vault", "reseal")
    code, said = program(settings, "doctor")
    sealed = "2 files of the vault are sealed with a key that is not here: python -m bot vault verify names them"
    assert (code, said.splitlines()) == (1, [sealed])
    blobs(settings)[0].unlink()
    assert program(settings | key, "doctor") == (
        1, "1 file of the vault is missing: python -m bot vault verify names them\n"
    )  # fmt: skip
    (elsewhere := Path(settings["COMITY_VAULT_DIR"]).parent / "file").touch()
    code, said = program(settings | {"COMITY_VAULT_DIR": str(elsewhere / "vault")}, "doctor")
    assert code == 1
    assert f"COMITY_VAULT_DIR: no file can be kept in {elsewhere}/vault: no exhibit can come in" in said


def test_a_key_is_set_changed_and_lost(settings: dict[str, str]) -> None:
    first, second = {"COMITY_VAULT_KEY": "01" * 32}, {"COMITY_VAULT_KEY": "02" * 32}
    anew = "2 were written anew; all others stood as they should.\n"
    assert program(settings | first, "vault", "reseal") == (0, anew)
    assert not [path for path in blobs(settings) if path.read_bytes() in {b"one", b"two"}]
    changed = second | {"COMITY_VAULT_KEY_OLD": first["COMITY_VAULT_KEY"]}
    assert program(settings | changed, "vault", "verify")[0] == 0
    assert program(settings | changed, "vault", "reseal")[0] == 0
    assert program(settings | second, "vault", "verify")[0] == 0
    code, said = program(settings | first, "vault", "verify")
    assert (code, said.count("sealed with a key that is not here: X-")) == (1, 2)
    code, said = program(settings | first, "vault", "reseal")
    assert (code, "is not as it was received" in said) == (1, True)
    assert "02" * 32 not in said
