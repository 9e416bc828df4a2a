"""Baselines: the challenge's own benchmark rebuilt, and what each says it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.containment._forecast import BASELINES, forecast, ign, score


def simple(values: list[list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"unit": u, "time": t, "value": v} for u, row in enumerate(values) for t, v in enumerate(row)]
    )


@pytest.fixture(scope="module")
def views(shared: Path) -> dict[str, Any]:
    import duckdb

    folder = shared / "data" / "forecast"
    if not folder.is_dir():
        pytest.skip("the shared forecast data is not beside this repository")
    read = {}
    names = ("cm_history_1989_2017", "cm_actuals_2018_2022", "bm_conflictology12_2018_2022")
    for name in (*names, "official_row_scores_2018_2022"):
        read[name] = duckdb.sql(f"SELECT * FROM '{folder / name}.parquet' ORDER BY month_id, country_id").df()
    return read


@pytest.mark.parametrize(
    ("window", "expected", "is_the_same"),
    [
        (2018, 13.57, False),
        (2019, 9.02, False),
        (2020, 21.34, True),
        (2021, 76.85, True),
        (2022, 124.00, True),
    ],
)
def test_conflictology12_rebuilt(
    views: dict[str, Any], window: int, expected: float, is_the_same: bool
) -> None:
    actuals = views["cm_actuals_2018_2022"]
    old = views["cm_history_1989_2017"].rename(columns={"ged_sb": "value"})
    new = actuals.rename(columns={"outcome": "value"})
    columns = ["country_id", "month_id", "value"]
    panel = pd.concat([old[columns], new[columns]])
    panel = panel[panel["country_id"].isin(actuals["country_id"].unique())]
    origin = (window - 1980) * 12 + 1 - 3
    found = forecast(panel, origin=origin, model="last12", unit="country_id", time="month_id")
    rows = actuals[actuals["window"] == window]
    truth = rows.rename(columns={"country_id": "unit", "month_id": "time", "outcome": "value"})
    assert score(found, truth).means()["crps"] == pytest.approx(expected, abs=0.0051)
    official = views["bm_conflictology12_2018_2022"]
    official = official[official["window"] == window].sort_values(["country_id", "month_id"])
    draws = np.sort(found.draws, axis=2).reshape(-1, 12)
    assert (draws == np.stack(official["draws_sorted"].to_numpy())).all() == is_the_same
    if is_the_same:  # the official ignorance score too, which hangs on the order of the 12 draws
        said = views["official_row_scores_2018_2022"]
        said = said[(said["window"] == window) & (said["benchmark"] == "conflictology12")]
        said = said.sort_values(["country_id", "month_id"])["ign"].to_numpy()
        truth_rows = rows.sort_values(["country_id", "month_id"])["outcome"].to_numpy()
        np.testing.assert_allclose(
            ign(found.draws.reshape(-1, 12), truth_rows, resample="views"), said, rtol=1e-9, atol=1e-9
        )


def test_each_baseline_says_what_it_says() -> None:
    values = [[0.0] * 36, [5.0] * 35 + [9.0], [0.0, 12.0, 4.0] * 12]
    made = {
        name: forecast(simple(values), origin=35, horizons=[1, 3, 14], draws=4000, model=name)
        for name in BASELINES
    }
    assert (made["zero"].draws == 0).all()
    assert (made["last12"].draws[1, 0] == [5.0] * 11 + [9.0]).all()
    assert made["last"].draws[1].mean() == pytest.approx(9, abs=0.1)
    assert made["last"].draws[1].var() == pytest.approx(9, abs=0.7)
    moments = made["negative_binomial"].draws[2]
    assert moments.mean() == pytest.approx(16 / 3, rel=0.05)
    assert moments.var() == pytest.approx(np.var([0, 12, 4]), rel=0.1)
    season = made["seasonal_walk"].draws[2]
    assert season[0].mean() == pytest.approx(
        16 / 3 / 12, rel=0.3
    )  # 0 a year before: no less than a twelfth of the mean
    assert season[2].mean() == pytest.approx(12, rel=0.05)  # steps of 12 later the same place in the year
    for name, one in made.items():
        assert (one.draws >= 0).all() and (one.draws == np.round(one.draws)).all(), name
        assert (one.draws[0] == 0).all(), name


def test_missing_values_are_not_zero() -> None:
    row = [7.0] * 30
    row[20:29] = [np.nan] * 9
    made = {
        name: forecast(simple([row]), origin=29, horizons=[1], model=name)
        for name in BASELINES
        if name != "zero"
    }
    for name, one in made.items():
        assert one.draws.mean() == pytest.approx(7, abs=0.3), name
        assert any("missing" in note for note in one.notes), name
