"""The four columns of the geocausal package: date, longitude, latitude, type.

Exact repeats may be real (two bombs in one place on one day), so each is an event of its own: the id
carries the number of the repeat. A show of force (`SOF`) is a low pass, not a strike: kind `other`.
In a file that holds insurgent attack types, `other` is another attack; elsewhere it says nothing.
The file names no actor and no country: `[constants]` of a mapping may (`initiator`, `side_a`, `side_b`,
`adm0`).
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
    literal,
    lookup,
    quoted,
    read_table,
    repeat_number,
)

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import LayoutOptions

__all__ = ["LAYOUT"]

_NEEDED = {"date", "longitude", "latitude", "type"}
# What writing the frame from R may add in front.
_INDEX = {"", "x", "id", "index", "rownames", "row_names", "row_number", "column0", "column00", "unnamed_0"}
_ACTORS = ("side_a", "side_b", "initiator", "adm0")


class _Geocausal:
    name = "geocausal"
    title = "geocausal-style events (date, longitude, latitude, type)"
    dataset = "geocausal"
    licence = "not stated"
    citation = (
        "Mukaigawara et al., geocausal: Causal Inference with Spatio-Temporal Data (R package), example data."
    )

    def matches(self, columns: Sequence[str]) -> bool:
        folded = {fold(c) for c in columns}
        return folded >= _NEEDED and folded - _NEEDED <= _INDEX

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        table = RawTable(con, raw)
        table.require(self.title, *sorted(_NEEDED))
        rows = [
            (fold(r["published"]), r["kind"], r["weapon"], r["insurgency"])
            for r in read_table("geocausal_types")
        ]
        for published, kind in constants(options.mapping, "kinds").items():
            rows = [r for r in rows if r[0] != fold(published)] + [(fold(published), kind, published, "")]
        lookup(con, f"{staged}_kinds", ("published", "kind", "weapon", "insurgency"), rows)
        create(con, staged, self._select(table, f"{staged}_kinds", options))

    def _select(self, table: RawTable, kinds: str, options: LayoutOptions) -> str:
        dataset = literal(options.dataset or self.dataset)
        said = constants(options.mapping, "constants")
        actors = ", ".join(f"{literal(said.get(a))}::VARCHAR AS {quoted(a)}" for a in _ACTORS)
        kind_text = table.text("type", missing=("NA",))
        return f"""
        WITH rows AS (
            SELECT row_number, {table.text("date", missing=("NA",))} AS date_text,
                {table.number("longitude")} AS lon, {table.number("latitude")} AS lat,
                    {kind_text} AS type_text
            FROM {table.name}
        ), dated AS (
            SELECT *, TRY_CAST(date_text AS DATE) AS day,
                {content_hash("date_text", "lon", "lat", "type_text")} AS content,
                {repeat_number("date_text", "lon", "lat", "type_text")} AS repeat,
                trim(lower(regexp_replace(type_text, '[^A-Za-z0-9]+', '_', 'g')), '_') AS folded
            FROM rows
        ), kinded AS (
            SELECT d.*, k.kind, k.weapon,
                coalesce(bool_or(k.insurgency = 'yes') OVER (), false) AS insurgent_file,
                -- the package's own data, which is under its licence; any other file is the user's
                (min(day) OVER () >= DATE '2007-02-23'
                    AND max(day) OVER () <= DATE '2008-07-05') AS package_data
            FROM dated d LEFT JOIN {kinds} k ON k.published = d.folded
        )
        SELECT row_number, {dataset} || ':' || content || '#' || repeat AS event_id,
            CASE WHEN kind IS NOT NULL THEN kind WHEN folded = 'other' AND insurgent_file THEN 'attack'
                 ELSE 'other' END AS kind,
            day AS date_start, day AS date_end, CASE WHEN day IS NOT NULL THEN 1 END AS date_precision,
            date_text AS date_precision_source,
            CASE WHEN lat IS NOT NULL AND lon IS NOT NULL THEN 1 END AS geo_precision,
            'position as published, precision not stated' AS geo_precision_source, lat, lon, {actors},
            CASE WHEN kind = 'strike' THEN 1 END AS strikes, coalesce(nullif(weapon, ''),
                type_text) AS weapon,
            {dataset} AS dataset, {literal(options.dataset_version)}::VARCHAR AS dataset_version,
            content || '#' || repeat AS source_id, type_text AS source_text,
            CASE WHEN package_data THEN 'MIT' ELSE {literal(self.licence)} END AS licence,
            'layout geocausal' AS coded_by, 'type: ' || type_text AS coding_evidence,
            CASE WHEN kind IS NOT NULL THEN 'high' WHEN folded = 'other' AND insurgent_file THEN 'moderate'
                 ELSE 'low' END AS confidence,
            CASE WHEN date_text IS NOT NULL AND day IS NULL
                      THEN 'date ''' || date_text || ''' is not of the form 2007-02-23'
                 WHEN day IS NULL AND (lat IS NULL OR lon IS NULL) THEN 'neither date nor position'
                     END AS reject_reason,
            NULL::VARCHAR AS repairs
        FROM kinded"""


LAYOUT = _Geocausal()
