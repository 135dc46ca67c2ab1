"""All commands in the order of the help: importing this module fills the table; it holds nothing else."""

from commands import case, request, agency, officer, digest, comity  # noqa: F401, I001  # imported for their declarations
