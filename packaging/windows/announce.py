"""Make the signed announcement of a version: prints the JSON that lies at the update address.

`--new-key FILE` makes a key pair instead: the private key goes to FILE, the public one (for the build) is printed.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import time
from pathlib import Path

from nacl.signing import SigningKey

_VALID_DAYS = 45


def announcement(key: SigningKey, version: str, serial: int, page: str, notes: str, expires: float) -> str:
    """The envelope: the manifest as text and the Ed25519 signature of its bytes."""
    signed = json.dumps(
        {"version": version, "serial": serial, "expires": expires, "page": page, "notes": notes}
    )
    signature = base64.b64encode(key.sign(signed.encode()).signature).decode()
    return json.dumps({"signed": signed, "signature": signature})


def main() -> int:
    """Print the announcement, or make a key."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--new-key", type=Path, metavar="FILE")
    parser.add_argument("--key", type=Path, metavar="FILE")
    parser.add_argument("--version")
    parser.add_argument("--serial", type=int)
    parser.add_argument("--page")
    parser.add_argument("--notes", type=Path)
    chosen = parser.parse_args()
    if chosen.new_key:
        made = SigningKey.generate()
        handle = os.open(chosen.new_key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(base64.b64encode(bytes(made)).decode())
        sys.stdout.write(base64.b64encode(bytes(made.verify_key)).decode() + "\n")
        return 0
    if not (chosen.key and chosen.version and chosen.serial and chosen.page):
        parser.error("--key, --version, --serial and --page are needed")
    key = SigningKey(base64.b64decode(chosen.key.read_text("ascii")))
    notes = chosen.notes.read_text("utf-8") if chosen.notes else ""
    expires = time.time() + _VALID_DAYS * 86_400
    sys.stdout.write(announcement(key, chosen.version, chosen.serial, chosen.page, notes, expires) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
