"""Change points hold their rate of false alarms and date what they find: a short run of tools/measure_shifts.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

TOOLS = str(Path(__file__).parents[2] / "tools")


@pytest.fixture(scope="module")
def tool() -> Any:
    sys.path.insert(0, TOOLS)
    try:
        import measure_shifts
    finally:
        sys.path.remove(TOOLS)
    measure_shifts.REDRAWS = 199  # enough to decide at 5%; the tool takes more
    return measure_shifts


@pytest.mark.parametrize(
    "name",
    [
        "Poisson, 4 a week",
        "negative binomial, one year",
        "correlation 0.5, one year",
        "seasonal, taken out",
    ],
)
def test_false_alarms_stay_at_their_rate(tool: Any, name: str) -> None:
    runs = 100
    hits = sum(tool.null_run(*tool.NULLS[name], seed) for seed in range(runs))
    # More than this has a chance below 1 in 10,000 where the rate is 5%.
    assert hits <= binom.ppf(0.9999, runs, tool.SIZE), f"{hits} of {runs}"


def test_a_season_left_in_is_taken_for_shifts(tool: Any) -> None:
    hits = sum(tool.null_run(*tool.NULLS["seasonal, left in"], seed) for seed in range(40))
    assert hits > 15, "else the test above would pass without taking the season out"


def test_dates_are_near_and_intervals_cover(tool: Any) -> None:
    made = [tool.shift_run("nb", 3.0, seed) for seed in range(60)]
    found = [one for one in made if one["found"]]
    assert len(found) >= 50
    assert np.median([abs(one["error"]) for one in found]) <= 2
    assert np.mean([one["covered"] for one in found]) >= 0.8
    assert np.median([one["width"] for one in found]) <= 20, "an interval of everything would cover too"


def test_tables_say_what_was_found(tool: Any) -> None:
    made = [{"found": 1, "error": -2, "width": 5, "covered": True, "delay": 8}] * 9 + [
        {"found": 0, "delay": None}
    ]
    told = {"runs": 100, "nulls": {"even": 5}, "records": 50, "any": 2, "by_series": {"tempo": 1}}
    text = tool.tables(told | {"shifts": {"nb times 2": made}})
    assert "| even | 5.0% (2.2 to 11.2) |" in text and "| any of the four tests | 4.0%" in text
    assert "| nb times 2 | 90.0% (59.6 to 98.2) | 100% | 2, 2 | 100.0%" in text and "| 5 | 8, 8 |" in text
