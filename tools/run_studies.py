"""Run the real studies of matched wakes on the open data beside the repository, and write docs/studies.md.

    python tools/run_studies.py all             # or one or more of: iraq, iraq-sof, dutch, centcom

Each study replaces its own section of the page and its own figure; every number of the page comes from here.
Counts and estimates only leave the data: no row, place or source text is written.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study_words import (
    first_paragraph,
    fold,
    sign_words,
    span,
    told,
    windows_table,
)

if TYPE_CHECKING:
    import pandas as pd

    from afterstrike.effects import Study

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "studies.md"
IMAGES = ROOT / "docs" / "images"
SEED, PLACEBOS, BOOTSTRAP, REDRAWS = 20, 200, 100, 20
WORDS = tomllib.loads((Path(__file__).parent / "studies.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class RealStudy:
    """One study as declared: what is compared, the windows, and what a reader must know of the record."""

    study: Study
    main: tuple[int, float]
    days: tuple[int, ...]
    km: tuple[float, ...]
    second: tuple[int, float] | None = None
    left_out: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    # Strikes of others around struck and comparison place-days: (label, rows).
    co_treatments: tuple[tuple[str, pd.DataFrame], ...] = ()
    sensitivity: dict[str, Study] = field(default_factory=dict)


def geocausal(control: bool) -> RealStudy:
    """Iraq 2007-08: airstrikes, against no strike or against a show of force."""
    import duckdb
    import pandas as pd

    from afterstrike.effects import Study

    def read(name: str) -> pd.DataFrame:
        path = DATA / "geocausal_iraq_2007" / f"{name}.parquet"
        found = duckdb.connect().execute(
            "select cast(date as varchar), latitude, longitude, type from read_parquet(?)", [str(path)]
        )
        return pd.DataFrame(found.fetchall(), columns=["date", "lat", "lon", "kind"])

    flights, attacks = read("airstrikes"), read("insurgencies")
    shows = flights[flights["kind"] == "SOF"]
    notes = {
        "comparison": "a show of force, at place-days alike before"
        if control
        else "no airstrike that day, at place-days as likely to be struck given the past",
        "co-treatments": "the surge of troops of 2007 and ground operations: not in the file; "
        f"{len(shows)} shows of force: in the file, " + ("the comparison" if control else "in no role"),
        "civilian harm": "not in the file",
    }
    study = Study(
        treatment=flights[flights["kind"] == "Airstrike"],
        control=shows if control else None,
        outcome=attacks,
        region="Iraq",
        period=("2007-02-23", "2008-07-05"),
        horizon_days=14,
        radius_km=25,
        notes=notes,
    )
    return RealStudy(
        study=study,
        main=(14, 25.0),
        second=(7, 10.0),
        days=(7, 14),
        km=(10.0, 25.0),
    )


def syria(name: str) -> RealStudy:
    """Syria: Dutch strikes of 2018 or strikes of US releases of 2016, and attacks by IS as coded from GED."""
    import afterstrike as aft

    release = {
        "dutch": "nl_mod_oir_strikes_2014_2018/UNCLASS_20230330_Nederlandse_luchtaanvallen_OIR.csv",
        "centcom": "oir_strike_releases_2014_2016/all-edited-refined.csv",
    }[name]
    with tempfile.TemporaryDirectory() as folder, aft.open_record(Path(folder, "syria.duckdb")) as record:
        record.add(DATA / "ucdp_ged_syria" / "ged_syria_2016_2018.parquet")
        record.add(DATA / release)
        events = record.events()
    period = {"dutch": ("2018-01-01", "2018-12-31"), "centcom": ("2016-01-01", "2016-10-17")}[name]
    ged = events[(events["dataset"] == "ucdp-ged") & events["date_start"].between(*period)]
    flown = events[(events["dataset"] != "ucdp-ged") & (events["adm0"] == "SYR")]
    inside = flown["date_end"].between(*period)
    n_outside, flown = int((~inside).sum()), flown[inside]
    with_is = ged[(ged["side_a"] == "IS") | (ged["side_b"] == "IS")]
    is_attack = (ged["kind"] == "attack") & (ged["initiator"] == "IS")
    coarse = {role: _coarse(rows) for role, rows in (("treatment", flown), ("outcome", ged[is_attack]))}
    coded = with_is["kind"].value_counts()
    left_out = {
        "treatment: outside the period": n_outside,
        **{f"{role}: place or day too coarse": int(mask.sum()) for role, mask in coarse.items()},
        "rows with IS on a side": len(with_is),
        "of these coded as strikes on IS or others, never counted": int(coded.get("strike", 0)),
        "of these coded as clashes, who attacked is not said": int(coded.get("clash", 0)),
    }
    attacks, strikes = ged[is_attack][~coarse["outcome"]], flown[~coarse["treatment"]]
    bombing = ged[ged["kind"] == "strike"]
    ours = bombing["initiator"] == "US-led coalition"

    def make(rows: pd.DataFrame, counted: pd.DataFrame) -> Study:
        from afterstrike.effects import Study

        known = (
            "other coalition strikes and those of Syria, Russia and Turkey: in part in GED, measured below"
        )
        return Study(
            treatment=rows,
            outcome=counted,
            region="Syria",
            period=period,
            horizon_days=14,
            radius_km=25,
            coarse_dates="exclude",
            notes={"comparison": "no strike of this file that day", "co-treatments known": known,
                   "co-treatments not known": "ground offensives and change of control of towns"},
        )  # fmt: skip

    last_day = strikes.assign(date_start=strikes["date_end"])
    other = {
        "coarse rows kept" + ("" if name == "dutch" else ", first day of the release"): make(
            flown, ged[is_attack]
        )
    }
    if name == "centcom":
        other["first day of the release"] = make(strikes, attacks)
    return RealStudy(
        study=make(strikes if name == "dutch" else last_day, attacks),
        main=(14, 25.0),
        days=(7, 14),
        km=(10.0, 25.0),
        left_out=left_out,
        co_treatments=(
            ("strikes of the coalition recorded by GED", bombing[ours]),
            ("strikes of others or of nobody named recorded by GED", bombing[~ours]),
        ),
        sensitivity=other,
        notes=() if name == "dutch" else (_releases(strikes, events, period),),
    )


def _coarse(rows: pd.DataFrame) -> pd.Series[bool]:
    """Find rows not known to a week or to a place within about 25 km."""
    unclear = (rows["date_precision"].fillna(9) > 2) | (rows["geo_precision"].fillna(9) > 2)
    return unclear & rows["lat"].notna()


def _releases(strikes: pd.DataFrame, events: pd.DataFrame, period: tuple[str, str]) -> str:
    mine = (events["dataset"] != "ucdp-ged") & events["date_end"].between(*period)
    length = (np.datetime64(period[1]) - np.datetime64(period[0])).astype(int) + 1
    missing = int(length - events.loc[mine, "date_end"].dt.normalize().nunique())
    places = len(strikes[["lat", "lon"]].drop_duplicates())
    return (
        f"Releases: {missing} of {length} days have no readable release in this copy; the strikes are "
        f"placed at {places} points, each the town that a line calls near."
    )


STUDIES: dict[str, Callable[[], RealStudy]] = {
    "iraq": lambda: geocausal(False),
    "iraq-sof": lambda: geocausal(True),
    "dutch": lambda: syria("dutch"),
    "centcom": lambda: syria("centcom"),
}


def run(name: str) -> str:
    """Estimate one study, save its figure and give its section of the page."""
    from afterstrike.effects import matched_wakes
    from afterstrike.effects._wakes._open_points import open_points

    real = STUDIES[name]()
    result = matched_wakes(real.study, days=real.days, km=real.km, seed=SEED)
    days, km = real.main
    lull = result.lull(days=days, km=km, placebos=PLACEBOS)  # type: ignore[attr-defined]
    result = result.with_checks(  # type: ignore[attr-defined]
        km=km, placebos=PLACEBOS, bootstrap=BOOTSTRAP, redraws=REDRAWS, jobs=2
    )
    table = result.to_frame()
    main = table[(table["days"] == days) & (table["km"] == km)].iloc[0]
    words = WORDS[name]
    lines = [f"## {words['title']}", "", lull.summary().splitlines()[0], "", *_trial(real), ""]
    lines += [f"- {note}" for note in real.notes]
    lines += _co_treated(real, result, km, days) + windows_table(table) + _curve(lull, name)
    lines += [f"- {told(check.passed)} **{check.check_name}**: {check.text}" for check in result.checks]
    lines += _sensitivity(real, days, km)
    points = open_points(main, result.checks)
    first = first_paragraph(lull, main, points)
    if real.second is not None:
        first += " " + _second_window(result, real.second)
    signs = sign_words(lull.rate_ratio, lull.low, lull.high, points)
    lines += ["", first, "", f"{fold(words['limits'])} {signs} {fold(words['published'])}", ""]
    return "\n".join(lines)


def _second_window(result: Any, window: tuple[int, float]) -> str:
    """Say the same of the other declared window; the checks that repeat were run for the first one only."""
    from afterstrike.effects._wakes._open_points import open_points

    days, km = window
    table = result.to_frame()
    row = table[(table["days"] == days) & (table["km"] == km)].iloc[0]
    repeated = ("placebo strikes", "standard errors", "redraws within precision")
    points = open_points(row, [check for check in result.checks if check.check_name not in repeated])
    power = f"{row['smallest_fall']:.0%} fewer or {row['smallest_rise']:.0%} more"
    return (
        f"The other declared window could show {power}. {result.lull(days=days, km=km).sentence()} For it, "
        + (
            f"too, the record cannot answer: {'; '.join(points)}."
            if points
            else "no point stands against the sign."
        )
    )


def _trial(real: RealStudy) -> list[str]:
    rows = ["| target trial | |", "|---|---|"]
    for part, value in real.study.to_frame().itertuples(index=False):
        shown = " to ".join(value) if isinstance(value, tuple) else value
        rows.append(f"| {part} | {shown} |")
    return rows + [f"| before the study: {why} | {count} |" for why, count in real.left_out.items()]


def _co_treated(real: RealStudy, result: Any, km: float, days: int) -> list[str]:
    """Count who else bombed struck and comparison place-days, from the day itself to the last one counted."""
    from afterstrike.effects._wakes._co_treated import shares_struck_by_others

    radius = result.estimates.radii.get(km)
    if radius is None:
        return []
    lines = []
    for label, rows in real.co_treatments:
        placed = rows[rows["lat"].notna()]
        day = placed["date_start"].to_numpy("datetime64[D]").astype(np.int64)
        at = placed[["lat", "lon"]].to_numpy(np.float64)
        struck, compared = shares_struck_by_others(radius, day, at, days=days, seed=SEED)
        lines.append(
            f"- Bombed too: {label}, on days 0 to {days} within {km:g} km, stand at {struck:.0%} of "
            f"struck and {compared:.0%} of comparison place-days."
        )
    return lines


def _curve(lull: Any, name: str) -> list[str]:
    if lull.curve is None:
        return ["No curve can be fitted.", ""]
    figure = lull.figure()
    figure.save(IMAGES / f"study-{name}.svg")
    until = lull.detectable_until
    said = "no day on which the band leaves out one" if until is None else f"detectable until day {until}"
    rows = ["| day | rate ratio | band |", "|---|---|---|"]
    rows += [
        f"| {row.days_since} | {row.rate_ratio:.2f} | {row.low:.2f} to {row.high:.2f} |"
        for row in lull.curve.itertuples()
        if row.days_since in (1, 3, 7, lull.days)
    ]
    alt = figure.alt.replace("[", "(").replace("]", ")")
    return [f"![{alt}](images/study-{name}.svg)", "", f"{figure.caption} Day by day: {said}.", "", *rows, ""]


def _sensitivity(real: RealStudy, days: int, km: float) -> list[str]:
    from afterstrike.effects import matched_wakes

    lines = []
    for label, study in real.sensitivity.items():
        row = matched_wakes(study, days=(days,), km=(km,), seed=SEED).to_frame().iloc[0].to_dict()
        lines.append(f"- no test **{label}**: {row['reason'] or 'rate ratio ' + span(row, 'rate_ratio')}.")
    return lines


def write_page(sections: dict[str, str], page: Path = PAGE) -> None:
    """Write the page: sections given replace their own, others stay."""
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    kept = dict(re.findall(r"<!-- study: ([\w-]+) -->\n(.*?)<!-- end -->", old, flags=re.DOTALL))
    kept |= sections
    body = "\n".join(
        f"<!-- study: {name} -->\n{kept[name].rstrip()}\n\n<!-- end -->" for name in STUDIES if name in kept
    )
    page.write_text(f"# Real studies\n{WORDS['head']}\n{body}\n", encoding="utf-8")


def main() -> None:
    """Run the studies asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("study", nargs="+", choices=[*STUDIES, "all"])
    asked = parser.parse_args().study
    IMAGES.mkdir(exist_ok=True)
    for name in STUDIES if "all" in asked else asked:
        section = run(name)
        write_page({name: section})
        print(section)


if __name__ == "__main__":
    main()
