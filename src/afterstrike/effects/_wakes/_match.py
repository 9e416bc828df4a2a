"""Coarsened exact matching on level and trend before: one matched set a radius serves all days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._place_days import PRE_BINS, Counted, Floats, Ints

__all__ = ["Matched", "match_wakes"]

# From fine to coarse: parts into which each variable is cut, in the order of the pre-bins, then the
# intensity. A struck place-day without comparison at one step is tried at the next.
_STEPS = ((4, 3, 3, 4), (3, 2, 2, 3), (2, 2, 2, 2), (2, 1, 1, 2), (1, 1, 1, 2))
_FEWEST = 2


@dataclass(frozen=True)
class Matched:
    """One matched set.

    Parameters
    ----------
    struck
        Positions of the struck place-days that found comparison.
    weight
        Weight of each drawn place-day of the comparison; adds up to `len(struck)`.
    step
        For each struck place-day, how coarse the match is (0 finest), -1 where there was none.
    l1_before, l1_after
        Distance between the groups' shares of strata, 0 (alike) to 1, drawn unweighted and weighted.
    support_before, support_after
        Per cent of strata that hold both groups.
    """

    struck: Ints
    weight: Floats
    step: Ints
    l1_before: float
    l1_after: float
    support_before: float
    support_after: float


def variables(counted: Counted, km: float, log_intensity: Floats) -> Floats:
    """Give what wakes are matched on: attacks in each pre-bin within `km`, and the fitted intensity."""
    return np.column_stack([*(counted.between(a, b, km) for a, b in PRE_BINS), log_intensity])


def match_wakes(struck: Floats, drawn: Floats, times: Floats, *, with_intensity: bool = True) -> Matched:
    """Match struck place-days with drawn ones in equal strata.

    Parameters
    ----------
    struck, drawn
        The matching variables of both; see `variables`.
    times
        How often each place-day of `drawn` was drawn.
    with_intensity
        Strata of the fitted intensity too.
    """
    weight = np.zeros(len(drawn))
    step_of = np.full(len(struck), -1, np.int64)
    finest: tuple[Ints, Ints] | None = None
    for step, parts in enumerate(_STEPS):
        cut = (*parts[:-1], parts[-1] if with_intensity else 1)
        code, other = _strata(struck, drawn, cut)
        finest = finest or (code, other)
        open_ = step_of < 0
        size = int(max(code.max(initial=0), other.max(initial=0))) + 1
        here = np.bincount(other, times, minlength=size)
        found = open_ & (np.bincount(other, minlength=size)[code] >= _FEWEST)
        wanted = np.bincount(code[found], minlength=size)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(here > 0, wanted / here, 0.0)
        weight += share[other] * times
        step_of[found] = step
        if (step_of >= 0).all():
            break
    kept = np.flatnonzero(step_of >= 0)
    assert finest is not None
    code, other = finest
    return Matched(
        kept,
        weight,
        step_of,
        _l1(code, np.ones(len(code)), other, times),
        _l1(code[kept], np.ones(len(kept)), other, weight),
        _support(code, other),
        _support(code[kept], other[weight > 0]),
    )


def _strata(struck: Floats, drawn: Floats, parts: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Number the strata of both groups, cut at quantiles of the struck group."""
    codes = [np.zeros(len(struck), np.int64), np.zeros(len(drawn), np.int64)]
    for column, count in enumerate(parts):
        if count == 1:
            continue
        cuts = np.unique(np.quantile(struck[:, column], np.arange(1, count) / count))
        for group, values in enumerate((struck, drawn)):
            place = np.searchsorted(cuts, values[:, column], side="left")
            codes[group] = codes[group] * (count + 1) + place
    _, both = np.unique(np.concatenate(codes), return_inverse=True)
    return both[: len(struck)].astype(np.int64), both[len(struck) :].astype(np.int64)


def _l1(code: Ints, weight: Floats, other: Ints, other_weight: Floats) -> float:
    size = int(max(code.max(initial=0), other.max(initial=0))) + 1
    one = np.bincount(code, weight, minlength=size)
    two = np.bincount(other, other_weight, minlength=size)
    if one.sum() == 0 or two.sum() == 0:
        return float("nan")
    return float(np.abs(one / one.sum() - two / two.sum()).sum() / 2)


def _support(code: Ints, other: Ints) -> float:
    one, two = set(code.tolist()), set(other.tolist())
    return 100.0 * len(one & two) / len(one | two) if one | two else float("nan")
