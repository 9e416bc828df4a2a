"""Write selected events to a file others can open, with licence and citation on every row."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from afterstrike.errors import RecordError, UsageError
from afterstrike.record._query import Filters, where_sql
from afterstrike.record._schema import COLUMNS
from afterstrike.record._sniff import identifier, literal
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
    con: duckdb.DuckDBPyConnection,
    path: Path,
    format: ExportFormat | None,
    filters: Filters,
    *,
    about: Mapping[str, str] | None = None,
    for_spreadsheets: bool = False,
) -> int:
    """Write the rows that pass the filters; give their number. The file appears whole or not at all.

    `about` says of the file what its rows do not: columns of their own in CSV, members of the GeoJSON collection,
    metadata of the Parquet file. `for_spreadsheets` puts an apostrophe before text of a CSV file that a spreadsheet
    would run as a formula; such text comes from documents anyone may have written.
    """
    chosen = format or ENDINGS.get(path.suffix.lower())
    if chosen not in ("parquet", "csv", "geojson"):
        raise UsageError(
            f"{path} does not say a format; name it .parquet, .csv or .geojson, or give one of these"
        )
    if not path.parent.is_dir():
        raise RecordError(f"the folder {path.parent} does not exist; make it first")
    where, values = where_sql(filters)
    query = (
        f"SELECT {_selected(chosen, about or {}, for_spreadsheets)} FROM events e "
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
            written = _write_geojson(con, query, values, half, about or {})
        else:
            options = "FORMAT csv, HEADER" if chosen == "csv" else "FORMAT parquet, COMPRESSION zstd"
            if chosen == "parquet" and about:
                told = ", ".join(f"{identifier(name)}: {literal(text)}" for name, text in about.items())
                options += f", KV_METADATA {{{told}}}"
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


def _selected(format: ExportFormat, about: Mapping[str, str], for_spreadsheets: bool) -> str:
    """Write the columns of a file."""

    def shown(name: str, is_text: bool) -> str:
        column = name.partition(".")[2]
        return f"{_unarmed(name)} AS {column}" if is_text and for_spreadsheets and format == "csv" else name

    parts = [shown(f"e.{column.name}", column.sql_type == "VARCHAR") for column in COLUMNS]
    parts += [shown("d.citation", True), "coalesce(d.is_sample, false) AS is_sample"]
    if format == "csv":
        parts += [f"{literal(text)} AS {identifier(name)}" for name, text in about.items()]
    return ", ".join(parts)


def _unarmed(expression: str) -> str:
    """Write SQL for text that no spreadsheet takes for a formula, whichever of its signs it begins with."""
    signs = r"'^[-=+@\t\r\n＝＋－＠]'"
    return (
        f"CASE WHEN regexp_matches({expression}, {signs}) THEN chr(39) || {expression} ELSE {expression} END"
    )


def _write_geojson(
    con: duckdb.DuckDBPyConnection, query: str, values: list[Any], target: Path, about: Mapping[str, str]
) -> int:
    """Write one feature a row; a row without a coordinate has a null geometry, as the format provides."""
    cursor = con.execute(query, values)
    names = [column[0] for column in cursor.description or ()]
    written = 0
    with target.open("w", encoding="utf-8") as out:
        members = "".join(f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}, " for k, v in about.items())
        out.write(f'{{"type": "FeatureCollection", {members}"features": [')
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
