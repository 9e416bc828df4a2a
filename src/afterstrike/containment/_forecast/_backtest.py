"""Backtests: forecasts from rolling origins, each from what was known by then, scored beside every baseline."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import AfterstrikeError, EstimateRefused, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from ._backtest_result import Backtest
    from ._forecast import Forecast
    from ._panel import Panel

__all__ = ["OWN_VINTAGE", "backtest"]

OWN_VINTAGE = "the panel's own"
_LEAST_HISTORY = 24


def backtest(
    panel: pd.DataFrame | str | Path,
    *,
    origins: Sequence[Any] = (),
    every: int | None = None,
    horizons: Sequence[int] = (1, 3, 6, 12),
    models: Sequence[str] = ("pooled",),
    actuals: Mapping[str, pd.DataFrame | str | Path] | None = None,
    vintage: str = OWN_VINTAGE,
    focus: Sequence[Any] = (),
    regimes: Mapping[Any, str] | None = None,
    draws: int = 1000,
    replicates: int = 1000,
    seed: int = 0,
    unit: str = "unit",
    time: str = "time",
    value: str = "value",
    progress: Callable[[str], None] | None = None,
) -> Backtest:
    """Forecast from each origin with nothing later than it, and score what came.

    Before a model is called, every row later than the origin is taken away: neither the forecast nor its settings can
    rest on it. All baselines run beside whatever models are named. Skill is 1 - CRPS / CRPS of `last12` on the same rows.

    Parameters
    ----------
    panel
        Long table of counts (or its CSV or Parquet file), as `forecast` takes it.
    origins
        Last times a forecast may look at, written as the panel's times are.
    every
        Instead of origins, or with the first of them: one each so many steps, as long as all horizons lie in the data.
    horizons
        Steps ahead that are scored.
    models
        Names that `forecast` takes.
    actuals
        What came, by the name of its vintage; the panel's own later values if not given. Each vintage is scored apart and
        no mean is over two of them.
    vintage
        Name of the panel's own vintage, for outcomes taken from it.
    focus
        Units to be scored on their own as well.
    regimes
        Times at which things changed, with what changed. A window with such a time in it is shown on its own and is in no
        mean over windows.
    draws
        Draws of each forecast.
    replicates
        Times that blocks (units) are drawn again for the intervals, at least 200.
    seed
        Of the draws and the intervals.
    unit, time, value
        Names of the panel's columns, and of those of `actuals`.
    progress
        Called with a word or two at each step.

    Returns
    -------
    Backtest

    Raises
    ------
    UsageError
        An origin outside the data or given twice, horizons that are not above zero, an unknown model, focus or regime.
    EstimateRefused
        No outcome is known for an origin.
    SourceError
        A file cannot be read.

    Assumes
    -------
    The panel's early values were known at the origin as they stand now. They often were not: numbers are revised, so a
    backtest on one vintage flatters every model alike.

    Example
    -------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> rows = [(u, t, rng.poisson(4)) for u in range(8) for t in range(72)]
    >>> table = pd.DataFrame(rows, columns=["unit", "time", "value"])
    >>> found = backtest(table, origins=[47, 59], horizons=range(1, 13), models=["negative_binomial"], draws=200)
    >>> found.windows
    ('48 to 59', '60 to 71')
    """
    import pandas as pd

    from ._backtest_result import Backtest
    from ._backtest_tables import heaviest_rows, pit_table, score_table
    from ._panel import read_panel

    if replicates < 200:
        raise UsageError(f"replicates={replicates}; allowed 200 or more")
    steps = _horizons(horizons)
    say = progress or (lambda stage: None)
    known = read_panel(panel, unit=unit, time=time, value=value)
    last_known = known.last
    truths = {vintage: known}
    if actuals:
        truths = {
            str(name): read_panel(table, unit=unit, time=time, value=value) for name, table in actuals.items()
        }
        last_known = max(truth.last for truth in truths.values())
    chosen = _origins(known, origins, every, steps[-1], last_known)
    names = _models(models)
    changed = _regimes(known, regimes or {}, chosen, steps)
    focused = _focus(known, focus)
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    for origin in chosen:
        window = _window(known, origin, steps)
        for model in names:
            say(f"{model}, {window}")
            made = _forecast(known, origin, steps, model, draws, seed)
            parts += _scored(made, truths, window, seed)
            notes += _left_out(made, truths, window)
    rows = pd.concat(parts, ignore_index=True)
    rows, bare = _with_outcomes(rows)
    notes += bare
    say("tables")
    heaviest = heaviest_rows(rows)
    table = score_table(rows, heaviest, focus=focused, regimes=changed, replicates=replicates, seed=seed)
    return Backtest(
        rows=rows, table=table, heaviest=heaviest, pit=pit_table(rows, changed), focus=focused, regimes=changed,
        notes=tuple(dict.fromkeys(notes)),
        provenance=_provenance(known, chosen, steps, names, draws, replicates, seed) | {"asked": list(models)},
    )  # fmt: skip


def _with_outcomes(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out windows for which a vintage holds no outcome, and name them; a window that none holds is refused."""
    has = rows["observed"].notna()
    empty = rows.loc[~has.groupby(rows["window"]).transform("any"), "window"]
    if len(empty):
        raise EstimateRefused(
            f"no outcome is known in {empty.iloc[0]}; leave that origin out or bring actuals"
        )
    kept = has.groupby([rows["vintage"], rows["window"]]).transform("any")
    bare = rows.loc[~kept, ["vintage", "window"]].drop_duplicates()
    notes = [
        f"In {one.window} vintage {one.vintage} holds no outcome; not scored on it."
        for one in bare.itertuples()
    ]
    return rows[kept].reset_index(drop=True), notes


