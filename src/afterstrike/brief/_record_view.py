"""What the record has to show beside an article: series per week, places, data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from ..charts import MapPoint, Panel
from ..reading._claim import Ledger

__all__ = [
    "RecordView",
    "country_name",
    "named_countries",
    "outline_around",
    "view_of_file",
    "view_of_shipped",
]


@dataclass(frozen=True)
class RecordView:
    """The tables behind the record's pictures."""

    kind: Literal["file", "shipped", "none"]
    name: str | None = None
    datasets: tuple[Mapping[str, Any], ...] = ()
    panels: tuple[Panel, ...] = ()
    points: tuple[MapPoint, ...] = ()
    outline: dict[str, Any] | None = field(default=None, repr=False)
    imports: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()

    def map_counts(self) -> dict[str, int] | None:
        """Give how many events are drawn, have no place, or are known to a district or governorate only."""
        if not self.points:
            return None
        drawn = [p for p in self.points if p.drawable()]
        events, shown = sum(p.events for p in self.points), sum(p.events for p in drawn)
        vague = sum(p.events for p in drawn if (p.geo_precision or 0) >= 3)
        return {"events": events, "drawn": shown, "without_place": events - shown, "imprecise": vague}

    def to_dict(self) -> dict[str, Any]:
        """Give the tables as plain JSON values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "datasets": [dict(d) for d in self.datasets],
            "weekly": [
                {
                    "title": panel.title,
                    "weeks": [[week.isoformat(), count] for week, count in panel.weeks],
                    "coverage": [[a.isoformat(), b.isoformat()] for a, b in panel.coverage],
                }
                for panel in self.panels
            ],
            "map": self.map_counts(),
            "notes": list(self.notes),
        }


_ORDER = ("strike", "attack", "other")
_MOST_PANELS = 6
_IMPORT_KEYS = (
    "import_id",
    "file_name",
    "file",
    "sha256",
    "file_sha256",
    "layout",
    "dataset",
    "read",
    "added",
)


def named_countries(ledger: Ledger) -> list[str]:
    """Give the countries of the article's places, by how often it names a place there."""
    counts: dict[str, int] = {}
    for claim in ledger.claims:
        for place in claim.places:
            if place.adm0:
                counts[place.adm0] = counts.get(place.adm0, 0) + 1
    return sorted(counts, key=lambda code: (-counts[code], code))


def _as_date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _panel(
    title: str,
    weekly: Sequence[Mapping[str, Any]],
    kinds: Sequence[str],
    count: str,
    coverage: Sequence[tuple[date, date]],
    colour: Literal["strike", "attack", "other"],
) -> Panel | None:
    sums: dict[date, float | None] = {}
    for row in weekly:
        if row["kind"] in kinds:
            week, n = _as_date(row["week"]), row[count]
            # A sum of what one row does not state is not known, unless another row of the week states it.
            sums[week] = n if sums.get(week) is None else (sums[week] or 0) + (n or 0)
    known = {week: n for week, n in sums.items() if n is not None}
    return Panel(title, sorted(known.items()), coverage, colour) if known else None


def view_of_file(record: Any, path: Path, ledger: Ledger) -> RecordView:
    """Take what a brief draws from an open record.

    Parameters
    ----------
    record
        The open record.
    path
        Its file, for its name.
    ledger
        The article; where it names countries the record has rows of, only these countries are drawn.

    Returns
    -------
    RecordView
        Series per week, places, data sets. Data sets that are samples are named and never summed.
    """
    datasets = [dict(d) for d in record.datasets()]
    samples = [str(d["dataset"]) for d in datasets if d.get("is_sample")]
    whole = sorted({str(d["dataset"]) for d in datasets if not d.get("is_sample")})
    notes = [
        f"{name} is a sample of its source and is left out of counts per week and of the map"
        for name in samples
    ]
    if not whole:
        return RecordView("file", path.name, tuple(datasets), notes=tuple(notes))
    chosen: dict[str, Any] = {"dataset": whole}
    countries = named_countries(ledger)
    if countries and record.weekly(**chosen, adm0=countries):
        chosen["adm0"] = countries
        notes.append(f"weekly counts and map show the countries the article names: {', '.join(countries)}")
    elif countries:
        named = ", ".join(countries)
        notes.append(
            f"the record has no dated event in the countries the article names ({named}); all are shown"
        )
    panels = [panel for name in whole for panel in _dataset_panels(record, name, datasets, chosen)]
    panels.sort(key=lambda panel: _ORDER.index(panel.colour))
    if len(panels) > _MOST_PANELS:
        notes.append(
            f"{_MOST_PANELS} of {len(panels)} weekly series are drawn; brief.json has no more of them either"
        )
    if len(whole) > 1:
        notes.append(
            "data sets are drawn side by side and never added up: one event may stand in several of them"
        )
    points = [
        MapPoint(p["lat"], p["lon"], p["geo_precision"], str(p["kind"]), int(p["events"]), p["place"])
        for p in record.points(**chosen)
    ]
    points += [MapPoint(None, None, None, kind, n) for kind, n in _without_place(record, chosen)]
    return RecordView(
        "file",
        path.name,
        tuple(datasets),
        panels=tuple(panels[:_MOST_PANELS]),
        points=tuple(points),
        outline=outline_around(points),
        imports=tuple({k: i.get(k) for k in _IMPORT_KEYS if k in i} for i in record.log()),
        notes=tuple(notes),
    )


