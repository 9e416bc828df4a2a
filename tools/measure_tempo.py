"""False alarms and power of the tempo alarms on simulated counts whose truth is known.

python tools/measure_tempo.py          # prints the tables of docs/watch.md, about five minutes
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from afterstrike.watch import AlarmConfig
from afterstrike.watch._tempo import alarm_level, dispersion_of, tail_chances

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results" / "watch_tempo.json"
SERIES = 9  # series of a watch; each has its share of the allowance
WEEK = np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.6, 0.8])
SETTING = AlarmConfig()
Array = np.ndarray


def draw(rng: np.random.Generator, mean: Array, spread: float, correlation: float = 0.0) -> Array:
    """Draw daily counts: Poisson where `spread` (variance over mean) is 1, else negative binomial.

    With `correlation` the days depend on each other: their logarithmic mean wanders around with that correlation
    from day to day and a standard deviation of one half.
    """
    if correlation:
        noise = rng.normal(size=len(mean))
        level = np.empty(len(mean))
        level[0] = noise[0]
        for n in range(1, len(mean)):
            level[n] = correlation * level[n - 1] + np.sqrt(1 - correlation**2) * noise[n]
        mean = mean * np.exp(0.5 * level - 0.125)
    if spread <= 1:
        return rng.poisson(mean)
    size = mean / (spread - 1)
    return rng.negative_binomial(size, size / (size + mean))


def alarms(
    counts: Array,
    *,
    plain: bool = False,
    window: int = SETTING.window_days,
    baseline: int = SETTING.baseline_days,
) -> tuple[Array, Array]:
    """Test every day of a series; give the days of rises and of drops, counted from the first that can be tested.

    `plain` takes the baseline's own variance over mean instead of its upper limit, to show what that would cost.
    """
    sums = np.concatenate([[0], np.cumsum(counts, dtype=float)])
    squares = np.concatenate([[0], np.cumsum(counts.astype(float) ** 2)])
    ends = np.arange(window + baseline, len(counts) + 1)
    x = sums[ends] - sums[ends - window]
    y = sums[ends - window] - sums[ends - window - baseline]
    mean = y / baseline
    variance = np.maximum(
        0, (squares[ends - window] - squares[ends - window - baseline] - baseline * mean**2) / (baseline - 1)
    )
    spread = (
        np.maximum(1, variance / np.maximum(mean, 1e-9)) if plain else dispersion_of(mean, variance, baseline)
    )
    high, low = tail_chances(x, y, window, baseline, spread)
    level = alarm_level(SETTING.false_alarms_per_year, SERIES)
    return high <= level, (low <= level) & (high > level)


def false_alarms(*, mean: float, spread: float = 1.0, years: int = 400, seed: int = 0, week: bool = False,
                 growth: float = 0.0, correlation: float = 0.0, plain: bool = False) -> dict[str, Any]:  # fmt: skip
    """Count alarms where nothing changes, in a year and one series; `growth` is the drift in a year, as a share."""
    rng = np.random.default_rng(seed)
    days = years * 365
    rate = np.full(days, mean)
    if week:
        rate = rate * np.resize(WEEK, days)
    if growth:
        phase = np.arange(days) % 730
        rate = rate * np.exp(np.log1p(growth) * np.where(phase < 365, phase, 730 - phase) / 365)
    up, down = alarms(draw(rng, rate, spread, correlation), plain=plain)
    return {
        "stated": SETTING.false_alarms_per_year / SERIES,
        "days a year": float((up.sum() + down.sum()) / years),
        "rises a year": float(_episodes(up) / years),
        "drops a year": float(_episodes(down) / years),
    }


def _episodes(days: Array) -> int:
    """Count alarms as the watch raises them: none within a window of the last."""
    count, last = 0, -(10**9)
    for day in np.flatnonzero(days):
        if day - last > SETTING.window_days - 1:
            count, last = count + 1, day
    return count


def power(*, mean: float, spread: float, times: float, runs: int = 400, seed: int = 0) -> dict[str, Any]:
    """Change the tempo at once and say how often, and after how many days, the right alarm is raised."""
    rng = np.random.default_rng(seed)
    before, after = SETTING.window_days + SETTING.baseline_days, 28
    delays = []
    for _ in range(runs):
        rate = np.r_[np.full(before, mean), np.full(after, mean * times)]
        up, down = alarms(draw(rng, rate, spread))
        right = np.flatnonzero((up if times > 1 else down)[1:])
        delays.append(int(right[0]) + 1 if len(right) else 99)
    found = np.array(delays)
    seen = found[found < 99]
    return {
        "seen in 14 days": float(np.mean(found <= 14)),
        "seen in 28 days": float(np.mean(found <= 28)),
        "median days": float(np.median(seen)) if len(seen) else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--years", type=int, default=500)
    parser.add_argument("--runs", type=int, default=300)
    given = parser.parse_args()
    cases: list[tuple[str, dict[str, Any]]] = [
        (f"Poisson, {mean:g} a day", {"mean": mean}) for mean in (0.3, 1.0, 3.0, 10.0)
    ]
    cases += [(f"negative binomial, {m:g} a day, variance {s:g} times the mean", {"mean": m, "spread": s})
              for m, s in ((0.5, 1.5), (2.0, 2.0), (2.0, 4.0), (10.0, 4.0))]  # fmt: skip
    cases += [
        ("Poisson with weekdays from 0.6 to 1.3, 3 a day", {"mean": 3.0, "week": True}),
        ("negative binomial with weekdays, 3 a day, 2", {"mean": 3.0, "week": True, "spread": 2.0}),
        ("with the plain estimate: 10 a day, 4", {"mean": 10.0, "spread": 4.0, "plain": True}),
        ("off: drift of 50 % a year up and down, 3 a day", {"mean": 3.0, "growth": 0.5}),
        ("off: drift of 200 % a year up and down, 3 a day", {"mean": 3.0, "growth": 2.0}),
        ("off: days correlated 0.5, 3 a day", {"mean": 3.0, "correlation": 0.5}),
        ("off: days correlated 0.8, 3 a day", {"mean": 3.0, "correlation": 0.8}),
    ]
    stated = SETTING.false_alarms_per_year / SERIES
    print(f"Stated for one of {SERIES} series: {stated:.3f} alarm days a year\n")
    print("| counts | alarm days a year | alarms a year, up | down |\n|---|---|---|---|")
    quiet = {}
    for name, case in cases:
        quiet[name] = false_alarms(years=given.years, seed=7, **case)
        shown = (f"{quiet[name][what]:.3f}" for what in ("days a year", "rises a year", "drops a year"))
        print(f"| {name} | {' | '.join(shown)} |", flush=True)
    print("\n| change | counts | seen in 14 days | in 28 days | median days |\n|---|---|---|---|---|")
    seen = {}
    for times in (2.0, 3.0, 0.33):
        for mean, spread in ((0.5, 1.0), (1.0, 1.0), (3.0, 1.0), (3.0, 2.0), (10.0, 1.0), (10.0, 4.0)):
            found = power(mean=mean, spread=spread, times=times, runs=given.runs, seed=9)
            seen[f"{times:g} x, {mean:g} a day, {spread:g}"] = found
            days = "-" if found["median days"] is None else f"{found['median days']:.0f}"
            law = "Poisson" if spread == 1 else f"variance {spread:g} times the mean"
            often = " | ".join(f"{found[what]:.2f}" for what in ("seen in 14 days", "seen in 28 days"))
            print(f"| {times:g} times | {mean:g} a day, {law} | {often} | {days} |", flush=True)
    RESULTS.write_text(
        json.dumps({"stated": stated, "false_alarms": quiet, "power": seen}, indent=1) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
