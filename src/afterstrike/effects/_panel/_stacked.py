"""Stacked event study on place-weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._result import CheckResult
from .._study import Study
from ._result import ComparatorResult, Estimates, provenance, result_table, wald
from ._weeks import PlaceWeeks, place_weeks, whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["lead_check", "stacked_event_study", "week_columns"]

Floats = npt.NDArray[np.float64]
_CHANGING = (
    "Struck places were already changing otherwise before the strike week; read no effect into the weeks "
    "after."
)
CleanControls = Literal["window", "before"]
Weights = Literal["regression", "treated"]


def stacked_event_study(
    study: Study,
    *,
    cell_km: float | None = None,
    before: int = 4,
    after: int = 4,
    clean: CleanControls = "window",
    weights: Weights = "regression",
    level: float = 0.95,
    towns: pd.DataFrame | None = None,
) -> ComparatorResult:
    """Compare struck places with clean places, week by week, by least squares on stacked panels.

    After Cengiz, Dube, Lindner, Zipperer (2019), https://doi.org/10.1093/qje/qjz014. Each week in which a
    place is struck after `before` weeks without a strike begins a stack: the places struck then, and the
    clean places, from `before` weeks earlier to `after` weeks later. Leads and lags are pooled over stacks,
    with effects of place and of week in each stack; week -1 is the reference. A place may enter several
    stacks; standard errors are clustered by place.

    Assumptions: without the strike, struck and clean places would have changed alike from week -1 on
    (parallel trends); nothing that strikes answer to changes in week -1 or 0; a strike at one place does not
    reach another; recording does not change with strikes. Strikes that answer to a burst of attacks break the
    second: the burst passes by itself.

    Why only a comparator: with `clean="window"` clean places are those that stay unstruck for `after` further
    weeks. That conditions on the future: where strikes answer to attacks, it picks places whose attacks stay
    low. The effect of one strike includes that of the strikes it leads to, and clean places are denied
    theirs. `clean="before"` asks about the past and the strike week only. Matched wakes (Schutte and Donnay
    2014, https://doi.org/10.1016/j.polgeo.2014.03.001) look at a moving window around each event instead of
    fixed places and weeks, and here compare with place-days drawn by the risk of being struck.

    Parameters
    ----------
    study
        What is compared.
    cell_km, towns
        The places; see `place_weeks`.
    before, after
        Weeks before (2 to 52) and after (1 to 52) the strike week.
    clean
        Unstruck in the whole `window`, or in the weeks `before` and the strike week only.
    weights
        How stacks are pooled: as least squares does (`regression`), or by their number of struck places
        (`treated`; Wing, Freedman, Hollingsworth 2024, https://doi.org/10.3386/w32054).
    level
        Of the intervals, 0.5 to 0.999.

    Returns
    -------
    ComparatorResult
        One row for each week from the strike week, and one for the mean of the weeks after, in recorded
        outcome rows per struck place-week. `checks` holds the joint test of the leads.

    Raises
    ------
    UsageError
        An option that is not allowed.
    EstimateRefused
        No stack with struck and clean places.

    Examples
    --------
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> events = simulate_theatre(Theatre.preset("lull"), seed=1).events
    >>> study = Study.from_frame(events, treatment="strike", outcome="attack")
    >>> bool(stacked_event_study(study).to_frame()["estimate"].iloc[-1] < 0)
    True
    """
    before, after = whole("before", before, 2, 52), whole("after", after, 1, 52)
    _check(clean, weights, level)
    panel = place_weeks(study, cell_km=cell_km, towns=towns)
    roles, spans = week_columns(before, after)
    stacks, counts = _stacks(panel, before, after, clean, weights)
    estimates = _pool(stacks, roles, spans, panel.outcome.shape[0], weights)
    leads = [k for k, role in enumerate(roles) if role == "lead"]
    untold = "in its window" if clean == "window" else "in the weeks before and that week"
    return ComparatorResult(
        table=result_table(estimates, km=panel.cell_km, level=level, counts=counts),
        estimand=(
            f"recorded outcome events of struck place-weeks ({panel.cell_km:g} km) against unstruck ones, as "
            f"the change since week -1; first strikes after {before} weeks without; clean places are "
            f"unstruck {untold}; later strikes at struck places are part of it"
        ),
        assumptions=(
            "struck and clean places would have changed alike since week -1; strikes answer to nothing that "
            "was passing then; no strike reaches other places; recording does not change with strikes."
        ),
        checks=(lead_check(estimates, leads, "Leads, jointly", _CHANGING),),
        provenance=provenance(
            study,
            {
                "estimator": "stacked_event_study",
                "cell_km": panel.cell_km,
                "towns": towns is not None,
                "before": before,
                "after": after,
                "clean": clean,
                "weights": weights,
                "level": level,
                "left_out": dict(panel.exclusions),
            },
        ),
        details={"panel": panel.to_frame, "places": panel.places.copy},
        label=(
            "Comparator: stacked event study on place-weeks"
            + (
                "; clean places are chosen by their future, which is part of the effect."
                if clean == "window"
                else "."
            )
        ),
    )


def week_columns(before: int, after: int, matched: int = 0) -> tuple[list[str], list[tuple[int, int]]]:
    """Give what each relative week is, and the mean of the weeks after as the last."""
    roles = ["matched" if -matched <= week < -1 else "lead" for week in range(-before, -1)]
    roles += ["reference", "strike week", *["after"] * after, "after, mean"]
    return roles, [*((week, week) for week in range(-before, after + 1)), (1, after)]


def relative(outcome: Floats, week: int, before: int, after: int) -> Floats:
    """Give outcomes of all places by week from `week`, and the mean of the weeks after as the last column."""
    window = outcome[:, week - before : week + after + 1]
    return np.column_stack([window, window[:, before + 1 :].mean(axis=1)])


def lead_check(estimates: Estimates, chosen: list[int], name: str, failed: str) -> CheckResult:
    """Test jointly that the chosen weeks before the strike show no difference; `failed` says what else."""
    import pandas as pd

    value, covariance = estimates.value[chosen], estimates.covariance[np.ix_(chosen, chosen)]
    f, p, q = wald(value, covariance, estimates.n_places)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0))
    table = pd.DataFrame(
        {"week": [estimates.spans[k][0] for k in chosen], "estimate": value, "std_error": errors}
    ).assign(f=f, p_value=p, n_tested=q, n_places=estimates.n_places)
    if q == 0:
        return CheckResult(name, None, table, "cannot be tested with so few treated places.")
    # What 80% power at 5% would have found, in the best measured of these weeks.
    missed = 2.8 * float(errors[errors > 0].min())
    text = f"F = {f:.2f}, p = {p:.2g} over {q} weeks. "
    text += (
        failed if p < 0.05 else f"No difference shown; one below {missed:.2f} events a week could go unseen."
    )
    return CheckResult(name, p >= 0.05, table, text)


def _check(clean: str, weights: str, level: float) -> None:
    for name, got, allowed in (("clean", clean, CleanControls), ("weights", weights, Weights)):
        if got not in get_args(allowed):
            raise UsageError(f"{name}={got!r}; allowed {', '.join(map(repr, get_args(allowed)))}")
    check_level(level)


def check_level(level: float) -> None:
    """Refuse a level that is none."""
    if not isinstance(level, int | float) or not 0.5 <= level <= 0.999:
        raise UsageError(f"level={level!r}; allowed a number from 0.5 to 0.999")


Stack = tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], Floats]


def _stacks(
    panel: PlaceWeeks, before: int, after: int, clean: CleanControls, weights: Weights
) -> tuple[list[Stack], dict[str, int]]:
    """Give each stack: places, whether struck, outcomes by relative week."""
    treated, outcome = panel.treated, panel.outcome
    stacks: list[Stack] = []
    for week in range(before, treated.shape[1] - after):
        quiet = ~treated[:, week - before : week].any(axis=1)
        struck = quiet & treated[:, week]
        ahead = week + after + 1 if clean == "window" else week + 1
        pure = quiet & ~treated[:, week:ahead].any(axis=1)
        whole_window = np.isfinite(outcome[0, week - before : week + after + 1]).all()
        if not struck.any() or not pure.any() or not whole_window:
            continue
        places = np.flatnonzero(struck | pure)
        stacks.append((places, struck[places], relative(outcome, week, before, after)[places]))
    if not stacks:
        raise EstimateRefused(
            f"no week has a place struck after {before} weeks without a strike, and a clean place, with "
            f"{after} weeks on record after it; use smaller before and after, smaller cells, or a "
            "longer period"
        )
    return stacks, {
        "n_treated": int(treated.sum()),
        "n_control": int((~treated).sum()),
        "n_treated_matched": int(sum(struck.sum() for _, struck, _ in stacks)),
        "n_control_matched": int(sum((~struck).sum() for _, struck, _ in stacks)),
    }


def _pool(
    stacks: list[Stack], roles: list[str], spans: list[tuple[int, int]], n_places: int, weights: Weights
) -> Estimates:
    """Pool the stacks. With whole windows and all weeks free, least squares is this weighted mean."""
    reference = roles.index("reference")
    share = np.array(
        [s.sum() * (1.0 if weights == "treated" else (~s).sum() / len(s)) for _, s, _ in stacks], np.float64
    )
    share /= share.sum()
    struck_total = sum(int(s.sum()) for _, s, _ in stacks)
    changes = [values - values[:, [reference]] for _, _, values in stacks]
    gaps = [c[s].mean(axis=0) - c[~s].mean(axis=0) for c, (_, s, _) in zip(changes, stacks, strict=True)]
    value: Any = share @ np.array(gaps)
    observed: Any = sum(values[s].sum(axis=0) for _, s, values in stacks) / struck_total
    score, seen = np.zeros((n_places, len(roles))), np.zeros((n_places, len(roles)))
    clusters, struck_places = np.zeros(n_places, bool), np.zeros(n_places, bool)
    for part, change, gap, (places, struck, values) in zip(share, changes, gaps, stacks, strict=True):
        mine = value if weights == "regression" else gap
        # Residuals of the pooled fit: each group's share of the stack's mean, less the common difference.
        away = change - change.mean(axis=0) - np.outer(struck - struck.mean(), mine)
        pull = np.where(struck, 1 / struck.sum(), -1 / (~struck).sum())
        score[places] += part * pull[:, None] * away
        seen[places[struck]] += (values[struck] - observed) / struck_total
        clusters[places], struck_places[places[struck]] = True, True
    correction = clusters.sum() / max(clusters.sum() - 1, 1)
    expected = observed - value
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio_score = seen / observed - (seen - score) / expected
    return Estimates(
        roles,
        spans,
        value,
        correction * score.T @ score,
        observed,
        np.sqrt(correction * (ratio_score**2).sum(axis=0)),
        int(struck_places.sum()),
    )
