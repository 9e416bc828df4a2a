"""Exposure of zones by day: what is stated, what is missing, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.effects import seam_exposure
from afterstrike.errors import AfterstrikeError, EstimateRefused, SourceError, UsageError

ZONES = pd.DataFrame(
    {"zone": ["west", "east"], "geometry": [shapely.box(40, 34, 41, 35), shapely.box(41, 34, 42, 35)]}
)
DAY = "2018-01-01"


def areas(front: float = 40.5, *, day: str = DAY, shift: float = 0.0) -> pd.DataFrame:
    """Give A west and B east of a line of longitude."""
    return pd.DataFrame(
        {
            "party": ["A", "B"],
            "date": day,
            "geometry": [
                shapely.box(40 + shift, 34, front + shift, 35),
                shapely.box(front + shift, 34, 42 + shift, 35),
            ],
        }
    )


def exposed(control: Any, **options: Any) -> pd.DataFrame:
    return seam_exposure(control, **({"zones": ZONES, "dates": [DAY]} | options)).to_frame().set_index("zone")


def test_km_and_density_are_those_of_the_globe() -> None:
    found = exposed(areas())
    # One degree of latitude at 34.5 north is 110.93 km; a zone of one degree has 110.93 * 91.85 km2.
    assert found.loc["west", "km"] == pytest.approx(110.93, abs=0.05)
    assert found.loc["west", "exposure"] == pytest.approx(100 / 91.86, rel=2e-3)
    assert found.loc["east", "exposure"] == 0


@settings(max_examples=15, deadline=None)
@given(shift=st.floats(-170, 130), front=st.floats(40.05, 40.95))
def test_turning_the_globe_changes_nothing(shift: float, front: float) -> None:
    zones = ZONES.assign(
        geometry=[shapely.transform(g, lambda xy: xy + np.array([shift, 0])) for g in ZONES["geometry"]]
    )
    moved = exposed(areas(front, shift=shift), zones=zones)
    np.testing.assert_allclose(moved["km"], exposed(areas(front))["km"], atol=0.01)


def test_a_geojson_file_a_mapping_and_a_table_are_the_same(tmp_path: Path) -> None:
    control = areas()
    features = [
        {
            "type": "Feature",
            "properties": {"party": row.party, "date": row.date},
            "geometry": row.geometry.__geo_interface__,
        }
        for row in control.itertuples()
    ]
    mapping = json.loads(json.dumps({"type": "FeatureCollection", "features": features}))
    path = tmp_path / "control.geojson"
    path.write_text(json.dumps(mapping), encoding="utf-8")
    for source in (mapping, path, str(path)):
        pd.testing.assert_frame_equal(exposed(source), exposed(control))


def test_days_without_a_map_are_missing_and_carried_only_if_asked() -> None:
    days = ["2018-01-01", "2018-01-05", "2018-01-20"]
    plain = seam_exposure(areas(), zones=ZONES, dates=days)
    assert plain.to_frame()["exposure"].isna().tolist() == [False, True, True] * 2
    assert plain.counts["zone-days: missing, no control stated for this day"] == 4
    carried = seam_exposure(areas(), zones=ZONES, dates=days, carry_forward_days=10)
    assert carried.to_frame()["exposure"].isna().tolist() == [False, False, True] * 2
    assert carried.to_frame()["days_carried"].tolist() == [0, 4, 0] * 2
    assert carried.counts["zone-days: carried forward from an earlier map"] == 2


def test_spans_hold_from_first_to_last_day() -> None:
    control = areas().drop(columns="date").assign(valid_from="2018-01-01", valid_to=["2018-01-10", None])
    found = seam_exposure(
        control, zones=ZONES, dates=["2017-12-31", "2018-01-10", "2018-01-11"], least_covered=0
    )
    west = found.to_frame().query("zone == 'west'")
    assert west["km"].round(0).fillna(-1).tolist() == [-1, 111, 0]
    assert found.counts["control: areas without a stated end (held open)"] == 1


def test_ground_that_is_not_stated_is_missing_not_without_borders() -> None:
    control = areas(41.5).iloc[:1]
    found = exposed(control, least_covered=0.6)
    assert found["exposure"].fillna(-1).to_dict() == {"west": 0, "east": -1}
    assert found.loc["east", "reason"] == "control stated for less than 60% of the zone"
    assert found.loc["east", "covered_share"] == pytest.approx(0.5, abs=0.01)
    assert exposed(control, least_covered=0.4).loc["east", "exposure"] == 0


def test_coordination_lowers_exposure_by_pair_and_day() -> None:
    table = pd.DataFrame(
        {
            "party_1": ["B"],
            "party_2": ["A"],
            "coordination": [0.75],
            "valid_from": ["2018-01-01"],
            "valid_to": ["2018-01-03"],
        }
    )
    control = pd.concat([areas(day="2018-01-01"), areas(day="2018-01-05")])
    days = ["2018-01-01", "2018-01-05"]
    found = seam_exposure(control, zones=ZONES, dates=days, coordination=table)
    plain = seam_exposure(control, zones=ZONES, dates=days)
    west, free = (one.to_frame().query("zone == 'west'")["exposure"].to_numpy() for one in (found, plain))
    np.testing.assert_allclose(west, [free[0] / 4, free[1]])
    assert found.counts["border-days without a stated coordination (weighed in full)"] == 1
    assert found.pairs[["party_1", "party_2"]].to_numpy().tolist() == [["A", "B"], ["A", "B"]]


def test_shares_of_borders_are_moved_by_coordination_alone() -> None:
    table = pd.DataFrame({"party_1": ["A"], "party_2": ["B"], "coordination": [0.2]})
    found = exposed(areas(), measure="share", coordination=table)
    assert found["exposure"].to_dict() == {"west": pytest.approx(0.8), "east": 0.0}


def test_names_of_parties_and_properties_can_be_given() -> None:
    control = areas().rename(columns={"party": "who", "date": "as_of"})
    columns = {"party": "who", "date": "as_of"}
    same = exposed(control, columns=columns, parties={"A": "X", "B": "X"})
    assert same["km"].tolist() == [0, 0]


def test_broken_outlines_are_repaired_and_bad_features_counted() -> None:
    bow = shapely.Polygon([(40, 34), (41, 35), (41, 34), (40, 35)])
    flat = shapely.Polygon([(40, 34), (41, 35), (40, 34)])
    more = pd.DataFrame(
        {
            "party": ["C", "C", None, "C", "C"],
            "date": [DAY, DAY, DAY, "2018", DAY],
            "geometry": [bow, flat, bow, bow, shapely.Point(40, 34)],
        }
    )
    found = seam_exposure(pd.concat([areas(), more]), zones=ZONES, dates=[DAY])
    assert found.counts["control: invalid outline repaired (kept)"] == 3
    assert found.counts["control: no area"] == 1
    assert found.counts["control: no party"] == 1
    assert found.counts["control: no day"] == 1
    assert found.counts["control: not a polygon"] == 1
    assert found.counts["maps with ground claimed by several parties (given to the smaller area)"] == 1


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"dates": []}, UsageError, "dates is empty"),
        ({"dates": ["2018"]}, UsageError, "1 of 1 are no days"),
        ({"dates": "2018-01-01"}, UsageError, "sequence of days"),
        ({"dates": ["2019-01-01"]}, EstimateRefused, "areas are of 2018-01-01 to 2018-01-01"),
        ({"measure": "length"}, UsageError, "measure='length'"),
        ({"contact_km": -1}, UsageError, "contact_km=-1"),
        ({"contact_km": float("nan")}, UsageError, "contact_km=nan"),
        ({"carry_forward_days": 1.5}, UsageError, "whole days"),
        ({"parties": {"A": "X"}}, UsageError, "parties 'B' are not in parties"),
        ({"columns": {"party": "who"}}, UsageError, "no 'who'"),
        ({"columns": {"owner": "who"}}, UsageError, "columns has owner"),
        ({"zones": "nowhere.geojson"}, UsageError, "is no file"),
        ({"zones": ZONES.drop(columns="zone")}, UsageError, "zones: no 'zone'"),
        ({"zones": ZONES.assign(zone=None)}, EstimateRefused, "none of 2 features has a name"),
        ({"zones": pd.concat([ZONES, ZONES.assign(zone=["x", "y"])])}, UsageError, "zones overlap"),
        ({"zones": 3}, UsageError, "zones of type int"),
    ],
)  # fmt: skip
def test_bad_options_say_what_is_allowed(
    options: dict[str, Any], error: type[AfterstrikeError], told: str
) -> None:
    with pytest.raises(error, match=told):
        exposed(areas(), **options)


@pytest.mark.parametrize(
    ("control", "error", "told"),
    [
        (areas().drop(columns="party"), UsageError, "control: no 'party'"),
        (areas().drop(columns="date"), UsageError, "control: no 'date' or 'valid_from'"),
        (areas(day="2018"), EstimateRefused, "a year or month alone is no day"),
        (areas(day="no day"), EstimateRefused, "control: no day: 2"),
        (areas().assign(geometry=None), EstimateRefused, "no geometry: 2"),
        (areas().assign(geometry=shapely.Polygon([(40, 34), (41, 35), (40, 34)])), EstimateRefused, "no area: 2"),
        (areas().assign(geometry=shapely.box(400_000, 3e6, 500_000, 4e6)), UsageError, "no degrees"),
        (areas().drop(columns="date").assign(valid_from=DAY, valid_to="2017-01-01"), EstimateRefused, "its end before"),
        (areas().drop(columns="date").assign(valid_from=DAY, valid_to="soon"), EstimateRefused, "no day: 2"),
        (areas().drop(columns="geometry"), UsageError, "control of type DataFrame"),
        ({"type": "FeatureCollection", "features": []}, SourceError, "holds no feature"),
        ({"type": "Topology"}, SourceError, "no FeatureCollection"),
        ({"type": "FeatureCollection", "features": [], "crs": {"properties": {"name": "EPSG:3857"}}}, UsageError,
         "coordinates in EPSG:3857"),
    ],
)  # fmt: skip
def test_bad_control_says_what_is_wrong(control: Any, error: type[AfterstrikeError], told: str) -> None:
    with pytest.raises(error, match=told):
        exposed(control)


@pytest.mark.parametrize(
    "text", ["", "party,date\nA,2018-01-01\n", "[1, 2]", "{", '{"type": "FeatureCollection"}']
)
def test_a_file_that_is_no_geojson(tmp_path: Path, text: str) -> None:
    path = tmp_path / "control.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="GeoJSON"):
        exposed(path)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"party_2": "Z"}, "party 'Z' holds no area of control; allowed A, B"),
        ({"coordination": 1.5}, "a number from 0"),
        ({"coordination": None}, "a number from 0"),
        ({"party_2": "A"}, "two parties"),
        ({"valid_from": "2018-02-01", "valid_to": "2018-01-01"}, "no later than valid_to"),
        ({"valid_from": "spring"}, "no days"),
    ],
)
def test_bad_coordination(row: dict[str, Any], told: str) -> None:
    table = pd.DataFrame([{"party_1": "A", "party_2": "B", "coordination": 0.5} | row])
    with pytest.raises(UsageError, match=told):
        exposed(areas(), coordination=table)


def test_coordination_that_contradicts_itself() -> None:
    table = pd.DataFrame({"party_1": ["A", "B"], "party_2": ["B", "A"], "coordination": [0.5, 0.6]})
    with pytest.raises(UsageError, match=r"0\.5 and 0\.6 on the same days"):
        exposed(areas(), coordination=table)
    with pytest.raises(UsageError, match="needed party_1"):
        exposed(areas(), coordination=pd.DataFrame({"a": [1]}))
