"""What a guard says when it refuses: code, sentence, remedy, and how far the refusal reaches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .messages import Message, MessageKind, declare


class Halt(StrEnum):
    """How far a refusal reaches beyond this one order."""

    NOTHING = "nothing"
    BOT = "bot"
    ACCOUNT = "account"


@dataclass(frozen=True)
class Refusal:
    """Why an order is not sent: a sentence with the reason's code and parameters, and what the trader can do."""

    message: Message
    remedy: Message
    halt: Halt = Halt.NOTHING

    @property
    def code(self) -> str:
        """The reason's code, the same in history, preflight and tests."""
        return self.message.code


def _reason(code: str, sentence: str, remedy: str, halt: Halt = Halt.NOTHING) -> Callable[..., Refusal]:
    said: MessageKind = declare(f"guard.{code}", sentence)
    cure: MessageKind = declare(f"guard.{code}.remedy", remedy)
    return lambda **params: Refusal(said(**params), cure(**params), halt)


HALTED = _reason(
    "halted", "Trading is halted ({why}). Nothing was sent.", "Arm trading again when you are ready."
)
REDUCING = _reason(
    "reducing",
    "New positions are switched off ({why}); only closing is allowed. Nothing was opened.",
    "Switch trading on again.",
)
DISK_LOW = _reason(
    "disk_low",
    "Only {free} MB are free on the disk of the data folder: nothing is opened any more, closing stays allowed. "
    "Nothing was lost.",
    "Free some space on that disk; trading goes on by itself then.",
)
DISK_FULL = _reason(
    "disk_full",
    "Only {free} MB are free on the disk of the data folder: trading is halted, so that no order goes unrecorded. "
    "Open positions keep their stops at the broker.",
    "Free some space on that disk; trading goes on by itself then.",
)
ACCOUNT = _reason(
    "account",
    "The terminal is logged in to account {found} at {server}, this bot belongs to {wanted}. Nothing was sent.",
    "Log in to the bot's account in MetaTrader 5, or bind the bot to this account.",
    Halt.BOT,
)
REAL = _reason(
    "real_money",
    "Account {account} is a real account and this bot has no consent for real money. Nothing was sent.",
    "Use Go live on this bot and type the account number.",
    Halt.BOT,
)
NETTING = _reason(
    "netting",
    "On a netting account one symbol has one position, and {symbol} is traded by {other} already. Nothing was opened.",
    "Use one bot per symbol on this account.",
)
LINK = _reason(
    "link",
    "The connection to the broker is not good enough for an order. Nothing was sent.",
    "Nothing to do: we reconnect by ourselves.",
)
MARGIN_MODE = _reason(
    "margin_mode",
    "The account changed between hedging and netting. Nothing was sent.",
    "Check which account MetaTrader 5 is logged in to.",
    Halt.ACCOUNT,
)
BOT_OFF = _reason(
    "bot_off", "The bot was stopped before its order left. Nothing was sent.", "Start the bot again."
)
SYMBOL_CHANGED = _reason(
    "symbol_changed",
    "The broker changed {symbol} ({what}). Nothing was sent.",
    "Look at the symbol's specification, then start the bot again.",
    Halt.BOT,
)
ALGO = _reason(
    "algo_off",
    "Algo Trading is switched off in MetaTrader. Nothing was sent.",
    'Press the "Algo Trading" button there, then Start again.',
)
NUMBERS = _reason(
    "numbers",
    "{name} is {value}, which is not a number to trade with. Nothing was sent.",
    "Look at the symbol's prices in MetaTrader 5.",
)
VOLUME = _reason(
    "volume",
    "{volume} lots of {symbol} cannot be traded (from {least} to {most} in steps of {step}). Nothing was sent.",
    "Change the bot's lots or risk.",
)
MINIMUM_LOT = _reason(
    "minimum_lot",
    "{risk:g} % risk would need {lots:.4g} lots; the smallest here is {least:g} ({least_risk:.3g} % risk). "
    "The trade was skipped.",
    "Raise the risk, bring the stop closer, or choose a symbol with a smaller contract.",
)
SMALL_LOT = _reason(
    "small_lot",
    "{lots:g} lots of {symbol} are below the smallest size there ({least:g}). The trade was skipped.",
    "Raise the bot's lots.",
)
NO_ATR = _reason(
    "no_atr",
    "There are not enough bars for the ATR that {symbol}'s stops are measured by. Nothing was opened.",
    "Nothing to do: the bot goes on when there are enough bars.",
)
NO_VALUE = _reason(
    "no_value",
    "What a loss on {symbol} costs in {currency} cannot be worked out now. Nothing was opened.",
    "Show the symbol that converts the currency in MetaTrader 5's Market Watch.",
)
STOPS = _reason(
    "stops",
    "The stops of {symbol} would be too close or on the wrong side (needs {points} points). Nothing was opened.",
    "Widen stop and target.",
)
NO_SL = _reason(
    "no_sl",
    "This bot has no stop-loss. Nothing was opened.",
    "Give the bot a stop-loss, or switch the requirement off.",
)
ORDER_LOTS = _reason(
    "order_lots",
    "{volume} lots are more than the {limit} allowed per order. Nothing was opened.",
    "Lower the lots or raise the limit.",
)
OPEN_LOTS = _reason(
    "open_lots",
    "{volume} open lots would be more than the {limit} allowed. Nothing was opened.",
    "Close something or raise the limit.",
)
POSITIONS = _reason(
    "positions",
    "{count} positions are open already, {limit} are allowed. Nothing was opened.",
    "Close something or raise the limit.",
)
RISK = _reason(
    "risk",
    "The stop would cost {risk:.2f} % of the equity, {limit:g} % is allowed. Nothing was opened.",
    "Lower the lots, or bring the stop closer.",
)
DAILY = _reason(
    "daily_loss",
    "Today's loss reached {loss:.2f} % (limit {limit:g} %). No new positions until the next server day.",
    "Wait for the next server day.",
    Halt.ACCOUNT,
)
DRAWDOWN = _reason(
    "drawdown",
    "The loss from the peak reached {loss:.2f} % (limit {limit:g} %). Trading stays off until you arm it again.",
    "Look at what happened, then arm trading again.",
    Halt.ACCOUNT,
)
BOT_DAILY = _reason(
    "bot_daily_loss",
    "This bot lost {loss:.2f} % today (limit {limit:g} %). It opens nothing until the next server day.",
    "Wait for the next server day.",
)
BOT_DRAWDOWN = _reason(
    "bot_drawdown",
    "This bot is {loss:.2f} % below its best (limit {limit:g} %). It stays off until you arm it again.",
    "Look at what happened, then start the bot again.",
    Halt.BOT,
)
MINUTE = _reason(
    "orders_per_minute",
    "{count} orders in the last minute, {limit:g} are allowed. Nothing was sent.",
    "Nothing to do: the bot goes on by itself.",
)
DAY = _reason(
    "orders_per_day",
    "{count} orders today, {limit:g} are allowed. Nothing was opened.",
    "Wait for the next server day, or raise the limit.",
)
ACCOUNT_MINUTE = _reason(
    "account_orders_per_minute",
    "{count} orders of all bots in the last minute, {limit:g} are allowed. Nothing was sent.",
    "Nothing to do: the bots go on by themselves.",
)
BAR = _reason(
    "entry_per_bar",
    "This bot entered on this bar already. Nothing was sent.",
    "Nothing to do: the next bar decides.",
)
REFUSALS = _reason(
    "refusals",
    "{count} orders in a row were refused. The bot is off until you start it again.",
    "Read the refusals in the history, then start the bot again.",
    Halt.BOT,
)
SPREAD = _reason(
    "spread",
    "The spread of {symbol} is {spread} points, {limit:g} are allowed. Nothing was opened.",
    "Nothing to do: the next signal looks again.",
)
SLIPPAGE = _reason(
    "slippage",
    "{count} fills were more than {limit:g} points away from the price decided on. The bot is off until you start it again.",
    "Look at the fills in the history, then start the bot again.",
    Halt.BOT,
)
PRICE = _reason(
    "price",
    "The price of {symbol} cannot be right (bid {bid}, ask {ask}). Nothing was sent.",
    "Look at the symbol in MetaTrader 5.",
)
STALE = _reason(
    "stale",
    "The price of {symbol} stands still for {age:.0f} s. Nothing was opened.",
    "Check the connection and whether the market is open.",
)
GAP = _reason(
    "gap",
    "The price of {symbol} jumped by {jump:.1f} times its usual range. Nothing was opened.",
    "Nothing to do: the next signal looks again.",
)
MARGIN = _reason(
    "free_margin",
    "Only {left:.0f} % of the equity would stay free (at least {limit:g} %). Nothing was opened.",
    "Lower the risk or close something.",
)
NO_MONEY = _reason(
    "no_money",
    "Not enough free margin for {volume} lots of {symbol}. Nothing was opened.",
    "Lower the risk or close something.",
)
TRADE_MODE = _reason(
    "trade_mode",
    "{symbol} cannot be {side} now: the broker allows {allowed} only. Nothing was opened.",
    "Choose another symbol, or ask the broker.",
)
SESSION = _reason(
    "session",
    "It is outside this bot's hours ({start:g}:00 to {end:g}:00 server time). Nothing was opened.",
    "Change the bot's hours.",
)
WEEKEND = _reason(
    "weekend",
    "No new positions on Friday after {hour:g}:00 server time. Nothing was opened.",
    "Nothing to do: the bot goes on next week.",
)
CALENDAR = _reason(
    "calendar",
    "{what} is near. Nothing was opened.",
    "Nothing to do: the bot goes on afterwards. The list is in Tools > News calendar.",
)
CALENDAR_FILE = _reason(
    "calendar_file",
    "{why} Nothing was opened.",
    "Put the list right, or remove it: Tools > News calendar.",
)
COOLDOWN = _reason(
    "cooldown",
    "{losses} losses in a row: this bot rests for {left} more minutes. Nothing was opened.",
    "Nothing to do: the bot goes on by itself.",
)
