"""Several backtests on one account: one balance, one margin, one stop-out, bar by bar over all their times together.

Each leg follows the rules of a single run. What is shared: entries are sized by the common balance and refused when the
common free margin (equity less the margin of all open positions) does not carry them. In one moment all legs close
before any opens, and legs open in the order given. Several legs are stopped out together: where equity at the worst
prices of a moment is down to the stop-out level, the position that loses most is closed at its worst price of that bar,
which is pessimistic. A single leg is stopped out as in a run of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain.bars import Floats, Ints
from ..domain.errors import UserMistake
from ..domain.messages import declare
from .entry import plan_entry
from .figures import figures
from .input import BacktestInput, check
from .layout import (
    BUY,
    FIGURES,
    NEVER,
    NO_MONEY,
    NOT_REFUSED,
    REASONS,
    RULES,
    SELL,
    STATE,
    TRADE,
    UNKNOWN,
    Bar,
    Curves,
)
from .report import report_of
from .rules import begin, end, enter, equity_at, gap, inside, leave
from .run import Cancelled, cancelled_after
from .tape import Tape, tape_of
from .terms import unit_of
from .trade import Trade
from .trades import Trades
from .worth import margin_of, turned, worth

_NONE = declare("portfolio.none", "A portfolio needs at least one strategy. Nothing was run.")
_ACCOUNT = declare(
    "portfolio.account",
    "All strategies of a portfolio share one account; {symbol} has another balance, currency, leverage or stop-out level "
    "than the first. Nothing was run.",
)
_SIMPLE = declare(
    "portfolio.simple",
    "A portfolio is run without guards and without finer bars; {symbol} has one of them. Leave them out. Nothing was run.",
)
_LOOK_EVERY = 2_000


@dataclass(frozen=True, eq=False)
class LegResult:
    """One leg inside the portfolio: its trades, refusals by reason, and its money (closed and floating) per moment."""

    trades: tuple[Trade, ...]
    refused: dict[str, int]
    money: Floats

    @property
    def net(self) -> float:
        """What its trades earned together."""
        return math.fsum(each.net for each in self.trades)


@dataclass(frozen=True, eq=False)
class PortfolioResult:
    """The whole: curves per moment in account currency, report, and per leg what was its part.

    `worst_stop_out` is the most money that all open positions would have lost at once at their stops, measured whenever
    one was opened; `unstopped` tells that a position without a stop was open, so that there was no such limit.
    """

    legs: tuple[LegResult, ...]
    times: Ints
    balance: Floats
    equity: Floats
    equity_low: Floats
    report: dict[str, Any]
    margin_used: Floats
    worst_stop_out: float
    unstopped: bool


def run_portfolio(
    inputs: Sequence[BacktestInput],
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PortfolioResult:
    """Run all inputs on the account of the first. Raises UserMistake, Cancelled."""
    if not inputs:
        raise UserMistake(_NONE())
    for each in inputs:
        check(each)
        if each.account != inputs[0].account:
            raise UserMistake(_ACCOUNT(symbol=each.spec.symbol))
        if each.guarded or each.detail is not None:
            raise UserMistake(_SIMPLE(symbol=each.spec.symbol))
    walk = _Portfolio(inputs)
    total = len(walk.times)
    for moment in range(total):
        if moment % _LOOK_EVERY == 0:
            if cancelled is not None and cancelled():
                raise Cancelled(cancelled_after(moment, total))
            if progress is not None:
                progress(moment, total)
        walk.step(moment)
    if progress is not None:
        progress(total, total)
    return walk.result()


class _Leg:
    """One leg's columns as plain Python values, where it stands, and what it listed."""

    def __init__(self, given: BacktestInput, tape: Tape, times: Ints, *, alone: bool) -> None:
        self.given = given
        self.tape = tape
        self.terms = {name: tape.terms[name][0].item() for name in tape.terms.dtype.names or ()}
        if not alone:
            self.terms["stop_out"] = 0.0
        columns = tape.columns
        names = ("open", "high", "low", "close", "spread", "slip", "rates", "act")
        self.open, self.high, self.low, self.close, self.spread, self.slip, self.rates, self.act = (
            np.asarray(getattr(columns, name)).tolist() for name in names
        )
        self.atr = np.asarray(columns.atr).tolist()
        care, singles, triples = (
            np.asarray(each).tolist() for each in (columns.care, columns.singles, columns.triples)
        )
        self.nights = {t: (one, three) for t, one, three in zip(care, singles, triples, strict=False)}
        self.state: dict[str, Any] = dict.fromkeys(STATE.names or (), 0)
        self.state["level"] = math.inf
        self.rows: list[dict[str, Any]] = [{}]
        self.refused = [0] * len(RULES)
        # which bar of this leg opens at each moment, -1 for none
        self.at = np.full(len(times), -1, np.int64)
        self.at[np.searchsorted(times, tape.bars.time)] = np.arange(len(tape))
        self.realised = 0
        self.floating = 0
        self.dip = 0

    def bar(self, t: int) -> Bar:
        terms = self.terms
        return Bar(
            t, self.open[t], self.high[t], self.low[t], self.close[t], self.spread[t * terms["spread_step"]],
            self.slip[t * terms["slip_step"]], self.rates[t * terms["rate_step"]],
        )  # fmt: skip

    @property
    def is_open(self) -> bool:
        return bool(self.state["side"])

    def with_room(self) -> list[dict[str, Any]]:
        """The listed trades with an empty row at the end for the next one."""
        while len(self.rows) <= self.state["trades"]:
            self.rows.append({})
        return self.rows

    def worst(self, bar: Bar) -> int:
        """Floating profit in cents at the bar's worst price."""
        side = self.state["side"]
        point = turned(side, bar.low if side > 0 else bar.high, bar.spread)
        money: int = self.state["swap"] + worth(
            self.terms, self.state["fill"], point, self.state["per"], bar.rate
        )
        return money

    def loss_at_stop(self, rate: float) -> int | None:
        """What the open position loses at its stop, in cents as a positive number; None without a stop."""
        if self.state["sl"] == -NEVER:
            return None
        return -worth(self.terms, self.state["fill"], self.state["sl"], self.state["per"], rate)


