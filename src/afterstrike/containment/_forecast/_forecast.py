"""A forecast: draws by unit and horizon, and everything that is read off them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import SourceError, UsageError
from ._panel import Panel

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart

__all__ = ["Forecast", "load_forecast"]

_META = "afterstrike_forecast"


@dataclass(frozen=True)
class Forecast:
    """Draws of counts to come.

    Parameters
    ----------
    units
        Units forecast, in the order of the draws' first axis.
    horizons
        Steps after the origin, in the order of the second axis.
    times
        The times these are, written as the panel's are.
    draws : array, shape (units, horizons, draws)
        Draws; their order carries no meaning. They are not joint over times or units: the draws of a sum over
        months are not the sums of these.
    origin
        The last time whose counts were looked at.
    model
        Name of the model.
    vintage
        What the counts are and when they were taken, as the caller said it.
    history
        The panel up to the origin, for the figure; None where the forecast was read from a file.
    notes
        What a reader must know: units left out, values that were missing.
    provenance
        Settings, seed, versions, hash of what was looked at.
    """

    units: tuple[Any, ...]
    horizons: tuple[int, ...]
    times: tuple[Any, ...]
    draws: NDArray[Any] = field(repr=False)
    origin: Any
    model: str
    vintage: str = "not stated"
    history: Panel | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def index(self) -> pd.DataFrame:
        """Give `unit, time, horizon` of every set of draws, in the order of `draws.reshape(-1, m)`."""
        import pandas as pd

        n, h = len(self.units), len(self.horizons)
        return pd.DataFrame(
            {
                "unit": np.repeat(np.array(self.units, dtype=object), h),
                "time": np.tile(np.array(self.times, dtype=object), n),
                "horizon": np.tile(np.array(self.horizons), n),
            }
        ).infer_objects()

    def to_frame(self) -> pd.DataFrame:
        """Give one row a draw.

        Returns
        -------
        pandas.DataFrame
            `unit, time, draw, value`; draws are numbered from 0.
        """
        m = self.draws.shape[2]
        index = self.index()[["unit", "time"]]
        frame = index.loc[index.index.repeat(m)].reset_index(drop=True)
        return frame.assign(draw=np.tile(np.arange(m), len(index)), value=self.draws.reshape(-1))

    def quantiles(self) -> pd.DataFrame:
        """Give the median and the 50, 80 and 95% ranges.

        Returns
        -------
        pandas.DataFrame
            `unit, time, horizon, mean, median, low_50, high_50, low_80, high_80, low_95, high_95, any` (the share of draws
            above zero), one row a unit and time.
        """
        rows = self.draws.reshape(-1, self.draws.shape[2])
        shares = (0.5, 0.25, 0.75, 0.1, 0.9, 0.025, 0.975)
        names = ("median", "low_50", "high_50", "low_80", "high_80", "low_95", "high_95")
        cuts = np.quantile(rows, shares, axis=1)
        index = self.index().assign(mean=rows.mean(axis=1))
        return index.assign(**dict(zip(names, cuts, strict=True)), any=(rows > 0).mean(axis=1))

    def summary(self) -> str:
        """Say in short what is forecast, from what, and what is not known."""
        table = self.quantiles()
        first, last = self.times[0], self.times[-1]
        lines = [
            f"{len(self.units):,} units, {first} to {last} ({self.horizons[0]} to {self.horizons[-1]} steps ahead), from "
            f"counts up to {self.origin}. Model: {self.model}. Vintage of the counts: {self.vintage}."
        ]
        top = table.groupby("unit", sort=False)["mean"].sum().nlargest(3)
        lines.append(f"Most is expected in {', '.join(f'{unit}' for unit in top.index)}.")
        return "\n".join([*lines, *self.notes])

    def plot(self, unit: Any = None) -> Chart:
        """Draw the past of a unit (the one with most to come, if none is said) and the ranges of what may come."""
        from ._figure import forecast_chart

        return forecast_chart(self, unit)

    def save(self, path: str | Path) -> Path:
        """Write the draws to a Parquet file, one row a draw, with model, origin and provenance as its metadata.

        The file appears whole or not at all.

        Raises
        ------
        UsageError
            The name does not end in .parquet, or the file cannot be written.
        """
        import duckdb

        target = Path(path)
        if target.suffix != ".parquet":
            raise UsageError(f"{target}: draws are written as Parquet; give a name that ends in .parquet")
        if not target.parent.is_dir():
            raise UsageError(f"the folder {target.parent} does not exist; make it first")
        about = {
            name: getattr(self, name) for name in ("horizons", "times", "origin", "model", "vintage", "notes")
        }
        text = json.dumps(about | {"units": self.units, "provenance": dict(self.provenance)}, default=str)
        half = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with duckdb.connect() as con:
                con.register("draws", self.to_frame())
                told = text.replace("'", "''")
                con.execute(
                    f"COPY (SELECT * FROM draws) TO '{str(half).replace(chr(39), 2 * chr(39))}' "
                    f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{_META}: '{told}'}})"
                )
            half.replace(target)
        except (OSError, duckdb.Error) as problem:
            raise UsageError(f"{target} cannot be written ({str(problem).splitlines()[0]})") from None
        finally:
            with suppress(OSError):
                half.unlink(missing_ok=True)
        return target


def load_forecast(path: str | Path) -> Forecast:
    """Read a forecast that `Forecast.save` wrote.

    Raises
    ------
    SourceError
        There is no such file, or it is not a forecast's.
    """
    import duckdb

    target = Path(path)
    if not target.is_file():
        raise SourceError(f"{target} is not a file; give the draws.parquet of a forecast")
    try:
        with duckdb.connect() as con:
            found = con.execute(
                "SELECT value FROM parquet_kv_metadata(?) WHERE key = ?", [str(target), _META.encode()]
            )
            row = found.fetchone()
            values = con.execute("SELECT value FROM read_parquet(?)", [str(target)]).fetchnumpy()["value"]
    except duckdb.Error as problem:
        raise SourceError(
            f"{target} cannot be read ({str(problem).splitlines()[0]}); give a Parquet file"
        ) from None
    if row is None:
        raise SourceError(f"{target} is no forecast of this programme: it says nothing of model and origin")
    about = json.loads(row[0])
    units, horizons, times, notes = (_tuple(about[name]) for name in ("units", "horizons", "times", "notes"))
    draws = np.asarray(values).reshape(len(units), len(horizons), -1)
    return Forecast(
        units=units, horizons=horizons, times=times, draws=draws, origin=about["origin"], model=about["model"],
        vintage=about["vintage"], notes=notes, provenance=about["provenance"],
    )  # fmt: skip


def _tuple(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(values)
