"""All commands in the order of the help: importing this module declares them; it holds nothing else."""

from commands import case, case_agencies, case_changes, request, request_reading, reminding  # isort: skip  # the order of the help
from commands import exhibit, exhibit_add, exhibit_release, retention, case_export  # isort: skip
from commands import agency, agency_days, officer, digest, calendar, comity  # isort: skip

__all__ = [
    "agency", "agency_days", "calendar", "case", "case_agencies", "case_changes", "case_export", "comity", "digest",
    "exhibit", "exhibit_add", "exhibit_release", "officer", "reminding", "request", "request_reading", "retention",
]  # fmt: skip
