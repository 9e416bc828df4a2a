"""The map draws each place as surely as it is known, and its counts add up however many places there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson
import pytest

from afterstrike.web import _map
from afterstrike.web._index import Index

from .conftest import Visitor


@pytest.fixture(scope="session")
def index(made_record: Path) -> Index:
    with duckdb.connect(str(made_record), read_only=True) as con:
        return Index.of(con)


def drawn(index: Index, zoom: float = 4) -> dict[str, Any]:
    kept: dict[str, Any] = {}

    def once(key: str, make: Any) -> Any:
        return kept.setdefault(key, make()) if key not in kept else kept[key]

    found: dict[str, Any] = orjson.loads(
        orjson.dumps(_map.map_json(index, np.arange(index.size), zoom, once))
    )
    return found


def test_a_place_is_drawn_with_its_precision_and_never_a_country(reader: Visitor, made_record: Path) -> None:
    answer = reader.get("/record/map.json").json()
    with duckdb.connect(str(made_record), read_only=True) as con:
        rows = con.execute(
            "SELECT lat, lon, geo_precision, kind, count(*) FROM events WHERE lat IS NOT NULL "
            "AND geo_precision <= 4 GROUP BY ALL"
        ).fetchall()
    told = {
        (point["lat"], point["lon"], point["precision"], kind): n
        for point in answer["points"]
        for kind, n in point["kinds"].items()
    }
    assert told == {tuple(row[:4]): row[4] for row in rows}
    assert all(point["n"] == sum(point["kinds"].values()) for point in answer["points"])
    assert {point["precision"] for point in answer["points"]} == {1, 2, 3, 4}
    assert sum(answer["left_out"]["country_only"].values()) > 0


@pytest.mark.parametrize("zoom", [0, 4, 7.3, 22])
def test_cells_hold_exactly_what_places_hold(
    index: Index, monkeypatch: pytest.MonkeyPatch, zoom: float
) -> None:
    points = drawn(index)["points"]
    monkeypatch.setattr(_map, "MOST_SITES", 5)
    monkeypatch.setattr(_map, "MOST_CELLS", 300)
    found = drawn(index, zoom)
    cells = found["cells"]
    assert found["is_cells"] and not found["points"] and len(cells) <= 300
    assert sum(cell["n"] for cell in cells) == sum(point["n"] for point in points) == found["drawn"]
    assert sum(cell["sites"] for cell in cells) == len(points) == found["sites"]
    for kind in {kind for point in points for kind in point["kinds"]}:
        assert sum(c["kinds"].get(kind, 0) for c in cells) == sum(p["kinds"].get(kind, 0) for p in points)
    for code in (1, 2, 3, 4):
        held = sum(point["n"] for point in points if point["precision"] == code)
        assert sum(cell["precisions"].get(str(code), 0) for cell in cells) == held
    assert all(c["n"] == sum(c["kinds"].values()) == sum(c["precisions"].values()) for c in cells)


def test_too_many_cells_become_coarser_until_they_are_few(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_map, "MOST_SITES", 5)
    monkeypatch.setattr(_map, "MOST_CELLS", 1)
    (cell,) = drawn(index, 22)["cells"]
    assert cell["n"] == drawn(index, 0)["drawn"]


def test_a_cell_stands_in_the_middle_of_its_events(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    points = drawn(index)["points"]
    monkeypatch.setattr(_map, "MOST_SITES", 5)
    monkeypatch.setattr(_map, "MOST_CELLS", 1)
    (cell,) = drawn(index)["cells"]
    for name in ("lat", "lon"):
        assert cell[name] == pytest.approx(sum(p[name] * p["n"] for p in points) / cell["n"], abs=1e-4)


def test_a_place_of_many_events_is_counted_in_full(index: Index) -> None:
    table = np.array([[300, 0, 0, 0, 0, 0, 0, 1], [44, 1, 0, 0, 0, 0, 0, 1], [300, 0, 0, 0, 0, 0, 0, 1]])
    tails = [orjson.loads(b"{" + tail[1:]) for tail in _map._tails(table)]
    assert [tail["n"] for tail in tails] == [301, 46, 301] and tails[0]["kinds"]["strike"] == 300
