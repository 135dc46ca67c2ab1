"""The files that Comity sends, where a person can open them; it shows nothing and tells nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bot.contents import Contents
    from commands.message import Document, Enclosure


def handed_out(
    folder: Path | None, message: str, files: Sequence[Document | Enclosure], contents: Contents
) -> Iterator[Path]:
    """Write each into the folder, and give its path; none without a folder. Raises OSError, and as `Contents`.

    Names begin with the message's number, so that none takes the place of another; what is written once more, after
    an interruption, is the same.
    """
    if folder is None:
        return
    for number, file in enumerate(files, start=1):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{message}-{number}-{file.name}"
        with path.open("wb") as out:
            out.writelines(contents.portions(file))
        yield path
