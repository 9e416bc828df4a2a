"""Makes the event row of an incident; where reports differ the range widens, and every count stays beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from afterstrike.reading._event import KIND_ORDER
from afterstrike.record._in_words import civilian_status_of
from afterstrike.record.incidents._told import Told

__all__ = ["incident_row"]

_CONFIDENCE = {
    "confirmed": "high",
    "fair": "moderate",
    "weak": "low",
    "contested": "low",
    "discounted": "low",
}


def incident_row(incident_id: str, group: Sequence[Told], grade: str, reason: str) -> dict[str, Any]:
    """Give one row of the event table, with the tellings it rests on.

    Kind: the one most told, of equals the more particular. Day and place: the most precise told. Counts: `low`
    the least and `high` the most told, `best` the count most tellings give (of equals the lowest). Nothing told stays missing.
    """
    events = [dict(one.event) for one in group]
    kinds = Counter(e["kind"] for e in events)
    day = min(
        (e for e in events if e.get("date_start")),
        key=lambda e: (e.get("date_precision") or 9, e["date_start"]),
        default={},
    )
    where = min(
        (e for e in events if e.get("place")),
        key=lambda e: (e.get("lat") is None, e.get("geo_precision") or 9),
        default={},
    )
    row: dict[str, Any] = {
        "incident_id": incident_id,
        "kind": min(kinds, key=lambda kind: (-kinds[kind], KIND_ORDER.index(kind))),
        "date_start": day.get("date_start"),
        "date_end": day.get("date_end"),
        "date_precision": day.get("date_precision"),
        "place": where.get("place"),
        "lat": where.get("lat"),
        "lon": where.get("lon"),
        "geo_precision": where.get("geo_precision"),
        "adm0": where.get("adm0"),
        "adm1": where.get("adm1"),
        "side_a": _most(events, "side_a"),
        "side_b": _most(events, "side_b"),
        "initiator": _agreed(events, "initiator"),
        "weapon": _most(events, "weapon"),
        "hedging": _most(events, "hedging"),
        "strikes": _most(events, "strikes"),
        "targets": _most(events, "targets"),
        "grade": grade,
        "grade_reason": reason,
        "confidence": _CONFIDENCE[grade],
        "civilian_status": civilian_status_of(events),
        "reports": len({one.report_id for one in group}),
    }
    for name in ("fatalities", "civilian_fatalities"):
        row |= _range(events, name)
    for bound in ("low", "high"):
        values = [e[f"injured_{bound}"] for e in events if e.get(f"injured_{bound}") is not None]
        row[f"injured_{bound}"] = (min if bound == "low" else max)(values) if values else None
    row["tellings"] = [
        {
            "told_id": one.told_id,
            "outlet": one.outlet,
            "source": e.get("source"),
            "hedging": e.get("hedging"),
            "initiator": e.get("initiator"),
            **{
                f"{n}_{b}": e.get(f"{n}_{b}")
                for n in ("fatalities", "civilian_fatalities", "injured")
                for b in ("low", "high")
            },
            "statements": e.get("spans", {}).get("statement", []),
        }
        for one, e in zip(group, events, strict=True)
    ]
    return row


def _most(events: Sequence[dict[str, Any]], name: str) -> Any:
    """Give the value told most often, of equals the first told; None where none is."""
    values = Counter(e[name] for e in events if e.get(name) is not None)
    return values.most_common(1)[0][0] if values else None


def _agreed(events: Sequence[dict[str, Any]], name: str) -> Any:
    """Give a value only where no telling has another."""
    values = {e[name] for e in events if e.get(name) is not None}
    return values.pop() if len(values) == 1 else None


def _range(events: Sequence[dict[str, Any]], name: str) -> dict[str, int | None]:
    lows = [e[f"{name}_low"] for e in events if e.get(f"{name}_low") is not None]
    highs = [e[f"{name}_high"] for e in events if e.get(f"{name}_high") is not None]
    bests = Counter(e[f"{name}_best"] for e in events if e.get(f"{name}_best") is not None)
    best = min(bests, key=lambda value: (-bests[value], value)) if bests else None
    # a bound that one telling leaves open is open for all
    open_above = any(e.get(f"{name}_low") is not None and e.get(f"{name}_high") is None for e in events)
    high = max(highs) if highs and not (open_above and max(lows, default=0) >= max(highs)) else None
    return {f"{name}_low": min(lows) if lows else None, f"{name}_best": best, f"{name}_high": high}
