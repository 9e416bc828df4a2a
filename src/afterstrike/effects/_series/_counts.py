"""Attacks and strike place-days counted by zone and week or day; what is missing is not zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._gaps import gap_days
from .._strike_units import strike_units
from .._zones import DAY_MS, study_days, zones_of

if TYPE_CHECKING:
    from .._study import Study

__all__ = ["By", "Gap", "ZoneCounts", "check_by", "count_zones", "day_number", "day_text"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
By = Literal["week", "day"]
# (first day, last day), or (zone, first day, last day); both days inclusive.
Gap = tuple[str, str] | tuple[str, str, str]
_STEP = {"week": 7, "day": 1}
_FEWEST_PERIODS = 26


@dataclass(frozen=True, eq=False)
class ZoneCounts:
    """Counts of a study by zone and period.

    Parameters
    ----------
    zones
        Names of the zones.
    first_day
        First day of the first period, as days since 1970.
    step
        Days of a period: 7 or 1.
    attacks, strikes
        Recorded outcome rows, and strike place-days, shape (zones, periods).
    missing
        Whether a zone and period lie in a declared gap, shape (zones, periods). Attacks there are 0 and not used;
        strikes stay.
    exclusions
        What was left out, by reason.
    words
        What the zones are.
    """

    zones: tuple[str, ...]
    first_day: int
    step: int
    attacks: Floats = field(repr=False)
    strikes: Floats = field(repr=False)
    missing: Bools = field(repr=False)
    exclusions: Mapping[str, int]
    words: str

    @property
    def by(self) -> str:
        """`week` or `day`."""
        return "week" if self.step == 7 else "day"

    @property
    def starts(self) -> npt.NDArray[np.datetime64]:
        """First day of each period."""
        return (self.first_day + self.step * np.arange(self.attacks.shape[1])).astype("datetime64[D]")

    def without(self, zone: int) -> ZoneCounts:
        """Give the counts without one zone."""
        kept = [position for position in range(len(self.zones)) if position != zone]
        return self.only(kept)

    def only(self, kept: Sequence[int]) -> ZoneCounts:
        """Give the counts of some zones."""
        at = list(kept)
        return ZoneCounts(
            tuple(self.zones[k] for k in at), self.first_day, self.step, self.attacks[at], self.strikes[at],
            self.missing[at], self.exclusions, self.words,
        )  # fmt: skip


def count_zones(study: Study, *, zones: str | float | None, by: By, gaps: Sequence[Gap] = ()) -> ZoneCounts:
    """Count a study by zone and period.

    Strikes of one day within the study's radius (25 km without one) are one place-day, in the zone of the one
    with most others near. Weeks are counted from the first day of the study; days after the last whole week
    are left out.

    Raises
    ------
    UsageError
        A period, gap or zone that is not allowed, or a gap outside the days of the study.
    EstimateRefused
        Fewer than 26 periods, or no strike or attack in them.
    """
    check_by(by)
    step = _STEP[by]
    first, last = study_days(study)
    n = (last - first + 1) // step
    if n < _FEWEST_PERIODS:
        raise EstimateRefused(
            f"the study spans {n} whole {by}s; a series needs at least {_FEWEST_PERIODS}: use a longer period"
            + ("" if by == "day" else ", or by='day'")
        )
    placed = zones_of(study, zones)
    left_out = dict(placed.exclusions)
    attack_day = study.outcome["time_ms"].to_numpy(np.int64) // DAY_MS
    attacks = _table(placed.outcome, (attack_day - first) // step, len(placed.names), n, left_out, "outcome")
    where, when = _place_days(study, placed.treatment)
    strikes = _table(where, (when - first) // step, len(placed.names), n, left_out, "strike place-days")
    missing = _gaps(gaps, placed.names, (first, last), step, n)
    if missing.any():
        left_out[f"zone-{by}s in declared gaps"] = int(missing.sum())
    for what, table in (("outcome row", attacks), ("strike", strikes)):
        if not table[~missing].any():
            told = "; ".join(f"{why} ({count})" for why, count in left_out.items()) or "nothing left out"
            raise EstimateRefused(f"no {what} is left in the zones and {by}s of the study: {told}")
    attacks[missing] = 0.0
    return ZoneCounts(placed.names, first, step, attacks, strikes, missing, left_out, placed.words)


def check_by(by: str) -> None:
    """Refuse a period that is none."""
    if by not in get_args(By):
        raise UsageError(f"by={by!r}; allowed {', '.join(map(repr, get_args(By)))}")


def day_number(name: str, value: Any) -> int:
    """Give a day as days since 1970, or refuse what is no date."""
    try:
        found: np.datetime64 = np.datetime64(str(value)[:10], "D")
    except ValueError:
        found = np.datetime64("NaT", "D")
    if np.isnat(found):
        raise UsageError(f"{name}={value!r}; allowed a date as '2016-07-01'")
    return int(found.astype(np.int64))


def day_text(day: int) -> str:
    """Write a day."""
    return str(np.datetime64(int(day), "D"))


def _place_days(study: Study, zone: Ints) -> tuple[Ints, Ints]:
    """Give zone and day of each strike place-day."""
    rows = study.treatment
    day = rows["time_ms"].to_numpy(np.int64) // DAY_MS
    at = rows[["lat", "lon"]].to_numpy(np.float64)
    _, heads = strike_units(day, at, study.radius_km or 25.0)
    return zone[heads], day[heads]


def _table(zone: Ints, period: Ints, n_zones: int, n: int, left_out: dict[str, int], what: str) -> Floats:
    inside = (zone >= 0) & (period >= 0) & (period < n)
    if late := int(((zone >= 0) & ~inside).sum()):
        left_out[f"{what}: outside the whole periods"] = late
    table = np.zeros((n_zones, n))
    np.add.at(table, (zone[inside], period[inside]), 1.0)
    return table


def _gaps(gaps: Sequence[Gap], names: tuple[str, ...], ends: tuple[int, int], step: int, n: int) -> Bools:
    missing = np.zeros((len(names), n), bool)
    for gap in gaps:
        if isinstance(gap, str) or len(gap) not in (2, 3):
            raise UsageError(
                f"gaps holds {gap!r}; allowed (first day, last day) or (zone, first day, last day)"
            )
        one, two = gap_days(gap[-2:], *ends)
        if len(gap) == 3 and gap[0] not in names:
            known = ", ".join(names[:5])
            raise UsageError(
                f"gaps names the zone {gap[0]!r}; the zones are {known}{' ...' * (len(names) > 5)}"
            )
        chosen = slice(None) if len(gap) == 2 else names.index(gap[0])
        # A period that a gap touches is missing: part of its attacks may be.
        missing[chosen, (one - ends[0]) // step : (two - ends[0]) // step + 1] = True
    return missing
