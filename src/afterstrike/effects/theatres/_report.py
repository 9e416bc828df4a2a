"""What of a simulated theatre reaches the record: its events, as coarse and incomplete as known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from afterstrike.record import COLUMNS

from . import _simulate as kernel
from ._run import SimulatedTheatre, gap_blocks, spec_hash
from ._world import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["complete_events", "recorded_events", "reporting_gaps"]

STRIKER, GROUP, DEFENDER = "Simulated force", "Simulated group", "Simulated government"
STRIKES_FROM = 1_000_000  # strikes' draws are numbered from here, apart from those of attacks
Days = NDArray[np.datetime64]
Numbers = NDArray[Any]


@dataclass(frozen=True)
class Drawn:
    """All events of a run, strikes and attacks, one entry each: where, when, which draw, recorded or not."""

    is_strike: NDArray[np.bool_]
    row: Ints
    place: Ints
    k: Ints
    is_recorded: NDArray[np.bool_]
    event_id: Numbers
    day: Days


def _list(theatre: SimulatedTheatre) -> Drawn:
    """List a run's events from its first recorded day, ordered by day and id."""
    fixed, state, seed = theatre.fixed, theatre.state, theatre.seed
    parts = []
    for table in (state.attacks, state.strikes):
        row, place = (a.astype(np.int64) for a in np.nonzero(table[fixed.first :]))
        row += fixed.first
        times = table[row, place].astype(np.int64)
        ends = np.cumsum(times)
        k = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - times, times)
        parts.append((np.repeat(row, times), np.repeat(place, times), k))
    attacks = kernel.reported_flags(
        fixed.report_key, state.report_chance, parts[0][1], parts[0][0], parts[0][2]
    )
    key = kernel.stream_key(seed, kernel.STRIKE_REPORT)
    strikes = (
        kernel.uniforms(key, parts[1][1], parts[1][0], parts[1][2]) < theatre.spec.reporting.strikes_share
    )
    row, place, k = (np.concatenate(pair) for pair in zip(*parts, strict=True))
    is_strike = np.repeat([False, True], [len(attacks), len(strikes)])
    k = k + STRIKES_FROM * is_strike
    names = kernel.names(kernel.stream_key(seed, kernel.NAME), place, row, k)
    event_id = np.array([f"simulated-{name:016x}" for name in names.tolist()], dtype=object)
    order = np.lexsort((names, row))
    day = np.datetime64(theatre.spec.start) + (row - fixed.first).astype("timedelta64[D]")
    recorded = np.concatenate([attacks, strikes])
    return Drawn(
        is_strike[order], row[order], place[order], k[order], recorded[order], event_id[order], day[order]
    )


def complete_events(theatre: SimulatedTheatre) -> pd.DataFrame:
    """Give every event with its true day and place, and whether it is recorded."""
    import pandas as pd

    drawn = _list(theatre)
    return pd.DataFrame(
        {
            "event_id": drawn.event_id,
            "kind": np.where(drawn.is_strike, "strike", "attack"),
            "date": drawn.day.astype("datetime64[s]"),
            "place_index": drawn.place,
            "lat": theatre.world.lat[drawn.place],
            "lon": theatre.world.lon[drawn.place],
            "is_recorded": drawn.is_recorded,
        }
    )


def recorded_events(theatre: SimulatedTheatre) -> pd.DataFrame:
    """Give the recorded events in the event table's columns; what is not known is missing."""
    import pandas as pd

    everything = _list(theatre)
    keep = everything.is_recorded
    drawn = Drawn(*(getattr(everything, name)[keep] for name in Drawn.__dataclass_fields__))
    known: dict[str, Any] = (
        _constants(theatre) | _actors(drawn) | _dates(theatre, drawn) | _places(theatre, drawn)
    )
    known |= _deaths(theatre, drawn)
    known["event_id"] = drawn.event_id
    known["source_id"] = pd.array([name.removeprefix("simulated-") for name in drawn.event_id], dtype="str")
    blank = {"VARCHAR": "str", "TIMESTAMP": "datetime64[s]", "DATE": "datetime64[s]", "DOUBLE": "float64"}
    index = pd.RangeIndex(len(drawn.row))
    columns: dict[str, pd.Series[Any]] = {}
    for column in COLUMNS:
        if column.name in known:
            value = known[column.name]
            columns[column.name] = pd.Series(value, index=index, dtype="str" if _is_text(value) else None)
        else:
            columns[column.name] = pd.Series(
                None, index=index, dtype=blank.get(column.sql_type, "Int64"), name=column.name
            )
    frame = pd.DataFrame(columns)
    return frame.sort_values(["date_start", "event_id"], kind="stable", ignore_index=True)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype == object)


def _constants(theatre: SimulatedTheatre) -> dict[str, Any]:
    # No adm0: an invented event has no country, even where the region's outline is a real one.
    return {
        "dataset": "simulated",
        "dataset_version": "1",
        "source_text": "simulated, not an event",
        "licence": "CC0",
        "import_id": f"simulated:{spec_hash(theatre.spec)[:12]}:{theatre.seed}",
        "coded_by": "simulate_theatre",
        "confidence": "high",
    }


def _actors(drawn: Drawn) -> dict[str, Any]:
    import pandas as pd

    words = np.array(["attack", "strike", GROUP, STRIKER, DEFENDER], dtype=object)
    strike = drawn.is_strike.astype(np.int64)
    return {
        "kind": pd.Categorical(words[strike], categories=["attack", "strike"]),
        "side_a": words[2 + strike],
        "side_b": words[4 - 2 * strike],
        "initiator": words[2 + strike],
        "strikes": pd.array(np.where(drawn.is_strike, 1.0, np.nan), dtype="Int64"),
    }


