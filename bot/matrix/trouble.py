"""What can be wrong with a Matrix account, each told to the one who can mend it; no text here ever holds a secret."""

from __future__ import annotations

from bot.platform import UnreachableError
from bot.settings import MatrixAccount, SettingsError
from bot.settings_source import variable


class AccountError(SettingsError):
    """The operator must mend it before this account can work; trying again does not help."""

    def __init__(self, account: MatrixAccount, what: str, *, key: str | None = None) -> None:
        name = variable("matrix", account.name, key) if key else f"the Matrix account {account.name}"
        super().__init__([f"{name} {what}"])


class LostStoreError(AccountError):
    """The homeserver knows this device with keys that we do not have: what people encrypt for it stays closed to us."""


class StoreInUseError(AccountError):
    """Another process works with this store; two of them would spoil its keys."""


class ForeignIdentityError(AccountError):
    """The user has a cross-signing identity that is not ours, and it has not signed our device."""


class LoggedOutError(UnreachableError):
    """The homeserver takes our access token no more: open the session anew, which logs in again where it can."""


class AnswerError(Exception):
    """The homeserver answers with an error that waiting does not mend.

    `code` is Matrix's (M_FORBIDDEN), "" where there is none; `status` is HTTP's, `body` the whole answer.
    """

    def __init__(self, code: str, status: int = 0, body: dict[str, object] | None = None, text: str = "") -> None:
        super().__init__(f"{code or 'an error without a name'} ({status}): {text[:200]}")
        self.code = code
        self.status = status
        self.body = body or {}
