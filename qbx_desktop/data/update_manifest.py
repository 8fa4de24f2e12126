"""The announcement of a newer version: signed, dated, never older than one already seen; anything else is refused.

The file at the address is JSON: `signed`, the manifest as text, and `signature`, the Ed25519 signature of that text's
bytes in base64. The manifest is JSON: `version` ("1.2.0"), `serial` (grows with each announcement), `expires` (UTC
epoch seconds), `page` (https address) and `notes` (English text).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from ..domain.errors import QbxError
from ..domain.messages import declare
from ..domain.resources import resource

_UNREADABLE = declare(
    "update.unreadable",
    "The announcement of new versions cannot be read ({why}). Nothing was changed; your program goes on as it is.",
)
_FORGED = declare(
    "update.forged",
    "The announcement of new versions does not carry our signature. It was thrown away and nothing was changed. Do "
    "not install anything that was offered to you elsewhere.",
)
_EXPIRED = declare(
    "update.expired",
    "The announcement of new versions is out of date. It was thrown away and nothing was changed; try again tomorrow.",
)
_ROLLED_BACK = declare(
    "update.rolled_back",
    "The announcement of new versions is older than one that was seen before. It was thrown away and nothing was "
    "changed; try again tomorrow.",
)
_MOST_NOTES = 4_000
_VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){1,3}")


@dataclass(frozen=True)
class Channel:
    """Where announcements come from, and the Ed25519 public key (32 bytes) that signs them."""

    address: str
    key: bytes


@dataclass(frozen=True)
class Manifest:
    """A verified announcement. `serial` grows with each one; `expires` is UTC epoch seconds."""

    version: str
    serial: int
    expires: float
    page: str
    notes: str


class UpdateError(QbxError):
    """The announcement could not be fetched or must not be believed."""


def channel() -> Channel | None:
    """The address and key that were given to the build; None where none were: the notice is then off."""
    try:
        text = resource("update.json").read_text("utf-8")
    except FileNotFoundError:
        return None
    values = json.loads(text)
    return Channel(values["address"], base64.b64decode(values["key"], validate=True))


def verified(envelope: bytes, key: bytes, now: float, seen: int = 0) -> Manifest:
    """The manifest in `envelope`. `now` is UTC seconds, `seen` the highest serial so far. Raises UpdateError."""
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    outer = _object(envelope)
    signed, signature = outer.get("signed"), outer.get("signature")
    if not isinstance(signed, str) or not isinstance(signature, str):
        raise UpdateError(_UNREADABLE(why="it holds no signed text"))
    try:
        VerifyKey(key).verify(signed.encode(), base64.b64decode(signature, validate=True))
    except (BadSignatureError, binascii.Error, ValueError) as error:
        raise UpdateError(_FORGED()) from error
    manifest = _manifest(_object(signed.encode()))
    if manifest.expires <= now:
        raise UpdateError(_EXPIRED())
    if manifest.serial < seen:
        raise UpdateError(_ROLLED_BACK())
    return manifest


def is_newer(version: str, than: str) -> bool:
    """Whether `version` comes after `than`: number by number, "0.10" after "0.9", "1.0.0" equal to "1.0"."""
    first, second = _numbers(version), _numbers(than)
    width = max(len(first), len(second))
    return first + [0] * (width - len(first)) > second + [0] * (width - len(second))


def _numbers(version: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", version)]


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UpdateError(_UNREADABLE(why="it is not JSON")) from error
    if not isinstance(value, dict):
        raise UpdateError(_UNREADABLE(why="it is not a JSON object"))
    return value


def _manifest(values: dict[str, Any]) -> Manifest:
    version, serial, expires = values.get("version"), values.get("serial"), values.get("expires")
    page, notes = values.get("page"), values.get("notes", "")
    if not (isinstance(version, str) and _VERSION.fullmatch(version)):
        raise UpdateError(_UNREADABLE(why="it names no version"))
    if type(serial) is not int or not isinstance(expires, int | float) or isinstance(expires, bool):
        raise UpdateError(_UNREADABLE(why="it is not dated"))
    if not (isinstance(page, str) and page.startswith("https://") and isinstance(notes, str)):
        raise UpdateError(_UNREADABLE(why="its page is not a safe address"))
    return Manifest(version, serial, float(expires), page, notes[:_MOST_NOTES])
