"""Fragmentation from shares of the ground."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.effects import share_exposure
from afterstrike.errors import AfterstrikeError, EstimateRefused, SourceError, UsageError


def table(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {"date": ["2018-01-01", "2018-01-08"], "A": [50.0, 100.0], "B": [50.0, 0.0]} | columns
    )


@settings(max_examples=40, deadline=None)
@given(shares=st.lists(st.floats(0.01, 100), min_size=2, max_size=6))
def test_fragmentation_is_the_chance_of_two_parties(shares: list[float]) -> None:
    total = sum(shares)
    row = {"date": ["2018-01-01"]} | {f"p{k}": [share] for k, share in enumerate(shares)}
    found = (
        share_exposure(pd.DataFrame(row), total=total, tolerance=total / 100).to_frame()["exposure"].iloc[0]
    )
    chance = (
        sum(one * two for i, one in enumerate(shares) for j, two in enumerate(shares) if i != j) / total**2
    )
    assert found == pytest.approx(chance)
    assert 0 <= found <= 1 - 1 / len(shares) + 1e-12


def test_sums_that_fall_short_are_stated() -> None:
    short = table(A=[45.0, 100.0], B=[45.0, 0.0])
    found = share_exposure(short)
    assert found.counts == {"rows: shares sum to less than 99 (lowest 90; rescaled)": 1}
    assert found.to_frame()["exposure"].tolist() == [0.5, 0.0]
    missing = share_exposure(short, remainder="missing").to_frame()
    assert missing["exposure"].isna().tolist() == [True, False]
    assert missing["reason"].iloc[0] == "shares sum to less than 99"


def test_what_is_not_stated_or_cannot_be_is_missing_and_counted() -> None:
    rows = pd.DataFrame(
        {
            "date": ["2018-01-01", "2018-01-02", "2018-01-03", "2018-01-04", None, "2018"],
            "A": [50.0, None, -5.0, 80.0, 50.0, 50.0],
            "B": [50.0, 50.0, 105.0, 80.0, 50.0, 50.0],
        }
    )
    found = share_exposure(rows)
    assert found.to_frame()["exposure"].isna().tolist() == [False, True, True, True]
    assert found.counts["rows: missing, a share is not stated"] == 1
    assert found.counts["rows: missing, a share outside 0 to 100"] == 1
    assert found.counts["rows: missing, shares sum to more than 101"] == 1
    assert found.counts["rows: no day"] == 2


def test_rows_are_carried_forward_only_if_asked() -> None:
    found = share_exposure(table(), carry_forward_days=10)
    assert len(found.to_frame()) == 7 + 11
    assert found.counts["zone-days: carried forward from an earlier row"] == 6 + 10
    assert len(share_exposure(table()).to_frame()) == 2


def test_zones_and_fractions() -> None:
    rows = table(zone=["x", "y"], A=[0.5, 1.0], B=[0.5, 0.0])
    found = share_exposure(rows, zone="zone", total=1, tolerance=0.01)
    assert found.zones == ("x", "y")


def test_a_file_with_semicolons_decimal_commas_and_moments(tmp_path: Path) -> None:
    path = tmp_path / "shares.csv"
    path.write_text("date;A;B\n1445814000000;16,5;83,5\n1446418800000;20;80\n", encoding="utf-8")
    found = share_exposure(path, time_zone="Europe/Paris")
    assert found.to_frame()["date"].dt.strftime("%Y-%m-%d").tolist() == ["2015-10-26", "2015-11-02"]
    assert found.counts == {}
    assert found.to_frame()["exposure"].iloc[1] == pytest.approx(0.32)
    utc = share_exposure(path)
    assert utc.to_frame()["date"].dt.strftime("%Y-%m-%d").tolist() == ["2015-10-25", "2015-11-01"]
    assert utc.counts["rows: moments that are no midnight in UTC (day taken as it falls there)"] == 2


@pytest.mark.parametrize(
    ("rows", "options", "error", "told"),
    [
        (table(), {"date": "day"}, UsageError, "no column 'day'"),
        (table(), {"zone": "zone"}, UsageError, "no column 'zone'"),
        (table(), {"parties": ["A"]}, UsageError, "two or more"),
        (table(), {"parties": ["A", "A"]}, UsageError, "each named once"),
        (table(), {"total": 0}, UsageError, "total=0"),
        (table(), {"tolerance": 60}, UsageError, "tolerance=60"),
        (table(), {"remainder": "guess"}, UsageError, "remainder='guess'"),
        (table(), {"time_zone": "Mars/Base"}, UsageError, "time_zone='Mars/Base'"),
        (table(), {"carry_forward_days": -1}, UsageError, "carry_forward_days=-1"),
        (table(A=["many", "few"]), {}, UsageError, "column 'A' holds 'many'"),
        (table(date=["2018-01-01"] * 2), {}, UsageError, "two rows for 2018-01-01"),
        (table(A=[0.0, 0.0], B=[0.0, 0.0]), {}, EstimateRefused, "shares sum to nothing"),
        (table(date=["2018", "soon"]), {}, EstimateRefused, "no day"),
        (3, {}, UsageError, "shares of type int"),
        ("nowhere.csv", {}, UsageError, "is no file"),
    ],
)
def test_bad_shares(rows: Any, options: dict[str, Any], error: type[AfterstrikeError], told: str) -> None:
    with pytest.raises(error, match=told):
        share_exposure(rows, **options)


@pytest.mark.parametrize("text", ["", "date;A;B\n", "\x00\x00"])
def test_a_file_that_is_no_table(tmp_path: Path, text: str) -> None:
    path = tmp_path / "shares.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"shares\.csv"):
        share_exposure(path)
