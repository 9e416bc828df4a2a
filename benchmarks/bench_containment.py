"""Measure the containment simulator beside a NumPy loop of the same equations and, where it is installed, PySD.

    python benchmarks/bench_containment.py [--members 10000] [--days 1000] [--no-write]

Prints a Markdown table and writes benchmarks/results/containment.json. One zone, one custody system: six stocks of
persons (fighters, sympathisers, partner forces, detained, escaped, dead or gone), every flow on, exact Poisson,
negative binomial and binomial draws, persons counted on every step. All run warm in the same process, one after the
other; compiling is timed apart. The NumPy loop is `_twin.py` with NumPy's own generator in place of the counter:
the same equations over all members at once. PySD steps a model of the same six stocks with mean flows and no
chance, one member at a time: one run is timed and multiplied. PySD is no dependency: install it into a folder and
put that on PYTHONPATH. The last rows are the shipped world of four zones, as `afterstrike scenario run` uses it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from afterstrike.containment import _layout as layout
from afterstrike.containment import simulate
from afterstrike.containment._layout import Levers
from afterstrike.containment._pack import geography_of, pack, structured
from afterstrike.containment._simulate import lever_arrays
from afterstrike.containment._twin import run_plain
from afterstrike.containment._twin_chance import PlainChance
from afterstrike.containment._world import Place, World, load_world

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks/results/containment.json"
FIRST = date(2030, 1, 1)


class NumpyChance(PlainChance):
    """The same draws from NumPy's generator: no counter, no common random numbers."""

    def __init__(self, members: int) -> None:
        super().__init__(0, 0, members)
        self.rng = np.random.default_rng(0)

    def uniform(self, stream: int, place: int = 0, piece: int = 0) -> Any:
        return self.rng.random(self.keys.size)

    def poisson(self, mean: Any, stream: int, place: int = 0) -> Any:
        return self.rng.poisson(np.maximum(mean, 0.0))

    def negative_binomial(self, mean: Any, ratio: Any, stream: int, place: int = 0) -> Any:
        spread = np.maximum(ratio - 1.0, 1e-9)
        return self.rng.poisson(self.rng.gamma(np.maximum(mean, 1e-12) / spread) * spread)

    def binomial(self, trials: Any, share: Any, stream: int, place: int = 0, piece: int = 0) -> Any:
        return self.rng.binomial(np.maximum(trials, 0), np.clip(share, 0.0, 1.0))


def one_zone() -> World:
    """One zone and one custody system with the numbers of the shipped world's desert and north-east."""
    shipped = load_world("feb2026")
    zone, system = shipped.zones[0].id, shipped.systems[0].id
    return World(
        name="benchmark", title="", as_of=FIRST - timedelta(days=1), note="", zones=(Place(zone, zone),),
        systems=(Place(system, system, zone),), camps=(), seams=(), numbers=shipped.numbers, own=frozenset(),
        events=(), sha256="",
    )  # fmt: skip


class Still:
    """A scenario that changes nothing."""

    name = title = "still"

    def levers(self, world: World, start: date, steps: int, step_days: float) -> Levers:
        return Levers.neutral(
            steps,
            zones=len(world.zones),
            systems=len(world.systems),
            camps=len(world.camps),
            seams=len(world.seams),
        )


def numbers(world: World, members: int) -> dict[str, Any]:
    """Draws with a partner force, so that the sixth stock moves too."""
    drawn = world.draw(members)
    place = world.zones[0].id
    return {
        **drawn,
        f"partner_force.{place}": np.full(members, 50_000.0),
        f"fighters_share.{place}": np.ones(members),
    }


def compiled(world: World, drawn: dict[str, Any], days: int, jobs: int) -> tuple[float, float, Any]:
    start, cpu = time.perf_counter(), time.process_time()
    until = FIRST + timedelta(days=days - 1)
    run = simulate(world, Still(), start=FIRST, until=until, draws=drawn, jobs=jobs)  # type: ignore[arg-type]
    return time.perf_counter() - start, time.process_time() - cpu, run


