"""An export: what one agency may see and nothing else, to be checked by anyone, and given again to the byte."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from commands import verify_export
from storage.session import connect, transaction
from storage.tables import Export, LedgerEntry
from tests.synapse import ROOT

SCRIPT = """
ana in #ftc: /case open Pump & dump <script>alert(1)</script>
ana in #ftc: /case add KISA --case C-1
ana in #ftc: /request send ACMA --case C-1 Who rented mailbox 1200?
bo in #acma thread R-1 attach lease.csv: The lease, of a Mr Smith.
bo in #acma edits "The lease,": The lease, of a Ms Smith.
ana in #ftc: /request send KISA --case C-1 --marking red Whose card is it?
ana in direct: /request send KISA --case C-1 --marking red Whose card is it?
chin in #kisa thread R-2 attach card.csv
chin in direct: /exhibit release X-1 FTC
ana in #ftc: /case note --case C-1 We meet in March.
"""
SOUND = "All is as it was exported.\n"
FILES = {"lease.csv": b"mailbox,rented by\r\n1200,Smith\r\n", "card.csv": b"card,holder\r\n4417,J. Smith\r\n"}


def program(settings: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """What an operator types, and what is said to that."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments], cwd=ROOT, env=os.environ | settings, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    return played(tmp_path_factory.mktemp("workspace"), SCRIPT)


