"""A world: the state of custody, camps, fighters and strikes on one day, every number with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from afterstrike.errors import UsageError

from ._parameters import NAMES, Scope, parameters
from ._quantity import Array, Quantity

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Place", "World", "WorldClaim", "WorldEvent", "load_world", "world_text", "worlds"]

_COLUMNS = ("name", "low", "median", "high", "unit", "kind", "as_of", "source", "source_url", "note", "figure",
            "distribution", "group", "is_own", "claimed_by_article")  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A zone, a custody system or a camp; `zone` is where it lies: "" for zones and outside all zones."""

    id: str
    name: str
    zone: str = ""


@dataclass(frozen=True)
class WorldEvent:
    """Something that happened, with its source. After the world's day it is not in the world's numbers."""

    date: date
    what: str
    source: str
    source_url: str = ""


@dataclass(frozen=True)
class WorldClaim:
    """What an article claims, beside what was published; shown, and never a number of the model.

    `published` holds the shipped figures it is set against, each as one line of words with its source.
    """

    what: str
    claimed: str
    published: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class World:
    """A dated state of things, aggregate by zone, with a source for every number.

    Attributes
    ----------
    name, title, note : str
        The short name, one line, and what to know before use.
    as_of : date
        The day the world describes.
    zones, systems, camps : tuple of Place
        Zones; custody systems; camps.
    seams : tuple of (str, str)
        Pairs of zone ids that border each other.
    numbers : mapping of str to Quantity
        Every number by its full name: the world's own, else the default. What is neither stated nor has a
        default is not in it.
    own : frozenset of str
        Names that the world itself sets.
    events : tuple of WorldEvent
        What led here and what changed since, oldest first.
    claims : tuple of WorldClaim
        An article's claims beside what was published.
    sha256 : str
        Hash of the file.
    areas : tuple of str
        Countries the zones lie in, ISO 3166 codes of three letters; () where the file names none.
    group : str
        The armed group whose fighters are counted, by its short name in the actor table of `reading`; "" where the
        file names none.

    Examples
    --------
    >>> world = load_world("feb2026")
    >>> world.as_of.isoformat(), len(world.zones)
    ('2026-02-13', 4)
    """

    name: str
    title: str
    as_of: date
    note: str
    zones: tuple[Place, ...]
    systems: tuple[Place, ...]
    camps: tuple[Place, ...]
    seams: tuple[tuple[str, str], ...]
    numbers: Mapping[str, Quantity]
    own: frozenset[str]
    events: tuple[WorldEvent, ...]
    sha256: str
    claims: tuple[WorldClaim, ...] = ()
    areas: tuple[str, ...] = ()
    group: str = ""

    def places(self, scope: Scope) -> tuple[str, ...]:
        """Give the ids that numbers of a scope end in: zones, systems, camps, or seams as "a/b"."""
        if scope == "seam":
            return tuple(f"{a}/{b}" for a, b in self.seams)
        found = {"zone": self.zones, "custody": self.systems, "camp": self.camps, "world": ()}[scope]
        return tuple(place.id for place in found)

    def draw(self, members: int, *, seed: int = 0) -> dict[str, Array]:
        """Draw every number once for each member of an ensemble.

        Parameters
        ----------
        members : int
            How many, at least 1.
        seed : int
            Same seed, same draws. Each name has its own stream, so a number that two worlds share is drawn at
            the same fraction of its range in both.

        Returns
        -------
        dict of str to array of shape (members,)
            By full name. Shares of fighters are divided by their sum over zones, the
            shares of ages in a camp by theirs where it passes one. An optional number that the
            world leaves out is nan.
        """
        from ._draws import uniforms

        if members < 1:
            raise UsageError(f"got {members} members; allowed is 1 or more")
        drawn: dict[str, Array] = {}
        for name in full_names(self):
            number = self.numbers.get(name)
            if number is None:
                drawn[name] = np.full(members, np.nan)
            else:
                drawn[name] = number.quantile(uniforms(seed, members, name))
        self._share_out([f"fighters_share.{zone.id}" for zone in self.zones], drawn, least=0.0)
        for camp in self.camps:
            ages = [f"camp_under12_share.{camp.id}", f"camp_12to17_share.{camp.id}"]
            self._share_out(ages, drawn, least=1.0)
        return drawn

    @staticmethod
    def _share_out(names: list[str], drawn: dict[str, Array], *, least: float) -> None:
        """Divide shares by their sum where that is above `least`."""
        total = np.sum([drawn[name] for name in names], axis=0)
        divisor = np.where(total > least, total, 1.0)
        drawn.update({name: drawn[name] / divisor for name in names})

    def age_days(self, today: date) -> int:
        """Give how many days before `today` the world's day lies."""
        return (today - self.as_of).days

    def stamp(self, today: date) -> str:
        """Give the words that every output carries: which world, of which day, how old.

        Examples
        --------
        >>> load_world("feb2026").stamp(date(2026, 2, 23))
        'world feb2026, as of 13 February 2026 (10 days before this run)'
        """
        age = self.age_days(today)
        days = "the day of this run" if age == 0 else f"{age:,} day{'' if age == 1 else 's'} before this run"
        return f"world {self.name}, as of {self.as_of.day} {self.as_of:%B %Y} ({days})"

    def to_frame(self) -> DataFrame:
        """Give one row a number. `median` is the 50 % point of the distribution, stated or not.

        Returns
        -------
        pandas.DataFrame
            name, low, median, high, unit, kind, as_of, source, source_url, note, figure, distribution, group,
            is_own, claimed_by_article.
        """
        import pandas as pd

        known = parameters()
        rows: list[tuple[Any, ...]] = [
            (n.name, n.low, n.middle, n.high, n.unit, n.kind, n.as_of, n.source, n.source_url, n.note, n.figure,
             n.distribution, known[n.name.partition(".")[0]].group, n.name in self.own, n.claimed_by_article)
            for n in self.numbers.values()
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(_COLUMNS))

    def __repr__(self) -> str:
        return f"World({self.name!r}, as_of={self.as_of}, {len(self.own)} numbers of its own)"


