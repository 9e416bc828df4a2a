"""The words of a lull: the same for either sign, harm to civilians first, quiet days last."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._lull import Displacement, Harm, Lull

__all__ = [
    "ISOLATED_FOR_PER_STRIKE",
    "civilian_harm",
    "finding",
    "paragraphs",
    "percent",
    "power_of",
    "quiet_of",
]

# Where fewer wakes than this intersect no other, a number "per strike" would credit one strike with what
# several did.
ISOLATED_FOR_PER_STRIKE = 0.5


def percent(ratio: float, less: str = "lower", more: str = "higher") -> str:
    """Say a ratio as a change in per cent: 0.87 is "13% lower"."""
    change = round(100 * (ratio - 1))
    if change == 0:
        return "0%"
    return f"{abs(change)}% {less if change < 0 else more}"


def finding(lull: Lull) -> str:
    """Say the finding; where the interval holds no change, say what it cannot tell apart."""
    if math.isnan(lull.rate_ratio):
        where = f"in the {_days(lull.days)} after, within {lull.km:g} km"
        return f"Cannot tell what followed {where}: {lull.reason}."
    low, high = percent(lull.low), percent(lull.high)
    said = percent(lull.rate_ratio)
    told = "as many as expected" if said == "0%" else f"{said} than expected"
    where = f"In the {_days(lull.days)} after, within {lull.km:g} km"
    text = f"{where}, recorded attacks were {told} ({low} to {high})."
    if lull.low <= 1 <= lull.high:
        fewer, more = percent(lull.low, "fewer", "more"), percent(lull.high, "fewer", "more")
        text += f" Cannot tell: anything from {fewer} to {more} fits these data."
    return text


def paragraphs(lull: Lull) -> list[str]:
    """Give all that is said of a lull, line by line."""
    lines = [civilian_harm(lull.harm), power_of(lull), finding(lull)]
    if not math.isnan(lull.rate_ratio):
        lines.append(quiet_of(lull))
        lines.append(_until(lull))
        if lull.displacement is not None:
            lines.append(_ring(lull, lull.displacement))
    lines.append(_overlap(lull))
    lines += [f"Estimand: {lull.estimand}", lull.transport]
    return [line for line in lines if line]


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def civilian_harm(harm: Harm) -> str:
    """Say what the record states of civilian deaths in the strikes themselves."""
    if harm.low is None or harm.high is None:
        return "Civilian deaths in these strikes: not stated in this record. That is missing, not zero."
    count = f"{harm.low}" if harm.low == harm.high else f"{harm.low} to {harm.high}"
    stated = f"stated for {harm.n_stated} of {harm.n_strikes} rows"
    return f"Civilian deaths in these strikes, as recorded: {count} ({stated})."


def power_of(lull: Lull) -> str:
    """Say the smallest change that could have been shown; nothing where there is no ratio."""
    if math.isnan(lull.smallest_fall):
        return ""
    return (
        f"Smallest change this record could show (80% power): {100 * lull.smallest_fall:.0f}% fewer or "
        f"{100 * lull.smallest_rise:.0f}% more attacks."
    )


def quiet_of(lull: Lull) -> str:
    """Say the finding in quiet days, which come second."""
    whose = "per strike place-day" if lull.is_per_strike else "behind these strikes together"
    return (
        f"That is {lull.quiet_days:.1f} quiet days out of {lull.days} {whose} ({lull.quiet_days_low:.1f} to "
        f"{lull.quiet_days_high:.1f}; below zero means extra days' worth of attacks). Days of different "
        f"strikes do not add up."
    )


def _until(lull: Lull) -> str:
    if lull.curve is None:
        return ""
    if lull.detectable_until is None:
        return "Day by day, no difference from expectation is detectable."
    return f"Day by day, the difference is detectable until day {lull.detectable_until}."


def _ring(lull: Lull, part: Displacement) -> str:
    unit = (
        "per strike place-day"
        if lull.is_per_strike
        else "per strike place-day, on average over intersecting wakes"
    )
    head = "More attacks nearby: " if part.is_shown else ""
    inside, ring, net = ((-part.averted[0], -part.averted[2], -part.averted[1]), part.added, part.net)
    return (
        f"{head}{_range(inside)} recorded attacks within {lull.km:g} km and {_range(ring)} from "
        f"{lull.km:g} to "
        f"{part.ring_km:g} km, against expectation, {unit}; fewer over both together: {_range(net)}. "
        "The ring is a choice; attacks may move further."
    )


def _range(values: tuple[float, float, float]) -> str:
    return f"{values[0]:+.2f} ({values[1]:+.2f} to {values[2]:+.2f})"


def _overlap(lull: Lull) -> str:
    share = f"{100 * lull.isolated_share:.0f}%"
    text = f"{lull.n_place_days} strike place-days; {share} of their wakes intersect no other."
    if not lull.is_per_strike:
        text += " So many intersect that nothing here can be said per strike."
    return text
