"""The parts of the peer's convention against closed forms and definitions of their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from afterstrike.effects._mwa._cem import automatic_cutpoints, bins_of, match, strata_of
from afterstrike.effects._mwa._imbalance import imbalance, pretty
from afterstrike.effects._mwa._leastsquares import fit_line, t_two_sided
from afterstrike.effects._mwa._negbin import fit_negative_binomial
from afterstrike.effects._mwa._text import as_text, category_text, round_half_even, through_text

NUMBERS = st.lists(
    st.floats(-1e12, 1e12, allow_subnormal=False)
    | st.floats(-200, 200)
    | st.integers(-1000, 1000).map(float),
    min_size=1,
    max_size=12,
).map(lambda values: np.array([0.0 if abs(value) < 1e-12 else value for value in values]))


def decimals_needed(value: float) -> int:
    """Count the decimals of a number written with seven significant digits and no trailing zeros."""
    mantissa, exponent = f"{value:.6e}".split("e")
    digits = len(mantissa.replace("-", "").replace(".", "").rstrip("0"))
    return max(0, digits - int(exponent) - 1)


@settings(max_examples=400, deadline=None)
@given(NUMBERS)
def test_text_shows_each_entry_to_seven_digits_with_common_decimals(values: np.ndarray) -> None:
    shown = as_text(values)
    assert len({len(text) for text in shown}) == 1
    back = np.array([float(text) for text in shown])
    np.testing.assert_array_equal(through_text(values), back)
    assert all(abs(a - b) <= 0.5000001e-6 * abs(b) for a, b in zip(back, values, strict=True))
    if "e" not in shown[0]:
        decimals = max(decimals_needed(value) for value in values)
        assert [text.strip() for text in shown] == [f"{value:.{decimals}f}" for value in values]
    else:
        assert len(shown[0]) < max(len(f"{value:.{max(map(decimals_needed, values))}f}") for value in values)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([1, 10], [" 1", "10"]),
        ([100000, 1], ["1e+05", "1e+00"]),
        ([123456], ["123456"]),
        ([-1.5, 22.25], ["-1.50", "22.25"]),
        ([9.99999999, 1], ["10", " 1"]),
        ([0.1 + 0.2, 0], ["0.3", "0.0"]),
        ([1e-300, 1], ["1e-300", " 1e+00"]),
    ],
)
def test_text_of_known_columns(values: list[float], shown: list[str]) -> None:
    assert as_text(np.array(values, float)) == shown


def test_codes_are_padded_words_are_not() -> None:
    assert category_text(np.array([1, 10, -3])) == [" 1", "10", "-3"]
    assert category_text(np.array([1.5, 10.0])) == [" 1.5", "10.0"]
    assert category_text(np.array(["a", "bcd"], object)) == ["a", "bcd"]
    assert category_text(np.array([True, False])) == ["TRUE", "FALSE"]


@settings(max_examples=300, deadline=None)
@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_rounding_goes_to_a_nearest_decimal(value: float, digits: int) -> None:
    rounded = round_half_even(value, digits)
    assert abs(rounded - value) <= 0.5 * 10.0**-digits * (1 + 1e-9)
    assert round_half_even(-value, digits) == -rounded
    assert rounded == round(rounded, digits)


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.15, 0.1), (0.25, 0.2), (0.35, 0.3), (2.5, 2.5), (6.25, 6.2), (43.75, 43.8)]
)
def test_rounding_at_one_decimal(value: float, rounded: float) -> None:
    assert round_half_even(value, 1) == rounded


@pytest.mark.parametrize(
    ("low", "high", "intervals", "breaks"),
    [
        (1, 10, 5, [0, 2, 4, 6, 8, 10]),
        (1, 10, 10, list(range(1, 11))),
        (1, 10, 21, [1 + 0.5 * i for i in range(19)]),
        (1, 20, 10, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]),
        (0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 1, 2, [0, 0.5, 1]),
        (1, 48, 5, [0, 10, 20, 30, 40, 50]),
        (-3, 4, 7, [-3, -2, -1, 0, 1, 2, 3, 4]),
        (5, 5, 1, [4, 6]),
    ],
)
def test_round_breaks(low: float, high: float, intervals: int, breaks: list[float]) -> None:
    found = pretty(float(low), float(high), intervals)
    if low == high:
        assert found[0] <= low <= found[-1]
    else:
        np.testing.assert_allclose(found, breaks, atol=1e-15)


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e5), st.integers(1, 40))
def test_round_breaks_cover_the_range_in_about_that_many_steps(
    low: float, spread: float, intervals: int
) -> None:
    found = pretty(low, low + spread, intervals)
    slack = 1e-9 * (found[1] - found[0])
    assert found[0] <= low + slack and found[-1] >= low + spread - slack
    steps = np.diff(found)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    assert intervals / 2.6 - 1 <= len(steps) <= intervals * 2.6 + 2


def test_bins_are_closed_on_the_right_and_the_first_on_both_sides() -> None:
    breaks = np.array([0.0, 1.0, 2.0, 3.0])
    values = np.array([0.0, 0.5, 1.0, 1.000001, 2.0, 3.0, 3.000001, -0.1, np.nan])
    assert bins_of(values, breaks).tolist() == [0, 0, 0, 1, 1, 2, -1, -1, -1]


def test_sturges_points() -> None:
    assert len(automatic_cutpoints(np.linspace(0, 1, 75))) == 8
    assert len(automatic_cutpoints(np.linspace(0, 1, 64))) == 7
    assert automatic_cutpoints(np.array([2.0, 2.0])).tolist() == [2.0]
    assert automatic_cutpoints(np.array([2.0, 5.0])).tolist() == [2.0, 5.0]


def test_strata_keep_outside_values_together_and_survive_many_variables() -> None:
    rng = np.random.default_rng(0)
    binned = [rng.integers(-1, 15, 200) for _ in range(40)]
    binned = [np.concatenate([column, column]) for column in binned]
    strata, total = strata_of(binned, [15] * 40, 400)
    assert total == len({tuple(row) for row in np.column_stack(binned)})
    assert (strata[:200] == strata[200:]).all()


def test_weights_give_controls_the_mix_of_treatments() -> None:
    strata = np.array([0, 0, 0, 1, 1, 1, 2, 3])
    treated = np.array([True, False, False, True, True, False, True, False])
    found = match(strata, 4, treated)
    assert found.matched.tolist() == [True] * 6 + [False] * 2
    # Three matched controls for three matched treatments: one to share by two, one to stand for two.
    assert found.weights.tolist() == [1, 0.5, 0.5, 1, 1, 2, 0, 0]
    nobody = match(np.array([0, 1]), 2, np.array([True, False]))
    assert not nobody.matched.any() and nobody.weights.tolist() == [0, 0]


def test_imbalance_is_nought_for_the_same_and_one_for_the_disjoint() -> None:
    values = np.tile(np.arange(20.0), 2)
    treated = np.repeat([True, False], 20)
    assert imbalance([values], treated) == (0.0, 100.0)
    assert imbalance([values + 1000 * treated], treated)[0] == 1.0
    assert imbalance([np.ones(40)], treated) == (0.0, 100.0)
    assert np.isnan(imbalance([values], np.ones(40, bool))[0])


def test_least_squares_against_normal_equations() -> None:
    rng = np.random.default_rng(2)
    design = np.column_stack([np.ones(40), rng.normal(size=(40, 3))])
    response, weights = rng.normal(size=40), rng.uniform(0.2, 3, 40)
    for given_weights, w in ((None, np.ones(40)), (weights, weights)):
        fit = fit_line(design, response, given_weights)
        cross = np.linalg.inv(design.T @ (design * w[:, None]))
        coefficients = cross @ design.T @ (w * response)
        residuals = response - design @ coefficients
        variance = (w * residuals**2).sum() / 36
        np.testing.assert_allclose(fit.coefficients, coefficients, rtol=1e-10)
        np.testing.assert_allclose(fit.std_errors, np.sqrt(np.diag(cross) * variance), rtol=1e-10)
        centred = (w * (response - (w * response).sum() / w.sum()) ** 2).sum()
        adj_r2 = 1 - (w * residuals**2).sum() / 36 / (centred / 39)
        np.testing.assert_allclose(fit.adj_r2, adj_r2, rtol=1e-9)


def test_least_squares_sees_columns_that_add_nothing() -> None:
    ones, steps = np.ones(6), np.arange(6.0)
    y = np.array([1.0, 2, 0, 4, 3, 5])
    assert fit_line(np.column_stack([ones, steps]), y).full_rank
    for useless in (0 * ones, 7 * ones, 3 * steps - 2, steps + 1e-9 * np.array([1, -1, 1, -1, 1, -1])):
        assert not fit_line(np.column_stack([ones, steps, useless]), y).full_rank
    assert not fit_line(np.column_stack([ones, steps, steps**2])[:2], y[:2]).full_rank


def test_p_values_far_in_the_tail() -> None:
    for t, freedom in ((2.0, 10), (30.0, 100), (-30.0, 3000), (0.0, 5)):
        assert t_two_sided(t, freedom) == pytest.approx(2 * stats.t.sf(abs(t), freedom), rel=1e-10)
    assert np.isnan(t_two_sided(float("nan"), 5)) and np.isnan(t_two_sided(1.0, 0))


def test_negative_binomial_is_at_the_top_of_its_likelihood() -> None:
    rng = np.random.default_rng(4)
    design = np.column_stack([np.ones(600), rng.poisson(3, 600), rng.integers(0, 2, 600)]).astype(float)
    mean = design @ np.array([9.0, 0.5, 3.0])
    y = rng.negative_binomial(8.0, 8.0 / (8.0 + mean)).astype(float)
    fit = fit_negative_binomial(design, y)
    assert fit.reason == ""
    np.testing.assert_allclose(fit.coefficients, [9.0, 0.5, 3.0], atol=4 * fit.std_errors.max())

    def loss(parameters: np.ndarray) -> float:
        mu, theta = design @ parameters[:3], np.exp(parameters[3])
        if np.any(mu <= 0):
            return 1e9
        terms = special.gammaln(theta + y) - special.gammaln(theta) + theta * np.log(theta) + y * np.log(mu)
        return float(-np.sum(terms - (theta + y) * np.log(theta + mu)))

    best = optimize.minimize(
        loss,
        [9.0, 0.5, 3.0, 2.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 9000},
    )
    np.testing.assert_allclose(fit.coefficients, best.x[:3], atol=1e-4)


def test_negative_binomial_says_why_there_is_no_fit() -> None:
    ones = np.ones(8)
    design = np.column_stack([ones, np.array([0.0, 0, 0, 0, 0, 0, 0, 50]), np.tile([0.0, 1.0], 4)])
    fit = fit_negative_binomial(design, np.array([9.0, 0, 8, 0, 9, 0, 8, 0]))
    assert fit.reason.startswith("negative binomial:")
    assert np.isnan(fit.coefficients).all()
