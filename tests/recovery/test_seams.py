"""Seam contrasts find known ratios in simulated panels; `tools/measure_seams.py` measures it at length."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

TOOLS = str(Path(__file__).parents[2] / "tools")


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    # In a process of its own: the tools are scripts, not part of the package.
    code = (
        f"import sys, json; sys.path.insert(0, {TOOLS!r}); from measure_seams import Cell, one_run\n"
        "for seed in range(9_000, 9_020):\n"
        "    for cell in (Cell(), Cell('more attacks'), Cell('fewer attacks', 8), Cell(shared=1.0)):\n"
        "        print(json.dumps({'cell': cell.name, **one_run(cell, seed)}))\n"
        "for seed in range(9_000, 9_003):\n"
        "    cell = Cell(broken='attacks move borders')\n"
        "    print(json.dumps({'cell': cell.broken, **one_run(cell, seed, placebos=0)}))\n"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return pd.DataFrame([json.loads(line) for line in made.stdout.splitlines()])


def test_intervals_hold_the_known_ratio(runs: pd.DataFrame) -> None:
    plain = runs[runs["error"].notna()]
    assert len(plain) == 80
    covered = (plain["low"] <= plain["truth"]) & (plain["truth"] <= plain["high"])
    # Fewer than 70 of 80 has a chance of about one in a thousand where coverage is 95%.
    assert covered.sum() >= 70
    for _, part in plain.groupby("cell"):
        gap = (part["value"] - part["truth"]) / part["error"]
        # The mean of 20 scores of unit spread lies beyond this once in two thousand.
        assert abs(gap.mean()) < 3.5 / np.sqrt(20)
        assert 0.5 < gap.std() < 1.6


def test_the_sign_is_found(runs: pd.DataFrame) -> None:
    value = runs.groupby("cell")["value"].mean()
    assert value["more attacks, 14 zones"] > 0.2 and value["fewer attacks, 8 zones"] < -0.2
    assert abs(value["none, 14 zones"]) < 0.05
    # All zones drift together with their mean exposure: effects of week take it out.
    assert abs(value["none, 14 zones, all zones drift together"]) < 0.05


def test_attacks_that_move_borders_are_caught(runs: pd.DataFrame) -> None:
    checks = runs.loc[runs["cell"] == "attacks move borders", "checks"]
    assert len(checks) == 3
    assert all(found["reverse cause"] is False or found["leads"] is False for found in checks)
