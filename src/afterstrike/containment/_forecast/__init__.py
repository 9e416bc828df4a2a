"""Forecasts of counts with draws, the baselines beside them, and their scores. Nothing heavy is imported early."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._baselines import BASELINES
    from ._entry import MODELS, forecast
    from ._forecast import Forecast, load_forecast
    from ._from_record import panel_of_record
    from ._panel import Panel, read_panel
    from ._score_table import Interval, Scores, block_bootstrap, score
    from ._scores import brier, coverage, crps, crps_log1p, ign, log_score, mis, pit
    from ._skill import Skill, skill_of

_LAZY = {
    "BASELINES": "_baselines",
    "MODELS": "_entry",
    "Forecast": "_forecast",
    "Interval": "_score_table",
    "Panel": "_panel",
    "Scores": "_score_table",
    "Skill": "_skill",
    "block_bootstrap": "_score_table",
    "brier": "_scores",
    "coverage": "_scores",
    "crps": "_scores",
    "crps_log1p": "_scores",
    "forecast": "_entry",
    "ign": "_scores",
    "load_forecast": "_forecast",
    "log_score": "_scores",
    "mis": "_scores",
    "panel_of_record": "_from_record",
    "pit": "_scores",
    "read_panel": "_panel",
    "score": "_score_table",
    "skill_of": "_skill",
}

__all__ = [
    "BASELINES",
    "MODELS",
    "Forecast",
    "Interval",
    "Panel",
    "Scores",
    "Skill",
    "block_bootstrap",
    "brier",
    "coverage",
    "crps",
    "crps_log1p",
    "forecast",
    "ign",
    "load_forecast",
    "log_score",
    "mis",
    "panel_of_record",
    "pit",
    "read_panel",
    "score",
    "skill_of",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
