"""Real outlines and series: what they can and cannot be used for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import seam_contrast, seam_exposure, share_exposure
from afterstrike.errors import EstimateRefused

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def syria(shared: Path) -> dict[str, Any]:
    text = (shared / "data" / "boundaries" / "syria_adm1_geoboundaries.geojson").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def events(shared: Path) -> pd.DataFrame:
    path = shared / "data" / "ucdp_ged_syria" / "ged_syria_2016_2018.parquet"
    return duckdb.sql(
        f"SELECT date_start[:10] AS date, latitude AS lat, longitude AS lon, "
        f"where_prec AS geo_precision, date_prec AS date_precision FROM '{path}' WHERE 'IS' IN (side_a, side_b)"
    ).df()


def invented(syria: dict[str, Any], months: int) -> pd.DataFrame:
    """Give governorates to two invented parties; each month one changes hands. This is nobody's control."""
    from shapely.geometry import shape

    rng = np.random.default_rng(1)
    outlines = [shape(feature["geometry"]) for feature in syria["features"]]
    holder = rng.choice(["red", "blue"], len(outlines))
    rows = []
    for month in pd.date_range("2016-01-01", periods=months, freq="MS"):
        chosen = rng.integers(len(outlines))
        holder[chosen] = "red" if holder[chosen] == "blue" else "blue"
        rows += [(party, month, outline) for party, outline in zip(holder, outlines, strict=True)]
    return pd.DataFrame(rows, columns=["party", "valid_from", "geometry"]).assign(
        valid_to=lambda table: table["valid_from"] + pd.offsets.MonthEnd(1)
    )


def test_invented_control_over_real_outlines(syria: dict[str, Any], events: pd.DataFrame) -> None:
    control = invented(syria, 12)
    days = pd.date_range("2016-01-01", periods=12, freq="MS")
    exposure = seam_exposure(control, zones=syria, dates=days)
    table = exposure.to_frame()
    assert len(exposure.zones) == 14 and table["exposure"].notna().all()
    assert table["covered_share"].min() > 0.99
    # A border along governorates is half in each; no zone can have more than half of its own outline.
    outline = {
        name: area.length
        for name, area in zip(exposure.zones, exposure.areas.geometry, strict=True)  # type: ignore[union-attr]
    }
    assert (table["km"] <= table["zone"].map(outline) / 2 * 1.05).all()
    year = ("2016-01-01", "2016-12-31")
    found = seam_contrast(events, exposure, by="month", period=year, placebos=0).to_frame().iloc[0]
    # The capital is a zone of 118 km2: what a border there adds per km2 drowns all others.
    assert found["reason"].startswith("exposure moves mostly in few zones")
    others = {
        **syria,
        "features": [f for f in syria["features"] if f["properties"]["shapeName"] != "Damascus"],
    }
    wider = seam_exposure(control, zones=others, dates=days)
    result = seam_contrast(events, wider, by="month", period=year, placebos=0)
    row = result.to_frame().iloc[0]
    assert row["n_zones"] >= 8 and result.provenance["exclusions"]["outcome: in no zone of the exposure"] > 0
    # Invented borders know nothing of the war.
    assert row["rate_ratio_low"] < 1 < row["rate_ratio_high"]


def test_hulls_of_violence_by_year_are_no_dated_control(shared: Path, syria: dict[str, Any]) -> None:
    hulls = shared / "data" / "conflict_area_shapes" / "syria_iraq_conflict_shapes_by_year.geojson"
    with pytest.raises(EstimateRefused, match="a year or month alone is no day"):
        seam_exposure(hulls, zones=syria, dates=["2016-01-01"], columns={"party": "file", "date": "year"})


def test_weekly_shares_of_a_country_are_a_series(shared: Path, events: pd.DataFrame) -> None:
    path = shared / "data" / "syria_territory_share_weekly" / "territory_control.csv"
    exposure = share_exposure(path, time_zone="Europe/Paris", carry_forward_days=6)
    assert exposure.counts["rows: shares sum to less than 99 (lowest 86.58; rescaled)"] == 59
    found = seam_contrast(events, exposure)
    assert found.to_frame()["rate_ratio"].isna().all()
    assert "cannot tell borders from anything else" in found.summary()
    # Weeks before the record begins, in January 2016, are no weeks without attacks.
    assert found.to_frame()["n_periods"].eq(120).all()
