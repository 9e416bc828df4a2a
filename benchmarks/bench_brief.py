"""Time and memory of whole `afterstrike` processes: `--help`, the first and the second brief.

    python benchmarks/bench_brief.py [ARTICLE] [--published YYYY-MM-DD] [--record FILE] [--repeats 5]

Prints a table and writes benchmarks/results/brief.json. Each run is a new process. The first brief starts
with an empty cache folder and makes the gazetteer; the later ones find it. Promised: help under 0.5 s, a
second brief under 5 s, both on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RESULTS = Path(__file__).with_name("results") / "brief.json"
LIMITS_S = {"help": 0.5, "brief, later runs": 5.0}
RUN = "import sys; from afterstrike.cli import main; sys.exit(main(sys.argv[1:]))"


def measure(arguments: list[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Run one process; give its wall-clock seconds, processor seconds and largest resident memory in MB."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    problem = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status != 0:
        raise SystemExit(f"afterstrike {' '.join(arguments)} ended with status {status}: {problem.strip()}")
    unit = 1024 if sys.platform.startswith("linux") else 1024 * 1024  # Linux counts kB, macOS bytes
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def rows(brief: list[str], repeats: int) -> list[dict[str, object]]:
    """Measure all commands."""
    with tempfile.TemporaryDirectory() as folder:
        warm = {**os.environ, "AFTERSTRIKE_CACHE_DIR": str(Path(folder, "cache"))}
        command = ["brief", *brief, "-o", str(Path(folder, "out")), "--quiet"]
        runs = {"brief, first run": [measure(command, warm)]}
        runs["brief, later runs"] = [measure(command, warm) for _ in range(repeats)]
        measure(["--help"], warm)
        runs["help"] = [measure(["--help"], warm) for _ in range(repeats)]
    return [
        {
            "command": name,
            "runs": len(found),
            "median_s": round(statistics.median(seconds for seconds, _, _ in found), 3),
            "worst_s": round(max(seconds for seconds, _, _ in found), 3),
            "processor_s": round(statistics.median(used for _, used, _ in found), 3),
            "peak_rss_mb": round(max(memory for _, _, memory in found), 1),
            "limit_s": LIMITS_S.get(name),
        }
        for name, found in runs.items()
    ]


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("article", nargs="?", help="an article; by default the first shipped sample")
    parser.add_argument("--published", help="its publication date")
    parser.add_argument("--record", help="a record to hold it against")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    if given.article:
        brief = [given.article, *(["--published", given.published] if given.published else [])]
    else:
        from afterstrike.brief import samples

        brief = ["--sample", samples()[0].name]
    brief += ["--record", given.record] if given.record else []
    table = rows(brief, given.repeats)
    print(f"{'command':<20} {'median s':>9} {'worst s':>9} {'CPU s':>7} {'peak MB':>9} {'limit s':>8}")
    for row in table:
        limit = "" if row["limit_s"] is None else f"{row['limit_s']:>8}"
        numbers = f"{row['median_s']:>9} {row['worst_s']:>9} {row['processor_s']:>7} {row['peak_rss_mb']:>9}"
        print(f"{row['command']:<20} {numbers} {limit:>8}")
    RESULTS.parent.mkdir(exist_ok=True)
    about: dict[str, object] = {
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
    }
    about["load_1_min"] = round(os.getloadavg()[0], 1)  # a busy machine is slower
    with_record = bool(given.record)
    RESULTS.write_text(
        json.dumps({"machine": about, "with_record": with_record, "rows": table}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
