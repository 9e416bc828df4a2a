"""What a backtest gives: scores by row, tables by vintage and window, figures, words, files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...errors import UsageError
from ._backtest_tables import ALL_WINDOWS, BASE, PARTS, REST

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart

__all__ = ["Backtest", "Figure"]

Figure = Literal["skill", "coverage", "pit"]


@dataclass(frozen=True)
class Backtest:
    """Scores of forecasts from rolling origins.

    Attributes
    ----------
    rows
        One row a vintage, origin, model, unit and time: what came and every score.
    table
        Means by vintage, window, part of the rows (`all`, `positive`, `focus`, `without_heaviest`) and model, with skill
        against `last12` and its 95 % interval (units drawn again; too few of them: none). No row is over two vintages, nor
        over a window with a change of regime and one without.
    heaviest
        The ten rows that carry most of each window.
    pit
        How often what came fell into each tenth of the forecast.
    focus, regimes
        Units named, and windows in which something changed.
    notes
        Units that have outcomes but no forecast.
    provenance
        Hash of the panel, origins, horizons, models, draws, seed, version.
    """

    rows: pd.DataFrame = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    heaviest: pd.DataFrame = field(repr=False)
    pit: pd.DataFrame = field(repr=False)
    focus: tuple[str, ...]
    regimes: Mapping[str, str]
    notes: tuple[str, ...]
    provenance: Mapping[str, Any] = field(repr=False)

    @cached_property
    def vintages(self) -> tuple[str, ...]:
        """The states of the data that outcomes come from."""
        return tuple(dict.fromkeys(self.rows["vintage"]))

    @cached_property
    def windows(self) -> tuple[str, ...]:
        """The times forecast from each origin."""
        return tuple(dict.fromkeys(self.rows["window"]))

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The models, those asked for first, then the baselines."""
        return tuple(dict.fromkeys(self.rows["model"]))

    def to_frame(self) -> pd.DataFrame:
        """Give the table of means; the scores of rows are in `rows`."""
        return self.table.copy()

    def summary(self) -> str:
        """Say, vintage by vintage, how the models did against `last12`, and what carries the means."""
        lines = self.intro()
        for vintage in self.vintages:
            lines.append(f"Outcomes of vintage: {vintage}. Not to be held against scores of another.")
            lines += self.lines_of(vintage)
        return "\n".join([*lines, *self.notes])

    def intro(self) -> list[str]:
        """Say what was done, and which windows stand on their own."""
        lines = [
            f"{len(self.windows)} windows of {len(self.provenance['horizons'])} horizons, models "
            f"{', '.join(self.models)}. Each origin saw nothing later than itself. Skill is 1 - CRPS / CRPS of "
            f"{BASE} (the last twelve values as draws) on the same rows, with a 95 % interval from drawing units "
            "again; above 0 is better. Climatology is each unit's own whole past."
        ]
        for window, what in self.regimes.items():
            lines.append(
                f"In {window} something changed ({what}): it stands on its own and is in no mean over windows."
            )
        return lines

    def lines_of(self, vintage: str) -> list[str]:
        """Say how the first model did on outcomes of one vintage, window by window."""
        lines = []
        first = self.models[0]
        mine = self.table[self.table["vintage"] == vintage]
        for window in dict.fromkeys(mine["window"]):
            row = _one(mine, window, "all", first)
            base = _one(mine, window, "all", BASE)
            if row is None or base is None:
                continue
            best = mine[(mine["window"] == window) & (mine["part"] == "all")].nsmallest(1, "crps").iloc[0]
            told = f"{window}: {first} CRPS {row['crps']:.4g}"
            # last12 held against itself says nothing
            told += "." if first == BASE else f", {BASE} {base['crps']:.4g}; {_skill(row)}."
            if best["model"] != first:
                told += f" Lowest: {best['model']} ({best['crps']:.4g})."
            for part in ("positive", "focus", "without_heaviest"):
                if first != BASE and (other := _one(mine, window, part, first)) is not None:
                    told += f" {PARTS[part].capitalize()}: {_skill(other)}."
            lines.append(told)
            lines += self._carried(vintage, window)
        return lines

    def _carried(self, vintage: str, window: str) -> list[str]:
        heavy = self.heaviest[(self.heaviest["vintage"] == vintage) & (self.heaviest["window"] == window)]
        if heavy.empty:
            return []
        names = ", ".join(f"{row.unit} {row.time}" for row in heavy.head(3).itertuples())
        return [
            f"{len(heavy)} rows carry {100 * heavy['share_so_far'].iloc[-1]:.0f} % of all that was counted in {window}, "
            f"first {names}."
        ]

    def plot(self, kind: Figure = "skill", *, vintage: str | None = None) -> Chart:
        """Draw skill by window, coverage by level, or the PIT histogram, of one vintage.

        Raises
        ------
        UsageError
            No such figure or vintage.
        """
        from ._backtest_figure import FIGURES

        if kind not in FIGURES:
            raise UsageError(f"kind={kind!r}; allowed {', '.join(FIGURES)}")
        if vintage is not None and vintage not in self.vintages:
            raise UsageError(f"vintage={vintage!r}; there are {', '.join(self.vintages)}")
        return FIGURES[kind](self, vintage or self.vintages[0])

    def save(self, folder: str | Path) -> list[Path]:
        """Write the page, tables, scores of rows and figures; if one cannot be written, none is replaced.

        Raises
        ------
        UsageError
            The folder cannot be written to.
        """
        from ._backtest_save import save_backtest

        return save_backtest(self, folder)


def pooled_title(backtest: Backtest, vintage: str) -> str:
    """Give the name of a vintage's rows over all windows without a change of regime, or of the one window there is."""
    held = set(backtest.table.loc[backtest.table["vintage"] == vintage, "window"])
    calm = [window for window in backtest.windows if window in held and window not in backtest.regimes]
    return next((title for title in (ALL_WINDOWS, REST, *calm, *backtest.windows) if title in held), "")


def _one(table: pd.DataFrame, window: str, part: str, model: str) -> pd.Series[Any] | None:
    found = table[(table["window"] == window) & (table["part"] == part) & (table["model"] == model)]
    return None if found.empty else found.iloc[0]


def _skill(row: Any) -> str:
    if not np.isfinite(row["skill"]):
        return "no skill can be told (the baseline has a score of zero)"
    words = f"skill {row['skill']:+.3f}"
    if not np.isfinite(row["skill_low"]):
        return f"{words}, no interval from {row['units']} units"
    told = f"{words} ({row['skill_low']:+.3f} to {row['skill_high']:+.3f}), {row['verdict']}"
    return told + (", and no skill beyond climatology" if row["beyond_climatology"] == "no" else "")
