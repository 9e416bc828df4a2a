"""The result of a stochastic intervention: contrasts of policies in areas, in a table, words and a figure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._result import COLUMNS, EffectResult
from ._power import chance_shown
from ._quiet_days import QuietDays, quiet_days
from ._run import Run

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart

__all__ = ["EXTRA_COLUMNS", "InterventionResult", "Run", "result_table"]

Floats = npt.NDArray[np.float64]
EXTRA_COLUMNS = (
    "area", "policy_1", "policy_2", "lag", "mean_1", "mean_2", "ipw_1", "ipw_2", "freedom",
    "smallest_change", "n_periods",
    "effective_sample_1", "effective_sample_2", "expected_sample_1", "expected_sample_2", "mean_weight_1",
    "mean_weight_2", "truncation",
    "n_truncated_1", "n_truncated_2",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class InterventionResult(EffectResult):
    """An `EffectResult` of policies in areas; `to_frame()` has further columns (`area`, `policy_1`, ...).

    Parameters
    ----------
    run
        Propensity, policies, weights and totals behind it.
    warnings
        What a reader must see first.
    """

    run: Run | None = field(default=None)
    warnings: tuple[str, ...] = ()

    @property
    def page_title(self) -> str:
        """Heading of a page on this result."""
        return "Had strikes been drawn by another policy"

    def findings(self) -> list[str]:
        """Say what was estimated, what was found in every area, and what must be believed."""
        lines = [f"Warning: {told}" for told in self.warnings]
        lines.append(f"Estimand: {self.estimand}")
        lines += _power_lines(self.table, self.time_unit)
        lines += [_sentence(row, self.time_unit) for row in self.table.to_dict("records")]
        lines.append(f"To read this as an effect one must believe: {self.assumptions}")
        return lines

    def lull(self, *, days: int, area: str | None = None, policy: str | None = None) -> QuietDays:
        r"""Give quiet days: the days' worth of attacks that one more expected strike on one day goes with.

        :math:`-\sum_{k=1}^{K} [N_k(c_2) - N_k(c_1)] / (\Delta\, \bar Y(B))`: the policies differ on one day
        only, later strikes are as observed, :math:`\Delta` is the difference in expected strikes of that
        day and :math:`\bar Y(B)` the mean outcome of a day.

        Parameters
        ----------
        days
            K, the days after.
        area
            Name of an area; None: the first.
        policy
            Name of the second policy; None: the last. The first one is the reference of the result.

        Raises
        ------
        UsageError
            There is no such area or policy.
        EstimateRefused
            The result is not of the span `first_period`, periods are not days, or both policies expect
            equally many strikes.
        """
        assert self.run is not None
        return quiet_days(self.run, days, area, policy, float(self.table["level"].iloc[0]))

    def text_table(self) -> str:
        """Give the contrasts as a table for a terminal."""
        from .._save import aligned

        rows = [row for row in self.to_frame().to_dict("records") if not row["reason"]]
        if not rows:
            return ""
        heads = ["area", "instead of as observed", "lag", "difference a day", f"{rows[0]['level']:.0%}",
                 "effective sample"]  # fmt: skip
        cells = [
            [
                str(row["area"]), str(row["policy_2"]), str(row["lag"]), f"{row['estimate']:+.2f}",
                f"{row['low']:+.2f} to {row['high']:+.2f}",
                f"{min(row['effective_sample_2'], row['expected_sample_2']):.0f}",
            ]
            for row in rows
        ]  # fmt: skip
        return aligned(heads, cells)

    def power(self, *, effect: float | None = None, share: float | None = None) -> pd.DataFrame:
        """Say how likely each contrast is to be shown, were the true difference as stated.

        Parameters
        ----------
        effect
            A difference in outcome events a period, in either direction.
        share
            Or a difference as a share of the mean under the first policy, as 0.05. One of the two is given.

        Returns
        -------
        pandas.DataFrame
            `policy_2, lag, area, effect, power, smallest_change`: the chance that the interval leaves out
            zero (noncentral t), and the difference for which it is 80%. Missing where there is no interval.

        Raises
        ------
        UsageError
            Neither or both are given, or a number is not above 0.
        """
        from scipy.stats import t as student

        given = [value for value in (effect, share) if value is not None]
        if (
            len(given) != 1
            or not isinstance(given[0], int | float)
            or not (math.isfinite(given[0]) and given[0] > 0)
        ):
            raise UsageError(f"effect={effect!r}, share={share!r}; allowed one of the two, a number above 0")
        table = self.table
        size = np.full(len(table), effect) if share is None else share * table["mean_1"].to_numpy(np.float64)
        freedom = table["freedom"].to_numpy(np.float64)
        edge = student.ppf((1 + table["level"].to_numpy(np.float64)) / 2, freedom)
        chance = chance_shown(edge, freedom, size / table["std_error"].to_numpy(np.float64))
        names = ["policy_2", "lag", "area"]
        return table[names].assign(effect=size, power=chance, smallest_change=table["smallest_change"])

    def plot(self) -> Chart:
        """Draw estimates and intervals by lag, one panel an area. Nothing is shown or saved."""
        from ._policy_figure import policies_figure

        return policies_figure(self.table, self.time_unit, self.estimand)

    def cells(self, *, policy: str | None = None, lag: int | None = None, cells: int = 6) -> pd.DataFrame:
        """Give the contrast in each cell of a coarse grid over the window, by the default convention.

        Parameters
        ----------
        policy
            Name of the second policy; None: the last.
        lag
            None: the shortest.
        cells
            Rows and columns of the grid, 2 to 12.

        Returns
        -------
        pandas.DataFrame
            `cell, lat, lon, n_outcomes, estimate, low, high, level, is_shown, outline`. Intervals hold for
            all cells at once (Bonferroni). Cells with fewer than 20 outcomes have no number.

        Raises
        ------
        UsageError
            Policy, lag or cells are not allowed.
        EstimateRefused
            No cell has 20 outcomes.
        """
        from ._policy_map import policy_cells

        policy, lag = self._picked(policy, lag)
        assert self.run is not None
        level = float(self.table["level"].iloc[0])
        return policy_cells(self.run, policy=policy, lag=lag, cells=cells, level=level)

    def map(self, *, policy: str | None = None, lag: int | None = None, cells: int = 6) -> Chart:
        """Draw `cells()`: where policies differ. Arguments and errors as there."""
        from ._policy_map import cells_figure

        policy, lag = self._picked(policy, lag)
        title = f"'{policy}' rather than '{self.table['policy_1'].iloc[0]}', lag {lag}"
        return cells_figure(self.cells(policy=policy, lag=lag, cells=cells), title=title, unit=self.time_unit)

    def with_checks(
        self,
        *,
        bootstrap: int = 200,
        moves: int = 200,
        propensity: bool = True,
        block: int | None = None,
        seed: int = 0,
        jobs: int = 1,
        cluster: str | None = None,
    ) -> InterventionResult:
        """Give the result with the checks that take longer.

        Parameters
        ----------
        bootstrap
            Repeats of a block bootstrap over periods that fits the propensity again; 0: none. Its table is
            `detail("bootstrap")`, and holds what analytic errors leave out: that the propensity is fitted.
        moves
            Times that outcomes are moved in time against strikes; 0: none.
        propensity
            Look at the propensity out of sample, cell by cell, and super-thinned; see `propensity_checks`.
        block
            Periods a block; None: the longest lag and n^(1/3).
        seed
            Of all draws.
        jobs, cluster
            Processes on this machine, -1 for all processors; or the address of a Dask scheduler, as
            `"tcp://127.0.0.1:8786"` (needs `afterstrike[cluster]`). The numbers are the same either way.

        Raises
        ------
        UsageError
            An option is not allowed; weights are truncated or of the peer's convention (bootstrap only).

        References
        ----------
        Kunsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations. Annals of
        Statistics 17, 1217-1241. doi:10.1214/aos/1176347265
        """
        from ._bootstrap import bootstrap_contrasts, moved_outcomes
        from ._diagnostics import propensity_checks

        assert self.run is not None
        checks = {check.check_name: check for check in self.checks}
        details = dict(self.details)
        if bootstrap:
            table, check = bootstrap_contrasts(
                self.run, self.table, repeats=bootstrap, block=block, seed=seed, jobs=jobs, cluster=cluster
            )
            checks[check.check_name], details["bootstrap"] = check, lambda: table
        if moves:
            check = moved_outcomes(self.run, self.table, repeats=moves, seed=seed)
            checks[check.check_name] = check
        if propensity and self.run.propensity.convention == "afterstrike":
            checks |= {made.check_name: made for made in propensity_checks(self.run.propensity, seed=seed)}
        told = {"bootstrap": bootstrap, "moves": moves, "block": block, "seed": seed}
        provenance = {**self.provenance, "repeats": told}
        known = {check.check_name for check in self.checks}
        failed = [
            f"{check.check_name}: {check.text}"
            for check in checks.values()
            if check.passed is False and check.check_name not in known
        ]
        return replace(
            self, checks=tuple(checks.values()), details=details, provenance=provenance,
            warnings=(*self.warnings, *failed),
        )  # fmt: skip

    def _picked(self, policy: str | None, lag: int | None) -> tuple[str, int]:
        last, shortest = str(self.table["policy_2"].iloc[-1]), int(self.table["lag"].min())
        return last if policy is None else policy, shortest if lag is None else lag

    def figures(self) -> tuple[Chart, ...]:
        """Give the curve by lag and, where a cell of the window has enough outcomes, the map."""
        try:
            return (self.plot(), self.map()) if self.table["low"].notna().any() else (self.plot(),)
        except EstimateRefused:
            return (self.plot(),)

    def __repr__(self) -> str:
        known = int(self.table["low"].notna().sum())
        told = f"{len(self.table)} contrasts, {known} with an interval, {len(self.checks)} checks"
        return f"InterventionResult({told})"


def _power_lines(table: pd.DataFrame, unit: str) -> list[str]:
    """Say first what could have been shown at all, in the first area."""
    part = table[(table["area"] == table["area"].iloc[0]) & table["smallest_change"].notna()]
    if not len(part):
        return []
    told = "; ".join(
        f"{row['policy_2']}, lag {row['lag']}: {row['smallest_change']:.2f} ("
        f"{row['smallest_change'] / row['mean_1']:.1%})"
        for row in part.to_dict("records")
        if row["mean_1"] > 0
    )
    return [f"Smallest change these days could show (80% power), outcome events a {unit}: {told}."]


def _sentence(row: dict[Any, Any], unit: str) -> str:
    size = float(row["estimate"])
    head = (
        f"Under '{row['policy_2']}' rather than '{row['policy_1']}', lag {row['lag']}, {row['area']}: "
        f"{abs(size):.2f} {'more' if size > 0 else 'fewer'} recorded outcome events a {unit} "
        f"({row['mean_2']:.2f} rather than {row['mean_1']:.2f})"
    )
    if math.isnan(row["low"]):
        return f"{head}. No interval: {row['reason'] or 'the policies do not differ'}."
    ends = f"{row['low']:+.2f} to {row['high']:+.2f}"
    text = f"{head}; {row['level']:.0%} interval {ends}."
    if row["low"] <= 0 <= row["high"]:
        text += f" Cannot tell: anything from {ends} fits these data."
    return text


def result_table(contrasts: pd.DataFrame, *, n_strikes: int, period_days: int, unit: str) -> pd.DataFrame:
    """Give contrasts the columns every result has, and their own."""
    table = contrasts.assign(days=contrasts["lag"] * period_days, unit=f"recorded outcome events a {unit}")
    table = table.assign(n_treated=n_strikes)
    for name in COLUMNS:
        if name not in table:
            table[name] = math.nan
    return table[[*COLUMNS[:-1], *EXTRA_COLUMNS, "reason"]]
