"""Exposure of zones to borders between parties, day by day."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._zones import DAY_MS
from ._borders import Pair, contact_lines, km_within, partition
from ._coordination import Coordination, read_coordination
from ._days import OPEN_END, day_numbers
from ._polygons import ControlAreas, ZoneAreas, read_control, read_zones

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Measure", "SeamExposure", "seam_exposure"]

Floats = npt.NDArray[np.float64]
Measure = Literal["density", "share"]
_UNITS = {"density": "km per 100 km2", "share": "share of the zone's contact line"}


@dataclass(frozen=True, eq=False)
class SeamExposure:
    """How exposed each zone is to borders between parties, day by day.

    Parameters
    ----------
    table
        One row a zone and day: `zone, date, exposure, reason` and what it is made of. `exposure` is missing
        where control is not stated, and `reason` says so; it is never zero for want of a statement.
    pairs
        One row a zone, day and pair of parties: `zone, date, party_1, party_2, km, coordination, exposure`.
    unit
        Of the exposure.
    words
        What the exposure is, for an estimand.
    counts
        What was left out, repaired, carried forward or taken as given, by reason.
    parameters
        What was asked for.
    areas
        Outlines of the zones, by which events are placed; None where only shares are known.
    """

    table: pd.DataFrame = field(repr=False)
    pairs: pd.DataFrame = field(repr=False)
    unit: str
    words: str
    counts: Mapping[str, int]
    parameters: Mapping[str, Any]
    areas: ZoneAreas | None = field(default=None, repr=False)

    @property
    def zones(self) -> tuple[str, ...]:
        """Names of the zones, in order."""
        return tuple(sorted(set(self.table["zone"])))

    def to_frame(self) -> pd.DataFrame:
        """Give one row a zone and day."""
        return self.table.copy()

    def fingerprint(self) -> str:
        """Give a SHA-256 of zones, days and exposures."""
        rows = self.table[["zone", "date", "exposure"]].to_csv(index=False, float_format="%.9g")
        return hashlib.sha256(rows.encode()).hexdigest()

    def __repr__(self) -> str:
        known = int(self.table["exposure"].notna().sum())
        days = self.table["date"].nunique()
        return f"SeamExposure({len(self.zones)} zones, {days} days, {known} of {len(self.table)} known, {self.unit})"


def seam_exposure(
    control: Any,
    *,
    zones: Any,
    dates: Any,
    measure: Measure = "density",
    contact_km: float = 1.0,
    carry_forward_days: int = 0,
    least_covered: float = 0.5,
    coordination: pd.DataFrame | None = None,
    parties: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> SeamExposure:
    r"""Measure how exposed zones are to borders between parties, from dated areas of control.

    For zone z on day t, :math:`\Omega_z(t) = \sum_e w_e (1 - k_e(t))` over the pairs e of parties that meet in
    z: :math:`w_e` is the length of their border per area of the zone, or its share of all borders in the zone,
    and :math:`k_e` how far the two coordinate. Areas of one party are one, however they are drawn. Ground
    claimed by several goes to the smaller area, so that enclaves drawn on top count. A border along the edge
    of two zones is half in each.

    Parameters
    ----------
    control
        Areas of control: a GeoJSON file or mapping, or a table with a column `geometry` (WGS84 degrees); each
        with a party and a `date` (the map holds for that day), or `valid_from` and, if it ended, `valid_to`
        (both inclusive).
    zones
        Zones that do not overlap, in the same forms, with a name each.
    dates
        Days at which the exposure is wanted.
    measure
        `density`: km of border per 100 km2 of the zone. `share`: shares of the zone's borders, so that only
        coordination moves it (0 where there is no border).
    contact_km
        Parties whose outlines face each other across at most this much ground that nobody holds meet, 0 to 50.
        Each end of such a border may come out longer by up to this.
    carry_forward_days
        A day without a map takes the last map up to so many days old, 0 to 366; counted.
    least_covered
        Share of a zone that the map must state, 0 to 1; below it the exposure is missing.
    coordination
        `party_1, party_2, coordination` (0 hostile to 1 as one) and, if wanted, `valid_from, valid_to`. What is
        not stated weighs in full, and is counted. These are assumptions of yours, not measured.
    parties
        Names of the file and the party each stands for; every name must be there.
    columns
        Names of the properties `party`, `date`, `valid_from`, `valid_to`, `zone`, where they are not these.

    Returns
    -------
    SeamExposure

    Raises
    ------
    SourceError
        A file is no GeoJSON.
    UsageError
        An option, property, party or day is not allowed.
    EstimateRefused
        No area of control, no zone, or no asked day on which control is stated.

    Examples
    --------
    >>> import pandas as pd, shapely
    >>> zones = pd.DataFrame({"zone": ["west", "east"], "geometry": [
    ...     shapely.box(40, 34, 41, 35), shapely.box(41, 34, 42, 35)]})
    >>> control = pd.DataFrame({
    ...     "party": ["A", "B", "A", "B"], "date": ["2018-01-01"] * 2 + ["2018-02-01"] * 2, "geometry": [
    ...         shapely.box(40, 34, 40.5, 35), shapely.box(40.5, 34, 42, 35),
    ...         shapely.box(40, 34, 41.5, 35), shapely.box(41.5, 34, 42, 35)]})
    >>> found = seam_exposure(control, zones=zones, dates=["2018-01-01", "2018-02-01", "2018-03-01"])
    >>> found.to_frame()[["km", "exposure"]].round(2).to_numpy().tolist()
    [[0.0, 0.0], [110.93, 1.09], [nan, nan], [110.93, 1.09], [0.0, 0.0], [nan, nan]]
    >>> found.to_frame()["reason"].iloc[2]
    'no control stated for this day'
    """
    days = np.unique(day_numbers(dates, "dates"))
    _check(measure, contact_km, carry_forward_days, least_covered)
    areas = read_zones(zones, {k: v for k, v in (columns or {}).items() if k == "zone"} or None)
    held = read_control(control, columns, parties, areas.projection)
    stated = read_coordination(coordination, set(held.party))
    counts: dict[str, int] = {**areas.counts, **held.counts}
    rows: list[dict[str, Any]] = []
    pairs: list[dict[str, Any]] = []
    maps: dict[bytes, _Map] = {}
    for day in days.tolist():
        used, at = _valid(held, day, carry_forward_days)
        if not len(used):
            rows += [_row(zone, day, reason="no control stated for this day") for zone in areas.names]
            continue
        key = used.tobytes()
        if key not in maps:
            maps[key] = _measure(held, used, areas, contact_km)
        mine, theirs = _exposed(maps[key], areas, day, at, measure, least_covered, stated)
        rows += mine
        pairs += theirs
    _account(counts, rows, pairs, maps, held, coordination is not None)
    import pandas as pd

    table = pd.DataFrame(rows).sort_values(["zone", "date"], ignore_index=True)
    if not table["exposure"].notna().any():
        raise EstimateRefused(
            f"control is stated on none of {len(days)} days for {least_covered:.0%} of any zone; areas are of "
            f"{_span(held)}: check dates, carry_forward_days, least_covered"
        )
    names = ["zone", "date", "party_1", "party_2", "km", "coordination", "exposure"]
    return SeamExposure(
        table=table,
        pairs=pd.DataFrame(pairs, columns=names).sort_values(names[:4], ignore_index=True),
        unit=_UNITS[measure],
        words=_words(measure, contact_km, coordination is not None),
        counts=counts,
        parameters={
            "measure": measure,
            "contact_km": contact_km,
            "carry_forward_days": carry_forward_days,
            "least_covered": least_covered,
            "coordination": coordination is not None,
            "parties": sorted(set(held.party)),
        },
        areas=areas,
    )


@dataclass(frozen=True, eq=False)
class _Map:
    """One state of control: km of border by zone and pair, and the share of each zone that is stated."""

    km: list[dict[Pair, float]]
    covered: list[float]
    overlap_km2: float


def _measure(held: ControlAreas, used: npt.NDArray[np.int64], areas: ZoneAreas, contact_km: float) -> _Map:
    import shapely

    parts, overlap = partition((held.party[k], held.geometry[k]) for k in used)
    lines = contact_lines(parts, contact_km)
    together = shapely.union_all(list(parts.values()))
    km: list[dict[Pair, float]] = []
    covered: list[float] = []
    for area in areas.geometry:
        inside = {pair: km_within(found, area) for pair, found in lines.items()}
        km.append({pair: length for pair, length in inside.items() if length > 0})
        covered.append(min(shapely.intersection(together, area).area / area.area, 1.0))
    return _Map(km, covered, overlap)


def _valid(held: ControlAreas, day: int, carry: int) -> tuple[npt.NDArray[np.int64], int]:
    """Give the areas that hold on a day, or on the last day before it that any did; and that day."""
    used = np.flatnonzero((held.first <= day) & (day <= held.last))
    if len(used) or not carry:
        return used, day
    ended = held.last[held.last < day]
    if not len(ended) or day - int(ended.max()) > carry:
        return used, day
    at = int(ended.max())
    return np.flatnonzero((held.first <= at) & (at <= held.last)), at


def _exposed(
    state: _Map, areas: ZoneAreas, day: int, at: int, measure: Measure, least: float, stated: Coordination
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give the rows of one day, and those of its pairs of parties."""
    rows: list[dict[str, Any]] = []
    pairs: list[dict[str, Any]] = []
    for zone, area, inside, covered in zip(areas.names, areas.geometry, state.km, state.covered, strict=True):
        if covered < least:
            why = f"control stated for less than {least:.0%} of the zone"
            rows.append(_row(zone, day, covered=covered, reason=why))
            continue
        length, total = sum(inside.values()), 0.0
        for pair, km in sorted(inside.items()):
            weight = 100 * km / area.area if measure == "density" else km / length
            known = stated.of(pair, day)
            part = weight * (1 - (known or 0.0))
            total += part
            pairs.append(
                {"zone": zone, "date": _date(day), "party_1": pair[0], "party_2": pair[1], "km": km,
                 "coordination": math.nan if known is None else known, "exposure": part}
            )  # fmt: skip
        rows.append(_row(zone, day, km=length, covered=covered, exposure=total, carried=day - at))
    return rows, pairs


