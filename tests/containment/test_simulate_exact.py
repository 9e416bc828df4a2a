"""What the simulator must give exactly, or to the chance of its ensemble: closed forms of single flows."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from afterstrike.containment._layout import Levers

MEMBERS = 4000


def close(values: np.ndarray, expected: float, errors: float = 4.5) -> None:
    """The mean is the expected one, within so many standard errors."""
    error = values.std(ddof=1) / np.sqrt(values.size)
    assert abs(values.mean() - expected) < errors * max(error, 1e-9), (values.mean(), expected, error)


BUSY = {
    "fighters": 900.0, "attacks_per_fighter": 3e-3, "variance_ratio": 2.0, "branching_ratio": 0.4, "excitation_days": 9.0,
    "drift_sd": 0.03, "materiel_exponent": 0.5, "command_exponent": 0.4, "strike_effect": 0.5, "lull_per_target": 0.1,
    "lull_halflife": 20.0, "grievance_effect": 0.1, "grievance_recruitment": 0.2, "grievance_halflife": 90.0,
    "lethal_share": 0.5, "size_cutoff": 200.0, "force_loss_share": 0.4, "recruited_per_sympathiser": 2e-5,
    "recruited_per_fighter": 2e-3, "recruitment_half_saturation": 3000.0, "demobilised": 1e-3, "camp_recruitment": 1e-5,
    "removed_per_mission": 1.5, "captured_share": 0.7, "mission_exponent": 0.5, "removed_per_target": 0.8,
    "materiel_loss": 0.02, "command_loss": 0.01, "civilian_deaths_per_target": 0.2, "civilian_variance_ratio": 3.0,
    "reactive_targets": 0.5, "casualty_events_per_year": 2.0, "casualty_response": 60.0, "campaign_starts_per_year": 1.0,
    "campaign_months": 3.0, "campaign_attempts_per_year": 8.0, "handover_multiplier": 5.0, "break_fighters_exponent": 0.5,
    "break_detained_exponent": 0.5, "guard_effect": 1.0, "break_success": 0.6, "break_share": 0.1,
    "break_share_spread": 1.0, "recaptured_share": 0.4, "rejoin_share": 0.6, "seam_effect": 0.4, "seam_reach": 0.3,
    "sympathisers": 8000.0, "partner_force": 3000.0, "targets_per_month": 12.0, "missions_per_month": 9.0,
    "detained": 2500.0, "break_attempts_per_year": 2.0, "releases_per_year": 0.1, "custody_deaths_per_year": 0.02,
    "camp_population": 6000.0, "camp_under12_share": 0.5, "camp_12to17_share": 0.15, "camp_returns_per_year": 0.4,
    "camp_births_per_year": 0.03, "camp_deaths_per_year": 0.01, "seam_weight": 0.5, "coordination": 0.3,
}  # fmt: skip


def all_levers(made: Levers) -> None:
    """Transfers both ways, returns home, a court, arrivals, a leader lost, a campaign, a handover, joint seams."""
    made.transfers[20:, 0, 1] = 30.0
    made.transfers[60:, 1, 0] = 10.0
    made.custody[:, 0, 2] = 3.0
    made.custody[:, 1, 3] = 2.0
    made.zone[40:, 1, 3] = 1.5
    made.zone[50, :, 4] = 0.4
    made.campaign[100:160] = 1
    made.custody[80:110, 0, 1] = 1.0
    made.coordination[90:] = 0.9


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_person_is_lost(still: SimpleNamespace, seed: int) -> None:
    """With every flow on: all stocks, dead and gone add up on every day of every member."""
    run = still.run(days=400, members=150, zones=3, systems=2, camps=1, seed=seed, levers=all_levers, **BUSY)
    assert run.imbalance.max() == 0
    for output in (
        "escapes",
        "captured",
        "recruited",
        "camp_returns",
        "transferred_in",
        "repatriated",
        "released",
    ):
        assert run.total(output).sum() > 0, f"{output} never happened: the test shows nothing"
    for stock in ("fighters", "detained_now", "camp_now", "sympathisers_left", "partner_force_left"):
        assert run.series(stock).min() >= 0


def test_stocks_follow_from_their_flows(still: SimpleNamespace) -> None:
    """The outputs alone give the stocks back: nothing moves that no output counts."""
    run = still.run(days=300, members=60, zones=2, systems=2, camps=1, levers=all_levers, **BUSY)
    whole = {name: run.total(name) for name in (
        "recruited", "arrived", "returned_escapees", "demobilised_count", "killed_by_missions", "killed_by_strikes",
        "captured", "camp_departures", "escapes", "recaptured", "handed_in", "repatriated", "released",
        "custody_deaths", "transferred_in", "transferred_out", "camp_births", "camp_returns", "camp_deaths",
    )}  # fmt: skip
    fighters = run.total("fighters")
    joined = whole["recruited"] + whole["arrived"] + whole["returned_escapees"] + whole["camp_departures"]
    left = (
        whole["demobilised_count"]
        + whole["killed_by_missions"]
        + whole["killed_by_strikes"]
        + whole["captured"]
    )
    assert (fighters == 900 + joined - left).all()
    held = 5000 + whole["captured"] + whole["recaptured"] - whole["escapes"] - whole["repatriated"]
    assert (run.total("detained_now") == held - whole["released"] - whole["custody_deaths"]).all()
    assert (whole["captured"] == whole["handed_in"]).all()
    assert (whole["transferred_in"] == whole["transferred_out"]).all()
    camp = (
        6000 + whole["camp_births"] - whole["camp_returns"] - whole["camp_deaths"] - whole["camp_departures"]
    )
    assert (run.total("camp_now") == camp).all()


def test_nothing_happens_where_all_flows_are_off(still: SimpleNamespace) -> None:
    """All flows off: every stock as it was, every count 0."""
    run = still.run(
        members=20, camps=1, fighters=500.0, sympathisers=900.0, detained=300.0, camp_population=700.0
    )
    assert (run.series("fighters") == 500).all() and (run.series("detained_now") == 300).all()
    assert (run.series("sympathisers_left") == 900).all()
    for output in ("attacks", "targets_hit", "missions", "recruited", "break_attempts", "camp_births"):
        assert run.total(output).sum() == 0
    # children grow older: the camp's people are as many
    assert (run.series("camp_now") == 700).all()


def test_demobilisation_alone(still: SimpleNamespace) -> None:
    """E[A] = A0 exp(-d t)."""
    run = still.run(days=500, members=MEMBERS, fighters=1000.0, demobilised=2e-3)
    close(run.total("fighters"), 1000.0 * np.exp(-1.0))


def test_inflow_and_exit_come_to_a_poisson_stock(still: SimpleNamespace) -> None:
    """Inflow rho a day, exit rate d: stationary Poisson with mean rho (by steps: rho / (1 - exp(-d)))."""

    def levers(made: Levers) -> None:
        made.zone[:, 0, 3] = 2.0

    run = still.run(days=700, members=MEMBERS, demobilised=0.02, levers=levers)
    stock = run.total("fighters")
    # arrivals of a day are there at its end; the day's exits were drawn before they came
    close(stock, 2.0 / (1.0 - np.exp(-0.02)))
    ratio = stock.var(ddof=1) / stock.mean()
    assert abs(ratio - 1.0) < 4.5 * np.sqrt(2.0 / MEMBERS)


@pytest.mark.parametrize(("birth", "death"), [(0.012, 0.004), (0.02, 0.015)])
def test_linear_birth_and_death(still: SimpleNamespace, birth: float, death: float) -> None:
    """Mean A0 exp((r-d)t), variance A0 (r+d)/(r-d) e^{(r-d)t} (e^{(r-d)t} - 1), extinction in the long run (d/r)^A0."""
    start, days, people = 4.0, 150, 1e9
    run = still.run(
        days=days, members=MEMBERS, step_days=0.1, fighters=start, sympathisers=people,
        recruited_per_fighter=birth * people / people, recruitment_half_saturation=0.0, demobilised=death,
    )  # fmt: skip
    stock = run.total("fighters").astype(float)
    grown = np.exp((birth - death) * days)
    close(stock, start * grown)
    variance = start * (birth + death) / (birth - death) * grown * (grown - 1.0)
    spread = np.var((stock - stock.mean()) ** 2) ** 0.5 / np.sqrt(MEMBERS)
    assert abs(stock.var(ddof=1) - variance) < 4.5 * spread + 0.02 * variance
    # extinct by the day t: ((d - d e^{-(r-d)t}) / (r - d e^{-(r-d)t}))^A0
    faded = np.exp(-(birth - death) * days)
    gone = ((death - death * faded) / (birth - death * faded)) ** start
    assert abs((stock == 0).mean() - gone) < 4.5 * np.sqrt(gone * (1 - gone) / MEMBERS) + 0.005


def test_attrition_follows_the_square_law_of_guerrilla_war(still: SimpleNamespace) -> None:
    """Deitchman (1962): dB/dt = -a I, dI/dt = -b I B gives (b/2)(B0^2 - B^2) = a (I0 - I) along the path."""
    force, group, aimed, area = 40_000.0, 40_000.0, 4e-3, 2.5e-7
    run = still.run(
        days=240, members=40, fighters=group, partner_force=force, attacks_per_fighter=aimed, lethal_share=1.0,
        size_cutoff=1.0, force_loss_share=1.0, missions_per_month=1000.0 * 30.4375,
        removed_per_mission=area * force * group / 1000.0, mission_exponent=1.0,
    )  # fmt: skip
    left = run.series("partner_force_left").mean(axis=0)
    fighters = run.series("fighters").mean(axis=0)
    lost = area / 2.0 * (force**2 - left**2)
    killed = aimed * (group - fighters)
    assert left[-1] < 0.6 * force and fighters[-1] < 0.4 * group
    assert np.abs(lost / killed - 1.0).max() < 0.02


def test_a_small_lull_averts_what_the_formula_says(still: SimpleNamespace) -> None:
    """One strike: attacks averted = mu b q / lambda for small b q; by days mu b q rho / (1 - rho), from the next day on."""
    rate, effect, depth, halflife = 50.0, 0.2, 0.2, 15.0
    hits, rare = 400.0, 1e-9  # targets on the first day alone; a world without strikes before
    common = {"days": 150, "members": 6000, "fighters": 1000.0, "lull_halflife": halflife}
    common["attacks_per_fighter"] = rate / 1000.0

    def strike(made: Levers) -> None:
        made.zone[:, 0, 0] = 0.0
        made.zone[0, 0, 0] = hits / rare

    struck = still.run(
        levers=strike,
        targets_per_month=rare * 30.4375,
        strike_effect=effect,
        lull_per_target=depth / hits,
        **common,
    )
    quiet = still.run(levers=strike, targets_per_month=rare * 30.4375, lull_per_target=depth / hits, **common)
    averted = (quiet.total("attacks") - struck.total("attacks")).astype(float)
    kept = 0.5 ** (1.0 / halflife)
    memory = depth * kept ** np.arange(149)
    exact = rate * (1.0 - np.exp(-effect * -np.expm1(-memory))).sum()
    close(averted, exact)
    small = rate * effect * depth / (1.0 - kept)
    assert abs(exact / small - 1.0) < 0.12


def test_suppression_under_steady_strikes(still: SimpleNamespace) -> None:
    """A strike of depth q every T days: just after one, L* = q / (1 - exp(-lambda T))."""
    from afterstrike.containment import _simulate
    from afterstrike.containment._pack import pack

    world, every, halflife, depth, hits = still.world(), 7, 20.0, 0.3, 1000.0

    def strike(made: Levers) -> None:
        made.zone[:, 0, 0] = 0.0
        made.zone[6::every, 0, 0] = 1.0

    numbers = still.numbers(
        world, 200, targets_per_month=hits * 30.4375, lull_per_target=depth / hits, lull_halflife=halflife
    )
    packed = pack(world, numbers)
    steps = every * 60
    levers = still.lever(strike).levers(world, still.first, steps, 1.0)
    task = _simulate._Task(packed, 0, world, levers, np.zeros(steps, np.int64), 1, 1.0, 0, "compiled")
    _simulate.run_task(task)
    memory = packed.state[1]["suppression"][:, 0]
    close(memory, depth / (1.0 - 0.5 ** (every / halflife)))


def test_steady_strikes_are_in_the_rate_on_record(still: SimpleNamespace) -> None:
    """Memories start where the world's own strikes hold them: attacks go on at the rate stated, and end higher without."""
    common = {
        "days": 720, "members": 1500, "fighters": 1000.0, "attacks_per_fighter": 0.01, "targets_per_month": 60.0,
        "strike_effect": 0.5, "lull_per_target": 0.1, "lull_halflife": 10.0, "materiel_exponent": 0.6,
        "materiel_loss": 0.02, "materiel_halflife": 20.0,
    }  # fmt: skip

    def none(made: Levers) -> None:
        made.zone[:, :, 0] = 0.0

    steady = still.run(**common)
    # chance in strikes lifts a convex rate a little
    assert abs(steady.total("attacks").mean() / 7200.0 - 1.0) < 0.01
    # without: L and M go back, so the rate is that on record over exp(-b (1 - exp(-L*))) M*^a
    kept = 0.5 ** (1.0 / 10.0)
    depth = 60.0 / 30.4375 * 0.1 / (1.0 - kept)
    kept_m, spared = 0.5 ** (1.0 / 20.0), 0.98 ** (60.0 / 30.4375)
    materiel = (1.0 - kept_m) * spared / (1.0 - kept_m * spared)
    held = np.exp(0.5 * np.expm1(-depth)) * materiel**0.6
    quiet = still.run(levers=none, **common).series("attacks")[:, -4:-1].sum(axis=1)
    days = 31 + 30 + 31  # August to October of the second year
    close(quiet / (10.0 * days), 1.0 / held)