def numpy_loop(world: World, drawn: dict[str, Any], days: int) -> tuple[float, float, int]:
    members = len(drawn["fighters"])
    packed = pack(world, drawn)
    shapes = ((1, layout.ZONE_OUTPUTS), (1, layout.CUSTODY_OUTPUTS), (0, layout.CAMP_OUTPUTS))
    outputs = tuple(
        structured(np.zeros((members, days // 30 + 1, n, len(names)), np.int32), names) for n, names in shapes
    )
    imbalance = np.zeros(members, np.int64)
    levers = lever_arrays(Still().levers(world, FIRST, days, 1.0))
    start, cpu = time.perf_counter(), time.process_time()
    run_plain(
        0, 0, packed.state, packed.parameters, geography_of(world), levers, np.arange(days) // 30, 1.0, outputs,
        imbalance, NumpyChance(members),
    )  # fmt: skip
    seconds, busy = time.perf_counter() - start, time.process_time() - cpu
    attacks = outputs[0]["attacks"].sum(axis=(1, 2)).mean()
    return seconds, busy, int(attacks)


XMILE = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><vendor>afterstrike</vendor><product version="1.0">benchmark</product></header>
<sim_specs method="Euler" time_units="day"><start>0</start><stop>{days}</stop><dt>1</dt></sim_specs>
<model><variables>
<stock name="fighters"><eqn>2500</eqn><inflow>recruited</inflow><inflow>rejoined</inflow>
<outflow>killed</outflow><outflow>captured</outflow></stock>
<stock name="sympathisers"><eqn>20000</eqn><outflow>recruited</outflow></stock>
<stock name="force"><eqn>50000</eqn><outflow>lost</outflow></stock>
<stock name="detained"><eqn>6000</eqn><inflow>captured</inflow><outflow>broken</outflow></stock>
<stock name="escaped"><eqn>0</eqn><inflow>broken</inflow><outflow>rejoined</outflow></stock>
<stock name="gone"><eqn>0</eqn><inflow>killed</inflow><inflow>lost</inflow></stock>
<stock name="grievance"><eqn>0</eqn><inflow>harm</inflow><outflow>forgotten</outflow></stock>
<flow name="recruited"><eqn>sympathisers*(0.00001+0.0003*fighters/(sympathisers+10000))*(1+0.02*LN(1+grievance))</eqn></flow>
<flow name="killed"><eqn>0.5*0.3+0.2*0.3+fighters*0.0002</eqn></flow>
<flow name="captured"><eqn>0.3*0.8*fighters/2500</eqn></flow>
<flow name="lost"><eqn>fighters*0.0002*0.4*0.3*force/50000</eqn></flow>
<flow name="broken"><eqn>detained*0.05*0.2/365*fighters/2500</eqn></flow>
<flow name="rejoined"><eqn>escaped/30</eqn></flow>
<flow name="harm"><eqn>0.3*0.05</eqn></flow>
<flow name="forgotten"><eqn>grievance*0.0077</eqn></flow>
</variables></model></xmile>
"""


def pysd_member(days: int) -> float | None:
    """Seconds of one PySD run, or None where PySD is not installed."""
    try:
        import pysd
    except ImportError:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "six_stocks.xmile"
        path.write_text(XMILE.format(days=days))
        model = pysd.read_xmile(str(path))
        model.run()
        start = time.perf_counter()
        model.run()
        return time.perf_counter() - start


def measure(members: int, days: int) -> list[dict[str, Any]]:
    """Time each way; the first compiled run compiles or loads compiled code."""
    world = one_zone()
    drawn = numbers(world, members)
    first, _, _ = compiled(world, numbers(world, 10), 28, 1)
    rows: list[dict[str, Any]] = [{"what": "first call (compiles, or loads compiled code)", "seconds": first}]
    for jobs in (1, 2):
        seconds, busy, run = min(
            (compiled(world, drawn, days, jobs) for _ in range(3)), key=lambda made: made[0]
        )
        if run.imbalance.any():
            raise SystemExit("persons were lost")
        attacks = int(run.total("attacks").mean())
        what = f"afterstrike, {jobs} thread{'s' * (jobs > 1)}"
        rows.append({"what": what, "seconds": seconds, "cpu_seconds": busy, "mean_attacks": attacks})
    best = rows[-1]["seconds"]
    seconds, busy, attacks = numpy_loop(world, drawn, days)
    rows.append({"what": "NumPy loop", "seconds": seconds, "cpu_seconds": busy, "mean_attacks": attacks})
    one = pysd_member(days)
    if one is not None:
        rows.append({"what": f"PySD, one of {members:,} members timed", "seconds": one * members})
    for row in rows[3:]:
        row["ratio"] = row["seconds"] / best
    # of the process so far, PySD included
    rows.append(
        {"what": "peak memory (MB)", "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    )
    start = time.perf_counter()
    simulate("feb2026", members=2000, jobs=2)
    rows.append(
        {"what": "shipped world feb2026, 2,000 members to end 2028", "seconds": time.perf_counter() - start}
    )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--no-write", action="store_true")
    chosen = parser.parse_args()
    rows = measure(chosen.members, chosen.days)
    print(f"{chosen.members:,} members, {chosen.days:,} days, 6 stocks\n")
    print("| what | seconds | CPU seconds | times ours | mean attacks |\n|---|---|---|---|---|")
    for row in rows:
        cells = [row["what"], f"{row['seconds']:.2f}" if "seconds" in row else f"{row['memory_mb']:.0f} MB"]
        cells += [
            f"{row['cpu_seconds']:.2f}" if "cpu_seconds" in row else "",
            f"{row.get('ratio', 0):.0f}".strip("0"),
        ]
        print("| " + " | ".join([*cells, str(row.get("mean_attacks", ""))]) + " |")
    if not chosen.no_write:
        machine = {"cpus": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
        made = {"members": chosen.members, "days": chosen.days, "machine": machine, "rows": rows}
        RESULTS.write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
