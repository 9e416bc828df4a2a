"""Tables and sentences of the page of stochastic interventions: the same for either sign."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from afterstrike.effects import base_density, expected_effective_sample, policy_weights, scaled_density

if TYPE_CHECKING:
    import pandas as pd

LEAST = 30.0
# Standard errors that 80% power at a two-sided 5% asks for.


def told(passed: bool | None) -> str:
    return {True: "passed", False: "failed", None: "cannot tell or no test"}[passed]


def usable(row: Mapping[Any, Any]) -> float:
    """Give the smaller of both policies' samples, at hand and expected."""
    names = [f"{kind}_sample_{n}" for kind in ("effective", "expected") for n in (1, 2)]
    return min(float(row[name]) for name in names if not math.isnan(row[name]))


def joint(table: pd.DataFrame) -> pd.DataFrame:
    """Add intervals that serve all rows of the table at once (Bonferroni, Student's t)."""
    from scipy.stats import t as student

    freedom = table["freedom"].to_numpy(float)
    half = student.ppf(1 - 0.025 / len(table), freedom) * table["std_error"].to_numpy(float)
    return table.assign(joint_low=table["estimate"] - half, joint_high=table["estimate"] + half)


def interval(low: float, high: float, form: str = "+.2f") -> str:
    return "none" if math.isnan(low) else f"{low:{form}} to {high:{form}}"


def side(low: float, high: float) -> str:
    """Say which signs an interval holds."""
    if math.isnan(low):
        return "no interval"
    if low <= 0 <= high:
        return "both signs"
    return "more only" if low > 0 else "fewer only"


def contrast_table(table: pd.DataFrame, by: str) -> list[str]:
    """Give one row a lag and area or policy; the last columns serve all rows at once."""
    first = by.replace("policy_2", "policy")
    head = (first, "lag", "as observed", "difference a day", "95%", "all rows at once", "signs held at once",
            "could show", "effective sample")  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in table.to_dict("records"):
        if math.isnan(row["low"]):
            lines.append(
                f"| {row[by]} | {row['lag']} | {row['mean_1']:.1f} | refused | | | | | {usable(row):.1f} |"
            )
            continue
        seen = f"±{row['smallest_change'] / row['mean_1']:.1%}"
        lines.append(
            f"| {row[by]} | {row['lag']} | {row['mean_1']:.1f} | {row['estimate']:+.2f} "
            f"| {interval(row['low'], row['high'])} | {interval(row['joint_low'], row['joint_high'])} "
            f"| {side(row['joint_low'], row['joint_high'])} | {seen} | {usable(row):.0f} |"
        )
    kept = int((~table["joint_low"].isna() & ((table["joint_low"] > 0) | (table["joint_high"] < 0))).sum())
    alone = int((~table["low"].isna() & ((table["low"] > 0) | (table["high"] < 0))).sum())
    return [
        *lines, "",
        f"{alone} of {len(table)} intervals leave out zero by themselves, {kept} with all rows at once. "
        f"Could "
        "show: the difference, in % of the mean as observed, that 80% power asks for.",
    ]  # fmt: skip


def scale_table(table: pd.DataFrame, run: Any, factors: Sequence[float]) -> list[str]:
    expected = float(run.propensity.expected.mean())
    extra = ", ".join(f"{factor:g} times: {(factor - 1) * expected:.2f}" for factor in factors)
    return [
        f"Expected strikes a day as observed: {expected:.2f}; more of them a day under {extra}.",
        "",
        *contrast_table(joint(table), "policy_2"),
    ]


