"""The Hawkes model finds known effects of theatres; `tools/measure_hawkes.py --theatres` measures it at length."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TOOLS = str(Path(__file__).parents[2] / "tools")
RUNS = 4


@pytest.fixture(scope="module", autouse=True)
def tools() -> Any:
    sys.path.insert(0, TOOLS)
    yield
    sys.path.remove(TOOLS)


@lru_cache
def recover(effect: str, rule: str) -> list[dict[str, Any]]:
    from hawkes_theatres import one_run

    return [one_run((effect, rule), seed) for seed in range(700, 700 + RUNS)]


def numbers(runs: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    truth = np.array([run["truth"] for run in runs])
    return truth, *(np.array([run["drift"][key] for run in runs]) for key in ("log_ratio", "error"))


@pytest.mark.parametrize(
    ("effect", "rule"), [("null", "reactive"), ("lull", "reactive"), ("surge", "random")]
)
def test_little_bias_and_honest_errors(effect: str, rule: str) -> None:
    truth, value, error = numbers(recover(effect, rule))
    assert abs((value - truth).mean()) < 3.5 * error.mean() / np.sqrt(RUNS)
    # Fewer than 2 of 4 has a chance of one in two thousand where coverage is 95%.
    assert (np.abs(value - truth) < 1.96 * error).sum() >= 2
    sign = {"null": 0, "lull": -1, "surge": 1}[effect]
    assert (np.sign(truth) == sign).all()
    if sign:
        assert (sign * value > 1.96 * error).sum() >= RUNS - 1


def test_before_and_after_invents_a_lull_where_strikes_follow_attacks() -> None:
    runs = recover("null", "reactive")
    plain = np.array([run["before_after"] for run in runs])
    _, value, _ = numbers(runs)
    assert plain.mean() < -0.05 and abs(value.mean()) < 0.5 * abs(plain.mean())


def test_a_source_that_falls_silent_behind_strikes_is_caught() -> None:
    runs = recover("null", "one_source_falls")
    assert np.mean([run["drift"]["log_ratio"] for run in runs]) < -0.04, "a lull that is none"
    caught = [run["checks"]["reporting by source"] is False for run in runs]
    calm = [run["checks"]["reporting by source"] is False for run in recover("null", "reactive")]
    assert sum(caught) >= 2 and not any(calm)


def test_cycles_left_out_look_like_excitation_and_are_part_of_the_drifting_baseline() -> None:
    from hawkes_theatres import whole

    found = [whole(("null", "random"), seed) for seed in (1, 2, 3)]
    n = {
        key: np.mean([run[key]["branching_ratio"] for run in found])
        for key in ("constant", "drift", "cycles")
    }
    assert n["constant"] > 0.4 > n["drift"] > 0.15 and n["cycles"] < 0.08
    assert all(abs(run["cycles"]["log_ratio"]) < 3 * run["cycles"]["error"] for run in found)


def test_twin_runs_give_the_truth_of_zones() -> None:
    from hawkes_theatres import simulated, zone_truth

    theatre, _ = simulated(("null", "random"), 3)
    assert zone_truth(theatre, 75.0) == 1.0
    lull, _ = simulated(("lull", "random"), 3)
    # An effect of 25 km is the more diluted, the larger the zone.
    small, large, whole = (zone_truth(lull, km) for km in (50.0, 150.0, None))
    assert 0.6 < small < large < whole < 1


def test_the_table_counts_coverage_and_failed_checks() -> None:
    from hawkes_theatres import table

    runs = [
        {**run, "truth": run["drift"]["log_ratio"] + far}
        for run in recover("null", "reactive")
        for far in (0, 1.0)
    ]
    text = "\n".join(table(runs))
    line = next(line for line in text.splitlines() if line.startswith("| null | reactive | 8 |"))
    assert "50% (± 35)" in line
