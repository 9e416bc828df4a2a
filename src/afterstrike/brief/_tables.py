"""The small tables the checks read: phrases and hours, never places or wars written into code."""

from __future__ import annotations

import csv
import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

__all__ = ["Country", "countries", "phrase_pattern", "table"]


@lru_cache(maxsize=8)
def table(name: str) -> dict[str, Any]:
    """Read one table shipped in `brief/tables` by its name without the ending."""
    text = files("afterstrike.brief").joinpath("tables", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


class Country:
    """A country's names as an article may write them."""

    def __init__(self, adm0: str, names: list[str], demonyms: list[str], capitals: list[str]) -> None:
        self.adm0 = adm0
        self.names = names
        self.demonyms = demonyms
        self.capitals = capitals


@lru_cache(maxsize=1)
def countries() -> dict[str, Country]:
    """Give the countries of reading's table by ISO 3166 alpha-3 code."""
    path = files("afterstrike.reading").joinpath("countries.csv")
    found = {}
    with path.open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            split = {
                k: [w for w in (row.get(k) or "").split("|") if w] for k in ("names", "demonyms", "capitals")
            }
            found[row["adm0"]] = Country(row["adm0"], split["names"], split["demonyms"], split["capitals"])
    return found


@lru_cache(maxsize=512)
def phrase_pattern(phrases: tuple[str, ...], *, ignore_case: bool = True) -> re.Pattern[str]:
    """Make one pattern that finds any of the phrases as whole words, longest first."""
    ordered = sorted({p for p in phrases if p}, key=len, reverse=True)
    if not ordered:
        return re.compile(r"(?!)")
    body = "|".join(re.escape(p).replace(r"\ ", r"\s+") for p in ordered)
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)", re.IGNORECASE if ignore_case else 0)
