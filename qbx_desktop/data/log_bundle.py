"""The program's logs in one file that may be sent to somebody: every line masked, nothing of the database in it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..domain.secrets import fit_to_send

# Logs rotate at two megabytes; a crash report of the interpreter may be longer than is useful.
_MOST_BYTES = 4_000_000


def save_bundle(logs: Path, target: Path, facts: Mapping[str, object], accounts: Sequence[int] = ()) -> int:
    """Write the files of `logs` and `facts` (versions, settings) into the zip file `target`; returns how many files.

    Raises OSError; then there is no `target`.
    """
    folder = str(Path.home())
    part = target.with_name(target.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr(
                "facts.json",
                fit_to_send(json.dumps(facts, indent=1, ensure_ascii=False, default=str), accounts, folder),
            )
            found = sorted(path for path in logs.iterdir() if path.is_file())
            for path in found:
                text = path.read_bytes()[-_MOST_BYTES:].decode("utf-8", errors="replace")
                bundle.writestr(f"logs/{path.name}", fit_to_send(text, accounts, folder))
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return len(found) + 1
