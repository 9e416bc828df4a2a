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
    from ._compare import Comparison, compare
    from ._drivers import Drivers, drivers, sobol_by_group
    from ._ensemble import OUTPUTS, Ensemble
    from ._figure import fan_chart
    from ._figure_drivers import sobol_bars, tornado_chart, tornado_table
    from ._figure_table import decision_table
    from ._forecast import (
        BASELINES,
        MODELS,
        Backtest,
        Forecast,
        ForecastLedger,
        LedgerScores,
        Panel,
        ReferenceClass,
        Scores,
        Skill,
        YesNo,
        backtest,
        block_bootstrap,
        forecast,
        load_forecast,
        load_question,
        panel_of_record,
        read_panel,
        reference_class,
        reference_from_figures,
        score,
        skill_of,
        yes_no,
    )
    from ._parameters import Parameter, parameters
    from ._quantity import Quantity
    from ._question_model import QUESTIONS, Answer, AnswerFigure
    from ._questions import Answers, answer_questions
    from ._run import ScenarioResult, run_scenarios
    from ._scenario import Scenario, load_scenario, scenarios
    from ._scenario_costs import Costs, load_costs
    from ._simulate import simulate
    from ._world import Place, World, WorldClaim, WorldEvent, load_world, world_text, worlds
    from ._world_balance import WorldBalance, balance_of, world_as_dict

__all__ = [
    "BASELINES",
    "MODELS",
    "OUTPUTS",
    "QUESTIONS",
    "Answer",
    "AnswerFigure",
    "Answers",
    "Backtest",
    "Calibration",
    "Comparison",
    "Costs",
    "Drivers",
    "Ensemble",
    "Forecast",
    "ForecastLedger",
    "LedgerScores",
    "Panel",
    "Parameter",
    "Place",
    "Quantity",
    "ReferenceClass",
    "Scenario",
    "ScenarioResult",
    "Scores",
    "SeriesFit",
    "SeriesPrior",
    "Skill",
    "Targets",
    "WeeklySeries",
    "World",
    "WorldBalance",
    "WorldClaim",
    "WorldEvent",
    "YesNo",
    "answer_questions",
    "backtest",
    "balance_of",
    "block_bootstrap",
    "calibrate",
    "compare",
    "decision_table",
    "drivers",
    "fan_chart",
    "fit_series",
    "forecast",
    "load_costs",
    "load_forecast",
    "load_question",
    "load_scenario",
    "load_world",
    "panel_of_record",
    "parameters",
    "read_panel",
    "read_targets",
    "reference_class",
    "reference_from_figures",
    "run_scenarios",
    "sample_series",
    "scenarios",
    "score",
    "simulate",
    "skill_of",
    "sobol_bars",
    "sobol_by_group",
    "tornado_chart",
    "tornado_table",
    "world_as_dict",
    "world_text",
    "worlds",
    "yes_no",
]

_LAZY = {
    "BASELINES": "_forecast",
    "MODELS": "_forecast",
    "OUTPUTS": "_ensemble",
    "QUESTIONS": "_question_model",
    "Answer": "_question_model",
    "AnswerFigure": "_question_model",
    "Answers": "_questions",
    "Backtest": "_forecast",
    "Calibration": "_calibrate",
    "Comparison": "_compare",
    "Costs": "_scenario_costs",
    "Drivers": "_drivers",
    "Ensemble": "_ensemble",
    "Forecast": "_forecast",
    "ForecastLedger": "_forecast",
    "LedgerScores": "_forecast",
    "Panel": "_forecast",
    "Parameter": "_parameters",
    "Place": "_world",
    "Quantity": "_quantity",
    "ReferenceClass": "_forecast",
    "Scenario": "_scenario",
    "ScenarioResult": "_run",
    "Scores": "_forecast",
    "SeriesFit": "_calibrate",
    "SeriesPrior": "_calibrate",
    "Skill": "_forecast",
    "Targets": "_calibrate",
    "WeeklySeries": "_calibrate",
    "World": "_world",
    "WorldBalance": "_world_balance",
    "WorldClaim": "_world",
    "WorldEvent": "_world",
    "YesNo": "_forecast",
    "answer_questions": "_questions",
    "backtest": "_forecast",
    "balance_of": "_world_balance",
    "block_bootstrap": "_forecast",
    "calibrate": "_calibrate",
    "compare": "_compare",
    "decision_table": "_figure_table",
    "drivers": "_drivers",
    "fan_chart": "_figure",
    "fit_series": "_calibrate",
    "forecast": "_forecast",
    "load_costs": "_scenario_costs",
    "load_forecast": "_forecast",
    "load_question": "_forecast",
    "load_scenario": "_scenario",
    "load_world": "_world",
    "panel_of_record": "_forecast",
    "parameters": "_parameters",
    "read_panel": "_forecast",
    "read_targets": "_calibrate",
    "reference_class": "_forecast",
    "reference_from_figures": "_forecast",
    "run_scenarios": "_run",
    "sample_series": "_calibrate",
    "scenarios": "_scenario",
    "score": "_forecast",
    "simulate": "_simulate",
    "skill_of": "_forecast",
    "sobol_bars": "_figure_drivers",
    "sobol_by_group": "_drivers",
    "tornado_chart": "_figure_drivers",
    "tornado_table": "_figure_drivers",
    "world_as_dict": "_world_balance",
    "world_text": "_world",
    "worlds": "_world",
    "yes_no": "_forecast",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
