"""The measurement of recovery runs as its command does, on one theatre, and its tables say what it found."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

TOOLS = str(Path(__file__).parents[2] / "tools")


@pytest.fixture(scope="module")
def runs() -> list[dict[str, Any]]:
    sys.path.insert(0, TOOLS)
    try:
        from recovery_runs import one_run

        return [one_run(("displacement", "random", None), seed, beside=seed == 1) for seed in (1, 2)]  # type: ignore[arg-type]
    finally:
        sys.path.remove(TOOLS)


def test_a_run_holds_truth_and_estimates_by_every_method(runs: list[dict[str, Any]]) -> None:
    first, second = runs
    assert first["truth"] < -0.3 and first["truth_added"] > 1, "a theatre of displacement"
    for method in ("afterstrike", "uniform", "before_after"):
        assert abs(first[method]["log_ratio"] - first["truth"]) < 5 * first[method]["error"]
    assert "mwa-0.5" in first and "mwa-0.5" not in second
    ours = first["afterstrike"]
    assert ours["effect_low"] < ours["effect"] < ours["effect_high"]
    assert ours["checks"]["overlap of wakes"] is None


def test_tables_count_coverage_and_test_it(runs: list[dict[str, Any]]) -> None:
    sys.path.insert(0, TOOLS)
    try:
        from recovery_table import holm, markdown, summarise
    finally:
        sys.path.remove(TOOLS)
    many = [{**runs[0], "seed": seed} for seed in range(40)]
    low, high = runs[0]["afterstrike"]["log_ratio"], runs[0]["afterstrike"]["error"]
    for run in many[:20]:
        run["truth"] = low + 10 * high
    table = summarise(many)
    ours = next(entry for entry in table if entry["method"] == "afterstrike")
    covered = abs(runs[0]["truth"] - low) < 1.96 * high
    assert ours["coverage"] == (0.5 if covered else 0.0)
    adjusted = holm([ours, {**ours, "hits": 38, "coverage": 0.95}])
    assert adjusted[0][0] < 1e-6 and adjusted[1][0] == 1.0
    banded = {name: holm([{**ours, "hits": hits}], 0.93, 0.97)[0][0] for name, hits in (
        ("far below", 30), ("inside", 38), ("all", 40),
    )}  # fmt: skip
    assert banded["far below"] < 0.001 and banded["inside"] == 1.0
    # forty of forty is no proof of more than 97 %: it happens in 0.97 ** 40 of such cells
    assert banded["all"] == pytest.approx(0.97**40)
    text = markdown(table)
    assert "0 of 1 cells between 0.93 and 0.97" in text and "1 differ at 5%" in text
