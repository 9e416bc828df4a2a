"""Claims that a group's activity rose or fell, held against the dated shifts of the record's attacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ..reading._claim import Claim, Ledger
from ._followed_model import Followed, ShiftPart, ShiftRow
from ._model import Check, Evidence, Verdict
from ._shift_words import ClaimedShift, shift_of
from ._words import period

__all__ = ["judge_shifts"]

_ASPECTS = {
    "tempo": "the number of recorded attacks",
    "spread": "how widely recorded attacks are spread",
    "lethality": "recorded deaths an attack",
}
_OPEN = ("not_checkable", "not_in_record", "outside_record")
_ONLY_RECORD = "A shift in a record may be one in reporting; no cause is shown."
_RULE = (
    "shifts of the record's own series, dated within the time claimed: all in the direction claimed, or all against it "
    "with at least half of that time looked at; anything else leaves it untold"
)


def judge_shifts(ledger: Ledger, checks: Sequence[Check], followed: Followed) -> list[Check]:
    """Give claims of a rise or fall the verdict that the shifts of the record allow.

    The rule. The claim names the party whose attacks the study counts, one direction, and a time, or none: then the
    year before publication. What counts are shifts of the series the claim is about whose interval touches that time.
    `consistent_with`: there is one, and all go the way of the claim. `not_consistent_with`: there is one, all go the
    other way, and at least half of the time claimed could be looked at. Else `cannot_tell`, with the reason. A check
    that a figure or dated fact has settled, and every other check, is given back as it is.
    """
    claims = {claim.id: claim for claim in ledger.claims}
    return [_judged(ledger, claims[check.claim_id], check, followed) for check in checks]


def _judged(ledger: Ledger, claim: Claim, check: Check, followed: Followed) -> Check:
    if check.verdict not in _OPEN:
        return check
    said = shift_of(ledger, claim)
    if said is None:
        return check
    number, part = next(
        (
            (number, study.shifts)
            for number, study in enumerate(followed.studies, start=1)
            if study.shifts is not None and study.shifts.actor == said.actor
        ),
        (0, None),
    )
    if part is None:
        return check
    verdict, found, rows = _verdict(said, part)
    way = "rose" if said.way == "up" else "fell"
    time = period(said.start, said.end)
    sentence = f"It says: {_ASPECTS[said.aspect]} by {said.actor} {way} ({time}). {found} {_ONLY_RECORD}"
    return replace(
        check,
        verdict=verdict,
        sentence=sentence,
        rule=_RULE,
        tolerance=None,
        assumption=said.assumption or check.assumption,
        evidence=tuple(_evidence(row, part, number) for row in rows),
    )


def _verdict(said: ClaimedShift, part: ShiftPart) -> tuple[Verdict, str, list[ShiftRow]]:
    rows = [row for row in part.rows if row.series == said.aspect]
    where = f"recorded attacks by {part.actor}, {part.country}, {part.source}"
    if not rows or rows[0].tested_from is None or rows[0].tested_to is None:
        why = rows[0].reason if rows else part.finding.removesuffix(".")
        return "cannot_tell", f"The record cannot tell ({where}): {why}.", rows
    tested = date.fromisoformat(rows[0].tested_from), date.fromisoformat(rows[0].tested_to)
    looked = _days(max(said.start, tested[0]), min(said.end, tested[1])) / _days(said.start, said.end)
    if not looked:
        return (
            "cannot_tell",
            f"The record cannot tell: in {where}, shifts could be looked for from {tested[0]} to {tested[1]} only.",
            rows,
        )
    inside = [row for row in rows if _touches(row, said)]
    ways = {"up" if (row.change or 0) > 1 else "down" for row in inside}
    told = " ".join(row.sentence for row in inside)
    if ways == {said.way}:
        return "consistent_with", f"That is consistent with the record ({where}). {told}", inside
    if ways and said.way not in ways and looked >= 0.5:
        return "not_consistent_with", f"That is not consistent with the record ({where}). {told}", inside
    if not inside:
        others = [row.date for row in rows if row.date is not None]
        told = "no shift can be dated to that time, which is not evidence that nothing changed"
        told += f"; shifts are dated {', '.join(others)}." if others else "."
    elif len(ways) > 1:
        told = f"shifts of that time go both ways. {told}"
    else:
        told = f"a shift the other way is dated to it, but less than half of it could be looked at. {told}"
    return "cannot_tell", f"The record cannot tell ({where}): {told}", inside or rows


def _days(start: date, end: date) -> int:
    return max((end - start).days + 1, 0)


def _touches(row: ShiftRow, said: ClaimedShift) -> bool:
    if row.low is None or row.high is None:
        return False
    return date.fromisoformat(row.low) <= said.end and said.start <= date.fromisoformat(row.high)


def _evidence(row: ShiftRow, part: ShiftPart, number: int) -> Evidence:
    return Evidence(
        "series",
        row.sentence,
        source=part.source,
        date_start=row.low or part.period[0],
        date_end=row.high or part.period[1],
        value=row.change,
        unit=row.change_unit or None,
        note=f"the chart stands below study {number} of what earlier strikes were followed by",
    )
