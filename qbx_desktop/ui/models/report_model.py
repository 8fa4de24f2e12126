"""Every figure of a backtest report as a line with its meaning: MetaTrader's names, their units, nothing left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from ...domain.messages import Message
from ...workers.backtest_run import ShownRun
from .. import figures
from ..theme import Theme
from ..words import Words
from .columns import RIGHT, Column, RowsModel
from .trades_model import REASONS

# Section, then per line: field, label, how it is written.
_LAYOUT: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("Money", (
        ("net_profit", "Net profit", "money"), ("gross_profit", "Gross profit", "money"),
        ("gross_loss", "Gross loss", "money"), ("profit_factor", "Profit factor", "ratio"),
        ("expected_payoff", "Expected payoff per trade", "money"), ("recovery_factor", "Recovery factor", "ratio"),
        ("cagr", "Growth per year (CAGR)", "share"),
    )),
    ("Drawdown", (
        ("balance_drawdown_absolute", "Balance drawdown absolute", "money"),
        ("balance_drawdown_maximal", "Balance drawdown maximal", "money"),
        ("balance_drawdown_maximal_percent", "Balance drawdown maximal, in percent", "percent"),
        ("balance_drawdown_relative", "Balance drawdown relative", "money"),
        ("balance_drawdown_relative_percent", "Balance drawdown relative, in percent", "percent"),
        ("equity_drawdown_absolute", "Equity drawdown absolute", "money"),
        ("equity_drawdown_maximal", "Equity drawdown maximal", "money"),
        ("equity_drawdown_maximal_percent", "Equity drawdown maximal, in percent", "percent"),
        ("equity_drawdown_relative", "Equity drawdown relative", "money"),
        ("equity_drawdown_relative_percent", "Equity drawdown relative, in percent", "percent"),
        ("margin_level_percent", "Lowest margin level", "percent"),
    )),
    ("Ratios", (
        ("sharpe", "Sharpe ratio per trade", "ratio"), ("sortino", "Sortino ratio", "ratio"),
        ("calmar", "Calmar ratio", "ratio"), ("sqn", "System quality (SQN)", "ratio"),
        ("ahpr", "AHPR", "factor"), ("ghpr", "GHPR", "factor"), ("lr_correlation", "LR correlation", "ratio"),
        ("lr_standard_error", "LR standard error", "money"), ("z_score", "Z-score", "ratio"),
        ("exposure", "Time in the market", "share"),
    )),
    ("Trades", (
        ("total_trades", "Total trades", "count"), ("total_deals", "Total deals", "count"),
        ("long_trades", "Long trades", "count"), ("long_won", "Long trades won", "count"),
        ("short_trades", "Short trades", "count"), ("short_won", "Short trades won", "count"),
        ("profit_trades", "Profit trades", "count"), ("loss_trades", "Loss trades", "count"),
        ("largest_profit_trade", "Largest profit trade", "money"), ("largest_loss_trade", "Largest loss trade", "money"),
        ("average_profit_trade", "Average profit trade", "money"), ("average_loss_trade", "Average loss trade", "money"),
    )),
    ("Series", (
        ("max_consecutive_wins", "Maximum consecutive wins", "count"),
        ("max_consecutive_wins_money", "Profit of that series", "money"),
        ("maximal_consecutive_profit", "Maximal consecutive profit", "money"),
        ("maximal_consecutive_profit_count", "Trades of that series", "count"),
        ("average_consecutive_wins", "Average consecutive wins", "ratio"),
        ("max_consecutive_losses", "Maximum consecutive losses", "count"),
        ("max_consecutive_losses_money", "Loss of that series", "money"),
        ("maximal_consecutive_loss", "Maximal consecutive loss", "money"),
        ("maximal_consecutive_loss_count", "Trades of that losing series", "count"),
        ("average_consecutive_losses", "Average consecutive losses", "ratio"),
    )),
    ("Excursions and time", (
        ("correlation_profit_mfe", "Correlation profit and MFE", "ratio"),
        ("correlation_profit_mae", "Correlation profit and MAE", "ratio"),
        ("correlation_mfe_mae", "Correlation MFE and MAE", "ratio"),
        ("holding_min", "Shortest holding time", "time"), ("holding_max", "Longest holding time", "time"),
        ("holding_average", "Average holding time", "time"),
    )),
)  # fmt: skip
# Shown in sections of their own, or the same figure under another name.
_ELSEWHERE = frozenset({"exit_reasons", "margin_level"})


@dataclass(frozen=True)
class ReportLine:
    """One line: the section, what it is, and its value as text; `name` is the field's name in the JSON."""

    name: str
    section: str
    label: str
    value: str


