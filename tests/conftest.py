"""Every test runs offscreen, in a home folder of its own, and must leave no thread or process behind."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTEST_QT_API", "pyside6")
# The fast engine is compiled once for all tests, not once for each home folder.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parent.parent / ".pytest_cache" / "compiled"))

import psutil
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "qbx", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100, derandomize=True
)
settings.load_profile("qbx")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home folder for the program, so that no test touches the user's data."""
    folder = tmp_path / "home"
    monkeypatch.setenv("QBX_HOME", str(folder))
    return folder


def _is_ours(thread: threading.Thread) -> bool:
    """A Qt thread that used Python's threads is listed for ever as a dummy, whether it still runs or not."""
    return thread.is_alive() and not isinstance(thread, threading._DummyThread)


def _outlives_us(command: str) -> bool:
    """Python's own tracker, and the process that compiles the pass for the next time, on a computer that never did."""
    return "resource_tracker" in command or command.endswith("qbx_desktop prepare")


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test that leaves a thread or a child process running.

    `shared_host` is one strategy process for a whole file of tests; the fixture looks after its end itself.
    """
    if "shared_host" in request.fixturenames:
        yield
        return
    threads = set(threading.enumerate())
    children = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    deadline = time.monotonic() + 3.0
    while True:
        left = [each for each in threading.enumerate() if each not in threads and _is_ours(each)]
        procs = [
            child
            for child in psutil.Process().children(recursive=True)
            if child.pid not in children and not _outlives_us(_command_line(child))
        ]
        if not left and not procs:
            return
        if time.monotonic() > deadline:
            names = [thread.name for thread in left] + [_command_line(child) for child in procs]
            pytest.fail(f"left running by {request.node.name}: {names}")
        time.sleep(0.02)


def _command_line(child: psutil.Process) -> str:
    try:
        return " ".join(child.cmdline())
    except psutil.Error:
        return ""
