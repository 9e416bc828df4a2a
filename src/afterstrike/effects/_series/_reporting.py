"""Do sources change how much they report behind strikes: one latent rate, several sources that see a share of it.

Counts of source s in zone z and period t are negative binomial with mean share[s, z] * response[s] * rate[z, t].
All sources share the rate, with its strike effects by lag; each has a share of its own in each zone, a slow
trend of its own, and, but for the first, a response to strikes of the two weeks before. What all sources do
alike cannot be told from a change in attacks, by this or by any model of these counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused
from .._result import CheckResult
from .._zones import DAY_MS, zones_of
from ._columns import trend_columns
from ._errors import by_time
from ._model import SeriesFit, fit_shrunk, larger
from ._policy import wald

if TYPE_CHECKING:
    import pandas as pd

    from .._study import Study

__all__ = ["reporting_check"]

Floats = npt.NDArray[np.float64]
_NAME = "reporting by source"
# Columns that may say who reported a row; the first with two sources of a tenth each is taken.
_COLUMNS = ("source", "source_name", "source_office", "dataset")
_LEAST_SHARE = 0.1
_OTHERS = "all others"
_RESPONSE_DAYS = 14
SIZE = 0.05
# Reporting that changes by less than this ratio is alike.
_ALIKE = math.log(1.25)


@dataclass(frozen=True, eq=False)
class _Sources:
    column: str
    names: tuple[str, ...]
    shares: Floats
    attacks: Floats  # (sources, zones, periods)


def reporting_check(study: Study, fit: SeriesFit, *, zones: str | float | None, level: float) -> CheckResult:
    """Fit all sources together and test whether one's share changes behind strikes.

    Failed where the responses differ from none (Wald, 5%); passed where each lies within a ratio of 1.25 (two
    one-sided tests, 5%); None where there is one source only, or neither can be said.
    """
    import pandas as pd

    sources = _sources(study, fit, zones)
    if sources is None:
        said = (
            "Cannot be looked at: no column says who reported a row, or no two sources have a tenth of them each. "
            "One source alone cannot tell a fall in reporting from a fall in attacks."
        )
        return CheckResult(_NAME, None, pd.DataFrame(), said)
    try:
        effect, covariance, added = _respond(fit, sources)
    except EstimateRefused as refusal:
        return CheckResult(_NAME, None, pd.DataFrame(), f"Cannot be looked at: {refusal}.")
    response, part = effect[added], covariance[added, added]
    error = np.sqrt(np.maximum(np.diag(part), 0.0))
    p_value = wald(response, part)
    passed = None
    if p_value < SIZE:
        passed = False
    elif bool((np.abs(response) + 1.645 * error < _ALIKE).all()):
        passed = True
    table = _table(fit, sources, effect, covariance, added, level).assign(p_value=p_value)
    return CheckResult(_NAME, passed, table, _text(fit, sources, table, p_value, passed))


def _sources(study: Study, fit: SeriesFit, zones: str | float | None) -> _Sources | None:
    outcome, counts = study.outcome, fit.counts
    for column in _COLUMNS:
        if column not in outcome.columns:
            continue
        share = outcome[column].dropna().astype(str).value_counts(normalize=True)
        named = [str(name) for name in share.index[share >= _LEAST_SHARE]]
        rest = 1 - float(share[named].sum()) if len(share) else 0.0
        names = [*named, *([_OTHERS] if rest >= _LEAST_SHARE else [])]
        if len(names) < 2:
            continue
        label = outcome[column].where(outcome[column].notna(), "").astype(str).to_numpy(np.str_)
        number = {name: k for k, name in enumerate(named)}
        other = number.get("", names.index(_OTHERS) if _OTHERS in names else -1)
        which = np.array([number.get(name, other if name else -1) for name in label.tolist()], np.int64)
        period = (outcome["time_ms"].to_numpy(np.int64) // DAY_MS - counts.first_day) // counts.step
        zone = zones_of(study, zones).outcome
        attacks = np.zeros((len(names), *counts.attacks.shape))
        inside = (which >= 0) & (zone >= 0) & (period >= 0) & (period < counts.attacks.shape[1])
        np.add.at(attacks, (which[inside], zone[inside], period[inside]), 1.0)
        attacks[:, counts.missing] = 0.0
        return _Sources(column, tuple(names), attacks.sum(axis=(1, 2)) / attacks.sum(), attacks)
    return None


def _response_blocks(fit: SeriesFit) -> list[int]:
    """Say which lags make up the two weeks after a strike."""
    last = max(_RESPONSE_DAYS // fit.counts.step, fit.columns.blocks[0][1])
    return [k for k, (_, far) in enumerate(fit.columns.blocks) if far <= last]


def _respond(fit: SeriesFit, sources: _Sources) -> tuple[Floats, Floats, slice]:
    """Fit all sources; give the shared coefficients, their covariance, and where responses stand."""
    made, counts = fit.columns, fit.counts
    many, (zones, n) = len(sources.names), counts.attacks.shape
    at = made.lags.start + np.array(_response_blocks(fit))
    recent = made.common[:, :, at].sum(axis=2)
    slow = trend_columns(n, counts.step, max(n * counts.step / 4, 90.0))
    width = slow.shape[1]
    # Responses first, then trends of sources; the first source has neither.
    extra = np.zeros((many, zones, n, (many - 1) * (1 + width)))
    for k in range(1, many):
        extra[k, :, :, k - 1] = recent
        begin = many - 1 + (k - 1) * width
        extra[k, :, :, begin : begin + width] = slow
    common = np.concatenate([np.broadcast_to(made.common, (many, *made.common.shape)), extra], axis=3)
    names = [*made.names, *(f"response of {name}" for name in sources.names[1:])]
    names += [f"slow trend of {name}" for name in sources.names[1:] for _ in range(width)]
    flat = replace(
        made, common=common.reshape(many * zones, n, -1), names=tuple(names),
        usable=np.tile(fit.model.used, (many, 1)),
    )  # fmt: skip
    attacks = sources.attacks.reshape(many * zones, n)
    usable = flat.usable & ((attacks * flat.usable).sum(axis=1) > 0)[:, None]
    model, _ = fit_shrunk(attacks, flat, usable)
    columns = len(names) + model.own.shape[1] - 1
    covariance = larger(by_time(model.bread, model.score, fit.together, columns), model.bread)
    return model.shared, covariance, slice(len(made.names), len(made.names) + many - 1)


def _table(
    fit: SeriesFit, sources: _Sources, effect: Floats, covariance: Floats, added: slice, level: float
) -> pd.DataFrame:
    """Give, by source, its response and the ratio of the longest horizon if its own reporting did not respond."""
    import pandas as pd
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    blocks = _response_blocks(fit)
    rows = []
    for k, name in enumerate(sources.names):
        value, error = _ratio(fit, effect, covariance, blocks, added.start + k - 1 if k else None)
        row = {"column": sources.column, "source": name, "share": float(sources.shares[k])}
        response = float(effect[added][k - 1]) if k else 0.0
        own = math.sqrt(max(float(covariance[added, added][k - 1, k - 1]), 0.0)) if k else 0.0
        row |= {"response": math.exp(response), "response_low": math.exp(response - z * own),
                "response_high": math.exp(response + z * own), "days": fit.days[-1],
                "rate_ratio": math.exp(value), "rate_ratio_low": math.exp(value - z * error),
                "rate_ratio_high": math.exp(value + z * error)}  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def _ratio(
    fit: SeriesFit, effect: Floats, covariance: Floats, blocks: Sequence[int], response: int | None
) -> tuple[float, float]:
    """Give the log ratio of the longest horizon as one source has it, and its standard error."""
    n = len(fit.columns.names)

    def ratio(shared: Floats) -> float:
        own = shared[:n].copy()
        if response is not None:
            own[fit.columns.lags.start + np.array(blocks)] += shared[response]
        return float(fit.ratios_at(own)[-1])

    value, slope = ratio(effect), np.zeros(len(effect))
    moving = [
        *range(fit.columns.past.start, fit.columns.lags.stop),
        *([response] if response is not None else []),
    ]
    for column in moving:
        moved = effect.copy()
        moved[column] += 1e-5
        slope[column] = (ratio(moved) - value) / 1e-5
    return value, math.sqrt(max(float(slope @ covariance @ slope), 0.0))


def _text(fit: SeriesFit, sources: _Sources, table: pd.DataFrame, p_value: float, passed: bool | None) -> str:
    first = sources.names[0]
    told = "; ".join(
        f"{row.source} {row.response:.2f} ({row.response_low:.2f} to {row.response_high:.2f})"
        for row in table.iloc[1:].itertuples()
    )
    ratios = "; ".join(
        f"{row.source} {row.rate_ratio:.2f} ({row.rate_ratio_low:.2f} to {row.rate_ratio_high:.2f})"
        for row in table.itertuples()
    )
    text = (
        f"Rows of each source ({sources.column}) against those of {first}, in the {_RESPONSE_DAYS} days after one "
        f"strike place-day more: {told} (p = {p_value:.2g}; alike means within a ratio of 1.25). "
        f"Ratio over {fit.days[-1]} days as each source has it: {ratios}."
    )
    if passed is False:
        text += " Sources part behind strikes: at most one of these ratios can be that of attacks."
    return text + " A change that all sources share is not seen."
