"""Read any allowed file into the table `raw`: the publisher's columns unchanged, rows counted from 1."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from afterstrike.errors import SourceError
from afterstrike.record._sniff import Sniffed, Table, identifier, literal, read_header, sniff, write_utf8
from afterstrike.record._store import first_line

if TYPE_CHECKING:
    import duckdb

__all__ = ["RawFile", "drop_raw", "read_raw"]

MAX_GEOJSON = 256 << 20  # a feature collection is one object and must fit in memory


@dataclass(frozen=True)
class RawFile:
    """A file that now stands as the table `raw`; lines that do not fit stand in `raw_rejected`."""

    path: str
    sha256: str
    kind: str
    encoding: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: int
    ragged: int


def read_raw(con: duckdb.DuckDBPyConnection, path: str | Path) -> RawFile:
    """Read a file into the temporary tables `raw` and `raw_rejected`.

    Parameters
    ----------
    con : DuckDBPyConnection
        Any connection; memory is bounded by its `memory_limit`.
    path : str or Path
        CSV, TSV or semicolon text in any common encoding, Parquet, JSON lines, a JSON array, GeoJSON;
        text also as .gz. What it is is told from the content, not from the name.

    Returns
    -------
    RawFile
        Hash, kind, encoding, columns, and the two counts.

    Raises
    ------
    SourceError
        In one line, where the file is no table; nothing is left behind.
    """
    path = Path(path)
    sniffed = sniff(path)
    con.execute("DROP TABLE IF EXISTS raw")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE raw_rejected (row_number BIGINT, reason VARCHAR, original VARCHAR)"
    )
    with tempfile.TemporaryDirectory(prefix="afterstrike-") as folder:
        columns = _load(con, path, sniffed, Path(folder))
    rows = _count(con, "raw")
    ragged = _count(con, "raw_rejected")
    if rows + ragged == 0:
        raise SourceError(f"{path} has columns but no rows; fetch it again")
    types = tuple(str(row[1]) for row in con.execute("DESCRIBE raw").fetchall() if row[0] != "row_number")
    return RawFile(str(path), sniffed.sha256, sniffed.kind, sniffed.encoding, columns, types, rows, ragged)


def drop_raw(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what an earlier file left."""
    con.execute("DROP VIEW IF EXISTS temp.raw")
    con.execute("DROP TABLE IF EXISTS temp.raw_rows")


def _load(con: duckdb.DuckDBPyConnection, path: Path, sniffed: Sniffed, folder: Path) -> tuple[str, ...]:
    """Make the table `raw` by the kind of file; DuckDB's own complaints become one line of ours."""
    import duckdb

    source = path
    if sniffed.kind != "parquet" and (sniffed.gzipped or sniffed.encoding != "utf-8"):
        source = folder / "text"
        write_utf8(path, sniffed, source)
    elif any(letter in str(path) for letter in "*?[{"):
        source = folder / "file"  # DuckDB would take the name for a pattern
        source.symlink_to(path.resolve())
    try:
        if sniffed.kind == "parquet":
            return _load_parquet(con, source)
        if sniffed.kind == "json":
            return _load_json(con, path, source, sniffed, folder)
        table = read_header(path, sniffed.sample)
        try:
            return _load_csv(con, source, table)
        except duckdb.InvalidInputException as problem:
            if "invalid state" not in str(problem):
                raise
            # what DuckDB says of a file some of whose lines end in CR LF and others in LF
            return _load_csv(con, _even_line_ends(source, folder / "lines"), table)
    except duckdb.Error as problem:
        first = first_line(problem).replace(str(source), path.name)
        raise SourceError(
            f"{path} cannot be read as {sniffed.kind} ({first}); fetch it again, or check that it is whole"
        ) from None


def _load_parquet(con: duckdb.DuckDBPyConnection, source: Path) -> tuple[str, ...]:
    """Read Parquet; nested columns are kept as JSON text."""
    scan = f"read_parquet({literal(source)}, file_row_number = true)"
    described = con.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    typed = [(str(row[0]), str(row[1])) for row in described if row[0] != "file_row_number"]
    return _store_typed(con, typed, scan, "file_row_number + 1")


