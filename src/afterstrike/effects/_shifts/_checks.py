"""What else could have moved the record: gaps, sources, deaths not stated, season, dependence."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .._result import CheckResult
from ._find import Found
from ._result import STRONG
from ._series import Calendar, Events

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["shift_checks"]

Floats = npt.NDArray[np.float64]

# Columns that say who reports, tried in this order.
_SOURCES = ("source", "dataset")


def shift_checks(
    results: Mapping[str, Found | str],
    table: pd.DataFrame,
    calendar: Calendar,
    events: Events,
    stated: Floats | None,
    yearly: bool,
) -> tuple[CheckResult, ...]:
    """Look at what could pass for a shift. None of these is a test with a size: they inform."""
    dates = table.loc[table["date"].notna() & (table["series"] == "tempo"), "date"].tolist()
    steps = [int(np.searchsorted(calendar.starts, np.datetime64(day))) for day in dates]
    checks = [_silence(calendar, events), _dependence(results), _season(calendar, yearly)]
    if (sources := _sources(calendar, events, steps)) is not None:
        checks.append(sources)
    if stated is not None:
        checks.append(_not_stated(calendar, events, stated, dates, steps))
    return tuple(checks)


def _silence(calendar: Calendar, events: Events) -> CheckResult:
    """Name the longest stretch of zeros, and how likely one so long is if events came evenly."""
    import pandas as pd

    counts = np.bincount(events.period, minlength=len(calendar.starts))
    longest, at, run = 0, 0, 0
    for i, (count, known) in enumerate(zip(counts, calendar.known, strict=True)):
        run = run + 1 if known and not count else 0
        if run > longest:
            longest, at = run, i - run + 1
    known = int(calendar.known.sum())
    share = float((counts[calendar.known] == 0).mean())
    expected = known * share**longest if longest else float(known)
    text = f"The longest stretch without events is {longest} {calendar.by}{'' if longest == 1 else 's'}"
    if longest:
        text += f", from {calendar.starts[at]}"
    text += "."
    if longest >= 4 and expected < 0.05:
        text += (
            " Were silent periods scattered evenly, one so long would be rare. If the source has no data there, "
            "say so in gaps: it is taken for zero here."
        )
    told = pd.DataFrame([{"longest": longest, "from": str(calendar.starts[at]), "expected_number": expected}])
    return CheckResult("silent stretches", None, told, text)


def _dependence(results: Mapping[str, Found | str]) -> CheckResult:
    import pandas as pd

    found = [(name, one.correlation) for name, one in results.items() if isinstance(one, Found)]
    table = pd.DataFrame(found, columns=["series", "correlation"])
    strong = [name for name, correlation in found if correlation > STRONG]
    text = "Correlation of the noise from period to period, upper limit as used: "
    text += (", ".join(f"{name} {correlation:.2f}" for name, correlation in found) or "none estimated") + "."
    if strong:
        text += (
            f" In {', '.join(strong)} it is so strong that slow waves look like shifts: more false alarms than "
            "stated are to be expected (docs/shifts.md has the numbers)."
        )
    return CheckResult("dependence between periods", None, table, text)


def _season(calendar: Calendar, yearly: bool) -> CheckResult:
    import pandas as pd

    years = calendar.years
    if yearly:
        text = f"A yearly wave was taken out, fitted together with the shifts, over {years:.1f} years."
    else:
        text = f"No yearly wave was taken out ({years:.1f} years): a season may look like a shift."
    return CheckResult("season", None, pd.DataFrame([{"years": years, "taken_out": yearly}]), text)


def _sources(calendar: Calendar, events: Events, steps: list[int]) -> CheckResult | None:
    """Compare the shift of tempo with that among sources that report on both sides of it."""
    import pandas as pd

    column = next((name for name in _SOURCES if name in events.frame), None)
    if column is None:
        return None
    source = events.frame[column].fillna("not stated").astype(str).to_numpy()
    rows: list[dict[str, Any]] = []
    edges = [0, *steps, len(calendar.starts)]
    for i, step in enumerate(steps):
        before = (events.period >= edges[i]) & (events.period < step)
        after = (events.period >= step) & (events.period < edges[i + 2])
        both = np.isin(source, np.intersect1d(source[before], source[after]))
        time = calendar.known[edges[i] : step].sum(), calendar.known[step : edges[i + 2]].sum()
        rows.append(
            {
                "date": str(calendar.starts[step]),
                "sources_before": len(set(source[before])),
                "sources_after": len(set(source[after])),
                "ratio": _ratio(before, after, *time),
                "ratio_same_sources": _ratio(before & both, after & both, *time),
            }
        )
    text = f"No shift of tempo to compare ({len(set(source))} values of {column})."
    if rows:
        text = " ".join(
            f"{row['date']}: {row['sources_before']} sources before and {row['sources_after']} after; events went "
            f"by a factor of {row['ratio']:.2f}, in sources on both sides {row['ratio_same_sources']:.2f}."
            for row in rows
        )
    return CheckResult("sources that come or go", None, pd.DataFrame(rows), text)


def _ratio(before: Any, after: Any, time_before: int, time_after: int) -> float:
    if not before.sum() or not time_before or not time_after:
        return float("nan")
    return float(after.sum() / time_after / (before.sum() / time_before))


def _not_stated(
    calendar: Calendar, events: Events, stated: Floats, dates: list[Any], steps: list[int]
) -> CheckResult:
    """Give the share of events that state no deaths, before and after each shift of tempo."""
    import pandas as pd

    missing = ~np.isfinite(stated)
    text = (
        f"{int(missing.sum()):,} of {len(stated):,} events state no deaths; they are left out of lethality."
    )
    rows = [{"from": str(calendar.starts[0]), "share_not_stated": float(missing.mean())}]
    if missing.any() and steps:
        edges = [0, *steps, len(calendar.starts)]
        shares = [
            float(missing[(events.period >= a) & (events.period < b)].mean())
            for a, b in itertools.pairwise(edges)
        ]
        rows = [
            {"from": str(calendar.starts[a]), "share_not_stated": share}
            for a, share in zip(edges[:-1], shares, strict=True)
        ]
        told = ", ".join(f"{share:.0%}" for share in shares)
        text += f" Between the shifts of tempo ({', '.join(map(str, dates))}) the share is {told}."
    return CheckResult("deaths not stated", None, pd.DataFrame(rows), text)
