"""Containment: dated worlds, a stock-and-flow simulator, scenarios. README.md says what comes in and goes out.

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._ensemble import OUTPUTS, Ensemble
    from ._simulate import simulate

__all__ = ["OUTPUTS", "Ensemble", "simulate"]

_LAZY = {
    "OUTPUTS": "_ensemble",
    "Ensemble": "_ensemble",
    "simulate": "_simulate",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
