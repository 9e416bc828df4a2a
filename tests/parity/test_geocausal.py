"""The convention geocausal-0.4 gives the numbers of the R package geocausal 0.4.2, from raw events on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import InterventionDesign, Study, stochastic_intervention
from afterstrike.effects._intervention._contrast import compare_policies, mean_surface
from afterstrike.effects._intervention._fit import reweighted_fit
from afterstrike.effects._intervention._modifier import effect_modification
from afterstrike.effects._intervention._policies import (
    Policy,
    power_density,
    relocated_strikes,
    scaled_density,
)
from afterstrike.effects._intervention._propensity import Propensity, fit_propensity
from afterstrike.effects._intervention._quadrature import quadrature
from afterstrike.effects._intervention._regions import Area, areas_of, distance_areas, peer_totals
from afterstrike.effects._intervention._sensitivity import hidden_bias_bounds
from afterstrike.effects._intervention._smooth import (
    adaptive_bandwidths,
    base_density,
    scott_bandwidth,
    smooth_events,
)
from afterstrike.effects._intervention._space import EventPoints, SpaceTime
from afterstrike.effects._intervention._surfaces import Surface, distance_surface
from afterstrike.effects._intervention._weights import PolicyWeights, policy_weights

PEER = "geocausal-0.4"
FIRST_DAY = 13149  # 2006-01-01, days since 1970


def image(folder: Path, name: str) -> np.ndarray:
    return pd.read_csv(folder / name, header=None).to_numpy(float)


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name)


@dataclass(frozen=True)
class Run:
    """One recorded run: what is expected a day under each policy, and how it is estimated."""

    one: float = 2
    two: float = 4
    truncation: float | None = 0.95
    same_period: bool = False
    smoother: str = "abramson"
    areas: str = "bands"


RUNS = {
    "help_example": Run(),
    "no_truncation": Run(truncation=1),
    "mclust": Run(smoother="mclust"),
    "same_period": Run(same_period=True),
    "one_vs_six": Run(1, 6),
    "power_0_vs_3": Run(areas="bands"),
    "owin_windows": Run(areas="polygons"),
}


class Iraq:
    """The recorded 60 days of Iraq 2006, computed once from degrees and dates."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ring = table(folder, "input_iraq_window_ring1_km.csv").to_numpy()
        self.space = SpaceTime.from_km(ring, shape=64, n_periods=60, start="2006-01-01", crs="EPSG:6646")
        air, ins = (table(folder, f"input_{name}_2006.csv") for name in ("airstrikes", "insurgencies"))
        self.strikes = self.points(air[air["type"] == "Airstrike"])
        self.attacks = self.points(ins)

    def points(self, rows: pd.DataFrame) -> EventPoints:
        days = rows["date"].to_numpy(np.int64).astype("datetime64[D]")
        return self.space.points(rows["longitude"], rows["latitude"], days, convention=PEER)

    @cached_property
    def parameters(self) -> dict:
        return json.loads((self.folder / "parameters.json").read_text())

    @cached_property
    def history(self) -> dict[str, EventPoints]:
        found = {}
        for name in ("airstrikes", "insurgencies"):
            # The recorded points have six decimals; the raw table gives the last digits of the estimates.
            raw = self.folder.parents[1] / "data" / "geocausal_iraq_2007" / f"{name}.parquet"
            rows = duckdb.sql(f"select * from '{raw}'").df()
            rows = rows[rows["type"] == "Airstrike"] if name == "airstrikes" else rows
            x, y = self.space.to_km(rows["longitude"], rows["latitude"])
            found[name] = EventPoints(x, y, np.zeros(len(rows)))
        return found

    @cached_property
    def base(self) -> np.ndarray:
        return base_density(self.space, self.history["insurgencies"])

    @cached_property
    def distance(self) -> Surface:
        return distance_surface(self.space, self.parameters["baghdad_lonlat"], convention=PEER)

    @cached_property
    def propensity(self) -> Propensity:
        return fit_propensity(self.space, self.strikes, [self.distance], convention=PEER)

    @cached_property
    def smoothed(self) -> dict[str, np.ndarray]:
        fixed = self.parameters["mclust_sigma_km"]
        return {
            "abramson": smooth_events(self.space, self.attacks, convention=PEER),
            "mclust": smooth_events(self.space, self.attacks, bandwidth_km=fixed, convention=PEER),
        }

    def policies(self, name: str) -> tuple[Policy, Policy]:
        if name == "power_0_vs_3":
            return self.relocated(0), self.relocated(3)
        run = RUNS[name]
        one, two = (
            scaled_density(self.space, self.strikes, self.base, count, convention=PEER)
            for count in (run.one, run.two)
        )
        return one, two

    def relocated(self, power: float) -> Policy:
        return relocated_strikes(
            self.space, self.strikes, self.base, self.parameters["sim_expected_number"], self.power(power),
            convention=PEER,
        )  # fmt: skip

    def power(self, power: float) -> np.ndarray:
        return power_density(self.space, [(self.base, 1), (np.exp(-0.01 * self.distance.values), power)])

    def weights(self, name: str, lag: int, area: Area | None = None) -> list[PolicyWeights]:
        run = RUNS[name]
        return [
            policy_weights(
                self.propensity, policy, lag=lag, truncation=run.truncation, same_period=run.same_period,
                area=area, convention=PEER,
            )
            for policy in self.policies(name)
        ]  # fmt: skip

    def areas(self, name: str) -> list[Area]:
        if RUNS[name].areas == "polygons":
            import shapely

            x, y = self.parameters["disc50_xrange"], self.parameters["disc50_yrange"]
            # spatstat's disc has 128 corners, the first due east.
            angle = np.arange(128) * 2 * np.pi / 128
            disc = np.column_stack([sum(x) / 2 + 50 * np.cos(angle), sum(y) / 2 + 50 * np.sin(angle)])
            return areas_of(
                self.space, {"whole": self.space.window, "disc": shapely.Polygon(disc)}, in_km=True
            )
        return distance_areas(self.space, self.distance, (100, 200, 300))


