"""The convention mwa-0.5 equals a slow and literal program written from a description, on random tables."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
import literal

from afterstrike.effects import EffectResult, Study, WakeDesign, count_wakes, matched_wakes
from afterstrike.effects._mwa._text import as_text, category_text, through_text
from afterstrike.errors import EstimateRefused

ROLES = ("treatment", "control", "dependent", "other")
COUNTED = (
    "position",
    "days",
    "km",
    "treated",
    "outcome_pre",
    "trend",
    "so_pre",
    "mo_pre",
    "outcome_post",
    "so_post",
    "mo_post",
)
SPREADS = ("plain", "tiny", "wide", "whole", "large", "constant", "halves", "few")


def column(rng: np.random.Generator, spread: str, n: int) -> np.ndarray:
    """Give n numbers of one of the spreads that printing, binning or fitting may trip over."""
    return {
        "plain": lambda: rng.normal(0, 3, n),
        "tiny": lambda: rng.normal(1, 1e-6, n),
        "wide": lambda: rng.lognormal(0, 9, n) * rng.choice([-1, 1], n),
        "whole": lambda: rng.integers(-3, 12, n),
        "large": lambda: rng.choice([3, 2_123_456_789, 3_123_456_789, 31_234_567_891_234], n),
        "constant": lambda: np.full(n, 2.5),
        "halves": lambda: rng.integers(-40, 40, n) / 16 + 1e6 * (rng.random(n) < 0.02),
        "few": lambda: rng.choice([0.0, 1.0, 1.00000005, 123456.75], n),
    }[spread]()


def table(
    seed: int, n: int, unit: str, clock: str, codes: dict[str, Any], spreads: tuple[str, str]
) -> pd.DataFrame:
    """Give n rows around a few places and moments, with ties, copies and rows at the edges of windows."""
    rng = np.random.default_rng(seed)
    places = np.array([33.0, 44.0]) + rng.normal(0, 0.05, (4, 2))
    at = places[rng.integers(0, 4, n)] + rng.normal(0, 0.01, (n, 2)) * rng.integers(0, 2, (n, 1))
    step = literal.UNIT_MS[unit]
    span = max(12, n // int(rng.integers(2, 6)))
    # Half of the rows lie at whole units from one another, where a window's edge is decided.
    units = rng.uniform(0, span, n)
    units = np.where(rng.random(n) < 0.5, np.floor(units), units)
    units[:2] = [-rng.choice([1, 40]), span + rng.choice([1, 40])]
    ms = (units * step).astype(np.int64) + 978_393_600_000
    moments = pd.to_datetime(ms, unit="ms").floor("s")
    texts = np.array(moments.strftime("%Y-%m-%d" if clock == "dates" else "%Y-%m-%d %H:%M:%S"), dtype=object)
    if clock == "first date":
        texts[texts == texts.min()] = texts.min()[:10]
    chosen = rng.choice(ROLES, n, p=[0.22, 0.28, 0.42, 0.08])
    frame = pd.DataFrame(
        {
            "type": [codes[role] for role in chosen],
            "timestamp": texts,
            "lat": at[:, 0],
            "lon": at[:, 1],
            "x": column(rng, spreads[0], n),
            "z": column(rng, spreads[1], n),
        }
    )
    if seed % 3 == 0:
        # Only at wakes must the columns be known.
        unknown = np.isin(chosen, ROLES[2:]) & (rng.random(n) < 0.3)
        frame["x"] = frame["x"].astype(float).where(~unknown)
    copies = frame.sample(int(rng.integers(0, 6)), random_state=seed, replace=True)
    return pd.concat([frame, copies], ignore_index=True).sample(frac=1, random_state=seed % 7)


WORDS = {role: role for role in ROLES}
TEXT_CODES = {"treatment": "1", "control": "2", "dependent": "10", "other": "100"}
EQUAL_CODES = {"treatment": 11, "control": 12, "dependent": 10, "other": 99}
UNEQUAL_CODES = {"treatment": 21, "control": 22, "dependent": 3, "other": 23}
DECIMAL_CODES = {"treatment": 1.5, "control": 2.5, "dependent": 3.0, "other": 9.5}


@st.composite
def runs(draw: st.DrawFn) -> tuple[pd.DataFrame, literal.Settings]:
    unit = draw(st.sampled_from(["day", "day", "hour", "minute", "second"]))
    clock = draw(st.sampled_from(["clock", "clock", "dates", "first date"])) if unit == "day" else "clock"
    codes = draw(st.sampled_from([WORDS, WORDS, TEXT_CODES, EQUAL_CODES, UNEQUAL_CODES, DECIMAL_CODES]))
    n = draw(st.sampled_from([12, 25, 60, 120]))
    seed = draw(st.integers(0, 2**32 - 1))
    spreads = (draw(st.sampled_from(SPREADS)), draw(st.sampled_from(SPREADS)))
    frame = table(seed, n, unit, clock, codes, spreads)
    tcm = draw(st.booleans())
    names = draw(st.sampled_from([(), ("x",), ("x", "z"), ("z",)]))
    cut = {}
    if names and draw(st.booleans()):
        cut[names[0]] = draw(st.sampled_from([[-1.0, 0.0, 1.0], [0.5, 2.5, 4.0], [1e3, 1e9], [2.0, 1.0]]))
    if draw(st.booleans()):
        cut["dependent_trend"] = draw(st.sampled_from([[-50.0, 0.0, 50.0], [-1.0, 1.0], [0.0, 3.0, 2.0]]))
    if tcm and draw(st.booleans()):
        cut["SO_pre"] = [0.0, 1.0, 5.0]
    model = draw(st.sampled_from(["lagged", "lagged", "difference", "att"]))
    controls = draw(st.sampled_from([(), (), ("x",), ("z", "x")])) if model != "difference" else ()
    cut = {name: points for name, points in cut.items() if name not in controls}
    lengths = draw(st.lists(st.sampled_from([2, 3, 4, 5, 6, 7, 9]), min_size=1, max_size=3, unique=True))
    radii = draw(st.lists(st.sampled_from([0.001, 0.5, 2.0, 7.5, 40.0]), min_size=1, max_size=2, unique=True))
    asked = literal.Settings(
        treatment=codes["treatment"],
        control=codes["control"],
        dependent=codes["dependent"],
        days=tuple(lengths),
        km=tuple(radii),
        unit=unit,
        match_on=names,
        cutpoints=cut,
        tcm=tcm,
        delete_sutva=draw(st.booleans()) and draw(st.booleans()),
        controls=controls,
        model=model,
        weighted=draw(st.booleans()),
    )
    return frame, asked


def design_of(asked: literal.Settings) -> WakeDesign:
    return WakeDesign(
        match_on=asked.match_on,
        cutpoints=asked.cutpoints or None,
        match_overlap=asked.tcm,
        drop_overlaps=asked.delete_sutva,
        controls=asked.controls,
        model=asked.model,  # type: ignore[arg-type]
        weighted=asked.weighted,
    )


def study_of(frame: pd.DataFrame, asked: literal.Settings) -> Study:
    roles = {"treatment": asked.treatment, "control": asked.control, "outcome": asked.dependent}
    return Study.from_frame(frame, columns={"time": "timestamp", "kind": "type"}, **roles)


def ours(frame: pd.DataFrame, asked: literal.Settings) -> EffectResult | None:
    """Run ours; None where it refuses the whole table, for a reason that the literal program shares."""
    kinds = frame["type"].tolist()
    if kinds.count(asked.treatment) < 2 or not kinds.count(asked.control) or not kinds.count(asked.dependent):
        return None
    options: dict[str, Any] = {"days": asked.days, "km": asked.km, "time_unit": asked.unit}
    try:
        return matched_wakes(study_of(frame, asked), design=design_of(asked), convention="mwa-0.5", **options)
    except EstimateRefused as refusal:
        expected = literal.table_of(frame, asked)
        wakes = sum(expected.treated) + sum(expected.control)
        if "text comparison" in str(refusal):
            assert wakes < 2
        elif "do not overlap" in str(refusal):
            # The study's own guard: no wake could reach from treatment rows to outcome rows.
            assert len(frame) < 30
        else:
            assert "longer than the data" in str(refusal) and not any(
                literal.count(expected, i, length, 1.0, literal.UNIT_MS[asked.unit])
                for i in range(len(expected.ms))
                if expected.treated[i] or expected.control[i]
                for length in asked.days
            )
        return None


def close(mine: float, theirs: float, what: str, rtol: float = 1e-7, atol: float = 1e-9) -> None:
    assert math.isclose(mine, theirs, rel_tol=rtol, abs_tol=atol), (what, mine, theirs)


def agree(window: literal.Window, row: dict[str, Any], wakes: pd.DataFrame, controls: pd.DataFrame) -> None:
    """Hold one window to the literal program's."""
    for name in (*COUNTED, *(n for n in ("x", "z") if window.rows and n in window.rows[0])):
        assert wakes[name].astype(float).tolist() == [float(r[name]) for r in window.rows], name
    np.testing.assert_allclose(wakes["weight"], window.weights, rtol=1e-12, atol=0)
    assert wakes["matched"].tolist() == [w > 0 for w in window.weights]
    for when, found in (("before", window.before), ("after", window.after)):
        if found is None:
            assert math.isnan(row[f"l1_{when}"]) and math.isnan(row[f"common_support_{when}"])
        else:
            assert abs(row[f"l1_{when}"] - found[0]) <= 0.0005 + 1e-12
            assert abs(row[f"common_support_{when}"] - found[1]) <= 0.05 + 1e-12
    for name in ("so_pre", "so_post", "mo_pre", "mo_post"):
        share = window.overlap[name]
        assert math.isnan(row[name]) if math.isnan(share) else abs(row[name] - share) <= 0.0005 + 1e-12
    told = window.estimate
    if told is not None and told["exact"]:
        # Whether rounding leaves a variance decides between NA and a number; the number itself is known.
        if not math.isnan(row["estimate"]):
            close(row["estimate"], told["estimate"], "estimate", atol=1e-6)
        return
    assert math.isnan(row["estimate"]) == (told is None), (row["reason"], told)
    assert (row["reason"] == "") == (told is not None)
    if told is None:
        assert all(math.isnan(row[name]) for name in ("p_value", "adj_r2", "intercept", "intercept_p"))
        return
    close(row["estimate"], told["estimate"], "estimate")
    # A control that hardly varies has a coefficient of huge scale, whose rounding the intercept takes up.
    values = {k.removeprefix("control:"): v for k, v in told.items() if k.startswith("control:")}
    column_of = {name: np.array([float(r[name]) for r in window.rows]) for name in values}
    rounding = {
        name: 1e-6 * abs(value) + 1e-9 / max(float(np.std(column_of[name])), 1e-9)
        for name, value in values.items()
    }
    taken_up = sum(rounding[name] * float(np.abs(column_of[name]).mean()) for name in values)
    close(row["intercept"], told["intercept"], "intercept", atol=1e-7 + taken_up)
    close(row["p_value"], told["p_value"], "p_value", rtol=1e-5)
    if math.isnan(told["adj_r2"]):
        assert math.isnan(row["adj_r2"])
    elif not told["flat"]:
        close(row["adj_r2"], told["adj_r2"], "adj_r2", rtol=1e-6)
    for name, value in values.items():
        mine = controls[controls["variable"] == name]["coefficient"].item()
        close(mine, value, name, rtol=1e-6, atol=rounding[name])


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(runs())
def test_every_number_of_every_window(run: tuple[pd.DataFrame, literal.Settings]) -> None:
    frame, asked = run
    result = ours(frame, asked)
    if result is None:
        return
    windows = literal.run(frame, asked)
    rows = result.to_frame().to_dict("records")
    assert [(w.days, w.km) for w in windows] == [(row["days"], row["km"]) for row in rows]
    wakes, controls = result.detail("wakes"), result.detail("coefficients")
    for window, row in zip(windows, rows, strict=True):
        of_window = [(f["days"] == window.days) & (f["km"] == window.km) for f in (wakes, controls)]
        agree(window, row, wakes[of_window[0]], controls[of_window[1]])


