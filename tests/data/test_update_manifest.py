"""An announcement is believed when it is signed, in date and not older than one seen; otherwise one sentence says why."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from qbx_desktop.data import update_manifest
from qbx_desktop.data.update_manifest import UpdateError, channel, is_newer, verified
from tests.data.announcements import MANIFEST, NOW, PUBLIC, envelope


def refusal(data: bytes, now: float = NOW, seen: int = 0) -> str:
    with pytest.raises(UpdateError) as caught:
        verified(data, PUBLIC, now, seen)
    return caught.value.message.code


def test_a_signed_announcement_is_read() -> None:
    found = verified(envelope(), PUBLIC, NOW, seen=7)
    assert (found.version, found.serial, found.page, found.notes) == (
        "9.1.0", 7, "https://example.org/get", "Faster.",
    )  # fmt: skip


def test_another_key_is_refused() -> None:
    assert refusal(envelope(SigningKey.generate())) == "update.forged"


def test_a_changed_text_is_refused() -> None:
    outer = json.loads(envelope())
    outer["signed"] = outer["signed"].replace("9.1.0", "9.9.9")
    assert refusal(json.dumps(outer).encode()) == "update.forged"


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64!", base64.b64encode(bytes(64)).decode()])
def test_a_broken_signature_is_refused(signature: str) -> None:
    outer = {**json.loads(envelope()), "signature": signature}
    assert refusal(json.dumps(outer).encode()) == "update.forged"


def test_an_expired_one_is_refused_at_its_second() -> None:
    assert verified(envelope(), PUBLIC, NOW + 86_399).serial == 7
    assert refusal(envelope(), NOW + 86_400) == "update.expired"


def test_an_older_one_than_seen_is_refused() -> None:
    assert refusal(envelope(), seen=8) == "update.rolled_back"


@pytest.mark.parametrize(
    "change",
    [{"version": None}, {"version": "new"}, {"serial": True}, {"serial": None}, {"expires": "2030"}, {"expires": None},
     {"page": "http://example.org"}, {"page": None}, {"page": "javascript:alert(1)"}, {"notes": 3}],
)  # fmt: skip
def test_a_signed_but_unusable_one_is_refused(change: dict[str, object]) -> None:
    assert refusal(envelope(**change)) == "update.unreadable"


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(data: bytes) -> None:
    with pytest.raises(UpdateError):
        verified(data, PUBLIC, NOW)


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [("0.10.0", "0.9.9", True), ("1.0", "1.0.0", False), ("1.0.0", "1.0", False), ("1.0.1", "1.0", True),
     ("0.9", "1.0", False)],
)  # fmt: skip
def test_versions_are_compared_by_number(version: str, than: str, newer: bool) -> None:
    assert is_newer(version, than) is newer


def test_a_build_without_address_and_key_asks_nobody() -> None:
    assert channel() is None, "address and key are given to a build, never kept in the project"


def test_a_build_with_them_knows_its_channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "update.json"
    path.write_text(
        json.dumps({"address": "https://example.org/u", "key": base64.b64encode(PUBLIC).decode()})
    )
    monkeypatch.setattr(update_manifest, "resource", lambda name: path)
    found = channel()
    assert found is not None
    assert (found.address, found.key) == ("https://example.org/u", PUBLIC)


def test_every_field_of_the_manifest_is_read() -> None:
    found = verified(envelope(), PUBLIC, NOW)
    assert {name: getattr(found, name) for name in MANIFEST} == MANIFEST
