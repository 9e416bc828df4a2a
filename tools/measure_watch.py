"""A watch over simulated days against a made-up press, killed at random, then held against the truth.

    python tools/measure_watch.py --reports 5000 --kills 60     # benchmarks/results/watch_run.json and .md

Time stands still while the watch works and moves when it sleeps, so the hours are as long as they need to be.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import yaml

from afterstrike.watch import load_watch
from watch_check import check_run
from watch_press import Press, make_press
from watch_server import Server, SimClock, wait_for

HERE = Path(__file__).parent
RESULTS = HERE.parent / "benchmarks" / "results"
TAIL_HOURS = 16.0  # after the last report, so that pages are looked at once more


def write_config(folder: Path, press: Press, server: Server) -> Path:
    """Write the YAML that watches a press."""
    path = folder / "watch.yaml"
    sources = [
        {"name": f"outlet-{o.number}", "list" if o.form == "list" else "feed": server.feed(o), "lang": o.lang,
         "outlet": f"Outlet {o.number}", "every": o.every_minutes}
        | ({"links": r"/(a|closed)/\d+"} if o.form == "list" else {})
        for o in press.outlets
    ]  # fmt: skip
    settings = {
        "record": "press.duckdb", "sources": sources, "places": ["Syria", "Iraq", "Yemen"], "recheck_hours": [1, 3, 6, 12],
        "allow_private": [f"127.0.0.1:{port}" for port in server.ports],
        "digest": {"folder": "digests", "at": "06:00", "webhook": f"{server.base(0)}/hook"},
    }  # fmt: skip
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def run(
    folder: Path, *, outlets: int = 30, reports: int = 200, hours: float = 48.0, kills: int = 8, seed: int = 1,
    faults: int = 18, round_minutes: float = 60.0, longest_life: float = 2.5, most_seconds: float = 600.0, shown: bool = False,
) -> tuple[dict[str, Any], list[str]]:  # fmt: skip
    """Run a watch against a press, kill it at random moments, and check what came of it."""
    press = make_press(outlets=outlets, reports=reports, hours=hours, seed=seed, faults=faults)
    clock = SimClock(folder / "clock")
    server = Server(press, clock)
    config = write_config(folder, press, server)
    rng = random.Random(seed)
    started, done_kills, lines = time.perf_counter(), 0, 0
    command = [
        sys.executable,
        str(HERE / "watch_child.py"),
        str(config),
        str(folder / "clock"),
        str((hours + TAIL_HOURS) * 3600),
        str(60 * round_minutes),
    ]
    try:
        while True:
            child = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ
            )
            said: list[str] = []
            reader = threading.Thread(target=_drain, args=(child, said, shown), daemon=True)
            reader.start()
            if done_kills < kills:
                wait_for(lambda said=said, child=child: said or child.poll() is not None, 60)
                # any moment of a round may be hit; later ones more work, so that all hours are met
                is_over = wait_for(
                    lambda child=child: child.poll() is not None, rng.uniform(0.05, longest_life)
                )
                if not is_over:
                    os.kill(child.pid, signal.SIGKILL)
                    done_kills += 1
            code = child.wait(timeout=most_seconds)
            reader.join(5)
            lines += len(said)
            if code == 0:
                break
            if code != -signal.SIGKILL:
                raise SystemExit(f"the watch ended with {code}: {said[-5:]}")
            if time.perf_counter() - started > most_seconds:
                raise SystemExit(f"not done after {most_seconds} s, at hour {clock.hour:.1f}")
        seconds = time.perf_counter() - started
        figures, wrong = check_run(load_watch(config), press, server)
    finally:
        server.close()
    figures = {"simulated hours": round(clock.hour, 1), "sources": outlets, "kills": done_kills, "rounds": lines - 2,
               "seconds": round(seconds, 1), **figures, "faults": len(wrong)}  # fmt: skip
    return figures, wrong


def _drain(child: subprocess.Popen[str], said: list[str], shown: bool) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        said.append(line)
        if shown:
            print(line, end="", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--reports", type=int, default=5000)
    parser.add_argument("--hours", type=float, default=48.0)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=40)
    parser.add_argument("--round-minutes", type=float, default=15.0)
    parser.add_argument(
        "--life", type=float, default=20.0, help="the longest a watch lives before it is killed, seconds"
    )
    parser.add_argument("--folder", type=Path, help="keep everything there")
    parser.add_argument("--shown", action="store_true")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/watch_run.*")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        figures, wrong = run(
            folder, reports=given.reports, hours=given.hours, kills=given.kills, seed=given.seed, faults=given.faults,
            round_minutes=given.round_minutes, longest_life=given.life, most_seconds=14_400, shown=given.shown,
        )  # fmt: skip
    for line in wrong[:40]:
        print("FAULT", line)
    table = "\n".join(
        ["| what | count |", "|---|---|", *(f"| {name} | {value:,} |" for name, value in figures.items())]
    )
    print(table)
    if given.save:
        (RESULTS / "watch_run.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "watch_run.md").write_text(table + "\n", encoding="utf-8")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
