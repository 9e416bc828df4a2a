"""Matched wakes by the convention "afterstrike": all windows, their ratios, their checks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ...errors import EstimateRefused, UsageError
from .._design import WakeDesign
from .._result import CheckResult
from .._study import CONTROL, Study
from ._checks import design_checks
from ._hac import isolated_share
from ._joint import joint_critical
from ._lull_make import make_lull
from ._place_days import CHECK_BIN, DAY_MS, Events, Floats, Ints, merge_strikes
from ._placebo import placebo_runs
from ._radius import Radius, estimate_radius, on_record, prepare
from ._reporting import reporting_check
from ._rows import Window, empty_row, window_of, window_row

if TYPE_CHECKING:
    from ._lull import Lull

__all__ = ["Controls", "WakeEstimates", "estimate_wakes"]

Controls = Literal["risk_set", "uniform"]
_FEWEST_STRUCK = 10
_LEAST_ON_RECORD = 0.5
_PLAIN = WakeDesign()

ASSUMPTIONS = (
    "given attacks and strikes on earlier days, the place's usual level and the calendar, chance decides "
    "which of the "
    "matched place-days is struck; nothing else that moves attacks comes with the strike; recording of "
    "attacks does "
    "not change behind strikes."
)


@dataclass(frozen=True)
class WakeEstimates:
    """What `estimate_wakes` gives: rows for the result's table, and what the rest of the result is made of.

    Parameters
    ----------
    rows
        One mapping a window, `days` outermost, with the common columns and `_rows.EXTRA_COLUMNS`.
    estimand, assumptions
        In words.
    checks
        What was looked at.
    warnings
        Choices a reader must be told of.
    critical
        Critical value that serves all windows at once.
    """

    rows: list[dict[str, Any]]
    estimand: str
    assumptions: str
    checks: tuple[CheckResult, ...]
    warnings: tuple[str, ...]
    critical: float
    level: float
    seed: int
    study: Study = field(repr=False)
    radii: dict[float, Radius] = field(repr=False)

    def lull(self, *, days: int | None = None, km: float | None = None, placebos: int = 0) -> Lull:
        """Give the lull of one window.

        Parameters
        ----------
        days, km
            H and R; the study's `horizon_days` and `radius_km` where None, else the only window.
        placebos
            How many sets of placebo strikes the grey band of the figure is made of; 0 draws none.

        Raises
        ------
        UsageError
            The window was not estimated, or none was declared.
        """
        h = self._declared(days, self.study.horizon_days, "days")
        r = self._declared(km, self.study.radius_km, "km")
        row = next((row for row in self.rows if row["days"] == h and row["km"] == r), None)
        if row is None:
            known = ", ".join(f"{row['days']} days and {row['km']:g} km" for row in self.rows)
            raise UsageError(f"no window of {h:g} days and {r:g} km; allowed {known}")
        return make_lull(self, row, self.radii.get(float(r)), placebos=placebos)

    def placebo(self, *, km: float, repeats: int) -> tuple[Floats, Floats]:
        """Give log ratios by window and daily curves behind placebo strikes drawn from the intensity."""
        made = placebo_runs(self.radii[float(km)], repeats=repeats, seed=self.seed, errors=False)
        return made.log_ratio, made.curve

    def _declared(self, given: float | None, declared: float | None, name: str) -> float:
        values = sorted({float(row[name]) for row in self.rows})
        if given is not None:
            return float(given)
        if declared is not None:
            return float(declared)
        if len(values) == 1:
            return values[0]
        raise UsageError(
            f"lull() needs {name}: several were estimated ({', '.join(f'{v:g}' for v in values)}) and the "
            f"study declares "
            "none; give one, or declare horizon_days and radius_km in the study"
        )


def estimate_wakes(
    study: Study,
    *,
    days: Sequence[int],
    km: Sequence[float],
    design: WakeDesign = _PLAIN,
    seed: int = 0,
    level: float = 0.95,
    draws: int = 5,
    controls: Controls = "risk_set",
) -> WakeEstimates:
    """Estimate what followed strikes against comparison place-days, in every window of days and km.

    `RR_H = (attacks on days 1..H within R of struck place-days) / (attacks expected there)`, sums first.

    Parameters
    ----------
    study
        Treatment and outcome rows. Control rows, where there are any, are the comparison instead of drawn
        place-days.
    days, km
        Horizons in whole days and radii in km.
    design
        `model` "lagged" or "difference" chooses the column `estimate`; both are always reported. `ring_km` is
        the outer radius of the ring in which more attacks nearby are looked for; 2 R where None.
    seed
        For the draws.
    level
        Of the intervals, between 0 and 1.
    draws
        K, how often the comparison is drawn and matched, from 2.
    controls
        `risk_set`: drawn in proportion to the fitted strike intensity. `uniform`: all place-days alike;
        invents effects wherever strikes follow attacks, and warns.

    Returns
    -------
    WakeEstimates

    Raises
    ------
    UsageError
        An option is not one of these.
    EstimateRefused
        Fewer than two struck place-days.
    """
    _check(design, level, draws, controls, km)
    ring_km = design.ring_km
    lengths, radii_km = sorted({int(d) for d in days}), sorted({float(r) for r in km})
    events = Events.of(study)
    given = _given(study)
    radii: dict[float, Radius] = {}
    reasons: dict[tuple[int, float], tuple[str, int]] = {}
    for number, radius_km in enumerate(radii_km):
        fitting, why = _horizons(events, radius_km, lengths)
        reasons |= {(h, radius_km): told for h, told in why.items()}
        if not fitting:
            continue
        rng = np.random.default_rng([seed, number])
        plan = prepare(
            events, km=radius_km, days=fitting, horizon=max(fitting), rng=rng, ring_km=ring_km, given=given
        )
        if len(plan.risk.pool) < _FEWEST_STRUCK:
            told = (
                f"only {len(plan.risk.pool)} comparison place-days have the days around them on record",
                0,
            )
            reasons |= {(h, radius_km): told for h in fitting}
            continue
        radii[radius_km] = estimate_radius(plan, draws=draws, rng=rng, uniform=controls == "uniform")
    critical = joint_critical(list(radii.values()), level=level, seed=seed)
    rows = _rows(lengths, radii_km, radii, reasons, level=level, critical=critical, model=design.model)
    warnings = _warnings(study, controls)
    return WakeEstimates(
        rows,
        _estimand(study, controls),
        ASSUMPTIONS,
        (*design_checks(rows, radii, level=level), reporting_check(study.outcome, radii)),
        warnings,
        critical,
        level,
        seed,
        study,
        radii,
    )


def _rows(
    lengths: list[int],
    radii_km: list[float],
    radii: dict[float, Radius],
    reasons: dict[tuple[int, float], tuple[str, int]],
    *,
    level: float,
    critical: float,
    model: str,
) -> list[dict[str, Any]]:
    rows = []
    for h in lengths:
        for r in radii_km:
            if (h, r) in reasons:
                why, count = reasons[h, r]
                rows.append(empty_row(h, r, level, why, n_treated=count) | {"isolated_share": math.nan})
                continue
            radius = radii[r]
            number = radius.plan.days.index(h)
            window: Window = window_of(radius, number, level)
            row = window_row(radius, number, window, model=model, level=level, joint=critical)
            struck = radius.plan.risk.struck
            row["isolated_share"] = isolated_share(struck.day, struck.at, km=r, days=h)
            rows.append(row)
    return rows


def _check(design: WakeDesign, level: float, draws: int, controls: str, km: Sequence[float]) -> None:
    if design.model not in ("lagged", "difference"):
        raise UsageError(
            f"model={design.model!r}; the convention 'afterstrike' allows 'lagged', 'difference'"
        )
    asked = [name for name in ("match_on", "controls") if getattr(design, name)]
    asked += [name for name in ("match_overlap", "drop_overlaps") if getattr(design, name)]
    asked += ["cutpoints"] if design.cutpoints else []
    asked += [] if design.weighted else ["weighted=False"]
    if asked:
        raise UsageError(
            f"{', '.join(asked)}: the convention 'afterstrike' matches on what can be counted around any "
            f"place-day, and "
            "always on earlier strikes and attacks; leave this out, or use convention='mwa-0.5'"
        )
    if not 0.5 <= level < 1:
        raise UsageError(f"level={level!r}; allowed 0.5 up to but not including 1")
    if not isinstance(draws, int) or draws < 2:
        raise UsageError(
            f"draws={draws!r}; allowed whole numbers from 2: the spread between draws is part of the error"
        )
    if controls not in get_args(Controls):
        raise UsageError(f"controls={controls!r}; allowed {', '.join(map(repr, get_args(Controls)))}")
    if design.ring_km is not None and not design.ring_km > max(km):
        raise UsageError(f"ring_km={design.ring_km!r}; allowed more than the largest radius, {max(km):g} km")


def _given(study: Study) -> tuple[Ints, Floats] | None:
    rows = study.rows
    mask = rows.role == CONTROL
    if not mask.any():
        return None
    at = np.column_stack([rows.lat[mask], np.mod(rows.lon[mask] + 180, 360) - 180])
    return rows.time_ms[mask] // DAY_MS, at


def _horizons(events: Events, km: float, lengths: list[int]) -> tuple[list[int], dict[int, tuple[str, int]]]:
    """Give the horizons that enough strikes have on record, and why the others have none."""
    day, _, _ = merge_strikes(events.strike_day, events.strike_at, km)
    if len(day) < 2:
        raise EstimateRefused(
            f"{len(day)} struck place-day within the study period; at least {_FEWEST_STRUCK} are needed"
        )
    fitting, why = [], {}
    for h in lengths:
        count = int(on_record(day, events, h).sum())
        before = max(-CHECK_BIN[0], h)
        if count < _FEWEST_STRUCK or count < _LEAST_ON_RECORD * len(day):
            why[h] = (
                f"only {count} of {len(day)} strike place-days have {before} days before and {h} days "
                f"after within the "
                f"study period; at least {_FEWEST_STRUCK} and half of them are needed",
                count,
            )
        else:
            fitting.append(h)
    return fitting, why


def _warnings(study: Study, controls: str) -> tuple[str, ...]:
    told = []
    if controls == "uniform":
        told.append(
            "Comparison place-days were drawn uniformly, not where and when strikes were likely. Where "
            "strikes follow "
            "attacks, this invents effects."
        )
    if study.duplicates:
        told.append(
            "Repeated rows: "
            + ", ".join(f"{count} of {role}" for role, count in study.duplicates.items())
            + "."
        )
    return tuple(told)


def _estimand(study: Study, controls: str) -> str:
    if study.control is not None and len(study.control):
        versus = "a treatment rather than a control row, at place-days alike in what came before"
    elif controls == "uniform":
        versus = "a strike place-day against uniformly drawn place-days alike in attacks before"
    else:
        versus = "a strike place-day against no strike that day, later strikes as they would follow"
    return (
        f"ratio and mean difference of recorded outcome events on days 1 to H within R km: {versus}; over "
        f"the strike "
        "place-days there were (strikes of one day within R are one); convention afterstrike"
    )
