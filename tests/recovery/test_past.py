"""Intervals of a rate ratio hold the truth where counts scatter and depend on each other: a short tools/measure_past.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

TOOLS = str(Path(__file__).parents[2] / "tools")
RUNS = 150


@pytest.fixture(scope="module")
def tool() -> Any:
    sys.path.insert(0, TOOLS)
    try:
        import measure_past
    finally:
        sys.path.remove(TOOLS)
    return measure_past


@pytest.mark.parametrize("kind", ["poisson", "nb", "ar0.5"])
@pytest.mark.parametrize(("weeks", "ratio"), [(4, 1.0), (13, 0.5)])
def test_intervals_hold_the_truth(tool: Any, kind: str, weeks: int, ratio: float) -> None:
    made = [tool.run(kind, weeks, ratio, seed) for seed in range(RUNS)]
    held = sum(one[0] for one in made)
    # Fewer than this has a chance below 1 in 10,000 where 95% hold.
    assert held >= binom.ppf(0.0001, RUNS, 0.95), f"{held} of {RUNS}"
    assert np.median([one[1] for one in made]) < 20, "an interval of everything would hold the truth too"


def test_poisson_intervals_would_not(tool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from afterstrike.effects._tempo import _entry
    from afterstrike.effects._tempo._ratio import Scatter

    monkeypatch.setattr(_entry, "scatter_of", lambda dated, spans: Scatter(0.0, 0.0, 100))
    held = sum(tool.run("ar0.5", 13, 1.0, seed)[0] for seed in range(RUNS))
    assert held < 0.75 * RUNS, "else the test above would pass without scatter"


def test_the_table_says_what_was_found(tool: Any) -> None:
    row = {"kind": "nb", "weeks": 4, "ratio": 0.5, "covered": 95, "width": 3.21}
    assert "| nb | 4 | 95.0% (88.8 to 97.8) | 3.2 |" in tool.table({"runs": 100, "rows": [row]})
