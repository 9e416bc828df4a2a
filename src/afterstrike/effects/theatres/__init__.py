"""Simulated theatres: invented strikes and attacks whose effect is known exactly, to test estimators on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._theatre import Confounder, Effect, Reporting, StrikeRule, Theatre

if TYPE_CHECKING:
    from ._calibrate import calibrate
    from ._run import SimulatedTheatre, simulate_theatre
    from ._truth import TwinTruth, pooled_truth, truth

__all__ = [
    "Confounder",
    "Effect",
    "Reporting",
    "SimulatedTheatre",
    "StrikeRule",
    "Theatre",
    "TwinTruth",
    "calibrate",
    "pooled_truth",
    "simulate_theatre",
    "truth",
    "truth_unplanned",
]

_WHERE = {
    "SimulatedTheatre": "_run",
    "calibrate": "_calibrate",
    "simulate_theatre": "_run",
    "TwinTruth": "_truth",
    "pooled_truth": "_truth",
    "truth": "_truth",
    "truth_unplanned": "_unplanned",
}


def __getattr__(name: str) -> Any:
    # Numba and NumPy are loaded only when a theatre is run, so that the command line starts fast.
    if name in _WHERE:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
