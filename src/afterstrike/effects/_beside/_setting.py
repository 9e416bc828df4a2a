"""What is declared before any design is run: horizon, radius, zones, and the alternatives of each choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np

from ...errors import UsageError
from .._gaps import gap_days, stretch_of_days
from .._study import Study
from .._zones import study_days, zones_of

__all__ = ["CHOICES", "Setting", "check_alternatives", "check_setting", "setting_of"]

DAYS, KM = 14, 25.0
FACTOR, POLICY_LAGS, GRID = 1.1, (1, 3, 7), 32
# A strike acts well inside a zone of this many radii; in one much wider its effect all but vanishes. Named areas are
# as wide as they are, and sources that spell them otherwise would part strikes from attacks.
_RADII_PER_ZONE = 4
# Bounds that all designs have in common.
_MOST_DAYS, _MOST_KM = 365, 2000.0
Kernel = Literal["exponential", "power"]
CHOICES = ("days", "km", "zones", "trend_days", "kernel", "seed")


@dataclass(frozen=True)
class Setting:
    """The declared choices of one run, the same for all designs.

    Parameters
    ----------
    days, km
        H and R.
    zones
        As in `zones_of`.
    campaign
        First and last day of a campaign for the interrupted series; None: from the first strike on.
    trend_days
        Distance between the knots of slow trends.
    kernel
        Of excitation.
    gaps
        Stretches without recording, as far as they lie in the study.
    seed
        For what is drawn at random.
    with_checks
        Run what repeats an estimate many times (placebo strikes, bootstrap, redraws): always, or where None only
        where an interval leaves out no change.
    not_declared
        What the study left open and was filled in here, in words.
    further_days
        Horizons run beside the declared one, for the specification curve.
    """

    days: int
    km: float
    zones: str | float | None
    campaign: tuple[str, str | None] | None = None
    trend_days: float = 180.0
    kernel: Kernel = "exponential"
    gaps: tuple[tuple[str, str], ...] = ()
    seed: int = 0
    with_checks: bool | None = None
    not_declared: tuple[str, ...] = field(default=())
    further_days: tuple[int, ...] = ()

    @property
    def lengths(self) -> tuple[int, ...]:
        """Horizons of one run: the declared one and half of it, and those of further windows."""
        return tuple(sorted({max(self.days // 2, 1), self.days, *self.further_days}))

    @property
    def cell_km(self) -> float:
        """Side of the cells of comparators: two radii, within what they allow."""
        return min(max(2 * self.km, 1.0), _MOST_KM)

    @staticmethod
    def whole_weeks(lengths: tuple[int, ...]) -> tuple[int, ...]:
        """Give lengths in days of whole weeks, none shorter, but for a year and a day: 52 weeks."""
        return tuple(sorted({7 * min(-(-length // 7), _MOST_DAYS // 7) for length in lengths}))

    def parameters(self) -> dict[str, Any]:
        """Give every choice for the provenance."""
        return {
            "days": self.days, "km": self.km, "zones": self.zones, "campaign": self.campaign,
            "trend_days": self.trend_days, "kernel": self.kernel, "gaps": [list(gap) for gap in self.gaps],
            "with_checks": self.with_checks, "policy_factor": FACTOR, "policy_lags": list(POLICY_LAGS),
            "policy_grid": GRID, "not_declared": list(self.not_declared), "convention": "side by side",
        }  # fmt: skip


def setting_of(
    study: Study, zones: str | float | None, *, gaps: Sequence[Sequence[str]] = (), **choices: Any
) -> Setting:
    """Fill in what the study did not declare, and say so; hold gaps inside the study.

    Raises
    ------
    UsageError
        The horizon is under a day or no whole number of days; a gap is no stretch of days, or lies outside the study.
    """
    open_parts = []
    days, km = study.horizon_days, study.radius_km
    if days is None:
        days = DAYS
        open_parts.append(f"the study declares no horizon; {DAYS} days were taken")
    if km is None:
        km = KM
        open_parts.append(f"the study declares no radius; {KM:g} km were taken")
    days = int(days) if _is_number(days) and days == int(days) else days
    _check_days(days)
    if zones == "auto":
        zones = min(max(_RADII_PER_ZONE * float(km), 1.0), _MOST_KM)
        open_parts.append(f"zones are cells of {zones:g} km, {_RADII_PER_ZONE} radii wide")
    return Setting(
        int(days), float(km), zones, gaps=_gaps_within(study, gaps), not_declared=tuple(open_parts), **choices
    )


def _gaps_within(study: Study, gaps: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    first, last = study_days(study)
    kept = (gap_days(gap, first, last) for gap in gaps)
    return tuple((str(np.datetime64(one, "D")), str(np.datetime64(two, "D"))) for one, two in kept)


def check_setting(study: Study, setting: Setting) -> None:
    """Refuse choices that no design can be run with, before any is run.

    Raises
    ------
    UsageError
        A choice that is not allowed, no such zones, or a campaign that is no stretch of days or outside the study.
    EstimateRefused
        No outcome row has a zone.
    """
    _check_days(setting.days)
    if not _is_number(setting.km) or not 0 < setting.km <= _MOST_KM:
        raise UsageError(
            f"radius_km={setting.km!r}; allowed here a number of km above 0 and up to {_MOST_KM:g}"
        )
    if setting.kernel not in get_args(Kernel):
        raise UsageError(f"kernel={setting.kernel!r}; allowed {', '.join(map(repr, get_args(Kernel)))}")
    if not _is_number(setting.trend_days) or not 28 <= setting.trend_days <= 3650:
        raise UsageError(f"trend_days={setting.trend_days!r}; allowed 28 to 3650 days")
    if isinstance(setting.seed, bool) or not isinstance(setting.seed, int) or setting.seed < 0:
        raise UsageError(f"seed={setting.seed!r}; allowed whole numbers from 0")
    if not (setting.zones is None or isinstance(setting.zones, str) or _is_number(setting.zones)):
        raise UsageError(f"zones={setting.zones!r}; allowed a column of the rows, a side in km, or None")
    zones_of(study, setting.zones)
    if setting.campaign is not None:
        _check_campaign(study, *setting.campaign)


def _check_campaign(study: Study, start: str, end: str | None) -> None:
    first, last = study_days(study)
    one, two = stretch_of_days("campaign", (start, start if end is None else end))
    ends = " to ".join(str(np.datetime64(day, "D")) for day in (first, last))
    if one > last or not first <= two <= last:
        raise UsageError(f"campaign={(start, end)!r} leaves the study, {ends}; check the years")


def _check_days(days: Any) -> None:
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= _MOST_DAYS:
        raise UsageError(f"horizon_days={days!r}; allowed here whole days from 1 to {_MOST_DAYS}")


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float | np.number)
        and not isinstance(value, bool)
        and bool(np.isfinite(value))
    )


def check_alternatives(study: Study, setting: Setting, alternatives: Mapping[str, Sequence[Any]]) -> None:
    """Refuse a choice that no design has, and values that it cannot have.

    Raises
    ------
    UsageError
        An unknown name, no list of values, or a value that is not allowed.
    """
    for name, values in alternatives.items():
        if name not in CHOICES:
            raise UsageError(f"alternatives={name!r}; allowed {', '.join(CHOICES)}")
        if isinstance(values, str) or not isinstance(values, Sequence) or not len(values):
            raise UsageError(f"alternatives[{name!r}]={values!r}; allowed a list of one or more values")
        for value in values:
            try:
                check_setting(study, replace(setting, **{name: value}))
            except UsageError as problem:
                raise UsageError(f"alternatives[{name!r}] holds {value!r}: {problem}") from None
