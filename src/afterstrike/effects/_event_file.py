"""A file of events as a table for a study: a record, text, Parquet or JSON, in the file's order."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ._standard import _KNOWN as KNOWN_NAMES

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from ..record._read_raw import RawFile

__all__ = ["EventFile", "read_event_file"]

# What tables of this field write where nothing is known; the same words pandas and R take for missing.
_MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None")
_WHOLE = r"[+-]?(0|[1-9]\d{0,17})"
_DECIMAL = r"[+-]?((0|[1-9]\d{0,17})(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?"
# Digits that are names of things, not amounts.
_NEVER_NUMBERS = ("event_id", "source_id", "date_end")


@dataclass(frozen=True)
class EventFile:
    """A file's rows, and what must be known of how it was read.

    Parameters
    ----------
    frame
        One row an event, in the order of the file; columns as the file names them.
    name
        The file's name, without its folder.
    sha256
        Of the file's bytes; empty for a record, which changes when it is opened by others.
    left_out
        Lines that could not be read as rows.
    """

    frame: pd.DataFrame
    name: str
    sha256: str
    left_out: int


def read_event_file(
    path: str | Path, *, columns: Mapping[str, str] | None = None, needed: Collection[str] = ()
) -> EventFile:
    """Read a table of events, or the event table of a record.

    Parameters
    ----------
    path
        A record (`.duckdb`), or CSV, TSV, Parquet, JSON lines or GeoJSON; told apart by content.
    columns
        Which column is the time, where it is not a usual name: it is kept as the file wrote it.
    needed
        Further columns that must be there.

    Returns
    -------
    EventFile
        Text columns whose every value is a number are numbers.

    Raises
    ------
    SourceError, RecordError
        The file is not there, or is no table or record.
    UsageError
        A needed column is missing.
    """
    path = Path(path)
    if path.suffix == ".duckdb" or _is_duckdb(path):
        from ..record import open_record

        with open_record(path, read_only=True) as record:
            read = EventFile(record.events(), path.name, "", 0)
    else:
        read = _read_table(path, {*KNOWN_NAMES["time"], *_NEVER_NUMBERS, (columns or {}).get("time", "")})
    for name in needed:
        if name not in read.frame.columns:
            raise _no_column(name, [str(column) for column in read.frame.columns])
    return read


def _no_column(name: str, names: Sequence[str]) -> UsageError:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return UsageError(f"no column {name!r}; the table has {', '.join(names)}{hint}")


def _is_duckdb(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(12)[8:] == b"DUCK"
    except OSError:
        return False  # what is wrong with the file is said where it is read


def _read_table(path: Path, as_written: Collection[str]) -> EventFile:
    import duckdb

    from ..record._read_raw import read_raw

    with duckdb.connect(":memory:") as con:
        con.execute("SET TimeZone = 'UTC'")
        raw = read_raw(con, path)
        selected = ", ".join(_selected(con, raw, as_written))
        frame = con.execute(f"SELECT {selected} FROM raw ORDER BY row_number").df()
    return EventFile(frame, path.name, raw.sha256, raw.ragged)


def _selected(con: duckdb.DuckDBPyConnection, raw: RawFile, as_written: Collection[str]) -> list[str]:
    """Write the SELECT list: text without its words for missing, as numbers where every value is one.

    DuckDB turns text into the nearest double; a table read twice, here and in R, must hold the same numbers.
    """
    from ..record._sniff import identifier, literal

    missing = ", ".join(map(literal, _MISSING))
    texts = [name for name, kind in zip(raw.columns, raw.types, strict=True) if kind == "VARCHAR"]
    values = {
        n: f"CASE WHEN trim({identifier(n)}) NOT IN ({missing}) THEN {identifier(n)} END" for n in texts
    }
    asked = [name for name in texts if name not in as_written]
    unlike = [
        f"count({values[name]}) FILTER (NOT regexp_full_match(trim({values[name]}), {literal(shape)}))"
        for name in asked
        for shape in (_WHOLE, _DECIMAL)
    ]
    counts = con.execute(f"SELECT {', '.join(unlike)} FROM raw").fetchall()[0] if asked else ()
    for name, not_whole, not_decimal in zip(asked, counts[::2], counts[1::2], strict=True):
        if not (not_whole and not_decimal):
            values[name] = f"CAST(trim({values[name]}) AS {'DOUBLE' if not_whole else 'BIGINT'})"
    return [f"{values.get(name, identifier(name))} AS {identifier(name)}" for name in raw.columns]