def _draw(theatre: SimulatedTheatre, stream: int, drawn: Drawn, number: int) -> Floats:
    """Give one draw an event, the same in every twin of the run."""
    key = kernel.stream_key(theatre.seed, 16 * (stream + 1) + number)
    return kernel.uniforms(key, drawn.place, drawn.row, drawn.k)


def _dates(theatre: SimulatedTheatre, drawn: Drawn) -> dict[str, Any]:
    """Widen some dates to the week (Monday to Sunday) or the month; only exact days keep a clock time."""
    import pandas as pd

    part = theatre.spec.reporting
    u = _draw(theatre, kernel.COARSE, drawn, 0)
    by_month = u < part.month_share
    by_week = ~by_month & (u < part.month_share + part.week_share)
    day = drawn.day.astype("datetime64[D]")
    monday = day - ((day.astype(np.int64) + 3) % 7).astype("timedelta64[D]")  # 1970-01-01 was a Thursday
    month = day.astype("datetime64[M]")
    start = np.where(by_month, month.astype("datetime64[D]"), np.where(by_week, monday, day))
    end = np.where(
        by_month,
        (month + 1).astype("datetime64[D]") - np.timedelta64(1, "D"),
        np.where(by_week, monday + np.timedelta64(6, "D"), day),
    )
    seconds = (86400 * _draw(theatre, kernel.CLOCK, drawn, 0)).astype("timedelta64[s]")
    clock = day.astype("datetime64[s]") + seconds
    clock[by_month | by_week] = np.datetime64("NaT")
    precision = np.where(by_month, 4, np.where(by_week, 3, 1))
    words = np.array(["", "day", "", "week", "month"], dtype=object)
    return {
        "date_start": start.astype("datetime64[s]"),
        "date_end": end.astype("datetime64[s]"),
        "time_start": clock,
        "date_precision": pd.array(precision, dtype="Int64"),
        "date_precision_source": words[precision],
    }


def _places(theatre: SimulatedTheatre, drawn: Drawn) -> dict[str, Any]:
    """Move some events to the district's or the province's centroid, and forget the names below it."""
    import pandas as pd

    part, world = theatre.spec.reporting, theatre.world
    u = _draw(theatre, kernel.COARSE, drawn, 1)
    by_province = u < part.province_share
    by_district = ~by_province & (u < part.province_share + part.district_share)
    district = world.district[drawn.place]
    province = world.province[district]
    axes = []
    for axis, exact in enumerate((world.lat, world.lon)):
        value = np.where(by_district, world.district_at[district, axis], exact[drawn.place])
        axes.append(np.where(by_province, world.province_at[province, axis], value))
    precision = np.where(by_province, 4, np.where(by_district, 3, 1))
    sources = np.array(["", "place", "", "district", "province"], dtype=object)
    towns = np.array([f"Simplace {i + 1}" for i in range(world.lat.size)], dtype=object)
    districts = np.array([f"Simdistrict {i + 1}" for i in range(len(world.district_at))], dtype=object)
    provinces = np.array([f"Simprovince {i + 1}" for i in range(len(world.province_at))], dtype=object)
    return {
        "lat": axes[0],
        "lon": axes[1],
        "geo_precision": pd.array(precision, dtype="Int64"),
        "geo_precision_source": sources[precision],
        "place": _known(precision == 1, towns[drawn.place]),
        "adm2": _known(~by_province, districts[district]),
        "adm1": provinces[province],
    }


def _known(mask: NDArray[np.bool_], words: Numbers) -> Numbers:
    """Blank the words that are not known."""
    out = words.copy()
    out[~mask] = None
    return out


def _deaths(theatre: SimulatedTheatre, drawn: Drawn) -> dict[str, Any]:
    """Give low, best and high numbers of deaths; a missing number is missing in all three."""
    import pandas as pd

    u = [_draw(theatre, kernel.DEATHS, drawn, number) for number in range(5)]
    mean = np.where(drawn.is_strike, 3.0, 1.5)
    best = np.floor(np.log(u[0]) / np.log(mean / (1 + mean)))
    civilians = np.floor((best + 1) * u[1] ** 3)
    stated = u[2] >= theatre.spec.reporting.fatalities_missing
    civilians_stated = stated & (u[3] >= 0.2)
    known: dict[str, Any] = {}
    for name, number, mask in (("", best, stated), ("civilian_", civilians, civilians_stated)):
        doubt = np.floor((number + 1) * u[4] * 0.5)
        for end, value in (("best", number), ("low", number - doubt), ("high", number + doubt)):
            known[f"{name}fatalities_{end}"] = pd.array(
                np.where(mask, np.maximum(value, 0), np.nan), dtype="Int64"
            )
    return known


def reporting_gaps(theatre: SimulatedTheatre) -> pd.DataFrame:
    """Give the districts and days from which no attack is recorded."""
    import pandas as pd

    spec = theatre.spec
    block, district = np.nonzero(gap_blocks(spec, theatre.world, theatre.seed))
    start = np.datetime64(spec.start) + (block * spec.reporting.gap_days).astype("timedelta64[D]")
    last = np.datetime64(spec.start) + np.timedelta64(spec.days - 1, "D")
    end = np.minimum(start + np.timedelta64(spec.reporting.gap_days - 1, "D"), last)
    return pd.DataFrame(
        {
            "adm2": pd.array([f"Simdistrict {i + 1}" for i in district], dtype="str"),
            "date_start": start.astype("datetime64[s]"),
            "date_end": end.astype("datetime64[s]"),
        }
    )
