"""Measure the import of event files: the real Syria file, and a made one of a million rows.

    python benchmarks/bench_record.py [--rows 1000000] [--no-write]

Prints a Markdown table beside DuckDB's own read of the same file and writes benchmarks/results/record.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
SYRIA = ROOT.parent / "shared/data/ucdp_ged_syria/ged_syria_2016_2018.parquet"
RESULTS = ROOT / "benchmarks/results/record.json"
SEED = 7

# Each random number is a hash of (seed, row, salt): the file is the same on every machine.
MADE = """
SELECT i AS id, 'SYN-' || (1989 + i % 36) || '-1-' || i AS relid, 1989 + i % 36 AS "year",
  u(1) < 0.7 AS active_year,
  'Clear' AS code_status, 1 + CAST(floor(u(2) * 2.99) AS INT) AS type_of_violence,
  '' || (300 + i % 90) AS conflict_dset_id, 300 + i % 90 AS conflict_new_id,
  'Country ' || (i % 90) || ': Government' AS conflict_name, '' || (700 + i % 400) AS dyad_dset_id,
  700 + i % 400 AS dyad_new_id, 'Government ' || (i % 90) || ' - Group ' || (i % 400) AS dyad_name,
  '' || (100 + i % 90) AS side_a_dset_id, 100 + i % 90 AS side_a_new_id, 'Government ' || (i % 90) AS side_a,
  '' || (1000 + i % 400) AS side_b_dset_id, 1000 + i % 400 AS side_b_new_id, 'Group ' || (i % 400) AS side_b,
  1 + i % 5 AS number_of_sources, words(3, 22) AS source_article, 'Agency ' || (i % 60) AS source_office,
  CAST(day AS VARCHAR) AS source_date, words(4, 9) AS source_headline, words(5, 4) AS source_original,
  1 + CAST(floor(pow(u(6), 2) * 5.99) AS INT) AS where_prec,
  'Place ' || (i % 20000) || ' town' AS where_coordinates,
  words(7, 6) AS where_description, 'Province ' || (i % 800) AS adm_1, 'District ' || (i % 5000) AS adm_2,
  round(-35 + 90 * u(8), 6) AS latitude, round(-100 + 220 * u(9), 6) AS longitude,
  'POINT (' || round(-100 + 220 * u(9), 6) || ' ' || round(-35 + 90 * u(8), 6) || ')' AS geom_wkt,
  100000 + i % 150000 AS priogrid_gid,
  ['Syria', 'Iraq', 'Mexico', 'Yemen (North Yemen)', 'Somalia'][1 + i % 5] AS country,
  600 + i % 90 AS country_id, 'Middle East' AS region, 1 + CAST(u(10) < 0.05 AS INT) AS event_clarity,
  1 + CAST(floor(pow(u(11), 4) * 4.99) AS INT) AS date_prec, CAST(day AS VARCHAR) AS date_start,
  CAST(day + CAST(floor(pow(u(12), 6) * 20) AS INT) AS VARCHAR) AS date_end,
  CAST(floor(3 * u(13)) AS INT) AS deaths_a, CAST(floor(4 * u(14)) AS INT) AS deaths_b,
  CAST(floor(2 * u(15)) AS INT) AS deaths_civilians, CAST(floor(2 * u(16)) AS INT) AS deaths_unknown,
  deaths_a + deaths_b + deaths_civilians + deaths_unknown AS best,
  best + CAST(floor(3 * u(17)) AS INT) AS high, greatest(best - CAST(floor(2 * u(18)) AS INT), 0) AS low,
  '' || (600 + i % 90) AS gwnoa, NULL AS gwnob
