"""Containment: dated worlds, a stock-and-flow simulator, scenarios. README.md says what comes in and goes out."""

from __future__ import annotations

__all__: list[str] = []
