"""Run every design on the real studies, beside each other, and write docs/studies-lull.md.

    python tools/run_lull.py all             # or one or more of: iraq, dutch, centcom, releases
    python tools/run_lull.py --no-curve iraq # without the specification curve

Each study replaces its own section of the page and its own figures; every number of the page comes from here. Counts
and estimates only leave the data: no row, place or source text is written.
"""

from __future__ import annotations

import argparse
import re
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import run_studies
from study_words import fold, told

if TYPE_CHECKING:
    from afterstrike.effects import LullComparison

PAGE = run_studies.ROOT / "docs" / "studies-lull.md"
IMAGES = run_studies.IMAGES
WORDS = tomllib.loads((Path(__file__).parent / "lull.toml").read_text(encoding="utf-8"))
STUDIES = ("iraq", "dutch", "centcom", "releases")
RELEASES = "oir_strike_releases_2014_2016/all-edited-refined.csv"
SEED = 20


def side_by_side(name: str, *, curve: bool) -> str:
    """Run one study and give its section."""
    from afterstrike.effects import change_points, lull

    real = run_studies.STUDIES[name]()
    began = time.perf_counter()
    found = lull(
        real.study, seed=SEED, alternatives="declared" if curve else None,
        progress=lambda stage: print(f"{name}: {stage} ({time.perf_counter() - began:.0f} s)", flush=True),
    )  # fmt: skip
    words, limits = WORDS[name], run_studies.WORDS[name]
    figures = found.figures()
    figures[0].save(IMAGES / f"lull-{name}.svg")
    lines = [f"## {words['title']}", "", found.harm, "", fold(words["question"]), ""]
    lines += [f"- {note}" for note in found.notes]
    lines += ["", *run_studies._trial(real), ""]
    if "matched wakes" in found.results:
        days, km = real.main
        lines += [*run_studies._co_treated(real, found.results["matched wakes"], km, days), ""]
    lines += [*_first(found), ""]
    lines += [_picture(figures[0], f"lull-{name}"), "", *_tables(found)]
    lines += ["**Checks that failed**, and by which design they were run:", "", *_failed(found), ""]
    if curve and len(figures) > 1:
        figures[1].save(IMAGES / f"lull-{name}-curve.svg")
        lines += ["**The specification curve.** " + " ".join(found._curve_words()), ""]
        lines += [_picture(figures[1], f"lull-{name}-curve"), ""]
    shifts = change_points(real.study, seed=SEED)
    lines += _shifts(shifts, "the attacks counted here", f"lull-{name}-shifts")
    lines += [fold(words["reading"]), "", "What [studies](studies.md) says of this record holds here too. "]
    lines[-1] += f"{fold(limits['limits'])} {fold(limits['published'])}"
    lines.append("")
    return "\n".join(lines)


def _first(found: LullComparison) -> list[str]:
    power = next((line for line in found.findings() if line.startswith("Smallest fall")), "")
    return [" ".join(part for part in (power, *found.agreement()) if part)]


def _picture(chart: Any, name: str) -> str:
    alt = chart.alt.replace("[", "(").replace("]", ")")
    return f"![{alt}](images/{name}.svg)\n\n{chart.caption}"


def _tables(found: LullComparison) -> list[str]:
    lines = []
    for title, table in found.tables().items():
        lines += [
            f"**{title}.**",
            "",
            "| design | days | value | interval | quiet days | answer |",
            "|---|---|---|---|---|---|",
        ]
        for row in table.to_dict("records"):
            name = f"{row['design']}{', ' + row['form'] if row['form'] else ''}"
            if row["reason"]:
                lines.append(f"| {name} | {row['days']:g} | not estimated | | | {row['reason']} |")
                continue
            ratio = row["measure"] == "rate ratio"
            width = ".2f" if ratio else "+.3g"
            value = f"{row['value']:{width}}" + ("" if ratio else f" {row['measure']}")
            ends = "none" if row["low"] != row["low"] else f"{row['low']:{width}} to {row['high']:{width}}"
            quiet = row["quiet_days"]
            days = (
                ""
                if quiet != quiet
                else f"{quiet:.1f} ({row['quiet_days_low']:.1f} to {row['quiet_days_high']:.1f})"
            )
            said = "; ".join(part for part in (row["answer"], row["points"]) if part)
            lines.append(f"| {name} | {row['days']:g} | {value} | {ends} | {days} | {said} |")
        lines.append("")
    return lines


