"""A bot's settings into the backtest form, and a run's settings into a new bot: what both have in common, nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from ..domain.bots import Bot, SizingMode, StopMode
from ..domain.errors import UserMistake
from ..domain.limits import Limits
from ..domain.messages import declare
from ..domain.params import parse_object
from ..domain.sizing import StopDistance, StopUnit
from ..domain.timeframe import Timeframe
from .fresh_bot import fresh_bot
from .settings import Settings

if TYPE_CHECKING:
    from ..workers.backtest_run import ShownRun
    from .tabs.backtest_form import BacktestForm

_NO_CHOICES = declare(
    "backtest.no_choices",
    "This run was saved without its inputs, so no bot can be made of it. Run it again first.",
)
_MIXED = declare(
    "backtest.mixed_stops",
    "A bot counts its stop loss and its take profit alike, in pips or in multiples of the ATR; this run mixes them. "
    "No bot was made.",
)


def into_form(bot: Bot, form: BacktestForm) -> None:
    """Fill `form` with what the bot trades, how large and with which stops; prices, dates and costs stay."""
    try:
        values = parse_object(bot.strategy_params)
    except UserMistake:
        values = {}
    by_risk = bot.settings.sizing_mode is SizingMode.RISK_PERCENT
    rules: dict[str, object] = {
        "strategy": bot.strategy, "symbol": bot.market, "atr_period": bot.settings.atr_period,
        "size": "risk" if by_risk else "lots",
        "size_value": bot.settings.risk_percent if by_risk else bot.lot_size,
        "sl": str(bot.stop_loss.unit), "sl_value": bot.stop_loss.value,
        "tp": str(bot.take_profit.unit), "tp_value": bot.take_profit.value,
    }  # fmt: skip
    prices = form.prices_of(bot.market, bot.timeframe)
    form.fill(rules | ({"data": prices} if prices else {}), values)


def bot_of(run: ShownRun, settings: Settings) -> Bot:
    """A new, unnamed bot that trades as the run did. Raises UserMistake when the run does not say how."""
    choices = run.choices
    if choices is None:
        raise UserMistake(_NO_CHOICES())
    bot = fresh_bot(settings, choices.symbol)
    in_pips = StopUnit.PIPS in (choices.sl.unit, choices.tp.unit)
    if in_pips and StopUnit.ATR in (choices.sl.unit, choices.tp.unit):
        raise UserMistake(_MIXED())
    by_risk = choices.sizing.lots is None
    bot_settings = replace(
        bot.settings,
        sizing_mode=SizingMode.RISK_PERCENT if by_risk else SizingMode.FIXED_LOT,
        stop_mode=StopMode.PIPS if in_pips else StopMode.ATR_MULT,
        risk_percent=choices.sizing.risk_percent or bot.settings.risk_percent,
        sl_atr=0.0 if in_pips else _value(choices.sl), tp_atr=0.0 if in_pips else _value(choices.tp),
        atr_period=choices.atr_period, limits={**bot.settings.limits, **_guards(choices.guards)},
    )  # fmt: skip
    return replace(
        bot, timeframe=_timeframe(run) or bot.timeframe, strategy=choices.strategy,
        strategy_params=json.dumps(dict(choices.params)), settings=bot_settings,
        lot_size=bot.lot_size if by_risk else float(choices.sizing.lots or 0.0),
        sl_pips=round(_value(choices.sl)) if in_pips else 0, tp_pips=round(_value(choices.tp)) if in_pips else 0,
    )  # fmt: skip


def _guards(guards: Limits | None) -> dict[str, float]:
    """The limits that the run held."""
    return {} if guards is None else {name: value for name, value in guards.to_mapping().items() if value}


def _value(distance: StopDistance) -> float:
    return distance.value if distance.is_set else 0.0


def _timeframe(run: ShownRun) -> str:
    """The run's timeframe by the commonest step between its bars; empty when it is none of the known ones."""
    bars = run.bars
    if len(bars) < 2:
        return ""
    steps = (bars.time[1:] - bars.time[:-1])[:1_000]
    commonest = int(sorted(steps.tolist())[len(steps) // 2])
    return next((each.name for each in Timeframe if each.seconds == commonest), "")
