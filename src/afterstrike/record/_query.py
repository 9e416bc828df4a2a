"""Select rows of a record: filters, weeks, points, distance. SQL is built here and run here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from afterstrike.errors import UsageError
from afterstrike.record._schema import COLUMNS, EVENT_KINDS, GEO_PRECISIONS
from afterstrike.record._store import records

if TYPE_CHECKING:
    import duckdb
    import pandas

__all__ = [
    "FilterOptions",
    "Filters",
    "find_rows",
    "frame_of",
    "points_of",
    "rows_of",
    "weekly_left_out",
    "weekly_of",
    "where_sql",
]

Many = str | Sequence[str] | None
Day = str | dt.date | None
EARTH_KM = 6371.0088

# A row that has only a year is chosen where its whole year lies in the period: less would be a guess.
YEAR = "TRY_CAST(nullif(regexp_extract(date_precision_source, '^year (\\d{4})$', 1), '') AS INTEGER)"
CIVILIAN_HARM = (
    "(kind = 'violence_against_civilians' OR greatest(civilian_fatalities_low, civilian_fatalities_best, "
    "civilian_fatalities_high) > 0)"
)
# known to the week or better; a publisher that states a day but no precision is taken at its word
KNOWN_TO_THE_WEEK = "date_start IS NOT NULL AND coalesce(date_precision, 1) <= 3"


@dataclass(frozen=True)
class Filters:
    """Which rows are asked for; every field narrows, a list means any of its values."""

    kind: Many = None
    initiator: Many = None
    side: Many = None
    adm0: Many = None
    adm1: Many = None
    dataset: Many = None
    date_from: Day = None
    date_to: Day = None
    bbox: Sequence[float] | None = None
    max_geo_precision: int | None = None
    civilian_harm: bool = False


class FilterOptions(TypedDict, total=False):
    """The keyword arguments of every method that selects rows; see `Filters`."""

    kind: Many
    initiator: Many
    side: Many
    adm0: Many
    adm1: Many
    dataset: Many
    date_from: Day
    date_to: Day
    bbox: Sequence[float] | None
    max_geo_precision: int | None
    civilian_harm: bool


def where_sql(filters: Filters) -> tuple[str, list[Any]]:
    """Turn filters into a WHERE clause and its parameters.

    Parameters
    ----------
    filters : Filters
        `date_from` and `date_to` are inclusive: an event that runs over several days is chosen where any of
        them lies in the period. `bbox` is west, south, east, north in degrees; west > east crosses 180.
        `max_geo_precision` (1 to 7) leaves out coarser rows and those that state none. `civilian_harm` keeps
        violence against civilians and rows that state civilian deaths above 0.

    Returns
    -------
    tuple of str and list
        The clause (without WHERE) and the values of its question marks.

    Raises
    ------
    UsageError
        For an unknown kind, a date that is none, a box that is none.
    """
    clauses: list[str] = []
    values: list[Any] = []
    for name in ("kind", "initiator", "adm0", "adm1", "dataset"):
        chosen = _many(getattr(filters, name))
        if name == "kind":
            _check_kinds(chosen)
        if chosen:
            clauses.append(f"{name} IN ({', '.join('?' * len(chosen))})")
            values += chosen
    sides = _many(filters.side)
    if sides:
        marks = ", ".join("?" * len(sides))
        clauses.append(f"(side_a IN ({marks}) OR side_b IN ({marks}))")
        values += sides + sides
    first, last = _day("date_from", filters.date_from), _day("date_to", filters.date_to)
    if first and last and last < first:
        raise UsageError(f"date_to {last} is before date_from {first}; give the earlier day first")
    if first:
        clauses.append(f"(date_end >= ? OR (date_start IS NULL AND make_date({YEAR}, 1, 1) >= ?))")
        values += [first, first]
    if last:
        clauses.append(f"(date_start <= ? OR (date_start IS NULL AND make_date({YEAR}, 12, 31) <= ?))")
        values += [last, last]
    if filters.bbox is not None:
        box, corners = _box(filters.bbox)
        clauses.append(box)
        values += corners
    if filters.max_geo_precision is not None:
        if filters.max_geo_precision not in GEO_PRECISIONS:
            raise UsageError(f"max_geo_precision={filters.max_geo_precision} is no code; allowed: 1 to 7")
        clauses.append("geo_precision <= ?")
        values.append(filters.max_geo_precision)
    if filters.civilian_harm:
        clauses.append(CIVILIAN_HARM)
    return " AND ".join(clauses) or "true", values


def _many(value: Many) -> list[str]:
    """Give a list of values for one value, several or none."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _check_kinds(kinds: Sequence[str]) -> None:
    """Refuse a kind that no event can have."""
    for kind in kinds:
        if kind not in EVENT_KINDS:
            raise UsageError(f"kind {kind!r} is not known; allowed: {', '.join(EVENT_KINDS)}")


