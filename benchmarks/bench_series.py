"""Measure the negative binomial fit of a series beside statsmodels, and whole estimates.

    python benchmarks/bench_series.py [--no-write]

The peer fits the same columns and a dummy for each zone by `statsmodels.NegativeBinomial` (NB2, Newton) in the
same run; without statsmodels (`pip install statsmodels`) it is left out. Estimates are compared before times.
Prints a Markdown table and writes benchmarks/results/series.json. Times: best of three, warm. Set
OMP_NUM_THREADS=1 on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).resolve().parent / "results/series.json"
SIZES = ((20, 150), (40, 150), (100, 150))


def best(work: Callable[[], object], times: int = 3) -> float:
    """Give the shortest of several times in seconds."""
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return min(took)


def simulated(zones: int, periods: int) -> tuple[np.ndarray, np.ndarray]:
    """Give counts and ten columns."""
    rng = np.random.default_rng([zones, periods])
    common = rng.normal(size=(zones, periods, 10))
    mean = np.exp(rng.normal(1, 0.5, (zones, 1)) + common @ np.linspace(-0.2, 0.2, 10))
    return rng.poisson(mean * rng.gamma(4, 0.25, mean.shape)).astype(float), common


def fit_row(zones: int, periods: int) -> dict[str, object]:
    """Time both fits of one size, and say how far their coefficients lie apart."""
    from afterstrike.effects._series._negbin import fit_counts

    counts, common = simulated(zones, periods)
    used = np.ones(counts.shape, bool)

    def ours() -> Any:
        return fit_counts(counts, common, np.ones((periods, 1)), used)

    row: dict[str, object] = {
        "what": f"NB2, {zones} zones x {periods} weeks, 10 columns",
        "seconds": best(ours),
    }
    try:
        import statsmodels.api as sm
    except ImportError:
        return row | {"peer_seconds": None, "apart": None}
    columns = np.hstack([common.reshape(-1, 10), np.kron(np.eye(zones), np.ones((periods, 1)))])

    def theirs() -> Any:
        return sm.NegativeBinomial(counts.ravel(), columns).fit(method="newton", disp=0, maxiter=100)

    apart = float(np.abs(theirs().params[:10] - ours().shared).max())
    return row | {"peer_seconds": best(theirs, 1 if zones > 50 else 3), "apart": apart}


def estimate_rows() -> list[dict[str, object]]:
    """Time whole estimates with all checks, and of a series."""
    import pandas as pd

    from afterstrike.effects import Study, distributed_lag, interrupted_series
    from afterstrike.effects.theatres import Theatre, simulate_theatre

    theatre = simulate_theatre(Theatre.preset("lull", overlap=None).with_strikes(rate_factor=1.0), seed=1)
    study = Study.from_frame(theatre.events, treatment="strike", outcome="attack")
    weeks = pd.date_range("2014-01-06", periods=150, freq="7D")
    series = pd.Series(np.random.default_rng(1).poisson(20, 150), index=weeks)
    return [
        {"what": "distributed_lag, 40 zones x 104 weeks, all checks",
         "seconds": best(lambda: distributed_lag(study, zones="adm2", by="week"))},
        {"what": "distributed_lag, 40 zones x 730 days, all checks",
         "seconds": best(lambda: distributed_lag(study, zones="adm2", by="day"))},
        {"what": "interrupted_series, 150 weeks, placebo starts",
         "seconds": best(lambda: interrupted_series(series, start="2016-07-04"))},
    ]  # fmt: skip


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    rows = [*(fit_row(*size) for size in SIZES), *estimate_rows()]
    print("| what | seconds | statsmodels | coefficients apart |\n|---|---|---|---|")
    for row in rows:
        peer, apart = row.get("peer_seconds"), row.get("apart")
        print(
            f"| {row['what']} | {row['seconds']:.3f} | {'' if peer is None else f'{peer:.3f}'} | "
            f"{'' if apart is None else f'{apart:.1e}'} |"
        )
    if not options.no_write:
        RESULTS.write_text(
            json.dumps({"python": platform.python_version(), "rows": rows}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
