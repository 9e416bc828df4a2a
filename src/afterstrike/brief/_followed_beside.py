"""Every design beside the study of the brief: the same strikes and attacks, each with its own estimand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from ._followed_model import Answer, BesidePart, BesideRow, CheckRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..effects import EffectResult, Study

__all__ = ["beside_part"]


def beside_part(study: Study, known: Mapping[str, EffectResult], *, seed: int) -> BesidePart:
    """Run the designs that the section has not run already, and set all beside each other.

    Parameters
    ----------
    study
        The study as declared.
    known
        Results already made of it, by design.
    seed
        For what is drawn at random.
    """
    from ..effects import lull
    from ..effects._beside._standing import ESTIMANDS

    found = lull(study, known=known, seed=seed, with_checks=False)
    rows = tuple(
        BesideRow(
            estimand=row.estimand,
            estimand_words=ESTIMANDS[row.estimand],
            design=row.design,
            form=row.form,
            role=row.role,
            measure=row.measure,
            days=int(row.days),
            value=_number(row.value),
            low=_number(row.low),
            high=_number(row.high),
            low_joint=_number(row.low_joint),
            high_joint=_number(row.high_joint),
            quiet_days=_number(row.quiet_days),
            quiet_days_low=_number(row.quiet_days_low),
            quiet_days_high=_number(row.quiet_days_high),
            answer=cast(Answer, row.answer.replace(" ", "_")),
            points=row.points,
            reason=row.reason,
            is_main=row.is_main,
        )
        for row in found.standings
    )
    new = [name for name in found.results if name not in known]
    checks = tuple(
        CheckRow(f"{name}: {check.check_name}", check.passed, check.verdict, check.text)
        for name in new
        for check in found.results[name].checks
    )
    run = sum(row.design not in known for row in found.standings)
    return BesidePart(tuple(found.agreement()), rows, checks, run)


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