def overlap_lines(
    run: Any, main: Any, lags: Sequence[int], factors: Sequence[float], refusal: str
) -> list[str]:
    """Give effective samples before and after fitting, and what is refused."""
    counts = run.propensity.n_strikes
    n, mean, spread = len(counts), float(counts.mean()), float(counts.var(ddof=1))
    size = mean**2 / (spread - mean)
    head = (
        "times",
        "lag",
        "before, Poisson",
        "before, negative binomial",
        "fitted, smaller of two",
        "interval",
    )
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for factor in (*factors, 2.0):
        made = run if factor == 2 else main
        for lag in lags:
            asked = {"n_periods": n - lag, "strikes_per_period": mean, "factor": factor, "lag": lag}
            first = expected_effective_sample(**asked)  # type: ignore[arg-type]
            bursts = expected_effective_sample(**asked, size=size)  # type: ignore[arg-type]
            left = made.weights[f"{factor:g} times as observed", lag].usable_sample
            given = "yes" if left >= LEAST else "**refused**"
            lines.append(f"| {factor:g} | {lag} | {first:.1f} | {bursts:.1f} | {left:.1f} | {given} |")
    space, fitted = run.propensity.space, run.propensity
    density = base_density(space, fitted.strikes)
    policy = scaled_density(space, fitted.strikes, density, mean, size=fitted.size)
    left = "; ".join(
        f"lag {lag}: {one.effective_sample:.1f} at hand, {one.expected_sample:.1f} implied"
        for lag in lags
        for one in [policy_weights(fitted, policy, lag=lag)]
    )
    return [
        *lines, "",
        f"- Doubling with a Poisson number, as the package answers: \"{refusal}\"",
        f"- Strikes of a constant expected number ({mean:.2f} a day), placed by their own smoothed "
        f"density, as "
        f"geocausal makes policies, leave {left}. Below {LEAST:g} no interval. Days and places where the "
        "propensity expected next to nothing rule what is implied.",
    ]  # fmt: skip


def curve_lines(result: Any, days: Sequence[int]) -> list[str]:
    table = result.to_frame()
    lines = []
    for area, part in table.groupby("area", sort=False):
        part = joint(part)
        alone = part[(part["low"] > 0) | (part["high"] < 0)]
        once = part[(part["joint_low"] > 0) | (part["joint_high"] < 0)]
        signs = sum(part["estimate"] > 0)
        lines.append(
            f"- {area}: {signs} of {len(part)} lags above zero, {len(part) - signs} below; {len(alone)} "
            f"intervals leave out zero by themselves, {len(once)} for all lags at once; smallest effective "
            f"sample {min(usable(row) for row in part.to_dict('records')):.0f}."
        )
    lines += [
        "",
        "Quiet days per additional expected strike on one day; below zero means extra days' worth:",
        "",
    ]
    lines += [
        f"- {result.lull(days=span, area=area).sentence()}"
        for area in dict.fromkeys(table["area"])
        for span in days
    ]
    return lines


def modification_lines(made: Any, factor: float) -> list[str]:
    from scipy.stats import norm

    half = norm.ppf(1 - 0.025 / len(made.at)) * np.sqrt(made.variance)
    scale = 1e4
    rows = ["| km to Baghdad | difference a day and 10,000 km² | all rows at once |", "|---|---|---|"]
    picked = range(0, len(made.at), 3)
    rows += [
        f"| {made.at[k]:.0f} | {made.curve[k] * scale:+.3f} "
        f"| {interval((made.curve[k] - half[k]) * scale, (made.curve[k] + half[k]) * scale, '+.3f')} |"
        for k in picked
    ]
    flat = "cannot be tested" if math.isnan(made.p_value) else f"has p = {made.p_value:.2g}"
    varies = " The difference varies with distance."
    more = varies if made.p_value <= 0.05 else " Cannot tell whether the difference varies with distance."
    return [
        *rows, "",
        f"{factor:g} times as observed, lag 1. A flat curve {flat} (chi-squared {made.statistic:.1f} on "
        f"{len(made.coefficients) - 1}).{more}",
    ]  # fmt: skip


def bounds_lines(bounds: Mapping[float, pd.DataFrame]) -> list[str]:
    lines = []
    for factor, table in bounds.items():
        robust = table["robust_gamma"].iloc[0]
        lines.append(
            f"- {factor:g} times, lag 1, whole country: with one error of each day's propensity for both "
            f"policies zero cannot be attained up to Γ = {robust:g} of those tried; each policy by "
            f"itself, bounds on the difference by Γ: "
            + "; ".join(f"{row.gamma:g}: {row.low:+.2f} to {row.high:+.2f}" for row in table.itertuples())
            + ". These bound the estimate, not its interval."
        )
    return lines


def _percent(row: Any) -> str:
    if math.isnan(row["low"]):
        return "refused"
    estimate, low, high = (row[name] / row["mean_1"] for name in ("estimate", "low", "high"))
    return f"{estimate:+.2%} ({interval(low, high, '+.2%')})"


