"""Run the Iraq 2007-08 study of stochastic interventions and write docs/studies-interventions.md.

    python tools/run_interventions.py            # or some of its sections: country, curve, ...

Each section replaces its own of the page; every number of the page comes from here. Counts and estimates only
leave the data: no row, place or source text is written.
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from afterstrike.effects import (
    InterventionDesign,
    SpaceTime,
    Study,
    areas_of,
    distance_surface,
    prior_events_surface,
    stochastic_intervention,
)
from intervention_figures import curve_figure, map_figure
from intervention_relocation import places_that_drift, read_once, relocated, relocation_words
from intervention_specs import PERIOD, SPECS, Spec
from intervention_words import (
    bounds_lines,
    contrast_table,
    curve_lines,
    joint,
    modification_lines,
    overlap_lines,
    paragraphs,
    scale_table,
    side_by_side,
    spec_table,
    told,
)

if TYPE_CHECKING:
    import pandas as pd

    from afterstrike.effects import InterventionResult

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "geocausal_iraq_2007"
PAGE = ROOT / "docs" / "studies-interventions.md"
IMAGES = ROOT / "docs" / "images"
WORDS = tomllib.loads((Path(__file__).parent / "interventions.toml").read_text(encoding="utf-8"))
FIRST, N_DAYS = "2007-03-25", 469
BAGHDAD = (44.366, 33.315)
LAGS, FACTORS, MAIN, CURVE = (1, 3, 7, 14, 30), (1.05, 1.1, 1.15, 1.2), 1.1, 30
GAMMAS = (1, 1.001, 1.002, 1.005, 1.01, 1.02, 1.05, 1.1)
WHOLE = "whole country"
BLOCK, LEAST_ATTACKS = 8, 100


def read(name: str) -> pd.DataFrame:
    """Read one file of the data: days, degrees and kind."""
    import duckdb
    import pandas as pd

    found = duckdb.connect().execute(
        "select cast(date as varchar), latitude, longitude, type from read_parquet(?)",
        [str(DATA / f"{name}.parquet")],
    )
    return pd.DataFrame(found.fetchall(), columns=["date", "lat", "lon", "kind"])


@dataclass
class Iraq:
    """The study: data, window, areas, and the estimates made so far."""

    flights: pd.DataFrame = field(default_factory=lambda: read("airstrikes"))
    attacks: pd.DataFrame = field(default_factory=lambda: read("insurgencies"))
    made: dict[Any, InterventionResult] = field(default_factory=dict)

    def space(self, last_day: str = PERIOD[1]) -> SpaceTime:
        window = json.loads((DATA / "iraq_window_km.json").read_text(encoding="utf-8"))
        n = int((np.datetime64(last_day) - np.datetime64(FIRST)).astype(int)) + 1
        return SpaceTime.from_km(window, shape=64, n_periods=n, start=FIRST, crs="EPSG:6646")

    @cached_property
    def window(self) -> SpaceTime:
        return self.space()

    @cached_property
    def km(self) -> Any:
        at = np.column_stack(self.window.to_km(*([one] for one in BAGHDAD)))
        return distance_surface(self.window, at, in_km=True, name="km to Baghdad")

    @cached_property
    def thirds_km(self) -> tuple[float, float]:
        """Borders of thirds of the country's area by distance to Baghdad, to 10 km: geography only."""
        near, far = np.quantile(self.km.values[self.window.inside], [1 / 3, 2 / 3])
        return round(float(near), -1), round(float(far), -1)

    def areas(self, space: SpaceTime) -> list[Any]:
        km, (near, far) = np.where(space.inside, self.km.values, np.inf), self.thirds_km
        rings = {
            WHOLE: space.inside,
            f"below {near:g} km": km < near,
            f"{near:g} to {far:g} km": (km >= near) & (km < far),
            f"{far:g} km and more": (km >= far) & space.inside,
        }
        return areas_of(space, rings)

    def blocks(self) -> list[Any]:
        """Give squares of BLOCK x BLOCK pixels, for the map only."""
        rows, columns = np.indices(self.window.shape) // BLOCK
        masks = {
            f"{r},{c}": (rows == r) & (columns == c) & self.window.inside
            for r in range(rows.max() + 1)
            for c in range(columns.max() + 1)
        }
        return areas_of(self.window, {name: mask for name, mask in masks.items() if mask.any()})

    def design(self, spec: Spec, space: SpaceTime) -> InterventionDesign:
        surfaces = [self.km]
        if spec.shows:
            shows = self.flights[self.flights["kind"] == "SOF"]
            points = space.points(shows["lon"], shows["lat"], shows["date"], history_periods=30)
            surfaces += [
                prior_events_surface(
                    space, points, periods=days, bandwidth_km=spec.history_km,
                    name=f"shows of force {days[0]} to {days[1]} days before",
                )
                for days in ((1, 7), (8, 30))
            ]  # fmt: skip
        return InterventionDesign(
            surfaces=surfaces, history_days=(1, 7, 30), history_km=spec.history_km,
            trend_columns=spec.trend, model=spec.model, span=spec.span,  # type: ignore[arg-type]
        )  # fmt: skip

    def study(self, spec: Spec) -> Study:
        strikes = self.flights[self.flights["kind"] == "Airstrike"]
        attacks = self.attacks
        if spec.outcome is not None:
            attacks = attacks[attacks["kind"] == spec.outcome]
        return Study(
            treatment=strikes.drop_duplicates() if spec.once else strikes,
            outcome=attacks,
            region="Iraq",
            period=(PERIOD[0], spec.last_day),
            notes={"civilian harm": "not in the file"},
        )

    def run(
        self, spec: Spec, policies: tuple[Any, ...], lags: tuple[int, ...], areas: Any = None
    ) -> InterventionResult:
        key = (spec, tuple(map(str, policies)), lags, areas is None)
        if key not in self.made:
            space = self.space(spec.last_day)
            self.made[key] = stochastic_intervention(
                self.study(spec), policies=policies, lags=lags, areas=areas or self.areas(space),
                space=space, design=self.design(spec, space),
            )  # fmt: skip
        return self.made[key]

    def main(self) -> InterventionResult:
        return self.run(SPECS[0], (1.0, *FACTORS), LAGS)

    def one_day(self) -> InterventionResult:
        return self.run(replace(SPECS[0], span="first_period"), (1.0, MAIN), tuple(range(1, CURVE + 1)))

    @cached_property
    def specs(self) -> list[tuple[str, pd.DataFrame]]:
        found = []
        for spec in SPECS:
            table = (
                self.main().to_frame() if spec is SPECS[0] else self.run(spec, (1.0, MAIN), LAGS).to_frame()
            )
            found.append((spec.label, table[table["policy_2"] == f"{MAIN:g} times as observed"]))
        return found

    @cached_property
    def points(self) -> Any:
        """The recorded attacks on the plane."""
        return self.window.points(self.attacks["lon"], self.attacks["lat"], self.attacks["date"])

    @cached_property
    def bounds(self) -> dict[float, pd.DataFrame]:
        from afterstrike.effects import hidden_bias_bounds

        run = self.main().run
        assert run is not None
        return {
            factor: hidden_bias_bounds(
                self.window, self.points, run.areas[0], run.weights["as observed", 1],
                run.weights[f"{factor:g} times as observed", 1], gammas=GAMMAS,
            )
            for factor in (MAIN, FACTORS[-1])
        }  # fmt: skip

    @cached_property
    def wakes(self) -> pd.DataFrame:
        from afterstrike.effects import matched_wakes
        from run_studies import SEED, geocausal

        return matched_wakes(geocausal(False).study, days=(7, 14), km=(25,), seed=SEED).to_frame()


