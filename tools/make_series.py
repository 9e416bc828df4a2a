"""Computes the shipped weekly series from the open data beside the repository.

    python tools/make_series.py                 # reads ../shared/data, writes the package's series folder
    python tools/make_series.py --check         # writes nothing; exit 1 where a file would change

Counts only leave the data: no row, place or source text of any data set is written.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
TARGET = ROOT / "src" / "afterstrike" / "record" / "shipped" / "series"

US_FILE = "oir_strike_releases_2014_2016/all-edited-refined.csv"
UCDP_FILE = "ucdp_ged_syria/ged_syria_2016_2018.parquet"
UCDP_FIRST, UCDP_LAST = date(2016, 1, 1), date(2018, 12, 31)
DUTCH_FILE = "nl_mod_oir_strikes_2014_2018/UNCLASS_20230330_Nederlandse_luchtaanvallen_OIR.csv"


def monday(day: date) -> date:
    """Give the Monday of the ISO week a day lies in."""
    return day - timedelta(days=day.weekday())


def weeks(first: date, last: date) -> list[date]:
    """Give the Mondays of all ISO weeks from the week of one day to the week of another."""
    start, end = monday(first), monday(last)
    return [start + timedelta(weeks=n) for n in range((end - start).days // 7 + 1)]


def us_strikes(data: Path) -> list[list[object]]:
    """Count strikes by week and country from the US releases, by the day of the release.

    A release may cover several days, so a week in which a day has no release is marked not complete,
    and a country with no line in any release of a week is left empty: the releases do not state a zero.
    """
    with (data / US_FILE).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    strikes: dict[tuple[date, str], int] = {}
    days: dict[date, set[date]] = {}
    for row in rows:
        month, day, year = (int(part) for part in row["date"].split("/"))
        released = date(year, month, day)
        # The one odd country of the file is "Tikrit, Iraq".
        adm0 = {"Syria": "SYR", "Iraq": "IRQ"}[row["country"].rsplit(", ", 1)[-1]]
        key = (monday(released), adm0)
        strikes[key] = strikes.get(key, 0) + int(row["number"])
        days.setdefault(monday(released), set()).add(released)
    out: list[list[object]] = []
    for week in weeks(min(days), max(days)):
        seen = len(days.get(week, ()))
        for adm0 in ("IRQ", "SYR"):
            complete = "true" if seen == 7 else "false"
            out.append([week, adm0, strikes.get((week, adm0), ""), seen, complete])
    return out


def is_events(data: Path) -> list[list[object]]:
    """Count UCDP events with the Islamic State on a side, by week and governorate.

    Only events dated to the week or better (date_prec 1 to 3) can be put in a week; an event of several
    days counts in the week it began. Where the publisher's low exceeds best, the bounds are widened.
    """
    query = f"""
        SELECT CAST(date_trunc('week', CAST(date_start AS DATE)) AS DATE) AS week,
               coalesce(adm_1, '') AS adm1,
               count(*) AS events,
               CAST(sum(best) AS BIGINT) AS best,
               CAST(sum(least(low, best)) AS BIGINT) AS low,
               CAST(sum(greatest(high, best)) AS BIGINT) AS high
        FROM read_parquet('{(data / UCDP_FILE).as_posix()}')
        WHERE (side_a = 'IS' OR side_b = 'IS') AND date_prec <= 3
        GROUP BY ALL ORDER BY week, adm1
    """
    with duckdb.connect() as con:
        found = con.execute(query).fetchall()
    # The file holds whole years, so the weeks at its two ends are cut.
    cut = {monday(UCDP_FIRST), monday(UCDP_LAST)}
    return [
        [week, "SYR", adm1, events, best, low, high, "false" if week in cut else "true"]
        for week, adm1, events, best, low, high in found
    ]


def dutch_strikes(data: Path) -> list[list[object]]:
    """Count Dutch strikes by week and country: one per day, time and position, however many weapons."""
    months = {
        name: number
        for number, name in enumerate(
            ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
        )
    } | {"mrt": 3, "mei": 5, "okt": 10}
    codes = {"Iraq": "IRQ", "Syria": "SYR"}
    seen: dict[tuple[date, str], set[tuple[str, ...]]] = {}
    released: dict[tuple[date, str], int] = {}
    with (data / DUTCH_FILE).open(encoding="utf-8-sig", newline="") as handle:
        for row in csv.reader(list(handle)[1:], delimiter=";"):
            day, month, year = row[0].strip().split("-")
            when = date(2000 + int(year), months[month.lower()], int(day))
            key = (monday(when), codes.get(row[9].strip(), ""))
            seen.setdefault(key, set()).add((when.isoformat(), row[1].strip(), row[3].strip()))
            released[key] = released.get(key, 0) + 1
    return [[week, adm0, len(seen[week, adm0]), released[week, adm0]] for week, adm0 in sorted(seen)]


SERIES = {
    "us_strikes_weekly.csv": (us_strikes, ["week", "adm0", "strikes", "release_days", "complete"]),
    "is_events_weekly_adm1.csv": (
        is_events,
        ["week", "adm0", "adm1", "events", "deaths_best", "deaths_low", "deaths_high", "complete"],
    ),
    "dutch_strikes_weekly.csv": (dutch_strikes, ["week", "adm0", "strikes", "rows_released"]),
}


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows as UTF-8 CSV with line feeds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the series, or say which would change."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the open data")
    parser.add_argument("--target", type=Path, default=TARGET, help="folder to write to")
    parser.add_argument("--check", action="store_true", help="compare only")
    options = parser.parse_args(arguments)
    if not options.data.is_dir():
        parser.error(f"got no folder {options.data}; give the folder of the open data with --data")
    changed = []
    for name, (compute, header) in SERIES.items():
        made = as_csv(header, compute(options.data))
        path = options.target / name
        if path.exists() and path.read_bytes() == made:
            continue
        changed.append(name)
        if not options.check:
            path.write_bytes(made)
    print("changed: " + ", ".join(changed) if changed else "all series are as computed")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
