"""A folder of the trader's files and a real strategy process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qbx_desktop.strategies.own.host import HostLimits, StrategyHost
from qbx_desktop.strategies.own.source import OwnSource, read_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "strategies"
    made.mkdir()
    return made


@pytest.fixture
def write(folder: Path) -> Callable[[str, str], OwnSource]:
    """Write a file of the trader's and read it as the program does."""

    def written(name: str, text: str) -> OwnSource:
        path = folder / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        return read_source(path)

    return written


@pytest.fixture(scope="module")
def shared_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StrategyHost]:
    """One process for all tests of a file: it starts again by itself after each kill."""
    made = StrategyHost(tmp_path_factory.getbasetemp(), HostLimits(seconds=3.0, load_seconds=60.0))
    yield made
    made.close()
    assert made.pid is None
    assert "qbx-strategy-host" not in [each.name for each in threading.enumerate()]
