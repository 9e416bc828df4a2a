"""The columns of the mwa package: type (treatment, control, dependent), lon, lat, timestamp, match variables.

Treatment, control and dependent are roles in a design, not kinds of event: `kind` is `other` and the role
is kept (`source_text`, and the import's own `type` column). `[kinds]` of a mapping may
say what a role stands for, e.g. `treatment = "strike"`. Dates of simulated data may lie anywhere, 2100 too:
`latest_date` tells the store not to refuse a date in the future.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from afterstrike.record.layouts._staging import (
    RawTable,
    constants,
    content_hash,
    create,
    fold,
    has_columns,
    literal,
    lookup,
    quoted,
    repeat_number,
)

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import LayoutOptions

__all__ = ["LAYOUT"]

_NEEDED = ("type", "lon", "lat", "timestamp")
_ACTORS = ("side_a", "side_b", "initiator", "adm0")


class _Mwa:
    name = "mwa"
    title = "mwa-style events (type, lon, lat, timestamp, match variables)"
    dataset = "mwa"
    licence = "LGPL-3"
    citation = (
        "Schutte and Donnay (2014), Matched wake analysis, Political Geography 41; "
        "mwa R package, example data."
    )
    synthetic = True
    latest_date = "9999-12-31"

    def matches(self, columns: Sequence[str]) -> bool:
        return has_columns(columns, *_NEEDED) and any(fold(c).startswith("match") for c in columns)

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        table = RawTable(con, raw)
        table.require(self.title, *_NEEDED)
        kinds = constants(options.mapping, "kinds")
        lookup(con, f"{staged}_kinds", ("role", "kind"), [(k.casefold(), v) for k, v in kinds.items()])
        create(con, staged, self._select(table, f"{staged}_kinds", options))

    def _select(self, table: RawTable, kinds: str, options: LayoutOptions) -> str:
        dataset = literal(options.dataset or self.dataset)
        said = constants(options.mapping, "constants")
        actors = ", ".join(f"{literal(said.get(a))}::VARCHAR AS {quoted(a)}" for a in _ACTORS)
        matches = [quoted(c) for c in table.columns if fold(c).startswith("match")]
        content = ("r.role", "r.lon", "r.lat", "r.moment_text", *(f"r.{m}" for m in matches))
        others = "".join(f", {m}" for m in matches)
        return f"""
        WITH rows AS (
            SELECT row_number, lower({table.text("type")}) AS role, {table.number("lon")} AS lon,
                {table.number("lat")} AS lat, {table.text("timestamp")} AS moment_text{others}
            FROM {table.name}
        ), timed AS (
            SELECT r.*, TRY_CAST(r.moment_text AS TIMESTAMP) AS moment, k.kind,
                {content_hash(*content)} || '#' || {repeat_number(*content)} AS source_id
            FROM rows r LEFT JOIN {kinds} k ON k.role = r.role
        )
        SELECT row_number, {dataset} || ':' || source_id AS event_id, coalesce(kind, 'other') AS kind,
            CAST(moment AS DATE) AS date_start, CAST(moment AS DATE) AS date_end,
            -- midnight is how a date without a time is written
            CASE WHEN moment <> date_trunc('day', moment) THEN moment END AS time_start,
            CASE WHEN moment IS NOT NULL THEN 1 END AS date_precision, moment_text AS date_precision_source,
            CASE WHEN lat IS NOT NULL AND lon IS NOT NULL THEN 1 END AS geo_precision,
            'simulated position' AS geo_precision_source, lat, lon, {actors},
            {dataset} AS dataset, {literal(options.dataset_version)}::VARCHAR AS dataset_version, source_id,
            'role: ' || role AS source_text, {literal(self.licence)} AS licence,
            CASE WHEN kind IS NULL THEN 'layout mwa' ELSE 'mapping' END AS coded_by,
            'role: ' || role AS coding_evidence, CASE WHEN kind IS NULL THEN 'low' ELSE 'high'
                END AS confidence,
            CASE WHEN role IS NULL OR role NOT IN ('treatment', 'control', 'dependent') AND kind IS NULL
                      THEN 'type ' || coalesce('''' || role || '''', 'missing')
                           || ' is none of treatment, control, dependent'
                 WHEN moment_text IS NOT NULL AND moment IS NULL
                      THEN 'timestamp ''' || moment_text || ''' is not of the form 1994-12-24 00:00:00'
                 END AS reject_reason,
            NULL::VARCHAR AS repairs
        FROM timed"""


LAYOUT = _Mwa()
