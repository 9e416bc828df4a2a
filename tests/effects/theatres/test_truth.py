"""The truth by twin runs against closed forms, and what naive comparison makes of no effect."""

from __future__ import annotations

import numpy as np
import pytest

from afterstrike.effects.theatres import (
    Effect,
    Reporting,
    SimulatedTheatre,
    StrikeRule,
    Theatre,
    calibrate,
    pooled_truth,
    simulate_theatre,
    truth,
)
from afterstrike.errors import UsageError

APART = StrikeRule(place_days=400, crowding=0.0, rate_factor=1.0, overlap_km=60.0, overlap_days=30)


def still(effect: Effect, **changes: object) -> Theatre:
    """Make a theatre without cycles or excitation whose strikes never share a window."""
    return Theatre(effect=effect, strikes=APART, weekly=0.0, season=0.0, **changes)  # type: ignore[arg-type]


def before_and_after(theatre: SimulatedTheatre, *, days: int, km: float) -> float:
    """Give the naive ratio: recorded attacks after strikes over those before. The bad example."""
    around = theatre.state.recorded @ (theatre.world.apart_km <= km).astype(float)
    total = np.vstack([np.zeros(around.shape[1]), np.cumsum(around, axis=0)])
    struck = theatre.struck
    row, place = struck[(struck[:, 0] >= days) & (struck[:, 0] + days + 1 < len(total))].T
    after = total[row + days + 1, place] - total[row + 1, place]
    before = total[row, place] - total[row - days, place]
    return float(after.sum() / before.sum())


