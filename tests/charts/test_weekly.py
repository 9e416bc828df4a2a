from __future__ import annotations

from datetime import date, timedelta

import pytest

from afterstrike.charts import Panel, weekly_chart
from afterstrike.errors import UsageError


def panel(counts: list[float | None], first: date = date(2016, 1, 4), **more: object) -> Panel:
    weeks = [(first + timedelta(days=7 * i), n) for i, n in enumerate(counts)]
    return Panel("Strikes per week", weeks, **more)  # type: ignore[arg-type]


def layer_values(chart: object, row: int, layer: int) -> list[dict[str, object]]:
    values: list[dict[str, object]] = chart.spec["vconcat"][row]["layer"][layer]["data"]["values"]  # type: ignore[attr-defined]
    return values


def test_time_outside_the_coverage_is_shaded_and_called_no_data() -> None:
    late = panel([3, 4], date(2018, 1, 1), coverage=[(date(2018, 1, 1), date(2018, 1, 14))])
    early = panel([1] * 20, date(2016, 1, 4), coverage=[(date(2016, 1, 4), date(2016, 5, 22))])
    chart = weekly_chart([early, late])
    gaps = layer_values(chart, 0, 0)
    assert [(g["from"], g["to"]) for g in gaps] == [("2016-05-22", "2018-01-14")]
    assert ">no data<" in chart.to_svg()


def test_a_covered_week_without_a_row_is_not_shaded() -> None:
    one = Panel("x", [(date(2016, 1, 4), 1), (date(2016, 3, 7), 2)], [(date(2016, 1, 4), date(2016, 3, 14))])
    assert layer_values(weekly_chart([one]), 0, 0) == []


def test_an_unknown_count_stays_open_and_out_of_the_sum() -> None:
    chart = weekly_chart([panel([5, None, 7])])
    assert [row["count"] for row in layer_values(chart, 0, 2)] == [5, None, 7]
    assert "12 in all" in chart.alt


@pytest.mark.parametrize(
    ("marked", "words"),
    [(date(2016, 2, 1), "the story"), (date(2026, 1, 20), "the story: 9.5 years after the last data drawn")],
)
def test_the_article_date_is_marked_inside_and_said_when_far_outside(marked: date, words: str) -> None:
    svg = weekly_chart([panel([2] * 30)], marked=marked, marked_label="the story").to_svg()
    assert words in svg


def test_panels_share_the_time_axis() -> None:
    chart = weekly_chart([panel([1, 2]), panel([1, 2], date(2017, 1, 2), colour="attack")])
    domains = {
        str(layer["encoding"]["x"]["scale"]["domain"])
        for row in chart.spec["vconcat"]
        for layer in row["layer"]
    }
    assert domains == {"['2016-01-04', '2017-01-16']"}


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one count"):
        weekly_chart([Panel("empty", [])])
