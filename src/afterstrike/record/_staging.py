"""Turn a file that stands as `raw` into `staged`: one checked row of the event table for each of its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from afterstrike.record._read_raw import RawFile
from afterstrike.record._schema import COLUMNS
from afterstrike.record._sniff import identifier, literal
from afterstrike.record._store import count_rows
from afterstrike.record._validate import checked_sql
from afterstrike.record.layouts import all_layouts

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import Layout, LayoutOptions

__all__ = ["RANK_WHOLE", "Source", "code", "describe", "place", "publisher_json", "publisher_rows", "stage"]

RANK_WHOLE = 100  # of a layout that says all there is to say; a partial one has a lower rank


@dataclass(frozen=True)
class Source:
    """The file at hand, and what is said about all of its rows.

    `raw` lists the columns that are stored; those that may name persons stand in `withheld` and are read by
    the layout only, never written.
    """

    raw: RawFile
    withheld: tuple[str, ...]
    layout: Layout
    citation: str
    dataset: str
    version: str | None
    rank: int
    is_sample: bool
    latest: str


def describe(raw: RawFile, layout: Layout, options: LayoutOptions, path: Path) -> Source:
    """Collect what holds for every row of the file. The hooks are optional in a layout."""
    rank = layout.rank(raw.columns) if hasattr(layout, "rank") else RANK_WHOLE
    dataset = layout.dataset_of(raw.columns) if hasattr(layout, "dataset_of") else layout.dataset
    version = options.dataset_version
    if version is None and hasattr(layout, "version_in_name"):
        version = layout.version_in_name(path.name)
    is_sample = bool(hasattr(layout, "is_sample") and layout.is_sample(raw.columns))
    # the coming year is allowed (candidate releases reach to yesterday, time zones to tomorrow)
    latest = getattr(layout, "latest_date", None) or f"{date.today().year + 1}-12-31"
    citation = layout.citation_of(options) if hasattr(layout, "citation_of") else layout.citation
    withheld = _withheld(raw, layout, options)
    return Source(
        raw=_without(raw, withheld),
        withheld=withheld,
        layout=layout,
        citation=citation,
        dataset=options.dataset or dataset,
        version=version,
        rank=rank,
        is_sample=is_sample,
        latest=str(latest),
    )


def _withheld(raw: RawFile, layout: Layout, options: LayoutOptions) -> tuple[str, ...]:
    """Give the columns that are never stored: those of the layout, and of any other the file is known by.

    Reading a file by a mapping of one's own must not store what its publisher's layout keeps out.
    """
    found: set[str] = set()
    for known in {id(x): x for x in (layout, *all_layouts().values())}.values():
        if hasattr(known, "withheld") and (known is layout or known.matches(raw.columns)):
            found |= set(known.withheld(raw.columns, options))
    return tuple(name for name in raw.columns if name in found)


def _without(raw: RawFile, withheld: tuple[str, ...]) -> RawFile:
    """Give the file without the columns that are not stored."""
    kept = [pair for pair in zip(raw.columns, raw.types, strict=True) if pair[0] not in withheld]
    return replace(raw, columns=tuple(n for n, _ in kept), types=tuple(t for _, t in kept))


def stage(con: duckdb.DuckDBPyConnection, source: Source, options: LayoutOptions) -> None:
    """Make the table `staged`: one checked row for each row of `raw`."""
    source.layout.stage(con, "raw", "staged_by_layout", options)
    described = con.execute("DESCRIBE staged_by_layout").fetchall()
    have = [str(row[0]) for row in described]
    defaults = {
        "dataset": literal(source.dataset),
        "licence": literal(source.layout.licence),
        "import_id": "''",  # set when the row is written
        "dataset_version": literal(source.version) if source.version else "NULL",
    }
    if options.dataset:
        have = [
            name for name in have if name != "dataset"
        ]  # what the user says goes before the layout's name
    con.execute(
        f"CREATE TEMP TABLE staged AS {checked_sql('staged_by_layout', have, defaults, source.latest)}"
    )
    staged, read = count_rows(con, "staged"), source.raw.rows
    if staged != read or count_rows(con, "(SELECT DISTINCT row_number FROM staged)") != read:
        raise RuntimeError(
            f"layout {source.layout.name} staged {staged} rows of {read}; each row must stand once"
        )
    _settle_repeats(con, source)
    if _shares_events(source):
        _gather_publisher_rows(con, source)


def _shares_events(source: Source) -> bool:
    """Say whether several rows of the file may be one event."""
    return bool(getattr(source.layout, "rows_share_events", False))


def _settle_repeats(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Settle ids that stand twice in one file: a copy changes nothing, a differing row is rejected.

    What must not differ is the publisher's row, or, where several rows are one event, the event they make.
    """
    content = publisher_json(source.raw)
    if _shares_events(source):
        content = f"hash({', '.join(f's.{column.name}' for column in COLUMNS)})"
    con.execute(
        "CREATE TEMP TABLE copies AS WITH twice AS (SELECT event_id FROM staged WHERE reject_reason IS NULL "
        "GROUP BY event_id HAVING count(*) > 1) "
        "SELECT s.row_number, min(s.row_number) OVER (PARTITION BY s.event_id) AS first_row, "
        f"first({content}) OVER (PARTITION BY s.event_id ORDER BY s.row_number) = {content} AS same "
        "FROM staged s JOIN twice USING (event_id) JOIN raw r ON r.row_number = s.row_number "
        "WHERE s.reject_reason IS NULL"
    )
    con.execute("DELETE FROM copies WHERE row_number = first_row")
    con.execute(
        "UPDATE staged SET reject_reason = 'id ' || coalesce(source_id, event_id) || ' stands twice "
        "in the file with "
        "different values; row ' || c.first_row || ' was kept' FROM copies c "
        "WHERE c.row_number = staged.row_number AND NOT c.same"
    )


