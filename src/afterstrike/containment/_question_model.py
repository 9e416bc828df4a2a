"""What the answers to an article's questions are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ._compare import Comparison
    from ._drivers import Drivers
    from ._ensemble import Ensemble
    from ._scenario_costs import Costs
    from ._world import World

__all__ = ["QUESTIONS", "Answer", "AnswerFigure", "Runs", "Standing"]

Standing = Literal["data", "data and assumption", "assumption", "cannot be answered"]

QUESTIONS: dict[str, str] = {
    "lull": "Do strikes buy a lull?",
    "depreciation": "Is that a depreciating asset: how fast does it fade?",
    "recruitment": "Do strikes touch recruitment?",
    "escapes": "What would a prison break add?",
    "prison_weight": "Does the risk in custody outweigh what strikes do?",
    "seams": "Do attacks live in the seams between powers?",
    "repatriation": "Is taking people home the way out?",
    "missions_ahead": "Are there strikes in the years ahead?",
    "cost_exchange": "What do strikes cost against what they destroy?",
}
"""By key, in the order they are told."""


@dataclass(frozen=True)
class AnswerFigure:
    """One number of an answer: a range over members, or a count with its source."""

    what: str
    unit: str
    median: float | None
    low: float | None
    high: float | None
    level: float | None
    basis: str


@dataclass(frozen=True)
class Answer:
    """One question answered, or the reason why it is not.

    Attributes
    ----------
    key, question
        As in `QUESTIONS`.
    standing
        `data`; `data and assumption`; `assumption`; `cannot be answered`.
    kind
        A: from a statistical model of counts; B: from the simulator.
    text
        The answer, or the reason there is none, in sentences.
    figures
        The numbers in it.
    sources
        Publications the numbers rest on.
    """

    key: str
    question: str
    standing: Standing
    kind: str
    text: str
    figures: tuple[AnswerFigure, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Runs:
    """What the answers are read from."""

    world: World = field(repr=False)
    calibrated: tuple[str, ...]
    ensembles: Mapping[str, Ensemble] = field(repr=False)
    comparison: Comparison = field(repr=False)
    drivers: Drivers | None = field(repr=False)
    costs: Costs | None = field(repr=False)

    @property
    def base(self) -> Ensemble:
        """The scenario the others are held against."""
        return self.ensembles["strikes_only"]
