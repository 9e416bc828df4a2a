"""The fit of weekly series: its parts against plain sums and scipy, recovery of a known truth, and its checks."""

from __future__ import annotations

import dataclasses
import importlib.util
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import lapack
from scipy.special import polygamma, psi

from afterstrike.containment._calibrate._series_counts import (
    _rises,
    _rises_on,
    count_slopes,
    count_value,
    third_moment_sum,
)
from afterstrike.containment._calibrate._series_fit import fit_series, make_problem
from afterstrike.containment._calibrate._series_integrate import Mixture
from afterstrike.containment._calibrate._series_model import (
    HYPER,
    Hyper,
    SeriesPrior,
    excitation_carry,
    memory,
    own_week,
    unit_memory,
)
from afterstrike.containment._calibrate._series_peak import Peak, _own_variance, _Setting, bent, climb
from afterstrike.containment._calibrate._series_simulate import simulate_weeks
from afterstrike.errors import UsageError


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


weekly = _load("weekly").weekly
TRUTH = Hyper(17.0, 0.015, 1.5, 0.3, 14.0)


def test_memory_is_the_sum_of_faded_strikes() -> None:
    strikes = np.array([2.0, 0.0, 5.0, 1.0, 0.0, 0.0])
    plain = [sum(strikes[s] * 2 ** (-7 * (t - s) / 10) for s in range(t)) for t in range(6)]
    later = [sum(strikes[s] * 2 ** (-7 * (t - s) / 10) for s in range(t - 1)) for t in range(6)]
    assert memory(strikes, 10.0, 1) == pytest.approx(plain)
    assert memory(strikes, 10.0, 2) == pytest.approx([max(one, 0) for one in later])


def test_the_middle_struck_week_leaves_half_suppression() -> None:
    alone = np.zeros(60)
    alone[[5, 30, 55]] = 8.0
    # Strikes far apart: just behind each one x = 1 - exp(-8 * unit) = 0.5.
    assert 1 - math.exp(-8 * unit_memory(alone, 5.0)) == pytest.approx(0.5, abs=1e-3)


def test_what_attacks_set_off_adds_up() -> None:
    counts = np.zeros(200)
    counts[3] = 10.0
    found = excitation_carry(counts, 14.0)
    # What does not fall into its own week falls into later ones; none is lost.
    assert found.sum() + 10 * own_week(14.0) == pytest.approx(10.0, rel=1e-6)
    assert (found[:4] == 0).all()


def test_own_week_by_a_plain_sum() -> None:
    rho = math.exp(-1 / 9.0)
    plain = np.mean([sum((1 - rho) * rho**k for k in range(6 - day)) for day in range(7)])
    assert own_week(9.0) == pytest.approx(plain)


@pytest.mark.parametrize("r", [1e-4, 0.3, 6.9, 50.0, 1e6])
@pytest.mark.parametrize("y", [0.0, 1.0, 12.0, 13.0, 400.0])
def test_rises_of_digamma_and_trigamma(y: float, r: float) -> None:
    first, second = _rises(y, r)
    assert first == pytest.approx(psi(y + r) - psi(r), rel=1e-7, abs=1e-12)
    assert second == pytest.approx(polygamma(1, y + r) - polygamma(1, r), rel=1e-6, abs=1e-12)


def test_count_value_is_scipys() -> None:
    counts, mean, excess = np.array([[0.0, 3.0, 40.0]]), np.array([[0.7, 2.0, 30.0]]), 0.6
    scipys = stats.nbinom.logpmf(counts, mean / excess, 1 / (1 + excess)).sum()
    assert count_value(counts, np.ones_like(counts), mean, excess) == pytest.approx(scipys)
    unseen = np.array([[1.0, 0.0, 1.0]])
    assert count_slopes(counts, unseen, mean, excess)[0][0, 1] == 0