NUMBERS = st.lists(
    st.floats(-1e15, 1e15) | st.floats(-1e-3, 1e-3) | st.integers(-(10**7), 10**7).map(float) | st.just(1e5),
    min_size=1,
    max_size=8,
).map(lambda values: [0.0 if abs(value) < 1e-9 else value for value in values])


@settings(max_examples=300, deadline=None)
@given(NUMBERS)
def test_printed_columns(values: list[float]) -> None:
    texts = literal.column_text(values)
    assert as_text(np.array(values)) == texts
    assert through_text(np.array(values)).tolist() == [float(text) for text in texts]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([1.0, 2.0, 10.0, 11.0, 1.5, 1e5, math.nan]), min_size=1, max_size=6))
def test_printed_codes_missing_ones_included(codes: list[float]) -> None:
    assert category_text(np.array(codes)) == literal.column_text(codes)


def test_a_missing_code_pads_the_others_and_one_digit_never_matches() -> None:
    frame = table(3, 60, "day", "clock", EQUAL_CODES, ("plain", "plain"))
    short = {11: 1.0, 12: 2.0, 10: 3.0, 99: math.nan}
    asked = literal.Settings(1.0, 2.0, 3.0, days=(2,), km=(40.0,))
    study = study_of(frame.assign(type=frame["type"].map(short)), asked)
    with pytest.raises(EstimateRefused, match="text comparison"):
        count_wakes(study, days=2, km=40.0, convention="mwa-0.5")
    filled = study_of(frame.assign(type=frame["type"].map(short).fillna(4.0)), asked)
    assert len(count_wakes(filled, days=2, km=40.0, convention="mwa-0.5"))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 5]))
def test_one_treatment_row_is_counted_as_the_peer_counts_it(seed: int, length: int) -> None:
    frame = table(seed, 40, "day", "clock", WORDS, ("plain", "plain"))
    struck = np.flatnonzero(frame["type"] == "treatment")
    frame = frame.drop(frame.index[struck[1:]]) if len(struck) > 1 else frame
    asked = literal.Settings("treatment", "control", "dependent", days=(length,), km=(2.0, 40.0))
    windows = literal.run(frame, asked)
    if not len(struck) or not any(window.rows for window in windows):
        return
    try:
        study = study_of(frame, asked)
    except EstimateRefused as refused:
        # The one row may lie too far from all outcomes for any wake to reach; that study is refused.
        assert "do not overlap" in str(refused)
        return
    wakes = count_wakes(study, days=length, km=(2.0, 40.0), convention="mwa-0.5")
    for window in windows:
        found = wakes[wakes["km"] == window.km]
        for name in COUNTED:
            assert found[name].astype(float).tolist() == [float(row[name]) for row in window.rows], name
