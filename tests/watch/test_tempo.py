"""The tempo test: exact where it claims to be, and no more false alarms than stated where its assumptions hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from afterstrike.watch import tempo_of
from afterstrike.watch._tempo import alarm_level, dispersion_of, tail_chances


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 40), st.integers(0, 200), st.integers(1, 14), st.integers(28, 90))
def test_poisson_tails_are_the_binomial_sums(x: int, y: int, k: int, days: int) -> None:
    high, low = tail_chances(x, y, k, days, 1.0)
    n, share = x + y, k / (k + days)
    terms = [math.comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(n + 1)]
    assert high[0] == pytest.approx(math.fsum(terms[x:]), rel=1e-9)
    assert low[0] == pytest.approx(math.fsum(terms[: x + 1]), rel=1e-9)


@pytest.mark.parametrize("spread", [1.5, 4.0])
def test_negative_binomial_tails_are_those_of_days_drawn_so(spread: float) -> None:
    """Given the sum, the window's count of negative binomial days follows the law that is used."""
    rng, k, days, mean = np.random.default_rng(5), 7, 28, 2.0
    size = mean / (spread - 1)
    drawn = rng.negative_binomial(size, size / (size + mean), (150_000, k + days))
    window, total = drawn[:, :k].sum(axis=1), drawn.sum(axis=1)
    n = int(np.median(total))
    given_sum = window[total == n]
    x = int(np.quantile(given_sum, 0.95))
    # the law takes the size from the baseline; hold that at the truth
    law = stats.betabinom(n, k * size, days * size)
    assert np.mean(given_sum >= x) == pytest.approx(law.sf(x - 1), abs=4 * math.sqrt(0.05 / len(given_sum)))
    high, _ = tail_chances(x, n - x, k, days, 1 + (n - x) / days / size)
    assert high[0] == pytest.approx(law.sf(x - 1), rel=1e-6)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(0, 9), min_size=7, max_size=7), st.lists(st.integers(0, 9), min_size=28, max_size=28)
)
def test_more_events_never_make_a_rise_less_likely_to_be_seen(window: list[int], baseline: list[int]) -> None:
    before, after = tempo_of(window, baseline), tempo_of([*window[:-1], window[-1] + 1], baseline)
    assert after.chance_of_rise <= before.chance_of_rise + 1e-12
    assert after.chance_of_drop >= before.chance_of_drop - 1e-12
    again = tempo_of(window[::-1], baseline[::-1])
    assert again.chance_of_drop == pytest.approx(before.chance_of_drop) and again.count == before.count


def test_dispersion_is_never_below_poisson_and_above_the_truth_nine_times_in_ten() -> None:
    assert dispersion_of(2.0, 0.1, 56) == 1.0 and dispersion_of(0.0, 0.0, 56) == 1.0
    rng, size = np.random.default_rng(3), 2.0 / 1.5
    drawn = rng.negative_binomial(size, size / (size + 2.0), (4000, 56))
    used = dispersion_of(drawn.mean(axis=1), drawn.var(axis=1, ddof=1), 56)
    assert np.mean(used >= 2.5) > 0.8


def test_an_empty_series_raises_nothing_and_silence_after_many_does() -> None:
    level = alarm_level(2, 9)
    assert tempo_of([0] * 7, [0] * 56).alarm(level) is None
    assert tempo_of([0] * 7, [5, 6, 4, 5, 6, 5, 4] * 8).alarm(level)[0] == "drop"
    assert tempo_of([12] * 7, [5, 6, 4, 5, 6, 5, 4] * 8).alarm(level)[0] == "rise"


def test_the_level_shares_the_allowance_out() -> None:
    assert alarm_level(2, 9) == pytest.approx(2 / 365.25 / 2 / 9)
    assert alarm_level(365, 1) == pytest.approx(0.49966, abs=1e-4) and alarm_level(10_000, 1) == 0.5


@pytest.mark.parametrize(("spread", "week"), [(1.0, False), (2.0, False), (2.0, True)])
def test_false_alarms_stay_below_what_is_stated(spread: float, week: bool, measure: Any) -> None:
    found = measure.false_alarms(mean=2.0, spread=spread, week=week, years=100, seed=11)
    assert found["days a year"] <= found["stated"]


def test_days_that_depend_on_each_other_break_the_promise_as_the_page_says(measure: Any) -> None:
    found = measure.false_alarms(mean=3.0, correlation=0.8, years=100, seed=11)
    assert found["days a year"] > 5 * found["stated"]


def test_a_tripled_tempo_is_seen_within_weeks(measure: Any) -> None:
    found = measure.power(mean=2.0, spread=1.0, times=3.0, runs=60, seed=2)
    assert found["seen in 28 days"] > 0.9 and found["median days"] <= 7


@pytest.fixture(scope="module")
def measure() -> Any:
    import measure_tempo

    return measure_tempo
