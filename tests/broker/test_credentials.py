"""Passwords go to the system's store or nowhere."""

from __future__ import annotations

import sys

import pytest

from qbx_desktop.broker import credentials
from qbx_desktop.domain.errors import UserMistake


class Store:
    """A credential store in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, name: str, password: str) -> None:
        self.kept[service, name] = password

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


class Broken:
    """A store that the system locked."""

    def __getattr__(self, name: str) -> object:
        def fail(*_: object) -> None:
            raise RuntimeError("locked, and secret is not told")

        return fail


def test_a_password_is_kept_per_account_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    monkeypatch.setitem(sys.modules, "keyring", store)
    credentials.keep(51234567, "Demo", "secret")
    assert credentials.kept(51234567, "Demo") == "secret"
    assert credentials.kept(51234567, "Live") is None
    credentials.forget(51234567, "Demo")
    credentials.forget(51234567, "Demo")
    assert store.kept == {}


@pytest.mark.parametrize("module", [None, Broken()])
def test_without_a_store_it_is_said(monkeypatch: pytest.MonkeyPatch, module: object) -> None:
    monkeypatch.setitem(sys.modules, "keyring", module)
    for attempt in (
        lambda: credentials.keep(1, "Demo", "secret"),
        lambda: credentials.kept(1, "Demo"),
        lambda: credentials.forget(1, "Demo"),
    ):
        with pytest.raises(UserMistake, match="not kept") as caught:
            attempt()
        assert "secret" not in str(caught.value)