@pytest.mark.parametrize("strikes", ["random", "reactive", "hidden_threat", "offensive", "reporting_falls"])
@pytest.mark.parametrize("contrast", ["strike", "effect_off", "one_more"])
def test_without_effect_the_truth_is_exactly_one(strikes: str, contrast: str) -> None:
    spec = Theatre.preset("null", strikes=strikes, overlap=None, days=300, places=150)  # type: ignore[arg-type]
    theatre = simulate_theatre(spec, seed=1)
    got = truth(theatre, horizon_days=14, radius_km=25, contrast=contrast)  # type: ignore[arg-type]
    assert got.n_strikes > 100 and got.counterfactual > 100
    assert (got.rate_ratio, got.rate_ratio_counted, got.quiet_days, got.more_nearby) == (1.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize("kind", ["lull", "surge"])
@pytest.mark.parametrize("shape", ["flat", "decaying"])
def test_the_truth_is_the_closed_form_without_overlap(kind: str, shape: str) -> None:
    effect = Effect(kind=kind, size=0.5, shape=shape, half_life_days=4.0, duration_days=10)  # type: ignore[arg-type]
    theatres = [simulate_theatre(still(effect), seed=seed) for seed in range(5)]
    assert all(theatre.overlap == 0 for theatre in theatres)
    sign = 1 if kind == "surge" else -1
    sizes = np.array([0.5 * (0.5 ** (lag / 4.0) if shape == "decaying" else 1.0) for lag in range(10)])
    for horizon in (1, 10, 21):
        wanted = 1 + sign * sizes[:horizon].sum() / horizon
        got = pooled_truth([truth(t, horizon_days=horizon, radius_km=25) for t in theatres])
        assert got.rate_ratio == pytest.approx(wanted, abs=1e-9)
        assert got.quiet_days == pytest.approx(horizon * (1 - wanted), abs=1e-8)
        # Shared draws thin the counts, so the counted ratio errs like a share of the counterfactual's events.
        error = np.sqrt(abs(wanted - 1) * max(wanted, 1) / got.counterfactual)
        assert got.rate_ratio_counted == pytest.approx(wanted, abs=4 * error)
    curve = got.to_frame()
    np.testing.assert_allclose(curve["rate_ratio"][:10], 1 + sign * sizes, atol=1e-9)
    np.testing.assert_allclose(curve["rate_ratio"][10:], 1.0, atol=1e-12)
    assert not got.sums[:, 0, 1].any() or np.allclose(got.sums[:, 0, 1], got.sums[:, 1, 1])


def test_a_wider_disc_dilutes_the_effect() -> None:
    theatre = simulate_theatre(still(Effect(kind="lull", size=0.6)), seed=1)
    near, wide = (truth(theatre, horizon_days=14, radius_km=km).rate_ratio for km in (25, 60))
    assert near == pytest.approx(0.4, abs=1e-9) and 0.5 < wide < 1


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_displacement_adds_in_the_ring_what_it_averts_inside(share: float) -> None:
    effect = Effect(kind="displacement", size=0.4, ring_km=60.0, ring_share=share)
    theatre = simulate_theatre(still(effect), seed=2)
    got = truth(theatre, horizon_days=14, radius_km=25, ring_km=60)
    expected = got.sums[:, :, :, 0].sum(axis=-1)
    averted = expected[:, 1, 0] - expected[:, 0, 0]
    added = expected[:, 0, 1] - expected[:, 1, 1]
    has_ring = expected[:, 1, 1] > 0
    assert has_ring.sum() > 50 and (averted > 0).all()
    np.testing.assert_allclose(added[has_ring], share * averted[has_ring], rtol=1e-8)
    assert not added[~has_ring].any()
    assert got.rate_ratio == pytest.approx(0.6, abs=1e-9)
    assert got.more_nearby == pytest.approx(share * got.averted, rel=0.1)


def test_excitation_carries_the_effect_beyond_its_own_days() -> None:
    rates = {}
    for excitation in (0.0, 0.6):
        spec = still(Effect(kind="lull", size=0.6, duration_days=5), excitation=excitation)
        runs = [simulate_theatre(spec, seed=seed) for seed in range(4)]
        frame = pooled_truth([truth(r, horizon_days=12, radius_km=25) for r in runs]).to_frame()
        late = frame[frame["days_since"] > 5]
        rates[excitation] = late["observed"].sum() / late["counterfactual"].sum()
        assert frame["rate_ratio"][0] == pytest.approx(0.4 if not excitation else 0.76, abs=0.04)
    assert rates[0.0] == pytest.approx(1.0, abs=1e-12) and rates[0.6] < 0.95


def test_one_strike_less_and_all_effects_off_are_two_estimands_under_overlap() -> None:
    theatre = simulate_theatre(Theatre.preset("lull", overlap=0.95), seed=1)
    one = truth(theatre, horizon_days=14, radius_km=25)
    none = truth(theatre, horizon_days=14, radius_km=25, contrast="effect_off")
    more = truth(theatre, horizon_days=14, radius_km=25, contrast="one_more")
    assert none.rate_ratio < one.rate_ratio - 0.05
    assert more.rate_ratio == pytest.approx(one.rate_ratio, abs=0.03) and more.n_strikes > 250
    assert len({one.estimand, none.estimand, more.estimand}) == 3


def test_a_fall_in_reporting_is_no_fall_in_attacks() -> None:
    spec = Theatre(strikes=APART, reporting=Reporting(fall=0.4, fall_days=14, attacks_share=0.8))
    theatre = simulate_theatre(spec, seed=1)
    assert truth(theatre, horizon_days=14, radius_km=25).rate_ratio == 1.0
    recorded = truth(theatre, horizon_days=14, radius_km=25, measure="recorded")
    assert recorded.rate_ratio == pytest.approx(0.6, abs=1e-9)
    assert 0.5 < recorded.rate_ratio_counted < 0.7


def test_before_and_after_invents_an_effect_where_strikes_react() -> None:
    """Strikes that follow bursts of attacks are followed by fewer: regression to the mean, not an effect."""
    reactive = calibrate(Theatre.preset("null", strikes="reactive", overlap=0.05))
    random = calibrate(Theatre.preset("null", strikes="random", overlap=0.05))
    invented = [before_and_after(simulate_theatre(reactive, seed=s), days=7, km=25) for s in range(8)]
    honest = [before_and_after(simulate_theatre(random, seed=s), days=7, km=25) for s in range(8)]
    assert max(invented) < 0.85
    assert np.mean(honest) == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize(("strikes", "sign"), [("hidden_threat", 1), ("offensive", -1)])
def test_before_and_after_errs_with_what_it_cannot_see(strikes: str, sign: int) -> None:
    spec = calibrate(Theatre.preset("null", strikes=strikes, overlap=0.5))  # type: ignore[arg-type]
    ratio = np.array([before_and_after(simulate_theatre(spec, seed=s), days=14, km=25) for s in range(8)])
    assert sign * (ratio.mean() - 1) > 0.04
    assert sign * (ratio.mean() - 1) > 3 * ratio.std(ddof=1) / np.sqrt(ratio.size)


def test_a_theatre_is_not_changed_by_asking_for_its_truth() -> None:
    theatre = simulate_theatre(Theatre.preset("displacement", strikes="reactive", overlap=None), seed=5)
    kept = [table.copy() for table in theatre.state]
    first = truth(theatre, horizon_days=10, radius_km=30)
    assert all(np.array_equal(a, b) for a, b in zip(kept, theatre.state, strict=True))
    assert np.array_equal(first.sums, theatre.truth(horizon_days=10, radius_km=30).sums)


@pytest.mark.parametrize(
    "changes",
    [
        {"horizon_days": 0},
        {"horizon_days": 9999},
        {"horizon_days": 7.5},
        {"radius_km": -1},
        {"radius_km": float("nan")},
        {"ring_km": 5.0},
        {"contrast": "dose"},
        {"measure": "deaths"},
        {"draws": 0},
        {"merge_km": -5},
    ],
)
def test_a_bad_question_is_refused(changes: dict[str, object]) -> None:
    theatre = simulate_theatre(still(Effect(), days=60, places=40), seed=1)
    with pytest.raises(UsageError, match="allowed") as caught:
        truth(theatre, **({"horizon_days": 7, "radius_km": 25.0} | changes))  # type: ignore[arg-type]
    assert "\n" not in str(caught.value) and next(iter(changes)) in str(caught.value)


def test_only_equal_estimands_are_pooled() -> None:
    theatre = simulate_theatre(still(Effect(), days=60, places=40), seed=1)
    one = truth(theatre, horizon_days=7, radius_km=25)
    other = truth(theatre, horizon_days=8, radius_km=25)
    with pytest.raises(UsageError, match="horizon_days is 7 and 8"):
        pooled_truth([one, other])
    with pytest.raises(UsageError, match="at least one"):
        pooled_truth([])
    assert one.n_left_out > 0 or one.n_strikes == len(theatre.struck)


def test_strikes_of_one_day_nearby_are_one_strike_where_asked() -> None:
    rule = StrikeRule(place_days=500, rate_factor=1.0)
    spec = Theatre(
        effect=Effect(kind="lull", size=0.4), strikes=rule, weekly=0.0, season=0.0, side_km=200.0, places=60
    )
    theatre = simulate_theatre(spec, seed=1)
    apart = truth(theatre, horizon_days=7, radius_km=25)
    merged = truth(theatre, horizon_days=7, radius_km=25, merge_km=25)
    units = 0
    for day in np.unique(theatre.struck[:, 0]):
        left = {place for row, place in theatre.struck.tolist() if row == day}
        while left:  # take the strike with most others within 25 km, and those
            units += 1
            near = {p: {q for q in left if theatre.world.apart_km[p, q] <= 25} for p in sorted(left)}
            left -= max(near.values(), key=len)
    assert merged.n_strikes + merged.n_left_out == units < len(theatre.struck)
    assert apart.n_strikes + apart.n_left_out == len(theatre.struck)
    # Two strikes of one day avert more than one; taken away together they count in full.
    assert merged.rate_ratio < apart.rate_ratio
    everything = truth(theatre, horizon_days=7, radius_km=25, merge_km=2000)
    assert everything.n_strikes + everything.n_left_out == len(np.unique(theatre.struck[:, 0]))
