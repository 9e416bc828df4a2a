"""States and counties of the world come from another package, which may be missing or damaged."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from afterstrike.reading.gazetteer import _divisions
from afterstrike.reading.gazetteer._divisions import data_size, division_places


def packed(content: bytes) -> bytes:
    # without a time: what is compressed stands in the names of tests, which all workers must give alike
    return gzip.compress(content, mtime=0)


TOWN = {
    "name": "Orvan", "countrycode": "FRA", "admin1code": "11", "latitude": 1.5, "longitude": 2.5, "population": 4000,
}  # fmt: skip
ROW = {"country_code": "FRA", "latitude": 1.5, "longitude": 2.5, "state": "Orvany", "county": "Low Orvany"}
WHOLE = packed(json.dumps([ROW]).encode())


def names(content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    path = tmp_path / "geocode.gz"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(_divisions, "_file", lambda: path)
    return [place.name for place in division_places([TOWN], {"FRA": "FRA"}, frozenset())]


def test_divisions_are_made_of_the_towns_in_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(WHOLE, tmp_path, monkeypatch) == ["Orvany", "Low Orvany"]
    assert data_size() == len(WHOLE)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"no gzip at all",
        WHOLE[:-12],
        WHOLE[:12] + b"\xff" * 8 + WHOLE[20:],
        packed(b"[{"),
        packed(b"{}"),
        packed(b"7"),
        packed(b'["x", 3]'),
        packed(b'[{"latitude": "x"}]'),
        packed("\u0639".encode("utf-16")),
    ],
)
def test_missing_or_damaged_data_leave_divisions_out(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names(content, tmp_path, monkeypatch) == []


def test_data_that_come_back_make_another_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names(None, tmp_path, monkeypatch)
    assert data_size() == 0
    names(WHOLE, tmp_path, monkeypatch)
    assert data_size() > 0


def test_the_data_are_found_without_loading_the_package() -> None:
    asked = (
        "import sys; from afterstrike.reading.gazetteer._divisions import data_size; "
        "print(data_size() > 0, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
