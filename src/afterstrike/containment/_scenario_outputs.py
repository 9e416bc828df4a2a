"""What scenarios are compared on: totals of a run, civilian harm first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ._scenario_grammar import nearest

if TYPE_CHECKING:
    from ._ensemble import Ensemble

__all__ = ["BANDS", "OUTPUTS", "Output", "band", "draw_groups", "outputs_named"]

Array = np.ndarray[Any, Any]
BANDS = (0.5, 0.8, 0.95)


@dataclass(frozen=True)
class Output:
    """A total of a run.

    Parameters
    ----------
    name, title
        A word for tables and words for readers.
    of
        Gives the total for each member of an ensemble.
    unit
        What it counts.
    parts
        The model's outputs it is made of.
    """

    name: str
    title: str
    of: Callable[[Ensemble], Array]
    unit: str
    parts: tuple[str, ...]


def _plain(name: str, title: str, unit: str, part: str | None = None) -> Output:
    part = part or name
    return Output(name, title, lambda ensemble: ensemble.total(part), unit, (part,))


def _net_escapes(ensemble: Ensemble) -> Array:
    return ensemble.total("escapes") - ensemble.total("recaptured")


def _reengaged(ensemble: Ensemble) -> Array:
    home = ensemble.total("repatriated") + ensemble.total("released")
    found: Array = home * np.asarray(ensemble.draws["reengage_share"])
    return found


OUTPUTS: dict[str, Output] = {
    output.name: output
    for output in (
        _plain("civilian_deaths", "civilian deaths by strikes", "persons"),
        _plain("attacks", "attacks", "attacks"),
        _plain("attack_deaths", "deaths in attacks", "persons"),
        Output(
            "net_escapes", "net escapes from custody", _net_escapes, "persons", ("escapes", "recaptured")
        ),
        _plain("detained_at_end", "detained at the end", "persons", "detained_now"),
        _plain("camp_returns", "returns from camps", "persons"),
        _plain("repatriated", "taken home from custody", "persons"),
        Output(
            "reengaged", "of those taken home or released, taking part again elsewhere, over years", _reengaged,
            "persons", ("repatriated", "released", "reengage_share"),
        ),
    )
}  # fmt: skip
"""By name. Persons who take part again are a share of those taken home; they are not in the attacks of the run."""


def outputs_named(names: Sequence[str] | None, known: dict[str, Output] | None = None) -> list[Output]:
    """Give outputs by name, all of them where none are named.

    Raises
    ------
    UsageError
        There is no such output; the message says which is near.
    """
    known = OUTPUTS if known is None else known
    if names is None:
        return list(known.values())
    for name in names:
        if name not in known:
            raise UsageError(f"output {name!r}: {nearest(name, list(known))}")
    return [known[name] for name in dict.fromkeys(names)]


def band(values: Array, prefix: str = "") -> dict[str, float]:
    """Give mean, median, and the 50, 80 and 95 % bands of values, as a row of a table."""
    shares = [0.5, *(q for level in BANDS for q in ((1 - level) / 2, (1 + level) / 2))]
    cuts = [float(cut) for cut in np.quantile(values, shares)]
    names = ["median", *(f"{end}_{100 * level:g}" for level in BANDS for end in ("low", "high"))]
    return {f"{prefix}mean": float(np.mean(values))} | {
        f"{prefix}{name}": cut for name, cut in zip(names, cuts, strict=True)
    }


def draw_groups(ensemble: Ensemble) -> Array:
    """Give the number of each member's prior draw: members with the same numbers are repeats of one draw."""
    # What a world does not count is missing in every draw, and a missing number equals none, itself included.
    columns = [np.nan_to_num(np.asarray(values, dtype=float)) for _, values in sorted(ensemble.draws.items())]
    if not columns:
        return np.zeros(len(ensemble.total("attacks")), dtype=int)
    _, groups = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    return np.asarray(groups).reshape(-1)
