"""The fast engine is made by a process beside the first backtest, which does not wait for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from qbx_desktop.backtest import baseline, compiled, preparing
from qbx_desktop.commands import backtest
from qbx_desktop.data.bar_export import export_bars
from qbx_desktop.domain.timeframe import Timeframe

from .test_run import market


@pytest.fixture
def noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new computer whose background process only notes, in this file, that it ran."""
    note = tmp_path / "ran"
    program = f"import pathlib; pathlib.Path({str(note)!r}).open('a').write('once ')"
    monkeypatch.setattr(preparing, "command", lambda: [sys.executable, "-c", program])
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(compiled, "_engine", compiled._Engine())
    return note


def ended() -> None:
    """Wait for the process and forget it."""
    assert preparing._process is not None
    assert preparing._process.wait(60) == 0
    preparing._process = None


def test_the_first_backtest_has_the_engine_made_and_says_what_it_left_out(
    noted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = tmp_path / "bars.csv"
    export_bars(market(51_000), bars, timeframe=Timeframe.H1, digits=5)
    words = ["--bars", str(bars), "--symbol", "EURUSD", "--strategy", "MA_CROSSOVER", "--lots", "0.1"]
    assert backtest.run(words) == 0
    said = capsys.readouterr().out
    assert "made in the background" in said
    assert "comparison with chance was left out" in said
    ended()
    assert noted.read_text() == "once "
    assert backtest.run([*words, "--baseline", "0"]) == 0  # asked for already
    assert preparing._process is None


@pytest.mark.usefixtures("noted")
def test_asked_again_only_when_the_first_must_have_failed(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "pass-1"
    assert preparing.begin(folder)
    ended()
    assert preparing.begin(folder)
    assert preparing._process is None
    mark = folder.with_suffix(".asked")
    long_ago = mark.stat().st_mtime - 1_000.0
    os.utime(mark, (long_ago, long_ago))
    assert preparing.begin(folder)
    ended()


@pytest.mark.usefixtures("noted")
def test_large_work_begins_without_the_compiler() -> None:
    assert compiled.ready(work=100_000_000).plain
    ended()


def test_where_nothing_can_be_kept_no_process_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    assert not preparing.begin(tmp_path / "file" / "pass-1")
    assert preparing._process is None


@pytest.mark.parametrize(("bars", "runs"), [(500, 500), (39_000, 25), (50_000, 20), (51_000, 0)])
def test_runs_without_the_engine(bars: int, runs: int) -> None:
    assert baseline.runs_without_engine(bars) == runs
