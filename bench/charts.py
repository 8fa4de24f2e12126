"""Our charts beside pyqtgraph's own way and an empty plot, in one run: ratios, not times.

Candles are compared with a recorded QPicture (pyqtgraph's example of a custom item), lines with a PlotDataItem that
downsamples by peaks. A frame is: move the view, paint the whole widget. CPU time of this process, median of rounds.

    python bench/charts.py [--bars 1000000] [--points 10000000] [--rounds 7]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPicture
from PySide6.QtWidgets import QApplication

from qbx_desktop.domain.bars import Bars
from qbx_desktop.ui.charts.candle_item import CandleItem
from qbx_desktop.ui.charts.line_item import LineItem

FRAMES = 10


class RecordedCandles(pg.GraphicsObject):
    """The example's way: everything recorded once, all of it replayed for every frame."""

    def __init__(self, bars: Bars) -> None:
        super().__init__()
        self._picture = QPicture()
        painter = QPainter(self._picture)
        painter.setPen(pg.mkPen("w"))
        for at in range(len(bars)):
            low, high = float(bars.low[at]), float(bars.high[at])
            opened, close = float(bars.open[at]), float(bars.close[at])
            painter.drawLine(QLineF(at, low, at, high))
            painter.setBrush(pg.mkBrush("r" if opened > close else "g"))
            painter.drawRect(QRectF(at - 0.35, opened, 0.7, close - opened))
        painter.end()

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        return QRectF(self._picture.boundingRect())

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.drawPicture(QPointF(0, 0), self._picture)


def plot(*items: object) -> pg.PlotWidget:
    widget = pg.PlotWidget()
    widget.resize(1400, 800)
    widget.enableAutoRange(x=False, y=False)
    for item in items:
        widget.addItem(item)
    widget.show()
    QApplication.processEvents()
    return widget


def frame(widget: pg.PlotWidget, left: float, right: float, low: float, high: float) -> Callable[[], None]:
    """One pan step and its paint."""
    step = (right - left) / 1_000
    at = [0]

    def draw() -> None:
        at[0] += 1
        widget.setXRange(left + at[0] * step, right + at[0] * step, padding=0)
        widget.setYRange(low, high, padding=0)
        widget.grab()

    return draw


def cpu(action: Callable[[], None], times: int = FRAMES) -> float:
    """CPU seconds of one call."""
    began = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - began) / times


def compare(title: str, actions: dict[str, Callable[[], None]], rounds: int, base: str) -> None:
    """Interleaved rounds; per round the ratio of each to `base`, then the medians."""
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            taken[name].append(cpu(action))
    ours = "ours"
    print(title)
    for name, values in taken.items():
        ratio = statistics.median(a / b for a, b in zip(values, taken[base], strict=True))
        against = statistics.median(a / b for a, b in zip(values, taken[ours], strict=True))
        print(
            f"  {name:<28} {1000 * statistics.median(values):9.2f} ms   {ratio:7.2f} x {base}   {against:7.2f} x ours"
        )


def walk(count: int) -> Bars:
    rng = np.random.default_rng(1)
    close = 1.1 + np.cumsum(rng.normal(0, 0.0002, count))
    opened = np.concatenate(([1.1], close[:-1]))
    spread = rng.uniform(0, 0.0003, count)
    return Bars.from_prices(
        60 * np.arange(count),
        opened,
        np.maximum(opened, close) + spread,
        np.minimum(opened, close) - spread,
        close,
    )


def candles(count: int, rounds: int, recorded_most: int) -> None:
    bars = walk(count)
    low, high = float(bars.low.min()), float(bars.high.max())
    item = CandleItem()
    item.set_colours(QColor("#5AA9FF"), QColor("#FFA24B"), QColor("black"))
    item.set_bars(bars)
    widgets = {"empty plot": plot(), "ours": plot(item)}
    if count <= recorded_most:
        began = time.process_time()
        widgets["QPicture (the example)"] = plot(RecordedCandles(bars))
        print(f"QPicture of {count:,} bars recorded in {time.process_time() - began:.1f} s of CPU")
    for shown in sorted({200, 2_000, 100_000, count}):
        if shown <= count:
            middle = (count - shown) / 2
            actions = {name: frame(each, middle, middle + shown, low, high) for name, each in widgets.items()}
            compare(f"candles: {count:,} bars, {shown:,} in sight", actions, rounds, "empty plot")


def lines(count: int, rounds: int) -> None:
    values = np.cumsum(np.random.default_rng(2).normal(0, 1, count))
    ours, peak = LineItem(), pg.PlotDataItem()
    took = cpu(lambda: ours.set_values(values), 3)
    ours_plot, peak_plot = plot(ours), plot(peak)
    peak.setClipToView(True)
    peak.setDownsampling(auto=True, method="peak")
    peak_took = cpu(lambda: peak.setData(np.arange(count), values, skipFiniteCheck=True), 3)
    print(
        f"line of {count:,} points, setting the data: ours {1000 * took:.1f} ms, pyqtgraph {1000 * peak_took:.1f} ms"
    )
    low, high = float(values.min()), float(values.max())
    widgets = {"empty plot": plot(), "ours": ours_plot, "PlotDataItem, peaks": peak_plot}
    left, right = count * 0.2, count * 0.8
    actions = {name: frame(each, left, right, low, high) for name, each in widgets.items()}
    compare(f"line: {count:,} points, 60 % in sight", actions, rounds, "empty plot")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bars", type=int, default=1_000_000)
    parser.add_argument("--points", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    candles(100_000, options.rounds, 100_000)
    candles(options.bars, options.rounds, 100_000)
    lines(options.points, options.rounds)
    del application


if __name__ == "__main__":
    main()
