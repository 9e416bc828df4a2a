"""The specification curve: each design again under declared alternatives, every run once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._study import Study
from ._designs import DESIGNS, Design, run_design
from ._setting import Setting
from ._standing import Standing

__all__ = ["count_runs", "declared_alternatives", "specification_rows"]

Run = tuple[str, ...]
COLUMNS = (
    "estimand", "design", "form", "days", "km", "zones", "trend_days", "kernel", "seed", "rate_ratio", "low",
    "high", "n_treated", "is_main", "reason",
)  # fmt: skip


def declared_alternatives(setting: Setting) -> dict[str, tuple[Any, ...]]:
    """Give the alternatives that are run unless others are declared: half and twice each size, other zones."""
    zones: tuple[Any, ...] = (setting.zones,)
    if setting.zones is not None:
        wider = 2 * setting.zones if not isinstance(setting.zones, str) else 8 * setting.km
        zones = tuple(dict.fromkeys((setting.zones, min(max(wider, 1.0), 2000.0), None)))
    return {
        "days": tuple(sorted({max(setting.days // 2, 1), setting.days, min(2 * setting.days, 365)})),
        "km": tuple(dict.fromkeys((setting.km / 2, setting.km, min(2 * setting.km, 2000.0)))),
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
) -> dict[Run, dict[str, Any]]:
    """Run every design that gives a rate ratio under its alternatives.

    All combinations of the choices that a design depends on are run, but for `seed`, which is changed alone. Each
    row is one specification at its declared horizon, by what makes it another run than the others; what serves
    several declared windows gives a row for each. Specifications of one window and one kind of zones whose numbers
    are the same to the last digit are one: the choice between them has no hold on this record (a constant baseline
    has no trend), and one row stays, the declared one where it is among them. Nothing else is left out: a
    specification that the record cannot carry is a row with its reason. The checks that repeat an estimate many
    times are not run here: the curve shows estimates and intervals.
    """
    rows: dict[Run, dict[str, Any]] = {}
    bare = replace(setting, with_checks=False)
    for design in designs:
        chosen = {name: alternatives[name] for name in design.choices if alternatives.get(name)}
        once = {name: tuple(alternatives[name]) for name in design.windows if alternatives.get(name)}
        if not chosen and not once:
            continue
        start = replace(bare, further_days=once.get("days", ()))
        settings = _settings(start, chosen)
        for number, one in enumerate(settings, 1):
            progress(f"specifications of {design.name}: {number} of {len(settings)}")
            result, standings = run_design(design, study, one)
            wanted = once.get("days") or tuple(row.days for row in standings if row.is_main)
            for standing in standings:
                if result is not None and standing.days not in wanted:
                    continue
                run = _run(design, standing, one)
                # Of specifications that are one run, the declared one stays where it is among them.
                if run not in rows or one == start:
                    rows[run] = _row(standing, one, start)
    return rows


def count_runs(
    standings: Sequence[Standing], setting: Setting, curve: Mapping[Run, Mapping[str, Any]]
) -> int:
    """Count the different runs behind a comparison and its curve: what stands on both is counted once."""
    by_name = {design.name: design for design in DESIGNS}
    return len({_run(by_name[row.design], row, setting) for row in standings} | set(curve))


def _run(design: Design, standing: Standing, setting: Setting) -> Run:
    """Give what tells a run from others: its windows and zones, and its numbers."""
    zones = _zones(setting.zones) if "zones" in design.choices else ""
    longest = design.horizon(setting) if "days" in design.choices else None
    parts = (
        design.name, standing.form, standing.days, longest, standing.km, zones, standing.value, standing.low,
        standing.high, standing.reason,
    )  # fmt: skip
    return tuple(map(str, parts))


def _settings(setting: Setting, chosen: Mapping[str, Sequence[Any]]) -> list[Setting]:
    crossed = {name: values for name, values in chosen.items() if name != "seed"}
    found = [
        replace(setting, **dict(zip(crossed, values, strict=True)))
        for values in itertools.product(*crossed.values())
    ]
    # Another seed draws other comparison place-days: of the declared window only, since each draw takes as long.
    found += [replace(setting, seed=seed) for seed in chosen.get("seed", ())]
    return list(dict.fromkeys(found))


def _row(standing: Standing, setting: Setting, main: Setting) -> dict[str, Any]:
    values = (
        standing.estimand, standing.design, standing.form, standing.days, standing.km, _zones(setting.zones),
        setting.trend_days, setting.kernel, setting.seed, standing.value, standing.low, standing.high,
        standing.n_treated, setting == main and standing.is_main, standing.reason,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _zones(zones: str | float | None) -> str:
    return "whole region" if zones is None else zones if isinstance(zones, str) else f"{zones:g} km"
