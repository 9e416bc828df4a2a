"""The simulation: shared draws, calibrated strikes, intensities that add up, places in the region."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from scipy import stats

from afterstrike.effects.theatres import (
    Confounder,
    Effect,
    SimulatedTheatre,
    StrikeRule,
    Theatre,
    calibrate,
    simulate_theatre,
)
from afterstrike.effects.theatres import _calibrate as calibration
from afterstrike.effects.theatres import _run as run
from afterstrike.effects.theatres import _simulate as kernel
from afterstrike.errors import UsageError
from afterstrike.record.shipped import outline


def small(effect: Effect | None = None, **changes: object) -> Theatre:
    """Make a theatre that runs in milliseconds and needs no calibration."""
    strikes = changes.pop("strikes", StrikeRule(place_days=60, rate_factor=1.0))
    parts: dict[str, object] = {"side_km": 300.0, "places": 80, "days": 200, "attacks_per_day": 8.0}
    return Theatre(effect=effect or Effect(), strikes=strikes, **(parts | changes))  # type: ignore[arg-type]


def toggled(theatre: SimulatedTheatre, unit: int) -> kernel.State:
    """Run the twin in which one struck place-day is not carried out, over all later days."""
    twin = run.copy_state(theatre.state)
    picked = theatre.struck[unit : unit + 1]
    kernel.run_days(theatre.fixed, twin, int(picked[0, 0]), theatre.fixed.base.shape[0], picked, 0)
    return twin


def test_draws_are_even_and_unlike_their_neighbours() -> None:
    number = np.arange(100_000)
    key = kernel.stream_key(3, kernel.ATTACK)
    for step in (
        kernel.uniforms(key, number, number * 0, number * 0),
        kernel.uniforms(key, number * 0, number, number * 0),
        kernel.uniforms(key, number * 0, number * 0, number),
        np.array([kernel.uniforms(kernel.stream_key(s, 0), *[np.zeros(1, int)] * 3)[0] for s in range(5000)]),
    ):
        assert stats.kstest(step, "uniform").pvalue > 1e-3
        assert abs(np.corrcoef(step[1:], step[:-1])[0, 1]) < 4 / math.sqrt(step.size)


@pytest.mark.parametrize("mean", [0.0, 0.003, 0.4, 7.0, 80.0, 480.0])
def test_counts_are_the_inverse_poisson_distribution(mean: float) -> None:
    u = np.linspace(0.0005, 0.9995, 401)
    got = [kernel._poisson(mean, x) for x in u]
    assert got == (stats.poisson.ppf(u, mean) if mean else 0 * u).tolist()


def test_one_seed_gives_one_run_and_another_seed_another() -> None:
    first, again, other = (simulate_theatre(small(), seed=seed) for seed in (4, 4, 5))
    assert first.events.equals(again.events) and first.complete.equals(again.complete)
    assert not np.array_equal(first.state.attacks, other.state.attacks)
    assert set(first.events["event_id"]).isdisjoint(other.events["event_id"])
    assert {k: v for k, v in first.provenance.items() if k != "created_at"} == {
        k: v for k, v in again.provenance.items() if k != "created_at"
    }
    assert (
        first.provenance["input_hash"] != simulate_theatre(small(days=201), seed=4).provenance["input_hash"]
    )
    assert pickle.loads(pickle.dumps(first)).events.equals(first.events)


def test_a_fixed_seed_gives_the_stored_summary() -> None:
    """Guards against a change of draws that nobody meant. After a meant one, write the new numbers here."""
    theatre = simulate_theatre(small(Effect(kind="displacement"), excitation=0.3), seed=1)
    assert (int(theatre.state.attacks.sum()), len(theatre.struck), len(theatre.events)) == BASELINE


BASELINE = (2164, 66, 1718)


def test_mean_attacks_are_as_asked_with_and_without_excitation() -> None:
    for excitation in (0.0, 0.6):
        spec = small(excitation=excitation, season=0.0, attacks_per_day=20.0, days=1000)
        runs = [simulate_theatre(spec, seed=seed) for seed in range(3)]
        daily = np.concatenate([r.state.attacks[r.fixed.first :].sum(axis=1) for r in runs])
        assert daily.mean() == pytest.approx(20.0, rel=0.06)
        weekly = daily[: daily.size // 7 * 7].reshape(-1, 7).sum(axis=1)
        spread = weekly.var() / weekly.mean()
        assert spread > 2 if excitation else spread < 1.4


@pytest.mark.parametrize("kind", ["lull", "surge"])
def test_a_toggled_strike_changes_nothing_before_it_or_out_of_reach(kind: str) -> None:
    theatre = simulate_theatre(small(Effect(kind=kind, size=0.6, radius_km=40.0)), seed=2)  # type: ignore[arg-type]
    changed_somewhere = 0
    for unit in range(0, len(theatre.struck), 7):
        row, place = theatre.struck[unit]
        twin = toggled(theatre, unit)
        other = twin.attacks != theatre.state.attacks
        near = theatre.world.apart_km[place] <= 40.0
        assert not other[: row + 1].any() and not other[row + 15 :].any() and not other[:, ~near].any()
        differs = np.argwhere(twin.strikes != theatre.state.strikes)
        assert differs.tolist() == [[row, place]]
        changed_somewhere += int(other.sum())
        # An intensity that falls takes events away; it never makes one.
        more = (theatre.state.attacks > twin.attacks).any()
        fewer = (theatre.state.attacks < twin.attacks).any()
        assert not (more if kind == "lull" else fewer)
    assert changed_somewhere > 10


def test_in_a_reactive_theatre_later_strikes_answer_and_earlier_ones_do_not() -> None:
    rule = StrikeRule(rule="reactive", place_days=300, rate_factor=1.0, react_km=40.0)
    spec = small(Effect(kind="lull", size=0.9, radius_km=40.0), strikes=rule)
    theatre = simulate_theatre(spec, seed=3)
    answers = 0
    for unit in range(0, len(theatre.struck), 5):
        row, place = theatre.struck[unit]
        twin = toggled(theatre, unit)
        assert np.array_equal(twin.planned[: row + 1], theatre.state.planned[: row + 1])
        assert twin.strikes[row, place] == 0 and twin.planned[row, place] > 0
        answers += int((twin.strikes[row + 1 :] != theatre.state.strikes[row + 1 :]).sum())
    assert answers > 0


def test_struck_places_answer_to_recorded_attacks_only_where_reactive() -> None:
    def pull(rule: str) -> float:
        strikes = StrikeRule(rule=rule, place_days=300, place_exponent=0.0)  # type: ignore[arg-type]
        theatre = simulate_theatre(small(strikes=strikes, days=600), seed=1)
        week = np.cumsum(theatre.state.recorded @ (theatre.world.apart_km <= 25).astype(float), axis=0)
        row, place = theatre.struck[theatre.struck[:, 0] > 40].T
        recent = week[row - 1, place] - week[row - 8, place]
        usual = (week[-1] - week[30])[place] / (len(week) - 31) * 7
        return float(recent.sum() / usual.sum())

    assert pull("reactive") > 1.4
    assert 0.85 < pull("random") < 1.15


def test_displaced_attacks_are_conserved_under_heavy_overlap() -> None:
    rule = StrikeRule(place_days=500, rate_factor=1.0)
    for share in (1.0, 0.4):
        effect = Effect(kind="displacement", size=0.5, radius_km=30.0, ring_km=150.0, ring_share=share)
        theatre = simulate_theatre(small(effect, strikes=rule), seed=6)
        assert theatre.overlap > 0.9
        rate, base = theatre.state.attack_rate, theatre.fixed.base
        struck_days = np.unique(theatre.struck[:, 0]) + 1
        struck_days = struck_days[struck_days < len(rate)]
        inside = np.minimum(rate - base, 0).sum()
        assert inside < -100
        if share == 1.0:
            assert rate.sum(axis=1) == pytest.approx(base.sum(axis=1), rel=1e-9)
        else:
            assert (rate.sum(axis=1)[struck_days] < base.sum(axis=1)[struck_days]).all()


@pytest.mark.parametrize(
    ("rule", "overlap"), [("random", 0.05), ("random", 0.5), ("random", 0.95), ("reactive", 0.95)]
)
def test_the_overlap_knob_is_met_on_average(rule: str, overlap: float) -> None:
    spec = calibrate(Theatre.preset("lull", strikes=rule, overlap=overlap))  # type: ignore[arg-type]
    runs = [simulate_theatre(spec, seed=seed) for seed in range(8)]
    assert np.mean([r.overlap for r in runs]) == pytest.approx(overlap, abs=0.05)
    assert np.mean([len(r.struck) for r in runs]) == pytest.approx(spec.strikes.place_days, rel=0.12)
    assert calibrate(spec) is spec


def test_the_share_of_intersecting_windows_is_what_a_plain_count_gives() -> None:
    theatre = simulate_theatre(small(strikes=StrikeRule(place_days=80, rate_factor=1.0)), seed=9)
    rule, apart = theatre.spec.strikes, theatre.world.apart_km
    struck = theatre.struck.tolist()
    hits = 0
    for i, (day, place) in enumerate(struck):
        mine = set(range(day + 1, day + rule.overlap_days + 1))
        hits += any(
            mine & set(range(other + 1, other + rule.overlap_days + 1))
            and apart[place, there] <= 2 * rule.overlap_km
            for j, (other, there) in enumerate(struck)
            if j != i
        )
    assert 0 < hits < len(struck)
    assert theatre.overlap == hits / len(struck)
    assert math.isnan(calibration.overlap_share(theatre.struck[:0], apart, theatre.spec))


def test_hidden_episodes_raise_attacks_and_strikes_at_the_same_places() -> None:
    spec = small(confounder=Confounder(episodes=6, attacks_factor=5.0, strikes_factor=5.0, km_per_day=3.0))
    plain, raised = simulate_theatre(small(), seed=1), simulate_theatre(spec, seed=1)
    attacks = raised.fixed.base / plain.fixed.base
    strikes = raised.fixed.strike_base / plain.fixed.strike_base
    assert attacks.max() > 3 and attacks.min() >= 1 - 1e-12 and (attacks < 1.01).mean() > 0.3
    np.testing.assert_allclose(attacks, strikes)


@pytest.mark.parametrize("region", ["IRQ", "SYR"])
def test_places_of_a_country_lie_in_its_outline(region: str) -> None:
    theatre = simulate_theatre(small(region=region, places=120), seed=1)
    feature = next(f for f in outline()["features"] if f["properties"]["iso3"] == region)
    ring = np.array(feature["geometry"]["coordinates"][0])
    for lat, lon in zip(theatre.world.lat, theatre.world.lon, strict=True):
        # The sum of angles seen from a point inside a ring is a full turn, from outside none.
        angle = np.unwrap(np.arctan2(ring[:, 1] - lat, ring[:, 0] - lon))
        assert abs(abs(angle[-1] - angle[0]) - 2 * np.pi) < 0.1


def test_a_run_that_cannot_be_made_says_why() -> None:
    with pytest.raises(UsageError, match="shipped outline"):
        simulate_theatre(small(region="XXX"), seed=1)
    with pytest.raises(UsageError, match="too dense"):
        simulate_theatre(small(places=1, attacks_per_day=5000.0), seed=1)
    with pytest.raises(UsageError, match="cannot be reached"):
        simulate_theatre(small(strikes=StrikeRule(place_days=50_000)), seed=1)
    for seed in (-1, 1.5, None, True, 2**63):
        with pytest.raises(UsageError, match="seed"):
            simulate_theatre(small(), seed=seed)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="Theatre"):
        simulate_theatre("lull", seed=1)  # type: ignore[arg-type]
    assert simulate_theatre(small(strikes=StrikeRule(place_days=0)), seed=1).struck.size == 0


def test_strikes_that_answer_to_nothing_are_the_same_under_every_effect() -> None:
    runs = [
        simulate_theatre(Theatre.preset(effect, overlap=0.5), seed=3)  # type: ignore[arg-type]
        for effect in ("null", "lull", "surge", "displacement")
    ]
    assert all(np.array_equal(runs[0].state.strikes, run.state.strikes) for run in runs)
    assert len({run.state.attacks.tobytes() for run in runs}) == 4
