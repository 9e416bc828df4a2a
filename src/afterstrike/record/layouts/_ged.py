"""UCDP GED in its four layouts: 41 columns (2019), 49 columns (current), a thin sample, and year only.

- Ids are the same in every release and layout, so the rows of one event meet under `ucdp-ged:<id>`.
- A year-only row has no day: `date_start` and `date_end` stay missing, `date_precision` is 5 and
  `date_precision_source` says `year 2016`.
- A year-only file has no `best`; GED defines it as the sum of its four death columns, so that sum is taken
  where all four are there. It has no low and high estimate: they stay missing.
- The thin layout is how samples of GED are passed on. Such rows stand under `ucdp-ged-sample`, are marked as
  a sample in `datasets`, and must not be summed.
- GED says who fought, not who struck first: see `coded_by`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from afterstrike.record._sniff import identifier, literal

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import LayoutOptions

__all__ = ["LAYOUT", "GedLayout"]

Shape = Literal["full", "sample", "year-only"]

FULL = frozenset(
    [
        "id",
        "type_of_violence",
        "side_a",
        "side_b",
        "latitude",
        "longitude",
        "date_start",
        "date_end",
        "best",
        "low",
        "high",
    ]
)
SAMPLE = frozenset(("id", "type_of_violence", "latitude", "longitude", "date", "best", "country"))
YEAR_ONLY = frozenset(
    ("id", "year", "dyad_name", "side_a", "side_b", "latitude", "longitude", "where_prec", "country")
)
# 100 is a whole layout; a partial one never overwrites a row that another layout brought: the sample lacks
# the sides, the year-only file lacks the days
RANK: dict[Shape, int] = {"full": 100, "sample": 50, "year-only": 20}


@dataclass(frozen=True)
class GedLayout:
    """UCDP GED event files and candidate event files."""

    name: str = "ucdp-ged"
    title: str = "UCDP Georeferenced Event Dataset"
    dataset: str = "ucdp-ged"
    licence: str = "CC BY 4.0"
    citation: str = (
        "Uppsala Conflict Data Program, UCDP Georeferenced Event Dataset, Department of Peace and Conflict "
        "Research, Uppsala University; doi:10.1177/0022343313484347"
    )
    coding: bool = True  # kind and initiator are proposed by the record's coding rule

    def matches(self, columns: Sequence[str]) -> bool:
        """Say whether a file has the columns of one of the four layouts."""
        return _shape(columns) is not None

    def rank(self, columns: Sequence[str]) -> int:
        """Say how rich the layout of this file is."""
        return RANK[_shape(columns) or "year-only"]

    def dataset_of(self, columns: Sequence[str]) -> str:
        """Name the data set: a thin file is a sample and stands apart."""
        return "ucdp-ged-sample" if _shape(columns) == "sample" else self.dataset

    def is_sample(self, columns: Sequence[str]) -> bool:
        """Say whether the rows of this file are a sample, which must not be summed."""
        return _shape(columns) == "sample"

    def version_in_name(self, name: str) -> str | None:
        """Read the release from UCDP's own file names, e.g. GEDEvent_v25_1.csv or GEDEvent_v25_0_3.csv."""
        found = re.search(r"(?:^|[_-])v(\d{2}(?:[._]\d{1,2}){1,3})(?=[^0-9]|$)", name, re.IGNORECASE)
        return found[1].replace("_", ".") if found else None

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        """Create the view `staged` from the table `raw`; see the protocol in `_layout.py`."""
        columns = [str(row[0]) for row in con.execute(f"DESCRIBE {raw}").fetchall()]
        shape = _shape(columns)
        if shape is None:
            from afterstrike.errors import LayoutError

            missing = ", ".join(sorted(FULL - {name.lower() for name in columns}))
            raise LayoutError(f"this file cannot be read as {self.name}: columns {missing} are missing")
        _lookup_tables(con, raw, columns)
        con.execute(f"CREATE OR REPLACE TEMP VIEW {staged} AS {_select(raw, columns, shape)}")


