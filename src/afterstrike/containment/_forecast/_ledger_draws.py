"""Files of draws in a ledger: what one is known by, and its scores once outcomes are there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import RecordError, SourceError, UsageError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["describe_draws", "score_draws"]

Array = np.ndarray[Any, Any]
_COLUMNS = ["unit", "time", "draw", "value"]


def describe_draws(path: Path) -> dict[str, Any]:
    """Give a draws file's name, hash, units, times, number of draws, and what it says of itself (`about`).

    Raises
    ------
    SourceError
        It cannot be read as Parquet.
    UsageError
        It has other columns, or not the same number of draws in every row of unit and time.
    """
    frame = _read(path)
    rows, draws, _ = _matrix(frame, path.name)
    times = list(dict.fromkeys(rows["time"]))
    return {
        "file": path.name, "sha256": _sha256(path), "units": int(rows["unit"].nunique()), "rows": len(rows),
        "first": times[0], "last": times[-1], "draws": draws.shape[1], "about": _about(path),
    }  # fmt: skip


def _about(path: Path) -> dict[str, Any]:
    """Give what a file that `Forecast.save` wrote says of itself; nothing of another's."""
    from ._forecast import load_forecast

    try:
        found = load_forecast(path)
    except SourceError:
        return {}
    told = {"model": found.model, "origin": found.origin, "vintage": found.vintage}
    return told | {"panel_sha256": found.provenance.get("panel_sha256", "")}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> pd.DataFrame:
    import duckdb

    if not path.is_file():
        raise SourceError(f"{path}: there is no such file; give the file of draws")
    try:
        with duckdb.connect() as connection:
            frame: pd.DataFrame = connection.read_parquet(str(path)).df()
            return frame
    except duckdb.Error as problem:
        raise SourceError(
            f"{path} cannot be read as Parquet ({str(problem).splitlines()[0]}); `afterstrike forecast -o` writes one"
        ) from None


def _matrix(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, Array, Array]:
    """Give the rows (unit, time as text), their draws as a matrix, and the order in which they stand."""
    if not set(_COLUMNS) <= set(frame.columns):
        raise UsageError(
            f"{name} has columns {', '.join(map(str, frame.columns))}; it takes {', '.join(_COLUMNS)}"
        )
    if frame.empty or frame[_COLUMNS].isna().any(axis=None):
        raise UsageError(
            f"{name} has no rows or cells that are empty; draws are numbers, one for each unit, time and draw"
        )
    ordered = frame.sort_values(["unit", "time", "draw"], kind="stable")
    sizes = ordered.groupby(["unit", "time"], sort=False).size()
    if sizes.nunique() != 1 or ordered.duplicated(["unit", "time", "draw"]).any():
        raise UsageError(
            f"{name} has {sizes.min()} to {sizes.max()} draws by unit and time; allowed the same number for each, none twice"
        )
    values = ordered["value"].to_numpy(dtype=float).reshape(len(sizes), -1)
    rows = sizes.index.to_frame(index=False)
    return rows.assign(unit=_words(rows["unit"]), time=_words(rows["time"])), values, sizes.to_numpy()


def _words(column: Any) -> list[str]:
    """Write units and times as text, a day without its midnight, a whole number without its point."""
    return [str(one).removesuffix(" 00:00:00").removesuffix(".0") for one in column]


def score_draws(path: Path, told: Mapping[str, Any], outcomes: pd.DataFrame | str | Path) -> dict[str, Any]:
    """Score a draws file against outcomes.

    Returns
    -------
    dict
        Means over the rows scored (`crps`, `crps_log1p`, `coverage_50`, `_80`, `_95`), `rows`, `missing`, and the hash of
        the outcomes.
    """
    from ._scores import coverage, crps, crps_log1p

    if not path.is_file():
        raise SourceError(
            f"{path}: there is no such file; give the file of draws that was issued, {told['file']}"
        )
    if (found := _sha256(path)) != told["sha256"]:
        raise RecordError(
            f"{path.name} has the hash {found[:12]}, issued was {told['sha256'][:12]}: it is another file; give the one issued"
        )
    rows, draws, _ = _matrix(_read(path), path.name)
    known = _outcomes(outcomes)
    keys = list(zip(rows["unit"], rows["time"], strict=True))
    observed = np.array([known.get(key, np.nan) for key in keys])
    here = np.isfinite(observed)
    if not here.any():
        raise UsageError(
            f"no outcome fits a unit and time of {path.name} (as {keys[0][0]}, {keys[0][1]}); the table has "
            f"{len(known)} rows" + (f", as {', '.join(next(iter(known)))}" if known else "")
        )
    ordered = np.sort(draws[here], axis=1)
    seen = observed[here]
    text = "\n".join(f"{unit}\t{time}\t{value!r}" for (unit, time), value in sorted(known.items()))
    return {
        "rows": int(here.sum()),
        "missing": int((~here).sum()),
        "crps": float(np.mean(crps(ordered, seen, is_sorted=True))),
        "crps_log1p": float(np.mean(crps_log1p(ordered, seen, is_sorted=True))),
        **{
            f"coverage_{round(100 * level)}": float(
                np.mean(coverage(ordered, seen, level=level, is_sorted=True))
            )
            for level in (0.5, 0.8, 0.95)
        },
        "outcomes_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


def _outcomes(given: pd.DataFrame | str | Path) -> dict[tuple[str, str], float]:
    import duckdb
    import pandas as pd

    if isinstance(given, str | Path):
        try:
            if Path(given).suffix == ".parquet":
                with duckdb.connect() as connection:
                    frame = connection.read_parquet(str(given)).df()
            else:
                frame = pd.read_csv(given, dtype={"unit": str, "time": str})
        except (OSError, ValueError, duckdb.Error) as problem:
            reason = getattr(problem, "strerror", None) or str(problem).splitlines()[0]
            raise SourceError(
                f"{given} cannot be read ({reason}); it takes CSV or Parquet with unit, time, value"
            ) from None
    else:
        frame = given
    if not {"unit", "time", "value"} <= set(frame.columns):
        raise UsageError(
            f"the outcomes have columns {', '.join(map(str, frame.columns))}; they take unit, time, value"
        )
    try:
        values = pd.to_numeric(frame["value"]).to_numpy(dtype=float)
    except (ValueError, TypeError) as problem:
        raise UsageError(
            f"an outcome is no number ({problem}); leave it empty where it is not known"
        ) from None
    found: dict[tuple[str, str], float] = {}
    keys = zip(_words(frame["unit"]), _words(frame["time"]), strict=True)
    for key, value in zip(keys, values, strict=True):
        if key in found:
            raise UsageError(f"the outcomes have {', '.join(key)} twice; give one row for each")
        if value < 0:
            raise UsageError(f"the outcome of {', '.join(key)} is {value:g}; counts are 0 or more")
        if np.isfinite(value):
            found[key] = float(value)
    return found
