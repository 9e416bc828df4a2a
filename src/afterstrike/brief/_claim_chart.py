"""A claimed number drawn among the dated figures of the same measure and area."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ..charts import TimelinePoint, measure_timeline
from ..reading._claim import Claim, Ledger, Quantity
from ..record.shipped import Figure, Measure, figures
from ._figure import area_label, middle_of, said_by, words_of
from ._model import Check
from ._pictures import NARROW_PX, chart_view
from ._rows import period
from ._target import target_of

__all__ = ["claim_charts"]

_MOST_CHARTS = 2
_BOUNDS = {"over": ">", "under": "<"}


def claim_charts(ledger: Ledger, claim: Claim, check: Check) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """Draw the numbers of a checked claim over time.

    Parameters
    ----------
    ledger, claim, check
        The article, one of its claims, and what was found.

    Returns
    -------
    tuple
        A chart for each stock (troops, detainees, people in a camp) that the check cites a figure of and that
        has at least two dated figures; and the mark, such as `[2]`, of each row of evidence that is drawn.
        Flows are not drawn: a month's count and a year's do not share an axis.
    """
    cited = {row: i for i, item in enumerate(check.evidence) for row in item.rows}
    charts: list[dict[str, Any]] = []
    marks: dict[int, str] = {}
    for quantity, measure, area, day in _subjects(ledger, claim, set(cited)):
        held = [f for f in figures(measure.id, area) if f.period_start <= day]
        if len({f.period_start for f in held}) < 2 or len(charts) == _MOST_CHARTS:
            continue
        for figure in held:
            if figure.figure_id in cited:
                marks.setdefault(cited[figure.figure_id], f"[{len(marks) + 1}]")
        labels = {f.figure_id: marks.get(cited.get(f.figure_id, -1), "") for f in held}
        charts.append(_chart(quantity, measure, area, day, held, labels))
    return charts, marks


def _subjects(ledger: Ledger, claim: Claim, cited: set[str]) -> Iterator[tuple[Quantity, Measure, str, date]]:
    """Give each number of the claim with the measure and area it was held against, and its day."""
    done = set()
    for quantity in claim.quantities:
        target = target_of(ledger, claim, quantity)
        if target is None or quantity.value is None:
            continue
        day = target.whens[0].end if target.whens else target.published
        for figure_id in sorted(cited):
            found = [(m, f) for m in target.measures for f in figures(m.id) if f.figure_id == figure_id]
            for measure, figure in found:
                key = (quantity.start, measure.id, figure.area)
                if measure.kind == "stock" and day is not None and key not in done:
                    done.add(key)
                    yield quantity, measure, figure.area, day


def _chart(
    quantity: Quantity, measure: Measure, area: str, day: date, held: list[Figure], labels: dict[str, str]
) -> dict[str, Any]:
    points = [
        TimelinePoint(
            f.period_start,
            f.period_end,
            middle_of(f),
            f.low,
            f.high,
            f"{labels[f.figure_id]} {_BOUNDS.get(f.approx, '')}".strip(),
        )
        for f in held
    ]
    said = TimelinePoint(day, day, quantity.value or 0.0, quantity.low, quantity.high)
    title = f"{measure.label}, {area_label(area)}"
    wide, narrow = (
        measure_timeline(points, said, unit=measure.unit, width_px=width, height_px=height)
        for width, height in ((620, 190), (NARROW_PX - 20, 180))
    )
    return chart_view(
        wide,
        narrow,
        title=title[:1].upper() + title[1:],
        rows=[
            (
                period(f.period_start.isoformat(), f.period_end.isoformat()),
                words_of(f),
                said_by(f),
                f.source_url,
            )
            for f in held
        ],
        rows_title=f"The {len(held)} figures drawn, with their sources",
    )