def spec_table(specs: Sequence[tuple[str, pd.DataFrame]], lags: Sequence[int], area: str) -> list[str]:
    head = ("estimated", *(f"lag {lag}" for lag in lags), "smallest effective sample")
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for label, table in specs:
        part = table[table["area"] == area].set_index("lag")
        cells = [_percent(part.loc[lag]) for lag in lags]
        least = min(usable(row) for row in part.to_dict("records"))
        lines.append(f"| {label} | {' | '.join(cells)} | {least:.0f} |")
    return [*lines, "", "Differences in % of the mean as observed, 95% intervals of each by itself."]


def open_points(
    row: Mapping[Any, Any], checks: Sequence[Any], specs: Sequence[tuple[str, pd.DataFrame]], robust: float
) -> list[str]:
    """Say what stands against a sign of one contrast."""
    if math.isnan(row["low"]):
        return [str(row["reason"])]
    points = []
    if row["joint_low"] <= 0 <= row["joint_high"]:
        points.append("the interval that serves all declared rows at once holds both signs")
    points += [
        f'the check "{check.check_name}" {"failed" if check.passed is False else "could not be made"}'
        for check in checks
        if check.check_name in ("mean weight", "outcomes before") and not check.passed
    ]
    known = [
        found
        for _, table in specs
        for found in table[(table["area"] == row["area"]) & (table["lag"] == row["lag"])].to_dict("records")
        if not math.isnan(found["low"])
    ]
    if any(found["estimate"] * row["estimate"] < 0 for found in known):
        points.append("a way to estimate it that keeps an interval gives the other sign")
    if not robust > 1.01 and row["lag"] == 1:
        points.append("a propensity wrong by 1% a day could make it zero")
    return points


def paragraphs(
    result: Any, specs: Sequence[tuple[str, pd.DataFrame]], bounds: pd.DataFrame, area: str, factor: float
) -> tuple[str, str]:
    """Write what the record says, in words that change with the numbers and not with a wish."""
    table = result.to_frame()
    rows = joint(table[table["policy_2"] == f"{factor:g} times as observed"])
    whole = rows[rows["area"] == area].to_dict("records")
    expected = float(result.run.propensity.expected.mean())
    parts, verdicts, open_all = [], [], []
    for row in whole:
        share = {name: row[name] / row["mean_1"] for name in ("estimate", "low", "high", "smallest_change")}
        points = open_points(row, result.checks, specs, float(bounds["robust_gamma"].iloc[0]))
        open_all += points
        verdicts.append(not points)
        if math.isnan(row["low"]):
            parts.append(f"lag {row['lag']}: no interval ({row['reason']})")
            continue
        parts.append(
            f"lag {row['lag']}: {share['estimate']:+.2%} ({share['low']:+.2%} to {share['high']:+.2%}; "
            f"could show "
            f"{share['smallest_change']:.1%} either way; effective sample {usable(row):.0f} of "
            f"{row['n_periods']})"
        )
    first = (
        f"Had strikes been drawn as they were, but {factor:g} times as many expected "
        f"({(factor - 1) * expected:.2f} "
        f"more a day), for the last M days, the mean number of attacks recorded the day after, in the "
        f"{area}, would "
        f"have differed by, in % of the mean as observed: {'; '.join(parts)}. "
    )
    if any(verdicts):
        first += "No point named on this page stands against the sign at lag " + ", ".join(
            str(row["lag"]) for row, clear in zip(whole, verdicts, strict=True) if clear
        ) + ". "  # fmt: skip
    if not all(verdicts):
        lags = ", ".join(str(row["lag"]) for row, clear in zip(whole, verdicts, strict=True) if not clear)
        reasons = "; ".join(dict.fromkeys(open_all))
        first += (
            f"At lag {lags} **this record cannot answer** whether attacks would have been more or fewer: "
            f"{reasons}."
        )
    first = f"{first.strip()} {_others(specs, area)}"
    single = [side(row["low"], row["high"]) for row in whole]
    second = _beside_published(single, [row["lag"] for row in whole], rows, area)
    return first.strip(), second