def code(con: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Let the coding rule propose kind and initiator where the layout leaves that to it.

    What a person coded is laid over the rows of every layout, so that the next import of a file keeps it.
    """
    from afterstrike.record import _code
    from afterstrike.record._coding_store import overlay_codes, standing_rules

    if getattr(layout, "coding", False):
        _code.apply(con, "staged")
        return
    for text in standing_rules(con)[1]:
        overlay_codes(con, "staged", text)


def place(con: duckdb.DuckDBPyConnection, options: LayoutOptions) -> tuple[str, ...]:
    """Give rows that only name a place a position from the gazetteer; say how many it could place."""
    unplaced = "lat IS NULL AND place IS NOT NULL AND reject_reason IS NULL"
    asked = count_rows(con, f"(SELECT 1 FROM staged WHERE {unplaced})")
    if not asked:
        return ()  # opening the gazetteer takes its time
    from afterstrike.reading.gazetteer import default_gazetteer
    from afterstrike.record._places import resolve_staged

    resolve_staged(con, "staged", default_gazetteer(tuple(options.gazetteers)))
    left = count_rows(con, f"(SELECT 1 FROM staged WHERE {unplaced})")
    return (
        f"{asked:,} rows name a place without a coordinate: the gazetteer placed {asked - left:,}; "
        f"{left:,} stay without one.",
    )


def _gather_publisher_rows(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Make `gathered`: for the row that stands for an event, the publisher's rows of all of it.

    Rows that are alike stand once. The order of the file does not matter, so a file whose rows only changed
    places is no update.
    """
    con.execute(
        "CREATE TEMP TABLE gathered AS SELECT min(s.row_number) AS row_number, "
        f"list_sort(list_distinct(list({publisher_json(source.raw)}))) AS published "
        "FROM staged s JOIN raw r ON r.row_number = s.row_number WHERE s.reject_reason IS NULL "
        "GROUP BY s.event_id"
    )


def publisher_rows(source: Source) -> str:
    """Give the SQL of a relation (row_number, publisher): what is stored of the publisher's row, as JSON.

    Where several rows are one event, the others stand in the first under `further_rows`.
    """
    if not _shares_events(source):
        return f"(SELECT r.row_number, {publisher_json(source.raw)} AS publisher FROM raw r)"
    further = "',\"further_rows\":[' || array_to_string(published[2:], ',') || ']}'"
    return (
        "(SELECT row_number, CASE WHEN len(published) = 1 THEN published[1] "
        f"ELSE left(published[1], len(published[1]) - 1) || {further} END AS publisher FROM gathered)"
    )


def publisher_json(raw: RawFile, table: str = "r") -> str:
    """Give the SQL that writes a publisher's row as JSON text, numbers alike whatever the file format."""
    parts = []
    for name, sql_type in zip(raw.columns, raw.types, strict=True):
        column = f"{table}.{identifier(name)}"
        value = f"{column}::VARCHAR"
        if sql_type in ("DOUBLE", "FLOAT"):
            # 214797.0 in a floating column and 214797 in a CSV are the same value
            whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
            value = f"CASE WHEN {whole} THEN {column}::BIGINT::VARCHAR ELSE {value} END"
        parts.append(f"{identifier(name)} := {value}")
    if not parts:
        return "'{}'"
    return f"to_json(struct_pack({', '.join(parts)}))::VARCHAR"
