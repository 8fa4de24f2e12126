"""Prices in, signals out: indicators, one file per strategy, the registry."""
