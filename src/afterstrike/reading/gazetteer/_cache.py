"""The index of places on disk: built once, opened in milliseconds, looked up by key.

A build goes to a temporary file that is renamed into place when it is whole, so a reader never sees a
half-built index and two processes that build at once each end with a good one.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from afterstrike.reading.gazetteer._names import bare, folded, plain, skeletons

__all__ = ["Country", "Hit", "Index", "Place", "keys_of"]

# Written into every index; a change of the tables below or of the keys needs a new number.
FORMAT = "7"

_SCHEMA = """
CREATE TABLE place (id INTEGER PRIMARY KEY, gazetteer TEXT, gazetteer_id TEXT, name TEXT, lat REAL, lon REAL,
    adm0 TEXT, adm1 TEXT, adm1_code TEXT, population INTEGER, feature TEXT, geo_precision INTEGER,
    timezone TEXT);
CREATE TABLE name_key (key TEXT, place INTEGER, name TEXT, is_primary INTEGER,
    PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TABLE country (adm0 TEXT PRIMARY KEY, name TEXT, capital TEXT, timezone TEXT, neighbours TEXT);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
"""


_PLACE_COLUMNS = (
    "gazetteer", "gazetteer_id", "name", "lat", "lon", "adm0", "adm1", "adm1_code", "population", "feature",
    "geo_precision", "timezone",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One row of a gazetteer. `geo_precision` is the finest an event placed by this row can have."""

    name: str
    names: tuple[str, ...]  # every spelling, the first one included or not
    lat: float | None
    lon: float | None
    adm0: str | None
    adm1: str | None
    adm1_code: str | None
    population: int | None
    feature: str
    geo_precision: int
    gazetteer: str
    gazetteer_id: str
    timezone: str | None = None
    by_sound: bool = True  # also found by how it sounds: other transliterations, consonant skeleton


@dataclass(frozen=True)
class Country:
    """A country as the gazetteer knows it; neighbours are ISO alpha-3 codes."""

    adm0: str
    name: str
    capital: str | None
    timezone: str | None
    neighbours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A place found under a key, by which of its spellings."""

    spelling: str
    is_primary: bool
    name: str
    lat: float | None
    lon: float | None
    adm0: str | None
    adm1: str | None
    adm1_code: str | None
    population: int | None
    feature: str
    geo_precision: int
    gazetteer: str
    gazetteer_id: str
    timezone: str | None


_HIT_SQL = """SELECT k.key, k.name, k.is_primary, p.name, p.lat, p.lon, p.adm0, p.adm1, p.adm1_code,
    p.population, p.feature, p.geo_precision, p.gazetteer, p.gazetteer_id, p.timezone
    FROM name_key k JOIN place p ON p.id = k.place WHERE k.key IN ({marks}) ORDER BY k.key, p.id"""


def keys_of(name: str, *, by_sound: bool = True) -> list[str]:
    """Give the keys a name is stored under.

    The first letter says which kind: p(lain), b(are), f(olded), s(keleton).
    A bare key equal to the plain one is left out: look under both `b` and `p` of the bare name.
    """
    plain_name, bare_name = plain(name), bare(name)
    keys = ["p" + plain_name]
    if bare_name != plain_name:
        keys.append("b" + bare_name)
    if by_sound:
        keys.append("f" + folded(name))
        keys += ["s" + skeleton for skeleton in skeletons(name)]
    return [key for key in keys if len(key) > 1]


class Index:
    """A read-only index of places.

    Make one with `Index.in_memory` (a small user file) or `Index.cached` (anything large).
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        # One connection serves all threads of a process; SQLite calls are short.
        self._lock = threading.Lock()

    @classmethod
    def in_memory(cls, places: Iterable[Place]) -> Index:
        """Build an index that lives only in this process."""
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        _fill(connection, places, ())
        return cls(connection)

    @classmethod
    def cached(cls, path: Path, load: Callable[[], tuple[Iterable[Place], Iterable[Country]]]) -> Index:
        """Open the index at `path`; build it from `load()` where it is absent, damaged or of another make."""
        index = cls._open(path)
        if index is None:
            places, countries = load()
            _write(path, places, countries)
            index = cls._open(path)
        if index is None:
            # The disk took the bytes but does not give them back: do without it.
            places, countries = load()
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            _fill(connection, places, countries)
            index = cls(connection)
        return index

    @classmethod
    def _open(cls, path: Path) -> Index | None:
        if not path.is_file():
            return None
        connection = None
        try:
            connection = sqlite3.connect(
                path.absolute().as_uri() + "?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            found = dict(connection.execute("SELECT key, value FROM meta").fetchall())
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            size = connection.execute("PRAGMA page_size").fetchone()[0]
            if (
                found.get("format") == FORMAT
                and found.get("whole") == "yes"
                and pages * size == path.stat().st_size
            ):
                return cls(connection)
        except (sqlite3.Error, OSError):
            pass
        if connection is not None:
            connection.close()
        return None

    def find(self, keys: Sequence[str]) -> dict[str, list[Hit]]:
        """Give the places under each key; a key without places is absent."""
        found: dict[str, list[Hit]] = {}
        for start in range(0, len(keys), 500):
            chunk = list(dict.fromkeys(keys[start : start + 500]))
            sql = _HIT_SQL.format(marks=",".join("?" * len(chunk)))
            for key, spelling, is_primary, *rest in self._rows(sql, chunk):
                found.setdefault(key, []).append(Hit(spelling, bool(is_primary), *rest))
        return found

    def names(self, adm0: str | None) -> list[str]:
        """Give every spelling in the index, of one country or of all."""
        sql = "SELECT DISTINCT k.name FROM name_key k"
        if adm0 is not None:
            rows = self._rows(sql + " JOIN place p ON p.id = k.place WHERE p.adm0 = ? ORDER BY 1", [adm0])
        else:
            rows = self._rows(sql + " ORDER BY 1", [])
        return [name for (name,) in rows]

    def countries(self) -> dict[str, Country]:
        """Give the countries by ISO alpha-3 code."""
        rows = self._rows("SELECT adm0, name, capital, timezone, neighbours FROM country", [])
        return {a: Country(a, n, c, t, tuple(b.split())) for a, n, c, t, b in rows}

    def centre_of(self, adm0: str, adm1_code: str) -> tuple[float, float] | None:
        """Give the mean position of the places of a first-order division."""
        rows = self._rows(
            "SELECT avg(lat), avg(lon) FROM place WHERE adm0 = ? AND adm1_code = ?", [adm0, adm1_code]
        )
        lat, lon = rows[0]
        return None if lat is None or lon is None else (lat, lon)

    def around(self, lat: float, lon: float, degrees: float = 1.0) -> list[tuple[float, float, str]]:
        """Give latitude, longitude and time zone of the places in a box around a point."""
        box = [lat - degrees, lat + degrees, lon - degrees, lon + degrees]
        return self._rows(
            "SELECT lat, lon, timezone FROM place WHERE lat BETWEEN ? AND ? AND lon BETWEEN ? AND ? "
            "AND timezone IS NOT NULL",
            box,
        )

    def divisions_near(self, lat: float, lon: float) -> tuple[str, str | None, str | None] | None:
        """Give country, division name and division code of the nearest place within about 50 km."""
        rows = self._rows(
            "SELECT adm0, adm1, adm1_code FROM place WHERE lat BETWEEN ? AND ? AND lon BETWEEN ? AND ? "
            "AND adm0 IS NOT NULL ORDER BY (lat - ?) * (lat - ?) + (lon - ?) * (lon - ?) LIMIT 1",
            [lat - 0.5, lat + 0.5, lon - 0.5, lon + 0.5, lat, lat, lon, lon],
        )
        return rows[0] if rows else None

    def _rows(self, sql: str, values: Sequence[object]) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock:
            return self._connection.execute(sql, list(values)).fetchall()


def _write(path: Path, places: Iterable[Place], countries: Iterable[Country]) -> None:
    """Build the index beside `path` and rename it into place."""
    handle, name = tempfile.mkstemp(prefix=path.stem + "-", suffix=".part", dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        with closing(sqlite3.connect(part)) as connection:
            # The file is thrown away if anything stops the build, so SQLite needs no journal of its own.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            _fill(connection, places, countries)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


_PLACE_VALUES = attrgetter(*_PLACE_COLUMNS)


def _fill(connection: sqlite3.Connection, places: Iterable[Place], countries: Iterable[Country]) -> None:
    connection.executescript(_SCHEMA)
    rows: list[tuple[object, ...]] = []
    keys: list[tuple[str, int, str, int]] = []
    for number, place in enumerate(places, start=1):
        rows.append((number, *_PLACE_VALUES(place)))
        keys += _keys_of_place(number, place)
        if len(rows) >= 500_000:
            _flush(connection, rows, keys)
    _flush(connection, rows, keys)
    connection.execute("CREATE INDEX place_lat ON place (lat)")
    connection.execute("CREATE INDEX place_adm ON place (adm0, adm1_code)")
    connection.executemany(
        "INSERT INTO country VALUES (?, ?, ?, ?, ?)",
        [(c.adm0, c.name, c.capital, c.timezone, " ".join(c.neighbours)) for c in countries],
    )
    connection.executemany("INSERT INTO meta VALUES (?, ?)", [("format", FORMAT), ("whole", "yes")])
    connection.commit()


def _keys_of_place(number: int, place: Place) -> list[tuple[str, int, str, int]]:
    """Give one row for each key; a key that several spellings share keeps the first, the main name's."""
    found: dict[str, tuple[str, int, str, int]] = {}
    for name in dict.fromkeys((place.name, *place.names)):
        for key in keys_of(name, by_sound=place.by_sound):
            if key not in found:
                found[key] = (key, number, name, int(name == place.name))
    return list(found.values())


def _flush(
    connection: sqlite3.Connection, rows: list[tuple[object, ...]], keys: list[tuple[str, int, str, int]]
) -> None:
    # Sorted keys go into the tree in order, which is several times faster than at random.
    keys.sort()
    connection.executemany(f"INSERT INTO place VALUES ({','.join('?' * 13)})", rows)
    connection.executemany("INSERT OR IGNORE INTO name_key VALUES (?, ?, ?, ?)", keys)
    rows.clear()
    keys.clear()