def design_section(iraq: Iraq) -> list[str]:
    result = iraq.main()
    run = result.run
    assert run is not None
    none = (run.propensity.n_strikes == 0).astype(int)
    longest = max(map(len, re.findall("1+", "".join(map(str, none)))), default=0)
    rows = [
        ("days analysed", f"{N_DAYS}, {FIRST} to {PERIOD[1]}; the 30 days before are history only"),
        ("recorded strikes in these days", int(run.propensity.n_strikes.sum())),
        ("recorded attacks in these days", int(run.totals[:, 0].sum())),
        ("recorded attacks a day", f"{run.totals[:, 0].mean():.1f}"),
        ("days without a recorded strike", f"{none.sum()}, at most {longest} in a row"),
        ("last recorded strike", iraq.flights.loc[iraq.flights["kind"] == "Airstrike", "date"].max()),
        ("grid", "64 x 64 pixels of " + " x ".join(f"{k:.1f}" for k in run.propensity.space.step_km) + " km"),
        ("civilian harm", "not stated in this record; that is missing, not zero"),
    ]
    excluded = result.provenance["exclusions"] | {
        f"repeated rows kept: {k}": v for k, v in result.provenance["duplicates"].items()
    }
    rows += list(excluded.items())
    lines = ["| study | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    for area, total in zip(run.areas, run.totals.T, strict=True):
        lines.append(f"- {area.name}: {total.mean():.1f} recorded attacks a day.")
    terms = run.propensity.to_frame()
    lines += ["", "| term of the propensity | coefficient | standard error |", "|---|---|---|"]
    lines += [
        f"| {term} | {value:.3f} | {error:.3f} |"
        for term, value, error in terms[["term", "coefficient", "std_error"]].itertuples(index=False)
    ]
    lines.append("")
    for check in result.checks[1:]:
        lines.append(f"- {told(check.passed)} **{check.check_name}**: {check.text}")
    return lines


def overlap_section(iraq: Iraq) -> list[str]:
    from afterstrike.errors import EstimateRefused

    try:
        iraq.run(replace(SPECS[0], model="poisson"), (1.0, 2.0), LAGS)
        refusal = ""
    except EstimateRefused as refused:
        refusal = str(refused)
    doubled = iraq.run(SPECS[0], (1.0, 2.0), LAGS)
    table = doubled.to_frame()
    lines = overlap_lines(doubled.run, iraq.main().run, LAGS, FACTORS, refusal)
    kept = table[(table["area"] == WHOLE) & table["low"].notna()]
    for row in kept.to_dict("records"):
        ends = f"{row['low']:+.2f} to {row['high']:+.2f}"
        lines.append(
            f"- Doubling, lag {row['lag']}, whole country: {row['estimate']:+.2f} attacks a day ({ends})."
        )
    return lines


def country_section(iraq: Iraq) -> list[str]:
    table = iraq.main().to_frame()
    return [*scale_table(table[table["area"] == WHOLE], iraq.main().run, FACTORS)]


def regions_section(iraq: Iraq) -> list[str]:
    table = iraq.main().to_frame()
    table = table[table["policy_2"] == f"{MAIN:g} times as observed"]
    # The whole country and its thirds are one family of declared questions.
    lines = contrast_table(joint(table), "area")
    blocks = iraq.run(SPECS[0], (1.0, MAIN), (7,), iraq.blocks())
    figure, line = map_figure(
        blocks, iraq.thirds_km, iraq.window.to_km(*([one] for one in BAGHDAD)), LEAST_ATTACKS
    )
    figure.save(IMAGES / "intervention-map.svg")
    return [*lines, "", f"![{figure.alt}](images/intervention-map.svg)", "", figure.caption, "", line]


def relocation_section(iraq: Iraq) -> list[str]:
    from afterstrike.effects._intervention._policy_checks import mean_weight_check, outcomes_before

    run = iraq.main().run
    assert run is not None
    drifting = places_that_drift(run.propensity, iraq.km)
    lines, tables, checks = [], {}, {}
    for label, propensity in (("as declared", run.propensity), ("with places that drift", drifting)):
        fitted = read_once(propensity)
        table, weights, shares = relocated(
            fitted, iraq.points, run.areas[:1], LAGS, iraq.km, iraq.thirds_km[0]
        )
        tables[label] = joint(table)
        checks[label] = [mean_weight_check(weights), outcomes_before(weights, run.totals[:, 0])]
        lines += [f"**{label}.** {shares}", "", *contrast_table(tables[label], "policy_2"), ""]
        lines += [f"- {told(one.passed)} **{one.check_name}**: {one.text}" for one in checks[label]]
        lines.append("")
    return [*lines, relocation_words(tables, checks)]


def curve_section(iraq: Iraq) -> list[str]:
    result = iraq.one_day()
    figure = curve_figure(result)
    figure.save(IMAGES / "intervention-curve.svg")
    lines = [f"![{figure.alt}](images/intervention-curve.svg)", "", figure.caption, ""]
    return lines + curve_lines(result, (7, 14, 30))


def modification_section(iraq: Iraq) -> list[str]:
    from afterstrike.effects import effect_modification

    run = iraq.main().run
    assert run is not None
    made = effect_modification(
        iraq.window, iraq.points, iraq.km,
        run.weights["as observed", 1], run.weights[f"{MAIN:g} times as observed", 1],
    )  # fmt: skip
    return modification_lines(made, MAIN)


def sensitivity_section(iraq: Iraq) -> list[str]:
    return [*bounds_lines(iraq.bounds), "", *spec_table(iraq.specs, LAGS, WHOLE)]


def reading_section(iraq: Iraq) -> list[str]:
    # Attacks of one kind are another outcome, not another way to estimate.
    same = [one for one, spec in zip(iraq.specs, SPECS, strict=True) if spec.outcome is None]
    first, second = paragraphs(iraq.main(), same, iraq.bounds[MAIN], WHOLE, MAIN)
    return [first, "", f"{second} {' '.join(WORDS['believe'].split())}"]


def wakes_section(iraq: Iraq) -> list[str]:
    return side_by_side(iraq.main(), iraq.wakes, WHOLE, MAIN)


SECTIONS = {
    "reading": reading_section,
    "design": design_section,
    "overlap": overlap_section,
    "country": country_section,
    "regions": regions_section,
    "relocation": relocation_section,
    "curve": curve_section,
    "modification": modification_section,
    "sensitivity": sensitivity_section,
    "wakes": wakes_section,
}


def write_page(name: str, body: str) -> None:
    """Write one section into the page; others stay."""
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    kept = dict(re.findall(r"<!-- part: ([\w-]+) -->\n(.*?)<!-- end -->", old, flags=re.DOTALL)) | {
        name: body
    }
    parts = [f"<!-- part: {n} -->\n{kept[n].strip()}\n\n<!-- end -->" for n in SECTIONS if n in kept]
    PAGE.write_text(f"{WORDS['head'].strip()}\n\n" + "\n".join(parts) + "\n", encoding="utf-8")


def main() -> None:
    """Estimate the sections asked for; none named: all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", nargs="*", choices=[*SECTIONS, []])
    asked = parser.parse_args().section
    iraq = Iraq()
    for name in asked or SECTIONS:
        words = WORDS["parts"][name]
        text = [words["text"].strip(), ""] if words["text"] else []
        lines = [f"## {words['title']}", "", *text, *SECTIONS[name](iraq)]
        body = "\n".join(lines)
        write_page(name, body)
        print(body, flush=True)


if __name__ == "__main__":
    main()