def test_seams_change_rates_from_the_start_on_only(still: SimpleNamespace) -> None:
    """The rate on record holds the seams of the start; joint seams take them off it, and missions reach more."""
    common = {
        "days": 365, "members": 800, "zones": 2, "fighters": 2000.0, "fighters_share": 0.5, "attacks_per_fighter": 0.005,
        "seam_effect": 0.8, "seam_reach": 0.7, "seam_weight": 0.6, "coordination": 0.2, "missions_per_month": 20.0,
        "removed_per_mission": 1e-3, "captured_share": 0.0,
    }  # fmt: skip

    def joint(made: Levers) -> None:
        made.coordination[:] = 1.0

    base, changed = still.run(**common), still.run(levers=joint, **common)
    close(base.total("attacks") / 3650.0, 1.0)
    exposure = 0.6 * 0.8
    close(changed.total("attacks") / 3650.0, np.exp(-0.8 * exposure))
    common |= {"removed_per_mission": 1.0, "fighters": 20_000.0}
    base, changed = still.run(**common), still.run(levers=joint, **common)
    for run, reach in ((base, 1.0), (changed, np.exp(0.7 * exposure))):
        close(run.total("killed_by_missions") - reach * run.total("missions"), 0.0)


def test_missions_remove_as_many_where_nobody_holds_the_captured(still: SimpleNamespace) -> None:
    """Without a custody system the captured leave the model; removal per mission stays what it was."""
    common = {
        "days": 365,
        "fighters": 5000.0,
        "missions_per_month": 30.0,
        "removed_per_mission": 1.1,
        "captured_share": 0.8,
    }
    for systems in (0, 1):
        run = still.run(systems=systems, **common)
        removed = run.total("killed_by_missions") + run.total("captured")
        close(removed - 1.1 * run.total("missions"), 0.0)
        assert run.imbalance.max() == 0


