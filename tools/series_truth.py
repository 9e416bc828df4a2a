"""The true effect of a theatre's strikes at the level of zones: one zone's strikes of one period taken away."""

from __future__ import annotations

from typing import Any

import numpy as np


def zone_truth(
    theatre: Any, *, zones: Any, by: str, days: tuple[int, ...], measure: str = "attacks"
) -> np.ndarray:
    """Give the log of (attacks as they were / without) for each horizon, over all struck zones and periods.

    Each struck zone and period loses its strikes in turn, in a run with the same draws in which all other
    strikes stay as they were, day by day. Expected attacks in that zone are summed over the days after the
    period, sums first and then the ratio. Only zones and periods whose longest horizon lies in the record
    count.
    """
    from afterstrike.effects import Study
    from afterstrike.effects._zones import zones_of
    from afterstrike.effects.theatres import _simulate as kernel
    from afterstrike.effects.theatres._run import NO_TOGGLES, copy_state

    study = Study.from_frame(theatre.events, treatment="strike", outcome="attack")
    zone = _zone_of_places(theatre, study, zones_of(study, zones))
    step, first = (7 if by == "week" else 1), theatre.fixed.first
    forced = np.where(theatre.state.strikes > 0, 20.0, 0.0)
    without = theatre.fixed._replace(strike_base=forced, reaction=0.0, crowding=1.0)
    state, twin = theatre.state, copy_state(theatre.state)
    rows, longest = len(forced), max(days)
    struck = np.argwhere(state.strikes > 0)
    struck = struck[zone[struck[:, 1]] >= 0]
    # Periods are counted from the first day of the study, the day of its first row.
    begin = int((study.rows.time_ms.min() // 86_400_000) - np.datetime64(theatre.spec.start, "D").astype(int))
    period = (struck[:, 0] - first - begin) // step
    sums = np.zeros((2, len(days)))
    for z, t in np.unique(np.column_stack([zone[struck[:, 1]], period]), axis=0):
        chosen = struck[(zone[struck[:, 1]] == z) & (period == t)]
        start, after = first + begin + t * step, first + begin + (t + 1) * step
        stop = after + longest
        if stop > rows or t < 0:
            continue
        forced[chosen[:, 0], chosen[:, 1]] = 0.0
        kernel.run_days(without, twin, start, stop, NO_TOGGLES, 0)
        forced[chosen[:, 0], chosen[:, 1]] = 20.0
        inside = zone == z
        for world, run in enumerate((state, twin)):
            rate = run.attack_rate[after:stop, inside]
            if measure == "recorded":
                rate = rate * run.report_chance[after:stop, inside]
            daily = rate.sum(axis=1)
            sums[world] += [daily[:length].sum() for length in days]
        for name in state._fields:
            getattr(twin, name)[start:stop] = getattr(state, name)[start:stop]
    return np.asarray(np.log(sums[0] / sums[1]))


def _zone_of_places(theatre: Any, study: Any, placed: Any) -> np.ndarray:
    """Give the zone of each place, -1 where no recorded attack says which."""
    at = study.outcome[["lat", "lon"]].to_numpy()
    known = dict(zip(map(tuple, at.round(6).tolist()), placed.outcome.tolist(), strict=True))
    places = np.column_stack([theatre.world.lat, theatre.world.lon]).round(6).tolist()
    return np.array([known.get((lat, lon), -1) for lat, lon in places])


def two_sources(theatre: Any, seed: int) -> Any:
    """Give a theatre's strikes, and its attacks as two sources have them.

    `local` has what the theatre's own reporting leaves (it may fall behind strikes), `agency` half of all attacks
    whatever strikes do. An attack that both have is two rows.
    """
    import pandas as pd

    events = theatre.events
    strikes = events[events["kind"] == "strike"].assign(source="release")
    local = events[events["kind"] == "attack"].assign(source="local")
    complete = theatre.complete
    attacks = complete[complete["kind"] == "attack"]
    agency = attacks[np.random.default_rng([seed, 17]).random(len(attacks)) < 0.5]
    zone = local.drop_duplicates(["lat", "lon"])[["lat", "lon", "adm1", "adm2"]]
    agency = agency.rename(columns={"date": "date_start"}).merge(zone, on=["lat", "lon"])
    agency = agency.assign(event_id="agency " + agency["event_id"], source="agency")
    columns = ["event_id", "kind", "date_start", "lat", "lon", "adm1", "adm2", "source"]
    return pd.concat([part[columns] for part in (strikes, local, agency)], ignore_index=True)
