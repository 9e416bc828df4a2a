"""US Central Command strike releases: one row for each line of a release, as scraped to CSV.

**Date.** The date is the release's, not the strike's. A release reports what happened since the one before
it, so `date_start` is the day of the previous release and `date_end` the day of this one; the precision is
2 (two to six days), 3 or 4 after longer silence. The days without a release between 2 October 2014 and
17 October 2016 ship with the package, so that a file with rows left out gives the same dates; elsewhere
the file's own dates are used, and the day before where they are more than a week apart.

**Identity.** Two files of the same releases overlap (`all.csv`, and `all-edited-refined.csv` with places
and countries put right). A row's id is the release date and the line's letters, with the number of the
repeat, so the same line is one event in both. Place and country play no part in it, since the refined
file changes them. `rank` says that the refined file is the richer one. Lines left blank are told apart
by country, place and number.

**Counts.** The strikes are those of the words in the line; where the `number` column differs, the words
stand and the number is noted. A paragraph of the early releases (`Unknown` country) holds many places:
it is one event with all its strikes, and with a place only where it names a single one.

**Place.** A line says "near" a place: the precision is 2 at best, also where a gazetteer knows the place to
the metre. Positions are left to the gazetteer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from afterstrike.record.layouts._release_text import ReleaseText, read_release
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

_NEEDED = ("date", "country", "location", "number", "line")
_COUNTRIES = {"iraq": "IRQ", "syria": "SYR"}
_WEEK = timedelta(days=7)
_COLUMNS = [
    "place",
    "adm0",
    "strikes",
    "targets",
    "geo_precision",
    "geo_precision_source",
    "side_b",
    "evidence",
    "hedging",
    "weapon",
    "repairs",
]


class _Centcom:
    name = "centcom"
    title = "US Central Command strike releases"
    dataset = "centcom-oir"
    licence = "public domain (US government text); compilation MIT"
    citation = (
        "US Central Command / CJTF-OIR strike releases, "
        "compiled by the uscentcom-isil-airstrikes-scraper project."
    )

    def matches(self, columns: Sequence[str]) -> bool:
        return has_columns(columns, *_NEEDED)

    def rank(self, columns: Sequence[str]) -> int:
        """The edited file has places put right: it is not to be overwritten by the plain one."""
        return 101 if has_columns(columns, "manually_edited") else 100

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        table = RawTable(con, raw)
        table.require(self.title, *_NEEDED)
        released = f"{staged}_released"
        _stage_dates(con, table, released)
        columns = [
            table.text(c) for c in ("country", "location", "number", "line", "description", "manually_edited")
        ]
        rows = con.execute(
            f"SELECT row_number, {', '.join(columns)} FROM {raw} ORDER BY row_number"
        ).fetchall()
        read = [(str(row[0]), *_read_row(*row[1:])) for row in rows]
        lookup(con, f"{staged}_read", ("row_number", *_COLUMNS), read)
        create(con, staged, self._select(table, released, f"{staged}_read", options))

    def _select(self, table: RawTable, released: str, read: str, options: LayoutOptions) -> str:
        dataset = literal(options.dataset or self.dataset)
        line, location = table.text("line"), table.text("location")
        # letters and figures only: quotes, hyphens, spaces and bullets differ between the two files
        letters = f"regexp_replace(lower(strip_accents({line})), '[^a-z0-9]+', '', 'g')"
        unwritten = f"concat_ws('/', {table.text('country')}, {location}, {table.text('number')})"
        return f"""
        WITH keyed AS (
            SELECT row_number, {table.text("date")} AS date_text, {line} AS line, {location} AS location,
                coalesce({letters}, 'no line: ' || {unwritten}) AS content
            FROM {table.name}
        ), numbered AS (
            SELECT k.*, r.day, r.start_day, substr(md5(content), 1, 16) AS digest,
                -- two rows of one line stand in the order in which it names their places
                row_number() OVER (PARTITION BY date_text, content ORDER BY
                    nullif(strpos(lower(k.line), lower(k.location)), 0) NULLS LAST, k.location,
                        row_number) AS repeat
            FROM keyed k LEFT JOIN {released} r USING (date_text)
        ), named AS (
            SELECT *, coalesce(strftime(day, '%Y%m%d'), 'nodate') || '-' || digest || '#'
                || repeat AS source_id
            FROM numbered
        )
        SELECT n.row_number, {dataset} || ':' || source_id AS event_id, 'strike' AS kind,
            start_day AS date_start, day AS date_end,
            CASE WHEN day - start_day < 6 THEN 2 WHEN day - start_day = 6 THEN 3 WHEN day IS NOT NULL
                THEN 4 END
                AS date_precision,
            'release of ' || date_text || '; strikes since the release before' AS date_precision_source,
            CAST(d.geo_precision AS TINYINT) AS geo_precision, d.geo_precision_source,
            NULL::DOUBLE AS lat, NULL::DOUBLE AS lon, d.place, d.adm0,
            'US-led coalition' AS side_a, d.side_b, 'US-led coalition' AS initiator,
            TRY_CAST(d.strikes AS INTEGER) AS strikes,
            TRY_CAST(d.targets AS INTEGER) AS targets, d.weapon, d.hedging,
            {dataset} AS dataset, {literal(options.dataset_version)}::VARCHAR AS dataset_version, source_id,
            n.line AS source_text, {literal(self.licence)} AS licence, 'layout centcom' AS coded_by,
            d.evidence AS coding_evidence, CASE WHEN n.line IS NULL THEN 'moderate' ELSE 'high'
                END AS confidence,
            CASE WHEN date_text IS NULL THEN 'no release date' WHEN day IS NULL
                THEN 'release date ''' || date_text || ''' is not of the form 10/17/2016'
                    END AS reject_reason,
            d.repairs
        FROM named n JOIN {read} d ON CAST(d.row_number AS BIGINT) = n.row_number"""


def _stage_dates(con: duckdb.DuckDBPyConnection, table: RawTable, released: str) -> None:
    """Make the table of release dates with the first day each release may speak of."""
    texts = [
        str(r[0])
        for r in con.execute(
            f"SELECT DISTINCT {table.text('date')} d FROM {table.name} WHERE d IS NOT NULL"
        ).fetchall()
    ]
    days = {text: day for text in texts if (day := _day(text)) is not None}
    starts = _first_days(sorted(set(days.values())))
    lookup(con, released, ("date_text", "day", "start_day"), ())
    con.execute(f"ALTER TABLE {released} ALTER day TYPE DATE")
    con.execute(f"ALTER TABLE {released} ALTER start_day TYPE DATE")
    for text, day in days.items():
        con.execute(f"INSERT INTO {released} VALUES (?, ?, ?)", [text, day, starts[day]])


def _day(text: str) -> date | None:
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _first_days(days: Sequence[date]) -> dict[date, date]:
    """Give for each release day the day of the release before it."""
    silent = {date.fromisoformat(row["date"]) for row in read_table("oir_days_without_release")}
    # the table speaks for the days between its ends; at its edges and beyond, the file does
    known_from, known_to = date(2014, 10, 2), date(2016, 10, 17)
    starts = {}
    for before, day in zip([None, *days], days, strict=False):
        start = day - timedelta(days=1)
        if known_from < day <= known_to:
            while start in silent:
                start -= timedelta(days=1)
        elif before is not None and day - before <= _WEEK:
            start = before
        starts[day] = start
    return starts


def _places() -> dict[str, tuple[str, str]]:
    found = {}
    for row in read_table("centcom_places"):
        for spelling in (row["place"], *row["variants"].split("|")):
            if spelling:
                found[fold(spelling.replace("’", "'"))] = (row["place"], row["adm0"])
    return found


_PLACES = _places()


def _place(published: str) -> tuple[str, str]:
    """Give one spelling of a place, and the country it lies in where only one can be meant."""
    tidy = re.sub(r"^(?:near|in)\s+", "", published.strip().replace("’", "'"), flags=re.IGNORECASE)
    return _PLACES.get(fold(tidy), (tidy, ""))


def _read_row(
    country: str | None,
    location: str | None,
    number: str | None,
    line: str | None,
    description: str | None,
    edited: str | None,
) -> tuple[str | int | None, ...]:
    """Give the values of `_COLUMNS` for one row."""
    of_country = _COUNTRIES.get((country or "").split(",")[-1].strip().casefold())
    whole = of_country is None and country is not None  # "Unknown": the row is a paragraph
    paragraph = location is None or location.casefold() in _COUNTRIES or whole
    read = read_release(line, None if paragraph else location, description) if line else None
    notes = []
    if country and of_country and fold(country) not in _COUNTRIES:
        notes.append(f"country '{country}' -> {of_country}")
    if paragraph:
        place, adm0, precision, said = _paragraph_place(read, location, of_country)
    else:
        assert location is not None
        place, only_in = _place(location)
        adm0, (precision, said) = of_country, _nearness(place, location, line)
        if only_in and adm0 and only_in != adm0:
            notes.append(f"country '{country}' -> {only_in}: {place} lies there")
        adm0 = only_in or adm0
        if " and " in place:
            place, precision, said = None, 5, f"two places in one line: {location}"
    strikes, note = _strikes(read, number, edited)
    notes += [note] if note else []
    if read and read.other_places:
        notes.append("the line goes on to another place, which is not part of this row")
    text = line or ""
    return (
        place, adm0 or None, strikes, read.targets if read else None, precision, said,
        _enemy(text), _evidence(text), "stated", _weapon(text), "; ".join(notes) or None,
    )  # fmt: skip


def _nearness(place: str, location: str, line: str | None) -> tuple[int | None, str]:
    """A release says near which place a strike was, seldom in it; only the latter may be an exact place."""
    if line and re.search(rf"\bin {re.escape(location.strip())}\b", line, re.IGNORECASE):
        return None, f"in {place}, as released"
    return 2, f"near {place}, as released"


def _paragraph_place(
    read: ReleaseText | None, location: str | None, of_country: str | None
) -> tuple[str | None, str | None, int | None, str]:
    """Place a paragraph: its one place, else its one country, else nowhere."""
    places = list(dict.fromkeys(_place(p)[0] for p in read.places)) if read else []
    of_places = {only for p in places if (only := _place(p)[1])}
    countries = set(read.countries) if read else set()
    named = _COUNTRIES.get((location or "").casefold())
    if not countries:
        countries = {named} if named else of_places if len(of_places) == 1 else set()
    adm0 = next(iter(countries)) if len(countries) == 1 else None
    adm0 = adm0 or (of_country if not countries else None)
    if len(places) == 1 and adm0:
        return places[0], adm0, 2, f"near {places[0]}, the one place of the paragraph"
    listed = f"several places in one paragraph: {', '.join(places)}" if places else "no place in the line"
    return None, adm0, 6 if adm0 else 7, listed


def _strikes(
    read: ReleaseText | None, number: str | None, edited: str | None
) -> tuple[int | None, str | None]:
    """Take the words' count; the compiler's own number where a row was edited by hand or has no words."""
    column = int(number) if number and number.isdecimal() else None
    words = read.strikes if read else None
    if words is None or (column is not None and (edited or "").casefold() == "true"):
        return column, None
    if column is not None and column != words:
        return words, f"number {column} -> {words}, as in the words of the line"
    return words, None


def _enemy(line: str) -> str | None:
    """IS, unless the line names only al-Qaida's network."""
    if re.search(r"Khorasan|al[- ]?Qa", line, re.IGNORECASE) and not re.search(r"ISI[LS]|Daesh", line):
        return "al-Qaida"
    return "IS"


def _evidence(line: str) -> str:
    words = re.search(r"\b(?:air\s?)?strikes?\b", line, re.IGNORECASE)
    return (
        f"'{words[0]}' in a release of coalition strikes"
        if words
        else "release of coalition strikes; line blank"
    )


def _weapon(line: str) -> str | None:
    """Name the weapon only where the line does; 'strike' alone may be rocket artillery."""
    found = re.search(r"\b(air\s?strike|rocket artillery|HIMARS|artillery strike)", line, re.IGNORECASE)
    return found[1].casefold().replace("air strike", "airstrike") if found else None


LAYOUT = _Centcom()
