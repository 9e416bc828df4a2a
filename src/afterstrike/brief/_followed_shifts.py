"""Did the attacks of a study change their tempo, places or deaths: change points of the very rows it counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..errors import EstimateRefused, UsageError
from ._followed_model import CheckRow, ShiftPart, ShiftRow
from ._study_choice import Choice

if TYPE_CHECKING:
    import pandas as pd

    from ..effects import ShiftResult

__all__ = ["SIZE", "shift_part", "source_name"]

# Declared before any data are seen, the same for every article and record.
SIZE, SEED = 0.05, 0


def shift_part(record: Any, choice: Choice, outcome: pd.DataFrame) -> ShiftPart:
    """Look for shifts in a study's attacks, by week over its period.

    A record that cannot carry it says why; that is an answer.
    """
    from ..effects import change_points
    from ..effects._shifts._panel import panels_of
    from ..effects._shifts._result import RECORD_ONLY

    told: dict[str, Any] = {
        "actor": choice.attacker,
        "country": choice.country,
        "source": source_name(record, choice.attack_dataset),
        "period": choice.period,
        "size": SIZE,
    }
    try:
        rows = outcome.drop(columns="time_start")
        result = change_points(rows, period=choice.period, size=SIZE, seed=SEED)
    except (EstimateRefused, UsageError) as refused:
        why = f"Cannot tell whether these attacks shifted: {refused}."
        return ShiftPart(finding=why, estimand="", believe="", rows=(), panels=(), checks=(), **told)
    return ShiftPart(
        finding=f"Tested at a chance of {SIZE:.0%} of any false shift over all series together. {RECORD_ONLY}",
        estimand=result.estimand,
        believe=result.assumptions,
        rows=_rows(result),
        panels=panels_of(result),
        checks=tuple(CheckRow(c.check_name, c.passed, c.verdict, c.text) for c in result.checks),
        **told,
    )


def source_name(record: Any, dataset: str) -> str:
    """Name the data set as the list of sources does."""
    for row in record.datasets():
        if row["dataset"] == dataset:
            name, version = str(row.get("title") or dataset), row.get("dataset_version")
            return f"{name} {version}" if version else name
    return dataset


def _rows(result: ShiftResult) -> tuple[ShiftRow, ...]:
    made = []
    for row, sentence in zip(result.to_frame().to_dict("records"), result.sentences(), strict=True):
        tested = _tested(result, row["series"])
        made.append(
            ShiftRow(
                series=row["series"],
                date=_text(row["date"]),
                low=_text(row["low"]),
                high=_text(row["high"]),
                before=_number(row["before"]),
                after=_number(row["after"]),
                change=_number(row["change"]),
                change_unit=row["change_unit"],
                unit=row["unit"],
                p_adjusted=_number(row["p_adjusted"]),
                n_periods=int(row["n_periods"]),
                n_events=int(row["n_events"]),
                tested_from=tested[0],
                tested_to=tested[1],
                reason=row["reason"],
                sentence=sentence,
            )
        )
    return tuple(made)


def _tested(result: ShiftResult, series: str) -> tuple[str | None, str | None]:
    """Give the first and last day on which a shift of a series could have been found."""
    found = result.found.get(series)
    if found is None or result.calendar is None or len(found.signal.at) < 2 * found.signal.shortest:
        return None, None
    at, edge = found.signal.at, found.signal.shortest
    starts = result.calendar.starts
    return str(starts[at[edge]]), str(starts[at[len(at) - edge]])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
