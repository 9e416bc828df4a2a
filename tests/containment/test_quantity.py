"""A number's range and the distribution fitted to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from afterstrike.containment import Quantity

POINTS = np.array([0.05, 0.5, 0.95])


def number(
    low: float, high: float, median: float | None = None, shape: str = "normal", **more: float
) -> Quantity:
    return Quantity("x", low, high, median, shape, "days", "S", "scenario assumption", **more)  # type: ignore[arg-type]


@st.composite
def ranges(draw: st.DrawFn) -> Quantity:
    shape = draw(st.sampled_from(["uniform", "normal", "lognormal", "logit_normal"]))
    least, most = {"lognormal": (1e-4, 1e4), "logit_normal": (0.001, 0.999)}.get(shape, (-1e3, 1e3))
    low, median, high = sorted(draw(st.lists(st.floats(least, most), min_size=3, max_size=3)))
    assume(high - low > 1e-3 * max(1.0, abs(high)))
    bounds = {}
    if draw(st.booleans()):
        bounds["minimum"] = low - draw(st.floats(0, 1)) * (high - low)
    if draw(st.booleans()):
        bounds["maximum"] = high + draw(st.floats(0, 1)) * (high - low)
    return number(low, high, draw(st.sampled_from([None, median])), shape, **bounds)


@settings(max_examples=200, deadline=None)
@given(ranges())
def test_the_points_hold_in_order_and_within_the_bounds(made: Quantity) -> None:
    low, middle, high = made.quantile(POINTS)
    scale = max(abs(made.low), abs(made.high), made.high - made.low)
    assert low == pytest.approx(made.low, rel=1e-9, abs=1e-9 * scale)
    assert high == pytest.approx(made.high, rel=1e-9, abs=1e-9 * scale)
    if made.median is not None:
        assert middle == pytest.approx(made.median, rel=1e-9, abs=1e-9 * scale)
    values = made.quantile(np.linspace(1e-9, 1 - 1e-9, 2001))
    assert np.isfinite(values).all()
    assert (np.diff(values) >= -1e-12 * scale).all(), "the values rise with the fraction"
    assert values.min() >= made.minimum and values.max() <= made.maximum


def test_a_normal_range_has_the_standard_deviation_it_should() -> None:
    # Normal(0, 0.35): the 95 % point is 1.6449 standard deviations up
    drawn = number(-0.5757, 0.5757).quantile((np.arange(200_000) + 0.5) / 200_000)
    assert drawn.std() == pytest.approx(0.35, rel=1e-3)
    assert drawn.mean() == pytest.approx(0.0, abs=1e-9)


def test_a_lognormal_range_without_a_median_has_the_geometric_mean_in_the_middle() -> None:
    assert number(5, 60, shape="lognormal").middle == pytest.approx(math.sqrt(300))


def test_a_median_that_the_ends_alone_would_not_give_is_kept_and_each_half_has_its_width() -> None:
    made = number(1500, 6500, 2800, "lognormal")
    below, above = made.quantile(np.array([0.25, 0.75]))
    assert made.middle == pytest.approx(2800)
    assert math.log(2800 / below) / math.log(2800 / 1500) == pytest.approx(
        math.log(above / 2800) / math.log(6500 / 2800)
    )


def test_truncation_draws_in_the_tail_alone() -> None:
    whole, cut = (
        number(1.2, 5, shape="lognormal"),
        number(1.2, 5, shape="lognormal", minimum=1.1, maximum=5.5),
    )
    u = np.linspace(0.0001, 0.9999, 5001)
    free, held = whole.quantile(u), cut.quantile(u)
    inside = (u >= 0.05) & (u <= 0.95)
    assert np.array_equal(free[inside], held[inside])
    assert free.min() < 1.1 and free.max() > 5.5, "the untruncated one passes the bounds"
    assert held.min() >= 1.1 and held.max() <= 5.5
    assert len(np.unique(held[u < 0.05])) > 200, "no heap of draws on the bound"
    assert held[u < 0.001][0] == pytest.approx(1.1, rel=1e-3), "the tail reaches the bound"
    beside = cut.quantile(np.array([0.05 - 1e-7, 0.05 + 1e-7, 0.95 - 1e-7, 0.95 + 1e-7]))
    assert beside == pytest.approx([1.2, 1.2, 5, 5], rel=1e-4), "no gap where a tail begins"


def test_a_uniform_range_reaches_beyond_its_points_by_a_ninth_at_most() -> None:
    values = number(0.1, 1.0, shape="uniform").quantile(np.array([1e-12, 1 - 1e-12]))
    assert values == pytest.approx([0.05, 1.05])
    assert number(0.1, 1.0, shape="uniform", maximum=1.0).quantile(np.array([0.999]))[0] == 1.0


def test_a_fixed_number_is_itself_for_every_fraction() -> None:
    assert set(number(7, 7, shape="fixed").quantile(POINTS)) == {7.0}


def test_what_is_assumed() -> None:
    assert number(1, 2).is_assumption
    stated = Quantity("x", 1, 2, None, "normal", "days", "L", "somebody")
    assert not stated.is_assumption
    assert Quantity(
        "x", 1, 2, None, "normal", "days", "L", "an article", claimed_by_article=True
    ).is_assumption
