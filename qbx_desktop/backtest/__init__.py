"""Bars and a strategy in; trades, equity and a report out."""
