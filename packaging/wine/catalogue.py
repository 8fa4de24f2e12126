"""Hold every library file of an unpacked Windows Python against the catalogue that the PSF signed."""

import hashlib
import re
import sys
from pathlib import Path

# Not in the catalogue; their content is fixed by the archive's pinned hash.
KNOWN_OUTSIDE = ["Lib/xml/__init__.py", "Lib/zipfile/__init__.py"]


def main(root: Path) -> int:
    """Exit code 0 when every file under Lib is empty, catalogued or known to be outside."""
    catalogue = (root / "DLLs" / "python_lib.cat").read_bytes()
    # DER octet strings of 32 and 20 bytes: the SHA-256 and SHA-1 of the catalogued files.
    known = {m[1] for m in re.finditer(rb"(?s)(?=\x04\x20(.{32}))", catalogue)}
    known |= {m[1] for m in re.finditer(rb"(?s)(?=\x04\x14(.{20}))", catalogue)}
    outside = []
    for path in sorted((root / "Lib").rglob("*")):
        if not path.is_file() or path.suffix == ".exe" or "site-packages" in path.parts:
            continue
        content = path.read_bytes()
        sums = {hashlib.sha256(content).digest(), hashlib.sha1(content, usedforsecurity=False).digest()}
        if content and not sums & known:
            outside.append(path.relative_to(root).as_posix())
    if outside != KNOWN_OUTSIDE:
        sys.stdout.write(f"library files outside the signed catalogue: {outside[:30]}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
