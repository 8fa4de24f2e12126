"""A MetaTrader 5 terminal and trade server in pure Python."""
