"""What an article about strikes asks of a model, each question with the output that answers it, or why none can."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ._compare import compare
from ._question_model import QUESTIONS, UNANSWERED, Answer, AnswerFigure, Runs
from ._question_words import answer_of
from ._scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import pandas as pd

    from ._scenario_costs import Costs
    from ._world import World

__all__ = ["QUESTIONS", "Answer", "Answers", "AnswerFigure", "Runs", "answer_questions"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Answers:
    """All answers of one world.

    Attributes
    ----------
    world
        The world that was run.
    answers
        In the order of `QUESTIONS`.
    runs
        Ensembles, comparison and drivers they are read from.
    """

    world: World
    answers: tuple[Answer, ...]
    runs: Runs = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """One row a number: key, standing, what, unit, median, low, high, level, basis; an answer without has one row."""
        import pandas as pd

        rows = []
        for answer in self.answers:
            head = {"key": answer.key, "standing": answer.standing, "kind": answer.kind}
            none = AnswerFigure("", "", None, None, None, None, "")
            rows += [head | asdict(figure) | {"text": answer.text} for figure in answer.figures or (none,)]
        return pd.DataFrame(rows)

    def summary(self, today: date | None = None) -> str:
        """Give every answer in words, after which world was run and how old it is."""
        from ._words import standing

        lines = standing(self.world, [self.runs.base], today or date.today())
        for answer in self.answers:
            lines += ["", f"{answer.question} [{answer.standing}]", answer.text]
        return "\n".join(lines)

    def __repr__(self) -> str:
        told = sum(answer.standing != UNANSWERED for answer in self.answers)
        return (
            f"Answers({self.world.name!r} as of {self.world.as_of}, {told} of {len(self.answers)} answered)"
        )


def without_strikes() -> Scenario:
    """The yardstick for what strikes do in the model; it proposes nothing."""
    return replace(
        load_scenario("strikes_only").with_changes(["start strikes x 0", "start reactive x 0"]),
        name="without_strikes",
        title="No strikes at all, nothing else changed",
        assumptions=("Nothing else answers the end of strikes.",),
    )


def answer_questions(
    world: World | str = "feb2026",
    *,
    until: date | str | None = None,
    members: int = 800,
    repeats: int = 2,
    drivers_n: int = 128,
    costs: Costs | str | None = None,
    draws: Mapping[str, Array] | None = None,
    calibrated: tuple[str, ...] = (),
    seed: int = 0,
    jobs: int = -1,
    progress: Callable[[str], None] | None = None,
) -> Answers:
    """Answer the questions an article about strikes asks, each by a named output or with why it cannot be.

    Parameters
    ----------
    world
        A shipped world's name, a file, or a `World`.
    until
        Last day of the runs; the end of 2028 if not given.
    members, repeats
        Runs of each of four scenarios, and runs of each prior draw among them.
    drivers_n
        Base draws of the decomposition of the spread, a power of two from 64; 0 leaves that question open.
    costs
        A file of unit costs or `Costs`; without it the exchange is not computed.
    draws, calibrated
        Numbers after calibration (`Calibration.draws(members // repeats)`) and the names that data moved; without
        them the world's own ranges.
    seed, jobs
        As in `simulate`.
    progress
        Called with a word or two at each stage.

    Returns
    -------
    Answers

    Raises
    ------
    UsageError
        An argument is out of bounds.

    Assumes
    -------
    Everything the world states. Answers of kind B follow from that and are no forecast.

    Example
    -------
    >>> found = answer_questions("feb2026", until="2026-12-31", members=40, drivers_n=0)
    >>> [answer.key for answer in found.answers if answer.standing == "cannot be answered"]
    ['prison_weight', 'cost_exchange']
    """
    from ._drivers import drivers
    from ._scenario_costs import load_costs
    from ._simulate import simulate
    from ._world import load_world

    if repeats < 1 or members < 2 * repeats or members % repeats:
        raise UsageError(
            f"members={members}, repeats={repeats}; allowed members as a multiple, twice or more, of repeats"
        )
    say = progress or (lambda stage: None)
    known = load_world(world)
    drawn = known.draw(members // repeats, seed=seed) if draws is None else draws
    if len(drawn["fighters"]) != members // repeats:
        raise UsageError(
            f"draws have {len(drawn['fighters'])} members; allowed members // repeats = {members // repeats}"
        )
    repeated = {name: np.repeat(values, repeats) for name, values in drawn.items()}
    ensembles = {}
    presets = (load_scenario(name) for name in ("strikes_only", "repatriate", "coordinate"))
    for scenario in (*presets, without_strikes()):
        say(scenario.name)
        ensembles[scenario.name] = simulate(
            known, scenario, until=until, draws=repeated, seed=seed, jobs=jobs
        )
    spread = None
    if drivers_n:
        say("what drives the spread")
        spread = drivers(
            known,
            "strikes_only",
            outputs=("attacks", "net_escapes"),
            n=drivers_n,
            until=until,
            seed=seed,
            jobs=jobs,
        )
    runs = Runs(
        world=known,
        calibrated=calibrated,
        ensembles=ensembles,
        comparison=compare(ensembles),
        drivers=spread,
        costs=load_costs(costs) if isinstance(costs, str) else costs,
    )
    return Answers(world=known, answers=tuple(answer_of(key, runs) for key in QUESTIONS), runs=runs)
