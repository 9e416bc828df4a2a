"""Makes one event's low, best and high counts of the counts that a report gives for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from afterstrike.reading._event import CivilianStatus, Count, Statement
from afterstrike.reading._harm import Harm

__all__ = ["Range", "casualties", "civilian_status", "counts_of"]


@dataclass(frozen=True)
class Range:
    """Low, best and high of one kind of count; None where the report does not say."""

    low: int | None = None
    best: int | None = None
    high: int | None = None
    spans: tuple[tuple[int, int], ...] = ()


def counts_of(statement: Statement) -> tuple[Count, ...]:
    """Give the counts of one statement, with who says them."""
    return tuple(
        Count(
            h.outcome,
            h.who,
            h.value,
            h.low,
            h.high,
            statement.said_by,
            h.start,
            h.end,
            h.is_part,
            h.cumulative,
        )
        for h in statement.harms
    )


def _whole(number: float | None) -> int | None:
    return int(number) if number is not None else None


def _total(harms: Sequence[Harm]) -> tuple[float | None, float | None, float | None, bool]:
    """Add up the counts of one statement: low, best, high, and whether a number stands behind them.

    The same people may be named twice in a sentence ("a boy was killed ..., the boy"): a definite single
    counts only where nothing else does.
    """
    kept = [h for h in harms if not h.is_definite] or list(harms[:1])
    if all(h.is_none for h in kept):
        return 0.0, 0.0, 0.0, True
    kept = [h for h in kept if not h.is_none]
    hard = [h for h in kept if h.value is not None or h.high is not None or (h.low or 0) > 2]
    used = hard or kept
    lows = [h.low if h.low is not None else (None if h.high is not None else h.value) for h in used]
    highs = [h.high if h.high is not None else (None if h.low is not None else h.value) for h in used]
    bests = [h.value if h.value is not None else None for h in used]
    low = sum(x for x in lows if x is not None) if any(x is not None for x in lows) else None
    high = (
        sum(x for x in highs if x is not None) if all(x is not None for x in highs) and hard == kept else None
    )
    best = sum(x for x in bests if x is not None) if all(x is not None for x in bests) and hard else None
    return low, best, high, bool(hard)


def civilian_status(statements: Sequence[Statement], kind: str) -> CivilianStatus | None:
    """Say on what the civilian count of an event stands: the words, or a presumption.

    Where people were killed of whom the words say nothing ("three people", "a man"), and nobody among the
    harmed is said to have fought, they are counted as civilians and the count is marked `presumed`: the rule
    of doubt of Article 50(1) of Additional Protocol I to the Geneva Conventions, which civilian-harm monitors
    go by. Those killed in a clash are never presumed to be civilians.
    """
    harms = [
        h for s in statements for h in s.harms if h.outcome == "killed" and not h.cumulative and not h.is_part
    ]
    if not harms:
        return None
    whos = {h.who for h in harms if not h.is_none}
    if "unknown" in whos and "combatant" not in whos and kind != "clash":
        return "presumed"
    return "stated" if "civilian" in whos or any(h.is_none for h in harms) else None


def casualties(
    statements: Sequence[Statement], outcome: str, *, civilian: bool = False, presumed: bool = False
) -> Range:
    """Give the range of one outcome over the statements of an event.

    The first statement with a number decides; a vague one ("several were killed") only where there is none.
    Counts from other named sources widen the range. Parts, running totals and counts of both killed and
    injured are left out.

    Parameters
    ----------
    statements : sequence of Statement
        In text order.
    outcome : str
        An outcome of `Harm`.
    civilian : bool
        Count only people whom the words say are civilians.
    presumed : bool
        Count those of whom the words say nothing among them.
    """
    totals: list[tuple[float | None, float | None, float | None, bool, Statement, list[Harm]]] = []
    for statement in statements:
        harms = [h for h in statement.harms if h.outcome == outcome and not h.cumulative]
        if statement.hedging == "denied":
            # what is denied is kept in `counts` and is no count of the event; "no civilian was killed" is
            harms = [h for h in harms if h.is_none]
        whole = [h for h in harms if not h.is_part]
        if civilian:
            whole = [
                h for h in whole if h.who == "civilian" or h.is_none or (presumed and h.who == "unknown")
            ]
        else:
            # that no civilian was harmed says nothing of the others
            whole = [h for h in whole if not (h.is_none and h.who == "civilian")]
        if whole:
            totals.append((*_total(whole), statement, whole))
    hard = [t for t in totals if t[3]]
    if not totals:
        return Range()
    lead = (hard or totals)[0]
    low, best, high = lead[0], lead[1], lead[2]
    for other in hard[1:] if hard else ():
        if other[4].source is None or other[4].source == lead[4].source:
            continue
        values = [x for x in other[:3] if x is not None]
        if high is not None and values and max(values) > high and max(values) <= 10 * max(high, 1):
            high = max(values)
    if low is None and best is None and high is None:
        return Range()
    spans = tuple((h.start, h.end) for h in lead[5])
    return Range(_whole(low), _whole(best), _whole(high), spans)
