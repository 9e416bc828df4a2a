"""A study is checked before anything is computed: what cannot be used is refused, or left out and counted."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import Study
from afterstrike.effects._study import CONTROL, OTHER, OUTCOME, TREATMENT
from afterstrike.errors import EstimateRefused, UsageError


def table(**changes: list[object]) -> pd.DataFrame:
    columns: dict[str, list[object]] = {
        "event_id": ["a", "b", "c", "d", "e"],
        "kind": ["strike", "attack", "strike", "attack", "clash"],
        "initiator": ["US-led coalition", "IS", "Russia", "IS", "IS"],
        "date_start": ["2018-01-02", "2018-01-03", "2018-01-05", "2018-01-09", "2018-02-01"],
        "lat": [35.0, 35.1, 35.2, 35.3, 35.4],
        "lon": [40.0, 40.1, 40.2, 40.3, 40.4],
    }
    return pd.DataFrame({**columns, **changes})


def make(frame: pd.DataFrame, **options: object) -> Study:
    chosen = {"treatment": "strike", "outcome": "attack", **options}
    return Study.from_frame(frame, **chosen)


def test_roles_times_and_rows() -> None:
    study = make(table())
    assert (len(study.treatment), len(study.outcome), study.control) == (2, 2, None)
    assert study.rows.role.tolist() == [TREATMENT, OUTCOME, TREATMENT, OUTCOME, OTHER]
    days = study.rows.time_ms.astype("datetime64[ms]").astype("datetime64[D]").astype(str)
    assert days.tolist() == table()["date_start"].tolist()
    assert repr(study) == "Study(2 treatment, 0 control, 2 outcome, 2018-01-02 to 2018-02-01)"


def test_selection_by_conditions_mapping_and_mask() -> None:
    by_text = make(table(), treatment="kind=strike;initiator=US-led coalition", control="initiator=Russia")
    by_mapping = make(
        table(),
        treatment={"kind": "strike", "initiator": "US-led coalition"},
        control={"initiator": "Russia"},
    )
    by_mask = make(
        table(), treatment=np.array([True, False, False, False, False]), control=table()["event_id"] == "c"
    )
    for study in (by_text, by_mapping, by_mask):
        assert study.rows.role.tolist() == [TREATMENT, OUTCOME, CONTROL, OUTCOME, OTHER]


def test_other_column_names_and_a_hint_for_a_wrong_one() -> None:
    frame = table().rename(columns={"kind": "type", "date_start": "when", "lat": "y", "lon": "x"})
    columns = {"time": "when", "lat": "y", "lon": "x", "kind": "type"}
    assert len(make(frame, columns=columns).rows.role) == 5
    with pytest.raises(UsageError, match="did you mean 'when'"):
        make(frame, columns={**columns, "time": "whenn"})
    with pytest.raises(UsageError, match="needs a column of time"):
        make(frame.rename(columns={"when": "q"}), columns={"lat": "y", "lon": "x", "kind": "type"})
    with pytest.raises(UsageError, match="allowed 'time', 'lat', 'lon', 'kind'"):
        make(frame, columns={**columns, "place": "x"})


def test_the_frame_of_the_caller_is_not_changed() -> None:
    frame = table()
    before = frame.copy()
    make(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_coordinates_that_are_missing_or_off_the_globe_are_left_out_and_counted() -> None:
    study = make(table(lat=[35.0, None, 4239.0, 35.3, None]))
    assert study.exclusions == {
        "treatment: coordinates off the globe": 1,
        "outcome: no coordinates": 1,
        "others: no coordinates": 1,
    }
    assert len(study.rows.role) == 2
    told = study.to_frame().set_index("part")["value"]
    assert told["left out: outcome: no coordinates"] == 1


@pytest.mark.parametrize(
    "dates", [[2018] * 5, ["2018"] * 5, ["2018-01"] * 5, ["2018-01-00"] * 5, [2018.0] * 5]
)
def test_dates_without_a_day_are_refused(dates: list[object]) -> None:
    with pytest.raises(EstimateRefused, match="no day"):
        make(table(date_start=dates))


def test_year_only_precision_is_refused_or_excluded_and_counted() -> None:
    frame = table().assign(date_precision=[1, 5, 1, 1, 5])
    with pytest.raises(EstimateRefused, match="1 of 2 outcome rows"):
        make(frame)
    study = make(frame, coarse_dates="exclude")
    assert study.exclusions == {"outcome: year or month only": 1, "others: year or month only": 1}


def test_zones_become_utc() -> None:
    zoned = [
        "2018-01-02T01:00:00+03:00",
        "2018-01-03T12:00:00Z",
        "2018-01-05 00:00:00",
        "2018-01-09",
        "2018-02-01",
    ]
    study = make(table(date_start=zoned))
    hours = study.rows.time_ms.astype("datetime64[ms]").astype("datetime64[h]").astype(str)
    assert hours.tolist() == [
        "2018-01-01T22",
        "2018-01-03T12",
        "2018-01-05T00",
        "2018-01-09T00",
        "2018-02-01T00",
    ]
    stamps = pd.Series(pd.to_datetime(zoned, utc=True, format="ISO8601")).dt.tz_convert("Asia/Damascus")
    assert make(table().assign(date_start=stamps)).rows.time_ms.tolist() == study.rows.time_ms.tolist()


def test_the_time_of_day_is_used_where_there_is_one() -> None:
    frame = table().assign(
        time_start=pd.to_datetime(["2018-01-02 06:30", None, None, "2018-01-09 12:00", None])
    )
    hours = make(frame).rows.time_ms // 3_600_000 % 24
    assert hours.tolist() == [6, 0, 0, 12, 0]


def test_missing_and_unreadable_dates_are_left_out_and_counted() -> None:
    study = make(table(date_start=["2018-01-02", None, "2018-01-05", "2018-01-09", "soon"]))
    assert study.exclusions == {"outcome: no date": 1, "others: no date": 1}


def test_a_strike_among_the_outcomes_is_refused() -> None:
    with pytest.raises(UsageError, match="1 rows are both treatment and outcome"):
        make(table(), treatment="initiator=US-led coalition", outcome=table()["event_id"].isin(["a", "b"]))
    frame = table()
    strikes = frame[frame["kind"] == "strike"]
    with pytest.raises(UsageError, match="count its own cause"):
        Study(treatment=strikes, outcome=frame)
    unnamed = strikes.drop(columns=["event_id", "kind"])
    with pytest.raises(UsageError, match="count its own cause"):
        Study(treatment=unnamed, outcome=unnamed)


def test_periods_that_do_not_meet_are_refused() -> None:
    dates = ["2016-01-02", "2018-01-03", "2016-01-05", "2018-01-09", "2018-02-01"]
    with pytest.raises(EstimateRefused, match="do not overlap"):
        make(table(date_start=dates))
    assert make(table(date_start=dates), horizon_days=1000).horizon_days == 1000


def test_an_empty_selection_names_what_there_is() -> None:
    with pytest.raises(UsageError, match="chooses no row; kind has"):
        make(table(), treatment="strikes")


def test_nothing_left_says_why() -> None:
    with pytest.raises(EstimateRefused, match=r"no outcome rows are left.*outcome: no coordinates \(2\)"):
        make(table(lon=[40.0, None, 40.2, None, 40.4]))


def test_period_and_region_leave_rows_out_and_count_them() -> None:
    study = make(table(), period=("2018-01-01", "2018-01-05"), region=(39.0, 34.0, 40.15, 36.0))
    assert study.exclusions["outcome: outside the period"] == 1
    assert study.exclusions["treatment: outside the region"] == 1
    assert study.rows.role.tolist() == [TREATMENT, OUTCOME]
    over_the_antimeridian = make(
        table(lon=[179.5, -179.5, 0.0, 179.9, 0.0]), region=(179.0, 30.0, -179.0, 40.0)
    )
    assert over_the_antimeridian.rows.role.tolist() == [TREATMENT, OUTCOME, OUTCOME]
    with pytest.raises(UsageError, match="south below north"):
        make(table(), region=(39.0, 36.0, 41.0, 34.0))
    with pytest.raises(UsageError, match="allowed two days"):
        make(table(), period=("January", "2018-01-05"))


def test_repeated_rows_are_counted_and_kept() -> None:
    frame = pd.concat([table(), table().iloc[[1, 1]].assign(event_id=["x", "y"])])
    study = make(frame)
    assert study.duplicates == {"outcome": 2}
    assert len(study.outcome) == 4


def test_equal_data_have_equal_fingerprints() -> None:
    assert make(table()).fingerprint() == make(table()).fingerprint()
    assert make(table()).fingerprint() != make(table(lat=[35.0, 35.1, 35.2, 35.3, 35.5])).fingerprint()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"coarse_dates": "keep"}, "allowed 'refuse', 'exclude'"),
        ({"horizon_days": -1}, "positive number"),
        ({"radius_km": float("nan")}, "positive number"),
        ({"horizon": 7}, "allowed beside the roles"),
        ({"treatment": np.array([1, 0, 0, 0, 0])}, "True or False"),
        ({"treatment": "kind=strike;oops"}, "allowed a kind, or conditions"),
    ],
)
def test_options_say_what_is_allowed(options: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        make(table(), **options)


def test_tables_with_nullable_types_and_plain_dates() -> None:
    frame = table().astype({"lat": "Float64", "kind": "category"})
    frame["date_start"] = [date.fromisoformat(day) for day in frame["date_start"]]
    frame["date_precision"] = pd.array([1, None, 1, 2, None], dtype="Int8")
    frame["code"] = pd.array([1, 2, 1, 2, None], dtype="Int64")
    study = make(frame, treatment="code=1", outcome={"code": 2})
    assert study.rows.role.tolist() == [TREATMENT, OUTCOME, TREATMENT, OUTCOME, OTHER]
    assert study.rows.time_ms.tolist() == make(table()).rows.time_ms.tolist()


def test_what_was_declared_is_hashed_with_its_counts() -> None:
    events = pd.DataFrame(
        {
            "kind": ["strike", "attack", "attack"],
            "date_start": ["2018-01-02", "2018-01-03", "2018-01-09"],
            "lat": [35.0, 35.1, 35.0],
            "lon": [40.0, 40.0, None],
        }
    )

    def made(**declared: object) -> Study:
        return Study.from_frame(events, treatment="strike", outcome="attack", **declared)

    plain, near = made(), made(radius_km=10)
    assert plain.fingerprint() == near.fingerprint()
    assert plain.declaration_sha256() == made().declaration_sha256() != near.declaration_sha256()
    other = made(notes={"co-treatments": "none known"}).declaration_sha256()
    assert other not in (plain.declaration_sha256(), near.declaration_sha256())
