"""Signed announcements as a release would make them, with a key that lives for one test run."""

from __future__ import annotations

import base64
import json
from typing import Any

from nacl.signing import SigningKey

KEY = SigningKey.generate()
PUBLIC = bytes(KEY.verify_key)
NOW = 1_800_000_000.0
MANIFEST: dict[str, Any] = {
    "version": "9.1.0", "serial": 7, "expires": NOW + 86_400, "page": "https://example.org/get", "notes": "Faster.",
}  # fmt: skip


def envelope(key: SigningKey = KEY, **changes: Any) -> bytes:
    """The file at the address; a change of None leaves the field out."""
    values = {name: value for name, value in {**MANIFEST, **changes}.items() if value is not None}
    signed = json.dumps(values)
    return json.dumps(
        {"signed": signed, "signature": base64.b64encode(key.sign(signed.encode()).signature).decode()}
    ).encode()