@pytest.fixture(scope="session")
def iraq(shared: Path) -> Iraq:
    folder = shared / "reference" / "geocausal"
    if not folder.is_dir():
        pytest.skip("the recorded runs of geocausal are not beside this repository")
    return Iraq(folder)


def test_projection_and_grid(iraq: Iraq) -> None:
    for name, ours in (("airstrike", iraq.strikes), ("insurgency", iraq.attacks)):
        theirs = table(iraq.folder, f"points_{name}_km.csv")
        np.testing.assert_allclose(ours.x_km, theirs["x_km"], rtol=0, atol=1e-9)
        np.testing.assert_allclose(ours.y_km, theirs["y_km"], rtol=0, atol=1e-9)
        assert (ours.period + 1).tolist() == theirs["time"].tolist()
    centres = table(iraq.folder, "grid_64_pixel_centres_km.csv")
    np.testing.assert_allclose(iraq.space.x_km, centres[centres["axis"] == "x"]["centre_km"], rtol=1e-13)
    np.testing.assert_allclose(iraq.space.y_km, centres[centres["axis"] == "y"]["centre_km"], rtol=1e-13)
    assert abs(iraq.space.window.area - iraq.parameters["window_area_km2"]) < 1e-6


@pytest.mark.parametrize(("name", "file"), [("insurgencies", ""), ("airstrikes", "_airstrikes")])
def test_base_density(iraq: Iraq, name: str, file: str) -> None:
    theirs = image(iraq.folder, f"base_density{file}_64.csv")
    ours = base_density(iraq.space, iraq.history[name])
    # The peer's Fourier transform leaves noise of about 1e-20 where there are no events.
    np.testing.assert_allclose(ours, theirs, rtol=2e-9, atol=1e-19)
    if name == "insurgencies":
        scott = scott_bandwidth(iraq.history[name])
        np.testing.assert_allclose(scott, iraq.parameters["scott_base_insurgency_km"], rtol=1e-9)


def test_adaptive_bandwidths(iraq: Iraq) -> None:
    theirs = table(iraq.folder, "abramson_point_bandwidths.csv")
    np.testing.assert_allclose(
        scott_bandwidth(iraq.attacks), iraq.parameters["scott_bandwidths_km"], rtol=1e-12
    )
    ours = adaptive_bandwidths(iraq.space, iraq.attacks, convention=PEER)
    np.testing.assert_allclose(ours, theirs["bandwidth_km"], rtol=1e-12)