FROM (SELECT i, DATE '1989-01-01' + CAST(floor(u(0) * 13000) AS INT) AS day FROM range(1, {rows} + 1) t(i))
"""


def make_file(path: Path, rows: int) -> None:
    """Write a GED-like CSV of 49 columns whose texts are as long as those of the real files."""
    with duckdb.connect() as con:
        vocabulary = (
            "fighters clashes reported near the town after shelling by government forces killed wounded"
        )
        query = re.sub(
            r"\bu\((\d+)\)", rf"((hash({SEED}, i, \1) % 1000003) / 1000003.0)", MADE.format(rows=rows)
        )
        word = f"string_split('{vocabulary}', ' ')[1 + (hash({SEED}, i, \\1, k) % 12)::INT]"
        words = f"array_to_string(list_transform(range(\\2), lambda k: {word}), ' ')"
        query = re.sub(r"words\((\d+), (\d+)\)", words, query)
        con.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER)")


@dataclass(frozen=True)
class Run:
    """One run of code in a process of its own."""

    seconds: float  # by the clock on the wall, start of Python included
    cpu: float  # seconds of all cores together, which a busy machine hardly changes
    peak_mb: float
    printed: str


def measured(code: str, *arguments: str) -> Run:
    """Run code in a process of its own and measure it."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)
    printed = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"the measured process ended with status {process.returncode}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, printed.strip())


IMPORT = """
import sys
from afterstrike.record import open_record
with open_record(sys.argv[2]) as record:
    report = record.add(sys.argv[1])
print(report.read, report.added, report.seconds)
"""
DUCKDB = """
import sys, duckdb
path = sys.argv[1].replace("'", "''")
scan = f"read_parquet('{path}')" if path.endswith(".parquet") else f"read_csv('{path}', all_varchar = true)"
with duckdb.connect(sys.argv[2]) as con:
    con.execute(f"CREATE TABLE t AS SELECT * FROM {scan}")
    print(con.execute("SELECT count(*) FROM t").fetchone()[0])
"""


def bench(path: Path, name: str, folder: Path, limit_seconds: float) -> dict[str, object]:
    """Import a file into a new record and, beside it, read it into a plain DuckDB table."""
    ours = measured(IMPORT, str(path), str(folder / f"{name}.duckdb"))
    again = measured(IMPORT, str(path), str(folder / f"{name}.duckdb"))
    theirs = measured(DUCKDB, str(path), str(folder / f"{name}.plain.duckdb"))
    read, added, _ = ours.printed.split()
    if read != added:
        raise SystemExit(f"{name}: {read} rows read but {added} added")
    return {
        "file": name,
        "rows": int(read),
        "megabytes": round(path.stat().st_size / 1e6, 1),
        "seconds": round(ours.seconds, 2),
        "cpu_seconds": round(ours.cpu, 2),
        "seconds_again": round(again.seconds, 2),
        "cpu_seconds_again": round(again.cpu, 2),
        "peak_mb": round(max(ours.peak_mb, again.peak_mb)),
        "duckdb_seconds": round(theirs.seconds, 2),
        "duckdb_cpu_seconds": round(theirs.cpu, 2),
        "duckdb_peak_mb": round(theirs.peak_mb),
        "ratio": round(ours.cpu / theirs.cpu, 1),
        "bar_seconds": limit_seconds,
    }


def machine() -> str:
    """Describe the machine and versions."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = f"Python {platform.python_version()}"
    load = f"load average {os.getloadavg()[0]:.1f} at the start"
    return f"{platform.machine()}, {cores} cores ({load}), {python}, DuckDB {duckdb.__version__}"


def main() -> None:
    """Measure, print the table, keep the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--no-write", action="store_true")
    arguments = parser.parse_args()
    where = machine()
    results = []
    with tempfile.TemporaryDirectory(prefix="afterstrike-bench-") as name:
        folder = Path(name)
        if SYRIA.is_file():
            results.append(bench(SYRIA, "ucdp_ged_syria", folder, 3.0))
        made = folder / "synthetic_ged.csv"
        make_file(made, arguments.rows)
        results.append(bench(made, f"synthetic_{arguments.rows}", folder, 60.0))
    print(f"{where}\n")
    print("| file | rows | MB | import s (bar; CPU) | again s (CPU) | peak MB | DuckDB's read s (CPU) "
          "| its peak MB | CPU ratio |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for row in results:
        print(
            f"| {row['file']} | {row['rows']:,} | {row['megabytes']} "
            f"| {row['seconds']} (< {row['bar_seconds']:g}; {row['cpu_seconds']}) "
            f"| {row['seconds_again']} ({row['cpu_seconds_again']}) | {row['peak_mb']} "
            f"| {row['duckdb_seconds']} ({row['duckdb_cpu_seconds']}) | {row['duckdb_peak_mb']} "
            f"| {row['ratio']} |"
        )
    if not arguments.no_write:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps({"machine": where, "results": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
