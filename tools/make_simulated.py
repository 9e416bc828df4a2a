"""Makes the shipped simulated event set: an invented country with a lull of known size.

    python tools/make_simulated.py

Truth: each place has 0.10 attacks a day. In the 14 days after a strike on a place its attacks fall to 0.6
of that (14 * (1 - 0.6) = 5.6 quiet days), whatever the number of strikes, and no other place is touched.
Strikes fall at random, 0.02 a day and place, whatever the attacks do. The places lie in open ocean.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "src" / "afterstrike" / "record" / "shipped" / "simulated_events.csv"

FIRST, LAST = date(2001, 1, 1), date(2002, 12, 31)
ATTACKS_PER_DAY, STRIKES_PER_DAY = 0.10, 0.02
LULL_RATIO, LULL_DAYS = 0.6, 14
DEATHS_PER_ATTACK = 1.2
COLUMNS = (
    "event_id,kind,date_start,date_end,date_precision,geo_precision,lat,lon,place,adm0,adm1,side_a,side_b,"
    "initiator,strikes,fatalities_best,fatalities_low,fatalities_high,dataset,source_id,licence"
)

# Twelve points on a grid in the South Atlantic, about 110 km apart: far more than any radius of a wake.
PLACES = [
    (f"Simplace {n + 1:02d}", f"Simprovince {'ABC'[n // 4]}", -32.0 + n // 4, -20.0 + 1.2 * (n % 4))
    for n in range(12)
]
FORCE, GROUP, GOVERNMENT = "Sim force", "Sim group", "Sim government"


def poisson(rng: Random, mean: float) -> int:
    """Draw from a Poisson distribution, by multiplying uniforms."""
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count, product = count + 1, product * rng.random()
    return count


def near(rng: Random, degrees: float) -> float:
    """Give a coordinate up to about three kilometres off."""
    return round(degrees + (rng.random() - 0.5) * 0.05, 3)


def simulate(seed: int) -> list[list[object]]:
    """Draw all events, day by day and place by place."""
    rng = Random(seed)
    last_strike: dict[str, date] = {}
    rows: list[list[object]] = []
    day = FIRST
    while day <= LAST:
        for place, adm1, lat, lon in PLACES:
            since = (day - last_strike[place]).days if place in last_strike else LULL_DAYS + 1
            ratio = LULL_RATIO if 1 <= since <= LULL_DAYS else 1.0
            kinds = ["attack"] * poisson(rng, ATTACKS_PER_DAY * ratio)
            kinds += ["strike"] * poisson(rng, STRIKES_PER_DAY)
            for kind in kinds:
                strike = kind == "strike"
                first, second = (FORCE, GROUP) if strike else (GROUP, GOVERNMENT)
                deaths = poisson(rng, DEATHS_PER_ATTACK)
                here: list[object] = [near(rng, lat), near(rng, lon), place, "XXX", adm1]
                counts: list[object] = [1 if strike else "", deaths, max(0, deaths - 1), deaths + 1]
                number = len(rows) + 1
                when: list[object] = [f"sim-{number}", kind, day, day, 1, 1]
                rows.append([*when, *here, first, second, first, *counts, "simulated", number, "CC0"])
                if strike:
                    last_strike[place] = day
        day += timedelta(days=1)
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the simulated event set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--target", type=Path, default=TARGET)
    options = parser.parse_args(arguments)
    rows = simulate(options.seed)
    with options.target.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS.split(","))
        writer.writerows(rows)
    strikes = sum(row[1] == "strike" for row in rows)
    print(f"{options.target.name}: {strikes} strikes, {len(rows) - strikes} attacks, all simulated")
    return 0


if __name__ == "__main__":
    sys.exit(main())
