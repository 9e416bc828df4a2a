"""One spelling for each actor and first-order division that publishers write in several ways."""

from __future__ import annotations

import re
from functools import lru_cache

from afterstrike.record.layouts._staging import fold, read_table

__all__ = ["canonical_actor", "canonical_adm1"]

_YEARS = re.compile(r"\s*\(\d{4}-(\d{4})?\)")
_DIVISION_WORDS = re.compile(r"_(province|governorate|muhafazah)$")


@lru_cache(maxsize=1)
def _actors() -> dict[str, str | None]:
    return {fold(row["published"]): row["canonical"] or None for row in read_table("actor_names")}


@lru_cache(maxsize=1)
def _divisions() -> dict[str, tuple[str, str]]:
    found = {}
    for row in read_table("adm1_names"):
        for spelling in (row["name"], *row["variants"].split("|")):
            if spelling:
                found[fold(spelling)] = (row["adm0"], row["name"])
    return found


def canonical_actor(published: str | None) -> str | None:
    """Give the canonical name of an actor; an unknown name stays as published, 'Unknown' is None.

    Examples
    --------
    >>> canonical_actor("U.S.-led Coalition"), canonical_actor("Islamic State (Syria)")
    ('US-led coalition', 'IS')
    >>> canonical_actor("Liwa of the Examples"), canonical_actor("Unknown")
    ('Liwa of the Examples', None)
    """
    if not published or not published.strip():
        return None
    name = _YEARS.sub("", published).strip()
    return _actors().get(fold(name), name)


def canonical_adm1(published: str | None) -> tuple[str, str] | None:
    """Give (alpha-3 country, canonical name) of a first-order division, or None where it is not known.

    A text that names more than one division, or more than a division, is not one: None.

    Examples
    --------
    >>> canonical_adm1("NINAWAH "), canonical_adm1("Ninewa")
    (('IRQ', 'Nineveh'), ('IRQ', 'Nineveh'))
    >>> canonical_adm1("on the border of Ninewa & Dahuk") is None
    True
    """
    if not published:
        return None
    return _divisions().get(_DIVISION_WORDS.sub("", fold(published)))
