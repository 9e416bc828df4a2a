"""Which events a visitor asks for: the same selection for the table, the map, the series and the download."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..record._schema import EVENT_KINDS
from ._parameter import Parameter, box, choice, day, flag, text, whole
from ._problem import Problem

if TYPE_CHECKING:
    from ..record._query import FilterOptions

__all__ = ["SELECTION", "Selection"]

SELECTION: tuple[Parameter, ...] = (
    choice("kind", EVENT_KINDS, "Kind of event; any of those given.", is_many=True),
    text("initiator", "Who struck first, as coded; any of those given.", is_many=True),
    text("side", "An actor on either side; any of those given.", is_many=True),
    text("adm0", "Country, ISO 3166 alpha-3; any of those given.", is_many=True),
    text("adm1", "First-order division; any of those given.", is_many=True),
    text("dataset", "Data set; any of those given.", is_many=True),
    day("from", "First day, inclusive: events that end on or after it."),
    day("to", "Last day, inclusive: events that start on or before it."),
    box("bbox", "Only events whose coordinate lies in this box; west > east crosses 180 degrees."),
    whole(
        "precision", "Coarsest geo_precision, 1 exact to 7 unknown; rows that state none are left out.", 1, 7
    ),
    flag("harm", "Only civilian harm: violence against civilians, or civilian deaths stated above 0."),
)


@dataclass(frozen=True)
class Selection:
    """Which events are asked for; every field narrows, several values mean any of them."""

    kind: tuple[str, ...] = ()
    initiator: tuple[str, ...] = ()
    side: tuple[str, ...] = ()
    adm0: tuple[str, ...] = ()
    adm1: tuple[str, ...] = ()
    dataset: tuple[str, ...] = ()
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    bbox: tuple[float, float, float, float] | None = None
    precision: int | None = None
    harm: bool = False

    @staticmethod
    def of(values: Mapping[str, Any]) -> Selection:
        """Make one from the values that `read_query` gave.

        Raises
        ------
        Problem
            400, where the last day is before the first.
        """
        first, last = values["from"], values["to"]
        if first and last and last < first:
            raise Problem(
                400, f"to={last} before from={first}", "to on or after from", "give the earlier day as from"
            )
        given = {name: values[name] for name in ("bbox", "precision", "harm", *_MANY)}
        return Selection(date_from=first, date_to=last, **given)

    def to_dict(self) -> dict[str, Any]:
        """Give what was asked, without what was not: the parameters and their values."""
        found: dict[str, Any] = {name: list(getattr(self, name)) for name in _MANY if getattr(self, name)}
        if self.date_from:
            found["from"] = self.date_from.isoformat()
        if self.date_to:
            found["to"] = self.date_to.isoformat()
        if self.bbox:
            found["bbox"] = ",".join(_degrees(x) for x in self.bbox)
        if self.precision:
            found["precision"] = self.precision
        if self.harm:
            found["harm"] = 1
        return found

    def query(self, **more: Any) -> str:
        """Give the selection as the query of an address; the same selection always gives the same text.

        Examples
        --------
        >>> Selection(kind=("strike", "attack"), precision=2).query(page=3)
        'kind=attack&kind=strike&precision=2&page=3'
        """
        parts = {k: sorted(v) if isinstance(v, list) else v for k, v in self.to_dict().items()}
        return urlencode({**parts, **{k: v for k, v in more.items() if v is not None}}, doseq=True)

    def filters(self) -> FilterOptions:
        """Give the selection as the keyword arguments of `Record.rows` and its like."""
        given: FilterOptions = {"date_from": self.date_from, "date_to": self.date_to, "bbox": self.bbox,
                 "max_geo_precision": self.precision, "civilian_harm": self.harm}  # fmt: skip
        for name in _MANY:
            given[name] = list(getattr(self, name)) or None  # type: ignore[literal-required]
        return given


_MANY = ("kind", "initiator", "side", "adm0", "adm1", "dataset")


def _degrees(x: float) -> str:
    """Write degrees so that they read back as the same number, without an exponent."""
    return f"{x:.15f}".rstrip("0").rstrip(".") if "e" in repr(x) else repr(x).removesuffix(".0")
