"""What an intervention computed on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ._policies import Policy
from ._propensity import Propensity
from ._regions import Area
from ._space import EventPoints
from ._weights import PolicyWeights

__all__ = ["Run"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Run:
    """What was computed on the way, for those who go on by the single functions.

    Parameters
    ----------
    propensity, policies, weights, areas
        As made by `fit_propensity`, the policy functions, `policy_weights` (by policy and lag) and
        `areas_of`.
    totals
        Outcome of each period in each area, shape (n_periods, areas).
    outcome
        The outcome events, or their images, that were summed.
    """

    propensity: Propensity
    policies: tuple[Policy, ...]
    weights: dict[tuple[str, int], PolicyWeights] = field(repr=False)
    areas: tuple[Area, ...]
    totals: Floats = field(repr=False)
    outcome: Floats | EventPoints = field(repr=False)
