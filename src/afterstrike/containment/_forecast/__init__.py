"""Forecasts that are scored: counts with draws, yes/no questions, backtests and a ledger."""