class ReportModel(RowsModel):
    """All lines of one run. Lives in the GUI thread; the lines are made again when the language changes."""

    def __init__(self, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        columns = (
            Column("Section", lambda row: row.section, colour=lambda _: "muted"),
            Column("Figure", lambda row: row.label, tooltip=lambda row: row.label),
            Column("Value", lambda row: row.value, align=RIGHT),
        )
        super().__init__(columns, words, theme, key=lambda row: row.name, parent=parent)
        self._run: ShownRun | None = None
        words.changed.connect(self._make_again)

    def set_run(self, run: ShownRun | None) -> None:
        """Show the report of this run, or nothing."""
        self._run = run
        self._make_again()

    def value_of(self, name: str) -> str:
        """The text of one field."""
        at = self.position_of(name)
        return "" if at is None else self.row_at(at).value

    def _make_again(self) -> None:
        self.set_rows([] if self._run is None else lines_of(self._run, self.words))


def lines_of(run: ShownRun, words: Words) -> list[ReportLine]:
    """The lines of a run's report in the chosen language; a field that is new to this version comes last."""
    write = writers(run, words)
    lines = [
        ReportLine(name, words.t(section), words.t(label), write[kind](run.report.get(name)))
        for section, fields in _LAYOUT
        for name, label, kind in fields
        if name in run.report
    ]
    exits: dict[str, Any] = run.report.get("exit_reasons") or {}
    for reason, each in exits.items():
        text = f"{each['trades']} · {write['money'](each['net'])}"
        lines.append(
            ReportLine(f"exit_reasons.{reason}", words.t("Exits"), words.t(REASONS.get(reason, reason)), text)
        )
    for reason, count in run.refused.items():
        lines.append(ReportLine(f"refused.{reason}", words.t("Entries refused"), words.t(reason), str(count)))
    for at, mark in enumerate(run.trust):
        verdict = words.t("good") if mark.good else words.t("doubtful")
        lines.append(
            ReportLine(f"trust.{at}", words.t("How far to trust it"), words.say(mark.message), verdict)
        )
    lines += _beside(run, words, write)
    for at, message in enumerate(run.assumptions):
        lines.append(ReportLine(f"assumption.{at}", words.t("Assumptions"), words.say(message), ""))
    known = {line.name for line in lines} | _ELSEWHERE
    for name, value in run.report.items():
        if name not in known:
            lines.append(ReportLine(name, words.t("More"), name, str(value)))
    return lines


def _beside(run: ShownRun, words: Words, write: dict[str, Callable[[Any], str]]) -> list[ReportLine]:
    """What chance earned, and how whole the history is; nothing where that is not known."""
    lines: list[ReportLine] = []
    chance, quality = run.appraisal.get("baseline"), run.appraisal.get("history_quality")
    if chance:
        section, held = words.t("Better than chance?"), chance["buy_and_hold"]
        lots = figures.money(held["lots"], 2, words.language)
        found = (
            ("runs", words.t("Random runs"), write["count"](chance["runs"])),
            ("worse", words.t("of them earned less"), write["count"](chance["worse"])),
            ("p", words.t("Luck alone gives such a lead"), write["share"](chance["p"])),
            ("net_50", words.t("Half the random runs earned less than"), write["money"](chance.get("net_50"))),
            ("net_5", words.t("One random run in twenty earned less than"), write["money"](chance.get("net_5"))),
            ("net_95", words.t("One random run in twenty earned more than"), write["money"](chance.get("net_95"))),
            ("hold", words.t("Buying {lots} lots once and holding", lots=lots), write["money"](held["net_profit"])),
            ("hold_drawdown", words.t("Deepest fall of holding"),
             write["percent"](held["equity_drawdown_relative_percent"])),
        )  # fmt: skip
        lines += [ReportLine(f"baseline.{name}", section, label, value) for name, label, value in found]
    if quality:
        section = words.t("History quality")
        lines.append(ReportLine("quality", section, section, write["percent"](quality["percent"])))
        for at, each in enumerate(quality["findings"]):
            said = words.say(Message(each["code"], each["params"]))
            lines.append(ReportLine(f"quality.{at}", section, said, ""))
    return lines


def writers(run: ShownRun, words: Words) -> dict[str, Callable[[Any], str]]:
    """How each kind of figure is written for this run; an empty figure is a dash."""
    language, digits = words.language, run.money_digits

    def dashed(write: Callable[[Any], str]) -> Callable[[Any], str]:
        return lambda value: figures.NOTHING if value is None else write(value)

    return {
        "money": dashed(lambda value: f"{figures.money(value, digits, language)} {run.currency}"),
        "ratio": dashed(lambda value: figures.money(value, 2, language)),
        "factor": dashed(lambda value: figures.money(value, 6, language)),
        "percent": dashed(lambda value: figures.percent(value, 2, language)),
        "share": dashed(lambda value: figures.percent(100 * value, 2, language)),
        "count": dashed(lambda value: figures.money(value, 0, language)),
        "time": dashed(lambda value: duration(value, words)),
    }


def duration(seconds: float, words: Words) -> str:
    """Days, hours and minutes, the two largest that count."""
    minutes = round(seconds / 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return words.t("{days} d {hours} h", days=days, hours=hours)
    if hours:
        return words.t("{hours} h {minutes} min", hours=hours, minutes=minutes % 60)
    return words.t("{minutes} min", minutes=minutes)