@pytest.mark.parametrize("smoother", ["abramson", "mclust"])
def test_smoothed_days(iraq: Iraq, smoother: str) -> None:
    ours = iraq.smoothed[smoother]
    for day in (1, 30, 60):
        theirs = image(iraq.folder, f"smoothed_{smoother}_day{day}_64.csv")
        np.testing.assert_allclose(ours[day - 1], theirs, rtol=6e-10, atol=1e-17)
    totals = np.nansum(ours, axis=(1, 2)) * iraq.space.pixel_km2
    np.testing.assert_allclose(totals, table(iraq.folder, "per_day.csv")[f"total_sm_{smoother}"], rtol=1e-12)


def test_distance_map(iraq: Iraq) -> None:
    theirs = image(iraq.folder, "dist_baghdad_64.csv")
    rows, columns = np.nonzero(iraq.space.inside)
    assert (rows.max() + 1, columns.max() + 1) == theirs.shape
    np.testing.assert_allclose(iraq.distance.values[:, :63], theirs, rtol=1e-9)


def test_quadrature_from_scratch(iraq: Iraq) -> None:
    theirs = table(iraq.folder, "propensity_quadrature_all_days.csv.gz")
    ours = quadrature(iraq.space, iraq.strikes)
    assert len(ours.x_km) == len(theirs)
    made = pd.DataFrame(
        {
            "id": ours.period + 1,
            "x": ours.x_km,
            "y": ours.y_km,
            "w": ours.weight,
            "is_data": ours.is_strike * 1,
        }
    ).round({"x": 6, "y": 6})
    theirs = theirs.round({"x": 6, "y": 6})
    keys = ["id", "is_data", "y", "x"]
    made, theirs = (frame.sort_values(keys).reset_index(drop=True) for frame in (made, theirs))
    for column in ("id", "is_data", "x", "y", "w"):
        np.testing.assert_allclose(made[column], theirs[column], rtol=1e-9, atol=2e-6, err_msg=column)


def test_propensity(iraq: Iraq) -> None:
    theirs = table(iraq.folder, "propensity_coef.csv")
    fitted = iraq.propensity.to_frame()
    np.testing.assert_allclose(fitted["coefficient"], theirs["Estimate"], rtol=1e-11)
    np.testing.assert_allclose(fitted["std_error"], theirs["Std. Error"], rtol=1e-9)
    per_day = table(iraq.folder, "per_day.csv")
    np.testing.assert_allclose(iraq.propensity.expected, per_day["obs_est_count"], rtol=1e-9)
    np.testing.assert_allclose(iraq.propensity.sum_log, per_day["obs_sum_log"], rtol=1e-9)
    theirs = image(iraq.folder, "obs_intensity_day1_64.csv")
    np.testing.assert_allclose(iraq.propensity.intensity(0), theirs, rtol=1e-9)


def test_policies(iraq: Iraq) -> None:
    per_day = table(iraq.folder, "per_day.csv")
    for count in (1, 2, 3, 4, 6):
        policy = scaled_density(iraq.space, iraq.strikes, iraq.base, count, convention=PEER)
        np.testing.assert_allclose(policy.sum_log, per_day[f"sumlog_cf{count}"], rtol=1e-10, atol=1e-9)
        np.testing.assert_allclose(policy.expected, count)
    for number, power in ((1, 0), (2, 1), (3, 3)):
        theirs = image(iraq.folder, f"cf_power_{number}_64.csv")
        ours = iraq.base * iraq.power(power)
        ours *= 3 / (np.nansum(ours) * iraq.space.pixel_km2)
        np.testing.assert_allclose(ours, theirs, rtol=2e-9, atol=1e-17)


