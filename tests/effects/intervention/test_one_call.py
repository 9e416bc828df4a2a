"""One call from a study: table, words, checks, refusals, files; known effects are found."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from afterstrike.effects import (
    InterventionDesign,
    SpaceTime,
    Study,
    Surface,
    areas_of,
    compare_policies,
    fit_propensity,
    policy_weights,
    relocated_strikes,
    save_effect,
    scaled_strikes,
    stochastic_intervention,
)
from afterstrike.effects._intervention._contrast import bartlett_freedom
from afterstrike.effects._intervention._power import chance_shown, shift_shown
from afterstrike.effects._result import COLUMNS
from afterstrike.errors import EstimateRefused, UsageError

BOX = (40, 34, 42, 36)


def events(seed: int = 1, days: int = 200, strikes: int = 300, attacks: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = strikes + attacks
    return pd.DataFrame(
        {
            "kind": np.repeat(["strike", "attack"], [strikes, attacks]),
            "date_start": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, days, n), unit="D"),
            "lat": rng.uniform(34, 36, n),
            "lon": rng.uniform(40, 42, n),
        }
    )


def study_of(frame: pd.DataFrame, **declared: object) -> Study:
    return Study.from_frame(frame, treatment="strike", outcome="attack", **{"region": BOX, **declared})


@pytest.fixture(scope="module")
def result():
    design = InterventionDesign(shape=12, model="poisson")
    areas = {"west": (40, 34, 41, 36), "all": BOX}
    return stochastic_intervention(
        study_of(events()), policies=(1, 1.1, 3.0), lags=(1, 3), areas=areas, design=design
    )


def test_table_words_and_checks(result) -> None:
    table = result.to_frame()
    assert list(table.columns[: len(COLUMNS) - 1]) == list(COLUMNS[:-1]) and table.columns[-1] == "reason"
    assert len(table) == 2 * 2 * 2 and table["unit"].unique().tolist() == ["recorded outcome events a day"]
    assert table["days"].tolist() == table["lag"].tolist()
    mild, strong = (table[table["policy_2"] == f"{c} times as observed"] for c in ("1.1", "3"))
    assert mild["low"].notna().all() and (mild["low"] < mild["estimate"]).all()
    assert strong["low"].isna().all() and strong["estimate"].notna().all()
    assert strong["reason"].str.contains("below 30$").all()
    text = result.summary()
    assert "Cannot tell" in text and "No interval: effective sample" in text and "must believe" in text
    assert text.startswith("Warning: effective sample")
    names = [check.check_name for check in result.checks]
    assert names == [
        "expected effective sample", "dispersion of strikes", "effective sample",
        "mean weight", "outcomes before",
    ]  # fmt: skip
    assert [check.passed for check in result.checks] == [None, True, False, True, True]
    assert repr(result) == "InterventionResult(8 contrasts, 4 with an interval, 5 checks)"


def test_history_is_not_analysed(result) -> None:
    assert "170 periods of 1 day from 2018-01-31" in result.provenance["space"]
    assert result.provenance["parameters"]["lags"] == [1, 3]
    assert result.run.propensity.expected.sum() == pytest.approx(
        result.run.propensity.n_strikes.sum(), rel=1e-8
    )


def test_details_and_files(result, tmp_path: Path) -> None:
    bias = result.detail("hidden_bias")
    assert set(bias["policy_2"]) == {"1.1 times as observed", "3 times as observed"}
    three = bias[bias["lag"] == 3]
    np.testing.assert_allclose(three["factor"], three["gamma"] ** 3)
    assert "strikes 1 to 7 days before" in result.detail("propensity")["term"].tolist()
    assert result.detail("weights")["weight"].gt(0).all()
    save_effect(result, tmp_path, "policies")
    told = json.loads((tmp_path / "policies.json").read_text())
    assert len(told["windows"]) == 8 and told["checks"][0]["check_name"] == "expected effective sample"
    assert "Open marks: 4 of 8" in result.plot().caption


def test_order_of_rows_and_start_of_time_do_not_matter() -> None:
    frame = events()
    design = InterventionDesign(shape=10, model="poisson")
    first = stochastic_intervention(study_of(frame), lags=2, design=design).to_frame()
    mixed = frame.sample(frac=1, random_state=3).reset_index(drop=True)
    second = stochastic_intervention(study_of(mixed), lags=2, design=design).to_frame()
    later = frame.assign(date_start=frame["date_start"] + pd.Timedelta(days=1000))
    third = stochastic_intervention(study_of(later), lags=2, design=design).to_frame()
    for other in (second, third):
        for name in ("mean_1", "estimate", "low", "effective_sample_2"):
            np.testing.assert_allclose(first[name], other[name], rtol=1e-7)


def test_policies_of_ones_own() -> None:
    def south(fitted):
        even = np.where(fitted.space.inside, 1.0, np.nan)
        tilt = np.exp(-0.2 * (fitted.space.y_km - fitted.space.y_km[0]) / 100)[:, None] * even
        strikes = float(fitted.expected.mean())
        return relocated_strikes(fitted.space, fitted.strikes, even, strikes, tilt, name="further south")

    def even(fitted):
        flat = np.where(fitted.space.inside, 1.0, np.nan)
        strikes = float(fitted.expected.mean())
        return relocated_strikes(fitted.space, fitted.strikes, flat, strikes, flat, name="anywhere")

    design = InterventionDesign(shape=10, model="poisson", history_days=(), trend_columns=0)
    made = stochastic_intervention(study_of(events()), policies=(even, south), lags=1, design=design)
    assert made.to_frame()["policy_2"].tolist() == ["further south"]
    assert "unknown, for policies of your own" in made.checks[0].text
    with pytest.raises(UsageError, match="different ones"):
        stochastic_intervention(study_of(events()), policies=(even, even), lags=1, design=design)
    with pytest.raises(UsageError, match="gave float"):
        stochastic_intervention(study_of(events()), policies=(1, lambda fitted: 2.0), lags=1, design=design)


def test_periods_of_a_week() -> None:
    space = SpaceTime.over(BOX, shape=6, n_periods=40, start="2018-02-01", period_days=7)
    made = stochastic_intervention(
        study_of(events(days=320)), policies=(1, 1.1), lags=2, space=space,
        design=InterventionDesign(model="poisson", history_days=(7, 28)),
    )  # fmt: skip
    row = made.to_frame().iloc[0]
    assert (row["days"], row["lag"], row["unit"]) == (14, 2, "recorded outcome events a period of 7 days")
    assert "attacks 8 to 28 days before" in made.detail("propensity")["term"].tolist()
    assert row["mean_1"] == pytest.approx(3000 / 320 * 7, rel=0.1)


def test_doubling_many_strikes_is_refused_before_anything_is_fitted() -> None:
    frame = events(strikes=2500)
    design = InterventionDesign(shape=10, model="poisson")
    with pytest.raises(EstimateRefused, match=r"cannot answer.*2 times, lag 7: 0.0"):
        stochastic_intervention(study_of(frame), policies=(1, 2), lags=(1, 7), design=design)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"policies": (1,)}, "two or more"),
        ({"policies": (1, "2")}, "two or more"),
        ({"policies": (1, -1)}, "above 0"),
        ({"policies": (1, 1)}, "different ones"),
        ({"lags": 0}, "lags"),
        ({"lags": 500}, "allowed up to"),
        ({"convention": "R"}, "convention"),
        ({"convention": "geocausal-0.4"}, "needs space"),
        ({"areas": {"far": (0, 0, 1, 1)}}, "no pixel"),
        ({"areas": ["x"]}, "none of this grid"),
        ({"design": "x"}, "InterventionDesign"),
    ],
)
def test_bad_arguments(options: dict, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        stochastic_intervention(study_of(events()), **{"design": InterventionDesign(shape=8), **options})


def test_bad_studies() -> None:
    with pytest.raises(UsageError, match="allowed a Study"):
        stochastic_intervention(events())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="region"):
        stochastic_intervention(study_of(events(), region=None))
    with pytest.raises(EstimateRefused, match="history"):
        stochastic_intervention(study_of(events(days=20)))
    elsewhere = SpaceTime.over((10, 10, 12, 12), shape=8, n_periods=100, start="2018-03-01")
    with pytest.raises(EstimateRefused, match="no treatment row"):
        stochastic_intervention(study_of(events()), space=elsewhere)
    for bad in ({"history_days": (7, 3)}, {"model": "x"}, {"level": 2}, {"trend_columns": 99}, {"span": "x"}):
        with pytest.raises(UsageError):
            InterventionDesign(**bad)


class Chain:
    """Attacks answer to those of the day before and to its strikes; strikes to attacks of the day before."""

    background, carry, effect, level, slope = 6.0, 0.6, -1.5, -0.2, 0.6

    def __init__(self, seed: int, n: int = 300, size: float = 1.0) -> None:
        rng = np.random.default_rng(seed)
        self.attacks, self.counts = np.zeros(n, int), np.zeros(n, int)
        self.mean, self.known = np.zeros(n), np.zeros(n)
        for t in range(n):
            before = self.attacks[t - 1] if t else 15
            self.known[t] = np.log1p(before / 15)
            self.mean[t] = np.exp(self.level + self.slope * self.known[t])
            self.counts[t] = rng.poisson(self.mean[t] * (rng.gamma(size, 1 / size) if size < np.inf else 1))
            struck = self.counts[t - 1] if t else 0
            self.attacks[t] = rng.poisson(
                max(self.background + self.carry * before + self.effect * struck, 0.1)
            )
        self.space = SpaceTime.from_km((0, 0, 10, 10), shape=3, n_periods=n)
        self.points = [
            self.space.points_km(
                rng.uniform(0, 10, each.sum()), rng.uniform(0, 10, each.sum()), np.repeat(np.arange(n), each)
            )
            for each in (self.counts, self.attacks)
        ]

    def truth(self, factor: float) -> float:
        # The day after: each strike more is `effect` attacks.
        return self.effect * (factor - 1) * float(self.mean[:-1].mean())

    def estimate(self, factor: float, model: str) -> pd.Series:
        fitted = fit_propensity(self.space, self.points[0], [Surface("known", self.known)], model=model)
        one, two = (policy_weights(fitted, scaled_strikes(fitted, c), lag=1) for c in (1.0, factor))
        areas = areas_of(self.space, {"all": (0, 0, 10, 10)}, in_km=True)
        return compare_policies(self.space, self.points[1], areas, one, two).iloc[0]


def test_a_known_effect_is_found_though_strikes_react_and_come_in_bursts() -> None:
    gaps, covered, poisson = [], 0, []
    for seed in range(30):
        chain = Chain(seed)
        truth = chain.truth(1.3)
        made = chain.estimate(1.3, "negative_binomial")
        gaps.append((made["estimate"] - truth) / made["std_error"])
        covered += made["low"] <= truth <= made["high"]
        poisson.append((chain.estimate(1.3, "poisson")["estimate"] - truth) / made["std_error"])
    # 24 of 30 or fewer has a chance of one in three hundred where coverage is 95%.
    assert covered >= 25 and abs(np.mean(gaps)) < 0.6 and 0.5 < np.std(gaps) < 1.5
    # A Poisson propensity, the only one the peer has, is far off when strikes come in bursts.
    assert abs(np.mean(poisson)) > 5


def test_where_strikes_are_poisson_both_models_agree() -> None:
    gaps = []
    for seed in range(15):
        chain = Chain(seed, size=math.inf)
        made = chain.estimate(1.2, "poisson")
        gaps.append((made["estimate"] - chain.truth(1.2)) / made["std_error"])
        assert chain.estimate(1.2, "negative_binomial")["estimate"] == pytest.approx(
            made["estimate"], abs=1.5 * made["std_error"]
        )
    assert abs(np.mean(gaps)) < 0.8


def test_quiet_days_of_one_more_strike() -> None:
    """Each strike is 1.5 attacks fewer on the day after, and fewer on the days after that by carry-over."""
    chain = Chain(3, n=600)
    start = np.datetime64("2018-01-01")
    frames = [
        pd.DataFrame(
            {
                "kind": kind,
                "date_start": start + points.period.astype("timedelta64[D]"),
                "lat": 34 + points.y_km / 5,
                "lon": 40 + points.x_km / 5,
            }
        )
        for kind, points in zip(("strike", "attack"), chain.points, strict=True)
    ]
    study = study_of(pd.concat(frames, ignore_index=True))
    space = SpaceTime.over(BOX, shape=4, n_periods=600, start="2018-01-01")
    design = InterventionDesign(
        span="first_period", history_days=(), trend_columns=0, surfaces=[Surface("known", chain.known)]
    )
    made = stochastic_intervention(study, policies=(1, 1.1), lags=(1, 2, 3), space=space, design=design)
    quiet = made.lull(days=1)
    truth = -chain.effect / chain.attacks.mean()
    assert quiet.low < truth < quiet.high and quiet.low > 0
    assert quiet.sentence().startswith(
        "In the 1 day after a day with one more expected strike, whole window: "
    )
    longer = made.lull(days=3)
    assert longer.estimate > quiet.estimate
    for wrong in (900, 0, 2.5, "3", True):
        with pytest.raises(UsageError, match="days"):
            made.lull(days=wrong)
    with pytest.raises(UsageError, match="allowed areas"):
        made.lull(days=3, area="")
    with pytest.raises(UsageError, match="allowed areas"):
        made.lull(days=3, area="nowhere")
    sustained = stochastic_intervention(
        study, lags=1, space=space, design=InterventionDesign(history_days=(), trend_columns=0)
    )
    with pytest.raises(EstimateRefused, match="first_period"):
        sustained.lull(days=3)


def test_cells_add_up_to_the_window_and_are_drawn_with_their_numbers(result) -> None:
    table = result.cells(policy="1.1 times as observed", lag=1, cells=3)
    whole = result.to_frame().query("area == 'all' and lag == 1 and policy_2 == '1.1 times as observed'")
    assert len(table) == 9 and table["n_outcomes"].sum() == pytest.approx(result.run.totals[:, 1].sum())
    assert table["estimate"].sum() == pytest.approx(whole["estimate"].iloc[0])
    # All nine intervals hold at once, so each is wider than at 95%.
    assert table["level"].iloc[0] == pytest.approx(1 - 0.05 / 9)
    assert (table["low"] < table["estimate"]).all() and (table["estimate"] < table["high"]).all()
    chart = result.map(policy="1.1 times as observed", lag=1, cells=3)
    assert f"{table['estimate'].abs().max():.2f}" in chart.to_svg()
    assert "9 cells" in chart.caption and len(result.figures()) == 2
    for wrong in (
        {"cells": 40}, {"cells": 3, "lag": 2}, {"cells": 3, "policy": "as observed"}, {"lag": 0},
        {"lag": [1]}, {"policy": ""},
    ):  # fmt: skip
        with pytest.raises(UsageError, match="allowed"):
            result.cells(**wrong)


def test_power_is_that_of_repeats_and_the_smallest_change_has_four_in_five(result) -> None:
    table = result.to_frame()
    known = table["low"].notna()
    row = table[known].iloc[0]
    smallest = float(row["smallest_change"])
    power = result.power(effect=smallest).loc[row.name, "power"]
    assert power == pytest.approx(0.8, abs=0.03)
    rng = np.random.default_rng(2)
    n, freedom = 20_000, row["freedom"]
    error = row["std_error"] * np.sqrt(rng.chisquare(freedom, n) / freedom)
    drawn = rng.normal(smallest, row["std_error"], n)
    half = (row["high"] - row["estimate"]) / row["std_error"] * error
    assert ((drawn - half > 0) | (drawn + half < 0)).mean() == pytest.approx(power, abs=0.01)
    share = result.power(share=0.1)
    assert share["effect"].tolist() == pytest.approx((0.1 * table["mean_1"]).tolist())
    assert share["power"].isna().tolist() == (~known).tolist()
    told = result.summary()
    assert 0 < told.index("Smallest change these days could show (80% power)") < told.index("Under '")
    for wrong in ({}, {"effect": 1.0, "share": 0.1}, {"effect": 0}, {"share": float("nan")}, {"share": "a"}):
        with pytest.raises(UsageError, match="one of the two"):
            result.power(**wrong)


@pytest.mark.parametrize("freedom", [1.0, 1.5, 2.0, 3.0, 30.0, 1e9])
def test_the_smallest_change_is_shown_four_times_in_five(freedom: float) -> None:
    edge = float(student.ppf(0.975, min(freedom, 1e6)))
    shift = shift_shown(edge, freedom)
    rng = np.random.default_rng(3)
    n = 200_000
    scale = np.sqrt(rng.chisquare(freedom, n) / freedom) if freedom < 1e6 else 1.0
    assert (np.abs(rng.normal(shift, 1, n)) > edge * scale).mean() == pytest.approx(0.8, abs=0.005)
    # Far out, where the noncentral t is not computed, nothing is missing and nothing falls.
    shifts = np.linspace(0.0, 60.0, 400)
    chance = chance_shown(np.full(400, edge), np.full(400, freedom), shifts)
    assert np.isfinite(chance).all() and (np.diff(chance) > -0.02).all() and chance[0] == pytest.approx(0.05)


def test_cells_with_few_outcomes_have_no_number() -> None:
    frame = events(attacks=900)
    inside = (frame["lat"] < 35) & (frame["lon"] < 41)
    frame = frame[(frame["kind"] == "strike") | ~inside | (frame.index % 50 == 0)]
    made = stochastic_intervention(
        study_of(frame), policies=(1, 1.1), lags=1, design=InterventionDesign(shape=8, model="poisson")
    )
    table = made.cells(cells=2).set_index("cell")
    assert math.isnan(table.loc["row 1, column 1", "estimate"]) and table["estimate"].notna().sum() == 3
    assert "1 cells without a number" in made.map(cells=2).caption
    with pytest.raises(EstimateRefused, match="larger cells"):
        made.cells(cells=12)


@pytest.mark.parametrize("seed", range(4))
def test_freedom_is_that_of_the_variance_seen_in_repeats(seed: int) -> None:
    """Satterthwaite: twice the squared mean of a variance over the variance of it."""
    rng = np.random.default_rng(seed)
    scale, width = rng.gamma(0.3, 1.0, 60), 5
    noise = rng.normal(size=(20_000, 60)) * scale
    kernel = np.maximum(1 - np.abs(np.subtract.outer(np.arange(60), np.arange(60))) / (width + 1), 0)
    variance = np.einsum("ri,ij,rj->r", noise, kernel, noise)
    seen = 2 * variance.mean() ** 2 / variance.var()
    assert bartlett_freedom(scale, width) == pytest.approx(seen, rel=0.1)
    assert bartlett_freedom(np.ones(60), 0) == pytest.approx(60) and math.isinf(
        bartlett_freedom(scale * 0, 3)
    )
