"""What is declared before any design is run: horizon, radius, zones, and the alternatives of each choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from ...errors import UsageError
from .._study import Study
from .._zones import study_days, zones_of

__all__ = ["CHOICES", "Setting", "check_alternatives", "check_setting", "setting_of"]

DAYS, KM = 14, 25.0
FACTOR, POLICY_LAGS, GRID = 1.1, (1, 3, 7), 32
# A strike acts well inside a zone of this many radii; in one much wider its effect all but vanishes. Named areas are
# as wide as they are, and sources that spell them otherwise would part strikes from attacks.
_RADII_PER_ZONE = 4
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
        Stretches without recording.
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
    kernel: Literal["exponential", "power"] = "exponential"
    gaps: tuple[tuple[str, str], ...] = ()
    seed: int = 0
    with_checks: bool | None = None
    not_declared: tuple[str, ...] = field(default=())
    further_days: tuple[int, ...] = ()

    @property
    def lengths(self) -> tuple[int, ...]:
        """Horizons of one run: the declared one and half of it, and those of further windows."""
        return tuple(sorted({max(self.days // 2, 1), self.days, *self.further_days}))

    @staticmethod
    def whole_weeks(lengths: tuple[int, ...]) -> tuple[int, ...]:
        """Give lengths in days of whole weeks, none shorter."""
        return tuple(sorted({7 * -(-length // 7) for length in lengths}))

    def parameters(self) -> dict[str, Any]:
        """Give every choice for the provenance."""
        return {
            "days": self.days, "km": self.km, "zones": self.zones, "campaign": self.campaign,
            "trend_days": self.trend_days, "kernel": self.kernel, "gaps": [list(gap) for gap in self.gaps],
            "with_checks": self.with_checks, "policy_factor": FACTOR, "policy_lags": list(POLICY_LAGS),
            "policy_grid": GRID, "not_declared": list(self.not_declared), "convention": "side by side",
        }  # fmt: skip


def setting_of(study: Study, zones: str | float | None, **choices: Any) -> Setting:
    """Fill in what the study did not declare, and say so.

    Raises
    ------
    UsageError
        The horizon is under a day or no whole number of days.
    """
    open_parts = []
    days, km = study.horizon_days, study.radius_km
    if days is None:
        days = DAYS
        open_parts.append(f"the study declares no horizon; {DAYS} days were taken")
    if km is None:
        km = KM
        open_parts.append(f"the study declares no radius; {KM:g} km were taken")
    if days != int(days) or not 1 <= days <= 365:
        raise UsageError(f"horizon_days={days!r}; allowed here whole days from 1 to 365")
    if zones == "auto":
        zones = min(_RADII_PER_ZONE * float(km), 2000.0)
        open_parts.append(f"zones are cells of {zones:g} km, {_RADII_PER_ZONE} radii wide")
    return Setting(int(days), float(km), zones, not_declared=tuple(open_parts), **choices)


def check_setting(study: Study, setting: Setting) -> None:
    """Refuse zones, gaps and a campaign that are none, before any design is run.

    Raises
    ------
    UsageError
        No such zones; a gap or campaign that is no stretch of days, or a gap that lies outside the study.
    EstimateRefused
        No outcome row has a zone.
    """
    zones_of(study, setting.zones)
    first, last = study_days(study)
    for gap in setting.gaps:
        one, two = _days("gaps", gap)
        if two < first or one > last:
            ends = " to ".join(str(np.datetime64(day, "D")) for day in (first, last))
            raise UsageError(f"gaps={gap!r} lies outside the study, {ends}; check the years")
    if setting.campaign is not None:
        start, end = setting.campaign
        _days("campaign", (start, end if end is not None else start))


def _days(name: str, span: tuple[str, str]) -> tuple[int, int]:
    try:
        one, two = (int(np.datetime64(day, "D").astype(np.int64)) for day in span)
    except (ValueError, TypeError):
        raise UsageError(f"{name}={span!r}; allowed two days as YYYY-MM-DD") from None
    if two < one:
        raise UsageError(f"{name}={span!r}: the first day lies after the last; turn them round")
    return one, two


def check_alternatives(alternatives: Mapping[str, Sequence[Any]]) -> None:
    """Refuse a choice that no design has.

    Raises
    ------
    UsageError
        An unknown name, or no list of values.
    """
    for name, values in alternatives.items():
        if name not in CHOICES:
            raise UsageError(f"alternatives={name!r}; allowed {', '.join(CHOICES)}")
        if isinstance(values, str) or not isinstance(values, Sequence) or not len(values):
            raise UsageError(f"alternatives[{name!r}]={values!r}; allowed a list of one or more values")
