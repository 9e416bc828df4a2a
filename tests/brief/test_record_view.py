from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from afterstrike.brief import build_brief
from afterstrike.brief._record_view import RecordView, view_of_file, view_of_shipped
from afterstrike.reading._claim import Claim, Ledger, PlaceMention
from afterstrike.record import LayoutOptions, load_mapping, open_record


def ledger_about(*countries: str) -> Ledger:
    places = tuple(PlaceMention("x", 0, 1, "x", 35.0, 38.0, 6, code) for code in countries)
    return Ledger("x", (Claim("c1", 0, 1, "x", "event", None, "author", "stated", places=places),))


@pytest.fixture
def record_file(tmp_path: Path) -> Path:
    """A record of made-up strikes and attacks in the layout of a public replication data set."""
    for name, kinds in (("one", ("Airstrike",)), ("two", ("SAF", "IED"))):
        with (tmp_path / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["date", "longitude", "latitude", "type"])
            for i in range(30):
                day = date(2007, 3, 1) + timedelta(days=i)
                writer.writerow([day.isoformat(), 44 + i % 5 / 10, 33 + i % 7 / 10, kinds[i % len(kinds)]])
    path = tmp_path / "made.duckdb"
    with open_record(path) as record:
        for name in ("one", "two"):
            record.add(tmp_path / f"{name}.csv")
    return path


def test_series_and_places_are_those_of_the_record(record_file: Path) -> None:
    with open_record(record_file, read_only=True) as record:
        view = view_of_file(record, record_file, ledger_about())
        total = record.summary().events
    assert sum(count or 0 for panel in view.panels for _, count in panel.weeks) == total == 60
    counts = view.map_counts()
    assert counts is not None
    assert counts["events"] == total
    assert counts["events"] == counts["drawn"] + counts["without_place"]
    assert view.outline is None or "Iraq" in {f["properties"]["name"] for f in view.outline["features"]}


def test_a_country_without_rows_says_that_all_are_shown(record_file: Path) -> None:
    with open_record(record_file, read_only=True) as record:
        view = view_of_file(record, record_file, ledger_about("NZL"))
    assert any("NZL" in note and "all are shown" in note for note in view.notes)
    assert view.panels


def test_a_brief_with_a_record_names_it_and_its_imports(record_file: Path, tmp_path: Path) -> None:
    article = tmp_path / "story.txt"
    article.write_text("Officials said 14 camps in Baghdad were hit on 3 March 2007.")
    made = build_brief(article, published="2007-03-20", record=record_file).to_dict()
    assert made["record"]["kind"] == "file"
    assert made["provenance"]["record"]["file"] == "made.duckdb"
    assert len(made["provenance"]["record"]["imports"]) == 2
    assert made["provenance"]["command"].endswith("--record made.duckdb")
    assert any("record" in source["used_by"] for source in made["sources"])
    assert str(tmp_path) not in str(made)


def test_shipped_series_follow_the_article_s_country() -> None:
    syria, both, none = (view_of_shipped(ledger_about(*c)) for c in (("SYR",), ("SYR", "IRQ"), ("NZL",)))
    assert none == RecordView("none")

    def strikes(view: RecordView) -> float:
        return sum(n or 0 for panel in view.panels if panel.colour == "strike" for _, n in panel.weeks)

    assert 0 < strikes(syria) < strikes(both)
    assert all(panel.coverage for panel in syria.panels)
    assert any("Syria only" in panel.title for panel in syria.panels)


@pytest.mark.parametrize(("counts", "drawn"), [(("3", ""), 2.0), (("3", "4"), 7.0)])
def test_strikes_are_summed_only_where_every_row_counts_them(
    tmp_path: Path, counts: tuple[str, str], drawn: float
) -> None:
    table, mapping = tmp_path / "own.csv", tmp_path / "own.toml"
    rows = "".join(f"2017-03-0{i},{n}\n" for i, n in enumerate(counts, start=6))
    table.write_text("day,n\n" + rows)
    mapping.write_text(
        'dataset = "own"\n[columns]\ndate_start = "day"\nstrikes = "n"\n[constants]\nkind = "strike"\n'
        'adm0 = "SYR"\n'
    )
    path = tmp_path / "own.duckdb"
    with open_record(path) as record:
        record.add(table, layout="mapping", options=LayoutOptions(mapping=load_mapping(mapping)))
        view = view_of_file(record, path, ledger_about("SYR"))
    (panel,) = view.panels
    assert sum(n or 0 for _, n in panel.weeks) == drawn
    assert panel.title.endswith("strikes" if "" not in counts else "strike events")
