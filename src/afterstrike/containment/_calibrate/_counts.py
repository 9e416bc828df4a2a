"""Dated counts to posteriors in closed form: rates, shares, the pace of a camp, and counts known as "more than"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ...errors import UsageError

__all__ = ["CountPart", "CountPosterior", "count_posterior", "pace_posterior"]

Array = np.ndarray[Any, Any]
Form = Literal["rate", "share", "pace", "censored"]

# "More than 50" is read as 51 to 75: who reports it would else have said the next round number.
_MORE_THAN = 1.5
_TAIL = 1.6448536269514722
# Before the data the log of a stretch's pace has this spread, worth two stretches.
_PACE_SPREAD, _PACE_SHAPE = 0.7, 1.0


@dataclass(frozen=True)
class CountPart:
    """Events over an exposure (a number of missions, targets, persons, days or years), and where they are from."""

    events: float
    exposure: float
    what: str = ""
    figure: str = ""


@dataclass(frozen=True, eq=False)
class CountPosterior:
    """What dated counts say of one number.

    Parameters
    ----------
    parameter
        Its name.
    form
        How it was read.
    before
        90 % range before the counts.
    a, b
        Of the posterior: Gamma shape and rate, Beta, Student t (see `draw`); nan where it is not of a family.
    spread_ratio
        Variance over that of chance alone, at least 1; the counts are divided by it. From the parts, unless
        `spread_is_given`.
    parts
        What was counted.
    """

    parameter: str
    form: Form
    before: tuple[float, float]
    a: float
    b: float
    spread_ratio: float
    parts: tuple[CountPart, ...] = field(repr=False)
    spread_is_given: bool = False
    table: tuple[Array, Array] | None = field(default=None, repr=False)

    def quantile(self, u: Array) -> Array:
        """Give the quantile function of the posterior."""
        from scipy import stats

        chance = np.asarray(u, float)
        if self.form == "rate":
            return np.asarray(stats.gamma.ppf(chance, self.a, scale=1 / self.b))
        if self.form == "share":
            return np.asarray(stats.beta.ppf(chance, self.a, self.b))
        values, cumulative = self.table or (np.array([0.0, 1.0]), np.array([0.0, 1.0]))
        return np.asarray(np.exp(np.interp(chance, cumulative, values)))

    def prior_quantile(self, u: Array) -> Array:
        """Give the quantile function before the counts."""
        from scipy import stats

        chance = np.asarray(u, float)
        if self.form == "rate":
            a, b = _gamma_of(self.before)
            return np.asarray(stats.gamma.ppf(chance, a, scale=1 / b))
        if self.form == "share":
            a, b = _beta_of(self.before)
            return np.asarray(stats.beta.ppf(chance, a, b))
        middle, sd = _log_of(self.before)
        if self.form == "pace":
            free = 2 * _PACE_SHAPE
            return np.asarray(
                np.exp(middle + sd * _TAIL / stats.t.ppf(0.95, free) * stats.t.ppf(chance, free))
            )
        return np.asarray(np.exp(stats.norm.ppf(chance, middle, sd)))

    def words(self) -> str:
        """Say what it rests on, in a sentence."""
        told = "; ".join(part.what or f"{part.events:g} of {part.exposure:g}" for part in self.parts)
        if self.spread_ratio < 1.5:
            return told
        why = "Totals spread" if self.spread_is_given else "The parts spread"
        return f"{told}. {why} {self.spread_ratio:.0f} times as much as by chance alone (variance), and count as much less"


def count_posterior(
    parameter: str,
    parts: Sequence[CountPart],
    *,
    form: Form = "rate",
    before: tuple[float, float],
    spread_ratio: float | None = None,
) -> CountPosterior:
    """Give the posterior of a number from counts.

    `rate`: events are Poisson, the prior is the Gamma whose 5 and 95 % points are `before`. `share`: binomial and Beta.
    `censored`: both are known as "more than", and any part of the events may have other
    causes.

    Parameters
    ----------
    parameter
        Name of the number.
    parts
        Counts by part.
    form
        rate, share or censored.
    before
        90 % range before the counts, above 0 (a share: below 1).
    spread_ratio
        Variance over that of chance, from 1; None: from how far the parts lie apart (Pearson), at least 1.

    Raises
    ------
    UsageError
        A count below zero, an exposure of zero, a range that is none.

    Examples
    --------
    >>> found = count_posterior("removed_per_mission", [CountPart(210, 196)], before=(0.1, 5.0))
    >>> [round(float(x), 2) for x in found.quantile(np.array([0.05, 0.5, 0.95]))]
    [0.95, 1.07, 1.2]
    """
    low, high = before
    if not parts or any(part.events < 0 or part.exposure <= 0 for part in parts):
        raise UsageError(
            f"{parameter}: counts below zero or an exposure of zero; allowed from 0, and above 0"
        )
    if not 0 < low < high or (form == "share" and high >= 1):
        raise UsageError(f"{parameter}: before={before}; allowed 0 < low < high{' < 1' * (form == 'share')}")
    events, exposure = (sum(getattr(part, name) for part in parts) for name in ("events", "exposure"))
    if form == "censored":
        return CountPosterior(
            parameter,
            form,
            before,
            math.nan,
            math.nan,
            1.0,
            tuple(parts),
            table=_censored(events, exposure, before),
        )
    if form == "share" and any(part.events > part.exposure for part in parts):
        raise UsageError(f"{parameter}: more events than there are; a share has at most all")
    if form not in ("rate", "share"):
        raise UsageError(f"form={form!r}; allowed rate, share, censored")
    ratio = _pearson(parts, form) if spread_ratio is None else spread_ratio
    if ratio < 1:
        raise UsageError(f"spread_ratio={spread_ratio!r}; allowed from 1")
    a, b = _gamma_of(before) if form == "rate" else _beta_of(before)
    more = exposure if form == "rate" else exposure - events
    return CountPosterior(
        parameter,
        form,
        before,
        a + events / ratio,
        b + more / ratio,
        ratio,
        tuple(parts),
        spread_ratio is not None,
    )


def pace_posterior(
    parameter: str, stretches: Sequence[tuple[float, float, float, str]], *, before: tuple[float, float]
) -> CountPosterior:
    """Give the posterior of the yearly pace at which a stock falls, from its size at dated ends of stretches.

    The log of each stretch's pace is normal about a common one, of unknown spread (normal and inverse gamma); what is
    given is the pace of the next stretch, Student t.

    Parameters
    ----------
    parameter
        Name of the number.
    stretches
        Size at the start, size at the end, years, words. Stretches in which the stock grew are left out.
    before
        90 % range before.

    Examples
    --------
    >>> found = pace_posterior("camp_returns_per_year", [(55e3, 50e3, 1.5, "a"), (50e3, 36e3, 1.4, "b")], before=(0.01, 2))
    >>> low, high = found.quantile(np.array([0.05, 0.95]))
    >>> bool(0.01 < low < 0.1 < high < 2)
    True
    """
    from scipy import stats

    used = [
        (math.log(one / two) / years, what)
        for one, two, years, what in stretches
        if one > two > 0 and years > 0
    ]
    if not used:
        raise UsageError(f"{parameter}: no stretch in which the stock fell; give its size at two dates")
    middle = _log_of(before)[0]
    logs = np.array([math.log(pace) for pace, _ in used])
    n, mean = len(logs), float(np.mean([math.log(pace) for pace, _ in used]))
    weight = _pace_weight(before)
    centre = (weight * middle + n * mean) / (weight + n)
    shape = _PACE_SHAPE + n / 2
    scale = _PACE_SHAPE * _PACE_SPREAD**2 + 0.5 * float(((logs - mean) ** 2).sum())
    scale += 0.5 * weight * n / (weight + n) * (mean - middle) ** 2
    width = math.sqrt(scale / shape * (1 + 1 / (weight + n)))
    at = np.linspace(0.0005, 0.9995, 1999)
    values = centre + width * stats.t.ppf(at, 2 * shape)
    inside = np.clip(values, math.log(before[0]) - 2, math.log(before[1]) + 1)
    parts = tuple(CountPart(round(pace, 4), 1.0, f"{what}: {pace:.2f} a year") for pace, what in used)
    return CountPosterior(parameter, "pace", before, centre, width, 1.0, parts, table=(inside, at))


def _pace_weight(before: tuple[float, float]) -> float:
    """Give how many stretches the range before is worth, so that it is the 90 % range of the next one's pace."""
    from scipy import stats

    half = math.log(before[1] / before[0]) / 2
    ratio = (half / stats.t.ppf(0.95, 2 * _PACE_SHAPE) / _PACE_SPREAD) ** 2
    return 1 / (ratio - 1) if ratio > 1.05 else 20.0


