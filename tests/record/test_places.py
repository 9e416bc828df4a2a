"""Staged events get the gazetteer's position, or the reason why not."""

from __future__ import annotations

import duckdb
import pytest

from afterstrike.reading.gazetteer import default_gazetteer
from afterstrike.record._places import resolve_staged


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(
        "CREATE TEMP TABLE staged (row_number INTEGER, place VARCHAR, adm0 VARCHAR, lat DOUBLE, lon DOUBLE, "
        "geo_precision TINYINT, geo_precision_source VARCHAR)"
    )
    con.execute(
        "INSERT INTO staged VALUES (1, 'Ar Raqqah', 'SYR', NULL, NULL, NULL, NULL), "
        "(2, 'Mosul', 'Unknown', NULL, NULL, 2, 'near'), (3, 'Qwxzzk', 'SYR', NULL, NULL, NULL, NULL), "
        "(4, 'Mosul', 'IRQ', 1.5, 2.5, 1, 'theirs'), (5, 'Syria', NULL, NULL, NULL, NULL, NULL), "
        "(6, NULL, 'SYR', NULL, NULL, NULL, NULL), (7, 'Tripoli', NULL, NULL, NULL, NULL, NULL), "
        "(8, 'Ar Raqqah', 'SYR', NULL, NULL, NULL, NULL)"
    ).fetchall()
    return con


def test_rows_are_placed_or_say_why_not(con: duckdb.DuckDBPyConnection) -> None:
    resolve_staged(con, "staged", default_gazetteer())
    found = con.execute(
        "SELECT lat, lon, geo_precision, geo_precision_source, adm0, adm1 FROM staged ORDER BY row_number"
    ).fetchall()
    raqqa, mosul, unknown, theirs, country, empty, tripoli, again = found
    assert raqqa[:3] == (35.95283, 39.00788, 1) and raqqa[4:] == ("SYR", "Ar-Raqqah")
    assert raqqa[3].startswith('geonames:172955 "Ar Raqqah" (')
    assert again == raqqa
    assert mosul[2] == 2 and mosul[3].startswith("near; geonames:99072") and mosul[4] == "Unknown"
    assert unknown[:3] == (None, None, None) and unknown[3].startswith("unresolved: no place called 'Qwxzzk'")
    assert theirs == (1.5, 2.5, 1, "theirs", "IRQ", None)
    assert country[:3] == (None, None, 6) and country[4] == "SYR"
    assert empty == (None, None, None, None, "SYR", None)
    assert tripoli[:3] == (None, None, None) and tripoli[3].startswith("unresolved: ambiguous")


def test_a_place_in_another_country_than_the_row_says_is_not_used() -> None:
    con = duckdb.connect()
    con.execute(
        "CREATE TEMP TABLE staged AS SELECT * FROM (VALUES (1, 'Waleed', 'SYR'), (2, 'Waleed', 'IRQ'), "
        "(3, 'Waleed', NULL), (4, 'Al Qaim', 'SYR'), (5, 'Iraq', 'SYR')) t(n, place, adm0)"
    )
    resolve_staged(con, "staged", default_gazetteer())
    found = con.execute(
        "SELECT adm0, adm1, lat IS NOT NULL, geo_precision, geo_precision_source FROM staged ORDER BY n"
    ).fetchall()
    assert [row[:4] for row in found] == [
        ("SYR", None, False, None),
        ("IRQ", "Al Anbar", True, 4),
        ("IRQ", "Al Anbar", True, 4),
        ("SYR", None, False, None),
        ("SYR", None, False, None),
    ]
    assert found[0][4].startswith("unresolved: the row says SYR; ") and "in IRQ, not SYR" in found[0][4]


def test_a_second_run_changes_nothing(con: duckdb.DuckDBPyConnection) -> None:
    resolve_staged(con, "staged", default_gazetteer())
    placed = "SELECT * FROM staged ORDER BY row_number"
    before = con.execute(placed).fetchall()
    resolve_staged(con, "staged", default_gazetteer())
    assert con.execute(placed).fetchall() == before


def test_a_table_without_places_is_left_alone() -> None:
    con = duckdb.connect()
    con.execute("CREATE TEMP TABLE staged AS SELECT 1 AS row_number")
    resolve_staged(con, "staged", default_gazetteer())
    assert con.execute("SELECT * FROM staged").fetchall() == [(1,)]


def test_missing_columns_are_added() -> None:
    con = duckdb.connect()
    con.execute("CREATE TEMP TABLE staged AS SELECT 'Tikrit' AS place")
    resolve_staged(con, "staged", default_gazetteer())
    row = con.execute("SELECT adm0, adm1, geo_precision, round(lat, 1) FROM staged").fetchone()
    assert row == ("IRQ", "Salah ad-Din", 1, 34.6)