def _row(
    zone: str, day: int, *, km: float = math.nan, covered: float = 0.0, exposure: float = math.nan,
    carried: int = 0, reason: str = "",
) -> dict[str, Any]:  # fmt: skip
    return {
        "zone": zone, "date": _date(day), "exposure": exposure, "km": km, "covered_share": covered,
        "days_carried": carried, "reason": reason,
    }  # fmt: skip


def _account(
    counts: dict[str, int], rows: Sequence[dict[str, Any]], pairs: Sequence[dict[str, Any]],
    maps: Mapping[bytes, _Map], held: ControlAreas, is_coordinated: bool,
) -> None:  # fmt: skip
    """Count what a reader must know of how the exposure came about."""
    found = {
        "zone-days: missing, no control stated for this day": sum(
            "this day" in row["reason"] for row in rows
        ),
        "zone-days: missing, too little of the zone stated": sum(
            "less than" in row["reason"] for row in rows
        ),
        "zone-days: carried forward from an earlier map": sum(row["days_carried"] > 0 for row in rows),
        "control: areas without a stated end (held open)": int((held.last == OPEN_END).sum()),
        "maps with ground claimed by several parties (given to the smaller area)": sum(
            one.overlap_km2 > 1 for one in maps.values()
        ),
        "border-days without a stated coordination (weighed in full)": sum(
            math.isnan(pair["coordination"]) for pair in pairs
        )
        if is_coordinated
        else 0,
    }
    counts.update({why: n for why, n in found.items() if n})


