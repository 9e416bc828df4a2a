"""Forecasts of counts with draws, the baselines beside them, and their scores. Nothing heavy is imported early."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._backtest import backtest
    from ._backtest_result import Backtest
    from ._baselines import BASELINES
    from ._cases import ReferenceClass, reference_class, reference_from_figures
    from ._entry import MODELS, forecast
    from ._forecast import Forecast, load_forecast
    from ._from_record import panel_of_record
    from ._ledger import ForecastLedger
    from ._ledger_scores import LedgerScores
    from ._panel import Panel, read_panel
    from ._question_file import load_question
    from ._score_table import Interval, Scores, block_bootstrap, score
    from ._scores import brier, coverage, crps, crps_log1p, ign, log_score, mis, pit
    from ._skill import Skill, skill_of
    from ._yes_no import YesNo, yes_no

_LAZY = {
    "BASELINES": "_baselines",
    "MODELS": "_entry",
    "Backtest": "_backtest_result",
    "Forecast": "_forecast",
    "ForecastLedger": "_ledger",
    "Interval": "_score_table",
    "LedgerScores": "_ledger_scores",
    "Panel": "_panel",
    "ReferenceClass": "_cases",
    "Scores": "_score_table",
    "Skill": "_skill",
    "YesNo": "_yes_no",
    "backtest": "_backtest",
    "block_bootstrap": "_score_table",
    "brier": "_scores",
    "coverage": "_scores",
    "crps": "_scores",
    "crps_log1p": "_scores",
    "forecast": "_entry",
    "ign": "_scores",
    "load_forecast": "_forecast",
    "load_question": "_question_file",
    "log_score": "_scores",
    "mis": "_scores",
    "panel_of_record": "_from_record",
    "pit": "_scores",
    "read_panel": "_panel",
    "reference_class": "_cases",
    "reference_from_figures": "_cases",
    "score": "_score_table",
    "skill_of": "_skill",
    "yes_no": "_yes_no",
}

__all__ = [
    "BASELINES",
    "MODELS",
    "Backtest",
    "Forecast",
    "ForecastLedger",
    "Interval",
    "LedgerScores",
    "Panel",
    "ReferenceClass",
    "Scores",
    "Skill",
    "YesNo",
    "backtest",
    "block_bootstrap",
    "brier",
    "coverage",
    "crps",
    "crps_log1p",
    "forecast",
    "ign",
    "load_forecast",
    "load_question",
    "log_score",
    "mis",
    "panel_of_record",
    "pit",
    "read_panel",
    "reference_class",
    "reference_from_figures",
    "score",
    "skill_of",
    "yes_no",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
