"""The parts of tools/measure_containment.py beside the weekly series: counts, later states, NUTS, shipped worlds."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from scipy import stats

from afterstrike.containment import calibrate, load_world, simulate
from afterstrike.containment._calibrate._counts import CountPart, count_posterior, pace_posterior
from afterstrike.containment._calibrate._simulated import StockTarget, regression_adjusted, weigh
from afterstrike.containment._calibrate._targets import read_targets
from afterstrike.errors import EstimateRefused

POINTS = np.array([0.05, 0.5, 0.95])
REPEATS = 200
BEFORE = (0.1, 5.0)


def counts() -> list[dict[str, Any]]:
    """Cover the truth of dated counts: by chance alone, with parts that lie apart, and the pace of a camp."""
    rng = np.random.default_rng(1)
    held: dict[str, list[bool]] = {}

    def note(name: str, quantiles: np.ndarray, truth: float) -> None:
        held.setdefault(name, []).append(bool(quantiles[0] <= truth <= quantiles[2]))

    before = count_posterior("x", [CountPart(1, 1)], before=BEFORE)
    for _ in range(REPEATS):
        truth = float(before.prior_quantile(rng.random()))
        plain = count_posterior("x", [CountPart(float(rng.poisson(truth * 196)), 196)], before=BEFORE)
        note("rate, by chance alone", plain.quantile(POINTS), truth)
        for parts in (2, 4):
            rates = truth * rng.gamma(1 / 0.4**2, 0.4**2, parts)
            each = [CountPart(float(rng.poisson(rate * 200 / parts)), 200 / parts) for rate in rates]
            note(
                f"rate, {parts} parts with own rates (sd 40 %)",
                count_posterior("x", each, before=BEFORE).quantile(POINTS),
                truth,
            )
        share = rng.random()
        part = CountPart(float(rng.binomial(210, share)), 210)
        note(
            "share, by chance alone",
            count_posterior("x", [part], form="share", before=(0.05, 0.95)).quantile(POINTS),
            share,
        )
        spread = 0.7 / np.sqrt(rng.chisquare(2) / 2)
        paces = np.exp(np.log(0.15) + 0.6 * rng.standard_normal() + min(spread, 3.0) * rng.standard_normal(6))
        stretches = [(1e5, 1e5 * float(np.exp(-pace)), 1.0, "") for pace in paces[:5] if np.exp(-pace) < 1]
        if stretches:
            note(
                "pace of the next stretch",
                pace_posterior("x", stretches, before=(0.01, 2.0)).quantile(POINTS),
                paces[5],
            )
    low, high = stats.binom.ppf([0.025, 0.975], REPEATS, 0.9) / REPEATS
    return [{"what": name, "runs": len(all_), "covered": float(np.mean(all_)), "true_90_low": float(low),
             "true_90_high": float(high)} for name, all_ in held.items()]  # fmt: skip


def abc() -> dict[str, Any]:
    """Compare simulation with the closed form where there is one: attacks counted over half a year."""
    rng = np.random.default_rng(2)
    before = count_posterior("x", [CountPart(1, 1)], before=(0.05, 20.0))
    rate = before.prior_quantile(rng.random(60_000))
    counted = rng.poisson(rate * 182)
    gaps, held = [], []
    for _ in range(REPEATS):
        truth = float(before.prior_quantile(rng.uniform(0.2, 0.9)))
        seen = int(rng.poisson(truth * 182))
        near = (counted > seen * 0.5) & (counted < seen * 2)
        found, weights, _ = regression_adjusted(
            {"rate": rate[near]}, np.log(counted[near])[:, None], np.log([float(seen)]), keep=0.3
        )
        order = np.argsort(found["rate"])
        simulated = found["rate"][order][np.searchsorted(np.cumsum(weights[order]), POINTS)]
        closed = count_posterior("x", [CountPart(seen, 182)], before=(0.05, 20.0)).quantile(POINTS)
        gaps.append(np.abs(simulated / closed - 1))
        held.append(bool(simulated[0] <= truth <= simulated[2]))
    return {
        "runs": REPEATS,
        "median_gap": [float(gap) for gap in np.median(gaps, axis=0)],
        "worst_gap": [float(gap) for gap in np.max(gaps, axis=0)],
        "covered": float(np.mean(held)),
    }


def stocks(members: int = 4000) -> dict[str, Any]:
    """Take each of 200 members for the truth, let its figures be written with their error, and weigh the others."""
    world = load_world("mid2024")
    targets = read_targets(world).stocks
    draws = world.draw(members, seed=5)
    run = simulate(world, until=max(one.day for one in targets), draws=draws, seed=5, jobs=1)
    ends = np.array([end.toordinal() for end in run.periods])
    states = []
    for target in targets:
        at = int(np.argmin(np.abs(ends - target.day.toordinal())))
        places: tuple[str | None, ...] = target.places or (None,)
        states.append(np.sum([run.series(target.output, place=place)[:, at] for place in places], axis=0))
    table = np.column_stack(states).astype(float)
    growth = np.log(np.maximum(run.series("fighters")[:, -1], 1) / np.maximum(np.round(draws["fighters"]), 1))
    numbers = {
        "camp_returns_per_year": draws["camp_returns_per_year.al_hol_roj"], "net_growth": growth,
        "fighters": draws["fighters"], "detained.ne_syria": draws["detained.ne_syria"],
    }  # fmt: skip
    rng = np.random.default_rng(6)
    ranks: dict[str, list[float]] = {name: [] for name in numbers}
    refused = 0
    for member in range(REPEATS):
        written = [_written(target, table[member, k], rng) for k, target in enumerate(targets)]
        others = np.arange(members) != member
        try:
            weighed = weigh(table[others], written)
        except EstimateRefused:
            refused += 1
            continue
        for name, values in numbers.items():
            ranks[name].append(float(weighed.weights @ (values[others] < values[member])))
    rows = []
    for name, each in ranks.items():
        found = np.array(each)
        rows.append({
            "number": name, "runs": len(each), "covered": float(((found > 0.05) & (found < 0.95)).mean()),
            "chi_square_p": float(stats.chisquare(np.histogram(found, 10, (0, 1))[0]).pvalue),
            "ks_p": float(stats.kstest(found, "uniform").pvalue),
        })  # fmt: skip
    return {"refused": refused, "rows": rows}


def _written(target: StockTarget, state: float, rng: np.random.Generator) -> StockTarget:
    """Write a figure about a state, with the error that `StockTarget` takes it to have; ranges become "about"."""
    spread = target.spread if target.value is not None else 0.21
    value = float(max(state, 1.0) * np.exp(rng.normal(0, spread)))
    return dataclasses.replace(target, value=value, low=None, high=None, approx="about", spread=spread)


def nuts(seed: int = 4) -> list[dict[str, Any]]:
    """Fit one series by the fast way and by NUTS."""
    from afterstrike.containment._calibrate._series import WeeklySeries
    from afterstrike.containment._calibrate._series_fit import fit_series
    from afterstrike.containment._calibrate._series_model import HYPER
    from afterstrike.containment._calibrate._series_sampler import sample_series
    from afterstrike.containment._calibrate._series_simulate import simulate_weeks

    weeks, rng = 80, np.random.default_rng(seed)
    walk = np.log(6) + np.cumsum(rng.normal(0, 0.02 * 7**0.5, weeks))

    def strikes(week: int, recorded: np.ndarray, hit: np.ndarray, generator: np.random.Generator) -> float:
        return float(generator.poisson(0.5 + 0.08 * recorded[0, week]))

    recorded, hit = simulate_weeks(
        walk[None],
        np.array([[17.0, 0.02, 1.6, 0.35, 14.0]]),
        strike_effect=np.array([0.6]),
        strikes=strikes,
        unit=0.3,
        rng=rng,
    )
    series = WeeklySeries(np.datetime64("2016-01-04") + 7 * np.arange(weeks), recorded[0], hit)
    fit = fit_series(series, harmonics=1, seed=1)
    fast = fit.parameters(fit.draws(8000))
    slow = sample_series(series, harmonics=1, draws=600, warmup=300, chains=1)
    return [
        {"parameter": name, "fast": np.quantile(fast[name], POINTS).tolist(), "nuts": np.quantile(slow[name], POINTS).tolist(),
         "r_hat": float(slow["r_hat"])}
        for name in ("strike_effect", *HYPER)
    ]  # fmt: skip


def shipped() -> list[dict[str, Any]]:
    """Calibrate the shipped worlds to the shipped figures alone."""
    rows = []
    for name in ("mid2024", "feb2026"):
        found = calibrate(name)
        table = found.to_frame()
        effective = found.weighed.effective if found.weighed else None
        told = table[table["basis"] != "prior only"].to_dict("records")
        rows += [{"world": name, "numbers": len(table), "effective": effective, **row} for row in told]
    return rows
