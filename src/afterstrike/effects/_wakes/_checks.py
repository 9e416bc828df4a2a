"""Checks of every run: signs of both forms, levels before, overlap, reach of the comparison."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .._result import CheckResult
from ._leads import EQUIVALENCE_MARGIN, SIZE, leads_check, normal_p_one, pre_ratios
from ._place_days import CHECK_BIN
from ._radius import Radius
from ._regions import regions_check
from ._rows import normal_p, normal_quantile
from ._words import ISOLATED_FOR_PER_STRIKE

__all__ = ["design_checks"]


def design_checks(
    rows: Sequence[Mapping[str, Any]], radii: Mapping[float, Radius], *, level: float
) -> tuple[CheckResult, ...]:
    """Run the checks that need nothing beyond the estimates."""
    if not radii:
        return ()
    return (
        _signs(rows), _before(radii), leads_check(radii), regions_check(radii, level=level), _overlap(rows),
        _support(radii), _hidden(rows),
    )  # fmt: skip


def _signs(rows: Sequence[Mapping[str, Any]]) -> CheckResult:
    """Fail where the two forms have opposite signs and either interval leaves out zero."""
    import pandas as pd

    known = [row for row in rows if math.isfinite(row["lagged"]) and math.isfinite(row["difference"])]
    table = pd.DataFrame(
        [{key: row[key] for key in ("days", "km", "lagged", "lagged_low", "lagged_high", "difference",
                                    "difference_low", "difference_high")} for row in known]
    )  # fmt: skip
    opposite = [row for row in known if row["lagged"] * row["difference"] < 0]
    clear = [
        row
        for row in opposite
        if row["lagged_low"] * row["lagged_high"] > 0 or row["difference_low"] * row["difference_high"] > 0
    ]
    text = (
        f"Lagged outcome and difference-in-differences have opposite signs in {len(opposite)} of "
        f"{len(known)} windows, in "
        f"{len(clear)} of them with an interval that leaves out zero."
    )
    passed = None if not known else not clear
    return CheckResult("signs of both forms", passed, table, text)


def _before(radii: Mapping[float, Radius]) -> CheckResult:
    """Test that matched groups were alike in a pre-window not used in matching: two one-sided tests."""
    import pandas as pd

    margin, z = math.log(EQUIVALENCE_MARGIN), normal_quantile(1 - SIZE)
    lines = []
    for km, radius in radii.items():
        values, covariance = pre_ratios(radius)
        value, error = float(values[0]), math.sqrt(max(float(covariance[0, 0]), 0.0))
        if not (math.isfinite(value) and error > 0):
            continue
        alike = max(normal_p_one((value + margin) / error), normal_p_one((margin - value) / error))
        power = max(0.0, 1 - normal_p(margin / error - z)) if margin / error > z else 0.0
        lines.append(
            {"km": km, "first_day": CHECK_BIN[0], "last_day": CHECK_BIN[1], "ratio": math.exp(value),
             "low": math.exp(value - z * error), "high": math.exp(value + z * error), "p_equivalent": alike,
             "p_equal": normal_p(value / error), "power": power}
        )  # fmt: skip
    passed: bool | None = None
    if lines:
        # Neither shown alike nor shown different: the check cannot tell, and does not pass.
        if all(line["p_equivalent"] <= SIZE for line in lines):
            passed = True
        elif any(line["p_equal"] <= SIZE / len(lines) for line in lines):
            passed = False
    said = "; ".join(f"{x['ratio']:.2f} ({x['low']:.2f} to {x['high']:.2f}) at {x['km']:g} km" for x in lines)
    text = (
        f"Attacks {-CHECK_BIN[0]} to {-CHECK_BIN[1]} days before, which matching did not use, struck "
        f"against comparison: "
        f"{said or 'none recorded'}; alike means within a ratio of {EQUIVALENCE_MARGIN:g}, tested at "
        f"{SIZE:.0%}."
    )
    return CheckResult("level before, outside the matched days", passed, pd.DataFrame(lines), text)


def _overlap(rows: Sequence[Mapping[str, Any]]) -> CheckResult:
    import pandas as pd

    known = [row for row in rows if math.isfinite(row["isolated_share"])]
    table = pd.DataFrame([{key: row[key] for key in ("days", "km", "isolated_share")} for row in known])
    lowest = min((row["isolated_share"] for row in known), default=math.nan)
    refused = [row for row in known if row["isolated_share"] < ISOLATED_FOR_PER_STRIKE]
    text = (
        f"Wakes that intersect no other: {lowest:.0%} in the widest window. In {len(refused)} of "
        f"{len(known)} windows fewer "
        f"than {ISOLATED_FOR_PER_STRIKE:.0%} do, and nothing is said per strike."
    )
    return CheckResult("overlap of wakes", None, table, text)


def _support(radii: Mapping[float, Radius]) -> CheckResult:
    """Say how many struck place-days found comparison, and how unequal the drawing was."""
    import pandas as pd

    lines = []
    for km, radius in radii.items():
        draw, risk = radius.draws[0], radius.plan.risk
        weight = draw.matched.weight[draw.matched.weight > 0]
        lines.append(
            {
                "km": km,
                "matched_share": len(draw.matched.struck) / max(len(risk.struck), 1),
                "effective_comparison": float(weight.sum() ** 2 / (weight @ weight)),
                "effective_pool_share": risk.effective_share(),
            }
        )
    least = min(line["effective_comparison"] for line in lines)
    matched = min(line["matched_share"] for line in lines)
    text = (
        f"At least {matched:.0%} of strike place-days were matched; the weighted comparison is worth at "
        f"least "
        f"{least:.0f} place-days. Below 30 no interval should be read."
    )
    return CheckResult("support", bool(least >= 30 and matched >= 0.8), pd.DataFrame(lines), text)


def _hidden(rows: Sequence[Mapping[str, Any]]) -> CheckResult:
    """Say how strong a hidden factor would have to be: the E-value of VanderWeele and Ding (2017),
    doi:10.7326/M16-2607, `RR + sqrt(RR (RR - 1))` with RR or its inverse, whichever is above one.
    """
    import pandas as pd

    known = [row for row in rows if math.isfinite(row["rate_ratio"])]
    lines = [
        {
            "days": row["days"],
            "km": row["km"],
            "rate_ratio": row["rate_ratio"],
            "e_value": _e_value(row["rate_ratio"]),
            "e_value_interval": _e_value_of_interval(row["rate_ratio_low"], row["rate_ratio_high"]),
        }
        for row in known
    ]
    said = "; ".join(
        f"{x['e_value']:.2f} for the ratio and {x['e_value_interval']:.2f} for its interval "
        f"({x['days']} days, {x['km']:g} km)"
        for x in lines
    )
    text = (
        "Something not in the record could give these ratios where nothing changed, if it made strikes and, "
        f"by itself, attacks more likely by a ratio of at least: {said or 'not estimable'}. 1 means that "
        "nothing hidden is needed."
    )
    return CheckResult("hidden factor", None, pd.DataFrame(lines), text)


def _e_value(ratio: float) -> float:
    away = max(ratio, 1 / ratio)
    return away + math.sqrt(away * (away - 1))


def _e_value_of_interval(low: float, high: float) -> float:
    return 1.0 if low <= 1 <= high else _e_value(low if low > 1 else high)
