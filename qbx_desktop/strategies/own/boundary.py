"""The strategy process's fence: no terminal, no database, no other programs; what is tried all the same is noted.

It keeps honest code from doing harm by mistake and makes a dishonest attempt visible. It is not a sandbox, and the
question for consent says so.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FrameType, ModuleType

from .findings import is_forbidden

_PROGRAMS = frozenset(
    {
        "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile",
        "os.startfile/2", "pty.spawn", "os.kill", "signal.pthread_kill", "_winapi.CreateProcess", "_winapi.OpenProcess",
    }
)  # fmt: skip
_CHANGES = frozenset(
    {
        "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink", "os.chmod", "os.chown",
        "os.chflags", "os.utime", "shutil.rmtree", "shutil.move", "shutil.copyfile", "shutil.copytree",
    }
)  # fmt: skip
# Environment variables that might carry something to sign in with, or say where the trader's data lies.
_TELLING = ("QBX_", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY", "APIKEY", "CREDENTIAL")


@dataclass
class Fence:
    """Puts itself up once, for good. `trespasses` are what was tried since :meth:`begin`, as (what, line)."""

    folder: str
    armed: bool = False
    file: str = ""
    trespasses: list[tuple[str, int]] = field(default_factory=list)
    _readable: tuple[str, ...] = ()

    def raise_up(self) -> None:
        """From now on the process is fenced in."""
        for name in [name for name in os.environ if any(word in name.upper() for word in _TELLING)]:
            del os.environ[name]
        self._readable = _readable_roots(self.folder)
        sys.meta_path.insert(0, _Finder(self))
        sys.addaudithook(self._heard)

    def begin(self, file: str) -> None:
        """Code of `file` runs from now on."""
        self.file, self.trespasses, self.armed = file, [], True

    def end(self) -> None:
        """Our own code runs again."""
        self.armed = False

    def note(self, what: str) -> PermissionError:
        """Remember a trespass; the error to raise for it. Catching that error does not undo the note."""
        if len(self.trespasses) < 20:
            self.trespasses.append((what, self._line()))
        return PermissionError(f"a strategy may not do this: {what}")

    def _line(self) -> int:
        """The line of the trader's file that is being carried out."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != self.file:
            frame = frame.f_back
        return 0 if frame is None else frame.f_lineno

    def _heard(self, event: str, values: tuple[object, ...]) -> None:
        if not self.armed:
            return
        if event == "open":
            self._opened(values)
        elif event.startswith("sqlite3."):
            raise self.note("open a database")
        elif event in _PROGRAMS:
            raise self.note("start or end another program")
        elif event in _CHANGES:
            raise self.note("change files")
        elif event == "ctypes.dlopen" and not self._may_read(str(values[0] or "")):
            raise self.note(f"load the library {values[0]}")

    def _opened(self, values: tuple[object, ...]) -> None:
        path, mode, flags = (*values, None, None, None)[:3]
        if isinstance(path, int):
            return
        name = os.fsdecode(path) if isinstance(path, (str, bytes)) else str(path)
        writes = (isinstance(mode, str) and bool(set(mode) & set("wax+"))) or (
            isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        )
        if name == os.devnull:
            return
        if writes:
            raise self.note(f"write the file {name}")
        if not self._may_read(name):
            raise self.note(f"read the file {name}")

    def _may_read(self, name: str) -> bool:
        full = os.path.normcase(os.path.realpath(name))
        if full.endswith((".db", ".db-wal", ".db-shm", ".sqlite", ".sqlite3")):
            return False
        return any(full == root or full.startswith(root + os.sep) for root in self._readable)


class _Finder(MetaPathFinder):
    """Refuses forbidden modules before any other finder is asked."""

    def __init__(self, fence: Fence) -> None:
        self._fence = fence

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if self._fence.armed and name.partition(".")[0] in _NEVER:
            raise _refused(self._fence, name)
        return None


# Refused whoever asks, libraries too; the rest of the forbidden names only when the trader's file itself asks.
_NEVER = frozenset({"MetaTrader5", "sqlite3", "_sqlite3", "keyring", "apsw"})


def _refused(fence: Fence, name: str) -> ImportError:
    fence.note(f"import {name}")
    return ImportError(f"a strategy may not import {name}", name=name)


def guarded_import(fence: Fence, original: Callable[..., object]) -> Callable[..., object]:
    """An `__import__` for the trader's module: what its file asks for itself is looked at first."""

    def import_it(
        name: str,
        globals: object = None,  # noqa: A002 - the signature of __import__
        locals: object = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        names = [f"{name}.{each}" for each in fromlist or ()] if name == "qbx_desktop" else [name]
        for each in names:
            if not level and is_forbidden(each):
                raise _refused(fence, each)
        return original(name, globals, locals, fromlist, level)

    return import_it


def _readable_roots(folder: str) -> tuple[str, ...]:
    """Python, its libraries, time zones, what the system tells about its processor, and the strategies' own folder."""
    found = {
        sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values(), *zoneinfo.TZPATH, "/etc/localtime",
        "/etc/timezone", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", folder,
        *(each for each in sys.path if each), str(Path(__file__).resolve().parents[3]),
    }  # fmt: skip
    frozen = getattr(sys, "_MEIPASS", None)
    if isinstance(frozen, str):
        found.add(frozen)
    roots = {os.path.normcase(os.path.realpath(each)) for each in found}
    return tuple(sorted(each for each in roots if len(each) > 3))