def full_names(world: World) -> tuple[str, ...]:
    """Give the full name of every number the model needs in this world, in the order of the layout."""
    names: list[str] = []
    for scope, bare in NAMES.items():
        for name in bare:
            names.extend([name] if scope == "world" else [f"{name}.{place}" for place in world.places(scope)])
    return tuple(names)


def worlds() -> tuple[str, ...]:
    """Give the names of the worlds that ship with the package.

    Examples
    --------
    >>> worlds()
    ('article', 'feb2026', 'mid2024')
    """
    folder = files(__package__).joinpath("worlds")
    return tuple(sorted(Path(one.name).stem for one in folder.iterdir() if one.name.endswith(".toml")))


def shipped_body(name: str) -> bytes:
    """Give the bytes of a shipped world's file."""
    return files(__package__).joinpath("worlds", f"{name}.toml").read_bytes()


def load_world(name_or_path: str | Path | World) -> World:
    """Load a world and check it.

    Parameters
    ----------
    name_or_path : str, Path or World
        One of `worlds()`, or the path of a TOML file as docs/worlds.md describes. A World is given back.

    Returns
    -------
    World

    Raises
    ------
    UsageError
        When there is no such world, or the file has faults; all of them are named, with their places.

    Examples
    --------
    >>> load_world("mid2024").numbers["detained.ne_syria"].figure
    'is_detainees.SYR.2024-07-16'
    """
    from ._world_read import read_world

    return name_or_path if isinstance(name_or_path, World) else read_world(*_body(name_or_path))


def world_text(name_or_path: str | Path) -> str:
    """Give the TOML of a world as it is written, to begin another one from.

    Raises
    ------
    UsageError
        When there is no such world, or it has faults.

    Examples
    --------
    >>> world_text("feb2026").splitlines()[2]
    'as_of = 2026-02-13'
    """
    from ._world_read import read_world

    body, where = _body(name_or_path)
    read_world(body, where)
    return body.decode("utf-8-sig")


def _body(name_or_path: str | Path) -> tuple[bytes, str]:
    """Give the bytes of a world's file, and what to call it in messages."""
    from ._world_faults import did_you_mean

    name = str(name_or_path)
    if isinstance(name_or_path, str) and name in worlds():
        return shipped_body(name), name
    path = Path(name_or_path)
    try:
        is_there = path.exists()
    except (OSError, ValueError):  # a name too long for a path, or with a zero byte
        is_there = False
    if not is_there:
        raise UsageError(
            f"got the world {name[:80]!r}{did_you_mean(name[:80], worlds())}; shipped are {', '.join(worlds())}, "
            "or give the path of a TOML file"
        )
    try:
        with path.open("rb") as stream:
            return stream.read(1_000_001), str(path)
    except OSError as problem:
        raise UsageError(f"{path} cannot be read ({problem.strerror}); give a TOML file") from None
