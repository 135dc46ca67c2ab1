"""All commands in the order of the help: importing this module declares them; it holds nothing else."""

from commands import case, request, agency, officer, digest, comity  # isort: skip  # the order of the help

__all__ = ["agency", "case", "comity", "digest", "officer", "request"]
