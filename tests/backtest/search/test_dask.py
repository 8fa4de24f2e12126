"""A Dask cluster gives what one process gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from qbx_desktop.backtest.search.runner import runner_for
from qbx_desktop.domain.errors import UserMistake

from .landscape import swings


@pytest.mark.timeout(300)
def test_two_workers_give_the_serial_result() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", f"{__package__}.dask_child"],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert "workers 2" in ran.stdout, ran.stderr
    assert "equal True 15" in ran.stdout
    assert "doubts True" in ran.stdout
    assert "stopped True" in ran.stdout
    assert "refused No Dask scheduler answers at tcp://127.0.0.1:9" in ran.stdout


def test_a_cluster_without_the_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserMistake, match=r"qbx-desktop\[cluster\]"):
        runner_for(swings(100), scheduler="tcp://127.0.0.1:9")
