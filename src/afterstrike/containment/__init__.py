"""Containment: dated worlds, a stock-and-flow simulator, scenarios. README.md says what comes in and goes out.

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._compare import Comparison, compare
    from ._drivers import Drivers, drivers, sobol_by_group
    from ._ensemble import OUTPUTS, Ensemble
    from ._figure import fan_chart
    from ._figure_drivers import sobol_bars, tornado_chart, tornado_table
    from ._figure_table import decision_table
    from ._forecast import (
        BASELINES,
        MODELS,
        Forecast,
        Panel,
        Scores,
        Skill,
        block_bootstrap,
        forecast,
        load_forecast,
        panel_of_record,
        read_panel,
        score,
        skill_of,
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
    "Comparison",
    "Costs",
    "Drivers",
    "Ensemble",
    "Forecast",
    "Panel",
    "Parameter",
    "Place",
    "Quantity",
    "Scenario",
    "ScenarioResult",
    "Scores",
    "Skill",
    "World",
    "WorldBalance",
    "WorldClaim",
    "WorldEvent",
    "answer_questions",
    "balance_of",
    "block_bootstrap",
    "compare",
    "decision_table",
    "drivers",
    "fan_chart",
    "forecast",
    "load_costs",
    "load_forecast",
    "load_scenario",
    "load_world",
    "panel_of_record",
    "parameters",
    "read_panel",
    "run_scenarios",
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
]

_LAZY = {
    "BASELINES": "_forecast",
    "MODELS": "_forecast",
    "Forecast": "_forecast",
    "Panel": "_forecast",
    "Scores": "_forecast",
    "block_bootstrap": "_forecast",
    "forecast": "_forecast",
    "load_forecast": "_forecast",
    "Skill": "_forecast",
    "panel_of_record": "_forecast",
    "read_panel": "_forecast",
    "skill_of": "_forecast",
    "score": "_forecast",
    "OUTPUTS": "_ensemble",
    "QUESTIONS": "_question_model",
    "Answer": "_question_model",
    "AnswerFigure": "_question_model",
    "Answers": "_questions",
    "Comparison": "_compare",
    "Costs": "_scenario_costs",
    "Drivers": "_drivers",
    "Ensemble": "_ensemble",
    "Parameter": "_parameters",
    "Place": "_world",
    "Quantity": "_quantity",
    "Scenario": "_scenario",
    "ScenarioResult": "_run",
    "World": "_world",
    "WorldBalance": "_world_balance",
    "WorldClaim": "_world",
    "WorldEvent": "_world",
    "answer_questions": "_questions",
    "balance_of": "_world_balance",
    "compare": "_compare",
    "decision_table": "_figure_table",
    "drivers": "_drivers",
    "fan_chart": "_figure",
    "load_costs": "_scenario_costs",
    "load_scenario": "_scenario",
    "load_world": "_world",
    "parameters": "_parameters",
    "run_scenarios": "_run",
    "scenarios": "_scenario",
    "simulate": "_simulate",
    "sobol_bars": "_figure_drivers",
    "sobol_by_group": "_drivers",
    "tornado_chart": "_figure_drivers",
    "tornado_table": "_figure_drivers",
    "world_as_dict": "_world_balance",
    "world_text": "_world",
    "worlds": "_world",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
