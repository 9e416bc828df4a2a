"""How wakes are matched and compared: the choices of a matched-wake study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from ..errors import UsageError

__all__ = ["WakeDesign", "WakeModel"]

WakeModel = Literal["lagged", "difference", "att", "negative_binomial"]


@dataclass(frozen=True)
class WakeDesign:
    """Choose what wakes are matched on and how they are compared.

    Parameters
    ----------
    match_on
        Names of numeric columns, known at every treatment and control row.
    cutpoints
        By variable, the edges of its bins, at least two; values outside them match only one another. None:
        automatic.
    match_overlap
        Match on earlier treatment and control rows within the window too.
    drop_overlaps
        Leave out wakes with earlier treatment or control rows within the window.
    controls
        Names of numeric columns that enter the regression.
    model
        `lagged`: outcomes after on outcomes before and treatment. `difference`: outcomes after minus before
        on treatment. `att`: as lagged, always weighted. `negative_binomial`: as lagged, identity link, never
        weighted; only the convention `mwa-0.5` has it.
    weighted
        Use the matching weights in the regression.
    ring_km
        Outer radius in km of the ring in which more attacks nearby are looked for, above the largest radius;
        twice each radius where None. Published displacement reaches 400 km. Only the convention `afterstrike`
        has it.

    Raises
    ------
    UsageError
        A value is not one of these.

    Examples
    --------
    >>> WakeDesign(match_on=("population",), cutpoints={"population": [0, 1000, 10000]}).model
    'lagged'
    """

    match_on: Sequence[str] = ()
    cutpoints: Mapping[str, Sequence[float]] | None = None
    match_overlap: bool = False
    drop_overlaps: bool = False
    controls: Sequence[str] = ()
    model: WakeModel = "lagged"
    weighted: bool = True
    ring_km: float | None = None

    def __post_init__(self) -> None:
        if self.model not in get_args(WakeModel):
            raise UsageError(f"model={self.model!r}; allowed {', '.join(get_args(WakeModel))}")
        for name in ("match_on", "controls"):
            value = getattr(self, name)
            if isinstance(value, str):
                raise UsageError(f"{name}={value!r}; allowed a list of column names, as in ({value!r},)")
            object.__setattr__(self, name, tuple(dict.fromkeys(value)))
        if self.ring_km is not None and not (
            isinstance(self.ring_km, int | float) and 0 < self.ring_km < float("inf")
        ):
            raise UsageError(f"ring_km={self.ring_km!r}; allowed a positive number of km, or None")
        for variable, points in (self.cutpoints or {}).items():
            edges = np.asarray(points, np.float64)
            if edges.ndim != 1 or len(np.unique(edges)) < 2 or not np.all(np.isfinite(edges)):
                raise UsageError(
                    f"cutpoints[{variable!r}]={points!r}; allowed two or more different finite numbers"
                )

    def parameters(self) -> dict[str, Any]:
        """Give the choices as plain values, for the provenance."""
        cut = {name: [float(x) for x in points] for name, points in (self.cutpoints or {}).items()}
        return {
            "match_on": list(self.match_on),
            "cutpoints": cut or None,
            "match_overlap": self.match_overlap,
            "drop_overlaps": self.drop_overlaps,
            "controls": list(self.controls),
            "model": self.model,
            "weighted": self.weighted,
            "ring_km": self.ring_km,
        }
