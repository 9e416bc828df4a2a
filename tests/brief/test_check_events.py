"""Events against the rows of a record: kind, place and day within both precisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from afterstrike.brief._check import check_claims
from afterstrike.brief._model import Check
from afterstrike.reading._claim import ActorMention, Claim, DateMention, Ledger, PlaceMention, Quantity

TEXT = "Aircraft bombed a camp near Exampleton on 3 May 2018, killing 12 people."


class FakeRecord:
    """A record of a few rows that filters by kind, date, country and distance like the real one."""

    def __init__(self, rows: list[dict[str, Any]], last: str = "2018-12-31") -> None:
        self.kept = rows
        self.last = last
        self.asked: list[dict[str, Any]] = []

    def find(self, **filters: Any) -> list[dict[str, Any]]:
        """Rows that pass the filters."""
        self.asked.append(filters)
        kinds = filters.get("kind")
        out = []
        for row in self.kept:
            start = row["date_start"]
            if kinds and row["kind"] not in kinds:
                continue
            if not filters["date_from"] <= start <= filters["date_to"]:
                continue
            if filters.get("adm0") and row["adm0"] != filters["adm0"]:
                continue
            if filters.get("km") is not None and row["km"] > filters["km"]:
                continue
            out.append(row)
        return out

    def rows(self, **filters: Any) -> list[dict[str, Any]]:
        """Rows of a country."""
        return [r for r in self.kept if r["adm0"] == filters.get("adm0")]

    def datasets(self) -> list[dict[str, Any]]:
        """One data set."""
        return [
            {
                "dataset": "invented",
                "events": len(self.kept),
                "first_date": "2016-01-01",
                "last_date": self.last,
            }
        ]


def row(**other: Any) -> dict[str, Any]:
    """An invented strike near Exampleton."""
    base: dict[str, Any] = {
        "event_id": "invented-1", "source_id": "1", "kind": "strike", "date_start": date(2018, 5, 3),
        "date_end": date(2018, 5, 3), "date_precision": 1, "geo_precision": 2, "km": 10.0, "place": "Exampleton",
        "adm0": "SYR", "fatalities_best": 12, "fatalities_low": 9, "fatalities_high": 14, "dataset": "invented",
        "dataset_version": "1", "licence": "none",
    }  # fmt: skip
    return {**base, **other}


def ledger(deaths: float | None = 12, geo_precision: int | None = 2, dated: bool = True) -> Ledger:
    """The invented article as a ledger."""
    at = TEXT.index("12 people")
    quantities = (
        ()
        if deaths is None
        else (Quantity("12 people", at, at + 9, deaths, deaths, deaths, "people", "people", False),)
    )
    where, when = TEXT.index("Exampleton"), TEXT.index("3 May 2018")
    place = PlaceMention("Exampleton", where, where + 10, "Exampleton", 35.0, 38.0, geo_precision, "SYR")
    day = DateMention("3 May 2018", when, when + 10, "2018-05-03", "2018-05-03", 1)
    claim = Claim(
        "c1",
        0,
        len(TEXT),
        TEXT,
        "event",
        None,
        "author",
        "stated",
        quantities,
        (place,),
        (day,) if dated else (),
    )
    return Ledger(TEXT, (claim,), published="2018-05-05")


def check(record: FakeRecord | None, **other: Any) -> Check:
    """The check of the invented article."""
    return check_claims(ledger(**other), record=record)[0]


def test_one_data_set_is_one_source() -> None:
    found = check(FakeRecord([row()]))
    assert found.verdict == "same_source"
    assert found.evidence[0].rows == ("invented-1",)
    assert found.tolerance and "km" in found.tolerance


def test_two_data_sets_support_it() -> None:
    found = check(FakeRecord([row(), row(event_id="other-1", dataset="other")]))
    assert found.verdict == "supported"


@pytest.mark.parametrize(
    "other",
    [
        {"date_start": date(2018, 5, 6), "date_end": date(2018, 5, 6)},
        {"km": 60.0},
        {"kind": "attack"},
        {"geo_precision": 6},
    ],
)
def test_another_day_place_or_kind_is_not_found_and_says_what_that_means(other: dict[str, Any]) -> None:
    found = check(FakeRecord([row(**other)]))
    assert found.verdict == "not_in_record"
    assert "That is not evidence that it did not happen." in found.sentence
    assert "invented" in found.sentence and "2016" in found.sentence


def test_precision_widens_the_search() -> None:
    week = row(date_precision=3, date_start=date(2018, 5, 8), date_end=date(2018, 5, 8))
    assert check(FakeRecord([week])).verdict == "same_source"
    district = row(geo_precision=3, km=70.0)
    assert check(FakeRecord([district])).verdict == "same_source"
    assert check(FakeRecord([row(km=51.0)])).verdict == "not_in_record"


def test_an_event_with_another_toll_is_not_borne_out_and_not_contradicted() -> None:
    found = check(FakeRecord([row()]), deaths=80)
    assert found.verdict == "not_in_record"
    assert found.evidence


def test_outside_the_cover_of_the_record() -> None:
    found = check(FakeRecord([row(date_start=date(2017, 1, 1))], last="2017-12-31"), deaths=None)
    assert found.verdict == "outside_record"
    assert "2016 to 2017" in found.sentence


def test_only_data_sets_that_cover_the_day_are_named() -> None:
    found = check(FakeRecord([row(date_start=date(2016, 1, 1))]), deaths=None)
    assert found.verdict == "not_in_record" and "2016 to 2018" in found.sentence


@pytest.mark.parametrize(
    ("initiator", "expected"),
    [("US-led coalition", "same_source"), (None, "same_source"), ("Government of Russia", "not_in_record")],
)
def test_another_force_struck(initiator: str | None, expected: str) -> None:
    made = ledger(deaths=None)
    who = ActorMention("Aircraft", 0, 8, "US Central Command")
    named = replace(made, claims=(replace(made.claims[0], actors=(who,)),))
    found = check_claims(named, record=FakeRecord([row(initiator=initiator)]))[0]
    assert found.verdict == expected


def test_without_a_record() -> None:
    assert check(None).verdict == "outside_record"


def test_without_a_date() -> None:
    assert check(FakeRecord([row()]), dated=False).verdict == "not_checkable"


def test_a_real_record_answers(tmp_path: Any) -> None:
    from afterstrike.record import open_record

    source = tmp_path / "events.csv"
    source.write_text("date,longitude,latitude,type\n2018-05-03,38.0,35.01,Airstrike\n", encoding="utf-8")
    with open_record(tmp_path / "r.duckdb") as record:
        record.add(source)
        near = check(record, deaths=None)  # type: ignore[arg-type]
    assert near.verdict == "same_source"
    assert near.evidence[0].kind == "event" and near.evidence[0].licence