def _horizons(given: Sequence[int]) -> list[int]:
    steps = sorted({int(one) for one in given})
    if not steps or steps[0] < 1 or len(steps) != len(list(given)):
        raise UsageError(f"horizons={list(given)}; allowed whole numbers above 0, each once, as 3 to 14")
    return steps


def _origins(
    panel: Panel, origins: Sequence[Any], every: int | None, furthest: int, last_known: int
) -> list[int]:
    chosen = [panel.number(one, "origin") for one in origins]
    if every is not None:
        if every < 1 or len(chosen) > 1:
            raise UsageError(
                f"every={every} with {len(chosen)} origins; allowed 1 or more, with at most the first origin"
            )
        last = min(panel.last, last_known - furthest)
        first = chosen[0] if chosen else last - every * ((last - panel.first - _LEAST_HISTORY + 1) // every)
        chosen = list(range(first, last + 1, every))
    if not chosen:
        raise UsageError(
            "no origin: name them (as `origins`), or give `every` and enough data: "
            f"{_LEAST_HISTORY} times before the first origin and all horizons after the last"
        )
    if len(set(chosen)) < len(chosen):
        raise UsageError("an origin is given twice; give each once")
    for one in chosen:
        if not panel.first <= one <= panel.last:
            raise UsageError(
                f"origin {panel.label(one)} is outside the data; allowed {panel.label(panel.first)} to "
                f"{panel.label(panel.last)}"
            )
    return sorted(chosen)


def _models(models: Sequence[str]) -> list[str]:
    """Give the models asked for, and after them the baselines that were not, `last12` among them."""
    from ._baselines import BASELINES
    from ._entry import MODELS

    if isinstance(models, str):
        raise UsageError(f"models={models!r}; give a list of names, as [{models!r}]")
    for one in models:
        if one not in MODELS:
            raise UsageError(f"model {one!r}; allowed are {', '.join(MODELS)}")
    return list(dict.fromkeys([*models, *BASELINES]))


def _regimes(
    panel: Panel, regimes: Mapping[Any, str], origins: Sequence[int], steps: Sequence[int]
) -> dict[str, str]:
    """Give the windows in which something changed, with what: between the origin and the last time scored."""
    found: dict[str, list[str]] = {}
    for when, what in regimes.items():
        number = panel.number(when, "regime")
        for origin in origins:
            if origin < number <= origin + steps[-1]:
                words = f"{panel.label(number)}{': ' + what if what else ''}"
                found.setdefault(_window(panel, origin, steps), []).append(words)
    return {window: "; ".join(words) for window, words in found.items()}


def _focus(panel: Panel, focus: Sequence[Any]) -> tuple[str, ...]:
    held = {str(one) for one in panel.units}
    for one in focus:
        if str(one) not in held:
            some = ", ".join(sorted(held)[:6])
            raise UsageError(f"focus {one!r} is no unit of the panel; it has {len(held)}, as {some}")
    return tuple(dict.fromkeys(str(one) for one in focus))


def _window(panel: Panel, origin: int, steps: Sequence[int]) -> str:
    first, last = panel.label(origin + steps[0]), panel.label(origin + steps[-1])
    return f"{first} to {last}" if first != last else f"{first}"


def _forecast(panel: Panel, origin: int, steps: Sequence[int], model: str, draws: int, seed: int) -> Forecast:
    """Forecast from one origin, from a panel in which nothing later stands."""
    from ._entry import forecast

    try:
        return forecast(
            panel.until(origin),
            origin=panel.label(origin),
            horizons=steps,
            draws=draws,
            seed=seed,
            model=model,
        )
    except AfterstrikeError as problem:
        raise type(problem)(f"origin {panel.label(origin)}, model {model}: {problem}") from None


def _scored(made: Forecast, truths: Mapping[str, Panel], window: str, seed: int) -> list[pd.DataFrame]:
    """Score a forecast against every vintage."""
    from ._score_table import score

    found = []
    for vintage, truth in truths.items():
        table = score(made, truth.at(made.units, made.times), seed=seed).to_frame()
        for k, (name, value) in enumerate(
            {"vintage": vintage, "window": window, "origin": made.origin, "model": made.model}.items()
        ):
            table.insert(k, name, value)
        found.append(table)
    return found


def _left_out(made: Forecast, truths: Mapping[str, Panel], window: str) -> list[str]:
    """Name units that have outcomes and no forecast: they are in no score."""
    notes = []
    for vintage, truth in truths.items():
        others = tuple(unit for unit in truth.units if unit not in set(made.units))
        if not others:
            continue
        has: list[bool] = np.isfinite(truth.at(others, made.times)).any(axis=1).tolist()  # type: ignore[assignment]
        names = [str(unit) for unit, is_there in zip(others, has, strict=True) if is_there]
        if names:
            some = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            notes.append(
                f"In {window} (vintage {vintage}) units with outcomes had nothing known in the year up to the origin, so no "
                f"forecast and no score: {len(names)} ({some})."
            )
    return notes


def _provenance(
    panel: Panel,
    origins: Sequence[int],
    steps: Sequence[int],
    models: Sequence[str],
    draws: int,
    replicates: int,
    seed: int,
) -> dict[str, Any]:
    from afterstrike import __version__

    content = hashlib.sha256(repr((panel.units, panel.first, panel.step)).encode())
    content.update(np.ascontiguousarray(panel.values).tobytes())
    return {
        "panel_sha256": content.hexdigest(),
        "units": len(panel.units),
        "first": panel.label(panel.first),
        "last": panel.label(panel.last),
        "origins": [panel.label(one) for one in origins],
        "horizons": list(steps),
        "models": list(models),
        "draws": draws,
        "replicates": replicates,
        "seed": seed,
        "version": __version__,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
