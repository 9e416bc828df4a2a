"""The result of the convention "afterstrike", with the columns every convention has and its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from .._design import WakeDesign
from .._figure import RATIO, windows_figure
from .._result import COLUMNS, EffectResult
from .._study import Study
from ._entry import WakeEstimates, estimate_wakes
from ._lull_make import harm_of
from ._rows import EXTRA_COLUMNS
from ._words import civilian_harm

if TYPE_CHECKING:
    from ...charts import Chart
    from ._lull import Lull

__all__ = ["WakeResult", "wake_result"]


@dataclass(frozen=True)
class WakeResult(EffectResult):
    """An `EffectResult` whose windows have rate ratios; `lull()` gives one of them in full."""

    estimates: WakeEstimates | None = field(default=None, repr=False)

    def lull(self, *, days: int | None = None, km: float | None = None, placebos: int = 0) -> Lull:
        """Give the lull of one window; see `WakeEstimates.lull`."""
        assert self.estimates is not None
        return self.estimates.lull(days=days, km=km, placebos=placebos)

    def with_checks(
        self,
        *,
        km: float | None = None,
        placebos: int = 200,
        bootstrap: int = 100,
        redraws: int = 20,
        jobs: int = 1,
    ) -> WakeResult:
        """Give the same result with the checks that repeat the estimate many times.

        Parameters
        ----------
        km
            The radius looked at, with the longest horizon estimated there; the declared one where None, else
            the widest.
        placebos
            How often place-days without a strike are posed as struck. Fails where they find something in the
            middle, or spread more than their standard errors say.
        bootstrap
            How often blocks of days are redrawn, and drawing and matching repeated. Fails where that spreads
            more than the standard errors.
        redraws
            How often rows that are known less well than to the day and point are moved within what is known.
            Fails where a finding is lost, or often turns.
        jobs
            Processes; results do not depend on it. 0 as a count leaves a check out.

        Returns
        -------
        WakeResult

        Raises
        ------
        UsageError
            A count is negative, or the radius was not estimated.
        """
        from ._more_checks import more_checks

        assert self.estimates is not None
        more = more_checks(
            self.estimates, km=km, placebos=placebos, bootstrap=bootstrap, redraws=redraws, jobs=jobs
        )
        names = {check.check_name for check in more}
        kept = tuple(check for check in self.checks if check.check_name not in names)
        return replace(self, checks=kept + more)

    def plot(self, *, placebos: int = 30) -> Chart:
        """Draw the rate ratio by days since the strike, in the declared window (else the widest estimated).

        Parameters
        ----------
        placebos
            How many sets of placebo strikes the grey band is made of; 0 draws none.

        Returns
        -------
        Chart
            Ratios by window where no curve can be fitted.
        """
        window = self._main_window()
        if window is not None:
            lull = self.lull(days=window[0], km=window[1], placebos=placebos)
            if lull.curve is not None:
                return lull.figure()
        return windows_figure(self.table, self.time_unit, self.estimand, RATIO)

    def figures(self) -> tuple[Chart, ...]:
        """Give the curve and, where several windows were estimated, the ratios by window."""
        if len(self.table) == 1:
            return (self.plot(),)
        return (self.plot(), windows_figure(self.table, self.time_unit, self.estimand, RATIO))

    def _main_window(self) -> tuple[int, float] | None:
        assert self.estimates is not None
        study = self.estimates.study
        known = [(int(row["days"]), float(row["km"])) for row in self.estimates.rows if not row["reason"]]
        declared = (study.horizon_days, study.radius_km)
        return next((window for window in known if window == declared), known[-1] if known else None)

    def summary(self) -> str:
        """Say the findings window by window, what must be believed, and what each check says."""
        lines = [*self.findings(), *(check.line() for check in self.checks)]
        if "placebo strikes" not in {check.check_name for check in self.checks}:
            lines.append(
                "- not run: placebo strikes, standard errors by bootstrap, redraws within precision "
                "(--checks, or with_checks())."
            )
        return "\n".join(lines)

    def findings(self) -> list[str]:
        """Say the findings window by window, after what could have been found at all."""
        assert self.estimates is not None
        lines = [civilian_harm(harm_of(self.estimates.study))]
        lines += [f"Warning: {told}" for told in self.estimates.warnings]
        lines.append(f"Estimand: {self.estimand}.")
        known = [row for row in self.estimates.rows if not row["reason"]]
        if known:
            falls = [f"{100 * row['smallest_fall']:.0f}%" for row in known]
            told = ", ".join(falls)
            lines.append(f"Smallest falls this record could show (80% power), as listed below: {told}.")
        for row in self.estimates.rows:
            lull = self.estimates.lull(days=row["days"], km=row["km"])
            lines.append(lull.sentence())
        lines.append(
            f"One value ({self.estimates.critical:.2f} standard errors) serves all windows at once in the "
            "columns ending in _joint."
        )
        lines.append(f"To read this as an effect one must believe: {self.assumptions}")
        return lines

    def __repr__(self) -> str:
        known = sum(not row["reason"] for row in self.table.to_dict("records"))
        return f"WakeResult({known} of {len(self.table)} windows estimated, {len(self.checks)} checks)"


def wake_result(
    study: Study,
    *,
    days: Sequence[int],
    km: Sequence[float],
    time_unit: str = "day",
    design: WakeDesign | None = None,
    seed: int = 0,
    **options: Any,
) -> WakeResult:
    """Estimate and give the result; see `estimate_wakes` for the options.

    Raises
    ------
    UsageError
        `time_unit` is not `day`: this convention counts whole days.
    """
    import pandas as pd

    from ... import __version__

    if time_unit != "day":
        raise UsageError(
            f"time_unit={time_unit!r}; the convention 'afterstrike' counts whole UTC days, as most records "
            "date events; use 'day', or convention='mwa-0.5'"
        )
    design = design or WakeDesign()
    made = estimate_wakes(study, days=days, km=km, design=design, seed=seed, **options)
    names = [*COLUMNS[:-1], "isolated_share", *EXTRA_COLUMNS, "reason"]
    table = pd.DataFrame(made.rows)[names]
    provenance = {
        "input_sha256": study.fingerprint(),
        "version": __version__,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "parameters": {
            "days": list(days), "km": list(km), "time_unit": time_unit,
            "convention": "afterstrike",
            **design.parameters(), **options,
        },
        "exclusions": dict(study.exclusions),
        "duplicates": dict(study.duplicates),
        "study_sha256": study.declaration_sha256(),
        "specifications_run": len(made.rows),
        "windows_estimated": sum(math.isfinite(row["rate_ratio"]) for row in made.rows),
    }  # fmt: skip
    return WakeResult(
        table=table,
        estimand=made.estimand,
        assumptions=made.assumptions,
        checks=made.checks,
        provenance=provenance,
        estimates=made,
    )
