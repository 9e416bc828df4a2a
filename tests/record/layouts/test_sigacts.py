"""Declassified SIGACTs: bleeding columns, header rows, cut-off words, repeats, times."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.record.layouts._sigacts import _parse

FILE = "data/sigacts_iraq_2004_2007/sigacts_iraq.parquet"


def row(
    kind: str | None = "IED", target: str | None = None, city: str | None = None, **more: Any
) -> dict[str, Any]:
    return {"time": "2006-05-01 10:20:00", "event_type": kind, "target": target, "city": city, **more}


def test_columns_bleed_into_each_other(stage_rows: Any) -> None:
    rows = [
        row(target="Coalition     Baghdad", city="Baghdad"),
        row(target="Host Nation   Mosul"),
        row(target="Iraqi Security Force", city="Iraqi Security Forces   Baqubah"),
        row(target="Coalition Forces", city="Coalition Forces"),
        row(kind="Indirect Fir", target="e   Coalition Forces"),
        row(target="Ramadi", city="Ramadi"),
    ]
    staged = stage_rows("sigacts", rows)
    assert [(r["side_b"], r["place"]) for r in staged] == [
        ("Coalition forces", "Baghdad"),
        ("Iraqi security forces", "Mosul"),
        ("Iraqi security forces", "Baqubah"),
        ("Coalition forces", None),
        ("Coalition forces", None),
        (None, "Ramadi"),
    ]
    assert staged[0]["repairs"] == "target 'Coalition     Baghdad' -> 'Coalition'"
    assert staged[0]["source_text"] == "IED | Coalition     Baghdad | Baghdad"


def test_header_rows_are_rejected(stage_rows: Any) -> None:
    (staged,) = stage_rows("sigacts", [row("Attack Type", "Target", "City", time=None)])
    assert staged["reject_reason"] == "header row repeated by the extraction"


@pytest.mark.parametrize(
    ("cut", "place"),
    [("Bagh", "Baghdad"), ("Ba", None), ("Bala", "Balad"), ("Muqudad", "Muqudadiyah"), ("Al", None)],
)
def test_truncated_words_are_completed_only_where_one_is_meant(
    stage_rows: Any, cut: str, place: str | None
) -> None:
    (staged,) = stage_rows("sigacts", [row(target=f"Coalition Forces   {cut}")])
    assert (staged["side_b"], staged["place"]) == ("Coalition forces", place)


def test_truncated_lists_of_types(stage_rows: Any) -> None:
    rows = [row("IED, Small Ar"), row("Mortar, Rocke"), row("Small Arms, R"), row("Other, Roc")]
    assert [r["weapon"] for r in stage_rows("sigacts", rows)] == [
        "improvised explosive device, small arms",
        "mortar, rocket",
        "small arms",
        None,
    ]


def test_missing_city_stays_missing_and_has_no_coordinates(stage_rows: Any) -> None:
    (staged,) = stage_rows("sigacts", [row(target="Coalition")])
    assert staged["place"] is None and staged["geo_precision"] is None and "lat" not in staged


def test_exact_repeats_may_be_real(stage_rows: Any) -> None:
    first, second = stage_rows("sigacts", [row(target="Coalition"), row(target="Coalition")])
    assert first["event_id"] == second["event_id"].replace("#2", "#1") != second["event_id"]


def test_event_type_becomes_kind(stage_rows: Any) -> None:
    rows = [
        row(target="Coalition"),
        row(target="Civilians"),
        row("Other", "Coalition"),
        row("Rock", "Coalition"),
    ]
    assert [r["kind"] for r in stage_rows("sigacts", rows)] == [
        "attack",
        "violence_against_civilians",
        "other",
        "other",
    ]


def test_unknown_initiator_stays_missing(stage_rows: Any) -> None:
    rows = [row(target=t) for t in ("Coalition Forces", "Infrastructure", "Civilian", "Enemy", "None", None)]
    assert [r["initiator"] for r in stage_rows("sigacts", rows)] == [
        "Iraqi insurgents", "Iraqi insurgents", None, None, None, None,
    ]  # fmt: skip


def test_local_time_is_turned_into_utc(stage_rows: Any) -> None:
    (staged,) = stage_rows("sigacts", [row(time="2004-01-02 00:20:00")])
    assert staged["time_start"] == datetime(2004, 1, 1, 21, 20)
    assert staged["date_start"] == date(2004, 1, 1)
    assert staged["date_precision_source"] == "2004-01-02 00:20:00 local, taken as UTC+3"


@given(*(st.none() | st.text("abMS ,AaBb`'\n", max_size=24) for _ in range(3)))
def test_any_text_is_parsed_without_a_fault(kind: str | None, target: str | None, city: str | None) -> None:
    assert _parse(kind, target, city)[0] in ("attack", "violence_against_civilians", "other")


def test_real_file_adds_up(shared: Path, stage_file: Any) -> None:
    staged = stage_file("sigacts", shared / FILE)
    good = [r for r in staged if r["reject_reason"] is None]
    assert (len(staged), len(good)) == (162_852, 162_852 - 4826)
    assert {r["reject_reason"] for r in staged} == {None, "header row repeated by the extraction"}
    assert len({r["event_id"] for r in staged}) == len(staged)
    assert sum(not r["event_id"].endswith("#1") for r in staged) == 7758
    assert not [r for r in good if r["place"] and ("  " in r["place"] or "Coalition" in r["place"])]
    kinds = Counter(r["kind"] for r in good)
    assert kinds["other"] < 0.01 * len(good) and kinds["violence_against_civilians"] > 10_000
    assert (
        sum(r["place"] is not None for r in good) > 74_000
    )  # 76,593 cells had a city; some of them were targets
