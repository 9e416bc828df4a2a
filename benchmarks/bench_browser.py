"""Measure the record page in Chromium: until the map is idle, and from a brush until everything shows it.

    python benchmarks/bench_browser.py [--events 20000 100000] [--runs 5] [--no-write]

Starts the real server on a free port with the made record of `bench_web.py`, and Debian's Chromium, which draws the
map in software. "map idle": from the start of the visit until MapLibre has nothing left to draw, browser already
running. "brush": from letting go of a window over the timeline until counts, table and map show it and the map is idle
again. Prints a Markdown table and writes benchmarks/results/browser.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from bench_web import machine, make_record, serve

RESULTS = Path(__file__).resolve().parent / "results/browser.json"
IDLE = """() => new Promise((done) => {
  const look = () => {
    const view = document.querySelector('#view')?.dataset, at = document.querySelector('#map')?.eventMap;
    if (!at || !view.shown || view.shown !== view.wanted || !at.map.loaded() || at.map.isMoving()) return setTimeout(look, 5);
    done(performance.now());
  };
  look();
})"""


def visit(browser: Any, address: str) -> tuple[float, list[float]]:
    """Open the page once; give seconds until the map is idle, and seconds of five brushes."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{address}record", wait_until="commit")
    opened = page.evaluate(IDLE) / 1000
    box = page.locator("#timeline svg").bounding_box()
    left, wide, y = box["x"] + 44, box["width"] - 56, box["y"] + 50
    brushes = []
    for share in (0.1, 0.25, 0.4, 0.55, 0.7):
        page.mouse.move(left + wide * share, y)
        page.mouse.down()
        page.mouse.move(left + wide * (share + 0.2), y, steps=2)
        page.wait_for_timeout(300)  # the answers to the drag itself
        began = page.evaluate("performance.now()")
        page.mouse.up()
        brushes.append((page.evaluate(IDLE) - began) / 1000)
    context.close()
    return opened, brushes


def measure(browser: Any, events: int, runs: int) -> dict[str, Any]:
    """Measure with so many events."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "made.duckdb"
        make_record(record, events)
        server, address = serve(record)
        try:
            visit(browser, address)  # the first visit fills the browser's and the server's caches
            found = [visit(browser, address) for _ in range(runs)]
            memory = psutil.Process(server.pid).memory_info().rss / 1e6
        finally:
            server.terminate()
            server.wait(10)
    idle = [opened for opened, _ in found]
    brushes = [seconds for _, some in found for seconds in some]
    return {
        "events": events,
        "runs": runs,
        "map_idle_s": {"median": round(statistics.median(idle), 2), "worst": round(max(idle), 2)},
        "brush_s": {"median": round(statistics.median(brushes), 2), "worst": round(max(brushes), 2)},
        "server_mb": round(memory),
    }


def main() -> int:
    """Measure, print, write."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-write", action="store_true")
    given = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("bench_browser: no chromium on this machine; run: make browser", file=sys.stderr)
        return 0
    version = subprocess.run([chromium, "--version"], capture_output=True, text=True, check=False).stdout
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        rows = [measure(browser, events, given.runs) for events in given.events]
        browser.close()
    print("| Events | Map idle, median (worst) | Brush, median (worst) | Server memory |\n|---|---|---|---|")
    for row in rows:
        idle, brush = row["map_idle_s"], row["brush_s"]
        print(
            f"| {row['events']:,} | {idle['median']} s ({idle['worst']} s) | {brush['median']} s ({brush['worst']} s) "
            f"| {row['server_mb']} MB |"
        )
    if not given.no_write:
        found = {
            "machine": machine(),
            "browser": version.strip(),
            "measured": time.strftime("%Y-%m-%d"),
            "rows": rows,
        }
        RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
