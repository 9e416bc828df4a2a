"""A user's table, made standard.

Columns found, rows chosen by role, rows that cannot be used left out and counted.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import EstimateRefused, UsageError
from ._times import Times, read_times

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Selector", "inside_box", "select", "standardise"]

Selector = str | int | float | bool | Mapping[str, Any] | Sequence[bool] | npt.NDArray[np.bool_]
Mask = npt.NDArray[np.bool_]

# Names tried in this order where the caller does not say; the event table's come first.
_KNOWN = {
    "time": ("time_start", "date_start", "timestamp", "time", "date"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "long", "longitude"),
    "kind": ("kind", "type"),
}
# A date known to no better than this code has no day: "wider than a month, up to a year".
_YEAR_ONLY = 5


def find_column(df: pd.DataFrame, what: str, columns: Mapping[str, str] | None) -> str | None:
    """Give the name of the column that holds `what`, None where the table has none."""
    named = (columns or {}).get(what)
    if named is not None:
        if named not in df.columns:
            raise _missing(df, named, f"columns[{what!r}]")
        return named
    return next((name for name in _KNOWN[what] if name in df.columns), None)


def _missing(df: pd.DataFrame, name: str, asked: str) -> UsageError:
    names = [str(column) for column in df.columns]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return UsageError(f"{asked}: no column {name!r}; the table has {', '.join(names)}{hint}")


def _check_mapping(columns: Mapping[str, str] | None) -> None:
    unknown = [key for key in columns or {} if key not in _KNOWN]
    if unknown:
        raise UsageError(
            f"columns has {', '.join(map(repr, unknown))}; allowed {', '.join(map(repr, _KNOWN))}"
        )


def select(
    df: pd.DataFrame, selectors: Mapping[str, Selector | None], columns: Mapping[str, str] | None
) -> dict[str, Mask]:
    """Give for each role the rows its selector chooses; a row may have one role only."""
    _check_mapping(columns)
    masks = {
        role: _mask(df, role, wanted, columns) for role, wanted in selectors.items() if wanted is not None
    }
    roles = list(masks)
    for i, one in enumerate(roles):
        for two in roles[i + 1 :]:
            both = int((masks[one] & masks[two]).sum())
            if both:
                raise UsageError(
                    f"{both} rows are both {one} and {two}; a row may have one role: "
                    "make the selections exclude each other, for example by kind or initiator"
                )
    return masks


def _mask(df: pd.DataFrame, role: str, wanted: Selector, columns: Mapping[str, str] | None) -> Mask:
    if isinstance(wanted, Mapping):
        conditions = dict(wanted)
    elif isinstance(wanted, str | int | float | bool):
        conditions = _conditions(wanted)
    else:
        mask = np.asarray(wanted)
        if mask.dtype != bool or mask.shape != (len(df),):
            raise UsageError(
                f"{role}: {mask.dtype} of shape {mask.shape}; allowed {len(df)} times True or False"
            )
        return mask
    result = np.ones(len(df), bool)
    for name, value in conditions.items():
        result &= _equals(df, role, name, value, columns)
        if not result.any():
            raise _no_row(df, role, wanted, (name, value), columns)
    return result


def _no_row(
    df: pd.DataFrame,
    role: str,
    wanted: Selector,
    condition: tuple[str, Any],
    columns: Mapping[str, str] | None,
) -> UsageError:
    """Say which condition left no row, and the commonest values its column has."""
    name, value = condition
    column = (find_column(df, "kind", columns) if name == "kind" else name) or name
    values = [str(found) for found in df[column].dropna().value_counts().index]
    folded = {found.casefold(): found for found in values}
    close = difflib.get_close_matches(str(value).casefold(), folded, n=1, cutoff=0.6)
    hint = f"; did you mean {folded[close[0]]!r}?" if close and folded[close[0]] != str(value) else ""
    listed = ", ".join(values[:12]) + (", ..." if len(values) > 12 else "")
    return UsageError(f"{role}={wanted!r} chooses no row; {column} has {listed or 'no values'}{hint}")


def _conditions(wanted: str | float | bool) -> dict[str, Any]:
    if not isinstance(wanted, str) or "=" not in wanted:
        return {"kind": wanted}
    parts = [part.split("=", 1) for part in wanted.split(";") if part.strip()]
    if any(len(part) != 2 or not part[0].strip() for part in parts):
        raise UsageError(
            f"{wanted!r}; allowed a kind, or conditions as in 'kind=strike;initiator=US-led coalition'"
        )
    return {part[0].strip(): part[1].strip() for part in parts}


def _equals(df: pd.DataFrame, role: str, name: str, value: Any, columns: Mapping[str, str] | None) -> Mask:
    column = find_column(df, "kind", columns) if name == "kind" else name
    if column is None or column not in df.columns:
        raise _missing(df, column or "kind", f"{role}={value!r}")
    cells = df[column]
    if cells.dtype.kind in "iuf":
        try:
            return (cells == float(value)).fillna(False).to_numpy(bool)
        except ValueError:
            return np.zeros(len(df), bool)
    return (cells.notna() & (cells.astype(str) == str(value))).to_numpy(bool)


def standardise(
    df: pd.DataFrame,
    *,
    role: str,
    columns: Mapping[str, str] | None,
    region: str | tuple[float, float, float, float] | None,
    period: tuple[str, str] | None,
    coarse_dates: Literal["refuse", "exclude"],
    first_row: int,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Give the usable rows with `row`, `time_ms`, `time_text`, `lat`, `lon`, `kind`, and why others were
    left out.
    """
    _check_mapping(columns)
    found = {what: find_column(df, what, columns) for what in _KNOWN}
    for what in ("time", "lat", "lon"):
        if found[what] is None:
            raise _missing(df, _KNOWN[what][1 if what == "time" else 0], f"{role} needs a column of {what}")
    times = _times(df, str(found["time"]), columns)
    lat, lon = _degrees(df, str(found["lat"])), _degrees(df, str(found["lon"]))
    reasons = _reasons(df, times, lat, lon, region, period)
    if role != "others" and coarse_dates == "refuse" and (count := int(reasons["year or month only"].sum())):
        raise EstimateRefused(
            f"{count} of {len(df)} {role} rows have a year or month but no day; an estimate by days needs "
            "the day: "
            "leave them out yourself, or pass coarse_dates='exclude' to leave them out and count them"
        )
    usable = np.ones(len(df), bool)
    left_out: dict[str, int] = {}
    for why, mask in reasons.items():
        if count := int((mask & usable).sum()):
            left_out[why] = count
        usable &= ~mask
    made: dict[str, Any] = {
        "row": df["row"].to_numpy() if "row" in df else np.arange(first_row, first_row + len(df)),
        "time_ms": times.ms,
        "time_text": times.text,
        "lat": lat,
        "lon": lon,
    }
    if found["kind"] is not None:
        made["kind"] = df[found["kind"]].to_numpy()
    return df.assign(**made)[usable].reset_index(drop=True), left_out