def _failed(found: LullComparison) -> list[str]:
    failed = [check for check in found.checks if check.passed is False]
    if not failed:
        return [f"- none of {len(found.checks)}."]
    return [f"- {told(check.passed)} **{check.check_name}**: {check.text}" for check in failed]


def _shifts(found: Any, what: str, name: str) -> list[str]:
    figure = found.plot()
    figure.save(IMAGES / f"{name}.svg")
    said = " ".join(line for line in found.findings() if not line.startswith(("Estimand", "To read")))
    return [f"**When {what} shifted by themselves.** {said}", "", _picture(figure, name), ""]


def releases() -> str:
    """Give the section on the weekly series of US releases: strikes alone, no outcome is on record beside them."""
    import duckdb
    import pandas as pd

    from afterstrike.effects import change_points

    path = run_studies.DATA / RELEASES
    rows = duckdb.connect().execute(
        "SELECT strptime(date, '%m/%d/%Y')::DATE::VARCHAR AS date, number FROM read_csv(?, all_varchar = true)",
        [str(path)],
    )
    table = pd.DataFrame(rows.fetchall(), columns=["date", "number"])
    number = table["number"].astype(int)
    # One row a strike; the file names no coordinates, and only the tempo is looked at.
    strikes = (
        table.loc[table.index.repeat(number), ["date"]].assign(lat=35.0, lon=40.0).reset_index(drop=True)
    )
    span = (str(table["date"].min()), str(table["date"].max()))
    words = WORDS["releases"]
    found = change_points(strikes, series=("tempo",), period=span, seed=SEED)
    lines = [f"## {words['title']}", "", fold(words["question"]), ""]
    lines += [f"{len(table):,} lines of releases, {len(strikes):,} strikes, {span[0]} to {span[1]}.", ""]
    lines += _shifts(found, "the strikes told of", "lull-releases-shifts")
    lines += _tempo(strikes, span)
    lines += _interrupted(strikes, span)
    lines += [fold(words["reading"]), ""]
    return "\n".join(lines)


def _tempo(strikes: Any, span: tuple[str, str]) -> list[str]:
    from afterstrike.effects import tempo_against_past

    window, reference = WORDS["releases"]["tempo"]
    found = tempo_against_past(strikes, window=window, reference=reference, period=span)
    said = " ".join(
        line for line in found.findings() if line and not line.startswith(("Estimand", "To read"))
    )
    return [f"**The last quarter against {reference}.** {said}", ""]


def _interrupted(strikes: Any, span: tuple[str, str]) -> list[str]:
    import pandas as pd

    from afterstrike.effects import interrupted_series

    days = pd.to_datetime(strikes["date"])
    first = pd.Timestamp(span[0])
    weeks = pd.date_range(first, pd.Timestamp(span[1]) - pd.Timedelta(days=6), freq="7D")
    counts = ((days - first).dt.days // 7).value_counts().reindex(range(len(weeks)), fill_value=0)
    series = pd.Series(counts.to_numpy(), index=weeks)
    lines = []
    for start, what in WORDS["releases"]["dates"]:
        found = interrupted_series(series, start=start, days=91, what="strikes told of")
        lines_said = [line for line in found.findings() if line and not line.startswith("To read")]
        said = " ".join(line if line.endswith(".") else f"{line}." for line in lines_said)
        lines += [f"**{what} ({start}).** {said}", ""]
        lines += [f"- {told(check.passed)} **{check.check_name}**: {check.text}" for check in found.checks]
        lines.append("")
    return lines


def write_page(sections: dict[str, str]) -> None:
    """Write the page: sections given replace their own, others stay."""
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    kept = dict(re.findall(r"<!-- study: ([\w-]+) -->\n(.*?)<!-- end -->", old, flags=re.DOTALL)) | sections
    body = "\n".join(
        f"<!-- study: {name} -->\n{kept[name].rstrip()}\n\n<!-- end -->" for name in STUDIES if name in kept
    )
    PAGE.write_text(
        f"# Real studies, every design beside the others\n{WORDS['head']}\n{body}\n", encoding="utf-8"
    )


def main() -> None:
    """Run the studies asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("study", nargs="+", choices=[*STUDIES, "all"])
    parser.add_argument("--no-curve", action="store_true", help="leave the specification curve out")
    asked = parser.parse_args()
    for name in STUDIES if "all" in asked.study else asked.study:
        section = releases() if name == "releases" else side_by_side(name, curve=not asked.no_curve)
        write_page({name: section})
        print(section)


if __name__ == "__main__":
    main()