def _pearson(parts: Sequence[CountPart], form: str) -> float:
    """Give Pearson's statistic over its degrees of freedom: 1 where the parts lie apart as chance has it."""
    if len(parts) < 2:
        return 1.0
    events, exposure = (
        np.array([getattr(part, name) for part in parts], float) for name in ("events", "exposure")
    )
    share = events.sum() / exposure.sum()
    expected = share * exposure
    variance = expected * (1 - share) if form == "share" else expected
    return max(float(((events - expected) ** 2 / np.maximum(variance, 1e-9)).sum()) / (len(parts) - 1), 1.0)


def _log_of(before: tuple[float, float]) -> tuple[float, float]:
    low, high = (math.log(value) for value in before)
    return (low + high) / 2, (high - low) / (2 * _TAIL)


def _gamma_of(before: tuple[float, float]) -> tuple[float, float]:
    """Give shape and rate of the Gamma with these 5 and 95 % points."""
    from scipy import stats
    from scipy.optimize import brentq

    low, high = before

    def gap(log_shape: float) -> float:
        shape = math.exp(log_shape)
        return math.log(stats.gamma.ppf(0.95, shape) / stats.gamma.ppf(0.05, shape)) - math.log(high / low)

    shape = math.exp(brentq(gap, math.log(0.02), math.log(1e5)))
    return shape, float(stats.gamma.ppf(0.95, shape)) / high


