"""A selection shows the rows that the record itself selects, and every sum is right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.record import EVENT_KINDS, Record, open_record
from afterstrike.web import _select as select
from afterstrike.web._index import Index
from afterstrike.web._map import map_json
from afterstrike.web._selection import Selection

from .conftest import Visitor

DAYS = st.dates(dt.date(2013, 6, 1), dt.date(2020, 6, 1))
COORDINATES = st.integers(300, 420).map(lambda n: n / 10)


def some(values: Any) -> Any:
    return st.lists(st.sampled_from(values), max_size=3, unique=True).map(tuple)


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    """Give a selection as a visitor might make it."""
    days = draw(st.lists(DAYS, min_size=2, max_size=2).map(sorted))
    west, east = draw(COORDINATES), draw(COORDINATES)
    south, north = sorted((draw(COORDINATES), draw(COORDINATES)))
    maybe = st.booleans()
    return Selection(
        kind=draw(some(EVENT_KINDS)), initiator=draw(some(["IS", "Army", "Nobody"])), side=draw(some(["IS", "Group A"])),
        adm0=draw(some(["SYR", "IRQ"])), adm1=draw(some(["Aleppo", "Homs"])), dataset=draw(some(["made", "incidents"])),
        date_from=days[0] if draw(maybe) else None, date_to=days[1] if draw(maybe) else None,
        bbox=(west, south, east, north) if draw(maybe) else None,
        precision=draw(st.none() | st.integers(1, 7)), harm=draw(maybe),
    )  # fmt: skip


@pytest.fixture(scope="session")
def index(made_record: Path) -> Index:
    with duckdb.connect(str(made_record), read_only=True) as con:
        return Index.of(con)


@pytest.fixture(scope="module")
def record(made_record: Path) -> Iterator[Record]:
    with open_record(made_record, read_only=True) as opened:
        yield opened


def kept(key: str, make: Any) -> Any:
    return make()


@given(selection=selections())
@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_index_selects_what_the_record_selects_and_every_sum_is_right(
    selection: Selection, index: Index, record: Record
) -> None:
    rows = record.rows(**selection.filters())
    weekly = record.weekly(**selection.filters())
    left_out = record.weekly_left_out(**selection.filters())
    chosen, without = select.choose(index, selection)
    assert index.event_id[chosen].tolist() == [row["event_id"] for row in rows]

    counts = select.counts_of(index, chosen)
    assert counts["shown"] == len(rows) == counts["exact"] + counts["imprecise"] + counts["without_place"]
    assert counts["without_place"] == sum(row["lat"] is None for row in rows)
    assert counts["exact"] == sum(row["lat"] is not None and row["geo_precision"] in (1, 2) for row in rows)
    assert counts["without_day"] == sum(row["date_start"] is None for row in rows)

    facets = select.facets_of(index, chosen, without)
    for name in ("kind", "initiator", "adm0", "adm1", "dataset"):
        assert sum(n for _, n in facets["facets"][name]) + facets["more"][name]["events"] == len(rows)
        for value, n in facets["facets"][name]:
            assert n == sum(row[name] == value for row in rows), (name, value)
    for value, n in facets["facets"]["side"]:
        held = [row for row in rows if value in (row["side_a"], row["side_b"])]
        if value is None:
            held = [row for row in rows if row["side_a"] is None and row["side_b"] is None]
        assert n == len(held), value
    assert sum(n for _, n in facets["facets"]["side"]) == len(rows) + facets["two_sides"]
    for name, choices in facets["choices"].items():
        shown = dict(map(tuple, facets["facets"][name]))
        if name != "side":  # the other side of an event may be one that was not asked for
            assert {v: n for v, n in choices if v in getattr(selection, name)} == shown

    series = select.series_of(index, chosen)
    assert series["left_out"] == left_out
    assert sum(map(sum, series["kinds"].values())) + sum(left_out.values()) == len(rows)
    told = {
        (week, kind): n
        for kind, values in series["kinds"].items()
        for week, n in zip(series["weeks"], values, strict=True)
        if n
    }
    assert told == {(row["week"].isoformat(), row["kind"]): row["events"] for row in weekly}

    drawn = map_json(index, chosen, 4, kept)
    assert drawn["drawn"] == counts["drawn"]
    missing = drawn["left_out"]
    assert missing["no_place"] == counts["without_place"] == sum(missing["no_place_by_adm0"].values())
    assert sum(missing["country_only"].values()) == counts["country_only"]
    assert drawn["drawn"] + missing["no_place"] + counts["country_only"] == len(rows)


def test_a_page_of_rows_says_what_the_record_says(reader: Visitor, made_record: Path) -> None:
    with open_record(made_record, read_only=True) as record:
        expected = {row["event_id"]: row for row in record.rows()}
    found: list[dict[str, Any]] = []
    pages = reader.get("/record.json").json()["pages"]
    for page in range(1, pages + 1):
        answer = reader.get("/record.json", params={"sort": "date", "page": page}).json()
        assert len(answer["rows"]) <= 100
        found += answer["rows"]
    assert [row["event_id"] for row in found] == list(expected)
    for row in found:
        for name, value in row.items():
            plain = expected[row["event_id"]][name]
            assert value == (plain.isoformat() if isinstance(plain, dt.date) else plain), (
                row["event_id"],
                name,
            )
    assert reader.get("/record.json", params={"page": pages + 1}).json()["rows"] == []


@pytest.mark.parametrize("sort", select.SORTS)
def test_rows_come_in_the_order_asked_for_and_those_without_the_value_last(
    reader: Visitor, sort: str
) -> None:
    rows = []
    for page in range(1, 6):
        rows += reader.get("/record.json", params={"sort": sort, "page": page}).json()["rows"]
    column = {"date": "date_start", "fatalities": "fatalities_best", "civilians": "civilian_fatalities_best"}
    values = [row[column.get(sort.lstrip("-"), sort)] for row in rows]
    if sort.endswith(("fatalities", "civilians")):
        high = column[sort.lstrip("-")].replace("best", "high")
        values = [value if value is not None else row[high] for value, row in zip(values, rows, strict=True)]
    stated = [value for value in values if value is not None]
    assert stated == sorted(stated, reverse=sort.startswith("-")) and len(stated) > 100
    assert values == stated + [None] * (len(values) - len(stated))


def test_the_same_selection_in_another_order_is_one_address_and_one_answer(reader: Visitor) -> None:
    one = reader.get("/record.json?kind=strike&kind=attack&adm0=SYR")
    two = reader.get("/record.json?adm0=SYR&kind=attack&kind=strike&kind=attack")
    assert one.json()["query"] == two.json()["query"] == "kind=attack&kind=strike&adm0=SYR"
    assert one.json()["counts"] == two.json()["counts"]


def test_an_answer_met_again_is_not_sent_again(reader: Visitor) -> None:
    first = reader.get("/record.json?kind=strike")
    again = reader.get("/record.json?kind=strike", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = reader.get("/record.json?kind=attack", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_the_page_shows_the_counts_of_its_twin(reader: Visitor) -> None:
    counts = reader.get("/record.json?kind=strike").json()["counts"]
    page = reader.get("/record?kind=strike")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert f"{counts['shown']:,} " in page.text and f"{counts['total']:,}" in page.text


def test_a_box_is_given_back_as_it_came() -> None:
    from afterstrike.web._selection import Selection

    box = (39.123456789412, -0.00001, 39.2, 35.123456789012)
    assert "39.123456789412,-0.00001,39.2,35.123456789012" in Selection(bbox=box).to_dict()["bbox"]
