"""Stage rows through one layout, as the store does, without the store."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from afterstrike.record.layouts._layout import LayoutOptions

Row = dict[str, Any]
Stage = Callable[..., list[Row]]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def _fetch(con: duckdb.DuckDBPyConnection) -> list[Row]:
    found = con.execute("SELECT * FROM staged ORDER BY row_number")
    names = [d[0] for d in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture
def stage_rows(con: duckdb.DuckDBPyConnection) -> Stage:
    """Give a function: (layout module, rows as mappings, options) -> staged rows in the rows' order."""

    def run(module: str, rows: Sequence[Mapping[str, object]], **options: Any) -> list[Row]:
        layout = importlib.import_module(f"afterstrike.record.layouts._{module}").LAYOUT
        columns = list(dict.fromkeys(key for row in rows for key in row))
        if not options.get("mapping"):
            assert layout.matches(columns), columns
        con.execute("DROP TABLE IF EXISTS raw")
        con.execute(
            f"CREATE TABLE raw (row_number BIGINT, {', '.join(f'{_quoted(c)} VARCHAR' for c in columns)})"
        )
        for number, row in enumerate(rows, 1):
            values = [None if row.get(c) is None else str(row[c]) for c in columns]
            con.execute(f"INSERT INTO raw VALUES ({', '.join('?' * (len(columns) + 1))})", [number, *values])
        layout.stage(con, "raw", "staged", LayoutOptions(**options))
        staged = _fetch(con)
        assert [r["row_number"] for r in staged] == list(range(1, len(rows) + 1))
        return staged

    return run


@pytest.fixture
def stage_file(con: duckdb.DuckDBPyConnection) -> Stage:
    """Give a function: (layout module, path, delimiter) -> staged rows of a whole file."""

    def run(module: str, path: Path, delimiter: str = ",", **options: Any) -> list[Row]:
        layout = importlib.import_module(f"afterstrike.record.layouts._{module}").LAYOUT
        scan = f"read_parquet('{path}')"
        if path.suffix == ".csv":
            scan = f"read_csv('{path}', all_varchar = true, delim = '{delimiter}')"
        con.execute("DROP TABLE IF EXISTS raw")
        con.execute(f"CREATE TABLE raw AS SELECT row_number() OVER () AS row_number, * FROM {scan}")
        columns = [str(r[0]) for r in con.execute("DESCRIBE raw").fetchall() if r[0] != "row_number"]
        assert layout.matches(columns)
        assert layout.matches([c.upper() for c in reversed(columns)]), "order and case must not matter"
        layout.stage(con, "raw", "staged", LayoutOptions(**options))
        read = con.execute("SELECT count(*) FROM raw").fetchall()[0][0]
        staged = _fetch(con)
        assert len(staged) == read == len({r["row_number"] for r in staged}), "each row read stands once"
        return staged

    return run
