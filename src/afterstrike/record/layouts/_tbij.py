"""The Bureau of Investigative Journalism: US operations in Yemen and Somalia, geocoded by later researchers.

The two files name their columns differently; both are read, and so are the publisher's own headings.
**Kind** follows the type of attack, leaving out what is only "possible" where something surer is named:
air, drone, missile and naval fire are a `strike`; a purely ground operation is a `clash`. **How surely**:
`hedging` is the publisher's `confirmed` or `possible` (that it was the United States), and the initiator of
a possible one has low confidence. An operation led by others has no US initiator.

Counts are ranges: `_low` and `_high`; the best value is set only where both agree. Positions were found by
name afterwards: precision 2, and 6 where the point lies in another province than the publisher names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from afterstrike.record.layouts._staging import RawTable, country_codes, create, fold, literal, lookup

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import LayoutOptions

__all__ = ["LAYOUT"]

_ALIASES = {
    "strike_type": ("Type.of.attack", "Type of attack", "Type of strike"),
    "certainty": (
        "Confirmed..possible.US.attack.",
        "Confirmed..possible.US.strike",
        "Confirmed/ possible US attack?",
        "Confirmed/possible US strike",
    ),
    "strikes_min": ("Minimum.number.of.strikes", "Minimum.strikes"),
    "strikes_max": ("Maximum.number.of.strikes", "Maximum.strikes"),
    "civilians_min": ("Minimum.civilians.reported.killed", "Minimum.civilians.killed"),
    "civilians_max": ("Maximum.civilians.reported.killed", "Maximum.civilians.killed"),
    "place": ("Location", "Location.x", "Location.y"),
    "province": ("Province", "Province.x", "Province.y"),
    "lon": ("long", "longitude"),
    "lat": ("latitude",),
}
_KILLED = ("Minimum.people.killed", "Maximum.people.killed")
_FIRE = r"air|drone|missile|naval|bombardment|helicopter|gunship|strike|shell"
_US = "Government of United States of America"
_WORD = r"^([A-Za-z]{1,5}\d{1,4}[a-z]?)$"


class _Tbij:
    name = "tbij"
    title = "TBIJ US strikes (Yemen, Somalia)"
    dataset = "tbij"
    licence = "not stated"
    citation = (
        "The Bureau of Investigative Journalism, drone warfare data (US operations in Yemen and Somalia)."
    )

    def matches(self, columns: Sequence[str]) -> bool:
        folded = {fold(c) for c in columns}
        kinds = {fold(c) for c in ("strike_type", *_ALIASES["strike_type"])}
        return {fold("date"), *map(fold, _KILLED)} <= folded and bool(kinds & folded)

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        table = RawTable(con, raw, aliases=_ALIASES)
        table.require(self.title, "date", "strike_type", *_KILLED)
        lookup(
            con, f"{staged}_countries", ("name", "adm0"), [(name, iso) for _, name, iso in country_codes()]
        )
        create(con, staged, self._select(_rows(table), f"{staged}_countries", options))

    def _select(self, rows: str, countries: str, options: LayoutOptions) -> str:
        dataset = literal(options.dataset or self.dataset)
        return f"""
        WITH rows AS ({rows}), judged AS (
            SELECT r.*, coalesce(try_strptime(date_text, '%d/%m/%Y'), try_strptime(date_text,
                '%Y-%m-%d'))::DATE AS day,
                regexp_replace(geocoded, '^.*,\\s*', '') AS country_name, {_surer("attack")} AS surer,
                {_same_division("province", "found_in")} AS same_province
            FROM rows r
        ), kinded AS (
            SELECT j.*, c.adm0,
                CASE WHEN regexp_matches(lower(surer), '{_FIRE}') THEN 'strike'
                     WHEN regexp_matches(lower(surer), 'ground|raid|assault|amphibious') THEN 'clash'
                     ELSE 'other' END AS kind,
                regexp_matches(lower(surer), '[a-z]+-led') AND NOT regexp_matches(lower(surer),
                    'us-led') AS led_by_others
            FROM judged j LEFT JOIN {countries} c
                ON c.name = trim(regexp_replace(lower(country_name), '[^a-z]+', '_', 'g'), '_')
        )
        SELECT row_number, {dataset} || ':' || coalesce(id, 'row-' || content) AS event_id, kind,
            day AS date_start, day AS date_end, CASE WHEN day IS NOT NULL THEN 1 END AS date_precision,
            date_text AS date_precision_source,
            CASE WHEN lat IS NULL OR lon IS NULL THEN NULL WHEN same_province THEN 2 ELSE 6
                END AS geo_precision,
            concat_ws('; ', 'geocoded by name: ' || geocoded, CASE WHEN NOT same_province
                THEN 'the point lies in '
                || coalesce(found_in, 'no province') || ', the publisher names '
                    || province END) AS geo_precision_source,
            lat, lon, place, adm0, province AS adm1,
            CASE WHEN led_by_others THEN NULL ELSE '{_US}' END AS side_a, NULL::VARCHAR AS side_b,
            CASE WHEN led_by_others THEN NULL ELSE '{_US}' END AS initiator,
            CASE WHEN kind = 'strike' AND strikes_min = strikes_max THEN strikes_min END AS strikes,
            CASE WHEN kind = 'strike' THEN strikes_min END AS strikes_low,
            CASE WHEN kind = 'strike' THEN strikes_max END AS strikes_high,
            CASE WHEN killed_min = killed_max THEN killed_min END AS fatalities_best,
            killed_min AS fatalities_low, killed_max AS fatalities_high,
            CASE WHEN civilians_min = civilians_max THEN civilians_min END AS civilian_fatalities_best,
            civilians_min AS civilian_fatalities_low, civilians_max AS civilian_fatalities_high,
            injured_min AS injured_low, injured_max AS injured_high, attack AS weapon,
                lower(certainty) AS hedging,
            {dataset} AS dataset, {literal(options.dataset_version)}::VARCHAR AS dataset_version,
            coalesce(id, content) AS source_id, NULL::VARCHAR AS source_text,
                {literal(self.licence)} AS licence,
            'layout tbij' AS coded_by, concat_ws('; ', 'type: ' || attack, 'US: '
                || lower(certainty)) AS coding_evidence,
            CASE WHEN led_by_others OR attack IS NULL THEN 'low' WHEN lower(certainty) = 'confirmed'
                THEN 'high'
                 ELSE 'low' END AS confidence,
            CASE WHEN date_text IS NOT NULL AND day IS NULL
                THEN 'date ''' || date_text || ''' is not of the form 17/12/2009' END AS reject_reason,
            NULL::VARCHAR AS repairs
        FROM kinded"""


def _rows(table: RawTable) -> str:
    """The columns that are read, by names of ours. `NA` is how R writes a missing value."""
    given = [table.text(c, missing=("NA",)) for c in ("Strike.ID", "Strike ID", "X", "Strike.link")]
    ids = ", ".join(
        f"nullif(regexp_extract(regexp_replace({v}, '^.*#', ''), '{_WORD}', 1), '')" for v in given
    )
    whole = {
        "strikes_min": "strikes_min", "strikes_max": "strikes_max",
        "killed_min": _KILLED[0], "killed_max": _KILLED[1],
        "civilians_min": "civilians_min", "civilians_max": "civilians_max",
        "injured_min": "Minimum.people.injured", "injured_max": "Maximum.people.injured",
    }  # fmt: skip
    counts = ", ".join(f"{table.whole(theirs)} AS {ours}" for ours, theirs in whole.items())
    lines = table.plain("strike_type")
    text = {
        "date_text": "date", "certainty": "certainty", "place": "place", "province": "province",
        "geocoded": "locs", "found_in": "NAME_1",
    }  # fmt: skip
    texts = ", ".join(f"{table.text(theirs, missing=('NA',))} AS {ours}" for ours, theirs in text.items())
    return f"""
        SELECT row_number, coalesce({ids}) AS id, {texts}, {counts},
            -- a line break in the field parts two statements
            array_to_string(list_filter(list_transform(string_split_regex({lines}, '[\\r\\n]+'),
                lambda p: trim(p)),
                lambda p: p <> ''), '; ') AS attack,
            {table.number("lat")} AS lat, {table.number("lon")} AS lon,
            substr(md5(concat_ws('|', {table.text("date")}, {table.text("place")}, {lines})), 1,
                16) AS content
        FROM {table.name}"""


def _surer(column: str) -> str:
    """SQL of a statement without its parts that are only possible, unless nothing else is stated."""
    parts = f"string_split_regex({column}, '[;,]\\s*')"
    sure = f"list_filter({parts}, lambda p: NOT starts_with(lower(p), 'possibl'))"
    return f"CASE WHEN len({sure}) > 0 THEN array_to_string({sure}, '; ') ELSE {column} END"


def _same_division(named: str, found: str) -> str:
    """SQL of whether one of the provinces named is the one found, by their consonants.

    Spellings of one Arabic name differ in vowels, h, w, y and the article (Hadhramout, Hadramawt).
    """

    def bones(value: str) -> str:
        bare = f"regexp_replace(lower({value}), '^\\s*al[- ]', '')"
        return f"regexp_replace({bare}, '[^bcdfgjklmnpqrstvxz]', '', 'g')"

    parts = f"string_split_regex(regexp_replace({named}, ' border.*$', ''), '/|-|&| and ')"
    hit = f"len(list_filter({parts}, lambda p: {bones('p')} = {bones(found)})) > 0"
    # a file without provinces has nothing to compare; a point in no province of a file that has them is wrong
    return f"CASE WHEN {named} IS NULL THEN true WHEN {found} IS NULL THEN false ELSE {hit} END"


LAYOUT = _Tbij()
