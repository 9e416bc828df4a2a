"""Quiet days: days' worth of attacks that one more expected strike on one day goes with."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...errors import EstimateRefused, UsageError
from ._contrast import bartlett_variance, freedom_of
from ._run import Run
from ._weights import LEAST_EFFECTIVE

__all__ = ["QuietDays", "quiet_days"]


@dataclass(frozen=True)
class QuietDays:
    """Days' worth of recorded attacks fewer, per additional expected strike on one day; negative: more.

    Parameters
    ----------
    estimate, low, high, level
        In days' worth of attacks over the `days` after; low and high are missing below an effective sample
        of 30.
    days, area
        Horizon and where.
    reason
        Why there is no interval.
    """

    estimate: float
    low: float
    high: float
    level: float
    days: int
    area: str
    reason: str = ""

    def sentence(self) -> str:
        """Say it in a sentence."""
        kind = "fewer" if self.estimate >= 0 else "more"
        head = (
            f"In the {self.days} {'day' if self.days == 1 else 'days'} after a day with one more expected "
            f"strike, {self.area}: "
            f"{abs(self.estimate):.2f} days' worth of recorded attacks {kind}"
        )
        if math.isnan(self.low):
            return f"{head}; no interval: {self.reason}."
        head += f" ({self.level:.0%} interval {self.low:+.2f} to {self.high:+.2f}, positive is fewer)"
        return head + (". Cannot tell which sign." if self.low <= 0 <= self.high else ".")


def quiet_days(run: Run, days: int, area: str | None, policy: str | None, level: float) -> QuietDays:
    from scipy.stats import t as student

    names = [one.name for one in run.areas]
    labels = [one.name for one in run.policies]
    area, policy = names[0] if area is None else area, labels[-1] if policy is None else policy
    if area not in names or policy not in labels[1:]:
        raise UsageError(
            f"area={area!r}, policy={policy!r}; allowed areas {', '.join(names)}; "
            f"policies {', '.join(labels[1:])}"
        )
    space = run.propensity.space
    if any(one.span != "first_period" for one in run.weights.values()) or space.period_days != 1:
        raise EstimateRefused(
            "quiet days need periods of one day and InterventionDesign(span='first_period')"
        )
    n = space.n_periods
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days < n - 1:
        raise UsageError(f"days={days!r}; allowed 1 to {n - 2}")
    daily = run.totals[:, names.index(area)]
    after = np.lib.stride_tricks.sliding_window_view(daily[1:], days).sum(axis=1)
    one, two = run.policies[0], run.policies[labels.index(policy)]
    extra = float((two.expected - one.expected).mean())
    if abs(extra) < 1e-12 or daily.mean() <= 0:
        raise EstimateRefused("both policies expect equally many strikes, or there is no outcome to lose")
    parts, means, every, effective = [], [], [], math.inf
    for each in (one, two):
        ratio = (each.log_density - run.propensity.log_density)[: len(after)]
        raised = np.exp(ratio - ratio.max())
        shares = raised / raised.sum()
        effective = min(effective, float(1 / (shares**2).sum()))
        told = [w.expected_sample for (name, _), w in run.weights.items() if name == each.name]
        effective = min([effective, *(value for value in told if not math.isnan(value))])
        every.append(shares)
        means.append(float(shares @ after))
        parts.append(shares * (after - means[-1]))
    width = days + int(len(after) ** (1 / 3))
    error = math.sqrt(float(bartlett_variance((parts[1] - parts[0])[:, None], width)[0]))
    scale = -1 / (extra * float(daily.mean()))
    estimate = scale * (means[1] - means[0])
    if effective < LEAST_EFFECTIVE:
        why = f"effective sample {effective:.1f}, below {LEAST_EFFECTIVE:g}"
        return QuietDays(estimate, math.nan, math.nan, level, days, area, why)
    freedom = freedom_of(every[0], every[1], width, effective)
    half = float(student.ppf((1 + level) / 2, freedom)) * abs(scale) * error
    return QuietDays(estimate, estimate - half, estimate + half, level, days, area)