def _without_place(record: Any, chosen: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Count the events without a coordinate, by kind."""
    from ..record._query import Filters, where_sql

    where, values = where_sql(Filters(**chosen))
    sql = f"SELECT kind, count(*) FROM events WHERE {where} AND lat IS NULL GROUP BY kind ORDER BY kind"
    return [(str(kind), int(n)) for kind, n in record.connection.execute(sql, values).fetchall()]


def _all_state_strikes(record: Any, chosen: Mapping[str, Any]) -> bool:
    """Say whether every strike event selected states how many strikes it stands for."""
    from ..record._query import Filters, where_sql

    where, values = where_sql(Filters(**{**chosen, "kind": "strike"}))
    sql = f"SELECT count(*), count(strikes) FROM events WHERE {where}"
    events, stated = record.connection.execute(sql, values).fetchall()[0]
    return bool(events == stated)


def _dataset_panels(
    record: Any, name: str, datasets: Sequence[Mapping[str, Any]], chosen: Mapping[str, Any]
) -> list[Panel]:
    """Give the weekly series of one data set, which carry its own title and the days it covers."""
    releases = [d for d in datasets if d["dataset"] == name]
    spans = [(d["first_date"], d["last_date"]) for d in releases if d["first_date"] and d["last_date"]]
    covered = [(_as_date(min(a for a, _ in spans)), _as_date(max(b for _, b in spans)))] if spans else []
    title = next((str(d["title"]) for d in releases if d.get("title")), name)
    weekly = record.weekly(**{**chosen, "dataset": name})
    rest = sorted({str(row["kind"]) for row in weekly} - {"strike", "attack"})
    kinds = ", ".join(kind.replace("_", " ") for kind in rest)
    # Where a release counts strikes, one row may hold several. Where only some rows state a count, a sum of
    # strikes would draw the silence of the others as zero.
    counted = _all_state_strikes(record, {**chosen, "dataset": name})
    what, column = ("strikes", "strikes") if counted else ("strike events", "events")
    # "OIR strikes: strikes" says it twice.
    strikes = title if title.lower().endswith(f" {what}") else f"{title}: {what}"
    found = [
        _panel(strikes, weekly, ["strike"], column, covered, "strike"),
        _panel(f"{title}: attacks", weekly, ["attack"], "events", covered, "attack"),
        _panel(f"{title}: {kinds}", weekly, rest, "events", covered, "other"),
    ]
    return [panel for panel in found if panel is not None]


def outline_around(points: Sequence[MapPoint]) -> dict[str, Any] | None:
    """Give the countries around the points: the drawing needs no others."""
    drawn = [(p.lat, p.lon) for p in points if p.drawable() and p.lat is not None and p.lon is not None]
    if not drawn:
        return None
    try:
        from ..record.shipped import outline

        whole = outline()
    except (ImportError, OSError):
        return None
    south, north = min(lat for lat, _ in drawn) - 6, max(lat for lat, _ in drawn) + 6
    west, east = min(lon for _, lon in drawn) - 8, max(lon for _, lon in drawn) + 8
    near = [f for f in whole["features"] if _touches(f, (west, south, east, north))]
    return {"type": "FeatureCollection", "features": near}


def _touches(feature: Mapping[str, Any], box: tuple[float, float, float, float]) -> bool:
    geometry = feature.get("geometry") or {}
    rings = geometry.get("coordinates") or []
    polygons = rings if geometry.get("type") == "MultiPolygon" else [rings]
    corners = [point for polygon in polygons for ring in polygon for point in ring]
    if not corners:
        return False
    lons, lats = [c[0] for c in corners], [c[1] for c in corners]
    west, south, east, north = box
    return bool(min(lons) <= east and max(lons) >= west and min(lats) <= north and max(lats) >= south)


def country_name(adm0: str) -> str:
    """Give a country's name for its code, as the shipped outline spells it."""
    from ..record.shipped import outline

    for feature in outline()["features"]:
        if feature["properties"].get("iso3") == adm0:
            return str(feature["properties"]["name"])
    return adm0


def view_of_shipped(ledger: Ledger) -> RecordView:
    """Take what a brief draws where no record is given: the weekly series that ship with the package.

    Parameters
    ----------
    ledger
        The article; a series of a country is drawn where the article names that country or a place in it.

    Returns
    -------
    RecordView
        Empty, of kind `none`, where the article is about no country that a shipped series covers.
    """
    from ..record.shipped import series, series_names

    countries = named_countries(ledger)
    panels, datasets, notes = [], [], []
    for name in series_names():
        one = series(name)
        count = next((c for c in ("strikes", "events", "attacks") if one.rows and c in one.rows[0]), None)
        rows = [row for row in one.rows if row.get("adm0") in countries]
        if count is None or not rows:
            continue
        weekly = [{"week": row["week"], "kind": name, "n": row[count]} for row in rows]
        covered = [(one.first, one.last + timedelta(days=6))]
        colour: Literal["strike", "other"] = "strike" if count == "strikes" else "other"
        drawn = {str(row["adm0"]) for row in rows}
        left = {str(row["adm0"]) for row in one.rows if row.get("adm0")} - drawn
        title = (
            f"{one.title} ({', '.join(country_name(code) for code in sorted(drawn))} only)"
            if left
            else one.title
        )
        panel = _panel(title, weekly, [name], "n", covered, colour)
        if panel is not None:
            panels.append(panel)
            datasets.append(
                {
                    "dataset": one.name,
                    "title": one.source,
                    "licence": one.licence,
                    "citation": one.citation,
                    "first_date": one.first.isoformat(),
                    "last_date": (one.last + timedelta(days=6)).isoformat(),
                }
            )
            notes += [f"{one.title}: {note}" for note in one.notes]
    if not panels:
        return RecordView("none")
    return RecordView("shipped", None, tuple(datasets), panels=tuple(panels), notes=tuple(notes))
