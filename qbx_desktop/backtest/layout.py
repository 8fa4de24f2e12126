"""The arrays the pass over the bars works on: what a run is given, where it stands, what it lists.

Points are whole points as integers. For a sell every price is turned around (minus the ask), so that lower is worse and
higher is better for both sides and one rule serves both. Money is in the account's smallest units, called cents.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

NEVER = 1 << 60

# what a signal's byte says; it lies on the bar that acts on it. NEWS: the calendar forbids an entry at that bar's open
BUY, SELL, LEAVE_LONG, LEAVE_SHORT, NEWS = 1, 2, 4, 8, 16

# why a position ended: index into REASONS
SL, TP, SIGNAL, REVERSE, STOP_OUT, END = 0, 1, 2, 3, 4, 5
REASONS = ("sl", "tp", "signal", "reverse", "stop out", "end of data")

# why an entry was refused: index into REFUSALS
NO_ATR, INVALID_STOPS, INVALID_VOLUME, NO_MONEY = 0, 1, 2, 3
SESSION, WEEKEND, DRAWDOWN, DAILY_LOSS, BOT_DAILY_LOSS, BOT_DRAWDOWN, COOLDOWN, SPREAD, CALENDAR = (
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
)
RULES = ("no atr", "invalid stops", "invalid volume", "no money")
# by the guards' own codes (`domain.refusals`)
GUARDS = (
    "session", "weekend", "drawdown", "daily_loss", "bot_daily_loss", "bot_drawdown", "cooldown", "spread",
    "calendar",
)  # fmt: skip
REFUSALS = RULES + GUARDS
NOT_REFUSED = -1
# the limits of `domain.limits.Limits` that the pass holds
LIMITS = (
    "session_from_hour", "session_to_hour", "weekend_flat_hour", "drawdown_percent", "daily_loss_percent",
    "bot_daily_loss_percent", "bot_drawdown_percent", "cooldown_losses", "cooldown_seconds", "max_spread_points",
)  # fmt: skip

# which of stop and target a bar that touches both touched first, as far as finer bars tell
UNKNOWN, STOP, TARGET = 0, 1, 2

# what is assumed where they do not: the stop, or the target
PESSIMISTIC, OPTIMISTIC = 0, 1


class Columns(NamedTuple):
    """Per bar, all of one length but where a single value stands for all bars (`*_step` 0 in the terms).

    `act` are signal bits shifted to the bar that acts on them, `atr` lies on the signal's own bar. `care` are the indices
    of bars that are never passed over, ascending, the last bar at the end; `singles` and `triples` belong to them and
    count the nights since the bar before that cost one and three. `detail_*` are finer bars.
    """

    time: Any
    open: Any
    high: Any
    low: Any
    close: Any
    spread: Any
    slip: Any
    rates: Any
    act: Any
    atr: Any
    care: Any
    singles: Any
    triples: Any
    detail_time: Any
    detail_high: Any
    detail_low: Any


class Bar(NamedTuple):
    """One bar as the rules take it: bid prices, spread and slippage in points, the conversion."""

    t: int
    open: int
    high: int
    low: int
    close: int
    spread: int
    slip: int
    rate: float


class Curves(NamedTuple):
    """Per bar in account currency: balance, equity at the close, lowest equity."""

    balance: Any
    equity: Any
    equity_low: Any


def _record(whole: str, real: str) -> np.dtype[Any]:
    fields = [(name, np.int64) for name in whole.split()]
    return np.dtype([*fields, *((name, np.float64) for name in real.split())])


# Constants of one run. Distances are price distances, 0 where the stop is given in ATR (then `*_atr` is the multiple);
# `fixed_lots` 0 means sizing by `risk` percent; `*_power` as in `conversion`.
TERMS = _record(
    "own moving spread_step slip_step rate_step lag sl_set tp_set in_points sl_points tp_points stops_level digits calc_mode margin_power swap_mode "
    "swap_power reverse inside bar_seconds guarded",
    "unit scale point tick_size per_price per_point sl_price tp_price sl_atr tp_atr fixed_lots risk volume_min volume_max "
    "volume_step contract_size tick_money leverage margin_initial margin_held margin_rate swap_long swap_short stop_out "
    "commission_per_lot commission_per_deal commission_percent " + " ".join(LIMITS),
)

# Where a run stands. `side` 0 is flat; `per` is what a point is worth in cents of profit currency; `level` is the lowest
# margin level in percent so far, infinite for none; `lowest` serves within one bar. From `day` on: what the guards
# remember, money in cents, `halted` the refusal that stopped all entries, `lost_at` the bar of the last losing trade.
STATE = _record(
    "side entered fill sl tp margin commission swap stop_out mfe mae balance trades care in_market lowest deposit "
    "day day_balance day_start day_seen peak best halted losses lost_at",
    "lots per level",
)

# A closed position. `entered` and `left` are bar indices; `worst` and `best` are the profit had the stop, or the target,
# come first in a bar that touched both.
TRADE = _record(
    "side entered left fill sl tp at reason profit swap commission mfe mae ambiguous worst best", "lots"
)

# The largest falls so far of a curve in cents, as `drawdown.Drawdown`; `peak` and `lowest` so far.
FALL = _record("peak lowest maximal its_money", "widest its_share")

# What a report counts, one float each; NaN where a figure is empty. `pessimistic_net` and `optimistic_net` are in cents.
FIGURES = _record(
    "",
    "net_profit gross_profit gross_loss profit_factor recovery_factor expected_payoff "
    "balance_drawdown_absolute balance_drawdown_maximal balance_drawdown_maximal_percent balance_drawdown_relative "
    "balance_drawdown_relative_percent equity_drawdown_absolute equity_drawdown_maximal "
    "equity_drawdown_maximal_percent equity_drawdown_relative equity_drawdown_relative_percent "
    "ahpr ghpr sharpe lr_correlation lr_standard_error sortino calmar cagr sqn exposure z_score margin_level margin_level_percent "
    "total_trades total_deals long_trades long_won short_trades short_won profit_trades loss_trades "
    "largest_profit_trade largest_loss_trade average_profit_trade average_loss_trade "
    "max_consecutive_wins max_consecutive_wins_money maximal_consecutive_profit maximal_consecutive_profit_count "
    "average_consecutive_wins max_consecutive_losses max_consecutive_losses_money maximal_consecutive_loss "
    "maximal_consecutive_loss_count average_consecutive_losses correlation_profit_mfe correlation_profit_mae "
    "correlation_mfe_mae holding_min holding_max holding_average "
    "final_balance ambiguous_trades pessimistic_net optimistic_net",
)
