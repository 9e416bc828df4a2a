"""Airwars incidents as republished with Arabic column names; a `columns.csv` beside them may explain those.

Identity is Airwars' own number (`معرّف Airwars`): the incident code is not unique. `source_id` is the code.

**Kind.** A strike type that names air, drone,
artillery or naval fire is a `strike` (confidence high); without
a strike type, a strike status other than a bare claim makes it a `strike` (moderate), unless the cause of
harm is small arms. All else (ground action, or nothing stated, as in the many partial imports) is
`violence_against_civilians` where civilian harm is reported and `other` where not (low). The strike type
may be stated in Arabic only; both are read.

**Who.** `initiator` only where exactly one belligerent is named; several named are kept together in
`side_a`, in the publisher's order, and the initiator is missing. **How surely.** `hedging` is the publisher's
grade of the evidence (Confirmed, Fair, Weak, Contested, Discounted).

**Dates.** The publisher's day is Syria's; where a clock time is given,
    day and time are turned into UTC. 1970-01-01 is a sentinel: rejected. A blank date is missing,
    not wrong: the row is kept without a date.
**Places.** The file says Syria for every row; a region that lies elsewhere sets the country, and a point
outside the country it is filed under loses the country and gets precision 7.

**Persons.** A place text may say whose house or car it was: the house is kept, the person is not. Of the
publisher's own columns only those are stored that `airwars_columns.csv` knows to hold codes, counts, dates,
numbers or addresses of Airwars: summaries, raw place texts, first reporters, remarks and every column not
known here are withheld, because they may name victims or other private persons.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from afterstrike.errors import SourceError
from afterstrike.record.layouts._names import canonical_actor, canonical_adm1
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

_NEEDED = ("code", "incident_date", "belligerents_original", "latitude", "longitude")
_FIRE = r"air ?strike|drone|artillery|naval|missile|shelling|غارة|ضربة بطائرة|قصف"
# From the more exact to the coarser; only some of them are filled in a row.
_REGION = ("province_original", "governorate_original", "region_original", "region_ar")
_DAMASCUS = "Asia/Damascus"


class _Airwars:
    name = "airwars"
    title = "Airwars incidents"
    dataset = "airwars"
    licence = "not stated"
    citation = "Airwars, civilian harm incidents (airwars.org), as republished with Arabic column names."

    def matches(self, columns: Sequence[str]) -> bool:
        arabic = {row["key"]: row["arabic"] for row in read_table("airwars_columns")}
        return has_columns(columns, *(arabic[k] for k in _NEEDED)) or has_columns(columns, *_NEEDED)

    def withheld(self, columns: Sequence[str], options: LayoutOptions) -> tuple[str, ...]:
        """Give every column that is not known to be free of names: a column that is new here is withheld."""
        aliases = _aliases(options.companions)
        stored = {row["key"] for row in read_table("airwars_columns") if row["stored"] == "yes"}
        names = {fold(name) for key in stored for name in (key, *aliases[key])}
        return tuple(column for column in columns if fold(column) not in names)

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        table = RawTable(con, raw, aliases=_aliases(options.companions))
        table.require(self.title, *_NEEDED)
        self._look_up(con, table, staged)
        create(con, staged, self._select(_rows(table), staged, options))

    def _look_up(self, con: duckdb.DuckDBPyConnection, table: RawTable, staged: str) -> None:
        """Make the small tables the query joins: sides, regions, precision words, grades, months."""
        belligerents = table.text("belligerents_original", "belligerents_ar")
        regions = table.text(*_REGION)
        sides, divisions = [], []
        for value in _distinct(con, table.name, belligerents):
            names = [
                n for part in value.replace("،", ",").split(",") if (n := canonical_actor(part)) is not None
            ]
            unknown = any(canonical_actor(part) is None for part in value.replace("،", ",").split(","))
            one = names[0] if len(names) == 1 and not unknown else None
            sides.append((value, ", ".join(names) or None, one))
        for value in _distinct(con, table.name, regions):
            found = canonical_adm1(value)
            divisions += [(value, *found)] if found else []
        lookup(con, f"{staged}_sides", ("published", "named", "alone"), sides)
        lookup(con, f"{staged}_regions", ("published", "adm0", "name"), divisions)
        precisions = [(r["words"], r["geo_precision"]) for r in read_table("airwars_precision")]
        lookup(con, f"{staged}_precisions", ("words", "code"), precisions)
        words = read_table("airwars_words")
        lookup(
            con,
            f"{staged}_grades",
            ("arabic", "english"),
            [(r["arabic"], r["english"]) for r in words if r["kind"] == "grade"],
        )
        boxes = [
            tuple(r[k] for k in ("adm0", "arabic", "english", "south", "north", "west", "east"))
            for r in read_table("country_boxes")
        ]
        lookup(
            con, f"{staged}_countries", ("adm0", "arabic", "english", "south", "north", "west", "east"), boxes
        )

    def _select(self, rows: str, staged: str, options: LayoutOptions) -> str:
        dataset = literal(options.dataset or self.dataset)
        # a word such as "morning" is no time; only a clock is
        clock = "try_strptime(coalesce(r.clock_text, r.part_of_day), ['%H:%M:%S', '%H:%M'])"
        return f"""
        WITH rows AS ({rows}), joined AS (
            SELECT r.*, s.named, s.alone, g.name AS adm1, coalesce(gr.english, r.grade) AS hedging,
                {_day("r.date_text")} AS day, {_day("r.end_text")} AS end_day, {clock} AS clock,
                coalesce(g.adm0, c.adm0) AS filed_under, p.code AS precision_code,
                -- outside the box of the country it is filed under
                coalesce(r.lat NOT BETWEEN CAST(b.south AS DOUBLE) AND CAST(b.north AS DOUBLE)
                    OR r.lon NOT BETWEEN CAST(b.west AS DOUBLE) AND CAST(b.east AS DOUBLE), false) AS outside,
                coalesce(regexp_matches(lower(r.strike_type), '{_FIRE}'), false) AS fire,
                r.strike_type IS NULL AND coalesce(r.strike_status <> 'Single source claim', false)
                    AND coalesce(r.cause <> 'Small arms and light weapons', true) AS said_strike
            FROM rows r
                LEFT JOIN {staged}_sides s ON s.published = r.belligerents
                LEFT JOIN {staged}_regions g ON g.published = r.region
                LEFT JOIN {staged}_precisions p ON p.words = lower(r.precision_text)
                LEFT JOIN {staged}_grades gr ON gr.arabic = r.grade
                LEFT JOIN {staged}_countries c ON r.country IN (c.arabic, c.english)
                LEFT JOIN {staged}_countries b ON b.adm0 = coalesce(g.adm0, c.adm0)
        ), timed AS (
            SELECT *, CASE WHEN clock IS NOT NULL AND date_type IS DISTINCT FROM 'date_range'
                THEN timezone('UTC', timezone('{_DAMASCUS}', day + (clock - date_trunc('day', clock))))
                    END AS moment
            FROM joined
        )
        SELECT row_number,
            {dataset} || ':' || coalesce(airwars_id, 'code-' || code, 'row-' || row_number) AS event_id,
            {_KIND} AS kind,
            CAST(coalesce(moment, day) AS DATE) AS date_start,
            CASE WHEN end_day > day THEN end_day ELSE CAST(coalesce(moment, day) AS DATE) END AS date_end,
            moment AS time_start,
            CASE WHEN day IS NULL THEN NULL WHEN coalesce(end_day, day) - day < 1 THEN 1
                WHEN end_day - day < 6 THEN 2 WHEN end_day - day = 6 THEN 3 WHEN end_day - day < 31 THEN 4
                ELSE 5 END AS date_precision,
            concat_ws('; ', date_type, 'local date: ' || date_text, 'local time: ' || coalesce(clock_text,
                part_of_day)) AS date_precision_source,
            CASE WHEN lat IS NULL OR lon IS NULL THEN NULL WHEN outside THEN 7
                ELSE CAST(precision_code AS TINYINT) END AS geo_precision,
            concat_ws('; ', precision_text, CASE WHEN outside THEN 'the point lies outside ' || filed_under
                || ', under which it is filed' END) AS geo_precision_source,
            lat, lon, coalesce(place_en, place_ar) AS place,
            CASE WHEN NOT outside THEN filed_under END AS adm0, CASE WHEN NOT outside THEN adm1 END AS adm1,
            district AS adm2, named AS side_a, NULL::VARCHAR AS side_b, alone AS initiator,
            CASE WHEN {_KIND} = 'strike' THEN nullif(strikes, 0) END AS strikes,
            CASE WHEN killed_min = killed_max THEN killed_min END AS civilian_fatalities_best,
            killed_min AS civilian_fatalities_low, killed_max AS civilian_fatalities_high,
            killed_min + fighters_min AS fatalities_low, killed_max + fighters_max AS fatalities_high,
            injured_min AS injured_low, injured_max AS injured_high,
            concat_ws('; ', strike_type, munition) AS weapon, hedging, {dataset} AS dataset,
            {literal(options.dataset_version)}::VARCHAR AS dataset_version, code AS source_id,
            NULL::VARCHAR AS source_text, {literal(self.licence)} AS licence, 'layout airwars' AS coded_by,
            concat_ws('; ', coalesce('strike type: ' || strike_type, 'strike type not stated'),
                'status: ' || strike_status, 'cause: ' || cause) AS coding_evidence,
            CASE WHEN fire THEN 'high' WHEN said_strike THEN 'moderate' ELSE 'low' END AS confidence,
            CASE WHEN airwars_id IS NULL AND code IS NULL THEN 'no Airwars number and no code'
                 WHEN date_text IS NOT NULL AND day IS NULL THEN 'date ''' || date_text || ''' is no date'
                 WHEN day = DATE '1970-01-01' THEN 'date 1970-01-01 is a sentinel of the publisher, no date'
                 WHEN year(day) < 1900 OR year(end_day) < 1900
                    THEN 'date ''' || coalesce(CASE WHEN year(day) < 1900 THEN date_text END, end_text)
                         || ''' is a sentinel of the publisher, no date' END AS reject_reason,
            NULL::VARCHAR AS repairs
        FROM timed"""


_KIND = """CASE WHEN fire OR said_strike THEN 'strike'
            WHEN killed_max > 0 OR injured_max > 0 OR killed_min > 0 OR harm = 'Yes'
                THEN 'violence_against_civilians'
            ELSE 'other' END"""


def _rows(table: RawTable) -> str:
    """The columns that are read, by their keys."""
    return f"""
        SELECT row_number, {table.text("code")} AS code, {table.text("airwars_id")} AS airwars_id,
            {table.text("incident_date")} AS date_text, {table.text("incident_date_end")} AS end_text,
            {table.text("incident_date_type_original", "incident_date_type_ar")} AS date_type,
            {table.text("local_time_start")} AS clock_text,
                {table.text("local_time_original")} AS part_of_day,
            {_impersonal(table.text("location_en"))} AS place_en,
            {_impersonal_arabic(table.text("location_ar"))} AS place_ar,
            {table.text(*_REGION)} AS region,
            {table.text("district_original")} AS district, {table.text("country_ar")} AS country,
            {table.number("latitude")} AS lat, {table.number("longitude")} AS lon,
            {table.text("geolocation_accuracy")} AS precision_text,
            {table.text("belligerents_original", "belligerents_ar")} AS belligerents,
            {table.text("strike_type_original", "strike_type_ar")} AS strike_type,
            {table.text("strike_status_original")} AS strike_status,
                {table.text("cause_of_death_original")} AS cause,
            {table.text("civilian_harm_reported_original")} AS harm,
            {table.text("civilian_harm_status_original", "civilian_harm_status_ar")} AS grade,
            {table.text("munition_type")} AS munition, {table.whole("total_strikes")} AS strikes,
            {table.whole("civilians_killed_min")} AS killed_min,
                {table.whole("civilians_killed_max")} AS killed_max,
            {table.whole("civilians_injured_min")} AS injured_min,
                {table.whole("civilians_injured_max")} AS injured_max,
            {table.whole("belligerents_killed_min")} AS fighters_min,
            {table.whole("belligerents_killed_max")} AS fighters_max
        FROM {table.name}"""


def _day(column: str) -> str:
    """SQL of a date: ISO, or day, Arabic month name and year, with Arabic or Latin figures."""
    latin = f"translate({column}, '٠١٢٣٤٥٦٧٨٩', '0123456789')"
    months = " ".join(
        f"WHEN {literal(r['arabic'])} THEN {int(r['english'])}"
        for r in read_table("airwars_words")
        if r["kind"] == "month"
    )
    part = f"regexp_extract({latin}, '^(\\d{{1,2}}) (\\D+) (\\d{{4}})$', %d)"
    named = f"TRY_CAST(concat_ws('-', {part % 3}, CASE {part % 2} {months} END, {part % 1}) AS DATE)"
    return f"coalesce(TRY_CAST({latin} AS DATE), CASE WHEN {part % 2} <> '' THEN {named} END)"


# What a place text may say belongs to somebody.
_PROPERTY = (
    "house|home|car|vehicle|van|truck|taxi|villa|shop|store|farm|residence|apartment|flat|tent|motorcycle|"
    "office|workshop|clinic|pharmacy|garage|property|family|wedding|funeral"
)


def _impersonal(text: str) -> str:
    """SQL of a place text that keeps the house, the shop or the car, but not whose it was."""
    ends = r"(\s+(?:near|in|on|at|between|opposite|north|south|east|west)\s|\s*[,;(]|$)"
    of_somebody = rf"\b((?i:{_PROPERTY}))\s+(?i:of|belonging to)\s+(?:the\s+)?[^,;(]*?{ends}"
    somebodys = rf"(?:\b[A-Z][^\s,;]*\s+)*\b[A-Z][^\s,;]*['’]s\s+((?i:{_PROPERTY}))\b"
    families = r"(?:\b(?i:the)\s+)?(?:\b[A-Z][^\s,;:]*\s+)+(?i:family|families)\b(?:['’]s|['’])?"
    named = r"^\s*[A-Z][^\s,;]+\s+(house|home)\b"
    value = f"regexp_replace({text}, {literal(of_somebody)}, '\\1\\2', 'g')"
    value = f"regexp_replace({value}, {literal(somebodys)}, 'a \\1', 'g')"
    value = f"regexp_replace({value}, {literal(families)}, 'a family', 'g')"
    return f"regexp_replace({value}, {literal(named)}, '\\1')"


def _impersonal_arabic(text: str) -> str:
    """SQL of the same for Arabic; a farm or a `بيت` is mostly a village's name, so these are kept."""
    ends = r"(\s+(?:قرب|في|على|بين|شرق|غرب|شمال|جنوب)\s|\s*[,،;]|$)"
    owned = rf"(منزل|سيارة|شقة|محل|دكان|عائلة|عيادة|صيدلية)\s+[^,،;]*?{ends}"
    return f"regexp_replace({text}, {literal(owned)}, '\\1\\2', 'g')"


def _distinct(con: duckdb.DuckDBPyConnection, raw: str, value: str) -> list[str]:
    return [
        str(r[0]) for r in con.execute(f"SELECT DISTINCT {value} v FROM {raw} WHERE v IS NOT NULL").fetchall()
    ]


def _aliases(companions: Sequence[str]) -> dict[str, list[str]]:
    """Give for each key the names a file may use: the shipped Arabic name, and those of a `columns.csv`."""
    aliases = {row["key"]: [row["arabic"]] for row in read_table("airwars_columns")}
    for companion in companions:
        path = Path(companion)
        try:
            with path.open(encoding="utf-8-sig", newline="") as handle:
                rows = list(csv.DictReader(handle))
        except (OSError, UnicodeError, csv.Error) as problem:
            raise SourceError(f"{path.name} cannot be read as a table of column names: {problem}") from None
        named = {fold(k): k for k in (rows[0] if rows else {}) if k}
        arabic, key = named.get(fold("اسم العمود بالعربية")), named.get(fold("المفتاح التقني"))
        if arabic is None or key is None:
            raise SourceError(
                f"{path.name} explains no columns: it needs the columns 'اسم العمود بالعربية' and "
                "'المفتاح التقني'; it has " + ", ".join(named.values())
            )
        for row in rows:
            if row[key] and row[arabic]:
                aliases.setdefault(row[key], []).append(row[arabic])
    return aliases


LAYOUT = _Airwars()
