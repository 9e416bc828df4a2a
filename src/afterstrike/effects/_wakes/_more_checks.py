"""Checks that cost many estimates: placebo strikes, block bootstrap, redraws within stated precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import UsageError
from .._result import CheckResult
from ._bootstrap import bootstrap_check
from ._placebo import placebo_check, placebo_runs
from ._redraw import redraw_check

if TYPE_CHECKING:
    from ._entry import WakeEstimates

__all__ = ["more_checks"]


def more_checks(
    made: WakeEstimates, *, km: float | None, placebos: int, bootstrap: int, redraws: int, jobs: int
) -> tuple[CheckResult, ...]:
    """Run the checks asked for at one radius and the longest horizon estimated there."""
    for name, count in (("placebos", placebos), ("bootstrap", bootstrap), ("redraws", redraws)):
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise UsageError(f"{name}={count!r}; allowed whole numbers from 0, which leaves the check out")
    known = sorted(made.radii)
    if not known:
        return ()
    declared = made.study.radius_km
    wanted = km if km is not None else declared if declared in made.radii else known[-1]
    if wanted not in made.radii:
        raise UsageError(f"km={wanted!r} was not estimated; allowed {', '.join(f'{r:g}' for r in known)}")
    radius, found = made.radii[float(wanted)], []
    if placebos:
        runs = placebo_runs(radius, repeats=placebos, seed=made.seed, jobs=jobs)
        found.append(placebo_check(radius, runs, seed=made.seed))
    if bootstrap:
        found.append(bootstrap_check(radius, repeats=bootstrap, seed=made.seed, jobs=jobs))
    if redraws:
        found.append(
            redraw_check(made.study, radius, repeats=redraws, seed=made.seed, level=made.level, jobs=jobs)
        )
    return tuple(found)