LAYOUT = GedLayout()


def _shape(columns: Sequence[str]) -> Shape | None:
    """Say which of the layouts these columns are; the two full ones are read alike."""
    have = {name.lower() for name in columns}
    if have >= FULL:
        return "full"
    if have >= SAMPLE and "date_start" not in have:
        return "sample"
    if have >= YEAR_ONLY and not have & {"date_start", "date_end", "date"}:
        return "year-only"
    return None


def _select(raw: str, columns: Sequence[str], shape: Shape) -> str:
    """Write the SELECT of one layout."""
    have = {name.lower(): name for name in columns}

    def text(name: str) -> str:
        # R writes a missing value as NA
        return (
            f"nullif(nullif(trim(r.{identifier(have[name])}::VARCHAR), ''), 'NA')" if name in have else "NULL"
        )

    def number(name: str) -> str:
        return f"TRY_CAST({text(name)} AS DOUBLE)" if name in have else "NULL"

    def whole(name: str) -> str:
        return f"CAST(round({number(name)}) AS INTEGER)" if name in have else "NULL"

    def day(name: str) -> str:
        value = text(name)
        return f"coalesce(TRY_CAST({value} AS DATE), CAST(TRY_CAST({value} AS TIMESTAMP) AS DATE))"

    numbers = ("id", "year", "type_of_violence", "latitude", "longitude", "low", "best", "high", "where_prec",
               "date_prec", "deaths_civilians", "civilian_deaths")  # fmt: skip
    reasons = [_not_number(name, text(name)) for name in numbers if name in have]
    reasons += [
        f"CASE WHEN {text(name)} IS NOT NULL AND {day(name)} IS NULL THEN '{name} ' || {text(name)} || "
        "' is no day written as YYYY-MM-DD' END"
        for name in ("date_start", "date_end", "date")
        if name in have
    ]
    sort = whole("type_of_violence")
    # GED writes 'Civilians' as side b of one-sided violence, which tells the type where it is not given
    one_sided = f"coalesce({sort} = 3, {text('side_b')} = 'Civilians', false)"
    kind = f"CASE WHEN {one_sided} THEN 'violence_against_civilians' ELSE 'clash' END"
    if "type_of_violence" in have:
        reasons.append(
            f"CASE WHEN {sort} NOT IN (1, 2, 3) THEN 'type_of_violence ' || {sort} || ' is not 1, 2 or 3' END"
        )
    if shape == "year-only":
        reasons.append(
            f"CASE WHEN {whole('year')} NOT BETWEEN 1800 AND year(current_date) + 1 "
            f"THEN 'year ' || {whole('year')} || ' is not a year of events' END"
        )
    deaths = {name: whole(name) for name in ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")}
    parts = {
        "row_number": "r.row_number",
        "event_id": f"'ucdp-ged:' || {_id(text('id'))}",
        "source_id": _id(text("id")),
        "kind": kind,
        "date_start": day("date_start")
        if shape == "full"
        else day("date")
        if shape == "sample"
        else "NULL::DATE",
        "date_end": day("date_end") if shape == "full" else "NULL::DATE",
        "date_precision": "5" if shape == "year-only" else whole("date_prec"),
        "date_precision_source": f"'year ' || {whole('year')}"
        if shape == "year-only"
        else _code(text("date_prec")),
        "geo_precision": whole("where_prec"),
        "geo_precision_source": _code(text("where_prec")),
        "lat": number("latitude"),
        "lon": number("longitude"),
        "place": text("where_coordinates"),
        "adm0": "c.iso3",
        "adm1": text("adm_1"),
        "adm2": text("adm_2"),
        "side_a": "coalesce(a.canonical, " + text("side_a") + ")",
        "side_b": "coalesce(b.canonical, " + text("side_b") + ")",
        "fatalities_best": whole("best") if shape != "year-only" else " + ".join(deaths.values()),
        "fatalities_low": whole("low"),
        "fatalities_high": whole("high"),
        "civilian_fatalities_best": whole("civilian_deaths")
        if shape == "sample"
        else whole("deaths_civilians"),
        "hedging": _hedging(text("code_status"), whole("event_clarity")),
        "source_text": "coalesce("
        f"{text('source_article')}, {text('source_headline')}, {text('source_original')})",
        "reject_reason": f"nullif(concat_ws('; ', {', '.join(reasons)}), '')",
    }
    selected = ", ".join(f"{value} AS {name}" for name, value in parts.items())
    return (
        f"SELECT {selected} FROM {raw} r "
        f"LEFT JOIN ged_country c ON c.name = {text('country')} "
        f"LEFT JOIN ged_actor a ON a.name = {text('side_a')} "
        f"LEFT JOIN ged_actor b ON b.name = "
        f"{text('side_b')}"
    )


def _id(text: str) -> str:
    """Write an id alike whether a file holds it as 214797, 214797.0 or text."""
    return f"coalesce(CAST(TRY_CAST(TRY_CAST({text} AS DOUBLE) AS BIGINT) AS VARCHAR), {text})"


def _code(text: str) -> str:
    """Keep a publisher's code as text, without the .0 of a floating column."""
    return f"regexp_replace({text}, '\\.0$', '')"


def _not_number(name: str, text: str) -> str:
    """Reject what stands in a number's place and is none."""
    return (
        f"CASE WHEN {text} IS NOT NULL AND TRY_CAST({text} AS DOUBLE) IS NULL "
        f"THEN '{name} ' || {text} || ' is no number' END"
    )


def _hedging(status: str, clarity: str) -> str:
    """Say how sure UCDP is: candidate events carry a code status, summary events a clarity of 2."""
    return (
        f"nullif(concat_ws('; ', CASE WHEN lower({status}) <> 'clear' THEN 'code status: ' || {status} END, "
        f"CASE WHEN {clarity} = 2 THEN 'event clarity 2: one row sums up several events' END), '')"
    )


def _lookup_tables(con: duckdb.DuckDBPyConnection, raw: str, columns: Sequence[str]) -> None:
    """Make the small tables country name -> ISO 3166 and side -> canonical actor."""
    con.execute("CREATE OR REPLACE TEMP TABLE ged_country (name VARCHAR, iso3 VARCHAR)")
    pairs = ", ".join(f"({literal(name)}, {literal(iso3)})" for name, iso3 in country_codes().items())
    con.execute(f"INSERT INTO ged_country VALUES {pairs}")
    con.execute("CREATE OR REPLACE TEMP TABLE ged_actor (name VARCHAR, canonical VARCHAR)")
    have = {name.lower(): name for name in columns}
    names: set[str] = set()
    for side in ("side_a", "side_b"):
        if side in have:
            found = con.execute(
                f"SELECT DISTINCT trim({identifier(have[side])}::VARCHAR) FROM {raw}"
            ).fetchall()
            names |= {row[0] for row in found if row[0]}
    known = [(name, canonical) for name in sorted(names) if (canonical := _canonical(name))]
    if known:
        pairs = ", ".join(f"({literal(name)}, {literal(canonical)})" for name, canonical in known)
        con.execute(f"INSERT INTO ged_actor VALUES {pairs}")


def _canonical(name: str) -> str | None:
    """Give the actor table's name for a side; None keeps the publisher's spelling."""
    from afterstrike import reading

    canonical = getattr(reading, "canonical_actor", None)
    return canonical(name) if canonical else None


@cache
def country_codes() -> dict[str, str]:
    """Give the ISO 3166 alpha-3 code of each country name that UCDP writes."""
    text = files("afterstrike.record.layouts").joinpath("ucdp_countries.csv").read_text(encoding="utf-8")
    return {row["name"]: row["iso3"] for row in csv.DictReader(text.splitlines())}
