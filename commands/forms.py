"""The few words that a form and an app's menu need beside the declarations; how either looks is bot/'s business."""

from __future__ import annotations

from commands.declare import Declaration

APP = "Comity"
ABOUT_APP = "Cross-border cases, requests and deadlines for the officers of anti-spam and consumer-protection agencies."

OPEN_A_CASE = "Open a case"
ABOUT_OPEN_A_CASE = "A form for a matter that agencies share"
ASK_A_PARTNER = "Ask a partner"
ABOUT_ASK_A_PARTNER = "A form for a request to a partner agency"
ADD_TO_A_CASE = "Add to a case"
ABOUT_ADD_TO_A_CASE = "Keep this message as a note of a case, or its files as exhibits"

SEND = "Send"
CANCEL = "Cancel"
CLOSE = "Close"
YES = "Yes"
WAITING = "One moment …"
NOT_DONE = "Not done"
NEEDED = "This is needed."

OR_DATE = "Or a date"
OR_PERSON = "Or a person"
INSTEAD = "Counts where nothing is written above."
"""Of a picker that stands below a text for the same value."""

_TITLES = {"case open": OPEN_A_CASE, "request send": ASK_A_PARTNER}


def title(declaration: Declaration) -> str:
    return _TITLES.get(declaration.path, f"/{declaration.path}")


def about(words: str) -> str:
    """What a noun is about, where it stands alone."""
    return words[:1].upper() + words[1:]


def continued(label: str, number: int) -> str:
    """Of a text that is longer than one input takes."""
    return f"{label} ({number})"