def _check(measure: str, contact_km: float, carry: int, least: float) -> None:
    if measure not in get_args(Measure):
        raise UsageError(f"measure={measure!r}; allowed {', '.join(map(repr, get_args(Measure)))}")
    for name, value, low, high in (
        ("contact_km", contact_km, 0, 50), ("carry_forward_days", carry, 0, 366), ("least_covered", least, 0, 1)
    ):  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise UsageError(f"{name}={value!r}; allowed a number from {low} to {high}")
    if carry != int(carry):
        raise UsageError(f"carry_forward_days={carry!r}; allowed whole days from 0 to 366")


def _words(measure: Measure, contact_km: float, is_coordinated: bool) -> str:
    what = {
        "density": "km of border between parties per 100 km2 of the zone",
        "share": "share of the zone's borders between parties",
    }[measure]
    weight = ", weighted by 1 - coordination" if is_coordinated else ""
    return f"{what}{weight} (gaps of up to {contact_km:g} km count as contact)"


def _span(held: ControlAreas) -> str:
    last = held.last[held.last < OPEN_END]
    end = _date(int(last.max())) if len(last) == len(held.last) else "no stated end"
    return f"{_date(int(held.first.min())):%Y-%m-%d} to {end if isinstance(end, str) else f'{end:%Y-%m-%d}'}"


def _date(day: int) -> Any:
    import pandas as pd

    return pd.Timestamp(day * DAY_MS, unit="ms")
