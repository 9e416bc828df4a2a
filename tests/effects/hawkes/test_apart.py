"""Zones that drift apart are caught, zones that drift alike and burst are not."""

from __future__ import annotations

import numpy as np
import pytest

from afterstrike.effects import fit_hawkes, simulate_hawkes
from afterstrike.effects._hawkes._apart import zones_check
from afterstrike.effects._hawkes._fit import HawkesFit


def fitted(
    seed: int, *, apart: float = 0.0, n: float = 0.3, effect: float = 0.0, late: bool = False, zones: int = 8
) -> HawkesFit:
    """Zones of which every second one rises and the others fall, beside a wave that all share.

    With `late`, the first half of the zones is struck in the second half of the record only.
    """
    rng = np.random.default_rng([seed, 31])
    at = np.linspace(-1, 1, 720)
    times, strikes = [], []
    for zone in range(zones):
        first = 360 if late and zone < zones // 2 else 0
        struck = np.sort(rng.choice(np.arange(first, 690), 25, replace=False))
        lift = apart * at * (1 if zone % 2 else -1) + 0.4 * np.sin(np.pi * at)
        for day in struck:
            lift[day + 1 : day + 15] += effect
        daily = rng.uniform(0.3, 0.8) * np.exp(lift)
        times.append(simulate_hawkes(720.0, rate=daily, branching_ratio=n, memory_days=3.0, seed=rng))
        strikes.append(struck.astype(float))
    names = [f"z{zone}" for zone in range(zones)]
    return fit_hawkes(
        np.concatenate(times), 720.0, zones=np.repeat(names, [len(own) for own in times]).tolist(),
        strikes=np.concatenate(strikes), strike_zones=np.repeat(names, [len(own) for own in strikes]).tolist(),
        lags=((0, 0), (1, 14)), drift_days=180.0, longest_memory_days=45.0,
    )  # fmt: skip


def test_zones_that_drift_apart_look_like_excitation_and_fail() -> None:
    fit = fitted(1, apart=0.8, n=0.0)
    assert fit.branching_ratio > 0.7, "none in truth"
    found = zones_check(fit, 90)
    assert found.passed is False and "changed most" in found.text
    moved = (found.table["share_second_half"] - found.table["share_first_half"]).to_numpy()
    assert (np.sign(moved) == np.where(np.arange(8) % 2, 1, -1)).all()
    assert sum(zones_check(fitted(seed, apart=0.4), 90).passed is False for seed in range(6)) >= 5


@pytest.mark.parametrize("options", [{}, {"n": 0.6}, {"effect": -0.7, "late": True}, {"zones": 2}])
def test_bursts_and_effects_are_no_drift(options: dict[str, float]) -> None:
    found = [zones_check(fitted(seed, **options), 90) for seed in range(20)]
    # A test of 1%, of which up to 3% were seen: more than 3 of 20 has a chance of three in a thousand.
    assert sum(one.passed is False for one in found) <= 3


def test_scatter_is_that_of_bursts() -> None:
    plain, bursts = (
        np.mean([zones_check(fitted(s, n=n), 90).table["scatter"][0] for s in range(8)]) for n in (0, 0.5)
    )
    # A cluster of mean size 1 / (1 - n) has 1 / (1 - n)^2 times the variance, less what stretches cut off.
    assert plain == pytest.approx(1.0, abs=0.25) and bursts == pytest.approx(4.0, rel=0.3)


def test_few_zones_or_stretches_are_said() -> None:
    times = simulate_hawkes(300.0, rate=1.0, branching_ratio=0.0, memory_days=1.0, seed=1)
    one = zones_check(fit_hawkes(times, 300.0), 60)
    assert one.passed is None and one.text.startswith("Not looked at: 1 zones")
    labels = np.where(np.arange(len(times)) % 2, "a", "b").tolist()
    assert zones_check(fit_hawkes(times, 300.0, zones=labels, drift_days=150.0), 75).passed is True
    assert zones_check(fit_hawkes(times, 300.0, zones=labels, drift_days=150.0), 150).passed is None
