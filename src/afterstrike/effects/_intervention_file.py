"""From a file of events to contrasts of policies in one call: what `afterstrike effect intervention` runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ._from_file import estimate_from_file
from ._region import read_box

if TYPE_CHECKING:
    from ._intervention._choices import InterventionDesign
    from ._intervention._policy_result import InterventionResult
    from ._study import Study

__all__ = ["intervention_from_file"]


def intervention_from_file(
    path: str | Path,
    *,
    treatment: str,
    outcome: str,
    region: str,
    factors: Sequence[float],
    lags: Sequence[int] = (1, 3, 7),
    areas: Mapping[str, str] | None = None,
    design: InterventionDesign | None = None,
    columns: Mapping[str, str] | None = None,
    period: tuple[str, str] | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> InterventionResult:
    """Estimate what would be recorded had strikes been more or fewer, from a file of events.

    Parameters
    ----------
    path
        A record (`.duckdb`), CSV, TSV, Parquet, JSON lines or GeoJSON.
    treatment, outcome
        A kind, or conditions as in `"kind=strike;initiator=US-led coalition"`.
    region
        The window: a country code, `"west,south,east,north"`, or a GeoJSON file of areas (holes are kept).
    factors
        Of the strikes there were, each above 0 and not 1; compared with strikes as observed.
    lags
        Days under the policy before the outcome.
    areas
        By name, parts of the window in which outcomes are summed, in the forms of `region`; the whole window
        where None.
    design
        See `InterventionDesign`.
    columns, period, progress
        As in `wakes_from_file`.

    Returns
    -------
    InterventionResult

    Raises
    ------
    SourceError, RecordError
        A file cannot be read.
    UsageError
        An option is not allowed, or a column is missing.
    EstimateRefused
        The rows cannot carry the estimate, or no factor and lag could leave an effective sample of 30.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, pandas as pd
    >>> from afterstrike.effects import InterventionDesign
    >>> rng = np.random.default_rng(1)
    >>> n = 3000
    >>> events = pd.DataFrame({
    ...     "kind": rng.choice(["strike", "attack"], n, p=[0.1, 0.9]),
    ...     "date_start": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
    ...     "lat": rng.uniform(34, 36, n), "lon": rng.uniform(40, 42, n)})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     events.to_csv(f"{folder}/events.csv", index=False)
    ...     intervention_from_file(
    ...         f"{folder}/events.csv", treatment="strike", outcome="attack", region="40,34,42,36",
    ...         factors=(1.1,), lags=(1,), design=InterventionDesign(shape=16))
    InterventionResult(1 contrasts, 1 with an interval, 5 checks)
    """
    from ._intervention._choices import InterventionDesign
    from ._intervention._entry import stochastic_intervention
    from ._intervention._prepare import space_of

    if not factors or any(float(factor) == 1 for factor in factors):
        raise UsageError(f"factors={list(factors)}; allowed one or more numbers above 0 other than 1")
    chosen = design or InterventionDesign()
    policies = (1.0, *dict.fromkeys(float(factor) for factor in factors))

    def estimate(study: Study) -> InterventionResult:
        return stochastic_intervention(
            study,
            policies=policies,
            lags=list(lags),
            areas={name: _window(text) for name, text in areas.items()} if areas else None,
            space=space_of(study, chosen, window=_window(region)),
            design=chosen,
        )

    # The window counts what lies outside it; a table need not say the country of its rows.
    return estimate_from_file(
        path,
        estimate,
        treatment=treatment,
        outcome=outcome,
        columns=columns,
        period=period,
        progress=progress,
    )


def _window(region: str) -> Any:
    """Give a region as `SpaceTime.over` takes it."""
    box = read_box(region)
    if box is not None:
        return box
    return Path(region) if Path(region).exists() else region
