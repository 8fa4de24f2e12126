"""The sample prices that come with the program: clean, small, and what their maker makes."""

from __future__ import annotations

import gzip
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from qbx_desktop.data.bar_file_check import check_file
from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.data.bar_report import Verdict
from qbx_desktop.domain.resources import resource
from qbx_desktop.domain.timeframe import Timeframe

NAMES = {"EURUSD": 5, "USDJPY": 3, "XAUUSD": 2}


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", resource("prices", "make_samples.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[spec.name]
    return module


@pytest.mark.parametrize("symbol", NAMES)
def test_each_sample_is_clean_and_small(symbol: str) -> None:
    path = resource("prices", f"{symbol}_H1.csv.gz")
    assert path.stat().st_size < 400_000
    report = check_file(path)
    assert report.verdict is Verdict.CLEAN
    assert (report.timeframe, report.digits) == (Timeframe.H1, NAMES[symbol])
    read = read_bars(path)
    assert read.symbol == symbol
    assert len(read.bars) > 17_000
    assert read.bars.spread.min() > 0


@pytest.mark.parametrize("symbol", NAMES)
def test_the_hours_of_a_sample_differ_as_a_markets_do(symbol: str) -> None:
    bars = read_bars(resource("prices", f"{symbol}_H1.csv.gz")).bars
    hour = bars.time // 3_600 % 24
    size = bars.high - bars.low
    assert np.median(size[hour == 16]) > 1.8 * np.median(size[hour == 5])
    assert np.median(bars.spread[hour == 23]) > 2 * np.median(bars.spread[hour == 12])


def test_the_maker_makes_exactly_these_files() -> None:
    made = maker()
    sample = made.SAMPLES[0]
    path: Path = resource("prices", f"{sample.symbol}_H1.csv.gz")
    assert gzip.decompress(path.read_bytes()).decode() == "".join(made.lines(sample))
