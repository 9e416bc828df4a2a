from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

import pytest

from afterstrike.charts import (
    Chart,
    MapPoint,
    Panel,
    TimelinePoint,
    event_map,
    measure_timeline,
    weekly_chart,
)
from afterstrike.charts._chart import base_spec
from afterstrike.charts._palette import DARK, LIGHT
from afterstrike.errors import UsageError

WEEK = date(2016, 1, 4)


def charts() -> list[Chart]:
    point = TimelinePoint(WEEK, WEEK, 5.0)
    return [
        weekly_chart([Panel("Strikes", [(WEEK, 3)], colour="strike")], marked=date(2016, 1, 6)),
        event_map([MapPoint(35.0, 39.0, 1, "strike"), MapPoint(35.5, 39.5, 4, "clash")]),
        measure_timeline([point, TimelinePoint(WEEK, date(2016, 2, 1), 7.0, 6.0, 9.0)], point, unit="troops"),
    ]


@pytest.mark.parametrize("chart", charts())
def test_specification_is_valid_vega_lite(chart: Chart) -> None:
    altair = pytest.importorskip("altair")
    altair.Chart.from_dict(chart.spec)  # checks against altair's own copy of the Vega-Lite 6 schema


@pytest.mark.parametrize("chart", charts())
def test_drawing_is_well_formed_and_asks_for_nothing(chart: Chart) -> None:
    svg = chart.to_svg()
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg")
    for element in root.iter():
        assert not element.tag.endswith(("script", "style", "image", "foreignObject", "}a"))
        assert not [
            name
            for name in element.attrib
            if name.endswith("href") or name.startswith("on") or name == "style"
        ]


def test_inner_ids_of_two_drawings_never_meet() -> None:
    first, second = (chart.to_svg() for chart in charts()[:2])
    ids = [{e.attrib["id"] for e in ET.fromstring(svg).iter() if "id" in e.attrib} for svg in (first, second)]
    assert ids[1]  # the map clips, so it has ids
    assert not ids[0] & ids[1]


def test_png_is_png_and_grows_with_scale() -> None:
    chart = charts()[0]
    small, large = chart.to_png(1), chart.to_png(2)
    assert small[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(large[16:20], "big") == 2 * int.from_bytes(small[16:20], "big")
    with pytest.raises(UsageError, match=r"0\.1 to 10"):
        chart.to_png(0)


def test_save_tells_the_kind_from_the_ending(tmp_path: Path) -> None:
    chart = charts()[0]
    assert json.loads(chart.save(tmp_path / "a.json").read_text())["$schema"].endswith("v6.json")
    assert chart.save(tmp_path / "a.svg").read_text().startswith("<svg")
    assert chart.save(tmp_path / "a.png").stat().st_size > 500
    with pytest.raises(UsageError, match=r"\.svg, \.png, \.json"):
        chart.save(tmp_path / "a.gif")


def test_themes_change_colours_only() -> None:
    chart = charts()[0]
    light, dark, page = (chart.to_svg(theme=theme) for theme in ("light", "dark", "page"))  # type: ignore[arg-type]
    assert LIGHT["strike"] in light
    assert DARK["strike"] in dark
    assert f"var(--chart-strike, {LIGHT['strike']})" in page
    assert len(set(LIGHT.values())) == len(LIGHT)
    assert LIGHT.keys() == DARK.keys()


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["ink", "muted", "claim", "source", "strike", "attack"])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_words_and_marks_stand_out_from_the_paper(theme: dict[str, str], name: str) -> None:
    a, b = sorted((luminance(theme[name]), luminance(theme["paper"])))
    assert (b + 0.05) / (a + 0.05) >= 4.5


def test_a_notebook_gets_both_kinds() -> None:
    bundle = charts()[0]._repr_mimebundle_()
    assert {"application/vnd.vegalite.v6+json", "image/svg+xml"} <= bundle.keys()


@pytest.mark.parametrize("odd", ["\x1b", "\x07", "\x00", "\x7f", "\x1f", "\b", "\f"])
def test_control_characters_are_drawn_as_nothing(odd: str) -> None:
    """One in a title would end the process; what stands around it is drawn, and a written backslash stays."""
    spec = {
        **base_spec(description="x"),
        "title": f"be{odd}fore \\u001b after",
        "data": {"values": [{"a": f"q{odd}", "b": 1}]},
        "mark": "bar",
        "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
    }
    svg = Chart(spec=spec).to_svg()
    assert "be fore" in svg and "\\u001b after" in svg
