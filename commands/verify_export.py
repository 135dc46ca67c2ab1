"""Checks an export of Comity's: run it in the unpacked folder, `python3 verify.py`; it needs nothing but Python.

A digest of an earlier day says for example "Ledger: 40 entries, head 38961c574bd39576". `python3 verify.py
40:38961c574bd39576` says too whether this ledger is the one that it was then; any number of such heads may be given.

It says what is not as it was exported, and exits 1; it changes nothing and asks nobody. What it does:

1. The SHA-256 of each file is that in manifest.sha256, and there is no other file.
2. The ledger is one chain: hash = sha256(hash before, sha256(salt, content)); of entries that are not shown only the
   inner sum is there. It ends with the count and the head that case.json names.
3. Each exhibit has the size and the SHA-256 that case.json and its chain of custody name.
4. Each link of custody is chained to the one before, and its hash stands in an entry of the ledger.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

MANIFEST = "manifest.sha256"
PORTION = 1 << 20


def faults(folder: Path, known: Sequence[tuple[int, str]] = ()) -> Iterator[str]:
    """What is not as it was exported, a line each; `known`: the ledger had this count, and its head began so."""
    yield from _manifest(folder)
    try:
        case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        recorded, wrong = _ledger(folder, case["ledger"], known)
        yield from wrong
        for exhibit in case["exhibits"]:
            yield from _exhibit(folder, exhibit)
            yield from _custody(exhibit, recorded)
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"cannot be read: {type(error).__name__} {error}"


def _manifest(folder: Path) -> Iterator[str]:
    listed = set()
    try:
        lines = (folder / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        yield f"{MANIFEST} cannot be read: {error}"
        return
    for line in lines:
        wanted, _, name = line.partition("  ")
        listed.add(name)
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif _sum(path) != wanted:
            yield f"{name} is not what was exported"
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in listed and name != MANIFEST:
            yield f"{name} was not exported"


def _ledger(folder: Path, head: dict[str, Any], known: Sequence[tuple[int, str]]) -> tuple[set[str], list[str]]:
    """The hashes of custody that its shown entries name, and what is wrong."""
    last, count, recorded, wrong = hashlib.sha256(b"comity ledger").digest(), 0, set(), []
    with (folder / "ledger.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            count += 1
            if "content" in entry:
                inner = hashlib.sha256(bytes.fromhex(entry["salt"]) + entry["content"].encode()).digest()
                recorded.add(json.loads(entry["content"]).get("custody"))
            else:
                inner = bytes.fromhex(entry["inner"])
            last = hashlib.sha256(last + inner).digest()
            if entry["seq"] != count:
                return recorded, [f"entry {count} of the ledger is missing"]
            for number, start in known:
                if number == count and not last.hex().startswith(start):
                    wrong.append(f"the ledger's head was {count}:{last.hex()}, not {count}:{start}")
    wrong += [f"the ledger ends before {number}:{start}" for number, start in known if number > count]
    if (count, last.hex()) != (head["count"], head["head"]):
        wrong.append(f"the ledger ends with {count}:{last.hex()}, not with {head['count']}:{head['head']}")
    return recorded, wrong


def _exhibit(folder: Path, exhibit: dict[str, Any]) -> Iterator[str]:
    if exhibit["file"] is None:
        return
    path = folder / exhibit["file"]
    if path.stat().st_size != exhibit["size"] or _sum(path) != exhibit["sha256"]:
        yield f"{exhibit['ref']} is not what was received"


def _custody(exhibit: dict[str, Any], recorded: set[str]) -> Iterator[str]:
    before = hashlib.sha256(b"comity custody").hexdigest()
    for number, link in enumerate(exhibit["custody"], start=1):
        said = json.dumps(link["chained"], sort_keys=True, separators=(",", ":"))
        before = hashlib.sha256(f"{before}\n{said}".encode()).hexdigest()
        chained = link["chained"]
        if before != link["hash"] or chained["number"] != number or chained["act"] != link["act"]:
            yield f"link {number} of the custody of {exhibit['ref']} does not hold"
            return
        if link["hash"] not in recorded:
            yield f"link {number} of the custody of {exhibit['ref']} is not in the ledger"
        if chained["sha256"] != exhibit["sha256"]:
            yield f"link {number} of the custody of {exhibit['ref']} is about another file"


def _sum(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while portion := file.read(PORTION):
            found.update(portion)
    return found.hexdigest()


def main(arguments: list[str]) -> int:
    heads = [re.fullmatch(r"([1-9]\d*):([0-9a-f]{16,64})", argument) for argument in arguments]
    if not all(heads):
        sys.stdout.write("Usage: python3 verify.py [COUNT:HEAD ...], for example 40:38961c574bd39576\n")
        return 2
    known = [(int(head[1]), head[2]) for head in heads if head]
    found = list(faults(Path(__file__).resolve().parent, known))
    sys.stdout.write("\n".join(found or ["All is as it was exported."]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
