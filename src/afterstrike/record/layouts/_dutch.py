"""Netherlands Ministry of Defence: strikes of Operation Inherent Resolve, released 2023.

The release has one row for each weapon or aim point, so its rows are not strikes. An **event** here is
one strike: all rows of one employment date, begin time and MGRS square (100 m). `strikes` is 1 and
`targets` is the number of rows, that is of weapons or aim points (the release does not tell these
apart). Every row of a strike is staged with the same `event_id` and the same values: the first is added,
the rest change nothing. Times are Zulu (UTC); `ND` and blanks are missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from afterstrike.record.layouts._names import canonical_adm1
from afterstrike.record.layouts._staging import RawTable, create, has_columns, literal, lookup

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import LayoutOptions

__all__ = ["LAYOUT"]

_DATE, _BEGIN, _END = (
    "Employment date (UNCLASS)",
    "Time begin (Z) (UNCLASS)",
    "Time end (Z) (UNCLASS)",
)
_MGRS, _LAT, _LON = (
    "Position MGRS (UNCLASS)",
    "Position LAT (UNCLASS)",
    "Position LONG (UNCLASS)",
)
_NO_DATA = ("ND", "N/D", "NA")


def _unmarked(name: str) -> str:
    """The same column without its classification mark."""
    return name.replace(" (UNCLASS)", "")


class _Dutch:
    # a strike has as many rows as weapons: rows of one id that differ in a remark are no fault
    rows_share_events = True
    name = "nl-mod"
    title = "Netherlands Ministry of Defence, OIR strikes"
    dataset = "nl-mod-oir"
    licence = "Dutch government release, terms not stated"
    citation = (
        "Netherlands Ministry of Defence (2023), "
        "Nederlandse luchtaanvallen in Operation Inherent Resolve 2014-2018."
    )

    def matches(self, columns: Sequence[str]) -> bool:
        needed = (_DATE, _BEGIN, _MGRS, _LAT, _LON)
        return has_columns(columns, *needed) or has_columns(columns, *map(_unmarked, needed))

    def version_in_name(self, name: str) -> str | None:
        """Give the day of the release, which the file's name carries (`UNCLASS_20230330_...`)."""
        found = re.search(r"(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?!\d)", name)
        return "-".join(found.groups()) if found else None

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        marked = [_DATE, _BEGIN, _END, _MGRS, _LAT, _LON]
        marked += [f"{c} (UNCLASS)" for c in ("Mission", "Town", "Province", "Country", "Comment")]
        table = RawTable(con, raw, aliases={c: [_unmarked(c)] for c in marked})
        table.require(self.title, _DATE, _BEGIN, _MGRS, _LAT, _LON)
        province = table.text("Province (UNCLASS)", missing=_NO_DATA)
        provinces = [
            str(r[0])
            for r in con.execute(f"SELECT DISTINCT {province} p FROM {raw} WHERE p IS NOT NULL").fetchall()
        ]
        known = [(p, *found) for p in provinces if (found := canonical_adm1(p)) is not None]
        lookup(con, f"{staged}_adm1", ("published", "adm0", "name"), known)
        create(con, staged, self._select(table, province, f"{staged}_adm1", options))

    def _select(self, table: RawTable, province: str, divisions: str, options: LayoutOptions) -> str:
        dataset = literal(options.dataset or self.dataset)
        date, begin = table.text(_DATE, missing=_NO_DATA), table.text(_BEGIN, missing=_NO_DATA)
        mgrs = f"replace(upper({table.text(_MGRS, missing=_NO_DATA)}), ' ', '')"
        town = table.text("Town (UNCLASS)", missing=_NO_DATA)
        comment = table.text("Comment (UNCLASS)", missing=_NO_DATA)
        country = f"lower({table.text('Country (UNCLASS)', missing=_NO_DATA)})"
        # A strike's rows agree in nearly everything; where they do not, the first in the alphabet speaks
        # for all, so that the event does not depend on the order of the rows.
        return f"""
        WITH rows AS (
            SELECT row_number, {date} AS date_text, {begin} AS begin_text,
                CAST(coalesce(try_strptime({date}, '%d-%b-%y'), try_strptime({date}, '%d-%b-%Y'),
                              try_strptime({date}, '%Y-%m-%d')) AS DATE) AS day,
                try_strptime({begin}, ['%H:%M', '%H:%M:%S']) AS begin_clock,
                {mgrs} AS square, {table.number(_LAT, decimal_comma=True)} AS lat,
                {table.number(_LON, decimal_comma=True)} AS lon, {town} AS town, {province} AS province,
                {country} AS country, upper({table.text("Mission (UNCLASS)", missing=_NO_DATA)}) AS mission,
                {comment} AS comment
            FROM {table.name}
        ), keyed AS (
            SELECT *, concat_ws('-', coalesce(strftime(day, '%Y%m%d'), date_text, 'nodate'),
                coalesce(strftime(begin_clock, '%H%MZ'), begin_text, 'notime'),
                coalesce(square, printf('%.4f,%.4f', lat, lon), 'noplace')) AS source_id
            FROM rows
        ), strike AS (
            SELECT source_id, any_value(date_text) AS date_text, any_value(day) AS day,
                any_value(begin_text) AS begin_text, any_value(begin_clock) AS begin_clock,
                any_value(square) AS square, min(lat) AS lat, min(lon) AS lon, min(town) AS town,
                min(province) AS province, min(country) AS country, min(mission) AS mission,
                min(comment) AS comment, count(*) AS rows_in_release
            FROM keyed GROUP BY source_id
        )
        SELECT k.row_number, {dataset} || ':' || k.source_id AS event_id, 'strike' AS kind,
            s.day AS date_start, s.day AS date_end,
            s.day + (s.begin_clock - date_trunc('day', s.begin_clock)) AS time_start,
            CASE WHEN s.day IS NOT NULL THEN 1 END AS date_precision,
            concat_ws(' ', s.date_text, s.begin_text || 'Z') AS date_precision_source,
            CASE WHEN s.lat IS NOT NULL AND s.lon IS NOT NULL THEN 1 END AS geo_precision,
            'MGRS to 100 m: ' || s.square AS geo_precision_source,
            s.lat, s.lon, s.town AS place,
            CASE s.country WHEN 'iraq' THEN 'IRQ' WHEN 'syria' THEN 'SYR' END AS adm0, d.name AS adm1,
            'US-led coalition' AS side_a, 'IS' AS side_b, 'US-led coalition' AS initiator,
            1 AS strikes, s.rows_in_release AS targets,
            concat_ws(', ', 'Netherlands aircraft', CASE s.mission WHEN 'CAS' THEN 'close air support'
                WHEN 'AI' THEN 'air interdiction' ELSE s.mission END) AS weapon,
            'stated' AS hedging, {dataset} AS dataset,
            {literal(options.dataset_version)}::VARCHAR AS dataset_version,
            k.source_id, concat_ws('; ', s.town, s.province, s.comment) AS source_text,
            {literal(self.licence)} AS licence, 'layout nl-mod' AS coded_by,
            'release of strikes by Netherlands aircraft in Operation Inherent Resolve' AS coding_evidence,
            'high' AS confidence,
            CASE WHEN s.date_text IS NULL THEN 'no employment date'
                 WHEN s.day IS NULL THEN 'employment date ''' || s.date_text
                     || ''' is not of the form 7-Oct-14'
                 END AS reject_reason,
            NULL::VARCHAR AS repairs
        FROM keyed k JOIN strike s USING (source_id)
            LEFT JOIN {divisions} d ON d.published = s.province"""


LAYOUT = _Dutch()