def test_slopes_are_those_of_the_value() -> None:
    series = weekly(0.4, weeks=60, second=0.6)
    problem = make_problem(series, SeriesPrior(), 1, 1)
    setting = _Setting(problem, TRUTH)
    rng = np.random.default_rng(0)
    walk, coefficients = np.log(30) + rng.normal(0, 0.1, 60), rng.normal(0, 0.2, 4)
    parts = setting.slopes(walk, coefficients, False)
    step = 1e-5
    for k, unit in enumerate(np.eye(4)):
        numeric = (
            setting.value(walk, coefficients - step * unit) - setting.value(walk, coefficients + step * unit)
        ) / (2 * step)
        assert parts[1][k] == pytest.approx(numeric, rel=1e-5, abs=1e-5)
        moved = [setting.slopes(walk, coefficients + sign * step * unit, False) for sign in (1, -1)]
        assert parts[4][k] == pytest.approx((moved[0][1] - moved[1][1]) / (2 * step), rel=1e-4, abs=1e-3)
        assert parts[3][:, k] == pytest.approx((moved[0][0] - moved[1][0]) / (2 * step), rel=1e-4, abs=1e-3)


def _bend(peak: Peak) -> np.ndarray:
    """The whole precision of walk and coefficients, put together from its parts."""
    weeks, k = len(peak.walk), len(peak.coefficients)
    bend = np.zeros((weeks + k, weeks + k))
    bend[:weeks, :weeks] = np.diag(peak.precision) + np.diag(peak.off, 1) + np.diag(peak.off, -1)
    bend[:weeks, weeks:], bend[weeks:, :weeks] = peak.border, peak.border.T
    inside = np.linalg.solve(bend[:weeks, :weeks], peak.border)
    bend[weeks:, weeks:] = np.linalg.inv(peak.covariance) + peak.border.T @ inside
    return bend


def _sampled(problem: Any, hyper: Hyper, peak: Peak, n: int) -> float:
    """Log evidence by importance sampling about the peak."""
    setting, weeks = _Setting(problem, hyper), len(peak.walk)
    root = np.linalg.cholesky(np.linalg.inv(_bend(peak)))
    centre = np.concatenate([peak.walk, peak.coefficients])
    noise = np.random.default_rng(0).standard_normal((n, len(centre)))
    at = centre + noise @ root.T
    logs = np.array([setting.value(row[:weeks], row[weeks:]) for row in at])
    logs += 0.5 * (noise**2).sum(axis=1) + np.log(np.diag(root)).sum()
    weights = np.exp(logs - logs.max())
    return float(np.log(weights.mean()) + logs.max())


def test_draws_have_the_covariance_of_the_peak() -> None:
    problem = make_problem(weekly(0.4, weeks=60, second=0.6), SeriesPrior(), 1, 1)
    peak = climb(problem, TRUTH)
    assert peak is not None
    whole = np.linalg.inv(_bend(peak))
    one = Mixture((TRUTH,), (peak,), np.ones(1), 0.0, 1.0)
    _, coefficients, walk = one.draw(20_000, np.random.default_rng(0))
    found = np.cov(np.column_stack([walk, coefficients]).T)
    scale = np.sqrt(np.diag(whole))
    assert np.abs((found - whole) / np.outer(scale, scale)).max() < 0.05
    assert walk.mean(axis=0) == pytest.approx(peak.walk, abs=0.01)


def test_evidence_agrees_with_importance_sampling() -> None:
    series = weekly(0.4, weeks=60, level=6.0, seed=3)
    problem = make_problem(series, SeriesPrior(), 0, 1)
    peak = climb(problem, TRUTH)
    assert peak is not None
    sampled = _sampled(problem, TRUTH, peak, 4000)
    assert peak.log_evidence == pytest.approx(sampled, abs=0.1)


