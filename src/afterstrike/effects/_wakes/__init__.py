"""Matched wakes by the convention "afterstrike": comparison place-days from a fitted strike intensity.

One matched set a radius serves all horizons; intervals allow for wakes that intersect and for the draw of the
comparison; one critical value serves all windows. `estimate_wakes` is the entry.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._bootstrap import bootstrap_check
    from ._entry import WakeEstimates, estimate_wakes
    from ._lull import Displacement, Harm, Lull

_HOME = {
    "Displacement": "_lull",
    "Harm": "_lull",
    "Lull": "_lull",
    "WakeEstimates": "_entry",
    "bootstrap_check": "_bootstrap",
    "estimate_wakes": "_entry",
}

__all__ = ["Displacement", "Harm", "Lull", "WakeEstimates", "bootstrap_check", "estimate_wakes"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
