"""What is kept comes back to the byte or not at all, whoever changes it, and whatever is killed meanwhile."""

from __future__ import annotations

import hashlib
import random
import shutil
import stat
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import SEEK_END, BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.vault import (
    ChangedError,
    Fault,
    Finding,
    Kept,
    MissingError,
    SealedError,
    TooLargeError,
    Vault,
    VaultError,
)
from storage.vault_sealing import PORTION, read_key
from tests.synapse import ROOT

KEY, OLD = bytes(range(32)), bytes(32)
MOST = 10 * PORTION


@pytest.fixture(params=["plain", "sealed"])
def key(request: pytest.FixtureRequest) -> bytes | None:
    return KEY if request.param == "sealed" else None


@pytest.fixture
def vault(tmp_path: Path, key: bytes | None) -> Vault:
    return Vault(tmp_path, key)


def keep(vault: Vault, content: bytes, cut: int = 70_000) -> Kept:
    with vault.receiving(MOST) as incoming:
        for begin in range(0, len(content), cut):
            incoming.write(content[begin : begin + cut])
        return incoming.keep()


def content_of(vault: Vault, sha256: str) -> bytes:
    return b"".join(vault.read(sha256))


def blobs(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("??/*")) if path.is_file()]


def faults(vault: Vault, expected: dict[str, int]) -> list[Finding]:
    return list(vault.survey(expected))


@pytest.mark.parametrize("size", [0, 1, PORTION - 1, PORTION, PORTION + 1, 3 * PORTION])
def test_what_is_kept_comes_back(vault: Vault, size: int) -> None:
    content = random.Random(size).randbytes(size)  # noqa: S311  # nothing is kept secret by it
    kept = keep(vault, content)
    assert kept == (hashlib.sha256(content).hexdigest(), size)
    assert content_of(vault, kept.sha256) == content
    assert vault.is_whole(kept.sha256)
    assert faults(vault, {kept.sha256: size}) == []


@pytest.mark.parametrize("size", [0, 1, PORTION, 2 * PORTION + 10])
def test_what_is_kept_is_read_anywhere_in_it(vault: Vault, size: int) -> None:
    chance = random.Random(size)  # noqa: S311  # nothing is kept secret by it
    content = chance.randbytes(size)
    with vault.reading(keep(vault, content).sha256) as file, BytesIO(content) as same:
        for _ in range(200):
            begin, length = chance.randrange(size + 10), chance.randrange(2 * PORTION)
            assert file.seek(begin) == same.seek(begin)
            assert file.read(length) == same.read(length)
            assert file.tell() == same.tell()
        assert file.seek(0, SEEK_END) == size


def test_who_reads_anywhere_in_a_sealed_file_is_never_given_what_was_changed(tmp_path: Path) -> None:
    vault = Vault(tmp_path, KEY)
    kept = keep(vault, bytes(2 * PORTION + 10))
    [blob] = blobs(tmp_path)
    blob.chmod(0o600)
    sound = blob.read_bytes()
    blob.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    with suppress(ChangedError), vault.reading(kept.sha256) as file:
        assert file.read(2 * PORTION) == bytes(2 * PORTION)
        pytest.fail(f"it gave {file.read(10)!r}")


def test_the_proof_of_an_empty_file_is_looked_at(tmp_path: Path) -> None:
    vault = Vault(tmp_path, KEY)
    kept = keep(vault, b"")
    [blob] = blobs(tmp_path)
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:-1])
    _is_found(vault, kept)


def test_the_same_bytes_twice_are_one_file(vault: Vault, tmp_path: Path) -> None:
    assert keep(vault, b"lease") == keep(vault, b"lease", cut=1)
    [blob] = blobs(tmp_path)
    assert list((tmp_path / "incoming").iterdir()) == []
    assert stat.S_IMODE(blob.stat().st_mode) == 0o400
    assert stat.S_IMODE(blob.parent.stat().st_mode) == 0o700


def test_what_is_not_kept_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    with vault.receiving(MOST) as incoming:
        incoming.write(b"half of it")
    with vault.receiving(3) as incoming:
        incoming.write(b"abc")
        with pytest.raises(TooLargeError):
            incoming.write(b"d")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_damaged_file_is_put_right_when_the_same_bytes_come_again(vault: Vault, tmp_path: Path) -> None:
    kept = keep(vault, b"lease")
    [blob] = blobs(tmp_path)
    blob.chmod(0o600)
    blob.write_bytes(b"leash")
    assert not vault.is_whole(kept.sha256)
    keep(vault, b"lease")
    assert content_of(vault, kept.sha256) == b"lease"


