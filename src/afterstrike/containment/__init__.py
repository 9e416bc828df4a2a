"""Containment: dated worlds, a stock-and-flow simulator, scenarios. README.md says what comes in and goes out.

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._calibrate import (
        Calibration,
        SeriesFit,
        SeriesPrior,
        Targets,
        WeeklySeries,
        calibrate,
        fit_series,
        read_targets,
        sample_series,
    )
    from ._ensemble import OUTPUTS, Ensemble
    from ._parameters import Parameter, parameters
    from ._quantity import Quantity
    from ._simulate import simulate
    from ._world import Place, World, WorldClaim, WorldEvent, load_world, world_text, worlds
    from ._world_balance import WorldBalance, balance_of, world_as_dict

__all__ = [
    "OUTPUTS",
    "Calibration",
    "Ensemble",
    "Parameter",
    "Place",
    "Quantity",
    "SeriesFit",
    "SeriesPrior",
    "Targets",
    "WeeklySeries",
    "World",
    "WorldBalance",
    "WorldClaim",
    "WorldEvent",
    "balance_of",
    "calibrate",
    "fit_series",
    "load_world",
    "parameters",
    "read_targets",
    "sample_series",
    "simulate",
    "world_as_dict",
    "world_text",
    "worlds",
]

_LAZY = {
    "Calibration": "_calibrate",
    "SeriesFit": "_calibrate",
    "SeriesPrior": "_calibrate",
    "Targets": "_calibrate",
    "WeeklySeries": "_calibrate",
    "calibrate": "_calibrate",
    "fit_series": "_calibrate",
    "read_targets": "_calibrate",
    "sample_series": "_calibrate",
    "OUTPUTS": "_ensemble",
    "Ensemble": "_ensemble",
    "Parameter": "_parameters",
    "Place": "_world",
    "Quantity": "_quantity",
    "World": "_world",
    "WorldBalance": "_world_balance",
    "WorldClaim": "_world",
    "WorldEvent": "_world",
    "balance_of": "_world_balance",
    "load_world": "_world",
    "parameters": "_parameters",
    "simulate": "_simulate",
    "world_as_dict": "_world_balance",
    "world_text": "_world",
    "worlds": "_world",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
