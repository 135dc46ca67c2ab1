"""The bytes of the files that go with a message, in portions: a large one is never whole in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

from bot.platform import RefusedError
from commands.message import Document, Enclosure
from storage.vault import Vault, VaultError


class Contents:
    """`vault` is None where nothing is enclosed: a letter that has a file of it is refused there."""

    def __init__(self, vault: Vault | None) -> None:
        self._vault = vault

    def portions(self, file: Document | Enclosure) -> Iterator[bytes]:
        """Raises RefusedError where the vault does not have it as it was received."""
        if isinstance(file, Document):
            yield file.content
            return
        if self._vault is None:
            raise RefusedError("there is no vault here")
        try:
            yield from self._vault.read(file.sha256)
        except VaultError as error:
            raise RefusedError(f"the vault does not have {file.name}: {type(error).__name__}") from None

    async def stream(self, file: Document | Enclosure) -> AsyncIterator[bytes]:
        """As `portions`, read off the event loop."""
        portions = self.portions(file)
        while (portion := await asyncio.to_thread(next, portions, None)) is not None:
            yield portion
