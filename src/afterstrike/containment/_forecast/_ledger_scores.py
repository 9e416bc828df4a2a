"""Scores of a ledger: each resolved issue, the means by model, and calibration once enough are resolved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ...errors import EstimateRefused
from ._ledger_find import current
from ._ledger_lines import Entry
from ._yes_no import beta_range

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ENOUGH", "LedgerScores", "score_entries"]

ENOUGH = 20
"""Questions resolved before a calibration table is given: with fewer, every bin holds a handful."""

_EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
_COLUMNS = ["id", "kind", "key", "model", "vintage", "issued", "lead_days", "text", "probability", "outcome", "brier",
            "log_score", "crps", "crps_log1p", "rows", "missing"]  # fmt: skip


@dataclass(frozen=True)
class LedgerScores:
    """Scores of issued forecasts; lower is better for all of them.

    Attributes
    ----------
    open
        Issues not resolved yet.
    void
        Issues of questions whose rule could not be applied; they are in no mean.
    """

    table: pd.DataFrame = field(repr=False)
    open: int
    void: int

    def to_frame(self) -> pd.DataFrame:
        """One row a resolved issue (and vintage of outcomes): probability, outcome, Brier and log score, or CRPS."""
        return self.table.copy()

    def by_model(self) -> pd.DataFrame:
        """Means by model; forecasts of counts also by the vintage of their outcomes, never averaged over vintages."""
        groups = ["kind", "model", "vintage"]
        table = self.table.assign(vintage=self.table["vintage"].where(self.table["kind"] == "forecast", ""))
        means = table.groupby(groups, sort=True)[["brier", "log_score", "crps", "crps_log1p"]].mean()
        return table.groupby(groups, sort=True).size().rename("resolved").to_frame().join(means).reset_index()

    def calibration(self, *, least: int = ENOUGH) -> pd.DataFrame:
        """Give, by model and bin of probability, how many came true: `low, high, issued, mean_probability, share_yes`.

        The interval of the share is 80 %, of Beta(1/2 + yes, 1/2 + no). Several issues of one question count each.

        Raises
        ------
        EstimateRefused
            Fewer than `least` questions are resolved.
        """
        import pandas as pd

        asked = self.table[self.table["kind"] == "question"]
        if asked["key"].nunique() < least:
            raise EstimateRefused(
                f"{asked['key'].nunique()} questions are resolved; calibration takes {least} or more, since with fewer a bin "
                "holds a handful"
            )
        bins = pd.cut(asked["probability"].astype(float), list(_EDGES), include_lowest=True, labels=False)
        rows = []
        for (model, code), group in asked.groupby(["model", bins]):
            which = int(str(code).removesuffix(".0"))
            yes = int((group["outcome"] == "yes").sum())
            _, low, high = beta_range(yes + 0.5, len(group) - yes + 0.5)
            rows.append(
                {"model": model, "low": _EDGES[which], "high": _EDGES[which + 1], "issued": len(group),
                 "mean_probability": float(group["probability"].mean()), "share_yes": yes / len(group),
                 "share_low": low, "share_high": high}
            )  # fmt: skip
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Give the means in words; no calibration below `ENOUGH`."""
        lines = [f"{len(self.table)} issues scored, {self.open} open, {self.void} void. Lower is better."]
        for row in self.by_model().to_dict("records"):
            if row["kind"] == "question":
                lines.append(
                    f"{row['model']}: {row['resolved']} issues, mean Brier {row['brier']:.3f} (0.25 is what 50 % for "
                    f"everything gets), mean log score {row['log_score']:.3f}."
                )
            else:
                lines.append(
                    f"{row['model']}, outcomes of vintage {row['vintage']}: {row['resolved']} forecasts, mean CRPS "
                    f"{row['crps']:.3f}, on the scale log(1 + y) {row['crps_log1p']:.3f}."
                )
        asked = self.table.loc[self.table["kind"] == "question", "key"].nunique()
        if 0 < asked < ENOUGH:
            lines.append(
                f"{asked} questions are resolved: too few to judge calibration, which takes {ENOUGH}."
            )
        return "\n".join(lines)


def score_entries(entries: Sequence[Entry]) -> LedgerScores:
    """Score the lines of a ledger."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    is_open = void = 0
    outcomes = [(entry, current(entries, entry)) for entry in entries if entry.kind == "outcome"]
    for entry in entries:
        told = current(entries, entry)
        if entry.kind == "question":
            held = [found for _, found in outcomes if found.get("key") == told["key"]]
            if not held:
                is_open += 1
            elif held[0]["outcome"] == "void":
                void += 1
            else:
                rows.append(_question_row(entry, told, held[0]["outcome"] == "yes"))
        elif entry.kind == "forecast":
            held = [found for _, found in outcomes if found.get("issue") == entry.id]
            is_open += not held
            rows += [_forecast_row(entry, told, found) for found in held]
    return LedgerScores(pd.DataFrame(rows, columns=_COLUMNS), is_open, void)


def log_score(probability: float, outcome: bool) -> float:
    """Minus the natural logarithm of the probability given to what happened; infinite where that was zero."""
    given = probability if outcome else 1 - probability
    return -math.log(given) if given > 0 else math.inf


def _head(entry: Entry, told: dict[str, Any], resolves: str) -> dict[str, Any]:
    lead = (date.fromisoformat(resolves) - entry.at.date()).days
    return {"id": entry.id, "kind": entry.kind, "model": told["model"], "issued": entry.at, "lead_days": lead}


def _question_row(entry: Entry, told: dict[str, Any], outcome: bool) -> dict[str, Any]:
    p = float(told["probability"])
    return _head(entry, told, told["question"]["resolves"]) | {
        "key": told["key"], "vintage": told["vintage"], "text": told["question"]["text"], "probability": p,
        "outcome": "yes" if outcome else "no", "brier": (p - outcome) ** 2, "log_score": log_score(p, outcome),
    }  # fmt: skip


def _forecast_row(entry: Entry, told: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    scores = found["scores"]
    return _head(entry, told, told["resolves"]) | {
        "key": entry.id, "vintage": found["vintage"], "text": told["rule"], "crps": scores["crps"],
        "crps_log1p": scores["crps_log1p"], "rows": scores["rows"], "missing": scores["missing"],
    }  # fmt: skip
