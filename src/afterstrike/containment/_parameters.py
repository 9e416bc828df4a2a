"""The table of the model's numbers: meaning, unit, bounds and default of each, read from parameters.toml."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from ._layout import CAMP_PARAMETERS, CUSTODY_PARAMETERS, MODEL_PARAMETERS, SEAM_PARAMETERS, ZONE_PARAMETERS
from ._quantity import Distribution, Quantity

__all__ = ["Parameter", "Scope", "parameters"]

Scope = Literal["world", "zone", "custody", "camp", "seam"]
GROUPS = ("attacks", "strikes", "missions", "recruitment", "custody", "seams", "camps", "grievance")
WORLD_PARAMETERS = ("fighters", *MODEL_PARAMETERS)
NAMES: dict[Scope, tuple[str, ...]] = {
    "world": WORLD_PARAMETERS,
    "zone": ZONE_PARAMETERS,
    "custody": CUSTODY_PARAMETERS,
    "camp": CAMP_PARAMETERS,
    "seam": SEAM_PARAMETERS,
}


@dataclass(frozen=True)
class Parameter:
    """One number of the model, as parameters.toml describes it.

    Attributes
    ----------
    name, meaning, unit : str
        The unit is the one a world must use.
    scope : {"world", "zone", "custody", "camp", "seam"}
        What it belongs to: one for the world, or one for each zone, custody system, camp or seam.
    group : str
        One of `GROUPS`: attacks, strikes, missions, recruitment, custody, seams, camps, grievance.
    identified : str
        What data would tell it, or why none does.
    minimum, maximum : float
        Values outside are impossible.
    distribution : str
        The shape used where a world states none.
    default : Quantity or None
        The range used where a world sets none; None where a world must state it.
    is_optional : bool
        True where a world may leave it out, though there is no default: it is then missing.
    """

    name: str
    meaning: str
    unit: str
    scope: Scope
    group: str
    identified: str
    minimum: float
    maximum: float
    distribution: Distribution
    default: Quantity | None
    is_optional: bool = False

    @property
    def is_required(self) -> bool:
        """True where every world must state it."""
        return self.default is None and not self.is_optional

    @property
    def group_order(self) -> int:
        """Where its group stands in tables."""
        return GROUPS.index(self.group)

    def default_at(self, name: str) -> Quantity | None:
        """Give the default under its full name, such as "coordination.iraq/ne_syria"."""
        return self.default and replace(self.default, name=name)


@cache
def parameters() -> Mapping[str, Parameter]:
    """Give every number of the model by name, in the order of the model's layout.

    Examples
    --------
    >>> parameters()["lull_halflife"].unit
    'days'
    """
    import tomllib

    from ._world_faults import Faults
    from ._world_number import read_quantity

    text = files(__package__).joinpath("parameters.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    faults = Faults(text)
    found: dict[str, Parameter] = {}
    for scope, names in NAMES.items():
        for name in names:
            row = dict(table[name])
            bare = Parameter(
                name=name,
                meaning=row.pop("meaning"),
                unit=row["unit"],
                scope=scope,
                group=row.pop("group"),
                identified=row.pop("identified"),
                minimum=float(row.pop("minimum", -math.inf)),
                maximum=float(row.pop("maximum", math.inf)),
                distribution=row["distribution"],
                default=None,
                is_optional=row.pop("optional", False),
            )
            default = read_quantity(name, row, bare, (name,), faults, None) if "low" in row else None
            found[name] = replace(bare, default=default)
    faults.stop_if_any("parameters.toml")
    return found
