"""A record with every kind of gap, reports that tell of two incidents, and a visitor who looks at it."""

from __future__ import annotations

import json
import random
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from afterstrike.record import EVENT_KINDS, LayoutOptions, open_record
from afterstrike.web import Settings, create_app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette's advice on the next HTTP client
    from starlette.testclient import TestClient

HOST = "127.0.0.1:8000"
SCRIPT = "<script>alert(1)</script>"
HOSTILE = f'=HYPERLINK("http://x") {SCRIPT} \u202egnirts\u202c'
COLUMNS = ("source_id", "kind", "date_start", "date_end", "date_precision", "geo_precision", "lat", "lon", "place", "adm0",
           "adm1", "side_a", "side_b", "initiator", "fatalities_best", "fatalities_low", "fatalities_high",
           "civilian_fatalities_best", "civilian_fatalities_low", "civilian_fatalities_high")  # fmt: skip
MAPPING = {"dataset": "made", "dataset_version": "1", "licence": "CC0", "citation": "Made for a test",
           "columns": {name: name for name in COLUMNS}, "constants": {"source_text": HOSTILE}}  # fmt: skip

Visitor = TestClient
Post = Callable[..., Any]


def made_rows(count: int, seed: int = 3) -> list[dict[str, Any]]:
    """Give rows with days and without; places, areas, countries, no place; one side, two, none."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        when = rng.random()
        day = f"{rng.randint(2014, 2019)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        where = rng.random()
        deaths = rng.choice([None, 0, 1, 5])
        row: dict[str, Any] = {
            "source_id": str(number),
            "kind": rng.choice(EVENT_KINDS),
            "date_start": None if when < 0.2 else day,
            "date_end": None if when < 0.2 else day,
            "date_precision": None if when < 0.2 else rng.choice([1, 1, 2, 3, 4, 5]),
            "geo_precision": rng.choice([1, 1, 2, 3, 4, 5, 6, 7]),
            "lat": None if where < 0.2 else round(33 + rng.randint(0, 40) / 10, 2),
            "lon": None if where < 0.2 else round(36 + rng.randint(0, 40) / 10, 2),
            "place": rng.choice([None, "Raqqa", "Dayr Hafir", "الرقة", HOSTILE]),
            "adm0": rng.choice(["SYR", "IRQ", None]),
            "adm1": rng.choice(["Aleppo", "Homs", None, "Ninewa"]),
            "side_a": rng.choice(["IS", "Army", None]),
            "side_b": rng.choice(["IS", "Group A", None]),
            "initiator": rng.choice(["IS", "Army", None, "US-led coalition"]),
            "fatalities_best": deaths, "fatalities_low": deaths, "fatalities_high": deaths,
            "civilian_fatalities_best": rng.choice([None, 0, 2]),
        }  # fmt: skip
        rows.append(row)
    return rows


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write rows as CSV."""
    import csv

    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


TEXTS = {
    "a": "Airstrikes hit a market in Raqqa on 3 May 2017, killing 12 civilians, the observatory said.",
    "b": "An air strike on a market in Raqqa killed at least 9 civilians on 3 May 2017, residents said.",
    "c": f"Shelling hit the village of Dabiq on 9 June 2018. {SCRIPT} Two fighters were killed, the army said.",
}


@pytest.fixture(scope="session")
def made_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record that tests copy; nobody writes to this one."""
    folder = tmp_path_factory.mktemp("made")
    path = folder / "made.duckdb"
    with open_record(path) as record:
        record.add(write_rows(folder / "rows.csv", made_rows(400)), options=LayoutOptions(mapping=MAPPING))
        changed = [
            row | {"fatalities_high": 77} if row["source_id"] in ("1", "2") else row for row in made_rows(403)
        ]
        record.add(write_rows(folder / "rows.csv", changed), options=LayoutOptions(mapping=MAPPING))
        reports = folder / "reports.jsonl"
        lines = [{"id": f"https://example.org/{n}", "text": text, "published": "2018-06-10", "outlet": f"Outlet {n}"}
                 for n, text in TEXTS.items()]  # fmt: skip
        reports.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
        record.add(reports)
        # half of the rows without a day have a year, as those of a publisher that gives no more
        record.connection.execute(
            "UPDATE events SET date_precision_source = 'year ' || (2014 + length(event_id) * ascii(event_id[-1]) % 5) "
            "WHERE date_start IS NULL AND ascii(event_id[-1]) % 2 = 0"
        )
    return path


@pytest.fixture
def record_path(made_record: Path, tmp_path: Path) -> Path:
    """A record of the test's own."""
    return Path(shutil.copy(made_record, tmp_path / "made.duckdb"))


def visit(settings: Settings) -> TestClient:
    """Give a visitor of a server with these settings; use it in a `with` block."""
    return TestClient(create_app(settings), base_url=f"http://{HOST}", raise_server_exceptions=True)


@pytest.fixture
def visitor(record_path: Path) -> Iterator[Visitor]:
    """A visitor on this machine."""
    with visit(Settings(record_path)) as client:
        yield client


@pytest.fixture(scope="session")
def reader(made_record: Path) -> Iterator[Visitor]:
    """A visitor who only looks; shared by tests that change nothing."""
    with visit(Settings(made_record, is_read_only=True)) as client:
        yield client


def mark_of(client: TestClient) -> str:
    """Load a page and give the mark its forms carry."""
    page = client.get("/login").text
    return page.partition('name="csrf" content="')[2].partition('"')[0]


@pytest.fixture
def post(visitor: Visitor) -> Post:
    """Send one of our own forms."""
    csrf = mark_of(visitor)

    def send(path: str, **fields: Any) -> Any:
        return visitor.post(path, data={"csrf": csrf, **fields}, headers={"accept": "application/json"})

    return send
