"""Scores: closed forms, the challenge's own numbers, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.containment._forecast import (
    block_bootstrap,
    brier,
    coverage,
    crps,
    crps_log1p,
    ign,
    log_score,
    mis,
    pit,
    score,
)
from afterstrike.errors import EstimateRefused, UsageError


def plain_crps(draws: Any, observed: Any) -> Any:
    draws = np.asarray(draws, float)
    between = np.abs(draws[:, :, None] - draws[:, None, :]).mean(axis=(1, 2))
    return np.abs(draws - np.asarray(observed, float)[:, None]).mean(axis=1) - between / 2


def table(shared: Path, name: str) -> Any:
    import duckdb

    path = shared / "data" / "forecast" / f"{name}.parquet"
    if not path.is_file():
        pytest.skip(f"{name}.parquet is not among the shared data")
    return duckdb.sql(f"SELECT * FROM '{path}' ORDER BY month_id, country_id").df()


@pytest.fixture(scope="module")
def actuals(shared: Path) -> Any:
    return table(shared, "cm_actuals_2018_2022")


@pytest.mark.parametrize("name", ["conflictology12", "last_poisson", "boot240", "zero"])
def test_official_rows_to_rounding(shared: Path, actuals: Any, name: str) -> None:
    official = table(shared, "official_row_scores_2018_2022")
    official = official[official["benchmark"] == name].reset_index(drop=True)
    if name == "zero":
        draws = np.zeros((len(actuals), 1000))
    else:
        draws = np.stack(table(shared, f"bm_{name}_2018_2022")["draws_sorted"].to_numpy())
    assert (official["country_id"] == actuals["country_id"]).all() and len(official) == 11_460
    truth = actuals["outcome"].to_numpy()
    np.testing.assert_allclose(crps(draws, truth), official["crps"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(crps(draws, truth, is_sorted=True), official["crps"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(mis(draws, truth), official["mis"], rtol=1e-9, atol=1e-9)
    if draws.shape[1] == 1000:  # the official Fourier method needs 12 draws in time order; see test_baselines
        np.testing.assert_allclose(ign(draws, truth, resample="views"), official["ign"], rtol=1e-9, atol=1e-9)


def test_reference_means(shared: Path, actuals: Any) -> None:
    import pandas as pd

    said = pd.read_csv(shared / "data" / "forecast" / "reference_scores_2018_2022.csv")
    said = said[said["vintage"] == "v2024"].set_index(["model", "window"])
    for name in ("conflictology12", "last_poisson", "boot240"):
        draws = np.stack(table(shared, f"bm_{name}_2018_2022")["draws_sorted"].to_numpy())
        found = score(draws, actuals["outcome"].to_numpy())
        for window in range(2018, 2023):
            mean = found.means(actuals["window"] == window)
            expected = said.loc[(name, window)]
            assert mean["ign"] == pytest.approx(expected["ign"], abs=5.1e-5)
            assert mean["crps"] == pytest.approx(expected["crps"], abs=5.1e-5)
            assert mean["mis"] == pytest.approx(expected["mis90"], abs=5.1e-5)
            assert mean["covered_90"] == pytest.approx(expected["cov90"], abs=5.1e-5)


counts = st.lists(
    st.lists(st.one_of(st.integers(0, 9), st.integers(0, 5_000_000)), min_size=7, max_size=7),
    min_size=1,
    max_size=5,
)


@settings(deadline=None, max_examples=60)
@given(counts, st.data())
def test_kernel_equals_the_definition(draws: list[list[int]], data: st.DataObject) -> None:
    observed = data.draw(st.lists(st.integers(0, 6_000_000), min_size=len(draws), max_size=len(draws)))
    expected = plain_crps(draws, observed)
    for given_draws in (
        np.array(draws),
        np.array(draws, float),
        np.array(draws, np.int32),
        np.array(draws) + 0.25,
    ):
        shift = 0.25 if (given_draws != np.round(given_draws)).any() else 0.0
        np.testing.assert_allclose(
            crps(given_draws, np.array(observed) + shift), expected, rtol=1e-9, atol=1e-6
        )
    ordered = np.sort(draws, axis=1)
    np.testing.assert_allclose(crps(ordered, observed, is_sorted=True), expected, rtol=1e-9, atol=1e-6)
    logs = plain_crps(np.log1p(draws), np.log1p(observed))
    np.testing.assert_allclose(crps_log1p(draws, observed), logs, rtol=1e-9, atol=1e-9)
    low, high = np.quantile(draws, [0.05, 0.95], axis=1)
    y = np.array(observed)
    by_hand = high - low + 20 * np.maximum(low - y, 0) + 20 * np.maximum(y - high, 0)
    np.testing.assert_allclose(mis(draws, observed), by_hand, rtol=1e-9, atol=1e-6)


def test_a_single_draw_is_the_distance() -> None:
    assert crps([[4.0]], [7.0]).tolist() == [3.0]
    assert crps([[2.0, 2.0]], [2.0]).tolist() == [0.0]


def test_shapes_are_kept_and_missing_stays_missing() -> None:
    draws = np.zeros((2, 3, 5))
    truth = np.array([[0, 1, np.nan], [2, 0, 0]])
    for function in (crps, crps_log1p, mis, coverage, ign, log_score, pit):
        found = function(draws, truth)
        assert found.shape == (2, 3)
        assert np.isnan(found[0, 2]) and not np.isnan(found[1]).any(), function.__name__


@pytest.mark.parametrize("function", [crps, mis, coverage, ign, log_score, pit])
@pytest.mark.parametrize("lost", [np.nan, np.inf])
def test_a_lost_draw_is_refused(function: Any, lost: float) -> None:
    with pytest.raises(UsageError, match="missing or infinite"):
        function([[0.0, lost, 1.0]], [1.0])


def test_wrong_shapes_and_options_are_refused() -> None:
    with pytest.raises(UsageError, match="along the last axis"):
        crps([[0.0, 1.0]], [1.0, 2.0])
    with pytest.raises(UsageError, match="below zero"):
        ign([[-1.0, 1.0]], [1.0])
    with pytest.raises(UsageError, match="between 0 and 1"):
        mis([[0.0, 1.0]], [1.0], level=90)
    with pytest.raises(UsageError, match="'none' or 'views'"):
        ign([[0.0, 1.0]], [1.0], resample="fourier")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="0 to 1"):
        brier([1.2], [1])
    with pytest.raises(UsageError, match="neither 0 nor 1"):
        brier([0.2], [2])


def test_log_score_is_a_probability_over_counts() -> None:
    draws = np.array([[0, 0, 3, 40, 41, 700]])
    top = 100_000
    every = np.arange(top)
    total = np.exp(-log_score(np.repeat(draws, top, axis=0), every)).sum()
    assert total == pytest.approx(1, abs=1e-4)


def test_pit_is_even_where_the_forecast_is_right() -> None:
    rng = np.random.default_rng(1)
    rate = rng.gamma(0.4, 20, 4000)
    place = pit(rng.poisson(rate[:, None], (4000, 99)), rng.poisson(rate))
    share = np.histogram(place, bins=10, range=(0, 1))[0] / 4000
    assert np.abs(share - 0.1).max() < 0.02


def test_block_bootstrap_covers_and_keeps_blocks_together() -> None:
    rng = np.random.default_rng(2)
    inside = 0
    for seed in range(200):
        blocks = np.repeat(np.arange(40), 6)
        values = 1 + np.repeat(rng.normal(size=40), 6) + 0.1 * rng.normal(size=240)
        found = block_bootstrap(values, blocks, repeats=400, level=0.9, seed=seed)
        inside += found.low <= 1 <= found.high
    assert 165 <= inside <= 195  # rows taken alone would hold 1 in about half of the repeats
    ratio = block_bootstrap([1, 2], ["a", "b"], over=[2, 4])
    assert (ratio.estimate, ratio.low, ratio.high) == (0.5, 0.5, 0.5)
    with pytest.raises(EstimateRefused, match="fewer than two"):
        block_bootstrap([1, 2], ["a", "a"])
    with pytest.raises(UsageError, match="one length"):
        block_bootstrap([1, 2], ["a"])
