"""All designs on one study, beside each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from ...errors import UsageError
from .._result import CheckResult, EffectResult
from .._study import Study
from .._wakes._lull_make import harm_of
from .._wakes._words import civilian_harm
from ._designs import DESIGNS, rows_of, run_design
from ._result import LullComparison, comparison_table
from ._setting import Setting, check_alternatives, check_setting, setting_of
from ._specifications import count_runs, declared_alternatives, specification_rows
from ._standing import Standing

__all__ = ["lull"]


def lull(
    study: Study,
    *,
    zones: str | float | None = "auto",
    campaign: tuple[str, str | None] | None = None,
    gaps: Sequence[tuple[str, str]] = (),
    kernel: Literal["exponential", "power"] = "exponential",
    trend_days: float = 180.0,
    designs: Sequence[str] | None = None,
    alternatives: Mapping[str, Sequence[Any]] | Literal["declared"] | None = None,
    with_checks: bool | None = None,
    known: Mapping[str, EffectResult] | None = None,
    seed: int = 0,
    progress: Callable[[str], None] = lambda stage: None,
) -> LullComparison:
    """Estimate what followed strikes by every design that the study can carry, each with its own estimand.

    A lull is what is asked about, not what is presumed: a rise is the same quantity with the other sign. Designs are
    not averaged and are not votes. Matched wakes, mutual excitation, distributed lags, a stochastic intervention and
    an interrupted series stand beside two comparators of the panel literature and the naive before and after, which is
    kept to be seen failing. A design that the record cannot carry says why.

    Parameters
    ----------
    study
        With `horizon_days` and `radius_km` declared; where not, 14 days and 25 km are taken, and the result says so.
    zones
        For designs that count in zones, as in `mutual_excitation`: a column, a side in km, None for the whole region;
        `auto`: cells four radii wide.
    campaign
        First day, and last day or None, of a campaign for the interrupted series; None: from the first strike on.
    gaps
        Stretches without recording, as pairs of dates, both inclusive: missing, not zero.
    kernel, trend_days
        Of excitation, and of slow trends, in days between knots.
    designs
        Names of those to run, as `matched wakes`; None: all.
    alternatives
        For the specification curve: by choice (`days`, `km`, `zones`, `trend_days`, `kernel`, `seed`) the values to run,
        all combinations that a design has; `declared`: half and twice each size, other zones, trends, kernels and
        seeds; None: no curve. Every run is counted once in `provenance["specifications_run"]`.
    with_checks
        Placebo strikes, bootstrap and redraws of matched wakes: always, never, or (None) where the interval leaves out
        no change.
    known
        Results already made of this study and this declaration, by design: they are taken as they are.
    seed
        For what is drawn at random.
    progress
        Called with a word at each stage.

    Returns
    -------
    LullComparison
        `.tables()`: one table an estimand; `.agreement()`: in words; `.results`: each design's own result;
        `.specifications`: the curve.

    Raises
    ------
    UsageError
        An option is not one of these.

    Examples
    --------
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> events = simulate_theatre(Theatre.preset("null", strikes="random"), seed=1).events
    >>> study = Study.from_frame(events, treatment="strike", outcome="attack", horizon_days=7, radius_km=25)
    >>> beside = lull(study, designs=("matched wakes", "naive before and after"))
    >>> [(row.design, row.role) for row in beside.standings if row.is_main]
    [('matched wakes', 'design'), ('naive before and after', 'bad example')]
    """
    if not isinstance(study, Study):
        raise UsageError(f"got {type(study).__name__}; allowed a Study: make one with Study.from_frame(...)")
    chosen = _chosen(designs)
    setting = setting_of(
        study, zones, campaign=campaign, gaps=gaps, kernel=kernel,
        trend_days=trend_days, seed=seed, with_checks=with_checks,
    )  # fmt: skip
    check_setting(study, setting)
    tried = declared_alternatives(setting) if alternatives == "declared" else alternatives
    if tried is not None:
        check_alternatives(study, setting, tried)
    standings: list[Standing] = []
    results: dict[str, EffectResult] = {}
    for design in chosen:
        progress(design.name)
        result: EffectResult | None
        if known and design.name in known:
            result = known[design.name]
            rows = rows_of(design, result, setting)
        else:
            result, rows = run_design(design, study, setting)
        standings += rows
        if result is not None:
            results[design.name] = result
    curve = (
        {} if tried is None else specification_rows(study, setting, tried, designs=chosen, progress=progress)
    )
    return _assembled(study, setting, tuple(standings), results, curve, tried)


def _chosen(designs: Sequence[str] | None) -> tuple[Any, ...]:
    names = [design.name for design in DESIGNS]
    if designs is None:
        return DESIGNS
    unknown = [name for name in designs if name not in names]
    if unknown or isinstance(designs, str) or not designs:
        raise UsageError(f"designs={designs!r}; allowed some of {', '.join(names)}")
    return tuple(design for design in DESIGNS if design.name in designs)


def _assembled(
    study: Study,
    setting: Setting,
    standings: tuple[Standing, ...],
    results: dict[str, EffectResult],
    curve: Mapping[Any, Mapping[str, Any]],
    tried: Mapping[str, Sequence[Any]] | None,
) -> LullComparison:
    import pandas as pd

    from ... import __version__

    checks = tuple(
        replace(check, check_name=f"{name}: {check.check_name}") if isinstance(check, CheckResult) else check
        for name, result in results.items()
        for check in result.checks
    )
    return LullComparison(
        table=comparison_table(standings),
        estimand="several, one table each: "
        + "; ".join(f"{name}: {r.estimand}" for name, r in results.items()),
        assumptions=" ".join(f"{name}: {_stop(r.assumptions)}" for name, r in results.items()),
        checks=checks,
        provenance={
            "input_sha256": study.fingerprint(),
            "study_sha256": study.declaration_sha256(),
            "specifications_run": count_runs(standings, setting, curve),
            "version": __version__,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seed": setting.seed,
            "parameters": setting.parameters() | {"alternatives": _plain(tried)},
            "exclusions": dict(study.exclusions),
            "duplicates": dict(study.duplicates),
        },
        details={"study": study.to_frame, **{name: r.to_frame for name, r in results.items()}},
        standings=standings,
        results=results,
        specifications=pd.DataFrame(list(curve.values())) if curve else None,
        harm=civilian_harm(harm_of(study)),
        notes=(*(f"Not declared: {text}." for text in setting.not_declared), *_gap_words(setting, standings)),
    )


def _gap_words(setting: Setting, standings: Sequence[Standing]) -> list[str]:
    """Say to which designs declared gaps are missing, and which cannot leave them out."""
    ran = [design for design in DESIGNS if any(row.design == design.name for row in standings)]
    if not setting.gaps:
        return []
    told = [f"Declared gaps: {', '.join(' to '.join(gap) for gap in setting.gaps)}."]
    for takes, words in (
        (True, "Missing to"),
        (False, "Counted as days without attacks, so that no word on a sign is given, by"),
    ):
        if names := [design.name for design in ran if design.takes_gaps is takes]:
            told.append(f"{words} {', '.join(names)}.")
    return [" ".join(told)]


def _stop(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _plain(tried: Mapping[str, Sequence[Any]] | None) -> dict[str, list[Any]] | None:
    return None if tried is None else {name: list(values) for name, values in tried.items()}
