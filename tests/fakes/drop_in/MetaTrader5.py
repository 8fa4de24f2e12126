"""Put this folder on `sys.path` and a child process finds the stand-in where it looks for the real module."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.fakes.terminal_module import FakeTerminalModule

_folder = Path(os.environ["QBX_FAKE_TERMINAL"])
_module = FakeTerminalModule(_folder / "faults.json", _folder / "ledger.jsonl")
__version__ = _module.__version__


def __getattr__(name: str) -> Any:
    return getattr(_module, name)
