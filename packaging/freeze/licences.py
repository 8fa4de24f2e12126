"""The licences of everything that is frozen into the program, one file each, as their authors shipped them."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

_TEXTS = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors|third.?party)[^/]*$", re.IGNORECASE)
_MARKER = re.compile(r"[\s;\[(<>=!~].*")


def frozen_distributions(root: str) -> list[str]:
    """The names of `root`'s run-time dependencies on this platform, their dependencies included, sorted."""
    found: set[str] = set()
    todo = [root]
    while todo:
        name = todo.pop()
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # a dependency of another platform
        if name != root:
            found.add(metadata.metadata(name)["Name"])
        for line in requires:
            wanted = _MARKER.sub("", line)
            if "extra ==" not in line and wanted not in found:
                todo.append(wanted)
    return sorted(found, key=str.lower)


def write_licences(root: str, folder: Path) -> Path:
    """Write `NAME-VERSION.txt` for each frozen distribution. Raises LookupError for one without any licence."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.txt"):
        old.unlink()
    for name in frozen_distributions(root):
        about = metadata.metadata(name)
        said = about.get("License-Expression") or about.get("License") or ""
        said = said or "; ".join(
            each for each in about.get_all("Classifier") or [] if each.startswith("License")
        )
        texts = [
            f"==== {each}\n{each.locate().read_text('utf-8', errors='replace')}"
            for each in metadata.files(name) or []
            if _TEXTS.search(each.as_posix())
            and each.suffix not in {".py", ".pyc", ".pyi"}
            and each.locate().is_file()
        ]
        if not said and not texts:
            raise LookupError(f"{name} names no licence; look at it before it is shipped")
        head = f"{about['Name']} {about['Version']}\n{about.get('Home-page') or ''}\nLicence: {said}\n\n"
        (folder / f"{about['Name']}-{about['Version']}.txt").write_text(head + "\n\n".join(texts), "utf-8")
    return folder
