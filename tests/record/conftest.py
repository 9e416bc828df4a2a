"""Made GED files: the columns of the publisher, values of our own."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from afterstrike.record import Record, open_record

GedRow = dict[str, Any]
WriteGed = Callable[..., Path]

DEFAULT: GedRow = {
    "id": 1,
    "year": 2017,
    "type_of_violence": 1,
    "side_a": "Government of Atlantis",
    "side_b": "Sea People",
    "dyad_name": "Government of Atlantis - Sea People",
    "source_article": "Agency, 2017-03-01, fighting near the quay",
    "where_prec": 1,
    "where_coordinates": "Quay town",
    "adm_1": "North",
    "adm_2": "Harbour",
    "latitude": 35.5,
    "longitude": 38.5,
    "country": "Syria",
    "date_prec": 1,
    "date_start": "2017-03-01",
    "date_end": "2017-03-01",
    "deaths_a": 1,
    "deaths_b": 2,
    "deaths_civilians": 0,
    "deaths_unknown": 0,
    "best": 3,
    "low": 3,
    "high": 4,
}


@pytest.fixture
def write_ged(tmp_path: Path) -> WriteGed:
    """Write a GED-like CSV; each row is what differs from a plain one."""

    def write(
        rows: Sequence[GedRow], name: str = "ged.csv", delimiter: str = ",", encoding: str = "utf-8"
    ) -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(DEFAULT))
            writer.writeheader()
            writer.writerows(DEFAULT | {"id": number} | row for number, row in enumerate(rows, start=1))
        return path

    return write


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    """An open, empty record."""
    with open_record(tmp_path / "r.duckdb") as opened:
        yield opened
