"""What else could make a rate of records differ: days not covered, silence, who reports, the season, slow waves."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from .._result import CheckResult
from ._dated import Dated
from ._ratio import Scatter

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["tempo_checks"]

Span = tuple[int, int]
Days = tuple[np.datetime64, np.datetime64]
# Above it slow waves pass for a difference more often than stated (docs/tempo.md).
_STRONG = 0.45


def tempo_checks(
    dated: Dated, here: Span, there: Span, now: Days, then: Days, scatter: Scatter
) -> tuple[CheckResult, ...]:
    """Look at what could pass for a difference. None of these is a test with a size: they inform."""
    checks = [_cover(dated, here, there), _scatter(scatter), _season(now, then)]
    if dated.sources is not None:
        checks.append(_sources(dated, here, there))
    return tuple(checks)


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)


def _cover(dated: Dated, here: Span, there: Span) -> CheckResult:
    rows: list[dict[str, object]] = []
    for name, (low, high) in (("window", here), ("reference", there)):
        silent = [
            sum(1 for _ in run)
            for is_silent, run in itertools.groupby(dated.known[low:high] & (dated.counts[low:high] == 0))
            if is_silent
        ]
        known = int(dated.known[low:high].sum()) * dated.days
        rows.append(
            {"time": name, "days": (high - low) * dated.days, "days_covered": known,
             "longest_silence_days": max(silent, default=0) * dated.days}
        )  # fmt: skip
    text = " ".join(
        f"The {row['time']}: {row['days_covered']} of {row['days']} days covered, the longest silence "
        f"{row['longest_silence_days']} days."
        for row in rows
    )
    text += " Silence is taken for zero: where the source has no data, say so in gaps."
    return CheckResult("gaps and silence", None, _table(rows), text)


def _scatter(scatter: Scatter) -> CheckResult:
    text = (
        f"Learnt from {scatter.weeks} weeks: correlation from week to week {scatter.correlation:.2f} (upper limit, as "
        f"used), variance beyond Poisson {scatter.excess:.2f} of the squared mean."
    )
    if scatter.correlation > _STRONG:
        text += " So strong a correlation may be that of slow waves: the interval may be too narrow (docs/tempo.md)."
    row = {"weeks": scatter.weeks, "correlation": scatter.correlation, "excess_variance": scatter.excess}
    return CheckResult("scatter of the counts", None, _table([dict(row)]), text)


def _season(now: Days, then: Days) -> CheckResult:
    parts = [
        {int(month) % 12 + 1 for month in np.arange(first, last + 1).astype("datetime64[M]").astype(int)}
        for first, last in (now, then)
    ]
    same = parts[0] == parts[1]
    text = (
        "Both times have the same months of the year."
        if same
        else "The times have other months of the year: a season may pass for a difference."
    )
    rows: list[dict[str, object]] = [
        {"time": name, "months": ",".join(map(str, sorted(part)))}
        for name, part in zip(("window", "reference"), parts, strict=True)
    ]
    return CheckResult("season", None, _table(rows), text)


def _sources(dated: Dated, here: Span, there: Span) -> CheckResult:
    """Give the ratio of rates among sources that report in both times."""
    assert dated.sources is not None
    at, names = dated.sources
    known = dated.known[at]
    inside = [known & (at >= low) & (at < high) for low, high in (there, here)]
    both = np.isin(names, np.intersect1d(names[inside[0]], names[inside[1]]))
    days = [dated.total(*span)[1] for span in (there, here)]
    rates = [
        [float((mask & chosen).sum()) / n for mask, n in zip(inside, days, strict=True)]
        for chosen in (known, both)
    ]
    whole, same = (now / before if before else float("nan") for before, now in rates)
    counts = [len(set(names[mask])) for mask in inside]
    row: dict[str, object] = {
        "sources_reference": counts[0], "sources_window": counts[1], "ratio": whole, "ratio_same_sources": same
    }  # fmt: skip
    text = (
        f"{counts[0]} sources in the reference and {counts[1]} in the window; ratio of rates {whole:.2f}, in sources of "
        f"both times {same:.2f}."
    )
    return CheckResult("sources that come or go", None, _table([row]), text)