def _times(df: pd.DataFrame, column: str, columns: Mapping[str, str] | None) -> Times:
    own_choice = "time" in (columns or {})
    if column == "time_start" and not own_choice and "date_start" in df.columns:
        return read_times(df[column], fallback=df["date_start"])
    return read_times(df[column])


def _degrees(df: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    import pandas as pd

    values: npt.NDArray[np.float64] = pd.to_numeric(df[column], errors="coerce").to_numpy(
        np.float64, na_value=np.nan
    )
    return values


def _reasons(
    df: pd.DataFrame,
    times: Times,
    lat: npt.NDArray[np.float64],
    lon: npt.NDArray[np.float64],
    region: str | tuple[float, float, float, float] | None,
    period: tuple[str, str] | None,
) -> dict[str, Mask]:
    """Give the rows that cannot be used, by reason; a row may have several."""
    coarse = times.coarse.copy()
    if "date_precision" in df.columns:
        coarse |= (df["date_precision"] >= _YEAR_ONLY).fillna(False).to_numpy(bool)
    outside = np.abs(np.nan_to_num(lat)) > 90
    outside |= np.abs(np.nan_to_num(lon)) > 360
    reasons = {
        "no date": times.missing,
        "year or month only": coarse,
        "no coordinates": ~(np.isfinite(lat) & np.isfinite(lon)),
        "coordinates off the globe": outside,
    }
    if period is not None:
        first, last = _period_ms(period)
        reasons["outside the period"] = (times.ms < first) | (times.ms >= last)
    if region is not None and not isinstance(region, str):
        reasons["outside the region"] = ~inside_box(lat, lon, region)
    return reasons


def inside_box(
    lat: npt.NDArray[np.float64], lon: npt.NDArray[np.float64], box: tuple[float, float, float, float]
) -> Mask:
    """Say which places lie in a box of degrees; those without coordinates do not.

    Parameters
    ----------
    lat, lon
        Places.
    box
        West, south, east, north, all inclusive, from west eastward: it may cross the date line. From 360 degrees of
        width on it goes all the way round.

    Raises
    ------
    UsageError
        The south is not below the north, or they are off the globe.

    Examples
    --------
    >>> lon = np.array([-179.0, 0.0, 179.0])
    >>> inside_box(np.zeros(3), lon, (170, -10, -170, 10)).tolist()
    [True, False, True]
    >>> inside_box(np.zeros(3), lon, (-180, -90, 180, 90)).tolist()
    [True, True, True]
    """
    west, south, east, north = box
    if not (-90 <= south < north <= 90):
        raise UsageError(f"region={box}; allowed (west, south, east, north) in degrees, south below north")
    round_it = east - west >= 360
    across = np.isfinite(lon) if round_it else np.mod(lon - west, 360) <= np.mod(east - west, 360)
    inside: Mask = across & (lat >= south) & (lat <= north)
    return inside


def _period_ms(period: tuple[str, str]) -> tuple[int, int]:
    try:
        first, last = (np.datetime64(str(day), "D") for day in period)
    except ValueError as error:
        raise UsageError(f"period={period}; allowed two days as ('2016-01-01', '2018-12-31')") from error
    if last < first:
        raise UsageError(f"period={period}: the last day is before the first; give (first day, last day)")
    day = 86_400_000
    return int(first.astype(np.int64)) * day, (int(last.astype(np.int64)) + 1) * day
