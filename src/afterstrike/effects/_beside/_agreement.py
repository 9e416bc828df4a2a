"""Where designs agree and where not, and which difference between them could be why."""

from __future__ import annotations

from collections.abc import Sequence

from ._standing import ESTIMANDS, Standing

__all__ = ["agreement"]

# How the answers of two estimands may differ though both are right: said where their signs differ.
_WHY = {
    "discs": "counts attacks near the strike only, and later strikes as they came are part of what follows",
    "zone-days": "counts the whole zone, far attacks too, and holds later strikes as they were",
    "zone-weeks": "counts the whole zone by weeks, and holds later strikes as they were",
    "policy": "changes how many strikes are expected everywhere, and counts the whole region",
    "campaign": "compares long stretches of time, in which much else changed",
    "stacked": "looks at first strikes alone, and its comparison conditions on later weeks without strikes",
    "matched panel": "looks at weeks rather than days, with few places",
}


def agreement(standings: Sequence[Standing]) -> list[str]:
    """Say what the main rows say together.

    Only designs count; comparators are told after them, the bad example last. Designs are not votes: that several
    agree is no proof where they share an assumption, and they do not estimate the same thing.
    """
    main = [row for row in standings if row.is_main and row.role == "design"]
    by_answer = {answer: [row for row in main if row.answer == answer]
                 for answer in ("fewer", "more", "cannot tell", "not estimated")}  # fmt: skip
    lines = [_count(by_answer, len(main))]
    fewer, more = by_answer["fewer"], by_answer["more"]
    if fewer and more:
        lines.append(
            f"They disagree in sign: {_names(fewer)} against {_names(more)}. " + _differences([*fewer, *more])
        )
    elif fewer or more:
        shown, word = (fewer, "fewer") if fewer else (more, "more")
        rest = by_answer["cannot tell"]
        leaning = [row for row in rest if (row.value < row.none) == (word == "fewer")]
        if rest:
            lines.append(
                f"Of the {len(rest)} that cannot tell, {len(leaning)} {_lean(len(leaning))} to {word}; a lean is no finding."
            )
        if len(shown) > 1:
            lines.append(_differences(shown))
    shared = _shared_failures(main)
    if shared:
        lines.append(shared)
    lines += _beside(standings)
    return lines


def _count(by_answer: dict[str, list[Standing]], total: int) -> str:
    parts = []
    for answer, words in (
        ("fewer", "recorded attacks were fewer than expected"),
        ("more", "recorded attacks were more than expected"),
        ("cannot tell", "cannot tell"),
        ("not estimated", "this record cannot carry it"),
    ):
        rows = by_answer[answer]
        if rows:
            parts.append(f"{len(rows)} of {total}: {words} ({_names(rows)})")
    head = "; ".join(parts)
    if not by_answer["fewer"] and not by_answer["more"]:
        return f"No design can tell what followed these strikes. {head}."
    return f"{head}."


def _names(rows: Sequence[Standing]) -> str:
    return ", ".join(dict.fromkeys(row.design for row in rows))


def _lean(count: int) -> str:
    return "leans" if count == 1 else "lean"


def _differences(rows: Sequence[Standing]) -> str:
    told = [
        f"{_names([row for row in rows if row.estimand == key])} {_WHY[key]}"
        for key in ESTIMANDS
        if key in _WHY and any(row.estimand == key for row in rows)
    ]
    return f"They do not estimate the same thing: {'; '.join(told)}." if len(told) > 1 else ""


def _shared_failures(rows: Sequence[Standing]) -> str:
    """Say which rows have an interval without no change but a failed check: there assumptions decide, not data."""
    blocked = [
        row for row in rows
        if row.answer == "cannot tell" and not row.holds_none
        and any("failed" in point for point in row.points)
    ]  # fmt: skip
    if not blocked:
        return ""
    told = "; ".join(
        f"{row.design}: {', '.join(point for point in row.points if 'failed' in point)}" for row in blocked
    )
    return f"An interval leaves out no change, but an assumption is in doubt: {told}."


def _beside(standings: Sequence[Standing]) -> list[str]:
    lines = []
    for role, words in (("comparator", "Beside them, comparators that condition on what comes after"),
                        ("bad example", "Kept to be seen failing where strikes answer to attacks")):  # fmt: skip
        rows = [row for row in standings if row.role == role and row.is_main]
        if rows:
            told = "; ".join(f"{row.design}: {_interval(row)}" for row in rows)
            lines.append(f"{words}: {told}.")
    return lines


def _interval(row: Standing) -> str:
    from .._wakes._words import percent

    if row.answer == "not estimated":
        return f"not estimated ({row.reason})"
    if row.low != row.low:
        return f"{percent(row.value)}, no interval"
    return f"{percent(row.value)} ({percent(row.low)} to {percent(row.high)})"