def test_a_system_or_zone_that_starts_empty_is_held_against_the_others(still: SimpleNamespace) -> None:
    """Its hazard is that of a usual one, not a ratio to one person."""

    def levers(made: Levers) -> None:
        made.transfers[:, 0, 1] = 60.0

    def arrivals(made: Levers) -> None:
        made.zone[:, 1, 3] = 4.0

    detained = {"detained__s0": 6000.0, "detained__s1": 0.0}
    run = still.run(
        days=365,
        systems=2,
        levers=levers,
        break_attempts_per_year=1.0,
        break_detained_exponent=1.0,
        **detained,
    )
    assert run.total("break_attempts", place="s1").mean() < 2.0
    run = still.run(
        days=365, zones=2, fighters=3000.0, fighters_share__z1=0.0, missions_per_month=20.0, removed_per_mission=1.0,
        mission_exponent=0.5, levers=arrivals,
    )  # fmt: skip
    later = run.series("missions", place="z1")[:, -1].sum()
    removed = (run.series("killed_by_missions", place="z1") + run.series("captured", place="z1"))[:, -1].sum()
    assert 0.3 < removed / later < 1.2


def test_answers_to_casualties_add_up_to_the_response(still: SimpleNamespace) -> None:
    """One event brings `casualty_response` targets in all, however they are spread in time."""
    run = still.run(
        days=3000,
        members=1500,
        casualty_events_per_year=2.0,
        casualty_response=60.0,
        casualty_response_halflife=15.0,
    )
    close(
        run.total("targets_hit"), 2.0 * 3000 / 365.25 * 60.0 * (1.0 - 15.0 / np.log(2.0) / 3000), errors=5.0
    )