def _day(name: str, value: Day) -> dt.date | None:
    """Read a day given as date or as YYYY-MM-DD."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"{name}={value!r} is no day; write it as YYYY-MM-DD") from None


def _box(bbox: Sequence[float]) -> tuple[str, list[float]]:
    """Turn west, south, east, north into a clause."""
    if len(bbox) != 4 or not all(-180 <= x <= 180 for x in bbox) or bbox[1] > bbox[3]:
        raise UsageError(
            f"bbox={tuple(bbox)} is no box; give west, south, east, north in degrees, e.g. 35,32,43,38"
        )
    west, south, east, north = bbox
    across = "lon BETWEEN ? AND ?" if west <= east else "(lon >= ? OR lon <= ?)"
    return f"(lat BETWEEN ? AND ? AND {across})", [south, north, west, east]


def _rows_sql(where: str, limit: int | None) -> str:
    """Write the SELECT of whole rows in order of date, rows without a day last."""
    tail = f" LIMIT {int(limit)}" if limit is not None else ""
    names = ", ".join(column.name for column in COLUMNS)
    return f"SELECT {names} FROM events WHERE {where} ORDER BY date_start NULLS LAST, event_id{tail}"


def frame_of(con: duckdb.DuckDBPyConnection, filters: Filters) -> pandas.DataFrame:
    """Give event rows as a data frame whose whole numbers stay whole where some are missing."""
    where, values = where_sql(filters)
    frame = con.execute(_rows_sql(where, None), values).df()
    kinds = {"INTEGER": "Int64", "TINYINT": "Int64", "VARCHAR": "string", "DOUBLE": "float64"}
    whole: pandas.DataFrame = frame.astype({c.name: kinds.get(c.sql_type, "datetime64[us]") for c in COLUMNS})
    return whole


def rows_of(con: duckdb.DuckDBPyConnection, filters: Filters, limit: int | None) -> list[dict[str, Any]]:
    """Give event rows as dicts in order of date, rows without a day last."""
    where, values = where_sql(filters)
    return records(con, _rows_sql(where, limit), values)


def weekly_of(con: duckdb.DuckDBPyConnection, filters: Filters) -> list[dict[str, Any]]:
    """Count events by ISO week (its Monday) and kind; sums of what is never stated stay missing."""
    where, values = where_sql(filters)
    return records(
        con,
        "SELECT CAST(date_trunc('week', date_start) AS DATE) AS week, kind, count(*) AS events, "
        "CAST(sum(strikes) AS BIGINT) AS strikes, CAST(sum(fatalities_best) AS BIGINT) AS fatalities_best "
        f"FROM events WHERE {where} AND {KNOWN_TO_THE_WEEK} GROUP BY ALL ORDER BY week, kind",
        values,
    )


def weekly_left_out(con: duckdb.DuckDBPyConnection, filters: Filters) -> dict[str, int]:
    """Count the rows that `weekly_of` cannot place in a week."""
    where, values = where_sql(filters)
    row = records(
        con,
        "SELECT count(*) FILTER (date_start IS NULL) AS no_day, "
        "count(*) FILTER (date_start IS NOT NULL AND date_precision > 3) AS month_or_wider "
        f"FROM events WHERE {where}",
        values,
    )[0]
    return {name: int(n) for name, n in row.items()}


def points_of(con: duckdb.DuckDBPyConnection, filters: Filters) -> list[dict[str, Any]]:
    """Count events by coordinate, precision and kind; rows without a coordinate are not here."""
    where, values = where_sql(filters)
    return records(
        con,
        "SELECT lat, lon, geo_precision, kind, mode(place) AS place, count(*) AS events "
        f"FROM events WHERE {where} AND lat IS NOT NULL GROUP BY lat, lon, geo_precision, kind "
        "ORDER BY events DESC, lat, lon, geo_precision, kind",
        values,
    )


def find_rows(
    con: duckdb.DuckDBPyConnection,
    filters: Filters,
    center: tuple[float, float] | None,
    km: float | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Give event rows within a great-circle distance of a place, nearest first."""
    where, values = where_sql(filters)
    if center is None:
        return rows_of(con, filters, limit)
    lat, lon = center
    distance = (
        f"2 * {EARTH_KM} * asin(least(1.0, sqrt(pow(sin(radians(lat - ?) / 2), 2) + "
        "cos(radians(?)) * cos(radians(lat)) * pow(sin(radians(lon - ?) / 2), 2))))"
    )
    names = ", ".join(column.name for column in COLUMNS)
    near = "km <= ?" if km is not None else "true"
    return records(
        con,
        f"SELECT * FROM (SELECT {names}, {distance} AS km FROM events WHERE {where} AND lat IS NOT NULL) "
        f"WHERE {near} ORDER BY km, date_start NULLS LAST, event_id LIMIT {int(limit)}",
        [lat, lat, lon, *values, *([km] if km is not None else [])],
    )
