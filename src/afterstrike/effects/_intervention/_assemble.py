"""The result of a stochastic intervention put together: contrasts, checks, provenance, details."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from .._result import CheckResult
from .._study import Study
from ._choices import InterventionDesign
from ._contrast import compare_policies
from ._policy_checks import mean_weight_check, outcomes_before, overlap_check
from ._policy_result import InterventionResult, result_table
from ._run import Run
from ._sensitivity import hidden_bias_bounds
from ._space import Convention, EventPoints

__all__ = ["assemble"]

Floats = npt.NDArray[np.float64]
ASSUMPTIONS = (
    "the propensity holds every cause of strikes that also causes attacks (unmeasured ones are looked at by "
    "detail('hidden_bias')); each period's strikes could have been those of the policies; recording of "
    "attacks does not change with strikes. Contrasts of policies say nothing about distance from a strike or "
    "about one strike."
)
# Factors by which the propensity of a period may be off.
_GAMMAS = (1, 1.01, 1.02, 1.05, 1.1, 1.2)


def assemble(
    study: Study,
    design: InterventionDesign,
    convention: Convention,
    run: Run,
    before: CheckResult,
    points: tuple[EventPoints, EventPoints],
) -> InterventionResult:
    """Compare every policy with the first, at every lag, and say what must be known."""
    import pandas as pd

    from ... import __version__

    space = run.propensity.space
    lags = sorted({lag for _, lag in run.weights})
    names = [policy.name for policy in run.policies]
    contrasts = [
        compare_policies(
            space, run.outcome, run.areas, run.weights[names[0], lag], run.weights[name, lag],
            level=design.level, convention=convention,
        )
        for name in names[1:]
        for lag in lags
    ]  # fmt: skip
    unit = "day" if space.period_days == 1 else f"period of {space.period_days} days"
    table = result_table(
        pd.concat(contrasts, ignore_index=True),
        n_strikes=int(run.propensity.n_strikes.sum()), period_days=space.period_days, unit=unit,
    )  # fmt: skip
    checks = (
        before,
        _dispersion(run),
        overlap_check(run.weights),
        mean_weight_check(run.weights),
        outcomes_before(run.weights, run.totals[:, 0]),
    )
    held = "in every one of" if design.span == "every_period" else "only in the first of"
    parameters = {"policies": names, "lags": lags, "convention": convention, **design.parameters()}
    outside = {
        "treatment: outside the window": points[0].n_outside,
        "outcome: outside the window": points[1].n_outside,
    }
    provenance = {
        "input_sha256": study.fingerprint(),
        "version": __version__,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": None,
        "parameters": parameters,
        "exclusions": {**study.exclusions, **{name: count for name, count in outside.items() if count}},
        "duplicates": dict(study.duplicates),
        "space": repr(space),
    }
    return InterventionResult(
        table=table,
        estimand=(
            f"difference in mean recorded outcome events a {unit} in fixed areas if strikes were drawn by "
            f"one policy rather than another {held} the last lag {unit}s; convention {convention}"
        ),
        assumptions=ASSUMPTIONS,
        checks=checks,
        provenance=provenance,
        details=_details(study, run, design, convention),
        time_unit=unit,
        run=run,
        warnings=_warnings(checks, run.propensity.model, convention),
    )


def _dispersion(run: Run) -> CheckResult:
    """Give the test of Poisson numbers; where the model does not rest on them it only informs."""
    fitted = run.propensity
    if fitted.model == "poisson":
        return fitted.dispersion
    size = "without bound: no more variance than Poisson" if math.isinf(fitted.size) else f"{fitted.size:.2f}"
    text = f"{fitted.dispersion.text} The negative binomial size fitted, given the covariates, is {size}."
    return replace(fitted.dispersion, passed=None, text=text)


def _warnings(checks: Sequence[CheckResult], model: str, convention: Convention) -> tuple[str, ...]:
    found = [
        f"{check.check_name}: {check.text}"
        for check in checks
        if check.passed is False and check.check_name != "dispersion of strikes"
    ]
    if model == "poisson" and checks[1].passed is False:
        found.insert(
            0, f"weights of a Poisson propensity are wrong where strikes vary more: {checks[1].text}"
        )
    if convention == "geocausal-0.4":
        found.insert(0, "intervals are the peer's, whatever the effective sample.")
    return tuple(found)


def _details(
    study: Study, run: Run, design: InterventionDesign, convention: Convention
) -> dict[str, Callable[[], Any]]:
    import pandas as pd

    def weights() -> pd.DataFrame:
        parts = [
            pd.DataFrame(
                {
                    "policy": one.policy,
                    "lag": one.lag,
                    "outcome_period": one.outcome_period,
                    "weight": one.weights,
                }
            )
            for one in run.weights.values()
        ]
        return pd.concat(parts, ignore_index=True)

    def bias() -> pd.DataFrame:
        space, first = run.propensity.space, run.policies[0].name
        parts = []
        for (name, lag), two in run.weights.items():
            if name != first:
                one = run.weights[first, lag]
                made = hidden_bias_bounds(
                    space, run.outcome, run.areas[0], one, two, gammas=_GAMMAS,
                    convention=convention,
                )  # fmt: skip
                parts.append(made.assign(policy_2=name, lag=lag, area=run.areas[0].name))
        return pd.concat(parts, ignore_index=True)

    return {
        "propensity": run.propensity.to_frame,
        "weights": weights,
        "hidden_bias": bias,
        "study": study.to_frame,
    }
