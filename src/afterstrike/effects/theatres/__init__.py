"""Simulated theatres: invented strikes and attacks whose effect is known exactly, to test estimators on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._policy_theatre import policy_theatre
from ._theatre import Confounder, Effect, Reporting, StrikeRule, Theatre

if TYPE_CHECKING:
    from ._calibrate import calibrate
    from ._policy import PolicyTruth, policy_truth
    from ._run import SimulatedTheatre, simulate_theatre
    from ._scenario import (
        StrikeScenario,
        long_run_strikes,
        relocated,
        responding,
        scaled,
        strike_intensity,
    )
    from ._truth import TwinTruth, pooled_truth, truth

__all__ = [
    "Confounder",
    "Effect",
    "PolicyTruth",
    "Reporting",
    "SimulatedTheatre",
    "StrikeRule",
    "StrikeScenario",
    "Theatre",
    "TwinTruth",
    "calibrate",
    "long_run_strikes",
    "policy_theatre",
    "policy_truth",
    "pooled_truth",
    "relocated",
    "responding",
    "scaled",
    "simulate_theatre",
    "strike_intensity",
    "truth",
    "truth_unplanned",
]

_WHERE = {
    "SimulatedTheatre": "_run",
    "PolicyTruth": "_policy",
    "StrikeScenario": "_scenario",
    "calibrate": "_calibrate",
    "long_run_strikes": "_scenario",
    "policy_truth": "_policy",
    "relocated": "_scenario",
    "responding": "_scenario",
    "scaled": "_scenario",
    "simulate_theatre": "_run",
    "strike_intensity": "_scenario",
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