def played(folder: Path, script: str) -> tuple[Path, dict[str, str]]:
    """The folder of a workspace in which this was said, and its settings."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "script.txt").write_text(script)
    found = {"COMITY_DATABASE_URL": f"sqlite:///{folder}/comity.db", "COMITY_VAULT_DIR": str(folder / "vault")}
    code, said = program(found, "local", "--script", str(folder / "script.txt"))
    assert code == 0, said
    return folder, found


@pytest.fixture(scope="module")
def exported(workspace: tuple[Path, dict[str, str]]) -> dict[str, tuple[Path, str]]:
    """The unpacked folder of each agency, and the head that its export named."""
    folder, settings = workspace
    found = {}
    for code in ("FTC", "ACMA", "KISA"):
        done, said = program(settings, "export", "C-1", "--agency", code, "--to", str(folder / "out"))
        assert done == 0, said
        path, sum_, head = said.splitlines()
        assert hashlib.sha256(Path(path).read_bytes()).hexdigest() in sum_
        with ZipFile(path) as archive:
            archive.extractall(folder / "out")
        found[code] = Path(path).with_suffix(""), head.removeprefix("head ")
    return found


def case_of(exported: Mapping[str, tuple[Path, str]], code: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((exported[code][0] / "case.json").read_text())
    return found


def checked(folder: Path, *heads: str) -> tuple[int, str]:
    """What anyone's Python says in the unpacked folder."""
    verify = [sys.executable, "-I", "verify.py", *heads]
    done = subprocess.run(verify, cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def files_of(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("code", ["FTC", "ACMA", "KISA"])
def test_anyone_can_check_it_with_nothing_of_ours(exported: dict[str, tuple[Path, str]], code: str) -> None:
    folder, head = exported[code]
    summed = subprocess.run(
        ["sha256sum", "--check", "--strict", "manifest.sha256"], cwd=folder, check=False, capture_output=True, text=True
    )
    assert summed.returncode == 0, summed.stdout
    assert checked(folder) == (0, SOUND)
    assert head in (folder / "VERIFY.txt").read_text()


def test_each_sees_what_is_theirs(exported: dict[str, tuple[Path, str]]) -> None:
    ftc, acma, kisa = (case_of(exported, code) for code in ("FTC", "ACMA", "KISA"))
    assert [one["ref"] for one in ftc["requests"] if "what" in one] == ["R-1", "R-2"]
    assert [one["ref"] for one in acma["requests"] if "what" in one] == ["R-1"]
    assert [one["ref"] for one in kisa["requests"] if "what" in one] == ["R-2"]
    assert [(one["ref"], one["file"]) for one in ftc["exhibits"]] == [("X-1", "exhibits/X-1-lease.csv"), ("X-2", None)]
    assert [(one["ref"], one["file"]) for one in kisa["exhibits"]] == [("X-2", "exhibits/X-2-card.csv")]
    [reply] = ftc["requests"][0]["replies"]
    assert [one["words"] for one in reply["wordings"]] == ["The lease, of a Mr Smith.", "The lease, of a Ms Smith."]
    for code, theirs, others in (
        ("FTC", ["Mr Smith", "Whose card", "We meet in March"], ["4417"]),
        ("ACMA", ["Mr Smith", "We meet in March"], ["Whose card", "card.csv"]),
        ("KISA", ["Whose card", "4417", "We meet in March"], ["Smith,", "mailbox", "lease"]),
    ):
        said = b"".join(path.read_bytes() for path in files_of(exported[code][0])).decode()
        assert [words for words in theirs if words not in said] == [], code
        assert [words for words in others if words in said] == [], code


def test_what_was_tried_and_refused_is_ones_own(exported: dict[str, tuple[Path, str]]) -> None:
    lines = (exported["FTC"][0] / "ledger.jsonl").read_text().splitlines()
    shown = [json.loads(one["content"]) for one in map(json.loads, lines) if "content" in one]
    assert {one["agency"] for one in shown if one["tag"].startswith("refused:")} <= {"FTC"}
    assert len(lines) == case_of(exported, "FTC")["ledger"]["count"] > len(shown) > 5


def test_the_page_shows_typed_words_as_words(exported: dict[str, tuple[Path, str]]) -> None:
    page = (exported["FTC"][0] / "case.html").read_text()
    assert page.count("TLP:RED") == 3
    assert "<script>" not in page
    assert "Pump &amp; dump &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert hashlib.sha256(FILES["lease.csv"]).hexdigest() in page


def test_the_graph_names_files_acts_and_people(exported: dict[str, tuple[Path, str]]) -> None:
    nodes = json.loads((exported["FTC"][0] / "custody.jsonld").read_text())["@graph"]
    kinds = [node["@type"].partition(":")[2] for node in nodes]
    assert (kinds.count("File"), kinds.count("ProvenanceRecord")) == (2, 2)
    assert kinds.count("InvestigativeAction") == 3
    known = {node["@id"] for node in nodes}
    assert {node["uco-action:performer"]["@id"] for node in nodes if "uco-action:performer" in node} <= known


@pytest.fixture(scope="module")
def copy(exported: dict[str, tuple[Path, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(exported["FTC"][0], tmp_path_factory.mktemp("copy") / "export"))


@settings(max_examples=300, deadline=None)
@given(which=st.integers(0, 100), where=st.integers(0, 1 << 20), by=st.integers(1, 255))
def test_every_changed_byte_anywhere_is_found(copy: Path, which: int, where: int, by: int) -> None:
    found = list(files_of(copy))
    path = found[which % len(found)]
    sound = path.read_bytes()
    at = where % len(sound)
    path.write_bytes(sound[:at] + bytes([sound[at] ^ by]) + sound[at + 1 :])
    try:
        assert list(verify_export.faults(copy)) != []
    finally:
        path.write_bytes(sound)


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, SOUND), (5, SOUND), (5, "the ledger's head was 5:"), (999, "the ledger ends before 999:")],
)
def test_it_is_the_ledger_of_an_earlier_digest(
    workspace: tuple[Path, dict[str, str]], exported: dict[str, tuple[Path, str]], count: int, told: str
) -> None:
    with transaction(connect(workspace[1]["COMITY_DATABASE_URL"]), reading=True) as session:
        heads = {entry.seq: entry.hash for entry in session.exec(select(LedgerEntry)).all()}
    known = heads[count][:16] if told == SOUND else "0" * 16
    code, said = checked(exported["KISA"][0], f"{count}:{known}", f"2:{heads[2]}")
    assert (code, said.startswith(told)) == (0 if told == SOUND else 1, True)
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("nonsense", ["40", "x:y", "40:38961c57", "0:38961c574bd39576", "40:38961C574BD39576"])
def test_a_head_that_is_none_is_told_how(exported: dict[str, tuple[Path, str]], nonsense: str) -> None:
    code, said = checked(exported["FTC"][0], nonsense)
    assert (code, said.startswith("Usage: python3 verify.py [COUNT:HEAD ...]")) == (2, True)


def test_a_file_more_or_less_is_found(copy: Path) -> None:
    assert list(verify_export.faults(copy)) == []
    (copy / "exhibits" / "X-9-more.txt").write_text("?")
    assert list(verify_export.faults(copy)) == ["exhibits/X-9-more.txt was not exported"]
    (copy / "exhibits" / "X-9-more.txt").unlink()
    for path in list(files_of(copy)):
        content = path.read_bytes()
        path.unlink()
        assert list(verify_export.faults(copy)) != [], path.name
        path.write_bytes(content)


@pytest.mark.parametrize("forged", ["sha256", "size", "custody", "purpose", "entry"])
def test_what_was_forged_with_its_sum_in_the_manifest_is_found(copy: Path, forged: str) -> None:
    """Whoever changes a file may change its line in the manifest; the ledger's chain does not follow."""
    case, ledger, manifest = (copy / name for name in ("case.json", "ledger.jsonl", "manifest.sha256"))
    sound = {path: path.read_bytes() for path in (case, ledger, manifest)}
    shown = json.loads(sound[case])
    exhibit = shown["exhibits"][0]
    match forged:
        case "sha256":
            exhibit["sha256"] = "0" * 64
        case "size":
            exhibit["size"] += 1
        case "custody":
            exhibit["custody"].pop()
            exhibit["custody"][0]["hash"] = "0" * 64
        case "purpose":
            exhibit["custody"][0]["chained"]["purpose"] = "another"
        case _:
            lines = sound[ledger].splitlines(keepends=True)
            ledger.write_bytes(b"".join(lines[:3] + lines[4:]))
    case.write_text(json.dumps(shown))
    try:
        with manifest.open("w") as file:
            for path in files_of(copy):
                if path != manifest:
                    file.write(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(copy)}\n")
        assert list(verify_export.faults(copy)) != []
    finally:
        for path, content in sound.items():
            path.write_bytes(content)


def test_an_earlier_one_is_given_again_to_the_byte(
    workspace: tuple[Path, dict[str, str]], exported: dict[str, tuple[Path, str]], tmp_path: Path
) -> None:
    folder, settings = workspace
    done, said = program(settings, "do", "/agency set FTC --country US --zone America/Chicago Another name")
    assert done == 0, said
    for code, (former, head) in exported.items():
        again = ("export", "C-1", "--agency", code, "--to", str(tmp_path), "--at", head)
        done, said = program(settings, *again)
        assert done == 0, said
        name = f"{former.name}.zip"
        assert (tmp_path / name).read_bytes() == (folder / "out" / name).read_bytes()
    done, said = program(settings, "export", "C-1", "--agency", "FTC", "--to", str(tmp_path))
    assert done == 0
    assert exported["FTC"][1] not in said
    with_own = next(path for path in sorted(tmp_path.glob("C-1-FTC-*.zip")) if path.stem != exported["FTC"][0].name)
    with ZipFile(with_own) as archive:
        shown = archive.read(f"{with_own.stem}/ledger.jsonl").decode()
    assert "case:exported" in shown
    assert "exhibit:exported" in shown


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["C-1", "--agency", "ICO"], "ICO is not on a case C-1"),
        (["C-9", "--agency", "FTC"], "FTC is not on a case C-9"),
        (["C-1", "--agency", "NSA"], "there is no agency NSA"), (["R-1", "--agency", "FTC"], "R-1 is no case"),
        (["C-1", "--agency", "FTC", "--at", "x"], "x is no head"),
        (["C-1", "--agency", "FTC", "--at", f"1:{'0' * 64}"], "C-1 was not exported for FTC at that head"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_said(
    workspace: tuple[Path, dict[str, str]], tmp_path: Path, arguments: list[str], why: str
) -> None:
    done, said = program(workspace[1], "export", *arguments, "--to", str(tmp_path))
    assert done == 1
    assert why in said
    assert list(tmp_path.iterdir()) == []


def test_what_was_destroyed_since_is_not_given_again(tmp_path: Path) -> None:
    script = f"""{SCRIPT}
ana in #ftc: /case export C-1
ana in #ftc: /case keep 2026-12-31 --case C-1
ana in #ftc thread R-1: !withdraw
ana in direct: /request withdraw R-2
ana in #ftc: /case close --case C-1 Fined.
clock 2027-01-04T00:00Z
bea in #acma: /exhibit destroy X-1 Over.
"""
    _, settings = played(tmp_path, script)
    engine = connect(settings["COMITY_DATABASE_URL"])
    with transaction(engine, reading=True) as session:
        [export] = session.exec(select(Export)).all()
        head = f"{export.ledger_count}:{export.ledger_head}"
    done, said = program(settings, "export", "C-1", "--agency", "FTC", "--to", str(tmp_path / "out"), "--at", head)
    assert (done, "X-1 was in it, and was destroyed since" in said) == (1, True)
    assert not (tmp_path / "out").exists()
    assert program(settings, "export", "C-1", "--agency", "FTC", "--to", str(tmp_path / "out"))[0] == 0


def test_a_damaged_exhibit_is_not_exported(workspace: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    folder, settings = workspace
    vault = Path(shutil.copytree(folder / "vault", tmp_path / "vault"))
    blob = next(path for path in vault.glob("??/*") if path.read_bytes() == FILES["lease.csv"])
    blob.chmod(0o600)
    blob.write_bytes(b"?")
    changed = settings | {"COMITY_VAULT_DIR": str(vault)}
    done, said = program(changed, "export", "C-1", "--agency", "FTC", "--to", str(tmp_path / "out"))
    assert (done, "is not as it was received" in said) == (1, True)
    assert list((tmp_path / "out").iterdir()) == []