def test_sum_over_a_chain_is_the_whole_matrix() -> None:
    rng = np.random.default_rng(0)
    weeks = 30
    precision = (
        np.diag(3 + rng.random(weeks)) - np.diag(np.ones(weeks - 1), 1) - np.diag(np.ones(weeks - 1), -1)
    )
    factor, side, _ = lapack.dpttrf(np.diag(precision).copy(), np.diag(precision, 1).copy())
    whole = np.linalg.inv(precision)
    own = _own_variance(factor, side)
    assert own == pytest.approx(np.diag(whole))
    levers, x = rng.normal(0, 0.3, (weeks, 3)), rng.normal(0, 1, weeks)
    expected = x @ (whole + levers @ levers.T) ** 3 @ x
    assert third_moment_sum(-side, own, levers, x) == pytest.approx(expected)


@pytest.mark.parametrize("y", [0.0, 5.0, 13.0, 400.0])
def test_third_and_fourth_derivatives(y: float) -> None:
    for r in (0.05, 2.0, 30.0):
        third, fourth = _rises_on(y, r)
        assert third == pytest.approx(polygamma(2, y + r) - polygamma(2, r), rel=1e-6)
        assert fourth == pytest.approx(polygamma(3, y + r) - polygamma(3, r), rel=1e-6)


def test_skew_is_mended() -> None:
    """Much self-excitation and drift: the log rate leans, Laplace alone is off, the corrected evidence is not."""
    hyper = Hyper(17.0, 0.06, 1.5, 0.3, 14.0)
    problem = make_problem(weekly(0.4, weeks=60, level=8.0, seed=2), SeriesPrior(), 0, 1)
    peak = climb(problem, hyper)
    assert peak is not None
    mended = bent(problem, hyper, peak)
    sampled = _sampled(problem, hyper, peak, 6000)
    assert abs(mended.log_evidence - sampled) < 0.03 < abs(peak.log_evidence - sampled)


@pytest.mark.parametrize("effect", [0.7, -0.7])
def test_known_effect_is_found_with_its_sign(effect: float) -> None:
    fit = fit_series(weekly(effect, level=60.0), lull_per_target=0.3, harmonics=1, points=64)
    draws = fit.draws(2000)
    low, high = np.quantile(draws.strike_effect, [0.05, 0.95])
    assert low < effect < high
    assert (fit.chance_fewer > 0.95) == (effect > 0) and (fit.chance_fewer < 0.05) == (effect < 0)
    for name, truth in zip(HYPER, (17.0, 0.015, 1.5, 0.3, 14.0), strict=True):
        one, two = np.quantile(draws.parameter(name), [0.005, 0.995])
        assert one < truth < two, name


def test_ranks_of_the_truth_are_even() -> None:
    """A small simulation-based calibration; the large one is tools/measure_containment.py."""
    prior = SeriesPrior(
        level=(np.log(15.0), 0.5), quantiles={"drift_sd": lambda u: 0.01 + 0.03 * np.asarray(u)}
    )
    ranks = []
    for seed in range(24):
        rng = np.random.default_rng(seed)
        hyper = prior.hyper(rng.standard_normal(len(HYPER)))
        effect, level = rng.normal(*prior.strike_effect), rng.normal(*prior.level or (0, 1))
        weeks = 80
        steps = rng.normal(0, hyper.drift_sd * 7**0.5, weeks)
        steps[0] = level
        hit = rng.poisson(0.8, weeks).astype(float)
        row = np.array([[getattr(hyper, name) for name in HYPER]])
        counts, _ = simulate_weeks(
            np.cumsum(steps)[None], row, strike_effect=np.array([effect]), strikes=hit, unit=0.4, rng=rng
        )
        base = weekly(0.0, weeks=weeks)
        series = dataclasses.replace(base, attacks=counts[0], strikes=hit)
        fit = fit_series(series, prior=prior, lull_per_target=0.4, harmonics=0, points=64, seed=seed)
        draws = fit.draws(600)
        ranks.append(
            [float((draws.strike_effect < effect).mean()), float((draws.hyper < row).mean(axis=0)[2])]
        )
    for column in np.array(ranks).T:
        assert stats.kstest(column, "uniform").pvalue > 0.002