def test_what_is_missing_or_foreign_is_named(vault: Vault, tmp_path: Path) -> None:
    one, two = keep(vault, b"one"), keep(vault, b"two")
    (tmp_path / "notes.txt").write_text("who put this here?")
    stray = tmp_path / "zz" / one.sha256
    stray.parent.mkdir()
    shutil.copy(tmp_path / one.sha256[:2] / one.sha256, stray)
    three = hashlib.sha256(b"three").hexdigest()
    found = faults(vault, {one.sha256: 3, three: 5})
    assert set(found) == {
        Finding(Fault.MISSING, three), Finding(Fault.FOREIGN, "notes.txt"),
        Finding(Fault.FOREIGN, f"zz/{one.sha256}"), Finding(Fault.FOREIGN, f"{two.sha256[:2]}/{two.sha256}"),
    }  # fmt: skip
    with pytest.raises(MissingError):
        content_of(vault, three)


def test_another_size_than_the_one_that_was_noted_is_a_change(vault: Vault) -> None:
    kept = keep(vault, b"one")
    assert faults(vault, {kept.sha256: 4}) == [Finding(Fault.CHANGED, kept.sha256)]


def test_what_is_destroyed_is_gone(vault: Vault) -> None:
    kept = keep(vault, b"one")
    vault.destroy(kept.sha256)
    vault.destroy(kept.sha256)
    assert not vault.is_whole(kept.sha256)
    vault.destroy("f" * 64)


# Whatever changes


@pytest.fixture(scope="module", params=["plain", "sealed"])
def kept_once(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[Vault, Path, Kept]:
    folder = tmp_path_factory.mktemp("vault")
    vault = Vault(folder, KEY if request.param == "sealed" else None)
    kept = keep(vault, random.Random(1).randbytes(PORTION + 500))  # noqa: S311  # nothing is kept secret by it
    [blob] = blobs(folder)
    blob.chmod(0o600)
    return vault, blob, kept


def _changed(blob: Path, how: Callable[[bytes], bytes]) -> Iterator[None]:
    sound = blob.read_bytes()
    blob.write_bytes(how(sound))
    yield
    blob.write_bytes(sound)


def _is_found(vault: Vault, kept: Kept) -> None:
    with pytest.raises((ChangedError, SealedError)):
        content_of(vault, kept.sha256)
    [finding] = faults(vault, {kept.sha256: kept.size})
    assert finding.what == kept.sha256
    assert not vault.is_whole(kept.sha256)


@settings(max_examples=150, deadline=None)
@given(where=st.integers(0, 2 * PORTION), by=st.integers(1, 255))
def test_every_changed_byte_is_found(kept_once: tuple[Vault, Path, Kept], where: int, by: int) -> None:
    vault, blob, kept = kept_once

    def change(sound: bytes) -> bytes:
        at = where % len(sound)
        return sound[:at] + bytes([sound[at] ^ by]) + sound[at + 1 :]

    for _ in _changed(blob, change):
        _is_found(vault, kept)


def test_every_changed_byte_of_the_head_is_found(kept_once: tuple[Vault, Path, Kept]) -> None:
    vault, blob, kept = kept_once
    for at in range(64):
        for _ in _changed(blob, lambda sound, at=at: sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :]):  # type: ignore[misc]  # a default binds it
            _is_found(vault, kept)


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(1, PORTION + 500), more=st.binary(min_size=1, max_size=40))
def test_every_cut_and_every_extension_is_found(kept_once: tuple[Vault, Path, Kept], cut: int, more: bytes) -> None:
    vault, blob, kept = kept_once
    for how in (lambda sound: sound[:-cut], lambda sound: sound + more):
        for _ in _changed(blob, how):
            _is_found(vault, kept)


def test_portions_exchanged_or_left_out_are_found(tmp_path: Path) -> None:
    vault = Vault(tmp_path, KEY)
    kept = keep(vault, bytes(3 * PORTION))
    [blob] = blobs(tmp_path)
    blob.chmod(0o600)
    sealed, step = blob.read_bytes(), PORTION + 16
    head = len(sealed) - 3 * step
    first, second, third = (sealed[head + number * step : head + (number + 1) * step] for number in range(3))
    for parts in ([second, first, third], [first, third], [first, second], [first, second, third, third], []):
        blob.write_bytes(sealed[:head] + b"".join(parts))
        _is_found(vault, kept)


# Keys


def test_nothing_of_it_stands_in_plain_where_there_is_a_key(tmp_path: Path) -> None:
    words = b"The mailbox was rented on 3 May. " * 1000
    with Vault(tmp_path, KEY).receiving(MOST) as incoming:
        incoming.write(words)
        incoming.write(bytes(2 * PORTION))
        [draft] = (tmp_path / "incoming").iterdir()
        assert b"mailbox" not in draft.read_bytes()
        incoming.keep()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"mailbox" in path.read_bytes()]


def test_a_key_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    kept = keep(Vault(tmp_path, OLD), b"lease")
    for other in (Vault(tmp_path), Vault(tmp_path, KEY)):
        with pytest.raises(SealedError):
            content_of(other, kept.sha256)
        assert faults(other, {kept.sha256: 5}) == [Finding(Fault.SEALED, kept.sha256)]
    assert content_of(Vault(tmp_path, KEY, OLD), kept.sha256) == b"lease"


