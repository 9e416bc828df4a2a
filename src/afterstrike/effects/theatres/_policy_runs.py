"""Run stretches of a theatre's days over with strikes drawn from a scenario, and average what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from afterstrike.errors import UsageError

from . import _simulate as kernel
from ._run import NO_TOGGLES, SimulatedTheatre, copy_state
from ._scenario import StrikeScenario
from ._world import Floats, Ints

__all__ = ["Question", "scenario_means"]


@dataclass(frozen=True)
class Question:
    """What is run over: the days drawn before day t, the day looked at, and where attacks are summed."""

    lag: int
    ahead: int  # days from t to the attacks
    single_day: bool
    observed: bool  # strikes after the drawn day are held as they were
    recorded: bool
    masks: Floats  # shape (places, windows): 1 inside


def scenario_means(
    theatre: SimulatedTheatre,
    scenarios: Sequence[StrikeScenario],
    question: Question,
    days: Ints,
    draws: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Give expected attacks (scenarios, windows, days) and the errors of their means over days.

    Errors have shape (scenarios, scenarios, windows): of a scenario alone on the diagonal, of differences
    elsewhere. Draws of different days are independent, so the variances within days add up.
    """
    tables = [_drawn_from(theatre, scenario) for scenario in scenarios]
    # Rows are written whole by each run and read only after that, so one copy serves all draws of a day.
    twin = copy_state(theatre.state)
    values = np.empty((draws, len(tables), question.masks.shape[1]))
    daily = np.empty((*values.shape[1:], len(days)))
    spread = np.zeros((len(tables), *values.shape[1:]))
    each = np.arange(draws, dtype=np.int64)
    alone = np.arange(len(tables))
    stream = kernel.stream_key(theatre.seed, kernel.POLICY)
    for i, day in enumerate(days.tolist()):
        # The key does not name the scenario: all scenarios share the draws of a day.
        keys = kernel.names(stream, each * 0 + seed, each * 0 + day, each)
        for draw, key in enumerate(keys):
            for s, table in enumerate(tables):
                values[draw, s] = _attacks(theatre, twin, table._replace(strike_key=key), question, day)
        daily[:, :, i] = values.mean(axis=0)
        differences = values[:, :, None] - values[:, None, :]
        differences[:, alone, alone] = values
        spread += differences.var(axis=0, ddof=1)
        _put_back(theatre, twin, question, day)
    return daily, np.sqrt(spread / draws) / len(days)


def _drawn_from(theatre: SimulatedTheatre, scenario: StrikeScenario) -> kernel.Fixed:
    """Give the theatre's tables with the scenario in place of its own strike rule."""
    fixed = theatre.fixed
    if scenario.factor is not None:
        return fixed._replace(strike_base=fixed.strike_base * scenario.factor)
    rates = np.tile(scenario.expected, (len(fixed.strike_base), 1))
    return fixed._replace(strike_base=rates, reaction=0.0, crowding=1.0)


def _rows(theatre: SimulatedTheatre, question: Question, day: int) -> tuple[int, int]:
    """Give the row of the first day drawn and that of the attacks."""
    row = theatre.fixed.first + day - 1
    return row - question.lag + 1, row + question.ahead


def _attacks(
    theatre: SimulatedTheatre, twin: kernel.State, drawn: kernel.Fixed, question: Question, day: int
) -> Floats:
    """Run one stretch and give the attacks expected at its end, shape (windows,)."""
    begin, last = _rows(theatre, question, day)
    drawn_to = begin + 1 if question.single_day else last + 1
    _run(drawn, twin, begin, drawn_to)
    if not question.observed:
        if drawn_to <= last:
            _run(theatre.fixed, twin, drawn_to, last + 1)
    else:
        for row in range(drawn_to, last + 1):
            _run(theatre.fixed, twin, row, row + 1)
            twin.planned[row] = theatre.state.planned[row]
            twin.strikes[row] = theatre.state.strikes[row]
    rate = twin.attack_rate[last]
    if question.recorded:
        rate = rate * twin.report_chance[last]
    return np.asarray(rate @ question.masks)


def _run(fixed: kernel.Fixed, twin: kernel.State, begin: int, end: int) -> None:
    if not kernel.run_days(fixed, twin, begin, end, NO_TOGGLES, 0):
        raise UsageError(
            f"policy_truth: more than {kernel.MOST:g} attacks expected at one place and day under a "
            "scenario; lower the scenario's strikes, the effect or excitation"
        )


def _put_back(theatre: SimulatedTheatre, twin: kernel.State, question: Question, day: int) -> None:
    begin, last = _rows(theatre, question, day)
    for name in twin._fields:
        getattr(twin, name)[begin : last + 1] = getattr(theatre.state, name)[begin : last + 1]
