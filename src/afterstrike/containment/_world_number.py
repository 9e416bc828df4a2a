"""Reads one number of a world: its range, its shape, its unit and its source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, cast, get_args

from ._parameters import Parameter
from ._quantity import DISTRIBUTIONS, KINDS, Distribution, Kind, Quantity
from ._world_faults import Faults, Path_, did_you_mean, shown
from ._world_fields import day, find_figure, is_number, keys_of, text_of

__all__ = ["ASSUMED", "read_quantity"]

ASSUMED = "scenario assumption"
_FIELDS = ("low", "high", "median", "distribution", "unit", "kind", "source", "source_url", "as_of", "note",
           "figure", "claimed_by_article")  # fmt: skip
_DAYS = {"month": 30.4375, "year": 365.25, "day": 1.0}
_UNITS = {"people": "persons"}


def read_quantity(
    name: str, row: Mapping[str, Any], parameter: Parameter, path: Path_, faults: Faults, as_of: date | None
) -> Quantity | None:
    """Read and check one number; None where it has faults. `as_of` is the world's day, None for a default."""
    before = len(faults.found)
    keys = keys_of(row, _FIELDS, path, faults)
    low, high, median = _points(keys, parameter, path, faults)
    unit = text_of(keys, "unit", path, faults)
    if unit and unit != parameter.unit:
        faults.say(
            (*path, "unit"), f"the unit is {shown(unit)}, but {parameter.name} is in {parameter.unit!r}"
        )
    distribution = _distribution(keys, parameter, low, high, path, faults)
    kind = keys.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        what = "is missing" if kind is None else f"is {shown(kind)}"
        told = ", ".join(f"{key} ({words})" for key, words in KINDS.items())
        faults.say((*path, "kind") if "kind" in keys else path, f"kind {what}; allowed are {told}")
        kind = None
    claimed = keys.get("claimed_by_article", False)
    if not isinstance(claimed, bool):
        faults.say(
            (*path, "claimed_by_article"), f"claimed_by_article is {shown(claimed)}; it is true or false"
        )
    figure = None
    if "figure" in keys:
        figure = find_figure(text_of(keys, "figure", path, faults), (*path, "figure"), faults)
    if figure and len(faults.found) == before:
        _check_figure(figure, low, high, parameter, (*path, "figure"), faults)
    when = day(keys, "as_of", path, faults) or (figure.period_end if figure else None)
    if when and when > (as_of or date.today()):
        limit = f"the world's own day, {as_of}" if as_of else "today"
        faults.say((*path, "as_of"), f"{when} is after {limit}; a world knows nothing of later days")
    source, url = _source(keys, figure, kind, path, faults)
    if len(faults.found) > before:
        return None
    return Quantity(
        name=name,
        low=low,
        high=high,
        median=median,
        distribution=distribution,
        unit=unit,
        kind=cast(Kind, kind),
        source=source,
        source_url=url,
        as_of=when,
        note=text_of(keys, "note", path, faults, default=""),
        figure=figure.figure_id if figure else "",
        claimed_by_article=claimed,
        minimum=parameter.minimum,
        maximum=parameter.maximum,
    )


def _points(
    keys: Mapping[str, Any], parameter: Parameter, path: Path_, faults: Faults
) -> tuple[float, float, float | None]:
    """Give low, high and median, in order and within the bounds; nan where one is no number, a fault told here."""
    found: dict[str, float] = {}
    for name in ("low", "high", "median"):
        if name not in keys:
            if name != "median":
                faults.say(
                    path, f"{name} is missing; low and high are the 5 % and 95 % points, equal if it is fixed"
                )
            continue
        value = keys[name]
        if not is_number(value):
            faults.say((*path, name), f"{name} is {shown(value)}; it is a finite number")
            continue
        found[name] = float(value)
        if value < parameter.minimum:
            faults.say(
                (*path, name),
                f"{name} is {value:g}, below {parameter.minimum:g}, the least that is possible here",
            )
        if value > parameter.maximum:
            faults.say(
                (*path, name),
                f"{name} is {value:g}, above {parameter.maximum:g}, the most that is possible here",
            )
    low, high, median = found.get("low", math.nan), found.get("high", math.nan), found.get("median")
    if not math.isnan(low + high):
        if low > high:
            faults.say((*path, "low"), f"low is {low:g}, above high, {high:g}; give the smaller one first")
        elif median is not None and not low <= median <= high:
            faults.say((*path, "median"), f"median is {median:g}, outside {low:g} to {high:g}")
    return low, high, median


