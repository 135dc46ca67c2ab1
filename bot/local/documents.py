"""The documents that Comity sends, as files that a person can open; it shows nothing and tells nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from commands.message import Document


def handed_out(folder: Path | None, message: str, documents: Sequence[Document]) -> Iterator[Path]:
    """Write each into the folder, and give its path; none without a folder. Raises OSError.

    Names begin with the message's number, so that none takes the place of another; what is written once more, after
    an interruption, is the same.
    """
    if folder is None:
        return
    for number, document in enumerate(documents, start=1):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{message}-{number}-{document.name}"
        path.write_bytes(document.content)
        yield path
