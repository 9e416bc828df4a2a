"""The specification curve: each design again under declared alternatives, one choice changed at a time or all."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .._study import Study
from ._designs import DESIGNS, Design, run_design
from ._setting import Setting

if TYPE_CHECKING:
    pass

__all__ = ["declared_alternatives", "specification_rows"]

COLUMNS = (
    "estimand", "design", "form", "days", "km", "zones", "trend_days", "kernel", "seed", "rate_ratio", "low",
    "high", "n_treated", "is_main", "reason",
)  # fmt: skip


def declared_alternatives(setting: Setting) -> dict[str, tuple[Any, ...]]:
    """Give the alternatives that are run unless others are declared: half and twice each size, other zones."""
    zones: tuple[Any, ...] = (setting.zones,)
    if setting.zones is not None:
        wider = 2 * setting.zones if not isinstance(setting.zones, str) else 8 * setting.km
        zones = tuple(dict.fromkeys((setting.zones, min(wider, 2000.0), None)))
    return {
        "days": tuple(sorted({max(setting.days // 2, 1), setting.days, min(2 * setting.days, 365)})),
        "km": (setting.km / 2, setting.km, 2 * setting.km),
        "zones": zones,
        "trend_days": tuple(dict.fromkeys((90.0, setting.trend_days, 365.0))),
        "kernel": ("exponential", "power"),
        "seed": (setting.seed, setting.seed + 1, setting.seed + 2),
    }


def specification_rows(
    study: Study,
    setting: Setting,
    alternatives: Mapping[str, Sequence[Any]],
    *,
    designs: Sequence[Design] = DESIGNS,
    progress: Callable[[str], None] = lambda stage: None,
) -> list[dict[str, Any]]:
    """Run every design that gives a rate ratio under its alternatives.

    All combinations of the choices that a design depends on are run, but for `seed`, which is changed alone. Each
    row is one specification; a run that serves several windows gives a row for each. Nothing is left out: a
    specification that the record cannot carry is a row with its reason. The checks that repeat an estimate many
    times are not run here: the curve shows estimates and intervals.
    """
    rows: list[dict[str, Any]] = []
    bare = replace(setting, with_checks=False)
    for design in designs:
        chosen = {name: alternatives[name] for name in design.choices if alternatives.get(name)}
        if not chosen and not any(alternatives.get(name) for name in design.windows):
            continue
        once = {name: tuple(alternatives.get(name, ())) for name in design.windows}
        start = replace(bare, further_days=once.get("days", ()))
        settings = _settings(start, chosen)
        for number, one in enumerate(settings, 1):
            progress(f"specifications of {design.name}: {number} of {len(settings)}")
            _, standings = run_design(design, study, one)
            rows += [_row(standing, one, start) for standing in standings]
    return rows


def _settings(setting: Setting, chosen: Mapping[str, Sequence[Any]]) -> list[Setting]:
    crossed = {name: values for name, values in chosen.items() if name != "seed"}
    found = [
        replace(setting, **dict(zip(crossed, values, strict=True)))
        for values in itertools.product(*crossed.values())
    ]
    # Another seed draws other comparison place-days: of the declared window only, since each draw takes as long.
    found += [replace(setting, seed=seed) for seed in chosen.get("seed", ())]
    return list(dict.fromkeys(found))


def _row(standing: Any, setting: Setting, main: Setting) -> dict[str, Any]:
    values = (
        standing.estimand, standing.design, standing.form, standing.days, standing.km, _zones(setting.zones),
        setting.trend_days, setting.kernel, setting.seed, standing.value, standing.low, standing.high,
        standing.n_treated, setting == main and standing.is_main, standing.reason,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _zones(zones: Any) -> str:
    return "whole region" if zones is None else zones if isinstance(zones, str) else f"{zones:g} km"
