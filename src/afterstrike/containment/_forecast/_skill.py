"""Does a model say more of this very series than its climatology does? Asked of past origins before it is believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import EstimateRefused, UsageError
from ._panel import Panel
from ._score_table import Interval, block_bootstrap, score

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Skill", "skill_of"]

AGAINST = ("climatology", "last12")


@dataclass(frozen=True)
class Skill:
    """Skill of a model at past origins of one panel.

    Parameters
    ----------
    model
        The model.
    origins
        The past origins, latest first; what each forecast lay wholly before the origin of the real one.
    skill
        By baseline: 1 - CRPS / CRPS of the baseline, with its interval. Blocks are units, or origins where there are
        fewer than five units.
    """

    model: str
    origins: tuple[Any, ...]
    skill: dict[str, Interval] = field(repr=False)

    @property
    def is_beyond_climatology(self) -> bool:
        """True where the interval of the skill over climatology lies above zero."""
        return self.skill["climatology"].low > 0

    def to_frame(self) -> pd.DataFrame:
        """Give `baseline, skill, low, high, level`, one row a baseline."""
        import pandas as pd

        rows = [{"baseline": n, "skill": i.estimate, "low": i.low, "high": i.high, "level": i.level}
                for n, i in self.skill.items()]  # fmt: skip
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Say in one line what past origins show; "no skill beyond climatology" where they show none."""
        parts = [
            f"{one.estimate:+.0%} ({one.low:+.0%} to {one.high:+.0%}) over {name}"
            for name, one in self.skill.items()
        ]
        head = "" if self.is_beyond_climatology else "No skill beyond climatology in this series. "
        where = f"{len(self.origins)} past origin{'s' if len(self.origins) != 1 else ''}"
        return f"{head}CRPS skill at {where} of this series ({', '.join(map(str, self.origins))}): {'; '.join(parts)}."


def skill_of(
    panel: Panel,
    *,
    horizons: Sequence[int],
    model: str,
    origins: int = 3,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Skill:
    """Make the forecast at past origins, a year apart, and hold it against two baselines.

    Parameters
    ----------
    panel
        The panel up to the origin of the real forecast; nothing later is to be in it.
    horizons, model, seed
        As in `forecast`.
    origins
        How many past origins, 1 to 20; fewer are used where the panel is short.

    Raises
    ------
    EstimateRefused
        The panel is too short for one past origin.
    """
    from ._entry import forecast

    if not 1 <= origins <= 20:
        raise UsageError(f"origins={origins!r}: give 1 to 20")
    steps = tuple(sorted(horizons))
    last = panel.last - max(steps)
    used: list[Any] = []
    differences: dict[str, list[Any]] = {name: [] for name in AGAINST}
    bases: dict[str, list[Any]] = {name: [] for name in AGAINST}
    units: list[Any] = []
    for number in range(origins):
        at = last - panel.per_year * number
        try:
            if progress:
                progress(f"past origin {number + 1} of {origins}")
            made = forecast(panel, origin=panel.label(at), horizons=steps, draws=200, seed=seed, model=model)
        except (EstimateRefused, UsageError):
            break  # too little before this origin, and less before those that are earlier
        truth = panel.at(made.units, made.times)
        ours = score(made, truth).table
        used.append(panel.label(at))
        units += [f"{unit}" for unit in ours["unit"]] if len(panel.units) >= 5 else [str(number)] * len(ours)
        for name in AGAINST:
            base = forecast(panel, origin=panel.label(at), horizons=steps, draws=200, seed=seed, model=name)
            theirs = score(base, truth).table["crps"].to_numpy()
            differences[name].append(theirs - ours["crps"].to_numpy())
            bases[name].append(theirs)
    if not used:
        raise EstimateRefused("the panel is too short to try the model at a past origin")
    found = {
        name: block_bootstrap(
            np.concatenate(differences[name]), units, over=np.concatenate(bases[name]), seed=seed
        )
        for name in AGAINST
    }
    return Skill(model, tuple(used), found)
