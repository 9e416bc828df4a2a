"""Calibration: a world's ranges held against a weekly series, dated counts and dated later states."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._calibrate import calibrate
    from ._calibration import Calibration
    from ._series import WeeklySeries
    from ._series_fit import SeriesFit, fit_series
    from ._series_model import SeriesPrior
    from ._series_sampler import sample_series
    from ._targets import Targets, read_targets

__all__ = [
    "Calibration",
    "SeriesFit",
    "SeriesPrior",
    "Targets",
    "WeeklySeries",
    "calibrate",
    "fit_series",
    "read_targets",
    "sample_series",
]

_LAZY = {
    "Calibration": "_calibration",
    "SeriesFit": "_series_fit",
    "SeriesPrior": "_series_model",
    "Targets": "_targets",
    "WeeklySeries": "_series",
    "calibrate": "_calibrate",
    "fit_series": "_series_fit",
    "read_targets": "_targets",
    "sample_series": "_series_sampler",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
