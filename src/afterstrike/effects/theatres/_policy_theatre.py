"""Theatres whose strikes are a few a day, so that estimators that weight whole days have days to weight."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

from afterstrike.errors import UsageError

from ._theatre import Effect, StrikeRule, Theatre

__all__ = ["policy_theatre"]

DailyStrikes = Literal["random", "reactive"]
PolicyEffect = Literal["null", "lull", "surge", "displacement"]


def policy_theatre(
    effect: PolicyEffect | Effect = "lull",
    *,
    strikes: DailyStrikes = "random",
    strikes_per_day: float = 2.0,
    days: int = 300,
    **changes: Any,
) -> Theatre:
    r"""Give a theatre whose daily number of strikes is Poisson given the past, with a modest mean.

    Expected strikes at place p on day t are :math:`c\, g_p\, x_{tp}`, with g the places' fixed shares.
    `"random"`: :math:`x = 1`, so a day's number is Poisson with mean `strikes_per_day` whatever came before.
    `"reactive"`: :math:`x = ((a + 0.2) / (u + 0.2))^2`, at most 50, where a is the number of attacks recorded
    within 100 km in the last seven days and u what is usual there. The intensity is then log-linear, with
    coefficient 2 of :math:`\log(a + 0.2)`, and c is set so that the number of struck place-days is met on
    average.

    Parameters
    ----------
    effect
        `"null"`, `"lull"`, `"surge"` or `"displacement"`: times 0.7, 1.3 or 0.7 within 30 km on days 1 to 5,
        so small and short that strikes of many days do not reach the floor together. Or an `Effect`.
    strikes
        `"random"` or `"reactive"`.
    strikes_per_day
        Mean number of strikes a day in the whole region, 0.05 to 50.
    days
        Length of the recorded period, 30 to 5000.
    **changes
        Other fields of `Theatre` that shall differ.

    Raises
    ------
    UsageError
        A word or number that is not allowed.

    Examples
    --------
    >>> policy_theatre("surge", strikes_per_day=0.5, days=1000).strikes.place_days
    500
    """
    kinds: dict[str, Literal["none", "lull", "surge", "displacement"]] = {
        "null": "none", "lull": "lull", "surge": "surge", "displacement": "displacement"
    }  # fmt: skip
    if not isinstance(effect, Effect):
        if effect not in get_args(PolicyEffect):
            raise UsageError(
                f"policy_theatre({effect!r}): allowed is one of {', '.join(get_args(PolicyEffect))} or an "
                "Effect(...); change the effect"
            )
        effect = Effect(kind=kinds[effect], size=0.3, radius_km=30.0, duration_days=5)
    if strikes not in get_args(DailyStrikes):
        raise UsageError(
            f"policy_theatre(strikes={strikes!r}): allowed is one of {', '.join(get_args(DailyStrikes))}; "
            "change strikes"
        )
    if (
        isinstance(strikes_per_day, bool)
        or not isinstance(strikes_per_day, int | float)
        or not (math.isfinite(strikes_per_day) and 0.05 <= strikes_per_day <= 50)
    ):
        raise UsageError(
            f"policy_theatre(strikes_per_day={strikes_per_day!r}): allowed is a number from 0.05 to 50; "
            "change strikes_per_day"
        )
    if isinstance(days, bool) or not isinstance(days, int) or not 30 <= days <= 5000:
        raise UsageError(
            f"policy_theatre(days={days!r}): allowed is a whole number from 30 to 5000; change days"
        )
    unknown = sorted(set(changes) - set(Theatre.__dataclass_fields__) | {"strikes"} & set(changes))
    if unknown:
        raise UsageError(
            f"policy_theatre({unknown[0]}=...): allowed are the fields of Theatre: "
            f"{', '.join(Theatre.__dataclass_fields__)}; change the name"
        )
    rule = StrikeRule(
        rule=strikes,
        place_days=max(1, round(strikes_per_day * days)),
        reaction=1.0,
        react_km=100.0,
        # Random strikes need no pilot runs, and a day's number is then Poisson with exactly this mean.
        rate_factor=1.0 if strikes == "random" else None,
    )
    parts: dict[str, Any] = {"side_km": 300.0, "places": 100, "towns": 6, "attacks_per_day": 10.0}
    return Theatre(days=days, effect=effect, strikes=rule, **(parts | changes))
