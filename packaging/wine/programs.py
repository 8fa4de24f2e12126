"""Look into the frozen programs as Windows would: machine, subsystem, icon sizes, version, manifest; nothing of Wine inside.

Arguments: the frozen folder, the project's folder. Exit code 1 names what is wrong.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pefile

_SUBSYSTEMS = {"QuantumBotX": 2, "qbx": 3}  # a window, a console
_WANTED_SIZES = {16, 32, 48, 256}
_NEVER_SHIPPED = {"icuuc.dll", "mscms.dll", "winedbg.exe", "opengl32sw.dll"}


def wrong(folder: Path, version: str) -> list[str]:
    """Everything that is not as it should be."""
    lines = []
    for name, subsystem in _SUBSYSTEMS.items():
        program = pefile.PE(str(folder / f"{name}.exe"))
        if program.FILE_HEADER.Machine != 0x8664:
            lines.append(f"{name} is not a 64-bit program")
        if program.OPTIONAL_HEADER.Subsystem != subsystem:
            lines.append(f"{name} has the subsystem {program.OPTIONAL_HEADER.Subsystem}, not {subsystem}")
        if not _icon_sizes(program) >= _WANTED_SIZES:
            lines.append(f"{name} has icons of {sorted(_icon_sizes(program))} only")
        if _versions(program) != {version}:
            lines.append(f"{name} says version {_versions(program)}, the project {version}")
        manifest = b"".join(_resources(program, 24)).decode("utf-8", "replace")
        lines += [
            f"{name}'s manifest lacks {each}"
            for each in ("asInvoker", "longPathAware")
            if each not in manifest
        ]
    here = {path.name.lower() for path in folder.rglob("*")}
    lines += [f"{name} is in the bundle" for name in sorted(_NEVER_SHIPPED & here)]
    if not list((folder / "_internal" / "licences").glob("*.txt")):
        lines.append("the licences of what is inside are missing")
    return lines


def _resources(program: pefile.PE, kind: int) -> list[bytes]:
    found = []
    for entry in program.DIRECTORY_ENTRY_RESOURCE.entries:
        if entry.id == kind:
            for named in entry.directory.entries:
                data = named.directory.entries[0].data.struct
                found.append(program.get_data(data.OffsetToData, data.Size))
    return found


def _icon_sizes(program: pefile.PE) -> set[int]:
    sizes = set()
    for group in _resources(program, 14):
        (count,) = struct.unpack_from("<H", group, 4)
        sizes |= {group[6 + 14 * at] or 256 for at in range(count)}
    return sizes


def _versions(program: pefile.PE) -> set[str]:
    return {
        value.decode()
        for info in program.FileInfo[0]
        if info.Key.rstrip(b"\0") == b"StringFileInfo"
        for table in info.StringTable
        for name, value in table.entries.items()
        if name in (b"FileVersion", b"ProductVersion")
    }


def main() -> int:
    """Print what is wrong; 1 when anything is."""
    folder, root = (Path(each) for each in sys.argv[1:])
    sys.path.insert(0, str(root / "packaging" / "freeze"))
    from version_info import version_of

    lines = wrong(folder, version_of(root))
    sys.stdout.writelines(
        f"{line}\n" for line in lines or ["programs: 64 bit, icons, version and manifest as they should be"]
    )
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
