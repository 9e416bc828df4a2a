"""Write selected events to a file others can open, with licence and citation on every row."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from afterstrike.errors import RecordError, UsageError
from afterstrike.record._query import Filters, where_sql
from afterstrike.record._schema import COLUMNS
from afterstrike.record._sniff import literal
from afterstrike.record._store import first_line

if TYPE_CHECKING:
    import duckdb

__all__ = ["ExportFormat", "export_events"]

ExportFormat = Literal["parquet", "csv", "geojson"]
ENDINGS: dict[str, ExportFormat] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".geojson": "geojson",
    ".json": "geojson",
}


def export_events(
    con: duckdb.DuckDBPyConnection, path: Path, format: ExportFormat | None, filters: Filters
) -> int:
    """Write the rows that pass the filters; give their number. The file appears whole or not at all."""
    chosen = format or ENDINGS.get(path.suffix.lower())
    if chosen not in ("parquet", "csv", "geojson"):
        raise UsageError(
            f"{path} does not say a format; name it .parquet, .csv or .geojson, or give one of these"
        )
    if not path.parent.is_dir():
        raise RecordError(f"the folder {path.parent} does not exist; make it first")
    where, values = where_sql(filters)
    names = ", ".join(f"e.{column.name}" for column in COLUMNS)
    query = (
        f"SELECT {names}, d.citation, coalesce(d.is_sample, false) AS is_sample FROM events e "
        "LEFT JOIN (SELECT dataset, dataset_version, any_value(citation) AS citation, "
        "bool_or(is_sample) AS is_sample "
        "FROM datasets GROUP BY ALL) d ON d.dataset = e.dataset "
        "AND d.dataset_version IS NOT DISTINCT FROM e.dataset_version "
        f"WHERE e.event_id IN (SELECT event_id FROM events WHERE {where}) "
        "ORDER BY e.date_start NULLS LAST, e.event_id"
    )
    import duckdb

    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if chosen == "geojson":
            written = _write_geojson(con, query, values, half)
        else:
            options = "FORMAT parquet, COMPRESSION zstd" if chosen == "parquet" else "FORMAT csv, HEADER"
            row = con.execute(f"COPY ({query}) TO {literal(half)} ({options})", values).fetchone()
            written = int(row[0]) if row else 0
        half.replace(path)
    except OSError as problem:
        raise RecordError(f"{path} cannot be written: {problem.strerror or problem}") from None
    except duckdb.IOException as problem:
        raise RecordError(f"{path} cannot be written: {first_line(problem)}") from None
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)
    return written


def _write_geojson(con: duckdb.DuckDBPyConnection, query: str, values: list[Any], target: Path) -> int:
    """Write one feature a row; a row without a coordinate has a null geometry, as the format provides."""
    cursor = con.execute(query, values)
    names = [column[0] for column in cursor.description or ()]
    written = 0
    with target.open("w", encoding="utf-8") as out:
        out.write('{"type": "FeatureCollection", "features": [')
        while rows := cursor.fetchmany(5000):
            for row in rows:
                properties = dict(zip(names, row, strict=True))
                lat, lon = properties.pop("lat"), properties.pop("lon")
                geometry = None if lat is None else {"type": "Point", "coordinates": [lon, lat]}
                feature = {"type": "Feature", "geometry": geometry, "properties": properties}
                text = json.dumps(feature, ensure_ascii=False, default=str)
                out.write(("\n" if not written else ",\n") + text)
                written += 1
        out.write("\n]}\n")
    return written
