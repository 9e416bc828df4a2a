"""ACLED export, the current 31 columns. Its terms forbid handing rows on, so none ship with the package.

ACLED gives each event one day and one point, with codes of its own. `time_precision` 1, 2, 3 (day, week,
month) become date precision 1, 3, 4; the published day is kept as it is. `geo_precision` 1, 2, 3 (place,
part of a region, region) become 1, 2, 4 in UCDP's order. Both originals are kept. `iso` is turned into
alpha-3. In explosions, remote violence and violence against civilians `actor1` is who acted, so it is the
initiator; in battles ACLED does not say who began, so it is missing.

The release of an export is its newest `timestamp`, so that an older export never overwrites a newer one.
A row that stands twice in one file (an update) counts once: the newest `timestamp`; older ones are rejected
with
that reason. A list of deleted ids is no event file: see `undo`.

`notes` often name those who were killed or arrested, so they are withheld: not stored, not exported.
`source_text` says whose report it was instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from afterstrike.record.layouts._names import canonical_actor
from afterstrike.record.layouts._staging import (
    RawTable,
    country_codes,
    create,
    fold,
    has_columns,
    literal,
    lookup,
    read_table,
)

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import LayoutOptions

__all__ = ["LAYOUT"]

_NEEDED = ("event_id_cnty", "event_date", "event_type", "actor1", "latitude", "longitude")
# ACLED gives Kosovo the number 0, which ISO 3166 does not.
_ISO_EXTRA = (("0", "kosovo", "XKX"),)


class _Acled:
    name = "acled"
    title = "ACLED export"
    dataset = "acled"
    licence = "ACLED terms of use (no redistribution)"
    citation = "Armed Conflict Location & Event Data Project (ACLED), www.acleddata.com."

    def matches(self, columns: Sequence[str]) -> bool:
        return has_columns(columns, *_NEEDED)

    def withheld(self, columns: Sequence[str], options: LayoutOptions) -> tuple[str, ...]:
        """Give the column of free text about persons."""
        return tuple(column for column in columns if fold(column) == "notes")

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        table = RawTable(con, raw, aliases={"event_id_cnty": ["event_id_no_cnty", "data_id"]})
        table.require(self.title, *_NEEDED)
        actors = set()
        for column in ("actor1", "actor2"):
            value = table.text(column)
            actors |= {
                str(r[0])
                for r in con.execute(f"SELECT DISTINCT {value} v FROM {raw} WHERE v IS NOT NULL").fetchall()
            }
        names = [
            (a, None if fold(a).startswith("unidentified") else canonical_actor(a)) for a in sorted(actors)
        ]
        lookup(con, f"{staged}_actors", ("published", "canonical"), names)
        lookup(con, f"{staged}_iso", ("numeric_code", "name", "adm0"), [*country_codes(), *_ISO_EXTRA])
        kinds = [
            (fold(r["event_type"]), fold(r["sub_event_type"]), r["kind"], r["initiator"])
            for r in read_table("acled_kinds")
        ]
        lookup(con, f"{staged}_kinds", ("event_type", "sub_event_type", "kind", "initiator"), kinds)
        create(con, staged, self._select(_rows(table), staged, options))

    def _select(self, rows: str, staged: str, options: LayoutOptions) -> str:
        dataset = literal(options.dataset or self.dataset)
        folded = "trim(regexp_replace(lower({}), '[^a-z0-9]+', '_', 'g'), '_')"
        return f"""
        WITH rows AS ({rows}), joined AS (
            SELECT r.*, coalesce(TRY_CAST(date_text AS DATE), try_strptime(date_text, '%d %B %Y')::DATE,
                    try_strptime(date_text, '%d-%B-%Y')::DATE) AS day,
                coalesce(s.kind, g.kind, 'other') AS kind, coalesce(s.kind, g.kind) IS NOT NULL AS known_type,
                coalesce(s.initiator, g.initiator) AS who,
                a1.canonical AS first_actor, a2.canonical AS second_actor, coalesce(i.adm0, n.adm0) AS adm0,
                max(stamp) OVER (PARTITION BY id) AS newest
            FROM rows r
                LEFT JOIN {staged}_kinds s ON s.event_type = {folded.format("r.event_type")}
                    AND s.sub_event_type <> '' AND s.sub_event_type = {folded.format("r.sub_event_type")}
                LEFT JOIN {staged}_kinds g ON g.event_type = {folded.format("r.event_type")}
                    AND g.sub_event_type = ''
                LEFT JOIN {staged}_actors a1 ON a1.published = r.actor1
                LEFT JOIN {staged}_actors a2 ON a2.published = r.actor2
                LEFT JOIN {staged}_iso i ON i.numeric_code = CAST(r.iso AS VARCHAR)
                LEFT JOIN {staged}_iso n ON n.name = {folded.format("r.country")} AND r.iso IS NULL
        )
        SELECT row_number, {dataset} || ':' || coalesce(id, 'row-' || row_number) AS event_id, kind,
            day AS date_start, day AS date_end,
            CASE time_code WHEN '1' THEN 1 WHEN '2' THEN 3 WHEN '3' THEN 4 END AS date_precision,
            'time_precision ' || time_code AS date_precision_source,
            CASE geo_code WHEN '1' THEN 1 WHEN '2' THEN 2 WHEN '3' THEN 4 END AS geo_precision,
            'geo_precision ' || geo_code AS geo_precision_source,
            lat, lon, place, adm0, adm1, adm2, coalesce(first_actor, actor1) AS side_a,
            coalesce(second_actor, actor2) AS side_b, CASE WHEN who = 'actor1' THEN first_actor
                END AS initiator,
            CASE WHEN kind = 'strike' THEN 1 END AS strikes, deaths AS fatalities_best,
            sub_event_type AS weapon, CASE WHEN time_code IS NOT NULL THEN 'reported' END AS hedging,
            {dataset} AS dataset, coalesce({literal(options.dataset_version)}::VARCHAR, strftime(
                make_timestamp(max(stamp) OVER () * 1000000), '%Y-%m-%d %H:%M:%S')) AS dataset_version,
            id AS source_id, 'source: ' || source AS source_text, {literal(self.licence)} AS licence,
                'layout acled' AS coded_by,
            concat_ws('; ', 'event_type: ' || event_type, 'sub_event_type: ' || sub_event_type,
                'actor1: ' || actor1) AS coding_evidence,
            CASE WHEN known_type THEN 'high' ELSE 'low' END AS confidence,
            CASE WHEN id IS NULL THEN 'no event_id_cnty'
                 WHEN newest > coalesce(stamp, 0) THEN 'older version of ' || id || ': timestamp '
                    || coalesce(stamp::VARCHAR, 'missing') || ', the newest in the file is ' || newest
                 WHEN date_text IS NOT NULL AND day IS NULL
                    THEN 'event_date ''' || date_text || ''' is not of the form 2024-03-01'
                        END AS reject_reason,
            NULL::VARCHAR AS repairs
        FROM joined"""


def _rows(table: RawTable) -> str:
    """The columns that are read, by names of ours."""
    text = {
        "id": "event_id_cnty", "date_text": "event_date", "event_type": "event_type",
        "sub_event_type": "sub_event_type", "actor1": "actor1", "actor2": "actor2", "country": "country",
        "adm1": "admin1", "adm2": "admin2", "place": "location", "source": "source",
    }  # fmt: skip
    texts = ", ".join(f"{table.text(theirs)} AS {ours}" for ours, theirs in text.items())
    stamp = table.number("timestamp")
    return f"""
        SELECT row_number, {texts}, {table.whole("iso")} AS iso, {table.number("latitude")} AS lat,
            {table.number("longitude")} AS lon, {table.whole("fatalities")} AS deaths,
            CAST({table.whole("time_precision")} AS VARCHAR) AS time_code,
            CAST({table.whole("geo_precision")} AS VARCHAR) AS geo_code,
            -- seconds since 1970; what lies beyond the year 2200 is no such number
            CASE WHEN {stamp} BETWEEN 0 AND 7258118400 THEN CAST({stamp} AS BIGINT) END AS stamp
        FROM {table.name}"""


LAYOUT = _Acled()
