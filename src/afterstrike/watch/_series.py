"""The series that alarms are raised on: events first reported on a day, by place or actor and kind.

Days are those on which an event was first reported, not those on which it happened: the last days of the latter are
always short of what will still be reported, and would look like a drop. What is counted changes with the sources, so
only sources that were watched through all of window and baseline count, and days on which too many of them could
not be had are left out of both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from afterstrike.record._store import records
from afterstrike.watch._config import WatchConfig
from afterstrike.watch._tempo import Tempo, tempo_of

if TYPE_CHECKING:
    import duckdb

__all__ = ["Area", "Series", "Tested", "first_reports", "is_harm", "series_of", "tempo_of_series"]

_FEWEST_BASELINE_DAYS = 28
_MOST_MISSING = 0.1
"""Share of the reports that the sources missing on a day may usually give, for the day still to count."""

_TOWN_KM = 25.0


@dataclass(frozen=True)
class Area:
    """A place of interest, as the gazetteer knows it."""

    name: str
    adm0: str | None = None
    adm1: str | None = None
    lat: float | None = None
    lon: float | None = None
    is_division: bool = False

    @property
    def is_known(self) -> bool:
        """Say whether anything can lie in it."""
        return self.adm0 is not None

    def in_words(self) -> str:
        """Say what its name was taken for.

        Examples
        --------
        >>> Area("Syria", "SYR").in_words()
        'the country SYR'
        """
        if self.lat is None or self.lon is None:
            return f"the country {self.adm0}" if self.is_known else "not known"
        lies = ", ".join(filter(None, (self.adm1, self.adm0)))
        if self.is_division:
            return f"the division {lies}"
        return f"{lies}, {_TOWN_KM:g} km around {self.lat:.2f}, {self.lon:.2f}"

    def holds(self, event: Mapping[str, Any]) -> bool:
        """Say whether an event lies in it, as well as its place is known."""
        from afterstrike.reading.gazetteer._rank import distance_km

        if self.lat is None or self.lon is None:
            return self.adm0 is not None and event["adm0"] == self.adm0
        if self.is_division:
            return bool(event["adm0"] == self.adm0 and event["adm1"] == self.adm1)
        if event["lat"] is None or event["lon"] is None or (event["geo_precision"] or 9) > 3:
            return False
        return distance_km(self.lat, self.lon, event["lat"], event["lon"]) <= _TOWN_KM

    @classmethod
    def named(cls, name: str) -> Area:
        """Look a name up: a country, a first-order division, or a town with 25 km around it."""
        from afterstrike.reading.gazetteer import PlaceQuery, default_gazetteer

        found = default_gazetteer().resolve(PlaceQuery(name))
        is_division = (found.geo_precision or 0) in (4, 5)
        return cls(name, found.adm0, found.adm1, found.lat, found.lon, is_division)


@dataclass(frozen=True)
class Series:
    """One thing that is counted."""

    name: str
    area: Area | None = None
    actor: str | None = None
    kind: str | None = None  # of the event table, or civilian_harm

    def holds(self, event: Mapping[str, Any]) -> bool:
        """Say whether an event is counted in it."""
        if self.area is not None and not self.area.holds(event):
            return False
        if self.actor is not None and event["initiator"] != self.actor:
            return False
        return is_harm(event) if self.kind == "civilian_harm" else self.kind in (None, event["kind"])


@dataclass(frozen=True)
class Tested:
    """A series on a day: tested, or the reason why not."""

    series: Series
    day: date
    tempo: Tempo | None
    left_out: tuple[date, ...] = ()  # days of window and baseline that were not counted
    why_not: str | None = None


def is_harm(event: Mapping[str, Any]) -> bool:
    """Say whether an event is one of harm to civilians."""
    counts = [event.get(f"civilian_fatalities_{bound}") for bound in ("low", "best", "high")]
    return any(count for count in counts) or event.get("kind") == "violence_against_civilians"


def series_of(config: WatchConfig) -> list[Series]:
    """Give the series of a configuration: each place of interest by kind, and each actor."""
    from afterstrike.reading import canonical_actor

    known = [area for area in map(Area.named, config.places) if area.is_known]
    areas: list[Area | None] = [*known] or [None]
    words = {kind: kind.replace("_", " ") for kind in config.alarms.kinds}
    found = [
        Series(f"{words[kind]} in {area.name}" if area else words[kind], area, None, kind)
        for area in areas
        for kind in config.alarms.kinds
    ]
    actors = dict.fromkeys(canonical_actor(name) or name for name in config.actors)
    return found + [Series(f"events begun by {actor}", None, actor) for actor in actors]


def first_reports(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Give each incident's first report by each source: day, source, and what the incident is."""
    return records(
        con,
        "SELECT m.incident_id, i.source, min(least(coalesce(i.published, i.first_seen), i.first_seen))::DATE AS day, "
        "any_value(e.kind) AS kind, any_value(e.adm0) AS adm0, any_value(e.adm1) AS adm1, any_value(e.lat) AS lat, "
        "any_value(e.lon) AS lon, any_value(e.geo_precision) AS geo_precision, any_value(e.initiator) AS initiator, "
        "any_value(e.civilian_fatalities_low) AS civilian_fatalities_low, "
        "any_value(e.civilian_fatalities_best) AS civilian_fatalities_best, "
        "any_value(e.civilian_fatalities_high) AS civilian_fatalities_high "
        "FROM incident_members m JOIN incidents n USING (incident_id) "
        "JOIN report_events t USING (told_id) JOIN reports r USING (report_id, import_id) "
        "JOIN watch_items i ON i.report_id = r.report_id AND i.state <> 'duplicate' "
        "JOIN events e ON e.event_id = 'incidents:' || m.incident_id "
        "WHERE r.superseded_by IS NULL AND n.grade <> 'discounted' GROUP BY ALL",
    )


