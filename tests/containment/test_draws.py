"""Counts by counter: exact, in step, and rising with their rate."""

from __future__ import annotations

import numba as nb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from afterstrike.containment import _draws as draws

KEY = np.uint64(draws.member_key(np.uint64(7), np.uint64(3)))
ROWS = 20_000


@nb.njit
def _many(kind, first, second, rows, key):  # type: ignore[no-untyped-def]
    out = np.empty(rows)
    for k in range(rows):
        counter = np.uint64(k) * np.uint64(65536)
        if kind == 0:
            out[k] = draws.poisson(first, key, counter)
        elif kind == 1:
            out[k] = draws.binomial(int(first), second, key, counter)
        elif kind == 2:
            out[k] = draws.negative_binomial(first, second, np.log(second), key, counter)
        elif kind == 6:
            out[k] = draws.leavers(int(first), second, key, counter)
        elif kind == 3:
            out[k] = draws.standard_normal(draws.uniform(key, counter))
        elif kind == 4:
            out[k] = draws.power_law(
                draws.uniform(key, counter), first, second, (second + 1.0) ** (1.0 - first)
            )
        else:
            out[k] = draws.uniform(key, counter)
    return out


def many(kind: int, first: float = 0.0, second: float = 0.0, rows: int = ROWS) -> np.ndarray:
    made: np.ndarray = _many(kind, float(first), float(second), rows, KEY)
    return made


UNIFORM = many(5)


def _first(member: int) -> float:
    key = np.uint64(draws.member_key(np.uint64(0), np.uint64(member)))
    return float(draws.uniform(key, np.uint64(0)))


def test_uniforms_are_uniform_and_independent() -> None:
    """Across counters, members, names: no pattern a test of uniformity or correlation would see."""
    columns = {
        "counter": UNIFORM,
        "name": draws.uniforms(0, ROWS, "fighters"),
        "other name": draws.uniforms(0, ROWS, "fighters_"),
        "other seed": draws.uniforms(1, ROWS, "fighters"),
        "member": np.array(
            [
                draws.uniform(np.uint64(draws.member_key(np.uint64(0), np.uint64(m))), np.uint64(0))
                for m in range(4000)
            ]
        ),
    }
    for name, values in columns.items():
        assert stats.kstest(values, "uniform").pvalue > 1e-4, name
        assert abs(np.corrcoef(values[:-1], values[1:])[0, 1]) < 5 / np.sqrt(values.size), name
    assert abs(np.corrcoef(columns["name"], columns["other name"])[0, 1]) < 0.04
    assert abs(np.corrcoef(columns["name"], columns["other seed"])[0, 1]) < 0.04


def test_a_name_has_its_own_stream_and_a_member_its_own_number() -> None:
    """More members, or members from the middle: the same numbers."""
    assert (draws.uniforms(4, 50, "a")[20:] == draws.uniforms(4, 30, "a", first=20)).all()


@pytest.mark.parametrize("mean", [1e-6, 0.3, 4.0, 60.0, 399.0])
def test_poisson_is_the_inverse_distribution_function(mean: float) -> None:
    """The same count as SciPy's inverse at the same uniform."""
    assert (many(0, mean) == stats.poisson.ppf(UNIFORM, mean)).all()


@pytest.mark.parametrize(
    ("trials", "share"), [(1, 0.5), (10, 0.3), (2500, 1e-4), (10**9, 1e-8), (700, 0.55), (3, 0.99)]
)
def test_binomial_is_the_inverse_distribution_function(trials: int, share: float) -> None:
    """Also for a share above a half, which is drawn by its complement."""
    assert (many(1, trials, share) == stats.binom.ppf(UNIFORM, trials, share)).all()


