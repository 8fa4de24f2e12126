"""The fast engine is loaded, made or done without; the figures are the same and the reason is said."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from qbx_desktop.backtest import compiled
from qbx_desktop.backtest.run import run
from qbx_desktop.commands import prepare

from .test_run import PLAIN, changed, market


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has just begun."""
    monkeypatch.setattr(compiled, "_engine", compiled._Engine())


def test_the_plain_pass_gives_the_same_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not compiled.ready().plain
    fast = run(PLAIN)
    monkeypatch.setattr(compiled._engine, "made", None)
    assert compiled.ready().plain
    slow = run(PLAIN)
    assert (slow.hash, slow.passport, slow.trades) == (fast.hash, fast.passport, fast.trades)


@pytest.mark.usefixtures("fresh")
def test_what_is_kept_is_loaded_at_the_first_run() -> None:
    assert compiled.is_kept()
    run(PLAIN)
    assert not compiled.ready().plain
    assert compiled.why_slow() is None


@pytest.mark.usefixtures("fresh")
def test_nothing_kept_means_plain_at_once_and_a_reason_where_it_is_felt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert not any("fast engine" in each.text for each in run(PLAIN).assumptions)  # quick all the same
    assert compiled.ready().plain
    monkeypatch.setattr("qbx_desktop.backtest.result._SLOW", 1_000)
    assert run(PLAIN).assumptions[-1].code == "backtest.not_yet"


@pytest.mark.usefixtures("fresh")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr("qbx_desktop.backtest.result._SLOW", 1_000)
    why = run(PLAIN).assumptions[-1]
    assert why.code == "backtest.no_cache"
    assert str(tmp_path / "file" / "cache") in why.text


@pytest.mark.usefixtures("fresh")
def test_without_a_compiler_backtests_run_and_say_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "numba", None)
    assert prepare.run([]) == 1
    assert "cannot run on this computer" in capsys.readouterr().out
    assert run(changed(bars=market(200))).refused


def test_prepare_says_when_it_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert prepare.run([]) == 0
    assert capsys.readouterr().out == "The fast backtest engine is ready.\n"


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("fresh")
def test_a_damaged_engine_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = compiled.cache_folder()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    shutil.copytree(kept, compiled.cache_folder())
    shutil.copy(kept.with_suffix(".py"), tmp_path)
    for index in compiled.cache_folder().rglob("*.nbi"):
        index.write_bytes(index.read_bytes()[:100] + b"nonsense")
    assert not compiled.make().plain
    assert compiled.why_slow() is None
    assert run(PLAIN).trades