class _Portfolio:
    def __init__(self, inputs: Sequence[BacktestInput]) -> None:
        tapes = [tape_of(each) for each in inputs]
        self.times: Ints = np.unique(np.concatenate([tape.bars.time for tape in tapes]))
        alone = len(inputs) == 1
        self.legs = [
            _Leg(given, tape, self.times, alone=alone) for given, tape in zip(inputs, tapes, strict=True)
        ]
        self.account = inputs[0].account
        self.unit = unit_of(inputs[0])
        self.balance = self.deposit = round(self.account.balance * self.unit)
        self.moments_in_market = 0
        self.level = math.inf
        self.worst_stop_out = 0
        self.unstopped = False
        n = len(self.times)
        self.curves = Curves(np.empty(n), np.empty(n), np.empty(n))
        self.margins = np.zeros(n)
        self.money = np.empty((len(inputs), n))

    def step(self, moment: int) -> None:
        """All that happens at one moment: everything closes, then opens, then goes through its bar."""
        active = [(leg, leg.bar(int(leg.at[moment]))) for leg in self.legs if leg.at[moment] >= 0]
        for leg, bar in active:
            self._before(leg, bar)
        for leg, bar in active:
            if not leg.is_open and leg.act[bar.t] & (BUY | SELL):
                self._enter(leg, bar)
        held = any(leg.is_open for leg in self.legs)
        for leg, bar in active:
            self._through(leg, bar)
        if len(self.legs) > 1 and self.account.stop_out > 0:
            self._stop_out(active)
        self._mark(moment, active, held=held)

    def _before(self, leg: _Leg, bar: Bar) -> None:
        t = bar.t
        singles, triples = leg.nights.get(t, (0, 0)) if t > 0 else (0, 0)
        self._lend(leg)
        begin(leg.terms, leg.state, bar, leg.close[t - 1] if t > 0 else 0, singles, triples)
        if leg.is_open:
            gap(leg.terms, leg.state, leg.with_room(), bar)
        if leg.is_open and leg.act[t]:
            leave(leg.terms, leg.state, leg.with_room(), bar, leg.act[t])
        self._take_back(leg)

    def _enter(self, leg: _Leg, bar: Bar) -> None:
        terms, side = leg.terms, 1 if leg.act[bar.t] & BUY else -1
        at = bar.t - terms["lag"]
        atr = leg.atr[at] if terms["sl_atr"] > 0 or terms["tp_atr"] > 0 else 0.0
        closing = turned(side, bar.open, bar.spread)
        fill = closing + bar.spread + bar.slip
        reason, lots, _, _, _ = plan_entry(terms, side, closing, fill, atr, self.balance, bar.rate)
        if reason == NOT_REFUSED:
            price = side * fill / terms["scale"]
            needed = margin_of(terms, lots, price, terms["margin_initial"], bar.rate)
            if needed > self._free(leg):
                leg.refused[NO_MONEY] += 1
                return
        self._lend(leg)
        enter(terms, leg.state, leg.refused, bar, side, atr)
        self._take_back(leg)
        if leg.is_open:
            self._note_stops(bar.rate)

    def _free(self, entering: _Leg) -> int:
        others = [leg for leg in self.legs if leg is not entering and leg.is_open]
        floating: int = sum(leg.floating for leg in others)
        used: int = sum(leg.state["margin"] for leg in others)
        return self.balance + floating - used

    def _note_stops(self, rate: float) -> None:
        losses = [leg.loss_at_stop(rate) for leg in self.legs if leg.is_open]
        self.unstopped = self.unstopped or None in losses
        self.worst_stop_out = max(self.worst_stop_out, sum(each for each in losses if each is not None))

    def _through(self, leg: _Leg, bar: Bar) -> None:
        leg.dip = 0
        if not leg.is_open:
            leg.floating = 0
            return
        self._lend(leg)
        leg.state["in_market"] += 1
        inside(leg.terms, leg.state, leg.with_room(), bar, UNKNOWN, NEVER)
        if leg.is_open and bar.t == len(leg.tape) - 1:
            end(leg.terms, leg.state, leg.with_room(), bar)
        marked = equity_at(leg.terms, leg.state, bar, bar.close)
        leg.floating = marked - leg.state["balance"]
        leg.dip = min(leg.state["lowest"], marked) - leg.state["balance"]
        self._take_back(leg)

    def _stop_out(self, active: Sequence[tuple[_Leg, Bar]]) -> None:
        while True:
            open_now = [(leg.worst(bar), leg, bar) for leg, bar in active if leg.is_open]
            stale = sum(
                leg.floating
                for leg in self.legs
                if leg.is_open and all(leg is not each for each, _ in active)
            )
            margin = sum(leg.state["margin"] for leg in self.legs if leg.is_open)
            if not open_now or margin <= 0:
                return
            equity = self.balance + stale + sum(each[0] for each in open_now)
            self.level = min(self.level, equity / margin * 100.0)
            if equity > margin * self.account.stop_out / 100.0:
                return
            _, leg, bar = min(open_now, key=lambda each: each[0])
            worst = bar.low if leg.state["side"] > 0 else bar.high
            self._lend(leg)
            leg.state["stop_out"] = NEVER  # the price is reached, wherever it was
            gap(leg.terms, leg.state, leg.with_room(), bar._replace(open=worst))
            leg.floating, leg.dip = 0, 0
            self._take_back(leg)

    def _mark(self, moment: int, active: Sequence[tuple[_Leg, Bar]], *, held: bool) -> None:
        self.moments_in_market += held
        here = [leg for leg, _ in active]
        equity = self.balance + sum(leg.floating for leg in self.legs)
        low = self.balance + sum(
            min(leg.dip, leg.floating) if leg in here else leg.floating for leg in self.legs
        )
        self.curves.balance[moment] = self.balance / self.unit
        self.curves.equity[moment] = equity / self.unit
        self.curves.equity_low[moment] = min(low, equity) / self.unit
        self.margins[moment] = sum(leg.state["margin"] for leg in self.legs if leg.is_open) / self.unit
        for at, leg in enumerate(self.legs):
            self.money[at, moment] = (leg.realised + leg.floating) / self.unit

    def _lend(self, leg: _Leg) -> None:
        leg.state["balance"] = self.balance

    def _take_back(self, leg: _Leg) -> None:
        leg.realised += leg.state["balance"] - self.balance
        self.balance = leg.state["balance"]

    def result(self) -> PortfolioResult:
        """What came of it."""
        legs, merged = [], []
        for at, leg in enumerate(self.legs):
            rows = np.zeros(leg.state["trades"], TRADE)
            for row, values in zip(rows, leg.rows, strict=False):
                for name, value in values.items():
                    row[name] = value
            scale = 10.0**leg.given.spec.digits
            trades = tuple(Trades(rows, leg.tape.bars.time, scale, self.unit))
            legs.append(LegResult(trades, dict(zip(RULES, leg.refused, strict=True)), self.money[at]))
            moved = rows.copy()
            for name in ("entered", "left"):
                moved[name] = np.searchsorted(self.times, leg.tape.bars.time[rows[name]])
            merged.append(moved)
        return PortfolioResult(
            tuple(legs), self.times, self.curves.balance, self.curves.equity, self.curves.equity_low,
            self._report(np.concatenate(merged)), self.margins, self.worst_stop_out / self.unit, self.unstopped,
        )  # fmt: skip

    def _report(self, rows: Any) -> dict[str, Any]:
        rows = rows[np.lexsort((rows["entered"], rows["left"]))]
        level = (
            min([self.level, *(leg.state["level"] for leg in self.legs)])
            if len(self.legs) == 1
            else self.level
        )
        found: dict[str, Any] = dict.fromkeys(FIGURES.names or (), 0.0)
        listed = [dict(zip(TRADE.names or (), row.item(), strict=True)) for row in rows]
        room, reasons = np.empty(4 * (len(rows) + 1)), [0] * (2 * len(REASONS))
        figures(
            self.times.tolist(), Curves(*(each.tolist() for each in self.curves)), listed, room, len(rows),
            float(self.unit), self.moments_in_market, float(level), self.deposit, [found], reasons,
        )  # fmt: skip
        record = np.zeros(1, FIGURES)
        for name, value in found.items():
            record[name] = value
        half = len(REASONS)
        exits = {
            reason: (reasons[at], reasons[half + at]) for at, reason in enumerate(REASONS) if reasons[at]
        }
        return report_of(record, exits, self.unit)
