"""Do zones drift apart: the shares of zones among attacks, in the first and in the second half of the record."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .._result import CheckResult
from ._data import FEWEST_EVENTS, Floats

if TYPE_CHECKING:
    from ._fit import HawkesFit

__all__ = ["zones_check"]

_NAME = "zones drift alike"
_SIZE = 0.01
_FEWEST_BLOCKS = 4
_ROUNDS = 50


def zones_check(fit: HawkesFit, stretch_days: float) -> CheckResult:
    """Test whether the shares of zones among attacks are the same in both halves of the record.

    Attacks are counted by zone and stretch of `stretch_days`. Expected are a level for each zone times one for each
    stretch times what the fitted effects of strikes make of it; then a level for each zone and half. The gain is
    judged against the scatter between stretches of the same half (an F-test), because attacks come in bursts.
    Stretches are to be longer than bursts are.

    Returns
    -------
    CheckResult
        Failed below 1%; None with fewer than two zones of 20 attacks or four stretches.
    """
    import pandas as pd
    from scipy.special import fdtrc

    counts, offset, names = _table(fit, stretch_days)
    zones, blocks = counts.shape
    if zones < 2 or blocks < _FEWEST_BLOCKS:
        said = (
            f"Not looked at: {zones} zones with {FEWEST_EVENTS} attacks and {blocks} stretches of {stretch_days:g} "
            f"days; at least 2 and {_FEWEST_BLOCKS} are needed."
        )
        return CheckResult(_NAME, None, pd.DataFrame(), said)
    late = np.arange(blocks) >= blocks // 2
    alike, apart = _expected(counts, offset), np.empty_like(counts)
    for half in (~late, late):
        apart[:, half] = _expected(counts[:, half], offset[:, half])
    df, left = zones - 1, (zones - 1) * (blocks - 2)
    scatter = float(((counts - apart) ** 2 / np.fmax(apart, 1e-12)).sum()) / left
    gained = 2 * float((counts * np.log(np.fmax(apart, 1e-12) / np.fmax(alike, 1e-12))).sum())
    statistic = gained / df / scatter if scatter > 0 else math.nan
    p = float(fdtrc(df, left, max(statistic, 0.0)))
    shares = np.array([counts[:, half].sum(axis=1) / counts[:, half].sum() for half in (~late, late)])
    table = pd.DataFrame(
        {
            "zone": names,
            "attacks": counts.sum(axis=1).astype(int),
            "share_first_half": shares[0],
            "share_second_half": shares[1],
            "scatter": scatter,
            "p_value": p,
        }
    )
    most = int(np.abs(shares[1] - shares[0]).argmax())
    told = (
        f"Shares of {zones} zones among attacks in both halves of the record, against their scatter ({scatter:.1f} "
        f"times that of chance): p = {p:.2g}; {names[most]} changed most, from {shares[0, most]:.0%} to "
        f"{shares[1, most]:.0%}. The drift fitted is one for all zones: where they drift apart the rest looks like "
        "excitation, and may look like an effect. What comes and goes within a half is not seen."
    )
    return CheckResult(_NAME, None if math.isnan(p) else bool(p > _SIZE), table, told)


def _table(fit: HawkesFit, stretch_days: float) -> tuple[Floats, Floats, list[str]]:
    """Give counts and days, weighted by the effects of strikes, of zones with enough attacks, by stretch."""
    data = fit.data
    first = len(data.names) - len(data.lags)
    lift = np.exp(np.asarray(data.columns[:, first:] @ fit.estimate[first:-2])) if data.lags else 1.0
    zone = data.sequence_zone[np.repeat(np.arange(len(data.begin)), np.diff(data.first_cell))]
    shape = (len(data.zones), int(data.cell_start.max() // stretch_days) + 1)
    at = np.ravel_multi_index((zone, (data.cell_start // stretch_days).astype(np.int64)), shape)
    counts, offset = (
        np.bincount(at, weight, shape[0] * shape[1]).reshape(shape)
        for weight in (np.bincount(data.cell, minlength=len(data.width)), data.width * lift)
    )
    kept = counts.sum(axis=1) >= FEWEST_EVENTS
    full = counts[kept].sum(axis=0) > 0
    names = [name for name, is_kept in zip(data.zones, kept, strict=True) if is_kept]
    return counts[kept][:, full], offset[kept][:, full], names


def _expected(counts: Floats, offset: Floats) -> Floats:
    """Give what is expected of zone times stretch times offset, by turns fitted to the sums of each."""
    level = np.ones(len(counts))
    moment = np.ones(counts.shape[1])
    for _ in range(_ROUNDS):
        moment = counts.sum(axis=0) / (level @ offset)
        level = counts.sum(axis=1) / (offset @ moment)
    found: Floats = level[:, None] * offset * moment
    return found
