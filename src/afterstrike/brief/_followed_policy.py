"""More strikes rather than as many: the stochastic intervention beside each study of the brief."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..errors import EstimateRefused, UsageError
from ._followed_model import CheckRow, PolicyCell, PolicyPart, PolicyRow
from ._study_choice import Choice

if TYPE_CHECKING:
    from ..effects import InterventionResult, Study

__all__ = ["FACTOR", "policy_part", "policy_result"]

# Declared before any data are seen, the same for every article and record.
FACTOR, LAGS, GRID, CELLS = 1.1, (1, 3, 7), 32, 6
MAP_LAG = 3


def policy_result(study: Study, choice: Choice) -> InterventionResult | str:
    """Estimate what a tenth more strikes than as observed went with, in the whole country.

    The study's own rows are used. A record that cannot carry it says why; that is an answer.
    """
    from ..effects import InterventionDesign, stochastic_intervention
    from ..effects._intervention._prepare import space_of

    design = InterventionDesign(shape=GRID)
    try:
        space = space_of(study, design, window=choice.adm0 or _box(study))
        return stochastic_intervention(study, policies=(1.0, FACTOR), lags=LAGS, space=space, design=design)
    except (EstimateRefused, UsageError) as refused:
        return f"Cannot tell what a tenth more strikes would have gone with: {refused}."


def policy_part(result: InterventionResult | str, choice: Choice) -> PolicyPart:
    """Give that result, or why there is none, as the brief tells it."""
    if isinstance(result, str):
        return PolicyPart(result, "", "", FACTOR, ("", ""), 0.95, (), None, None, (), ())
    rows = tuple(_row(row) for row in result.to_frame().to_dict("records"))
    cells, cells_level = _cells(result)
    first = result.to_frame().iloc[0]
    level = float(first["level"])
    return PolicyPart(
        finding=_finding(rows, level, choice),
        estimand=result.estimand,
        believe=result.assumptions,
        factor=FACTOR,
        policies=(str(first["policy_1"]), str(first["policy_2"])),
        level=level,
        rows=rows,
        cells_lag=MAP_LAG if cells else None,
        cells_level=cells_level,
        cells=cells,
        checks=tuple(CheckRow(c.check_name, c.passed, c.verdict, c.text) for c in result.checks),
    )


def _box(study: Study) -> tuple[float, float, float, float]:
    """Give the box of the study's rows, for a record that names no country."""
    lat, lon = study.rows.lat, study.rows.lon
    return (
        float(lon.min()) - 0.1, float(lat.min()) - 0.1, float(lon.max()) + 0.1, float(lat.max()) + 0.1
    )  # fmt: skip


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None


def _row(row: dict[Any, Any]) -> PolicyRow:
    samples = [row[f"{kind}_sample_{number}"] for kind in ("effective", "expected") for number in (1, 2)]
    known = [float(sample) for sample in samples if math.isfinite(sample)]
    return PolicyRow(
        int(row["lag"]), float(row["estimate"]), _number(row["low"]), _number(row["high"]),
        _number(row["smallest_change"]), float(row["mean_1"]), min(known) if known else None,
        str(row["reason"]),
    )  # fmt: skip


def _finding(rows: tuple[PolicyRow, ...], level: float, choice: Choice) -> str:
    """Say it of the longest lag that has an interval, and which have none."""
    known = [row for row in rows if row.low is not None and row.high is not None]
    power = "; ".join(
        f"{row.lag} {'day' if row.lag == 1 else 'days'}: {row.smallest_change / row.daily:.1%}"
        for row in rows
        if row.smallest_change is not None and row.daily > 0
    )
    first = f"Smallest change this record could show (80% power): {power} more or fewer. " if power else ""
    head = f"{first}Had strikes by {choice.strikers} been a tenth more on "
    if not known:
        why = "; ".join(f"{row.lag} days: {row.reason}" for row in rows)
        return f"{head}the days before: cannot tell in {choice.country}, no interval ({why})."
    row = known[-1]
    assert row.low is not None and row.high is not None
    days = "the day before" if row.lag == 1 else f"each of the {row.lag} days before"
    share = f"{row.estimate:+.2f} recorded attacks a day ({row.daily:.1f} as observed)"
    ends = f"{row.low:+.2f} to {row.high:+.2f}"
    text = f"{head}{days}: {share} in {choice.country}; {level:.0%} interval {ends}."
    if row.low <= 0 <= row.high:
        text += f" Cannot tell: anything from {ends} fits these data."
    bare = [f"{other.lag}" for other in rows if other.low is None]
    if bare:
        text += f" No interval at {' and '.join(bare)} days: the effective sample is too small."
    return text


def _cells(result: InterventionResult) -> tuple[tuple[PolicyCell, ...], float | None]:
    try:
        table = result.cells(lag=MAP_LAG, cells=CELLS)
    except EstimateRefused:
        return (), None
    if table["low"].isna().all():
        return (), None
    found = []
    for row in table.to_dict("records"):
        rings = tuple(
            tuple((round(float(lon), 3), round(float(lat), 3)) for lon, lat in polygon[0])
            for polygon in row["outline"]["coordinates"]
        )
        found.append(
            PolicyCell(
                str(row["cell"]), round(float(row["lat"]), 3), round(float(row["lon"]), 3),
                int(row["n_outcomes"]), _number(row["estimate"]), _number(row["low"]),
                _number(row["high"]), bool(row["is_shown"]), rings,
            )
        )  # fmt: skip
    return tuple(found), float(table["level"].iloc[0])