def _distribution(
    keys: Mapping[str, Any], parameter: Parameter, low: float, high: float, path: Path_, faults: Faults
) -> Distribution:
    """Give the shape: as stated, fixed where low equals high, else the parameter's own."""
    usual = "fixed" if low == high else parameter.distribution  # nan equals nothing
    value = keys.get("distribution", usual)
    place = (*path, "distribution") if "distribution" in keys else path
    if value not in DISTRIBUTIONS:
        hint = did_you_mean(value, DISTRIBUTIONS) if isinstance(value, str) else ""
        faults.say(
            place, f"distribution is {shown(value)}{hint}; allowed are {', '.join(get_args(Distribution))}"
        )
        return parameter.distribution
    if math.isnan(low + high):
        return cast(Distribution, value)
    if value == "fixed" and low != high:
        faults.say(place, f"the distribution is fixed, but low is {low:g} and high {high:g}; make them equal")
    elif value != "fixed" and low == high:
        faults.say(place, f'low and high are both {low:g}; then the distribution is "fixed"')
    elif value == "lognormal" and low <= 0:
        faults.say(
            place, f"a lognormal number is above 0, but low is {low:g}; raise it, or use uniform or normal"
        )
    elif value == "logit_normal" and not (low > 0 and high < 1):
        faults.say(
            place, f"a logit_normal number lies between 0 and 1, but got {low:g} to {high:g}; or use uniform"
        )
    return cast(Distribution, value)


def _source(
    keys: Mapping[str, Any], figure: Any, kind: str | None, path: Path_, faults: Faults
) -> tuple[str, str]:
    """Give who states the number and where; a figure brings its own."""
    if figure:
        given = [name for name in ("source", "source_url") if name in keys]
        if given:
            faults.say(
                (*path, given[0]),
                f"{given[0]} is given beside figure; the figure brings its own, leave it out",
            )
        by = (
            figure.source
            if figure.origin == figure.source
            else f"{figure.origin}, as given by {figure.source}"
        )
        return by, figure.source_url or ""
    if "source" not in keys:
        faults.say(
            path,
            f'source is missing; name who states it, or a figure, or write kind = "S", source = "{ASSUMED}"',
        )
        return "", ""
    source = text_of(keys, "source", path, faults)
    is_odd = (kind == "S") != (source.casefold() == ASSUMED)
    if kind and is_odd and not keys.get("claimed_by_article"):
        faults.say(
            (*path, "source"),
            f'kind is {kind} and source is {shown(source)}; what no source states is kind "S" with source "{ASSUMED}", '
            "what one states is D or L",
        )
    if kind == "S" and not keys.get("note"):
        faults.say(path, "note is missing; an assumption says why it has this range")
    return source, text_of(keys, "source_url", path, faults, default="")


def _check_figure(
    figure: Any, low: float, high: float, parameter: Parameter, path: Path_, faults: Faults
) -> None:
    """The figure is in the same unit, a count of a period made a rate where needed, and lies within the range."""
    unit = _UNITS.get(figure.unit, figure.unit)
    what, _, per = parameter.unit.partition("/")
    values = [figure.low, figure.high] if figure.value is None else [figure.value]
    if unit == what and per in _DAYS:
        days = (figure.period_end - figure.period_start).days + 1
        values = [value * _DAYS[per] / days for value in values]
    elif unit != parameter.unit:
        faults.say(path, f"the figure is in {figure.unit!r}, but {parameter.name} is in {parameter.unit!r}")
        return
    if not all(low * (1 - 1e-9) <= value <= high * (1 + 1e-9) for value in values):
        told = " to ".join(f"{value:g}" for value in values)
        faults.say(path, f"the figure is {told} {parameter.unit}, outside low to high, {low:g} to {high:g}")