def test_what_only_looks_sealed_is_read_all_the_same(tmp_path: Path) -> None:
    content = b"comity sealed 1\n" + bytes(100)
    for vault in (Vault(tmp_path / "plain"), Vault(tmp_path / "sealed", KEY)):
        assert content_of(vault, keep(vault, content).sha256) == content


@pytest.mark.parametrize(("before", "after"), [(None, KEY), (OLD, KEY), (KEY, None)])
def test_a_key_is_changed(tmp_path: Path, before: bytes | None, after: bytes | None) -> None:
    contents = [b"", b"one", bytes(PORTION + 1)]
    kept = [keep(Vault(tmp_path, before), content) for content in contents]
    vault = Vault(tmp_path, after, before)
    assert sorted(vault.reseal()) == sorted(one.sha256 for one in kept)
    assert list(vault.reseal()) == []
    assert [content_of(Vault(tmp_path, after), one.sha256) for one in kept] == contents
    assert {stat.S_IMODE(blob.stat().st_mode) for blob in blobs(tmp_path)} == {0o400}


def test_a_file_that_is_damaged_stops_the_change_of_a_key_and_stays(tmp_path: Path) -> None:
    kept = keep(Vault(tmp_path), b"lease")
    [blob] = blobs(tmp_path)
    blob.chmod(0o600)
    blob.write_bytes(b"leash")
    with pytest.raises(VaultError):
        list(Vault(tmp_path, KEY).reseal())
    assert blob.read_bytes() == b"leash"
    assert blob.name == kept.sha256


@pytest.mark.parametrize("text", ["", "s3cret", "0" * 63, "0" * 66, "g" * 64, "c2hvcnQ=", "ü" * 32])
def test_what_is_no_key_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="no key of 32 bytes") as refused:
        read_key(text)
    assert not text or text not in str(refused.value)


def test_a_key_in_either_spelling() -> None:
    assert read_key(KEY.hex()) == read_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=") == KEY


# At once, killed, large


def test_many_keep_the_same_bytes_at_once(vault: Vault, tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: keep(vault, content), range(40)))
    [kept] = found
    assert content_of(vault, kept.sha256) == content
    assert len(blobs(tmp_path)) == 1


def _killed(folder: Path, key: bytes | None, chance: random.Random, *reseal: str) -> list[str]:
    """A process that is killed when it has done some; what it said that it had done."""
    spelt = key.hex() if key is not None else "plain"
    command = [
        sys.executable,
        "-m",
        "tests.storage.keeping",
        str(folder),
        spelt,
        str(chance.randrange(1 << 30)),
        *reseal,
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [line.strip() for line, _ in zip(process.stdout, range(chance.randint(1, 12)), strict=False)]
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, 0.01))
        process.kill()
        said += [line.strip() for line in process.stdout if line.endswith("\n")]
    return said


def test_killed_at_any_moment_it_keeps_whole_files_or_none(vault: Vault, key: bytes | None, tmp_path: Path) -> None:
    chance = random.Random(20261126)  # noqa: S311  # nothing is kept secret by it
    said = {sha256 for _ in range(15) for sha256 in _killed(tmp_path, key, chance)}
    assert len(said) > 50
    assert all(vault.is_whole(sha256) for sha256 in said)
    assert all(vault.is_whole(blob.name) for blob in blobs(tmp_path))
    vault.sweep(time.time() + 1)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_killed_at_any_moment_a_change_of_keys_goes_on(tmp_path: Path) -> None:
    chance, contents = random.Random(7), [bytes([number]) * (number * 3000) for number in range(60)]  # noqa: S311  # as above
    kept = [keep(Vault(tmp_path), content) for content in contents]
    for _ in range(6):
        _killed(tmp_path, KEY, chance, "reseal")
        assert all(Vault(tmp_path, KEY).is_whole(one.sha256) for one in kept)
    vault = Vault(tmp_path, KEY)
    list(vault.reseal())
    assert [content_of(vault, one.sha256) for one in kept] == contents
    assert not [blob for blob in blobs(tmp_path) if blob.read_bytes()[:15] != b"comity sealed 1"]


def test_a_young_draft_is_another_processes(vault: Vault) -> None:
    with vault.receiving(MOST) as incoming:
        incoming.write(b"still coming")
        vault.sweep(time.time() - 60)
        assert content_of(vault, incoming.keep().sha256) == b"still coming"


def test_a_large_file_is_never_whole_in_memory(vault: Vault) -> None:
    portion = bytes(1 << 16)
    tracemalloc.start()
    with vault.receiving(10**9) as incoming:
        for _ in range(1600):
            incoming.write(portion)
        kept = incoming.keep()
    assert sum(map(len, vault.read(kept.sha256))) == kept.size == 1600 * len(portion)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * PORTION
