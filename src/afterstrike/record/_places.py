"""Give staged events that only name a place a position from the gazetteer, or the reason why not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterstrike.reading.gazetteer import Gazetteer, PlaceQuery, Resolution

if TYPE_CHECKING:
    import duckdb

__all__ = ["resolve_staged"]

# Columns of the event table this step reads or writes; a layout may leave any of them out.
_NEEDED = {
    "place": "VARCHAR",
    "adm0": "VARCHAR",
    "adm1": "VARCHAR",
    "lat": "DOUBLE",
    "lon": "DOUBLE",
    "geo_precision": "TINYINT",
    "geo_precision_source": "VARCHAR",
}
_PER_STATEMENT = 1000


def resolve_staged(con: duckdb.DuckDBPyConnection, staged: str, gazetteer: Gazetteer) -> None:
    """Fill position and precision of staged rows that name a place, and a missing `adm0` and `adm1`.

    Only rows with a `place` and without both coordinates are touched. A row whose place is not resolved
    keeps NULL coordinates and says `unresolved: ...` in `geo_precision_source`; a country or a region
    without a point gets its precision and no coordinates. A precision that the layout set is kept where it
    is the coarser one, and words that stood in `geo_precision_source` are kept in front. A place that lies
    in another country than the row says is not used: which of the two is wrong cannot be known.

    Parameters
    ----------
    con
        A DuckDB connection that may write to the table.
    staged
        Name of a table (not a view) with one row an event.
    gazetteer
        The places to look in.
    """
    table = '"' + staged.replace('"', '""') + '"'
    described = con.execute(f"DESCRIBE {table}").fetchall()
    present = {str(row[0]) for row in described}
    if "place" not in present:
        return
    for column, sql_type in _NEEDED.items():
        if column not in present:
            con.execute(f"ALTER TABLE {table} ADD COLUMN {column} {sql_type}")
    unplaced = "(lat IS NULL OR lon IS NULL) AND place IS NOT NULL AND trim(place) <> ''"
    asked = con.execute(
        f"SELECT DISTINCT CAST(place AS VARCHAR), CAST(adm0 AS VARCHAR), CAST(adm1 AS VARCHAR) "
        f"FROM {table} WHERE {unplaced} ORDER BY ALL"
    ).fetchall()
    if not asked:
        return
    answers = gazetteer.resolve_many([PlaceQuery(place, adm0=adm0, adm1=adm1) for place, adm0, adm1 in asked])
    _keep_answers(con, asked, answers)
    con.execute(
        f"""
        UPDATE {table} AS s SET
            lat = a.lat, lon = a.lon,
            adm0 = coalesce(s.adm0, a.adm0), adm1 = coalesce(s.adm1, a.adm1),
            geo_precision = greatest(s.geo_precision, a.geo_precision),
            geo_precision_source = CASE WHEN contains(s.geo_precision_source, a.source)
                THEN s.geo_precision_source ELSE concat_ws('; ', s.geo_precision_source, a.source) END
        FROM place_answers AS a
        WHERE (s.lat IS NULL OR s.lon IS NULL) AND s.place = a.place
            AND s.adm0 IS NOT DISTINCT FROM a.asked_adm0 AND s.adm1 IS NOT DISTINCT FROM a.asked_adm1
        """
    ).fetchall()
    con.execute("DROP TABLE place_answers")


def _keep_answers(
    con: duckdb.DuckDBPyConnection, asked: list[tuple[str, str | None, str | None]], answers: list[Resolution]
) -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE place_answers (place VARCHAR, asked_adm0 VARCHAR, asked_adm1 VARCHAR, "
        "lat DOUBLE, lon DOUBLE, geo_precision TINYINT, adm0 VARCHAR, adm1 VARCHAR, source VARCHAR)"
    )
    rows: list[tuple[object, ...]] = []
    for (place, adm0, adm1), a in zip(asked, answers, strict=True):
        if _is_country(adm0) and a.geo_precision is not None and a.adm0 not in (None, adm0):
            source = f"unresolved: the row says {adm0}; {_source(a)}"
            rows.append((place, adm0, adm1, None, None, None, None, None, source))
        else:
            rows.append((place, adm0, adm1, a.lat, a.lon, a.geo_precision, a.adm0, a.adm1, _source(a)))
    for start in range(0, len(rows), _PER_STATEMENT):
        chunk = rows[start : start + _PER_STATEMENT]
        marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?, ?)"] * len(chunk))
        con.execute(f"INSERT INTO place_answers VALUES {marks}", [v for row in chunk for v in row]).fetchall()


def _is_country(adm0: str | None) -> bool:
    """Say whether a row states its country: three letters, not a word such as 'Unknown'."""
    return adm0 is not None and re.fullmatch("[A-Z]{3}", adm0) is not None


def _source(answer: Resolution) -> str:
    """Say which gazetteer row was used and why, or why none was."""
    if answer.geo_precision is None:
        return f"unresolved: {answer.reason}"
    if answer.gazetteer_id is None:
        return answer.reason
    return f'{answer.gazetteer}:{answer.gazetteer_id} "{answer.name}" ({answer.reason})'
