"""Whatever stands in a cell, a layout stages the row: it may reject it, it may not fail."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from afterstrike.record.layouts._staging import read_table

VALUES = [
    None, "", " ", "NA", "ND", "'; DROP TABLE raw; --", '"', "\\", "%s {x} ?", "NaN", "inf", "-inf", "1e400",
    "-1", "0", "0000-00-00", "2024-02-30", "29/02/2023", "31-feb-15", "99/99/9999", "9999-12-31",
    "99999999999999999999", "24:61", "25:00:00", "١٢", "🙂", "\n\n", "a" * 5000, "0x10", "1,5", "1.5", "{}",
    "[1]", "true", "in", "near",
]  # fmt: skip
ARABIC = [r["arabic"] for r in read_table("airwars_columns")]
DUTCH = [
    f"{c} (UNCLASS)"
    for c in ("Employment date", "Time begin (Z)", "Position MGRS", "Position LAT", "Position LONG",
              "Mission", "Town", "Province", "Country", "Comment")
]  # fmt: skip
COLUMNS: dict[str, list[str]] = {
    "centcom": ["date", "country", "location", "number", "description", "line", "manually_edited"],
    "dutch": DUTCH,
    "airwars": ARABIC,
    "tbij": ["X", "Date", "Location", "Strike.type", "Confirmed..possible.US.strike", "Minimum.strikes",
             "Maximum.strikes", "Minimum.people.killed", "Maximum.people.killed", "locs", "long", "lat",
             "NAME_1", "Province"],
    "sigacts": ["time", "event_type", "target", "city"],
    "geocausal": ["date", "longitude", "latitude", "type"],
    "mwa": ["type", "lon", "lat", "timestamp", "match1"],
    "acled": ["event_id_cnty", "event_date", "event_type", "sub_event_type", "actor1", "actor2", "iso",
              "country", "latitude", "longitude", "geo_precision", "time_precision", "fatalities",
              "timestamp"],
}  # fmt: skip
TYPES = {
    "event_id": str, "kind": str, "date_start": datetime.date, "time_start": datetime.datetime, "lat": float,
    "lon": float, "licence": str, "dataset": str,
}  # fmt: skip


@pytest.mark.parametrize("module", COLUMNS)
def test_any_cell_is_staged(stage_rows: Any, module: str) -> None:
    rows = [dict.fromkeys(COLUMNS[module], value) for value in VALUES]
    staged = stage_rows(module, rows)
    for row in staged:
        for name, of_type in TYPES.items():
            assert row.get(name) is None or isinstance(row[name], of_type), (name, row[name])
        assert row["event_id"] and row["kind"] and row["licence"] and row["dataset"]


@pytest.mark.parametrize("module", COLUMNS)
def test_a_blank_row_states_nothing(stage_rows: Any, module: str) -> None:
    (staged,) = stage_rows(module, [dict.fromkeys(COLUMNS[module])])
    silent = (
        "date_start", "time_start", "lat", "lon", "adm1", "targets", "fatalities_low", "fatalities_best",
        "fatalities_high", "civilian_fatalities_low", "injured_high",
    )  # fmt: skip
    stated = {name: staged[name] for name in silent if staged.get(name) is not None}
    assert stated == ({"targets": 1} if module == "dutch" else {})


def test_a_mapping_meets_any_cell(stage_rows: Any) -> None:
    mapping = {
        "columns": {
            "date_start": "a", "lat": "b", "fatalities_best": "c", "time_start": "d", "adm0": "e",
            "kind": "f",
        },
        "kinds": {"default": "other"}, "timezone": "Asia/Baghdad", "date_format": ["%d/%m/%Y", "%Y-%m-%d"],
    }  # fmt: skip
    staged = stage_rows("mapping", [dict.fromkeys("abcdef", value) for value in VALUES], mapping=mapping)
    rejected = {v for v, row in zip(VALUES, staged, strict=True) if row["reject_reason"]}
    assert {"2024-02-30", "🙂", "1.5", "99/99/9999"} <= rejected and None not in rejected
