"""A spec is checked when it is made: a bad value ends in one line that names it, a good one is kept."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.effects.theatres import Confounder, Effect, Reporting, StrikeRule, Theatre
from afterstrike.errors import UsageError

NUMBERS = {
    Effect: ["size", "radius_km", "duration_days", "half_life_days", "ring_km", "ring_share"],
    Confounder: ["episodes", "days", "km", "km_per_day", "attacks_factor", "strikes_factor", "lead_days"],
    StrikeRule: ["place_days", "overlap_km", "overlap_days", "reaction", "react_days", "crowding"],
    Reporting: [field.name for field in fields(Reporting)],
    Theatre: ["side_km", "days", "places", "towns", "attacks_per_day", "weekly", "season", "excitation"],
}
BAD = st.one_of(
    st.floats(max_value=-181),
    st.floats(min_value=1e10),
    st.sampled_from([math.nan, math.inf, -math.inf, None, True, "3", [1], {}]),
)


@given(st.data())
def test_a_bad_number_is_refused_in_one_line_that_names_it(data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(list(NUMBERS)))
    name = data.draw(st.sampled_from(NUMBERS[part]))
    value = data.draw(BAD)
    with pytest.raises(UsageError) as caught:
        part(**{name: value})
    message = str(caught.value)
    assert "\n" not in message and name in message and "allowed" in message and repr(value) in message


@given(
    kind=st.sampled_from(["lull", "surge", "displacement", "none"]),
    size=st.floats(0, 0.95),
    duration=st.integers(1, 60),
    shape=st.sampled_from(["flat", "decaying"]),
)
def test_the_profile_starts_at_one_and_fades_towards_it(
    kind: str, size: float, duration: int, shape: str
) -> None:
    effect = Effect(kind=kind, size=size, duration_days=duration, shape=shape)  # type: ignore[arg-type]
    profile = effect.profile()
    assert len(profile) == duration + 1 and profile[0] == 1.0
    away = [abs(factor - 1) for factor in profile[1:]]
    assert away[0] == pytest.approx(0 if kind == "none" else size)
    assert away == sorted(away, reverse=True)
    assert all((factor >= 1) if kind == "surge" else (factor <= 1) for factor in profile)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Effect(kind="calm"), "calm"),  # type: ignore[arg-type]
        (lambda: Effect(ring_km=10.0, radius_km=20.0), "ring_km"),
        (lambda: StrikeRule(rule="greedy"), "greedy"),  # type: ignore[arg-type]
        (lambda: StrikeRule(overlap=1.5), "overlap"),
        (lambda: Reporting(week_share=0.7, month_share=0.7), "together"),
        (lambda: Theatre(region="Iraq"), "ISO 3166"),
        (lambda: Theatre(start="yesterday"), "start"),
        (lambda: Theatre(start=None), "start"),  # type: ignore[arg-type]
        (lambda: Theatre(effect="lull"), "Effect(...)"),  # type: ignore[arg-type]
        (lambda: Theatre(days=5000, places=3000), "place-days"),
        (lambda: Theatre(days=730.0), "whole number"),  # type: ignore[arg-type]
        (lambda: Theatre.preset("calm"), "calm"),  # type: ignore[arg-type]
        (lambda: Theatre.preset("lull", strikes="none"), "none"),  # type: ignore[arg-type]
        (lambda: Theatre.preset("lull", atacks_per_day=3), "atacks_per_day"),
    ],
)
def test_a_bad_choice_is_refused(make: object, word: str) -> None:
    with pytest.raises(UsageError, match="allowed") as caught:
        make()  # type: ignore[operator]
    assert word in str(caught.value) and "\n" not in str(caught.value)


def test_presets_differ_in_what_they_name() -> None:
    assert Theatre.preset("surge").effect.profile()[1] > 1
    assert Theatre.preset("null").effect.kind == "none"
    assert Theatre.preset("decaying").effect.shape == "decaying"
    assert Theatre.preset("null", strikes="reporting_falls").reporting.fall > 0
    assert Theatre.preset("null", strikes="hidden_threat").confounder.episodes > 0
    assert Theatre.preset("null", strikes="offensive").confounder.km_per_day > 0
    assert Theatre.preset("lull", overlap=0.95, days=400).days == 400


def test_importing_the_folder_loads_no_compiler() -> None:
    code = "import sys, afterstrike.effects.theatres as t; t.Theatre(); sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
