"""A process to be killed: it keeps file after file in a vault, and says the sum of each once it is kept.

python -m tests.storage.keeping FOLDER KEY SEED [reseal]; KEY is 64 hexadecimal digits, or `plain`.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from storage.vault import Vault
from storage.vault_sealing import read_key

LARGEST = 300_000


def main(folder: str, key: str, seed: str, *reseal: str) -> None:
    vault = Vault(Path(folder), None if key == "plain" else read_key(key))
    for sha256 in vault.reseal() if reseal else ():
        print(sha256, flush=True)  # noqa: T201  # what is done, for whoever kills it
    chance = random.Random(int(seed))  # noqa: S311  # nothing is kept secret by it
    while not reseal:
        with vault.receiving(LARGEST) as incoming:
            for _ in range(chance.randint(0, 3)):
                incoming.write(chance.randbytes(chance.randint(0, LARGEST // 3)))
            print(incoming.keep().sha256, flush=True)  # noqa: T201  # as above


if __name__ == "__main__":
    main(*sys.argv[1:])
