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
# Before the data the logs of parts (stretches, countries) have this spread, worth two parts.
_SPREAD, _SHAPE = 0.7, 1.0
# Pearson's statistic over its degrees of freedom from which parts are taken to have rates of their own.
_APART = 2.0


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
        Of the posterior: Gamma shape and rate, Beta, or centre and width of a Student t on the log (a share: logit)
        scale; nan where it is of no family.
    spread_ratio
        Variance over that of chance alone, at least 1: of the parts, unless `spread_is_given`.
    parts
        What was counted.
    table
        Logs and cumulative chance, where it is neither Gamma nor Beta.
    note
        What must be said with it.
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
    note: str = ""

    def quantile(self, u: Array) -> Array:
        """Give the quantile function of the posterior."""
        from scipy import stats

        chance = np.asarray(u, float)
        if self.table is None:
            family = (
                stats.gamma(self.a, scale=1 / self.b) if self.form == "rate" else stats.beta(self.a, self.b)
            )
            return np.asarray(family.ppf(chance))
        values, cumulative = self.table
        found = np.exp(np.interp(chance, cumulative, values))
        return np.asarray(found / (1 + found) if self.form == "share" else found)

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
            free = 2 * _SHAPE
            return np.asarray(
                np.exp(middle + sd * _TAIL / stats.t.ppf(0.95, free) * stats.t.ppf(chance, free))
            )
        return np.asarray(np.exp(stats.norm.ppf(chance, middle, sd)))

    def words(self) -> str:
        """Say what it rests on, in a sentence."""
        told = "; ".join(part.what or f"{part.events:g} of {part.exposure:g}" for part in self.parts)
        told += f" ({self.note})" if self.note else ""
        if self.spread_ratio < 1.5:
            return told
        if self.spread_is_given:
            return f"{told}. Totals vary {self.spread_ratio:.0f} times as much as by chance alone, and count as much less"
        return f"{told}. The parts vary {self.spread_ratio:.0f} times as much as by chance alone: each has a rate of its own"


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
    Where parts vary twice as much as by chance or more, each has a rate of its own about a common one, on the log
    (logit) scale, with unknown spread: the common one is Student t. `censored`: both numbers are known as "more than",
    and any part of the events may have other causes.

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
        Variance over that of chance, from 1, by which counts are divided; None: from how far the parts lie apart.

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
    if spread_ratio is None and ratio >= _APART:
        return _apart(parameter, parts, form, before, ratio)
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
    used = [
        (math.log(one / two) / years, what)
        for one, two, years, what in stretches
        if one > two > 0 and years > 0
    ]
    if not used:
        raise UsageError(f"{parameter}: no stretch in which the stock fell; give its size at two dates")
    middle = _log_of(before)[0]
    logs = np.array([math.log(pace) for pace, _ in used])
    centre, width, free = _student(logs, middle, _next_weight(before), is_next=True)
    table = _table_of(centre, width, free, (math.log(before[0]) - 2, math.log(before[1]) + 1))
    parts = tuple(CountPart(round(pace, 4), 1.0, f"{what}: {pace:.2f} a year") for pace, what in used)
    return CountPosterior(parameter, "pace", before, centre, width, 1.0, parts, table=table)


def _apart(
    parameter: str, parts: Sequence[CountPart], form: Form, before: tuple[float, float], ratio: float
) -> CountPosterior:
    """Give the common rate (share) of parts that each have their own."""
    from scipy import stats

    if form == "share":
        values = np.array(
            [math.log((part.events + 0.5) / (part.exposure - part.events + 0.5)) for part in parts]
        )
        low, high = (math.log(end / (1 - end)) for end in before)
    else:
        values = np.array([math.log((part.events + 0.5) / part.exposure) for part in parts])
        low, high = (math.log(end) for end in before)
    # The weight that makes `before` the 90 % range of the common one.
    weight = (_SPREAD * stats.t.ppf(0.95, 2 * _SHAPE) / ((high - low) / 2)) ** 2
    centre, width, free = _student(values, (low + high) / 2, weight, is_next=False)
    table = _table_of(centre, width, free, (low - 2, high + 2))
    return CountPosterior(parameter, form, before, centre, width, ratio, tuple(parts), table=table)


def _student(values: Array, middle: float, weight: float, *, is_next: bool) -> tuple[float, float, float]:
    """Give centre, width and freedom of the Student t of the common value, or of the next part's.

    Values are normal with a spread that is unknown (inverse gamma, `_SHAPE` and `_SPREAD`) about a common one, which is
    normal about `middle` with the weight of so many parts.
    """
    n, mean = len(values), float(values.mean())
    centre = (weight * middle + n * mean) / (weight + n)
    shape = _SHAPE + n / 2
    scale = _SHAPE * _SPREAD**2 + 0.5 * float(((values - mean) ** 2).sum())
    scale += 0.5 * weight * n / (weight + n) * (mean - middle) ** 2
    width = math.sqrt(scale / shape * (1 / (weight + n) + (1.0 if is_next else 0.0)))
    return centre, width, 2 * shape


def _table_of(centre: float, width: float, free: float, bounds: tuple[float, float]) -> tuple[Array, Array]:
    from scipy import stats

    at = np.linspace(0.0005, 0.9995, 1999)
    return np.clip(centre + width * stats.t.ppf(at, free), *bounds), at


def _next_weight(before: tuple[float, float]) -> float:
    """Give how many stretches the range before is worth, so that it is the 90 % range of the next one's pace."""
    from scipy import stats

    half = math.log(before[1] / before[0]) / 2
    ratio = (half / stats.t.ppf(0.95, 2 * _SHAPE) / _SPREAD) ** 2
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
