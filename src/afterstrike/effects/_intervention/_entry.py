"""Stochastic interventions in one call: from a study to contrasts of policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import EstimateRefused, UsageError
from .._result import CheckResult
from .._study import OUTCOME, TREATMENT, Study
from ._assemble import assemble
from ._choices import InterventionDesign
from ._policies import Policy, scaled_strikes
from ._policy_checks import expected_overlap
from ._policy_result import InterventionResult
from ._prepare import areas_on, covariates, points_of, space_of
from ._propensity import Propensity, fit_propensity
from ._regions import Area, outcome_totals
from ._run import Run
from ._smooth import smooth_events
from ._space import Convention, EventPoints, SpaceTime, check_convention
from ._weights import LEAST_EFFECTIVE, policy_weights

__all__ = ["stochastic_intervention"]

PolicyMaker = Callable[[Propensity], Policy]


def stochastic_intervention(
    study: Study,
    *,
    policies: Sequence[float | PolicyMaker] = (1.0, 1.1),
    lags: int | Sequence[int] = (1, 3, 7),
    areas: Mapping[str, Any] | Sequence[Area] | None = None,
    space: SpaceTime | None = None,
    design: InterventionDesign | None = None,
    convention: Convention = "afterstrike",
) -> InterventionResult:
    r"""Estimate what would be recorded if strikes were drawn by one policy rather than another.

    :math:`N_2(B) - N_1(B)`: the mean number of outcome events a day in an area B if, over the last `lag`
    days, strikes had been drawn by the second policy rather than the first. Each day is weighted by the
    ratio of the densities of its strikes under policy and propensity, multiplied over `lag` days.

    Parameters
    ----------
    study
        Treatment rows are the strikes, outcome rows the attacks. Control rows are not used.
    policies
        The first is the reference. A number is a factor of the fitted intensity (1: as observed). A function
        takes the fitted `Propensity` and gives a `Policy`, as from `scaled_density` or `relocated_strikes`.
    lags
        Days under the policy before the day of the outcome.
    areas
        By name, regions in degrees as `SpaceTime.over` takes them, or masks; or areas from `distance_areas`.
        None: the whole window.
    space
        Window, grid and days. None: over the study's region (a box in degrees or a country code), over its
        period without the days of history.
    design
        Grid, covariates, propensity, truncation.
    convention
        `afterstrike`, or `geocausal-0.4`: the peer's projection of events, quadrature, weights and bounds; it
        needs `space`, `policies` as functions, and InterventionDesign(history_days=(), trend_columns=0,
        model="poisson", outcome="smoothed").

    Returns
    -------
    InterventionResult
        One row for each policy after the first, lag and area. No interval where an effective sample is
        below 30.

    Raises
    ------
    EstimateRefused
        No factor and lag could leave an effective sample of 30 at best; too few days.
    UsageError
        An argument is not allowed; the message says what is.

    Assumes
    -------
    No unmeasured cause of both strikes and attacks given the covariates, and overlap.

    Notes
    -----
    Checks: dispersion of strikes, effective sample expected before and left after fitting, mean weight,
    outcomes before. Details: `propensity`, `weights`, `hidden_bias`, `study`.

    References
    ----------
    Papadogeorgou, G., Imai, K., Lyall, J. and Li, F. (2022). Causal inference with spatio-temporal data:
    estimating the effects of airstrikes on insurgent violence in Iraq. JRSS-B 84, 1969-1999.
    doi:10.1111/rssb.12548

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> n = 3000
    >>> events = pd.DataFrame({
    ...     "kind": rng.choice(["strike", "attack"], n, p=[0.1, 0.9]),
    ...     "date_start": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
    ...     "lat": rng.uniform(34, 36, n), "lon": rng.uniform(40, 42, n)})
    >>> study = Study.from_frame(events, treatment="strike", outcome="attack", region=(40, 34, 42, 36))
    >>> design = InterventionDesign(shape=16, model="poisson")
    >>> stochastic_intervention(study, policies=(1, 1.1), lags=(1, 3), design=design)
    InterventionResult(2 contrasts, 2 with an interval, 5 checks)
    """
    if not isinstance(study, Study):
        raise UsageError(f"got {type(study).__name__}; allowed a Study: make one with Study.from_frame(...)")
    peer = check_convention(convention)
    design = InterventionDesign() if design is None else design
    if not isinstance(design, InterventionDesign):
        raise UsageError(f"design={design!r}; allowed an InterventionDesign")
    _check_peer(peer, space, design)
    spans = _lags(lags)
    makers = _makers(policies)
    space = space or space_of(study, design)
    strikes, attacks = (points_of(study, space, role, design, convention) for role in (TREATMENT, OUTCOME))
    before = _before_fitting(space, strikes, policies, spans, design)
    propensity = fit_propensity(
        space, strikes, covariates(space, strikes, attacks, design), model=design.model, ridge=design.ridge,
        folds=design.folds, convention=convention,
    )  # fmt: skip
    made = tuple(make(propensity) for make in makers)
    _check_names(made)
    weights = {
        (policy.name, lag): policy_weights(
            propensity, policy, lag=lag, truncation=design.truncation, span=design.span, convention=convention
        )
        for policy in made
        for lag in spans
    }
    where = areas_on(space, areas)
    smoothed = peer or design.outcome == "smoothed"
    outcome = smooth_events(space, attacks, convention=convention) if smoothed else attacks
    totals = outcome_totals(space, outcome, where)
    run = Run(propensity, made, weights, tuple(where), totals, outcome)
    return assemble(study, design, convention, run, before, (strikes, attacks))


def _check_peer(peer: bool, space: SpaceTime | None, design: InterventionDesign) -> None:
    if peer and (space is None or design.history_days or design.trend_columns or design.model != "poisson"):
        raise UsageError(
            "convention='geocausal-0.4' needs space=... and InterventionDesign(history_days=(), "
            "trend_columns=0, model='poisson', surfaces=...): the peer makes no covariates of its own"
        )


def _lags(lags: int | Sequence[int]) -> list[int]:
    given = [lags] if isinstance(lags, int) else list(lags)
    if not given or any(isinstance(lag, bool) or int(lag) != lag or lag < 1 for lag in given):
        raise UsageError(f"lags={lags!r}; allowed one or more whole numbers of periods from 1")
    return sorted({int(lag) for lag in given})


def _makers(policies: Sequence[float | PolicyMaker]) -> list[PolicyMaker]:
    if len(policies) < 2 or any(isinstance(given, str | bool) for given in policies):
        raise UsageError(f"policies={policies!r}; allowed two or more, each a factor above 0 or a function")

    def maker(given: float | PolicyMaker) -> PolicyMaker:
        if callable(given):
            return given
        return lambda propensity: scaled_strikes(propensity, given)

    return [maker(given) for given in policies]


def _check_names(policies: Sequence[Policy]) -> None:
    for policy in policies:
        if not isinstance(policy, Policy):
            raise UsageError(f"a policy function gave {type(policy).__name__}; allowed a Policy")
    names = [policy.name for policy in policies]
    if len(set(names)) < len(names):
        raise UsageError(
            f"policies have the names {', '.join(map(repr, names))}; allowed different ones, see name="
        )


def _before_fitting(
    space: SpaceTime,
    strikes: EventPoints,
    policies: Sequence[float | PolicyMaker],
    lags: Sequence[int],
    design: InterventionDesign,
) -> CheckResult:
    """Refuse where even the best case leaves too little for every factor and lag."""
    factors = [float(given) for given in policies if not callable(given)]
    if lags[-1] > space.n_periods - 2:
        raise UsageError(
            f"lags={list(lags)}; allowed up to {space.n_periods - 2}, of {space.n_periods} periods"
        )
    for factor in factors:
        if not (np.isfinite(factor) and factor > 0):
            raise UsageError(f"a policy is {factor!r}; allowed factors above 0 (1: as observed)")
    before = expected_overlap(
        strikes.per_period(space.n_periods), factors, lags,
        one_period=design.span == "first_period", poisson=design.model == "poisson",
    )  # fmt: skip
    changed = before.table[before.table["factor"] != 1]
    best = changed["expected_effective_sample"].max() if len(changed) else np.inf
    if (
        design.truncation is None
        and len(changed)
        and all(not callable(g) for g in policies)
        and best < LEAST_EFFECTIVE
    ):
        raise EstimateRefused(
            f"this record cannot answer: {before.text} Use factors nearer to 1, shorter lags or more days"
        )
    return before
