"""Comparisons: pairs, flips of prior draws that chance does not make, and no order where none is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from afterstrike.containment import compare
from afterstrike.containment._compare import FEWEST_DRAWS
from afterstrike.containment._ensemble import Ensemble
from afterstrike.containment._layout import CAMP_OUTPUTS, CUSTODY_OUTPUTS, ZONE_OUTPUTS
from afterstrike.containment._scenario import Scenario
from afterstrike.containment._scenario_outputs import OUTPUTS, band, draw_groups
from afterstrike.containment._world import load_world
from afterstrike.errors import UsageError

PERIODS = (date(2026, 2, 28), date(2026, 3, 31))


def by_hand(name: str, attacks: Any, *, repeats: int = 5, seed: int = 0, **more: Any) -> Ensemble:
    """An ensemble of feb2026 whose attacks, and other counts by name, are these, all in the first month."""
    world = load_world("feb2026")
    members = len(attacks)
    zone = np.zeros((members, 2, 4, len(ZONE_OUTPUTS)), int)
    custody = np.zeros((members, 2, 2, len(CUSTODY_OUTPUTS)), int)
    camp = np.zeros((members, 2, 2, len(CAMP_OUTPUTS)), int)
    zone[:, 0, 0, ZONE_OUTPUTS.index("attacks")] = attacks
    for output, values in more.items():
        custody[:, 0, 0, CUSTODY_OUTPUTS.index(output)] = values
    draws = {
        "lull_halflife": np.repeat(np.arange(members // repeats, dtype=float), repeats),
        "reengage_share": np.full(members, 0.1),
        "partner_force.iraq": np.full(members, np.nan),
    }
    return Ensemble(
        world=world, scenario=Scenario(name), start=date(2026, 2, 14), periods=PERIODS, draws=draws, seed=seed,
        step_days=1.0, zone=zone, custody=custody, camp=camp, imbalance=np.zeros(members, int),
    )  # fmt: skip


def row_of(one: Any, two: Any, *, repeats: int = 5, output: str = "attacks") -> dict[str, Any]:
    pair = [by_hand("base", one, repeats=repeats), by_hand("other", two, repeats=repeats)]
    table = compare(pair, outputs=[output]).to_frame()
    assert len(table) == 1
    return {str(key): value for key, value in table.iloc[0].items()}


def draws_that_flip(share: float, draws: int = 100, repeats: int = 5) -> np.ndarray:
    """A difference of 10 fewer, and of 10 more in this share of draws."""
    return np.repeat(np.where(np.arange(draws) < round(share * draws), 10, -10), repeats)


BASE = np.full(500, 100)


# ---- paired differences


def test_differences_are_paired_member_by_member() -> None:
    rng = np.random.default_rng(1)
    base = rng.poisson(500, 500) + rng.integers(0, 10_000, 500)
    row = row_of(base, base - 7)
    assert row["median"] == row["low_95"] == row["high_95"] == -7
    assert (row["scenario"], row["against"], row["order"]) == ("other", "base", "fewer")


def test_bands_are_the_quantiles() -> None:
    values = np.arange(1001.0)
    found = band(values)
    told = [found[name] for name in ("median", "low_50", "high_80", "low_95")]
    assert told == pytest.approx([500, 250, 900, 25])


def test_every_pair_is_compared_and_levels_are_told() -> None:
    three = [by_hand(name, BASE + k) for k, name in enumerate("abc")]
    found = compare({one.scenario.name: one for one in three}, outputs=["attacks"])
    pairs = {(row["scenario"], row["against"]): row["median"] for row in found.to_frame().to_dict("records")}
    assert pairs == {("b", "a"): 1, ("c", "a"): 2, ("c", "b"): 1}
    assert found.levels.set_index("scenario")["median"].to_dict() == {"a": 100, "b": 101, "c": 102}


def test_net_escapes_and_those_who_take_part_again() -> None:
    one = by_hand("one", BASE, escapes=100, recaptured=30, repatriated=50, released=10, detained_now=5)
    assert (OUTPUTS["net_escapes"].of(one) == 70).all()
    np.testing.assert_allclose(OUTPUTS["reengaged"].of(one), 6.0)
    assert (OUTPUTS["detained_at_end"].of(one) == 0).all()  # a state: of the last month alone


# ---- flips


@pytest.mark.parametrize(
    ("share", "order"),
    [
        (0.0, "fewer"), (0.19, "fewer"), (0.20, "fewer"), (0.21, "not known"), (0.5, "not known"),
        (0.79, "not known"), (0.81, "more"), (1.0, "more"),
    ],
)  # fmt: skip
def test_no_order_above_a_fifth_of_flips(share: float, order: str) -> None:
    row = row_of(BASE, BASE + draws_that_flip(share))
    assert row["flips"] == pytest.approx(min(share, 1 - share))
    assert row["flips_low"] <= row["flips"] <= row["flips_high"]
    assert row["order"] == order
    assert bool(row["reason"]) == (order == "not known")


@pytest.mark.parametrize(("share", "is_told"), [(0.20, True), (0.21, False)])
def test_words_at_both_sides_of_the_limit(share: float, is_told: bool) -> None:
    found = compare(
        [by_hand("base", BASE), by_hand("other", BASE + draws_that_flip(share))], outputs=["attacks"]
    )
    text = found.summary()
    assert ("the order is not known: it flips in 21 % of draws" in text) != is_told
    assert ("fewer in 80 % of prior draws, more in 20 %" in text) == is_told
    drawn = str(found.plot().spec)
    assert ("order not known" in drawn) != is_told
    assert ("fewer in 80 %" in drawn) == is_told
    if not is_told:
        assert "fewer" not in text and "more in" not in text and "fewer" not in drawn


def test_chance_within_a_draw_is_no_flip_of_it() -> None:
    """The difference is -10 in every draw; single runs spread by 15 and a quarter of them have the other sign."""
    rng = np.random.default_rng(2)
    noise = np.rint(rng.normal(0, 15, (100, 40)) - 10).astype(int)
    single = row_of(np.full(4000, 1000), 1000 + noise.ravel(), repeats=1)
    nested = row_of(np.full(4000, 1000), 1000 + noise.ravel(), repeats=40)
    assert single["flips"] > 0.2 and single["order"] == "not known"
    assert nested["flips"] == 0 and nested["order"] == "fewer"
    assert (nested["draws"], single["draws"]) == (100, 4000)


def test_flips_that_chance_makes_are_told() -> None:
    """The difference is -20 in every draw, and single runs spread by 60: the share falls with more runs of a draw."""
    rng = np.random.default_rng(3)
    noise = np.rint(rng.normal(-20, 60, 2000)).astype(int)
    row = row_of(np.full(2000, 1000), 1000 + noise, repeats=4)
    assert row["order"] == "not known" and row["flips_half"] > row["flips"] + 0.03
    pair = [by_hand("base", np.full(2000, 1000), repeats=4), by_hand("other", 1000 + noise, repeats=4)]
    assert "chance has a part" in compare(pair, outputs=["attacks"]).summary()
    sure = row_of(BASE, BASE + draws_that_flip(0.4))
    assert sure["flips_half"] == sure["flips"] == 0.4
    told = compare(
        [by_hand("base", BASE), by_hand("other", BASE + draws_that_flip(0.4))], outputs=["attacks"]
    )
    assert "chance has a part" not in told.summary()
    assert np.isnan(row_of(BASE, BASE + draws_that_flip(0.4, 500, 1), repeats=1)["flips_half"])


def test_draws_without_a_difference_count_for_no_order() -> None:
    same = row_of(BASE, BASE)
    assert same["order"] == "same" and np.isnan(same["flips"]) and not same["reason"]
    few = np.repeat(np.where(np.arange(100) < FEWEST_DRAWS - 1, -10, 0), 5)
    row = row_of(BASE, BASE + few)
    assert row["order"] == "not known" and "only 29 of 100 prior draws" in row["reason"]
    enough = np.repeat(np.where(np.arange(100) < FEWEST_DRAWS, -10, 0), 5)
    assert row_of(BASE, BASE + enough)["order"] == "fewer"


def test_ties_do_not_hide_flips() -> None:
    """9 of 40 draws that differ flip: 22 %, though they are 9 % of all."""
    mixed = np.repeat(np.select([np.arange(100) < 9, np.arange(100) < 40], [10, -10], 0), 5)
    row = row_of(BASE, BASE + mixed)
    assert row["flips"] == pytest.approx(9 / 40) and row["order"] == "not known"


def test_an_average_that_points_the_other_way_is_no_order() -> None:
    skewed = np.repeat(np.where(np.arange(100) < 15, 1000, -1), 5)
    row = row_of(BASE, BASE + skewed)
    assert row["flips"] == 0.15 and row["order"] == "not known" and "average" in row["reason"]


def test_a_rare_large_difference_is_not_hidden_by_many_small_ones() -> None:
    """Runs are 1 more, one in 200 is 500 fewer: on average 1.5 fewer, though nine draws in ten show 1 more."""
    rng = np.random.default_rng(5)
    lopsided = np.where(rng.uniform(size=2000) < 0.005, -500, 1)
    assert lopsided.mean() < 0
    row = row_of(np.full(2000, 1000), 1000 + lopsided)
    assert row["flips"] < 0.2 and row["order"] == "not known" and "average" in row["reason"]


def test_repeats_are_found_from_the_draws() -> None:
    one = by_hand("one", BASE, repeats=4)
    assert np.bincount(draw_groups(one)).tolist() == [4] * 125
    shuffled = np.random.default_rng(0).permutation(500)
    mixed = replace(one, draws={name: values[shuffled] for name, values in one.draws.items()})
    assert np.bincount(draw_groups(mixed)).tolist() == [4] * 125


def test_one_run_a_draw_is_said() -> None:
    found = compare([by_hand("a", BASE, repeats=1), by_hand("b", BASE + 1, repeats=1)], outputs=["attacks"])
    assert found.repeats == 1 and "chance within a draw counts as a flip" in found.summary()


# ---- what is no pair


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda one: replace(one, seed=1), "differ in seed"),
        (lambda one: replace(one, start=date(2026, 2, 15)), "differ in first day"),
        (lambda one: replace(one, periods=(PERIODS[0],)), "differ in last day"),
        (lambda one: replace(one, world=load_world("mid2024")), "differ in world"),
        (
            lambda one: replace(one, draws={**one.draws, "lull_halflife": np.arange(500.0)}),
            "differ in prior draws",
        ),
        (lambda one: replace(one, draws={"other": np.arange(500.0)}), "differ in names of the draws"),
        (lambda one: replace(one, scenario=Scenario("base")), "a name occurs twice"),
    ],
)
def test_what_is_no_pair_is_refused(change: Callable[[Ensemble], Ensemble], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        compare([by_hand("base", BASE), change(by_hand("other", BASE))])
    assert words in str(caught.value)


def test_one_ensemble_and_unknown_outputs_are_refused() -> None:
    with pytest.raises(UsageError, match="at least two"):
        compare([by_hand("base", BASE)])
    with pytest.raises(UsageError, match="did you mean attacks"):
        compare([by_hand("base", BASE), by_hand("other", BASE)], outputs=["atacks"])
