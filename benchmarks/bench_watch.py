"""Reports a minute through the whole loop of a watch, its memory, and what building the incidents anew costs.

A made-up press of 30 outlets on 127.0.0.1 (tools/watch_press.py) has all its reports out at once; the watch asks,
archives, extracts, reads, stores and links them. Time stands still in it, so that no interval is waited for: the figure
is that of the work. Writes benchmarks/results/watch.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "benchmarks" / "results" / "watch.json"
sys.path.insert(0, str(ROOT / "tools"))


def measure(reports: int) -> dict[str, Any]:
    """Watch so many reports, once through and once more where nothing is new."""
    from afterstrike.record.incidents import build_incidents
    from afterstrike.watch import Watch, load_watch
    from measure_watch import write_config
    from watch_press import make_press
    from watch_server import Server, SimClock

    process, most = psutil.Process(), [0]
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.05):
            most[0] = max(most[0], process.memory_info().rss)

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        press = make_press(reports=reports, hours=48.0, faults=0)
        clock = SimClock(folder / "clock")
        server = Server(press, clock)
        config = load_watch(write_config(folder, press, server))
        clock.sleep(48 * 3600)
        watch = Watch(config, now=clock.now, sleep=clock.sleep, clock=lambda: clock.seconds, seed=1)
        threading.Thread(target=look, daemon=True).start()
        started, cpu = time.perf_counter(), process.cpu_times()
        rounds = watch.once()
        wall = time.perf_counter() - started
        used = process.cpu_times()
        is_over.set()
        read = sum(one.kept.read for one in rounds)
        with watch.record() as con:
            begun = time.perf_counter()
            built = build_incidents(con)
            build = time.perf_counter() - begun
        clock.sleep(3 * 3600)
        begun = time.perf_counter()
        watch.once()
        idle = time.perf_counter() - begun
        server.close()
        return {
            "reports_read": read,
            "tellings": built.tellings,
            "incidents": built.incidents,
            "wall_s": round(wall, 1),
            "cpu_s": round(used.user + used.system - cpu.user - cpu.system, 1),
            "reports_per_minute": round(60 * read / wall),
            "most_memory_mb": round(most[0] / 1e6),
            "build_incidents_s": round(build, 2),
            "round_of_30_sources_and_rechecks_s": round(idle, 1),
            "archive_mb": round(
                sum(f.stat().st_size for f in config.archive.rglob("*") if f.is_file()) / 1e6, 1
            ),
            "record_mb": round(config.record.stat().st_size / 1e6, 1),
        }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, nargs="*", default=[250, 500, 1000])
    given = parser.parse_args()
    found: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load_before": [round(x, 1) for x in os.getloadavg()],
        "server": "in the same process, so its work is in the figures too",
        "runs": [measure(count) for count in given.reports],
    }
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
