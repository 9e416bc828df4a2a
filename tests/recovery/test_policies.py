"""Stochastic interventions find known contrasts; `tools/measure_policies.py` measures it at length."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

TOOLS = str(Path(__file__).parents[2] / "tools")


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    # In a process of its own: the tools are scripts, not part of the package.
    code = (
        f"import sys, json; sys.path.insert(0, {TOOLS!r}); from policy_runs import METHODS, one_run\n"
        "for seed in range(9_000, 9_006):\n"
        "    for cell in (('null', 'random'), ('lull', 'reactive')):\n"
        "        beside = METHODS if seed == 9_000 else METHODS[:1]\n"
        "        print(json.dumps(list(one_run(cell, seed, methods=beside))))\n"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return pd.DataFrame([row for line in made.stdout.splitlines() for row in json.loads(line)])


@pytest.mark.slow
def test_intervals_hold_the_truth_and_small_samples_have_none(runs: pd.DataFrame) -> None:
    ours = runs[(runs["method"] == "default") & (runs["area"] == "everywhere")]
    known = ours[ours["low"].notna()]
    covered = (known["low"] <= known["truth"]) & (known["truth"] <= known["high"])
    # Twelve theatres, whose contrasts of one lag go together: fewer than 9 of 12 has a chance of two in 1,000
    # where coverage is 95%.
    for lag in (1, 3, 7):
        part = known["lag"].eq(lag) & known["target"].eq(200)
        assert part.sum() == 12 and covered[part].sum() >= 9
    gap = (known["estimate"] - known["truth"]) / known["error"]
    assert abs(gap[known["target"] == 200].mean()) < 1.0
    assert ours[ours["target"] < 30]["low"].isna().all()
    # Truths of the null are zero, those of a lull below.
    truth = ours.groupby(ours["cell"].map(tuple))["truth"]
    assert truth.max()["null", "random"] == 0 and truth.max()["lull", "reactive"] < 0


@pytest.mark.slow
def test_the_peers_convention_stands_beside_and_always_gives_an_interval(runs: pd.DataFrame) -> None:
    peer = runs[runs["method"].str.startswith("geocausal")]
    assert set(peer["method"]) == {"geocausal-0.4", "geocausal-0.4, truncated"}
    assert peer["low"].notna().all() and set(peer["target"]) >= {5, 500}
