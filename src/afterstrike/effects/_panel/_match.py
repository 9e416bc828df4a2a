"""Matching on treatment history in a place-week panel, and differences in differences by lead."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._parallel import in_parallel
from .._study import Study
from ._result import ComparatorResult, Estimates, provenance, result_table
from ._sets import Refinement, Sets, matched_sets
from ._stacked import check_level, lead_check, week_columns
from ._weeks import PlaceWeeks, place_weeks, whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["panel_match"]

Floats = npt.NDArray[np.float64]
Bootstrap = Literal["weights", "rematch"]
_UNLIKE = (
    "Struck and matched places differ in weeks that were not matched on: they may have been alike only in "
    "the matched weeks, and part again afterwards by themselves."
)
# Draws in which the ratio has no logarithm; above this share of them the ratio gets no interval.
_FAILED_SHARE = 0.02


def panel_match(
    study: Study,
    *,
    cell_km: float | None = None,
    history: int = 4,
    after: int = 4,
    refine: Refinement = "mahalanobis",
    size: int = 10,
    placebo: int = 2,
    bootstrap: Bootstrap = "weights",
    n_boot: int = 500,
    level: float = 0.95,
    seed: int = 0,
    n_jobs: int = 1,
    towns: pd.DataFrame | None = None,
) -> ComparatorResult:
    """Match struck place-weeks to unstruck ones of the same week and the same strike history.

    After Imai, Kim, Wang (2023), https://doi.org/10.1111/ajps.12685. A place struck in week t and not in week
    t - 1 is compared with the places not struck in week t whose weeks t - `history` to t - 1 were struck and
    unstruck exactly as its own, refined on the recorded outcome of those weeks (its square root, which evens
    the variance of counts). The estimate F weeks on is the mean difference in changes since week t - 1.
    Matched places may be struck later: nothing is conditioned on the future.

    Assumptions: among matched place-weeks, struck and unstruck places would have changed alike (parallel
    trends, given strike and outcome history); what strikes answer to is in the matched weeks, not in the
    strike week itself; a strike at one place does not reach another; recording does not change with strikes.

    Intervals are from a bootstrap of whole places. As published, it keeps the weights of the matches
    (`bootstrap="weights"`); `"rematch"` matches again in each draw, as a check: bootstrapping a matching with
    a fixed number of neighbours has no general proof (Abadie, Imbens 2008,
    https://doi.org/10.3982/ECTA6474). Places are resampled as if independent; neighbours are not. Matched
    wakes (Schutte and Donnay 2014, https://doi.org/10.1016/j.polgeo.2014.03.001) count around each event
    instead of in fixed cells and weeks, and so lose no strike to the edge of a cell.

    Parameters
    ----------
    study
        What is compared.
    cell_km, towns
        The places; see `place_weeks`.
    history
        Weeks matched on, 1 to 26.
    after
        Weeks after the strike week, 1 to 52.
    refine
        `mahalanobis` (the `size` nearest; places as near as the last are all taken), `propensity_weights`
        (all of the set, by their odds of being struck from a logistic regression on both histories), or
        `none`.
    size
        Neighbours for each struck place-week, 1 to 1000.
    placebo
        Weeks before those matched on that are tested for differences, 1 to 26.
    bootstrap, n_boot, seed, n_jobs
        What is drawn again, how often (100 to 10,000), from which seed, on how many cores (`rematch` only).
        One seed gives one result on any number of cores.
    level
        Of the intervals, 0.5 to 0.999.

    Returns
    -------
    ComparatorResult
        One row for each week from the strike week (`matched` rows show what is left of the differences that
        were matched on), and one for the mean of the weeks after.

    Raises
    ------
    UsageError
        An option that is not allowed.
    EstimateRefused
        No struck place-week has a match.

    Examples
    --------
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> events = simulate_theatre(Theatre.preset("lull"), seed=1).events
    >>> study = Study.from_frame(events, treatment="strike", outcome="attack")
    >>> bool(panel_match(study).to_frame()["estimate"].iloc[-1] < 0)
    True
    """
    whole("history", history, 1, 26)
    whole("after", after, 1, 52)
    whole("placebo", placebo, 1, 26)
    whole("size", size, 1, 1000)
    whole("n_boot", n_boot, 100, 10_000)
    whole("seed", seed, 0, 2**63 - 1)
    whole("n_jobs", n_jobs, 1, 256)
    for name, got, allowed in (("refine", refine, Refinement), ("bootstrap", bootstrap, Bootstrap)):
        if got not in get_args(allowed):
            raise UsageError(f"{name}={got!r}; allowed {', '.join(map(repr, get_args(allowed)))}")
    check_level(level)
    panel = place_weeks(study, cell_km=cell_km, towns=towns)
    before = history + placebo
    plan = (history, before, after, refine, size)
    sets = matched_sets(panel.outcome, panel.treated, *plan)
    if not sets.n_matched:
        raise EstimateRefused(
            f"none of {sets.n_struck} place-weeks in which strikes begin, with {before} weeks on record "
            f"before and {after} after, has a match with the same {history} weeks of strikes; use a smaller "
            "history, smaller cells, or a longer period"
        )
    if bootstrap == "weights":
        draws = _weight_draws(sets, n_boot, seed)
    else:
        draws = _rematch_draws(panel, plan, n_boot, seed, n_jobs)
    estimates = _estimates(sets, draws, *week_columns(before, after, history))
    parameters: dict[str, Any] = {
        "history": history,
        "after": after,
        "refine": refine,
        "size": size,
        "placebo": placebo,
    }
    parameters |= {"bootstrap": bootstrap, "n_boot": n_boot, "level": level, "towns": towns is not None}
    return _result(study, panel, sets, estimates, parameters, seed)


def _result(
    study: Study, panel: PlaceWeeks, sets: Sets, estimates: Estimates, parameters: dict[str, Any], seed: int
) -> ComparatorResult:
    history, unmatched = parameters["history"], sets.n_struck - sets.n_matched
    leads = [k for k, role in enumerate(estimates.roles) if role == "lead"]
    told = {"estimator": "panel_match", "cell_km": panel.cell_km, "left_out": dict(panel.exclusions)}
    return ComparatorResult(
        table=result_table(
            estimates, km=panel.cell_km, level=parameters["level"], counts=_counts(panel, sets)
        ),
        estimand=(
            f"recorded outcome events of place-weeks ({panel.cell_km:g} km) in which strikes began against "
            f"unstruck ones of the same week and the same {history} weeks of strikes, as the change since "
            "week -1; later strikes, at either, are part of it"
        ),
        assumptions=(
            f"with the same {history} weeks of strikes and like outcomes in them, struck and unstruck places "
            "would have changed alike; strikes answer to nothing in the strike week itself; no strike "
            "reaches other places; recording does not change with strikes."
        ),
        checks=(lead_check(estimates, leads, "Weeks before those matched on, jointly", _UNLIKE),),
        provenance=provenance(study, told | parameters, seed),
        details={"panel": panel.to_frame, "places": panel.places.copy, "matches": sets.to_frame},
        label="Comparator: matching on strike history in place-weeks, differences in differences.",
        extra=(f"{unmatched} of {sets.n_struck} struck place-weeks have no match and are left out.",),
    )


def _counts(panel: PlaceWeeks, sets: Sets) -> dict[str, int]:
    return {
        "n_treated": int(panel.treated.sum()),
        "n_control": int((~panel.treated).sum()),
        "n_treated_matched": sets.n_matched,
        "n_control_matched": sets.n_controls,
    }


def _estimates(
    sets: Sets, draws: tuple[Floats, Floats], roles: list[str], spans: list[tuple[int, int]]
) -> Estimates:
    """Give estimates with the spread of the draws as their error."""
    value, observed = sets.estimate()
    drawn, drawn_observed = draws
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.log(drawn_observed) - np.log(drawn_observed - drawn)
    usable = np.isfinite(ratios)
    error = np.full(len(value), np.nan)
    for k in np.flatnonzero(usable.mean(axis=0) >= 1 - _FAILED_SHARE):
        error[k] = np.std(ratios[usable[:, k], k], ddof=1)
    covariance = np.atleast_2d(np.cov(drawn, rowvar=False))
    return Estimates(roles, spans, value, covariance, observed, error, int((sets.n_by_place > 0).sum()))


def _weight_draws(sets: Sets, n_boot: int, seed: int) -> tuple[Floats, Floats]:
    """Draw places with the weights of their matches, and give estimates and observed means."""
    rng = np.random.default_rng(seed)
    n_places = len(sets.n_by_place)
    times = rng.multinomial(n_places, np.full(n_places, 1 / n_places), size=n_boot).astype(np.float64)
    total = times @ sets.n_by_place
    kept = total > 0
    return (
        (times[kept] @ sets.change_by_place) / total[kept, None],
        (times[kept] @ sets.observed_by_place) / total[kept, None],
    )


def _rematch_draws(
    panel: PlaceWeeks, plan: Any, n_boot: int, seed: int, n_jobs: int
) -> tuple[Floats, Floats]:
    """Draw places, match again, and give estimates and observed means."""
    streams = np.random.SeedSequence(seed).spawn(n_boot)
    found = in_parallel(partial(_rematch, panel.outcome, panel.treated, plan), streams, jobs=n_jobs)
    kept = [pair for pair in found if pair is not None]
    return np.array([pair[0] for pair in kept]), np.array([pair[1] for pair in kept])


def _rematch(
    outcome: Floats, treated: npt.NDArray[np.bool_], plan: Any, stream: Any
) -> tuple[Floats, Floats] | None:
    rng = np.random.default_rng(stream)
    places = np.sort(rng.integers(0, len(outcome), len(outcome)))
    sets = matched_sets(outcome[places], treated[places], *plan)
    return sets.estimate() if sets.n_matched else None
