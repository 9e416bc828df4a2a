"""The tables that ship with the package: figures with their sources, dated facts, series, outline.

Read with the standard library only, so that a brief starts fast. See README.md for sources and licences.
"""

from __future__ import annotations

from ._load import (
    areas,
    closest_measures,
    facts,
    figures,
    hashes,
    matching_measures,
    measures,
    outline,
    series,
    series_names,
    simulated_path,
)
from ._model import Area, Fact, Figure, Measure, Series, SeriesRow

__all__ = [
    "Area",
    "Fact",
    "Figure",
    "Measure",
    "Series",
    "SeriesRow",
    "areas",
    "closest_measures",
    "facts",
    "figures",
    "hashes",
    "matching_measures",
    "measures",
    "outline",
    "series",
    "series_names",
    "simulated_path",
]