@pytest.mark.parametrize("name", RUNS)
def test_weights_estimates_and_variances(iraq: Iraq, name: str) -> None:
    estimates, weights = table(iraq.folder, "estimates.csv"), table(iraq.folder, "weights.csv")
    lags = sorted(set(estimates.loc[estimates["label"] == name, "lag"]))
    assert lags
    for lag in lags:
        one, two = iraq.weights(name, lag)
        theirs = weights[(weights["label"] == name) & (weights["lag"] == lag)]
        for ours, column in ((one, "w_cf1"), (two, "w_cf2")):
            if len(theirs):
                np.testing.assert_allclose(ours.weights, theirs[column], rtol=1e-7)
        outcome = iraq.smoothed[RUNS[name].smoother]
        made = compare_policies(iraq.space, outcome, iraq.areas(name), one, two, convention=PEER)
        theirs = estimates[(estimates["label"] == name) & (estimates["lag"] == lag)]
        np.testing.assert_allclose(made["mean_1"], theirs["est_cf1"], rtol=1e-12)
        np.testing.assert_allclose(made["mean_2"], theirs["est_cf2"], rtol=1e-12)
        # Differences of nearly equal means keep the absolute error of the means.
        np.testing.assert_allclose(made["estimate"], theirs["est_causal"], rtol=1e-9, atol=1e-11)
        # Untruncated, one weight of 1e13 carries all, and 12 digits of the variance of the difference cancel.
        rtol = 1e-6 if (name, lag) == ("no_truncation", 1) else 1e-9
        np.testing.assert_allclose(made["variance_1"], theirs["var_cf1"], rtol=1e-9)
        np.testing.assert_allclose(made["variance_2"], theirs["var_cf2"], rtol=1e-9)
        np.testing.assert_allclose(made["std_error"] ** 2, theirs["var_causal"], rtol=rtol)
        np.testing.assert_allclose(made["low"], theirs["lower_95"], rtol=rtol, atol=1e-10)
        np.testing.assert_allclose(made["high"], theirs["upper_95"], rtol=rtol, atol=1e-10)


def test_mean_surfaces(iraq: Iraq) -> None:
    for number, weights in enumerate(iraq.weights("help_example", 1), 1):
        theirs = image(iraq.folder, f"ave_surf_cf{number}_lag1_64.csv")
        ours = mean_surface(iraq.smoothed["abramson"], weights)
        np.testing.assert_allclose(ours, theirs, rtol=6e-10, atol=1e-17)