@pytest.mark.parametrize(
    ("people", "hazard"), [(1, 0.3), (50, 1e-4), (5000, 3e-4), (900, 0.02), (40, 0.9), (9000, 0.1)]
)
def test_leavers_are_a_binomial_count_by_hazard(people: int, hazard: float) -> None:
    """Each leaves with chance 1 - exp(-hazard)."""
    if people * hazard <= 400:
        assert (many(6, people, hazard) == stats.binom.ppf(UNIFORM, people, -np.expm1(-hazard))).all()
    else:
        assert (many(6, people, hazard) == many(1, people, -np.expm1(-hazard))).all()


@pytest.mark.parametrize(("mean", "ratio"), [(0.2, 1.3), (5.0, 4.0), (300.0, 1.5), (3.0, 1.0)])
def test_negative_binomial_is_the_inverse_distribution_function(mean: float, ratio: float) -> None:
    """Variance is ratio times mean; ratio 1 is Poisson."""
    if ratio == 1.0:
        assert (many(2, mean, ratio) == stats.poisson.ppf(UNIFORM, mean)).all()
    else:
        assert (many(2, mean, ratio) == stats.nbinom.ppf(UNIFORM, mean / (ratio - 1.0), 1.0 / ratio)).all()


@pytest.mark.parametrize(
    ("kind", "first", "second", "mean", "variance"),
    [(0, 5000.0, 0.0, 5000.0, 5000.0), (1, 10_000, 0.4, 4000.0, 2400.0), (1, 10_000, 0.7, 7000.0, 2100.0),
     (2, 2000.0, 3.0, 2000.0, 6000.0)],
)  # fmt: skip
def test_large_counts_in_pieces_keep_mean_and_variance(
    kind: int, first: float, second: float, mean: float, variance: float
) -> None:
    """Above 400 a count is a sum of pieces with chance of their own."""
    values = many(kind, first, second)
    assert abs(values.mean() - mean) < 5 * np.sqrt(variance / ROWS)
    assert abs(values.var() / variance - 1.0) < 5 * np.sqrt(2 / ROWS)


def test_normal_is_the_inverse_distribution_function() -> None:
    """To rounding, tails included."""
    assert np.abs(many(3) - special.ndtri(UNIFORM)).max() < 1e-12
    for tail in (1e-15, 1e-8, 0.5, 1 - 1e-8):
        assert draws.standard_normal(tail) == pytest.approx(special.ndtri(tail), rel=1e-10, abs=1e-12)


def test_power_law_has_its_tail() -> None:
    """P(at least k) of a rounded-down Pareto number, cut above."""
    values = many(4, 2.5, 100.0)
    assert values.min() == 1 and values.max() <= 100
    whole = 1.0 - 101.0**-1.5
    for k in (2, 5, 20):
        expected = 1.0 - (1.0 - k**-1.5) / whole
        assert abs((values >= k).mean() - expected) < 5 * np.sqrt(expected / ROWS)


@given(st.floats(0.01, 300.0), st.floats(1.0, 1.5), st.integers(0, 2**40))
@settings(max_examples=150, deadline=None)
def test_more_never_draws_less(mean: float, more: float, counter: int) -> None:
    """At one counter a higher rate, or a higher share, gives no smaller count."""
    at = np.uint64(counter * 65536)
    assert draws.poisson(mean, KEY, at) <= draws.poisson(mean * more, KEY, at)
    share = min(mean / 400.0, 0.999)
    assert draws.binomial(500, share, KEY, at) <= draws.binomial(500, min(share * more, 1.0), KEY, at)


def test_nothing_out_of_nothing() -> None:
    """Means and shares of 0 or less, no trials, a share of 1."""
    at = np.uint64(0)
    assert draws.poisson(0.0, KEY, at) == draws.poisson(-1.0, KEY, at) == 0
    assert draws.binomial(0, 0.5, KEY, at) == draws.binomial(9, 0.0, KEY, at) == 0
    assert draws.binomial(9, 1.0, KEY, at) == 9
    assert draws.negative_binomial(0.0, 3.0, np.log(3.0), KEY, at) == 0
