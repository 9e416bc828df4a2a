"""The words of a calibration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._calibration import Calibration

__all__ = ["summary_lines"]


def summary_lines(found: Calibration, today: date) -> list[str]:
    """Give the summary, a line a sentence or two."""
    table = found.to_frame()
    stamp = found.world.stamp(today)
    lines = [f"{stamp[:1].upper()}{stamp[1:]}."]
    known = table[table["identified"]]
    lines.append(
        f"Data speak of {len(known)} of {len(table)} numbers; all others keep their stated range and are assumptions."
    )
    lines += [f"- {_row_words(row)}" for row in known.to_dict("records")]
    if found.fit is not None:
        lines += [found.fit.sign_words(), *found.fit.series.notes]
        left = found.fit.series.exclusions
        if left:
            lines.append(
                "Rows left out: " + "; ".join(f"{why} ({count:,})" for why, count in left.items()) + "."
            )
    else:
        lines.append(
            "No weekly series was given: what followed strikes keeps its prior, which has both signs."
        )
    if found.weighed is not None:
        lines.append(
            f"{found.weighed.effective:,.0f} effective members of {found.members:,} come near the later states."
        )
    half = table[table["name"].isin(["attacks_per_day"]) & ~table["identified"]]
    if len(half) and half.iloc[0]["basis"] != "prior only":
        lines.append(f"attacks_per_day: {half.iloc[0]['reason']}.")
    lines.append(
        "Fighters, recruitment and demobilisation are never told apart by counts; break attempts are so few that their "
        "posterior is the prior."
    )
    lines += [check.line() for check in found.checks]
    return lines


def _row_words(row: Mapping[Any, Any]) -> str:
    return (
        f"{row['name']}: {row['posterior_median']:.3g} ({row['posterior_low']:.3g} to {row['posterior_high']:.3g}) "
        f"{row['unit']}; before {row['prior_median']:.3g} ({row['prior_low']:.3g} to {row['prior_high']:.3g}). "
        f"From {row['basis']}: {row['reason']}."
    )