def test_scale_of_strikes_does_not_matter() -> None:
    series = weekly(0.5)
    more = dataclasses.replace(series, strikes=series.strikes * 10)
    one, two = (fit_series(each, points=64).chance_fewer for each in (series, more))
    assert one == pytest.approx(two, abs=1e-6)


def test_same_seed_same_draws() -> None:
    series = weekly(0.3, weeks=60)
    one, two = (fit_series(series, points=64, seed=5).draws(100).strike_effect for _ in range(2))
    assert (one == two).all()


def test_missing_weeks_are_not_zeros() -> None:
    series = weekly(0.0, level=40.0)
    gone = series.attacks.copy()
    gone[0, 60:80] = np.nan
    holed = fit_series(dataclasses.replace(series, attacks=gone), points=64)
    zeros = np.nan_to_num(gone)
    zeroed = fit_series(dataclasses.replace(series, attacks=zeros), points=64)
    middle = [np.exp(fit.draws(300).walk[:, 70]).mean() for fit in (holed, zeroed)]
    assert middle[0] > 15 > middle[1]


def test_checks_pass_where_the_model_holds() -> None:
    fit = fit_series(weekly(0.2, second=0.6, seed=11), points=64)
    checks = {one.check_name: one for one in fit.checks()}
    assert all(one.passed is not False for one in checks.values())
    assert checks["reporting by source"].passed is True
    assert checks["replicated series: total"].passed is True


def test_reporting_that_falls_is_caught_by_the_other_source() -> None:
    share = np.exp(np.log(0.3) * np.linspace(0, 1, 156))
    fit = fit_series(weekly(0.0, second=0.6, first=share), points=64)
    checks = {one.check_name: one for one in fit.checks()}
    assert checks["reporting by source"].passed is False
    alone = fit_series(weekly(0.0, first=share), points=64)
    checks = {one.check_name: one for one in alone.checks()}
    # With one source nothing can tell, and it says so.
    assert checks["reporting by source"].passed is None


def test_a_world_sure_of_the_wrong_sign_is_caught() -> None:
    series = weekly(-0.7, level=60.0)
    sure = fit_series(series, prior=SeriesPrior(strike_effect=(0.5, 0.1)), lull_per_target=0.3, points=64)
    checks = {one.check_name: one for one in sure.checks()}
    assert checks["prior against data: strike effect"].passed is False
    assert fit_series(series, lull_per_target=0.3, points=64).chance_fewer < 0.05


@pytest.mark.parametrize(
    "options",
    [{"lag_weeks": 0}, {"lag_weeks": True}, {"harmonics": 9}, {"points": 1}, {"lull_per_target": -1.0}],
)
def test_options_out_of_bounds(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="allowed"):
        fit_series(weekly(weeks=60), **options)


def test_prior_of_an_unknown_name() -> None:
    with pytest.raises(UsageError, match="allowed lull_halflife"):
        SeriesPrior(quantiles={"half_life": lambda u: u})
    with pytest.raises(UsageError, match="spread"):
        SeriesPrior(strike_effect=(0.0, 0.0))


@pytest.mark.slow
def test_agrees_with_nuts() -> None:
    pytest.importorskip("numpyro", reason="the extra afterstrike[bayes] is not installed")
    from afterstrike.containment._calibrate._series_sampler import sample_series

    series = weekly(0.6, weeks=70, level=8.0, seed=4)
    fast = fit_series(series, harmonics=1, seed=1)
    found = fast.parameters(fast.draws(6000))
    sampled = sample_series(series, harmonics=1, draws=600, warmup=300, chains=1)
    assert sampled["r_hat"] < 1.1
    for name in ("strike_effect", *HYPER):
        spread = float(np.std(sampled[name]))
        assert np.median(found[name]) == pytest.approx(np.median(sampled[name]), abs=0.25 * spread), name
        ends = [np.quantile(each, [0.05, 0.95]) for each in (found[name], sampled[name])]
        assert np.diff(ends[0])[0] == pytest.approx(np.diff(ends[1])[0], rel=0.3), name
