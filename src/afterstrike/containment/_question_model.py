"""What the answers to an article's questions are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._compare import Comparison
    from ._drivers import Drivers
    from ._ensemble import Ensemble
    from ._scenario_costs import Costs
    from ._world import World

__all__ = ["QUESTIONS", "UNANSWERED", "Answer", "AnswerFigure", "Runs"]

UNANSWERED = "cannot be answered"

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


_KIND_WORDS = {"D": "data", "L": "literature", "S": "assumption"}


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
        What it rests on: `data`, `literature`, `assumption` or several of them; or `cannot be answered`.
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
    standing: str
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

    def basis(self, *names: str) -> str:
        """What the numbers named rest on: data that moved them, else what their range is marked with."""
        found = []
        for name in names:
            if name in self.calibrated:
                found.append("data")
            else:
                kinds = (one.kind for full, one in self.world.numbers.items() if full.split(".")[0] == name)
                found += [_KIND_WORDS[kind] for kind in kinds]
        return " and ".join(word for word in _KIND_WORDS.values() if word in found) or "assumption"

    @property
    def base(self) -> Ensemble:
        """The scenario the others are held against."""
        return self.ensembles["strikes_only"]
