"""The pooled model: looks at nothing later, covers where the law is known, and stands odd panels."""

from __future__ import annotations

import numpy as np
import pytest

from afterstrike.containment import Panel, forecast, load_forecast, score, skill_of


def simulated(law: str, units: int = 60, times: int = 200, seed: int = 1) -> Panel:
    rng = np.random.default_rng(seed)
    level, values, drift = rng.gamma(1.0, 30, units), np.zeros((units, times)), np.zeros(units)
    is_on = rng.random(units) < 0.5
    for t in range(times):
        if law == "steady":
            mean = level * rng.gamma(2, 0.5, units)
        elif law == "walk":
            drift = 0.97 * drift + 0.2 * rng.normal(size=units)
            mean = level * np.exp(drift)
        else:
            flip = rng.random(units)
            is_on = np.where(is_on, flip > 0.08, flip < 0.06)
            mean = level * is_on * rng.gamma(3, 1 / 3, units)
        values[:, t] = rng.poisson(mean)
    return Panel(tuple(range(units)), 0, values, "number")


@pytest.mark.parametrize("law", ["steady", "walk", "regimes"])
def test_ranges_cover_where_the_law_is_known(law: str) -> None:
    panel = simulated(law)
    found = forecast(panel, origin=185, horizons=(3, 8, 14), draws=500)
    truth = panel.at(found.units, found.times)
    mean = score(found, truth).means()
    usual = score(forecast(panel, origin=185, horizons=(3, 8, 14), model="last12"), truth).means()
    assert mean["crps"] < usual["crps"]
    assert 0.42 <= mean["covered_50"] <= 0.8  # counts of zero are held by ranges that end there
    assert 0.72 <= mean["covered_80"] <= 0.95
    assert 0.91 <= mean["covered_95"] <= 1.0


def test_nothing_after_the_origin_is_looked_at() -> None:
    panel = simulated("walk", units=8, times=80)
    first = forecast(panel, origin=60, horizons=(1, 3), draws=50)
    later = panel.values.copy()
    later[:, 61:] = 7_000
    changed = Panel(
        (*panel.units, "new"), 0, np.vstack([later, np.where(np.arange(80) > 60, 9.0, np.nan)]), "number"
    )
    again = forecast(changed, origin=60, horizons=(1, 3), draws=50)
    assert first.units == again.units and (first.draws == again.draws).all()
    assert first.provenance["panel_sha256"] == again.provenance["panel_sha256"]
    later[:, 60] += 1  # the origin itself is looked at
    touched = forecast(Panel(panel.units, 0, later, "number"), origin=60, horizons=(1, 3), draws=50)
    assert (touched.draws != first.draws).any()


def test_odd_panels() -> None:
    for values in (np.zeros((3, 60)), np.zeros((1, 60)), np.arange(60.0)[None] % 7):
        found = forecast(Panel(tuple(range(len(values))), 0, values, "number"), horizons=(1, 12), draws=40)
        assert found.draws.shape == (len(values), 2, 40) and np.isfinite(found.draws).all()
        assert (found.draws >= 0).all() and (found.draws == np.round(found.draws)).all()
        if not values.any():
            assert not found.draws.any() and any("no onset" in note for note in found.notes)
    gaps = simulated("steady", units=6, times=80)
    gaps.values[0, 30:50] = np.nan
    gaps.values[1, 60:] = np.nan
    found = forecast(gaps, horizons=(1,), draws=40)
    assert found.units == (0, 2, 3, 4, 5) and any("Left out" in note and "1" in note for note in found.notes)


def test_a_file_gives_the_forecast_back(tmp_path) -> None:
    found = forecast(
        simulated("steady", units=4, times=60), horizons=(1, 2), draws=30, vintage="it's of 2024"
    )
    read = load_forecast(found.save(tmp_path / "draws.parquet"))
    assert (read.draws == found.draws).all() and read.units == found.units and read.vintage == found.vintage
    assert found.plot().to_svg().startswith("<svg")


def test_no_skill_is_said_where_there_is_none() -> None:
    rng = np.random.default_rng(4)
    noise = Panel(tuple(range(40)), 0, rng.poisson(5, (40, 120)).astype(float), "number")
    told = skill_of(noise, horizons=range(3, 9), model="pooled", origins=2)
    assert told.summary().startswith("No skill beyond climatology")
    walk = simulated("walk", units=20, times=120)
    assert skill_of(walk, horizons=(1, 2), model="pooled", origins=2).is_beyond_climatology
