"""Dated counts in closed form, weighing by later states, and regression adjustment: against analytic posteriors."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy import stats

from afterstrike.containment._calibrate._counts import CountPart, _censored, count_posterior, pace_posterior
from afterstrike.containment._calibrate._simulated import StockTarget, regression_adjusted, resampled, weigh
from afterstrike.errors import EstimateRefused, UsageError

POINTS = np.array([0.05, 0.5, 0.95])


def target(value: float | None = 9000.0, **other: Any) -> StockTarget:
    given = {"low": None, "high": None, "approx": "about", "spread": 0.1} | other
    return StockTarget("detained_now", (), date(2025, 3, 4), value, **given)


def test_ranges_before_are_met() -> None:
    for form, before in (("rate", (0.1, 5.0)), ("share", (0.05, 0.9)), ("censored", (0.02, 2.0))):
        found = count_posterior("x", [CountPart(50, 100)], form=form, before=before)  # type: ignore[arg-type]
        assert found.prior_quantile(POINTS)[[0, 2]] == pytest.approx(before, rel=1e-3)


def test_rate_is_the_gamma_of_shape_and_rate() -> None:
    found = count_posterior("x", [CountPart(210, 196)], before=(0.1, 5.0))
    shape, rate = 1.0575731505368713, 0.6212614415871172  # of the Gamma with 0.1 and 5 as 5 and 95 % points
    assert stats.gamma.cdf([0.1, 5.0], shape, scale=1 / rate) == pytest.approx([0.05, 0.95], abs=1e-6)
    expected = stats.gamma.ppf(POINTS, shape + 210, scale=1 / (rate + 196))
    assert found.quantile(POINTS) == pytest.approx(expected, rel=1e-6)


def test_a_given_spread_divides_the_counts() -> None:
    plain, wide = (
        count_posterior("x", [CountPart(210, 196)], before=(0.1, 5.0), spread_ratio=ratio)
        for ratio in (1.0, 4.0)
    )
    prior = count_posterior("x", [CountPart(0, 1e-9)], before=(0.1, 5.0))
    assert wide.a - prior.a == pytest.approx(210 / 4) == pytest.approx((plain.a - prior.a) / 4)
    assert wide.b - prior.b == pytest.approx(196 / 4)
    assert "4 times" in wide.words()


def test_share_is_a_beta() -> None:
    found = count_posterior("x", [CountPart(166, 210)], form="share", before=(0.05, 0.95))
    # The Beta with 0.05 and 0.95 there is the uniform.
    assert found.quantile(POINTS) == pytest.approx(stats.beta.ppf(POINTS, 1 + 166, 1 + 44), rel=1e-4)


def test_parts_that_lie_apart_widen() -> None:
    alike = [CountPart(100, 100), CountPart(50, 50)]
    apart = [CountPart(130, 100), CountPart(20, 50)]
    widths = []
    for parts in (alike, apart):
        found = count_posterior("x", parts, before=(0.1, 5.0))
        widths.append(float(np.ptp(found.quantile(POINTS))))
    assert widths[1] > 2 * widths[0]
    assert count_posterior("x", alike, before=(0.1, 5.0)).spread_ratio == 1.0
    # Pearson by hand: rate 1, expected 100 and 50. Parts that lie apart are each a rate of its own.
    assert count_posterior("x", apart, before=(0.1, 5.0)).spread_ratio == pytest.approx(
        30**2 / 100 + 30**2 / 50
    )


def test_common_rate_of_parts_that_differ_is_covered() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(200):
        truth = float(np.exp(rng.uniform(np.log(0.3), np.log(2.5))))
        rates = truth * rng.lognormal(0, 0.4, 3)
        parts = [CountPart(float(rng.poisson(rate * 80)), 80) for rate in rates]
        low, high = count_posterior("x", parts, before=(0.1, 5.0)).quantile(np.array([0.05, 0.95]))
        held += low <= truth <= high
    assert 168 <= held <= 198


def test_censored_rate_lies_below_what_all_events_would_give() -> None:
    found = count_posterior("x", [CountPart(50, 100)], form="censored", before=(0.02, 2.0))
    low, middle, high = found.quantile(POINTS)
    assert 0.02 < low < middle < 0.5 < high < 0.8
    grid, cumulative = _censored(50, 100, (0.02, 2.0))
    assert (np.diff(cumulative) >= 0).all() and cumulative[-1] == 1 and len(grid) == len(cumulative)


def test_pace_of_an_even_fall_and_of_an_uneven_one() -> None:
    even = [(50e3 * np.exp(-0.1 * k), 50e3 * np.exp(-0.1 * (k + 1)), 1.0, "x") for k in range(6)]
    low, middle, high = pace_posterior("x", even, before=(0.01, 2.0)).quantile(POINTS)
    assert low < 0.1 < high and middle == pytest.approx(0.1, rel=0.15)
    uneven = [(5e4, 5e4 * np.exp(-pace), 1.0, "x") for pace in (0.03, 0.6, 0.05, 0.9, 0.1, 0.4)]
    wide = pace_posterior("x", uneven, before=(0.01, 2.0)).quantile(POINTS)
    assert wide[2] / wide[0] > 2 * high / low
    prior = pace_posterior("x", even[:1], before=(0.01, 2.0)).prior_quantile(POINTS)
    assert prior[[0, 2]] == pytest.approx([0.01, 2.0], rel=1e-6)


def test_pace_covers_the_next_stretch() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        paces = np.exp(rng.normal(np.log(0.15), rng.uniform(0.2, 0.9), 6))
        stretches = [(1e4, 1e4 * np.exp(-pace), 1.0, "x") for pace in paces[:5]]
        low, high = pace_posterior("x", stretches, before=(0.01, 2.0)).quantile(np.array([0.05, 0.95]))
        held += low <= paces[5] <= high
    assert 170 <= held <= 197


@pytest.mark.parametrize(
    "parts, options",
    [
        ([], {}),
        ([CountPart(-1, 10)], {}),
        ([CountPart(1, 0)], {}),
        ([CountPart(1, 2)], {"before": (2.0, 1.0)}),
        ([CountPart(3, 2)], {"form": "share", "before": (0.1, 0.9)}),
        ([CountPart(1, 2)], {"form": "share", "before": (0.1, 1.5)}),
        ([CountPart(1, 2)], {"spread_ratio": 0.5}),
        ([CountPart(1, 2)], {"form": "ratio"}),
    ],
)
def test_counts_that_cannot_be(parts: list[CountPart], options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        count_posterior("x", parts, **({"before": (0.1, 5.0)} | options))


def test_weighing_is_the_posterior() -> None:
    rng = np.random.default_rng(1)
    states = np.exp(rng.normal(np.log(8000), 0.3, 40_000))
    found = weigh(states[:, None], [target()])
    # Normal before (sd 0.3) and normal statement (sd 0.1), on the log scale.
    precision = 1 / 0.3**2 + 1 / 0.1**2
    middle = (np.log(8000) / 0.3**2 + np.log(9000) / 0.1**2) / precision
    logs = np.log(states)
    assert found.weights @ logs == pytest.approx(middle, abs=0.005)
    assert found.weights @ (logs - middle) ** 2 == pytest.approx(1 / precision, rel=0.05)
    again = np.log(states[resampled(found, rng)])
    assert again.mean() == pytest.approx(middle, abs=0.006)


def test_more_than_is_a_floor_and_a_range_a_range() -> None:
    over = target(42_000.0, approx="over", spread=0.05)
    chances = np.exp(over.log_chance(np.array([30_000, 42_000, 46_000, 70_000])))
    assert chances[1] == chances[2] == 1 and chances[0] < 0.01 and chances[3] < 0.01
    spread = target(None, low=1500.0, high=3000.0)
    inside, outside = spread.log_chance(np.array([2100.0, 6000.0]))
    assert inside > -0.1 and outside < -5
    assert "1,500 to 3,000" in spread.words()


def test_too_few_members_are_refused() -> None:
    states = np.full((1000, 1), 200.0)
    states[:20] = 9000.0
    with pytest.raises(EstimateRefused, match=r"20 effective members of 1,000; 100 are needed.*about 9,000"):
        weigh(states, [target()])


def test_simulation_agrees_with_the_closed_form_for_attack_counts() -> None:
    """Poisson counts have a likelihood: approximate Bayesian computation must come to the same posterior."""
    rng = np.random.default_rng(2)
    before = (0.05, 20.0)
    closed = count_posterior("attacks_per_day", [CountPart(153, 182)], before=before)
    rate = closed.prior_quantile(rng.random(60_000))
    counts = rng.poisson(rate * 182)
    # Wide enough that without the regression the posterior would be far too wide.
    near = (counts > 70) & (counts < 300)
    found, weights, effective = regression_adjusted(
        {"rate": rate[near]}, np.log(counts[near])[:, None], np.log([153.0]), keep=0.9
    )
    order = np.argsort(found["rate"])
    cumulative = np.cumsum(weights[order])
    simulated = found["rate"][order][np.searchsorted(cumulative, POINTS)]
    assert effective > 100
    assert simulated == pytest.approx(closed.quantile(POINTS), rel=0.03)


def test_regression_refuses_few_and_wrong_shapes() -> None:
    with pytest.raises(EstimateRefused, match="effective"):
        regression_adjusted({"x": np.ones(50)}, np.random.default_rng(0).random((50, 1)), np.array([0.5]))
    with pytest.raises(UsageError, match="keep"):
        regression_adjusted({"x": np.ones(5)}, np.ones((5, 2)), np.ones(1))