def test_share_of_time_in_a_campaign(still: SimpleNamespace) -> None:
    """Starts s a year, mean length m: the share of time on comes to s m / (1 + s m), and attempts with it."""
    run = still.run(
        days=3650, members=2000, detained=1e6, campaign_starts_per_year=0.5, campaign_months=12.0,
        campaign_attempts_per_year=6.0,
    )  # fmt: skip
    late = run.series("break_attempts")[:, -48:].sum(axis=1)
    close(late / (4 * 365.25), 6.0 / 365.25 * 0.5 / 1.5)


def test_self_excited_attacks(still: SimpleNamespace) -> None:
    """Mean rate mu/(1-n); variance over mean of long windows 1/(1-n)^2."""
    branching, base = 0.4, 2.0
    run = still.run(
        days=3652, members=400, fighters=1000.0, attacks_per_fighter=base / (1.0 - branching) / 1000.0,
        branching_ratio=branching, excitation_days=5.0,
    )  # fmt: skip
    attacks = run.series("attacks")[:, 1:].astype(float)
    days = 3652 - 31
    close(attacks.sum(axis=1) / days, base / (1.0 - branching))
    years = np.array([attacks[:, 12 * k : 12 * k + 12].sum(axis=1) for k in range(9)])
    ratio = years.var(ddof=1) / years.mean()
    # edges of a year-long window lose a little: memory over length
    assert abs(ratio * (1.0 - branching) ** 2 - 1.0) < 0.07


