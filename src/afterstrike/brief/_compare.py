"""Does a number agree with a figure? Intervals, bounds and a written tolerance; nothing else."""

from __future__ import annotations

from math import inf
from typing import Literal

from afterstrike.brief._figure import interval_of, middle_of
from afterstrike.record.shipped import Figure

NEAR_A_BOUND = 0.25  # how far beyond a stated bound a number still bears it out

__all__ = ["Answer", "answers", "compare", "exactly"]

Answer = Literal["agrees", "allows", "differs"]
"""agrees: within the tolerance. allows: an open bound says neither yes nor no. differs: outside."""


def answers(claim: tuple[float, float], named: float, figure: Figure, tolerance: float) -> Answer:
    """Hold a claimed interval against a figure.

    Parameters
    ----------
    claim : tuple of float
        Lowest and highest number the claim allows; infinite where open.
    named : float
        The number the claim names, such as 9,000 in "more than 9,000".
    figure : Figure
        The sourced number with its own bounds.
    tolerance : float
        Relative to the figure: 0.15 lets 850 agree with 1,000.
    """
    low, high = interval_of(figure)
    return compare(claim, named, (low, high), middle_of(figure), tolerance)


def compare(
    claim: tuple[float, float], named: float, figure: tuple[float, float], middle: float, tolerance: float
) -> Answer:
    """Hold an interval against an interval; see `answers`."""
    slack = tolerance * abs(middle) + 1e-9
    low, high = figure[0] - slack, figure[1] + slack
    if claim[1] < low or claim[0] > high:
        return "differs"
    if abs(named - middle) <= slack:
        return "agrees"
    open_figure = figure[1] == inf or (figure[0] == 0.0 and figure[1] > 0)
    if not open_figure and figure[0] - slack <= named <= figure[1] + slack:
        return "agrees"
    # The claim is itself a bound and the figure lies just on its right side. Far beyond it, "at least 570"
    # is not borne out by 1,600: it is only not broken.
    room = max(NEAR_A_BOUND, 2 * tolerance)
    if claim[1] == inf and claim[0] - slack <= figure[0] and middle <= claim[0] * (1 + room):
        return "agrees"
    if claim[0] == 0.0 and figure[1] <= claim[1] + slack and middle >= claim[1] * (1 - room):
        return "agrees"
    return "allows"


def exactly(named: float, figure: Figure) -> bool:
    """Say whether a claim repeats a figure's number (to within one per cent)."""
    middle = middle_of(figure)
    return abs(named - middle) <= 0.01 * abs(middle) + 1e-9