def _beta_of(before: tuple[float, float]) -> tuple[float, float]:
    """Give the two shapes of the Beta with these 5 and 95 % points."""
    from scipy import stats
    from scipy.optimize import least_squares

    low, high = before

    def gap(logs: Array) -> Array:
        a, b = np.exp(logs)
        return np.asarray(stats.beta.ppf([0.05, 0.95], a, b) - [low, high])

    a, b = np.exp(least_squares(gap, np.zeros(2), bounds=(-5, 10)).x)
    return float(a), float(b)


def _censored(events: float, exposure: float, before: tuple[float, float]) -> tuple[Array, Array]:
    """Give the posterior of a rate, by quadrature: grid of its log and cumulative chance.

    The events, from "more than" on to half as many again, are Poisson with mean rate * exposure / part; the exposure lies
    anywhere from its "more than" to half as much again (even on the log), and the part that this cause has in the events
    anywhere from none to all.
    """
    from scipy import stats

    middle, sd = _log_of(before)
    grid = np.linspace(middle - 4 * sd, middle + 4 * sd, 801)
    exposures = np.exp(np.linspace(math.log(exposure), math.log(exposure * _MORE_THAN), 25))
    parts = (np.arange(100) + 0.5) / 100
    mean = np.exp(grid)[:, None, None] * exposures[:, None] / parts
    last = math.floor(events * _MORE_THAN)
    chance = stats.poisson.cdf(last, mean) - stats.poisson.cdf(events, mean)
    density = chance.mean(axis=(1, 2)) * stats.norm.pdf(grid, middle, sd)
    cumulative = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    return grid, cumulative / cumulative[-1]