def test_attacks_given_their_past_are_what_the_rate_says(still: SimpleNamespace) -> None:
    """Rescaled by the rate given the past, daily counts are uniform: the residuals of a self-exciting process."""
    from scipy import stats

    from afterstrike.containment import _simulate
    from afterstrike.containment._pack import pack

    world, branching, memory, rate, days = still.world(), 0.5, 4.0, 3.0, 1500
    numbers = still.numbers(
        world,
        20,
        fighters=1000.0,
        attacks_per_fighter=rate / 1000.0,
        branching_ratio=branching,
        excitation_days=memory,
    )
    levers = still.lever().levers(world, still.first, days, 1.0)
    task = _simulate._Task(pack(world, numbers), 0, world, levers, np.arange(days), days, 1.0, 3, "compiled")
    counts = _simulate.run_task(task)[0][:, :, 0, 0].astype(float)
    kept = np.exp(-1.0 / memory)
    due = np.full(20, branching * rate)
    uniform = np.random.default_rng(0).random(counts.shape)
    rescaled = np.empty(counts.shape)
    for day in range(days):
        mean = rate * (1.0 - branching) + due
        below = stats.poisson.cdf(counts[:, day] - 1, mean)
        rescaled[:, day] = below + uniform[:, day] * stats.poisson.pmf(counts[:, day], mean)
        due = due * kept + branching * (1.0 - kept) * counts[:, day]
    assert stats.kstest(-np.log(rescaled.ravel()), "expon").pvalue > 1e-3
    assert abs(np.corrcoef(rescaled[:, 1:].ravel(), rescaled[:, :-1].ravel())[0, 1]) < 4.5 / np.sqrt(
        rescaled.size
    )


