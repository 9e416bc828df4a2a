"""The event table: its columns, types and allowed values. This is the public contract of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["COLUMNS", "EVENT_KINDS", "GEO_PRECISIONS", "DATE_PRECISIONS", "Column", "EventKind", "create_sql"]

SCHEMA_VERSION = 1

EventKind = Literal[
    "strike",
    "attack",
    "clash",
    "violence_against_civilians",
    "prison_break",
    "detention",
    "displacement",
    "other",
]
EVENT_KINDS: tuple[str, ...] = get_args(EventKind)

# UCDP's order of `where_prec`.
GEO_PRECISIONS: dict[int, str] = {
    1: "exact place",
    2: "within about 25 km of a known place",
    3: "second-order division (district)",
    4: "first-order division (governorate, province)",
    5: "a part of a country, or a line or area (road, river, desert)",
    6: "country only",
    7: "international waters, airspace or not known",
}
# UCDP's order of `date_prec`.
DATE_PRECISIONS: dict[int, str] = {
    1: "exact day",
    2: "within two to six days",
    3: "known to the week",
    4: "known to the month",
    5: "wider than a month, up to a year",
}


@dataclass(frozen=True)
class Column:
    """One column of the event table: its name, SQL type, whether it may be missing, and what it means."""

    name: str
    sql_type: str
    nullable: bool
    meaning: str


COLUMNS: tuple[Column, ...] = (
    Column("event_id", "VARCHAR", False, "ours, stable: dataset + publisher's id"),
    Column("kind", "VARCHAR", False, "one of " + ", ".join(EVENT_KINDS)),
    Column("date_start", "DATE", True, "first day (UTC), inclusive"),
    Column("date_end", "DATE", True, "last day (UTC), inclusive"),
    Column("time_start", "TIMESTAMP", True, "UTC, where the publisher gives a time"),
    Column("date_precision", "TINYINT", True, "1 day .. 5 year"),
    Column("date_precision_source", "VARCHAR", True, "the publisher's own code or words"),
    Column("geo_precision", "TINYINT", True, "1 exact .. 7 unknown"),
    Column(
        "geo_precision_source",
        "VARCHAR",
        True,
        "the publisher's own code or words, or the gazetteer row used",
    ),
    Column("lat", "DOUBLE", True, "WGS84 degrees north"),
    Column("lon", "DOUBLE", True, "WGS84 degrees east"),
    Column("place", "VARCHAR", True, "place name as published, tidied"),
    Column("adm0", "VARCHAR", True, "country, ISO 3166 alpha-3"),
    Column("adm1", "VARCHAR", True, "first-order division"),
    Column("adm2", "VARCHAR", True, "second-order division"),
    Column("side_a", "VARCHAR", True, "canonical actor name"),
    Column("side_b", "VARCHAR", True, "canonical actor name"),
    Column("initiator", "VARCHAR", True, "canonical name of who struck first, where coded"),
    Column("strikes", "INTEGER", True, "number of strikes"),
    Column("strikes_low", "INTEGER", True, "lowest number of strikes"),
    Column("strikes_high", "INTEGER", True, "highest number of strikes"),
    Column("targets", "INTEGER", True, "number of targets, a different count from strikes"),
    Column("fatalities_best", "INTEGER", True, "deaths, best estimate"),
    Column("fatalities_low", "INTEGER", True, "deaths, low estimate"),
    Column("fatalities_high", "INTEGER", True, "deaths, high estimate"),
    Column("civilian_fatalities_best", "INTEGER", True, "civilian deaths, best estimate"),
    Column("civilian_fatalities_low", "INTEGER", True, "civilian deaths, low estimate"),
    Column("civilian_fatalities_high", "INTEGER", True, "civilian deaths, high estimate"),
    Column("injured_low", "INTEGER", True, "injured, low estimate"),
    Column("injured_high", "INTEGER", True, "injured, high estimate"),
    Column("weapon", "VARCHAR", True, "weapon or platform"),
    Column("hedging", "VARCHAR", True, "how surely the publisher says it"),
    Column("dataset", "VARCHAR", False, "short name of the data set"),
    Column("dataset_version", "VARCHAR", True, "release of the data set"),
    Column("source_id", "VARCHAR", True, "publisher's id of the row"),
    Column("source_text", "VARCHAR", True, "the publisher's words the row rests on"),
    Column("licence", "VARCHAR", False, "licence of the data set, 'not stated' where it states none"),
    Column("import_id", "VARCHAR", False, "the import that last wrote the row"),
    Column("coded_by", "VARCHAR", True, "rule or person that set kind and initiator"),
    Column("coding_evidence", "VARCHAR", True, "the words the coding rests on"),
    Column("confidence", "VARCHAR", True, "low | moderate | high, of the coding"),
)


def create_sql(table: str = "events") -> str:
    """Give the CREATE TABLE statement of the event table."""
    lines = [f"{c.name} {c.sql_type}{'' if c.nullable else ' NOT NULL'}" for c in COLUMNS]
    return f"CREATE TABLE {table} ({', '.join(lines)}, PRIMARY KEY (event_id))"
