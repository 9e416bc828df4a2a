"""The simulator as a whole: the compiled form and its plain twin, chance in step, bad input."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from afterstrike.containment import simulate
from afterstrike.containment._world import load_world
from afterstrike.errors import UsageError

from .test_simulate_exact import BUSY, all_levers


def same(one: object, other: object) -> bool:
    """Are all counts of two runs equal?"""
    return all((getattr(one, part) == getattr(other, part)).all() for part in ("zone", "custody", "camp"))


@pytest.mark.parametrize(("zones", "step_days", "seed"), [(3, 1.0, 0), (1, 0.5, 1), (2, 0.25, 2)])
def test_the_plain_twin_gives_the_same_persons(
    still: SimpleNamespace, zones: int, step_days: float, seed: int
) -> None:
    """Every count of every member and month, with every flow and lever on."""
    common = dict(
        days=130, members=20, zones=zones, systems=2, camps=1, step_days=step_days, seed=seed, **BUSY
    )

    def levers(made: object) -> None:
        if zones > 1:
            all_levers(made)  # type: ignore[arg-type]

    compiled = still.run(levers=levers, **common)
    plain = still.run(levers=levers, engine="plain", **common)
    assert same(compiled, plain)
    assert compiled.total("escapes").sum() > 0 and compiled.total("attacks").sum() > 1000


def test_the_plain_twin_agrees_on_a_shipped_world() -> None:
    """Ranges as they ship, to the last person."""
    one, other = (
        simulate("feb2026", until="2026-06-30", members=40, engine=engine) for engine in ("compiled", "plain")
    )
    assert same(one, other)


def test_the_same_seed_gives_the_same_run_for_any_number_of_threads() -> None:
    """And another seed another."""
    runs = [
        simulate("feb2026", until="2026-09-30", members=600, seed=seed, jobs=jobs)
        for seed, jobs in ((1, 1), (1, 4), (2, 1))
    ]
    assert same(runs[0], runs[1])
    assert not same(runs[0], runs[2])


def test_more_members_leave_the_first_as_they_were() -> None:
    """A member is its seed and number, not the size of the ensemble."""
    few, many = (simulate("feb2026", until="2026-05-31", members=members) for members in (40, 300))
    assert (many.zone[:40] == few.zone).all() and (many.custody[:40] == few.custody).all()


def test_scenarios_see_the_same_chance(still: SimpleNamespace) -> None:
    """A change on one day leaves every day before it exactly as it was."""

    def later(made: object) -> None:
        made.zone[200:, :, 2] = 4.0  # type: ignore[attr-defined]

    common = dict(days=365, members=80, zones=2, systems=1, camps=1, **BUSY)
    one, other = still.run(**common), still.run(levers=later, **common)
    before = [k for k, end in enumerate(one.periods) if (end - one.start).days < 200]
    assert (one.zone[:, before] == other.zone[:, before]).all()
    assert other.total("missions").mean() > 1.5 * one.total("missions").mean()


@pytest.mark.slow
def test_a_local_cluster_gives_the_same_persons() -> None:
    """Two Dask workers, the same result as threads."""
    distributed = pytest.importorskip("distributed")
    here = simulate("feb2026", until="2026-04-30", members=300, seed=3)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, worker_dashboard_address=None
    ) as cluster:
        there = simulate(
            "feb2026", until="2026-04-30", members=300, seed=3, cluster=cluster.scheduler_address
        )
    assert same(here, there)


def test_months_and_totals() -> None:
    """Counts add up over months; a stock is its last month; part months are told with their neighbours."""
    run = simulate("feb2026", start="2026-03-10", until="2026-06-04", members=30)
    assert run.periods == (date(2026, 4, 30), date(2026, 6, 4))
    assert (run.total("attacks") == run.series("attacks").sum(axis=1)).all()
    assert (run.total("fighters") == run.series("fighters")[:, -1]).all()
    assert (run.total("attacks", until=date(2026, 4, 30)) == run.series("attacks")[:, 0]).all()
    places = [run.series("attacks", place=place) for place in run.places("attacks")]
    assert (np.sum(places, axis=0) == run.series("attacks")).all()
    frame = run.to_frame()
    assert len(frame.drop_duplicates(["output", "place", "period_end"])) == len(frame)
    row = frame[(frame["output"] == "attacks") & (frame["place"] == "all")].iloc[0]
    assert row["low_95"] <= row["low_50"] <= row["median"] <= row["high_50"] <= row["high_95"]
    members = run.members_frame(["attacks", "fighters"])
    assert members.groupby("member")["attacks"].sum().to_numpy() == pytest.approx(run.total("attacks"))


def test_partner_forces_a_world_does_not_count_are_missing() -> None:
    """Missing, never 0."""
    run = simulate("feb2026", until="2026-03-31", members=10)
    assert np.isnan(run.series("partner_force_left").astype(float)).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"until": "2026-02-01"}, "allowed 28 to"),
        ({"until": "2026-03-01"}, "allowed 28 to"),
        ({"start": "2026-02-13"}, "allowed a day after 2026-02-13"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"until": "2028-02-30"}, "allowed a date"),
        ({"until": "2090-01-01"}, "allowed 28 to"),
        ({"members": 0}, "members=0"),
        ({"members": 2.5}, "members=2.5"),
        ({"seed": -1}, "seed=-1"),
        ({"step_days": 0.3}, "does not divide a day"),
        ({"step_days": 2}, "step_days=2"),
        ({"engine": "fast"}, "allowed 'compiled' or 'plain'"),
        ({"jobs": 0}, "jobs=0"),
    ],
)
def test_bad_arguments_say_what_is_allowed(arguments: dict[str, object], words: str) -> None:
    """No traceback of another kind."""
    with pytest.raises(UsageError, match=words.replace("(", r"\(")):
        simulate("feb2026", **{"until": "2026-04-30", "members": 5, **arguments})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [("lull_halflife", 0.0), ("branching_ratio", 1.0), ("detained.ne_syria", -1.0), ("break_success", 1.2),
     ("attacks_per_fighter", np.nan), ("captured_share", np.inf), ("variance_ratio", 0.5)],
)  # fmt: skip
def test_draws_that_cannot_be_run_are_named(name: str, value: float) -> None:
    """The number, its place, the member."""
    draws = load_world("feb2026").draw(10)
    draws[name] = np.where(np.arange(10) == 7, value, draws[name])
    with pytest.raises(UsageError, match=f"{name.split('.')[0]}.*member 7"):
        simulate("feb2026", until="2026-04-30", draws=draws)


def test_unknown_outputs_and_places_are_named() -> None:
    """What there is instead."""
    run = simulate("feb2026", until="2026-03-31", members=5)
    with pytest.raises(UsageError, match="allowed attacks"):
        run.series("victories")
    with pytest.raises(UsageError, match="ne_syria"):
        run.series("attacks", place="atlantis")
    with pytest.raises(UsageError, match="no month's end"):
        run.total("attacks", until=date(2020, 1, 1))
