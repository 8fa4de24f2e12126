"""QuantumBotX Desktop: trading bots, honest backtests and a simulated terminal beside MetaTrader 5."""

__version__ = "0.1.0"
