"""The events of a record in memory, column by column, for selections that answer in a few milliseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..record._schema import EVENT_KINDS

if TYPE_CHECKING:
    import duckdb

__all__ = ["DRAWN_PRECISIONS", "Coded", "Index", "iso_day"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Known to a governorate or better: what a map may draw, as a disc or an area.
DRAWN_PRECISIONS = (1, 2, 3, 4)
NO_DAY = np.iinfo(np.int64).min
LATEST = np.iinfo(np.int64).max
# Columns of a row in a list; the words of a source stand on the page of the event.
CODED = ("kind", "initiator", "adm0", "adm1", "adm2", "side_a", "side_b", "dataset", "dataset_version", "weapon",
         "hedging", "confidence", "coded_by")  # fmt: skip
COUNTS = ("strikes", "strikes_low", "strikes_high", "targets", "fatalities_best", "fatalities_low",
          "fatalities_high", "civilian_fatalities_best", "civilian_fatalities_low", "civilian_fatalities_high",
          "injured_low", "injured_high", "date_precision", "geo_precision")  # fmt: skip
_EPOCH = date(1970, 1, 1).toordinal()
_YEAR = re.compile(r"year ([0-9]{4})")


@lru_cache(maxsize=100_000)
def iso_day(days: int) -> str:
    """Give the day so many days after 1 January 1970."""
    return date.fromordinal(days + _EPOCH).isoformat()


@dataclass(frozen=True)
class Coded:
    """A column of words: for each event the number of its word plus 1, or 0 where none is stated."""

    codes: Ints
    values: npt.NDArray[np.object_]  # values[0] is None

    @staticmethod
    def of(column: Any) -> Coded:
        """Number the words of a column in alphabetical order."""
        import pandas as pd

        codes, words = pd.factorize(np.asarray(column, dtype=object), use_na_sentinel=True)
        order = sorted(range(len(words)), key=lambda n: str(words[n]))
        place = np.zeros(len(words) + 1, dtype=np.int64)
        place[np.asarray(order, dtype=np.int64)] = np.arange(1, len(words) + 1)
        values = np.empty(len(words) + 1, dtype=object)
        values[0] = None
        for number, old in enumerate(order, start=1):
            values[number] = words[old]
        coded = place[codes]
        coded[codes < 0] = 0
        return Coded(coded, values)

    def among(self, wanted: tuple[str, ...]) -> Bools:
        """Say for each event whether its word is one of these."""
        chosen = set(wanted)
        table = np.fromiter((word in chosen for word in self.values), dtype=np.bool_, count=len(self.values))
        found: Bools = table[self.codes]
        return found


@dataclass(frozen=True)
class Index:
    """All events, in order of day (rows without a day last) and id. Arrays have one entry an event."""

    size: int
    event_id: npt.NDArray[np.object_]
    place: npt.NDArray[np.object_]
    coded: dict[str, Coded]
    side: tuple[Ints, Ints, npt.NDArray[np.object_]]  # side_a, side_b and the words both are numbered by
    counts: dict[str, Ints]  # NO_DAY stands for missing
    start: Ints  # days since 1970, NO_DAY where missing
    end: Ints
    earliest_end: Ints  # what `from` is held against; a row of only a year counts from its first day
    latest_start: Ints  # what `to` is held against; a row of only a year counts to its last day
    week: Ints  # number of its week, or -1 where the week is not known
    mondays: tuple[str, ...]
    kind_of: Ints  # the kind's place in EVENT_KINDS
    lat: Floats
    lon: Floats
    precision: Ints  # 0 where not stated
    has_place: Bools
    is_drawn: Bools
    is_harm: Bools
    site: Ints  # number of the place on the map, or -1
    site_lat: Floats
    site_lon: Floats
    site_precision: Ints
    site_name: npt.NDArray[np.object_]
    datasets: list[dict[str, Any]] = field(default_factory=list)

    @staticmethod
    def of(con: duckdb.DuckDBPyConnection) -> Index:
        """Read the events of an open record."""
        from ..record._query import CIVILIAN_HARM, KNOWN_TO_THE_WEEK
        from ..record._summary import datasets_of

        days = ("date_start - DATE '1970-01-01' AS start_day", "date_end - DATE '1970-01-01' AS end_day")
        names = ("event_id", "place", "lat", "lon", "date_precision_source", *CODED, *COUNTS)
        frame = con.execute(
            f"SELECT {', '.join(names)}, {', '.join(days)}, coalesce({CIVILIAN_HARM}, false) AS harm, "
            f"({KNOWN_TO_THE_WEEK}) AS has_week FROM events ORDER BY date_start NULLS LAST, event_id"
        ).df()
        coded = {name: Coded.of(frame[name]) for name in CODED}
        counts = {name: _whole(frame[name]) for name in COUNTS}
        start, end = _whole(frame["start_day"]), _whole(frame["end_day"])
        lat, lon = (frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("lat", "lon"))
        precision = np.where(counts["geo_precision"] == NO_DAY, 0, counts["geo_precision"])
        has_place = ~np.isnan(lat)
        drawn = has_place & np.isin(precision, DRAWN_PRECISIONS)
        place = _objects(frame["place"])
        week, mondays = _weeks(start, frame["has_week"].to_numpy(dtype=np.bool_))
        number = {kind: n for n, kind in enumerate(EVENT_KINDS)}
        kinds = coded["kind"]
        kind_number = np.array([number.get(word, len(number) - 1) for word in kinds.values], dtype=np.int64)
        return Index(
            size=len(frame), event_id=_objects(frame["event_id"]), place=place, coded=coded,
            side=_sides(coded["side_a"], coded["side_b"]), counts=counts, start=start, end=end,
            week=week, mondays=mondays, kind_of=kind_number[kinds.codes], lat=lat, lon=lon, precision=precision,
            has_place=has_place, is_drawn=drawn, is_harm=frame["harm"].to_numpy(dtype=np.bool_),
            datasets=datasets_of(con), **_bounds(start, end, frame["date_precision_source"]),
            **_sites(lat, lon, precision, drawn, place),
        )  # fmt: skip


def _objects(column: Any) -> npt.NDArray[np.object_]:
    found: npt.NDArray[np.object_] = np.array(column, dtype=object)
    found[column.isna().to_numpy()] = None
    return found


def _whole(column: Any) -> Ints:
    """Give whole numbers, NO_DAY where missing."""
    found: Ints = column.astype("Int64").to_numpy(dtype=np.int64, na_value=NO_DAY)
    return found


def _bounds(start: Ints, end: Ints, stated: Any) -> dict[str, Any]:
    """Give the days that `from` and `to` are held against, as the filters of the record do."""
    earliest_end, latest_start = end.copy(), np.where(start == NO_DAY, LATEST, start)
    for n in np.flatnonzero(start == NO_DAY):
        found = _YEAR.fullmatch(str(stated.iloc[n]))
        if found and int(found.group(1)) >= 1:
            first, last = (date(int(found.group(1)), *day).toordinal() - _EPOCH for day in ((1, 1), (12, 31)))
            earliest_end[n] = max(earliest_end[n], first)
            latest_start[n] = last
    return {"earliest_end": earliest_end, "latest_start": latest_start}


def _weeks(start: Ints, has_week: Bools) -> tuple[Ints, tuple[str, ...]]:
    """Number the weeks from the first to the last; a week begins on Monday (1 January 1970 was a Thursday)."""
    week = np.full(len(start), -1, dtype=np.int64)
    if not has_week.any():
        return week, ()
    number = (start[has_week] + 3) // 7
    first, last = int(number.min()), int(number.max())
    week[has_week] = number - first
    monday = date.fromordinal(_EPOCH + first * 7 - 3)
    return week, tuple((monday + timedelta(days=7 * n)).isoformat() for n in range(last - first + 1))


def _sides(a: Coded, b: Coded) -> tuple[Ints, Ints, npt.NDArray[np.object_]]:
    """Number both sides by the same words."""
    words = sorted({w for one in (a, b) for w in one.values if w is not None})
    number = {word: n for n, word in enumerate(words, start=1)}
    values = np.array([None, *words], dtype=object)
    first, second = (
        np.array([number.get(w, 0) for w in one.values], dtype=np.int64)[one.codes] for one in (a, b)
    )
    return first, second, values


def _sites(
    lat: Floats, lon: Floats, precision: Ints, drawn: Bools, place: npt.NDArray[np.object_]
) -> dict[str, Any]:
    """Number the distinct coordinates of each precision, and name each by its commonest place."""
    import pandas as pd

    chosen = np.flatnonzero(drawn)
    site = np.full(len(lat), -1, dtype=np.int64)
    table = pd.DataFrame(
        {"lat": lat[chosen], "lon": lon[chosen], "precision": precision[chosen], "place": place[chosen]}
    )
    groups = table.groupby(["lat", "lon", "precision"], sort=True)
    site[chosen] = groups.ngroup().to_numpy(dtype=np.int64)
    keys = table.drop_duplicates(["lat", "lon", "precision"]).sort_values(["lat", "lon", "precision"])
    names = np.full(len(keys), None, dtype=object)
    named = table.assign(site=site[chosen]).dropna(subset="place")
    often = named.groupby(["site", "place"], sort=True).size().reset_index(name="n")
    often = often.sort_values(["site", "n", "place"], ascending=[True, False, True]).drop_duplicates("site")
    names[often["site"].to_numpy(dtype=np.int64)] = often["place"].to_numpy(dtype=object)
    return {
        "site": site,
        "site_lat": keys["lat"].to_numpy(dtype=np.float64),
        "site_lon": keys["lon"].to_numpy(dtype=np.float64),
        "site_precision": keys["precision"].to_numpy(dtype=np.int64),
        "site_name": names,
    }
