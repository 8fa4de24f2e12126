"""Up to four backtests side by side: what was set differently first, then every figure, the best of each row marked."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt

from ...domain.clock import server_text
from ...domain.params import infos
from ...strategies import registry
from ...workers.backtest_run import ShownRun
from .. import figures
from ..theme import Theme
from ..words import Words
from .columns import RIGHT, Column, RowsModel
from .report_model import _LAYOUT, writers

MOST = 4
_FIRST_RUN = 3
_STAR = "★"
_DIFFERS = "≠"
_HIGHER = frozenset({
    "net_profit", "gross_profit", "gross_loss", "profit_factor", "expected_payoff", "recovery_factor", "cagr", "sharpe",
    "sortino", "calmar", "sqn", "ahpr", "ghpr", "lr_correlation", "margin_level_percent", "largest_loss_trade",
    "average_profit_trade", "average_loss_trade", "max_consecutive_losses_money", "maximal_consecutive_loss",
})  # fmt: skip
_LOWER = frozenset({"lr_standard_error", "max_consecutive_losses", "average_consecutive_losses"})
_INPUTS: dict[str, str] = {
    "strategy": "Strategy", "symbol": "Symbol", "source": "Data", "start": "From", "end": "To", "account.balance": "Capital",
    "account.currency": "Currency", "account.leverage": "Leverage", "sizing": "Size", "sl": "Stop loss", "tp": "Take profit",
    "atr_period": "ATR bars", "reverse": "Opposite signal reverses", "rate": "Rate",
}  # fmt: skip
_ELSEWHERE = frozenset({"path", "series", "spec"})


@dataclass(frozen=True)
class CompareRow:
    """One line; `values` a text per run, `best` the runs whose figure is the best, none where all are equal."""

    name: str
    section: str
    label: str
    values: tuple[str, ...]
    best: frozenset[int] = frozenset()

    @property
    def differs(self) -> bool:
        """Whether the runs do not all say the same."""
        return len(set(self.values)) > 1


class CompareModel(RowsModel):
    """Lives in the GUI thread; a column per run behind section, label and the mark of a difference."""

    def __init__(self, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        columns = (
            Column("Section", lambda row: row.section, colour=lambda _: "muted"),
            Column("Figure", lambda row: row.label, tooltip=lambda row: row.label),
            Column("", lambda row: _DIFFERS if row.differs else "",
                   accessible=lambda row: self.words.t("differs") if row.differs else ""),
            *(self._column(at) for at in range(MOST)),
        )  # fmt: skip
        super().__init__(columns, words, theme, key=lambda row: row.name, parent=parent)
        self.runs: tuple[ShownRun, ...] = ()
        words.changed.connect(self._make_again)

    def set_runs(self, runs: Sequence[ShownRun]) -> None:
        """Compare these runs, at most four."""
        self.runs = tuple(runs[:MOST])
        self._make_again()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, _FIRST_RUN, _FIRST_RUN + MOST - 1)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802 - Qt's name
        run = section - _FIRST_RUN
        shown = int(role) in (int(Qt.ItemDataRole.DisplayRole), int(Qt.ItemDataRole.AccessibleTextRole))
        if orientation == Qt.Orientation.Horizontal and 0 <= run < len(self.runs) and shown:
            return self.words.t("Run {number}", number=self.runs[run].record_id)
        return super().headerData(section, orientation, role)

    def _column(self, at: int) -> Column:
        def text(row: CompareRow) -> str:
            if at >= len(row.values):
                return ""
            return f"{row.values[at]} {_STAR}" if at in row.best else row.values[at]

        def said(row: CompareRow) -> str:
            mark = f" ({self.words.t('best')})" if at in row.best else ""
            return row.values[at] + mark if at < len(row.values) else ""

        return Column("", text, align=RIGHT, accessible=said, tooltip=said)

    def _make_again(self) -> None:
        self.set_rows(list(rows_of(self.runs, self.words)) if self.runs else [])


def rows_of(runs: Sequence[ShownRun], words: Words) -> Iterator[CompareRow]:
    """The lines: inputs that differ, then the figures of the report in its own order."""
    yield from _input_rows(runs, words)
    writes = [writers(run, words) for run in runs]
    for section, fields in _LAYOUT:
        for name, label, kind in fields:
            found = [run.report.get(name) for run in runs]
            if all(each is None for each in found):
                continue
            texts = tuple(write[kind](value) for write, value in zip(writes, found, strict=True))
            best = (
                best_of(name, found)
                if len({run.currency for run in runs}) == 1 or kind != "money"
                else frozenset()
            )
            yield CompareRow(name, words.t(section), words.t(label), texts, best)


def best_of(name: str, found: Sequence[object]) -> frozenset[int]:
    """Which values of a figure are the best; none where they are equal, unknown, or where more is not better."""
    falls = "drawdown" in name or name in _LOWER
    if not falls and name not in _HIGHER:
        return frozenset()
    known = {
        at: float(value) for at, value in enumerate(found) if isinstance(value, int | float) and math.isfinite(value)
    }  # fmt: skip
    if len(set(known.values())) < 2:
        return frozenset()
    top = (min if falls else max)(known.values())
    return frozenset(at for at, value in known.items() if value == top)


def _input_rows(runs: Sequence[ShownRun], words: Words) -> Iterator[CompareRow]:
    section = words.t("Inputs")
    flat = [_inputs(run) for run in runs]
    names = list(dict.fromkeys(name for each in flat for name in each))
    different = [name for name in names if len({repr(each.get(name)) for each in flat}) > 1]
    for name in different:
        texts = tuple(_input_text(name, each.get(name), words) for each in flat)
        yield CompareRow(f"input.{name}", section, _label(name, runs, words), texts)
    if all(run.choices is not None for run in runs):
        same = words.t("{n} other inputs are the same", n=len(names) - len(different))
        yield CompareRow("input", section, same, ("",) * len(runs))


def _inputs(run: ShownRun) -> dict[str, Any]:
    if run.choices is None:
        return {}
    found: dict[str, Any] = {"source": run.choices.source}
    for name, value in run.choices.to_json().items():
        if name in _ELSEWHERE:
            continue
        if isinstance(value, Mapping) and name not in ("sizing", "sl", "tp"):
            found |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            found[name] = value
    return found


def _label(name: str, runs: Sequence[ShownRun], words: Words) -> str:
    if name in _INPUTS:
        return words.t(_INPUTS[name])
    group, _, inner = name.rpartition(".")
    if group == "params":
        known = {each.key: each for each in registry.all_strategies()}
        for run in runs:
            strategy = known.get(run.choices.strategy) if run.choices else None
            for each in infos(strategy.Params) if strategy else ():
                if each.name == inner:
                    return words.t(each.label)
    return inner.replace("_", " ")


def _input_text(name: str, value: object, words: Words) -> str:
    if value is None:
        return figures.NOTHING
    if name in ("start", "end") and isinstance(value, int):
        return server_text(value)
    if isinstance(value, bool):
        return words.t("yes") if value else words.t("no")
    if isinstance(value, Mapping):
        parts = [
            f"{each:g}" if isinstance(each, float) else str(each)
            for each in value.values()
            if each is not None
        ]
        return " ".join(parts)
    if dataclasses.is_dataclass(value):
        return str(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
