"""`Calibration`: what each number of a world was before the data, what it is after, and whether data speak of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart
    from ...effects import CheckResult
    from .._world import World
    from ._series_fit import SeriesFit
    from ._simulated import Weighed

__all__ = ["COLUMNS", "CONTRACTION", "DERIVED", "Calibration", "Evidence", "never_identified", "spread_of"]

Array = np.ndarray[Any, Any]

CONTRACTION = 0.3
"""Share by which the spread must shrink for data to count as speaking of a number."""
COLUMNS = (
    "name", "unit", "group", "prior_low", "prior_median", "prior_high", "posterior_low", "posterior_median",
    "posterior_high", "contraction", "identified", "basis", "reason",
)  # fmt: skip
DERIVED = {
    "attacks_per_day": ("attacks/day", "attacks"),
    "quiet_days": ("days", "strikes"),
    "net_growth_per_year": ("log/year", "recruitment"),
}
"""Made of the numbers: attacks_per_fighter times fighters; the dip behind a struck week; the growth of fighters."""
# What data cannot tell apart however much a spread shrinks: by the words of parameters.toml, and the specification.
_NOT_APART = ("not", "hardly", "only its product", "only together")
_ALSO_NOT = frozenset({"fighters", "fighters_share", "attack_factor", "camp_recruitment", "guard_effect"})


@dataclass(frozen=True)
class Evidence:
    """On what a posterior rests: series, counts, simulated; and the words."""

    basis: str
    why: str


def never_identified(name: str) -> str:
    """Give why no public data tell a number apart; "" where they may."""
    from .._parameters import parameters

    bare = name.partition(".")[0]
    if bare not in parameters():
        return ""
    told = parameters()[bare].identified
    return (told or "not separately") if bare in _ALSO_NOT or told.startswith(_NOT_APART) else ""


def spread_of(values: Array, distribution: str) -> float:
    """Give the spread of draws on the scale of a distribution: the 90 % range over that of a standard normal.

    On the log scale for `lognormal`, the logit scale for `logit_normal`: a wide tail does not decide.
    """
    low, high = np.quantile(values, [0.05, 0.95])
    if distribution == "lognormal":
        low, high = np.log(np.maximum([low, high], 1e-300))
    elif distribution == "logit_normal":
        inside = np.clip([low, high], 1e-12, 1 - 1e-12)
        low, high = np.log(inside / (1 - inside))
    return float(high - low) / (2 * 1.6448536269514722)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Prior beside posterior for every number of a world.

    Parameters
    ----------
    world
        What was calibrated.
    prior, posterior
        Draws by full name, (members,): before and after. The posterior's rows belong together.
    evidence
        By name, on what the posterior rests; names not in it keep their range.
    fit
        The fit of the weekly series, where one was given.
    weighed
        Members and weights by later states, where there are any.
    checks
        Threats looked at.
    members, seed
        Of the draws.
    figures_used
        Ids of the shipped figures.
    """

    world: World
    prior: Mapping[str, Array] = field(repr=False)
    posterior: Mapping[str, Array] = field(repr=False)
    evidence: Mapping[str, Evidence] = field(repr=False)
    fit: SeriesFit | None = field(repr=False)
    weighed: Weighed | None = field(repr=False)
    checks: tuple[CheckResult, ...] = field(repr=False)
    members: int
    seed: int
    figures_used: tuple[str, ...] = field(default=(), repr=False)
    created_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def draws(self, members: int | None = None) -> dict[str, Array]:
        """Give draws as `simulate(..., draws=...)` takes them; rows belong together.

        Parameters
        ----------
        members
            How many; None: as many as there are. Fewer are taken evenly, more repeat.

        Raises
        ------
        UsageError
            Fewer than one.
        """
        n = self.members if members is None else members
        if isinstance(n, bool) or n < 1:
            raise UsageError(f"members={members!r}; allowed 1 or more")
        rows = np.arange(n) % self.members if n > self.members else np.arange(n) * self.members // n
        return {name: values[rows] for name, values in self.posterior.items() if name not in DERIVED}

    def to_frame(self) -> pd.DataFrame:
        """Give a row a number, columns as in `COLUMNS`.

        Ranges are the 5, 50 and 95 % points. `contraction` is 1 - spread after / spread before, the spread being the
        90 % range on the scale of the number's distribution (logs for lognormal), over 3.29. `identified`: data shrank
        the spread by at least 0.3, and can tell the number apart from others at all. `basis`: series, counts,
        simulated, or prior only. Where counts were used the prior is what was known before those counts.
        """
        import pandas as pd

        return pd.DataFrame([self._row(name) for name in self._names()], columns=list(COLUMNS))

    def _names(self) -> list[str]:
        made = [name for name in DERIVED if name in self.posterior and name in self.prior]
        # What a world leaves out is missing, not estimated.
        return made + [
            name for name, values in self.prior.items() if name not in DERIVED and np.isfinite(values).all()
        ]

    def _row(self, name: str) -> dict[str, Any]:
        before, after = self.prior[name], self.posterior[name]
        evidence = self.evidence.get(name)
        unit, group = self._unit_group(name)
        one, two = (spread_of(values, self._scale(name)) for values in (before, after))
        contraction = 1 - two / one if one > 0 else math.nan
        never = never_identified(name)
        identified = evidence is not None and not never and contraction >= CONTRACTION
        ends = {
            f"{when}_{which}": value
            for when, values in (("prior", before), ("posterior", after))
            for which, value in zip(
                ("low", "median", "high"), np.quantile(values, [0.05, 0.5, 0.95]), strict=True
            )
        }
        return {
            "name": name, "unit": unit, "group": group, **ends, "contraction": contraction, "identified": identified,
            "basis": evidence.basis if evidence else "prior only",
            "reason": self._reason(evidence, never, contraction, identified),
        }  # fmt: skip

    @staticmethod
    def _reason(evidence: Evidence | None, never: str, contraction: float, identified: bool) -> str:
        if identified and evidence is not None:
            return evidence.why
        if not math.isfinite(contraction):
            return "fixed, not estimated"
        if never:
            return f"not identified: {never.removeprefix('not: ')}" + (
                f" ({evidence.why})" if evidence else ""
            )
        if evidence is None:
            return "no data held against it: the posterior is the prior"
        return (
            f"not identified: the data shrink its spread by {max(contraction, 0):.0%} only ({evidence.why})"
        )

    def _scale(self, name: str) -> str:
        if name in DERIVED:
            return "lognormal" if name == "attacks_per_day" else "normal"
        return self.world.numbers[name].distribution if name in self.world.numbers else "normal"

    def _unit_group(self, name: str) -> tuple[str, str]:
        from .._parameters import parameters

        if name in DERIVED:
            return DERIVED[name]
        known = parameters()[name.partition(".")[0]]
        return known.unit, known.group

    def identified(self) -> tuple[str, ...]:
        """Give the names of the numbers that data speak of."""
        table = self.to_frame()
        return tuple(table.loc[table["identified"], "name"])

    def summary(self, today: date | None = None) -> str:
        """Say in a few sentences what the data speak of, what they do not, and what each check says."""
        from ._calibration_words import summary_lines

        return "\n".join(summary_lines(self, today or date.today()))

    def plot(self) -> Chart:
        """Draw prior beside posterior for every number; those that are not identified say so on the figure."""
        from ._figure import prior_posterior_figure

        return prior_posterior_figure(self)

    def figures(self) -> dict[str, Chart]:
        """Give all figures by name: prior beside posterior, and with a series what was recorded against the fit."""
        from ._figure import prior_posterior_figure, series_figure

        found = {"prior-posterior": prior_posterior_figure(self)}
        if self.fit is not None:
            found["series"] = series_figure(self.fit)
        return found

    @property
    def provenance(self) -> dict[str, Any]:
        """Give the hashes, version, seed and time."""
        from afterstrike import __version__

        return {
            "world": self.world.name,
            "world_as_of": self.world.as_of.isoformat(),
            "world_sha256": self.world.sha256,
            "series": repr(self.fit.series) if self.fit else None,
            "series_origin": self.fit.series.origin if self.fit else None,
            "series_sha256": self.fit.series.sha256 if self.fit else None,
            "figures": list(self.figures_used),
            "members": self.members,
            "seed": self.seed,
            "version": __version__,
            "created_at": self.created_at,
        }

    def save(self, folder: str | Path) -> list[Path]:
        """Write table, draws, figures, page and words; if one cannot be written, none is replaced.

        Parameters
        ----------
        folder
            Where to; made if it is not there. Written are calibration.csv, .json, .txt, .html, draws.csv, and each figure
            as .svg and .png.

        Raises
        ------
        UsageError
            The folder cannot be written to.
        """
        from ._save import save_calibration

        return save_calibration(self, folder)

    def __repr__(self) -> str:
        bases = sorted({one.basis for one in self.evidence.values()})
        return (
            f"Calibration({self.world.name!r}, {self.members} members, from {', '.join(bases) or 'nothing'})"
        )
