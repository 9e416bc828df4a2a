"""Did sources change how much they report: the share of one source among attacks, after strikes and elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._result import CheckResult
from .._wakes._reporting import SHARE_MARGIN, commonest_source
from ._data import Floats, HawkesData, Ints
from ._effects import cells_by_day
from ._fit import HawkesFit

if TYPE_CHECKING:
    import pandas as pd

    from ._prepare import Events

__all__ = ["reporting_check"]

_NAME = "reporting by source"
_SIZE = 0.05


def reporting_check(fit: HawkesFit, events: Events, outcome: pd.DataFrame, block_days: int) -> CheckResult:
    """Test whether the share of the commonest source among attacks is another after strikes.

    Least squares of "is of that source" on the columns of the baseline, over attacks; errors are summed over
    stretches of days in a zone. A fall in what one source reports moves the share, one that all share does not.

    Returns
    -------
    CheckResult
        Failed where the days after strikes together move it (Wald test, 5%); passed where each stretch of days
        moves it by less than 10 percentage points (two one-sided tests, 5% each); None where there is one source.
    """
    import pandas as pd
    from scipy.special import chdtrc

    data = fit.data
    source = commonest_source(outcome)
    after = [number for number, (low, _) in enumerate(data.lags) if low >= 1]
    if source is None or not after:
        said = (
            "No column says who reported a row, or no source has between a tenth and nine tenths of them: "
            "reporting cannot be compared."
        )
        return CheckResult(_NAME, None, pd.DataFrame(), said)
    column, name, group = source
    cell, is_first = _of_rows(data, events, group.astype(np.int64))
    change, covariance = _slopes(data, cell, is_first, block_days)
    change, covariance = change[after], covariance[np.ix_(after, after)]
    error = np.sqrt(np.diag(covariance))
    if not (error > 0).all():
        return CheckResult(_NAME, None, pd.DataFrame(), "Too few attacks with a source after strikes.")
    wald = float(change @ np.linalg.solve(covariance, change))
    p = float(chdtrc(len(after), wald))
    passed = (
        False if p <= _SIZE else (True if (np.abs(change) + 1.645 * error < SHARE_MARGIN).all() else None)
    )
    table = pd.DataFrame(
        {
            "column": column,
            "source": name,
            "days": [f"{low} to {high}" for low, high in np.array(data.lags)[after]],
            "change": change,
            "std_error": error,
            "p_value": p,
        }
    )
    told = "; ".join(f"days {row.days} {row.change:+.3f} ({row.std_error:.3f})" for row in table.itertuples())
    text = (
        f"Share of {name} ({column}) among attacks, {is_first.mean():.0%} in all, after a strike (standard error): "
        f"{told}; together p = {p:.2g}; alike means within {SHARE_MARGIN:g}. A fall that all sources share is not seen."
    )
    return CheckResult(_NAME, passed, table, text)


def _of_rows(data: HawkesData, events: Events, group: Ints) -> tuple[Ints, Floats]:
    """Give the cell of each attack of a known source on a whole day of the record, and whether it is the first's."""
    number = {label: position for position, label in enumerate(data.zones)}
    zone = np.array([number.get(label, -1) for label in events.zones], np.int64)
    cell = cells_by_day(data)[zone, np.floor(events.times).astype(np.int64)]
    own = group[events.rows]
    kept = (zone >= 0) & (cell >= 0) & (own >= 0)
    return cell[kept], (own[kept] == 0).astype(np.float64)


def _slopes(data: HawkesData, cell: Ints, is_first: Floats, block_days: int) -> tuple[Floats, Floats]:
    """Give the coefficients of the strike columns and their covariance, errors summed by zone and stretch."""
    x = data.columns[cell]
    gram = (x.T @ x).toarray()
    inverse = np.linalg.pinv(gram, hermitian=True)
    estimate = inverse @ (x.T @ is_first)
    score = x * (is_first - x @ estimate)[:, None]
    sequence = np.searchsorted(data.first_cell, cell, "right") - 1
    block = data.sequence_zone[sequence] * 1_000_000 + (data.cell_start[cell] // block_days).astype(np.int64)
    _, which = np.unique(block, return_inverse=True)
    from scipy.sparse import csr_array

    count = int(which.max()) + 1
    summed = csr_array((np.ones(len(cell)), (which, np.arange(len(cell)))), shape=(count, len(cell))) @ score
    meat = (summed.T @ summed).toarray() * count / max(count - 1, 1)
    first = len(data.names) - len(data.lags)
    return estimate[first:], (inverse @ meat @ inverse)[first:, first:]