def _load_csv(con: duckdb.DuckDBPyConnection, source: Path, table: Table) -> tuple[str, ...]:
    """Read delimited text, every column as text; lines of another width go to `raw_rejected`."""
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in table.columns)
    con.execute("DROP TABLE IF EXISTS reject_errors")
    con.execute("DROP TABLE IF EXISTS reject_scans")
    con.execute(
        f"CREATE TEMP TABLE raw_rows AS SELECT * FROM read_csv({literal(source)}, "
        f"delim = {literal(table.delimiter)}, quote = '\"', escape = '\"', header = true, "
        f"skip = {table.skip}, auto_detect = false, columns = {{{types}}}, "
        "store_rejects = true, rejects_limit = 0)"
    )
    # rows keep the order of the file, and counting them by rowid lets the file be read in parallel
    con.execute("CREATE TEMP VIEW raw AS SELECT rowid + 1 AS row_number, * FROM raw_rows")
    with contextlib.suppress(Exception):  # the tables are made only where a line was refused
        con.execute(
            "INSERT INTO raw_rejected SELECT NULL, 'line ' || any_value(line) || ': ' || "
            "string_agg(DISTINCT lower(error_type) || ' (' || error_message || ')', '; '), "
            "json_object('line', any_value(csv_line))::VARCHAR FROM reject_errors "
            "GROUP BY scan_id, file_id, byte_position ORDER BY any_value(line)"
        )
    return table.columns


def _even_line_ends(source: Path, target: Path) -> Path:
    """Write a text again with one kind of line end, in bounded memory."""
    with source.open(encoding="utf-8", newline=None) as text, target.open("w", encoding="utf-8") as out:
        shutil.copyfileobj(text, out)
    return target


def _load_json(
    con: duckdb.DuckDBPyConnection, path: Path, source: Path, sniffed: Sniffed, folder: Path
) -> tuple[str, ...]:
    """Read JSON lines or an array of objects; GeoJSON features become rows with longitude and latitude."""
    if '"FeatureCollection"' in sniffed.sample:
        if source.stat().st_size > MAX_GEOJSON:
            raise SourceError(f"{path} is GeoJSON above {MAX_GEOJSON >> 20} MB; turn it into CSV or Parquet")
        source = _flatten_features(path, source, folder / "features")
    scan = f"read_json({literal(source)}, maximum_object_size = {64 << 20}, sample_size = 100000)"
    described = con.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    typed = [(str(row[0]), str(row[1])) for row in described]
    if [name for name, _ in typed] == ["json"]:
        raise SourceError(
            f"{path} is JSON but no list of objects with the same keys; one object an event is needed"
        )
    return _store_typed(con, typed, scan, "row_number() OVER ()")


def _flatten_features(path: Path, source: Path, target: Path) -> Path:
    """Write GeoJSON features as JSON lines: their properties, and a point's longitude and latitude."""
    try:
        features = json.loads(source.read_text(encoding="utf-8"))["features"]
    except (ValueError, KeyError, TypeError) as problem:
        raise SourceError(f"{path} is no whole GeoJSON ({problem}); fetch it again") from None
    with target.open("w", encoding="utf-8") as out:
        for feature in features:
            row = dict(feature.get("properties") or {})
            geometry = feature.get("geometry") or {}
            if geometry.get("type") == "Point":
                lon, lat = geometry["coordinates"][:2]
                row.setdefault("longitude", lon)
                row.setdefault("latitude", lat)
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return target


def _store_typed(
    con: duckdb.DuckDBPyConnection, typed: Sequence[tuple[str, str]], scan: str, number: str
) -> tuple[str, ...]:
    """Store a scan as `raw`; a column of lists or objects becomes JSON text, `row_number` stays ours."""
    parts, names = [f"{number} AS row_number"], []
    for name, sql_type in typed:
        kept = "row_number_1" if name.lower() == "row_number" else name
        value = identifier(name)
        if sql_type.endswith("[]") or sql_type.startswith(("STRUCT", "MAP", "UNION")):
            value = f"to_json({value})::VARCHAR"
        elif sql_type == "BLOB":
            value = f"hex({value})"
        parts.append(f"{value} AS {identifier(kept)}")
        names.append(kept)
    con.execute(f"CREATE TEMP TABLE raw_rows AS SELECT {', '.join(parts)} FROM {scan}")
    con.execute("CREATE TEMP VIEW raw AS SELECT * FROM raw_rows")
    return tuple(names)


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Count the rows of a table."""
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