def test_expected_share_by_distance(iraq: Iraq) -> None:
    theirs = table(iraq.folder, "distexp.csv")
    for power, rows in theirs.groupby("alpha"):
        density = iraq.base * iraq.power(float(power))
        density /= np.nansum(density) * iraq.space.pixel_km2
        areas = distance_areas(iraq.space, iraq.distance, rows["distance"].tolist(), whole=False)
        ours = [float(peer_totals(iraq.space, density, area, averaged=False)) for area in areas]
        np.testing.assert_allclose(ours, rows["expectation"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("lag", [1, 3])
def test_effect_modification(iraq: Iraq, lag: int) -> None:
    one, two = iraq.weights("help_example", lag)
    made = effect_modification(iraq.space, iraq.attacks, iraq.distance, one, two, convention=PEER)
    known = json.loads((iraq.folder / f"cate_lag{lag}.json").read_text())
    betas, curve = (table(iraq.folder, f"cate_lag{lag}_{what}.csv") for what in ("betas", "curve"))
    near = {"rtol": 1e-8, "atol": 1e-13}
    np.testing.assert_allclose(made.knots, known["knots"], rtol=1e-12)
    np.testing.assert_allclose(made.coefficients, betas["est"], **near)
    np.testing.assert_allclose(np.diag(made.covariance), betas["var"], rtol=1e-8)
    np.testing.assert_allclose(made.at, curve["eval"], rtol=1e-12)
    np.testing.assert_allclose(made.curve, curve["est"], **near)
    np.testing.assert_allclose(made.variance, curve["var"], rtol=1e-8)
    np.testing.assert_allclose(made.total, known["total_effect"], rtol=1e-8, atol=1e-10)
    if lag == 1:
        np.testing.assert_allclose([made.statistic, made.p_value], [known["chisq"], known["p"]], rtol=1e-8)
    else:
        assert np.isnan(made.statistic) and np.isnan(made.p_value) and known["chisq"] == {}


def test_sensitivity(iraq: Iraq) -> None:
    theirs = table(iraq.folder, "sens_lag1.csv")
    one, two = iraq.weights("help_example", 1)
    whole = areas_of(iraq.space, {"whole": iraq.space.window}, in_km=True)[0]
    below = iraq.weights("help_example", 1, whole)
    made = hidden_bias_bounds(
        iraq.space, iraq.smoothed["abramson"], whole, one, two, gammas=theirs["gamma"],
        below=(below[0], below[1]), convention=PEER,
    )  # fmt: skip
    np.testing.assert_allclose(made["low"], theirs["lb"], rtol=1e-9)
    np.testing.assert_allclose(made["high"], theirs["ub"], rtol=1e-9)
    assert made["zero_attainable"].tolist() == theirs["zero_attainable"].tolist()
    assert made["robust_gamma"].tolist() == theirs["robust_gamma"].tolist()


def test_the_peers_default_truncation_makes_everything_missing(iraq: Iraq) -> None:
    estimates = table(iraq.folder, "estimates.csv")
    assert estimates.loc[estimates["label"] == "trunc_default_NA", "est_causal"].isna().all()
    one, two = (
        policy_weights(iraq.propensity, policy, lag=1, convention=PEER)
        for policy in iraq.policies("help_example")
    )
    made = compare_policies(
        iraq.space, iraq.smoothed["abramson"], iraq.areas("help_example"), one, two, convention=PEER
    )
    assert made[["mean_1", "mean_2", "estimate", "low", "high"]].isna().to_numpy().all()


@pytest.mark.parametrize("lag", [1, 3, 7])
def test_our_own_convention_refuses_the_documented_example(iraq: Iraq, lag: int) -> None:
    """2 against 4 strikes a day: the peer's variance reaches 1e21 at lag 3; nothing can be told."""
    pair = [
        policy_weights(iraq.propensity, policy, lag=lag, truncation=0.95)
        for policy in iraq.policies("help_example")
    ]
    areas = areas_of(iraq.space, {"country": iraq.space.window}, in_km=True)
    made = compare_policies(iraq.space, iraq.smoothed["abramson"], areas, *pair).iloc[0]
    assert made["effective_sample_2"] < 30 and np.isnan(made["low"]) and "below 30" in made["reason"]
    assert max(made["variance_1"], made["variance_2"]) < 1000


def test_one_call_from_a_study(iraq: Iraq) -> None:
    """Raw tables in, the documented example out."""
    air, ins = (table(iraq.folder, f"input_{name}_2006.csv") for name in ("airstrikes", "insurgencies"))
    events = pd.concat(
        [air[air["type"] == "Airstrike"].assign(kind="strike"), ins.assign(kind="attack")], ignore_index=True
    )
    events["day"] = events["date"].to_numpy(np.int64).astype("datetime64[D]")
    study = Study.from_frame(
        events, treatment="strike", outcome="attack", period=("2006-01-01", "2006-03-01"),
        columns={"time": "day", "lat": "latitude", "lon": "longitude", "kind": "kind"},
    )  # fmt: skip

    def expected(count: float):
        return lambda fitted: scaled_density(fitted.space, fitted.strikes, iraq.base, count, convention=PEER)

    design = InterventionDesign(
        surfaces=[iraq.distance], history_days=(), trend_columns=0, model="poisson", truncation=0.95,
        outcome="smoothed",
    )  # fmt: skip
    made = stochastic_intervention(
        study, policies=(expected(2), expected(4)), lags=(1, 3, 7), areas=iraq.areas("help_example"),
        space=iraq.space, design=design, convention=PEER,
    ).to_frame()  # fmt: skip
    theirs = table(iraq.folder, "estimates.csv")
    theirs = theirs[theirs["label"] == "help_example"]
    assert made["lag"].tolist() == theirs["lag"].astype(int).tolist()
    np.testing.assert_allclose(made["mean_1"], theirs["est_cf1"], rtol=1e-9)
    np.testing.assert_allclose(made["estimate"], theirs["est_causal"], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(made["std_error"] ** 2, theirs["var_causal"], rtol=1e-8)


def test_coefficients_from_the_recorded_quadrature(iraq: Iraq) -> None:
    places = table(iraq.folder, "propensity_quadrature_all_days.csv.gz")
    design = np.column_stack([np.ones(len(places)), places["dist_bag"]])
    coefficients, covariance = reweighted_fit(design, places["y_over_w"].to_numpy(), places["w"].to_numpy())
    theirs = table(iraq.folder, "propensity_coef.csv")
    # The quadrature was written with twelve digits.
    np.testing.assert_allclose(coefficients, theirs["Estimate"], rtol=1e-9)
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), theirs["Std. Error"], rtol=1e-9)
