from __future__ import annotations

from datetime import date

import pytest

from afterstrike.charts import TimelinePoint, measure_timeline
from afterstrike.errors import UsageError


def at(year: int, value: float, low: float | None = None, high: float | None = None) -> TimelinePoint:
    return TimelinePoint(date(year, 1, 1), date(year, 1, 1), value, low, high, f"[{year}]")


def test_claim_and_sources_are_drawn_with_their_own_values() -> None:
    chart = measure_timeline([at(2024, 2000, 1800, 2100), at(2021, 900)], at(2026, 950), unit="troops")
    layers = chart.spec["layer"]
    assert [row["value"] for row in layers[0]["data"]["values"]] == [950]
    assert [row["value"] for row in layers[3]["data"]["values"]] == [900, 2000]
    assert [(row["low"], row["high"]) for row in layers[2]["data"]["values"]] == [(1800, 2100)]


def test_the_words_hold_every_number_drawn() -> None:
    alt = measure_timeline([at(2021, 900), at(2024, 2000)], at(2026, 950), unit="troops").alt
    assert all(text in alt for text in ("900", "2,000", "950", "2021-01-01", "2026-01-01"))


def test_the_value_axis_starts_at_zero() -> None:
    chart = measure_timeline([at(2021, 900), at(2024, 910)], at(2026, 905), unit="troops")
    assert ">0<" in chart.to_svg()


def test_without_a_sourced_figure_there_is_no_chart() -> None:
    with pytest.raises(UsageError, match="at least one"):
        measure_timeline([], at(2026, 950), unit="troops")
