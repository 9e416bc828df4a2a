"""Grades an incident by its sources, in the way civilian-harm monitors do, with the reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from afterstrike.record.incidents._told import Told

__all__ = ["grade_of"]


def grade_of(group: Sequence[Told], held: Sequence[dict[str, Any]]) -> tuple[str, str, str]:
    """Give the grade, the reason, and who gave it: "rule" or "analyst".

    The rule, first that fits:

    - discounted: every telling denies, or says that nobody was harmed;
    - contested: tellings name other sides, one denies what others say, or some say that no civilian was killed
      and others that some were;
    - confirmed: a side that struck says so itself;
    - fair: two or more independent sources (outlets, or those they quote);
    - weak: one source.

    A decision of an analyst outweighs the rule, the latest first: it holds for the incident that has most of
    the tellings it was made on, whatever came in since.
    """
    ids = {one.told_id for one in group}
    for decision in reversed(held):
        if decision["verb"] == "grade" and 2 * len(ids & set(decision["told_ids"])) > len(
            decision["told_ids"]
        ):
            return decision["grade"], decision["reason"] or "no reason given", "analyst"
    events = [one.event for one in group]
    denied = [e for e in events if e.get("hedging") == "denied"]
    none = [
        e
        for e in events
        if e.get("fatalities_high") == 0 and e.get("injured_high") in (0, None) and not e.get("injured_low")
    ]
    sources = _sources(group)
    sides = sorted({e["initiator"] for e in events if e.get("initiator")})
    if len(denied) + len([e for e in none if e not in denied]) == len(events):
        what = "deny it" if denied else "say that nobody was harmed"
        return (
            "discounted",
            f"all {len(events)} tellings {what}"
            if len(events) > 1
            else f"its one telling {what[:-1] + 'ies' if what == 'deny it' else 'says that nobody was harmed'}",
            "rule",
        )
    if len(sides) > 1:
        return "contested", f"the tellings name other sides: {', '.join(sides)}", "rule"
    if denied:
        return "contested", f"{len(denied)} of {len(events)} tellings deny what the others say", "rule"
    spared = [e for e in events if e.get("civilian_fatalities_high") == 0]
    if spared and any((e.get("civilian_fatalities_low") or 0) > 0 for e in events):
        words = (
            f"{len(spared)} of {len(events)} tellings say that no civilian was killed, others that some were"
        )
        return "contested", words, "rule"
    own = [
        e
        for e in events
        if e.get("initiator") and e.get("source") == e["initiator"] and e.get("hedging") in _FLAT
    ]
    if own:
        return "confirmed", f"{own[0]['initiator']}, which struck, says so itself", "rule"
    if len(sources) > 1:
        return "fair", f"{len(sources)} sources: {', '.join(sources)}", "rule"
    return "weak", f"one source: {sources[0] if sources else 'the report itself'}", "rule"


_FLAT = ("stated", "reported", "approximate", None)  # "may have hit" confirms nothing


def _sources(group: Sequence[Told]) -> list[str]:
    """Give the independent sources: an outlet each, or whom its report quotes; one quoted by all counts
    once.
    """
    found: dict[str, None] = {}
    texts: set[frozenset[int]] = set()
    for one in group:
        if one.words and one.words in texts:
            continue  # the same text again, syndicated or copied, is no second source
        texts.add(one.words)
        quoted = (
            one.event.get("source")
            if one.event.get("source_kind") in ("official", "organisation", "media")
            else None
        )
        found[str(quoted or one.outlet or one.report_id)] = None
    return list(found)