def test_a_constant_hazard_of_a_break(still: SimpleNamespace) -> None:
    """P(any attempt by T) = 1 - exp(-h T)."""
    run = still.run(days=730, members=MEMBERS, detained=1000.0, break_attempts_per_year=0.5)
    expected = -np.expm1(-0.5 * 730 / 365.25)
    share = (run.total("break_attempts") > 0).mean()
    assert abs(share - expected) < 4.5 * np.sqrt(expected * (1 - expected) / MEMBERS)


def test_share_that_leaves_in_a_break_is_net_of_recapture(still: SimpleNamespace) -> None:
    """The median of those who stay away is the share stated, whatever part is caught again."""

    def one_day(made: Levers) -> None:
        made.custody[1:, 0, 0] = 1e6  # guards: no second attempt

    run = still.run(
        days=365, members=MEMBERS, detained=20_000.0, break_attempts_per_year=1e6, guard_effect=1.0, break_success=1.0,
        break_share=0.05, break_share_spread=0.8, recaptured_share=0.5, escape_days=10.0, levers=one_day,
    )  # fmt: skip
    assert (run.total("breaks") == 1).all()
    away = (run.total("escapes") - run.total("recaptured")) / 20_000
    assert np.median(away) == pytest.approx(0.05, rel=0.06)


@pytest.mark.parametrize("lever", [0.5, 0.8, 1.2, 2.0])
def test_more_guards_never_raise_expected_escapes(still: SimpleNamespace, lever: float) -> None:
    """With common random numbers, in the mean of the ensemble."""

    def guards(level: float) -> object:
        def set_levers(made: Levers) -> None:
            made.custody[:, 0, 0] = level

        return set_levers

    common = {
        "days": 1500, "members": 1500, "detained": 3000.0, "break_attempts_per_year": 0.6, "guard_effect": 1.0,
        "break_success": 0.7, "break_share": 0.05, "break_share_spread": 0.9, "recaptured_share": 0.3,
    }  # fmt: skip
    less = still.run(levers=guards(lever), **common)
    more = still.run(levers=guards(lever * 1.25), **common)
    assert (more.total("break_attempts") <= less.total("break_attempts")).all()
    assert more.total("escapes").mean() <= less.total("escapes").mean()


def test_half_a_step_moves_medians_less_than_chance(still: SimpleNamespace) -> None:
    """Days or half days: the medians are the same within Monte Carlo error."""
    runs = [
        still.run(days=365, members=1500, zones=2, systems=2, camps=1, step_days=step, seed=seed, **BUSY)
        for step, seed in ((1.0, 5), (0.5, 6))
    ]
    for output in ("attacks", "fighters", "captured", "targets_hit", "detained_now", "camp_now", "missions"):
        whole, half = (run.total(output).astype(float) for run in runs)
        # standard error of a median, by the spread of the middle
        error = np.hypot(*(1.2533 * values.std() / np.sqrt(values.size) for values in (whole, half)))
        assert abs(np.median(whole) - np.median(half)) < 4.0 * error + 1.0, output