def _others(specs: Sequence[tuple[str, pd.DataFrame]], area: str) -> str:
    """Name the ways to estimate whose own intervals leave out zero, and those that were refused."""
    firm, refused = [], []
    for label, table in specs:
        part = table[table["area"] == area].to_dict("records")
        kinds = {row["lag"]: side(row["low"], row["high"]) for row in part}
        for kind in ("more only", "fewer only"):
            at = [str(lag) for lag, one in kinds.items() if one == kind]
            firm += [f"{label}, {kind} at lag {', '.join(at)}"] if at else []
        refused += [label] if set(kinds.values()) == {"no interval"} else []
    told_firm = "; ".join(firm) or "none"
    told_refused = f" Refused at every lag: {'; '.join(refused)}." if refused else ""
    return f"Ways to estimate whose own intervals leave out zero: {told_firm}.{told_refused}"


def _beside_published(single: Sequence[str], lags: Sequence[int], rows: pd.DataFrame, area: str) -> str:
    parts = rows[rows["area"] != area]
    apart = parts[(parts["joint_low"] > 0) | (parts["joint_high"] < 0)]
    regions = (
        "In no third of the country does an interval that serves all rows at once leave out zero. "
        if not len(apart)
        else f"In {len(apart)} of {len(parts)} rows of thirds the interval for all rows at once leaves "
        f"out zero. "
    )
    found = {
        kind: [lag for lag, one in zip(lags, single, strict=True) if one == kind] for kind in set(single)
    }
    if set(found) <= {"both signs", "no interval"}:
        words = (
            "Every interval for the whole country that can be given holds both signs, so it neither "
            "repeats nor "
            "contradicts that: the rise that was published may be there at a size this contrast cannot "
            "see, and so "
            "may a fall."
        )
    else:
        named = "; ".join(
            f"{kind} at lag {', '.join(map(str, at))}" for kind, at in found.items() if kind.endswith("only")
        )
        words = f"Intervals taken one by one hold {named}; whether that may be read is said above."
    return (
        f"{regions}Papadogeorgou et al. (2022) conclude that more airstrikes a day for up to a month "
        f"\"may result in "
        f"more insurgent attacks\". {words}"
    )  # fmt: skip


def side_by_side(result: Any, wakes: pd.DataFrame, area: str, factor: float) -> list[str]:
    """Put both estimands beside each other, each in its own list, and say whether their signs agree."""
    table = result.to_frame()
    table = table[(table["policy_2"] == f"{factor:g} times as observed") & (table["area"] == area)]
    lines = [
        "**Stochastic intervention**: mean attacks a day in the whole country, one policy rather than "
        "another.",
        "",
    ]
    signs = []
    for row in table[table["lag"].isin(wakes["days"])].to_dict("records"):
        low, high = (row[end] / row["mean_1"] for end in ("low", "high"))
        signs.append(side(row["low"], row["high"]))
        lines.append(
            f"- {factor:g} times as observed for {row['lag']} days, attacks of the next day: "
            f"{row['estimate'] / row['mean_1']:+.2%} ({interval(low, high, '+.2%')}); {signs[-1]}."
        )
    lines += [
        "",
        "**Matched wakes**: attacks near struck place-days, against alike place-days without a strike.",
        "",
    ]
    ratios = []
    for row in wakes.to_dict("records"):
        ends = (row["rate_ratio_low"], row["rate_ratio_high"])
        ratios.append(side(*(math.log(end) if end > 0 else math.nan for end in ends)))
        lines.append(
            f"- Days 1 to {row['days']:g} within {row['km']:g} km: rate ratio {row['rate_ratio']:.2f} "
            f"({ends[0]:.2f} to {ends[1]:.2f}), {row['n_treated']:g} struck place-days; {ratios[-1]}."
        )
    return [*lines, "", _agreement(set(signs), set(ratios))]


def _agreement(one: set[str], two: set[str]) -> str:
    undecided = {"both signs", "no interval"}
    if one <= undecided and two <= undecided:
        return (
            "Neither tells a sign, so they do not disagree, and that is no agreement on a size either: "
            "each holds "
            "no change, more and fewer."
        )
    firm = {kind for kind in one | two if kind.endswith("only")}
    if len(firm) > 1:
        return "Their intervals hold opposite signs in some windows; the reasons below may each be why."
    which = "both" if firm <= one and firm <= two else "only one of them"
    return f"Where an interval leaves out no change it holds {firm.pop()}, and that in {which}."