def _health(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[date, set[date]]]:
    """Give for each source since when it is watched, and the days on which it could be had."""
    rows = records(con, "SELECT name, first_seen::DATE AS since FROM watch_sources WHERE removed_at IS NULL")
    polls = records(
        con,
        'SELECT source, "at"::DATE AS day FROM watch_polls GROUP BY ALL '
        "HAVING 2 * count(*) FILTER (outcome IN ('new', 'unchanged')) >= count(*)",
    )
    good: dict[str, set[date]] = {}
    for row in polls:
        good.setdefault(row["source"], set()).add(row["day"])
    return {row["name"]: (row["since"], good.get(row["name"], set())) for row in rows}


def tempo_of_series(con: duckdb.DuckDBPyConnection, config: WatchConfig, day: date) -> list[Tested]:
    """Test every series for the window that ends with a day.

    Parameters
    ----------
    con : DuckDBPyConnection
        An open record.
    config : WatchConfig
        Its places, actors and alarms.
    day : date
        The last day of the window, a whole one (UTC).

    Returns
    -------
    list of Tested
        One a series.
    """
    found, health = first_reports(con), _health(con)
    k, longest = config.alarms.window_days, config.alarms.baseline_days
    opens = day - timedelta(days=k - 1)
    # a source's first day is only part of one, and what its list held then is older than the watch
    begins = {
        name: max(since + timedelta(days=1), opens - timedelta(days=longest))
        for name, (since, _) in health.items()
    }
    old = {name for name, first in begins.items() if (opens - first).days >= _FEWEST_BASELINE_DAYS}
    steady = {name for name in old if _is_steady(begins[name], opens, health[name][1])}
    if not steady:
        have = max(((opens - first).days for first in begins.values()), default=0)
        why = (
            f"{max(have, 0)} of {_FEWEST_BASELINE_DAYS} days of baseline so far"
            if not old
            else "no source could be had on at least half of the days"
        )
        return [Tested(one, day, None, (), why) for one in series_of(config)]
    start = max(begins[name] for name in steady)
    days = [start + timedelta(days=n) for n in range((day - start).days + 1)]
    left_out = _left_out(days, steady, health, found)
    theirs = [row for row in found if row["source"] in steady]
    return [_test(one, days, opens, left_out, theirs, day) for one in series_of(config)]


def _is_steady(first: date, opens: date, good: set[date]) -> bool:
    days = [first + timedelta(days=n) for n in range((opens - first).days)]
    return 2 * sum(one in good for one in days) >= len(days)


def _left_out(
    days: Sequence[date],
    steady: set[str],
    health: Mapping[str, tuple[date, set[date]]],
    found: Sequence[Mapping[str, Any]],
) -> set[date]:
    """Give the days on which sources were missing that usually give more than a tenth of the reports."""
    gave = Counter(row["source"] for row in found if row["source"] in steady)
    total = sum(gave.values())
    weight = {name: gave[name] / total if total else 1 / len(steady) for name in steady}
    return {
        one
        for one in days
        if sum(weight[name] for name in steady if one not in health[name][1]) > _MOST_MISSING
    }


def _test(
    series: Series,
    days: Sequence[date],
    opens: date,
    left_out: set[date],
    found: Sequence[Mapping[str, Any]],
    day: date,
) -> Tested:
    first: dict[str, date] = {}
    for row in found:
        if series.holds(row):
            first[row["incident_id"]] = min(first.get(row["incident_id"], row["day"]), row["day"])
    counts = Counter(first.values())
    kept = [one for one in days if one not in left_out]
    window = [counts[one] for one in kept if one >= opens]
    baseline = [counts[one] for one in kept if one < opens]
    out = tuple(sorted(left_out))
    length = (day - opens).days + 1
    if 2 * len(window) < length or len(baseline) < _FEWEST_BASELINE_DAYS:
        why = (
            f"sources were missing on too many days: {len(window)} of {length} days of the window and "
            f"{len(baseline)} of the baseline count"
        )
        return Tested(series, day, None, out, why)
    return Tested(series, day, tempo_of(window, baseline), out)
