"""The self-test's look at its surroundings: versions, folders, TLS, MetaTrader 5, and the window's first paint."""

from __future__ import annotations

import importlib
import json
import os
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

from ..broker.client import TerminalClient
from ..broker.errors import TerminalError
from ..broker.spec import TerminalSpec
from ..broker.terminal import Terminal
from ..broker.transports import ProcessTransport
from ..data.home import Home
from ..domain.clock import SystemClock
from ..domain.errors import QbxError
from ..domain.resources import resource

_LIBRARIES = ("numpy", "pandas", "PySide6", "pyqtgraph", "numba", "talib", "nacl", "sqlite3")
_WINDOW_PATIENCE = 90.0


def versions() -> dict[str, object]:
    """The version of every library the program stands on; `MetaTrader5` where there is one."""
    names = [*_LIBRARIES, "MetaTrader5"] if sys.platform == "win32" else list(_LIBRARIES)
    found: dict[str, object] = {}
    for name in names:
        module = importlib.import_module(name)
        found[name] = getattr(module, "sqlite_version" if name == "sqlite3" else "__version__", "unknown")
    return found


def paths() -> dict[str, object]:
    """Where the program lies and where it keeps the trader's things."""
    return {
        "program": sys.executable,
        "home": str(Home.default().root),
        "resources": str(resource("icons").parent),
        "temporary": tempfile.gettempdir(),
    }


def tls() -> dict[str, object]:
    """Whether a server's certificate could be checked."""
    context = ssl.create_default_context()
    return {"library": ssl.OPENSSL_VERSION, "checks": context.verify_mode == ssl.CERT_REQUIRED}


def metatrader() -> dict[str, object]:
    """What the real MetaTrader 5 says when it is asked, through the same child process as in the window."""
    clock = SystemClock()
    began = clock.monotonic()
    terminal = Terminal(TerminalClient(ProcessTransport(TerminalSpec(kind="mt5")), clock=clock), clock=clock)
    try:
        terminal.open()
        answer: dict[str, object] = {"connected": True}
    except TerminalError as error:
        answer = {"connected": False, "code": error.code, "text": error.text, "sentence": error.sentence}
    except QbxError as error:
        answer = {"connected": False, "sentence": error.sentence}
    finally:
        terminal.close()
    if terminal.client.reason is not None:
        # Why there is no link, which the call that found none does not know.
        answer["reason"] = terminal.client.reason.code
    return {**answer, "seconds": round(clock.monotonic() - began, 2)}


def window() -> dict[str, object]:
    """Start the window on a home of its own, let it paint and end itself. Raises RuntimeError when it does not."""
    with tempfile.TemporaryDirectory(prefix="qbx-window-", ignore_cleanup_errors=True) as folder:
        report = Path(folder) / "window.json"
        command = [
            *_program(), "--window", "--home", str(Path(folder) / "home"), "--report", str(report),
        ]  # fmt: skip
        began = SystemClock().now()
        environment = dict(os.environ)
        if sys.platform == "linux" and not environment.get("DISPLAY"):
            environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            said, _ = process.communicate(timeout=_WINDOW_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise RuntimeError(f"the window did not end within {_WINDOW_PATIENCE:.0f} s") from None
        if process.returncode or not report.exists():
            text = said.decode("utf-8", "replace").strip()[-500:]
            raise RuntimeError(f"the window ended with code {process.returncode}: {text}")
        found: dict[str, object] = json.loads(report.read_text("utf-8"))
    painted = found.pop("painted_at")
    assert isinstance(painted, float)
    return {"first_paint_seconds": round(painted - began, 2), **found}


def _program() -> list[str]:
    """The window's program: beside this one when frozen, the same interpreter otherwise."""
    if not getattr(sys, "frozen", False):
        return [sys.executable, "-m", "qbx_desktop"]
    suffix = ".exe" if sys.platform == "win32" else ""
    return [str(Path(sys.executable).with_name(f"QuantumBotX{suffix}"))]
