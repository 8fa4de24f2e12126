"""A broker password in the system's credential store, only when the trader asked for it; never in a file of ours."""

from __future__ import annotations

from typing import Protocol, cast

from ..domain.errors import UserMistake
from ..domain.messages import declare

UNAVAILABLE = declare(
    "credentials.unavailable",
    "This computer offers no credential store ({why}), so the password is not kept. Nothing else changed. "
    "Log in inside MetaTrader: it keeps its own login.",
)

_SERVICE = "QuantumBotX MetaTrader 5"


class _Store(Protocol):
    def set_password(self, service: str, name: str, password: str) -> None: ...

    def get_password(self, service: str, name: str) -> str | None: ...

    def delete_password(self, service: str, name: str) -> None: ...


def keep(account: int, server: str, password: str) -> None:
    """Keep the password of one account. Raises UserMistake when there is no store."""
    store = _store()
    try:
        store.set_password(_SERVICE, _name(account, server), password)
    except Exception as error:
        raise _unavailable(error) from error


def kept(account: int, server: str) -> str | None:
    """The password kept for the account, None when there is none. Raises UserMistake when there is no store."""
    store = _store()
    try:
        return store.get_password(_SERVICE, _name(account, server))
    except Exception as error:
        raise _unavailable(error) from error


def forget(account: int, server: str) -> None:
    """Remove the password of the account, if it is kept. Raises UserMistake when there is no store."""
    if kept(account, server) is None:
        return
    try:
        _store().delete_password(_SERVICE, _name(account, server))
    except Exception as error:
        raise _unavailable(error) from error


def _store() -> _Store:
    try:
        import keyring
    except ImportError as error:
        raise _unavailable(error) from error
    return cast(_Store, keyring)


def _unavailable(error: Exception) -> UserMistake:
    # The store's own errors have no common type, and their texts never hold the password.
    return UserMistake(UNAVAILABLE(why=type(error).__name__))


def _name(account: int, server: str) -> str:
    return f"{account}@{server}"
