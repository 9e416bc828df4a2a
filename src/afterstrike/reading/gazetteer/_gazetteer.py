"""The gazetteer: from a place as a report names it to a place on the map, or to an honest "not resolved"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from afterstrike.reading.gazetteer._answer import PlaceQuery, Resolution
from afterstrike.reading.gazetteer._cache import Country, Hit, Index
from afterstrike.reading.gazetteer._lookup import Lookup, close_keys
from afterstrike.reading.gazetteer._names import plain
from afterstrike.reading.gazetteer._phrase import parse, tidy
from afterstrike.reading.gazetteer._rank import Candidate, Context, distance_km, rank
from afterstrike.reading.gazetteer._resolve import NOWHERE, Resolver
from afterstrike.reading.gazetteer._shipped import country_of, shipped_index

__all__ = ["Gazetteer", "default_gazetteer", "timezone_of"]


class Gazetteer:
    """Places from the package and from the user's own files; the user's win.

    Examples
    --------
    >>> gazetteer = default_gazetteer()
    >>> answer = gazetteer.resolve(PlaceQuery("الرقة", adm0="SYR"))
    >>> answer.name, answer.geo_precision, answer.gazetteer_id
    ('Ar Raqqah', 1, '172955')
    >>> gazetteer.resolve("Tripoli").reason.split(":")[0]
    'ambiguous'
    """

    def __init__(self, shipped: Index | None = None, users: Sequence[Index] = ()) -> None:
        self._shipped = shipped or shipped_index()
        self._users = tuple(users)
        self._countries: Mapping[str, Country] = self._shipped.countries()
        self._lookup = Lookup(self._shipped, self._users)
        self._answers = lru_cache(maxsize=20_000)(Resolver(self._lookup, self._countries).resolve)

    def add(self, path: str | Path) -> Gazetteer:
        """Give a gazetteer that also holds the places of a file; its rows win over the shipped ones.

        Parameters
        ----------
        path
            A CSV, JSON, JSON Lines or GeoNames tab-separated file of places, plain or gzipped.

        Raises
        ------
        SourceError
            The file cannot be read, or holds no places that are understood.
        """
        from afterstrike.reading.gazetteer._user import load_user_index

        return Gazetteer(self._shipped, (load_user_index(Path(path), self._shipped), *self._users))

    def resolve(self, query: PlaceQuery | str) -> Resolution:
        """Resolve one place name; see `resolve_many`."""
        return self.resolve_many([query])[0]

    def resolve_many(self, queries: Iterable[PlaceQuery | str]) -> list[Resolution]:
        """Resolve place names, in order.

        Returns
        -------
        list[Resolution]
            One answer a query. Bad input (an empty name, an unknown country) gives an unresolved answer.
        """
        asked = [self._normal(q if isinstance(q, PlaceQuery) else PlaceQuery(q)) for q in queries]
        self._lookup.fetch(key for query in dict.fromkeys(asked) for key in _first_keys(query.name))
        return [self._answers(query) for query in asked]

    def lookup_exact(self, keys: Iterable[str]) -> dict[str, list[Candidate]]:
        """Give the places each text names, case, marks and articles aside; a text without any is absent."""
        texts = list(dict.fromkeys(keys))
        self._lookup.fetch(k for text in texts for k in close_keys(text))
        found = {text: rank(text, self._lookup.found(close_keys(text)), Context()) for text in texts}
        return {text: candidates for text, candidates in found.items() if candidates}

    def namesakes(self, names: Iterable[str]) -> dict[str, list[Hit]]:
        """Give every place of each name, case, marks and articles aside, in no order; all in one look-up."""
        keys = {name: close_keys(name) for name in names}
        self._lookup.fetch(key for some in keys.values() for key in some)
        found = {}
        for name, some in keys.items():
            hits = {(h.gazetteer, h.gazetteer_id): h for _, _, h in self._lookup.found(some)}
            if hits:
                found[name] = list(hits.values())
        return found

    def contains_name(self, text: str) -> bool:
        """Say whether a text is the name of a place or country here, but for case, marks and articles."""
        if len(plain(text)) < 2:
            return False
        return country_of(text) is not None or bool(self.lookup_exact([text]))

    def names(self, adm0: str | None = None) -> list[str]:
        """Give every spelling of every place, of one country (ISO alpha-3) or of all."""
        return sorted({name for index in (*self._users, self._shipped) for name in index.names(adm0)})

    def country(self, adm0: str) -> Country | None:
        """Give what is known of a country by its ISO alpha-3 code."""
        return self._countries.get(adm0)

    def timezone_of(
        self, lat: float | None = None, lon: float | None = None, *, adm0: str | None = None
    ) -> str | None:
        """Give the IANA time zone at a point (of the nearest place within some 100 km), else of a country.

        A country's zone is its capital's. None where neither is known.
        """
        if lat is not None and lon is not None:
            near = [(distance_km(lat, lon, a, b), zone) for a, b, zone in self._shipped.around(lat, lon)]
            if near:
                return min(near)[1]
        country = self._countries.get(country_of(adm0) or adm0) if adm0 else None
        return country.timezone if country else None

    def _normal(self, query: PlaceQuery) -> PlaceQuery:
        """Bring the context into codes; words that name no country count as no context."""
        adm0 = country_of(query.adm0) if query.adm0 else None
        adm1 = query.adm1 if query.adm1 and plain(query.adm1) not in NOWHERE else None
        return replace(query, name=query.name or "", adm0=adm0, adm1=adm1)


def _first_keys(name: str) -> list[str]:
    """Give the keys that an answer to this name will look under first."""
    phrase = parse(name)
    texts = [tidy(name), *phrase.names]
    for larger in phrase.within:
        texts += parse(larger).names
    return [key for text in texts for key in close_keys(text)]


@lru_cache(maxsize=8)
def _gazetteer(extra: tuple[tuple[str, int, int], ...]) -> Gazetteer:
    gazetteer = Gazetteer()
    for path, _, _ in reversed(extra):
        gazetteer = gazetteer.add(path)
    return gazetteer


def default_gazetteer(extra: Sequence[str | Path] = ()) -> Gazetteer:
    """Give the shipped gazetteer with the user's files added, one object a process for the same files.

    Parameters
    ----------
    extra
        Files of places, the most trusted first; see `Gazetteer.add`.

    Raises
    ------
    SourceError
        A file cannot be read, or holds no places that are understood.
    """
    stamped = []
    for path in map(Path, extra):
        # A file that changed since is read again.
        state = path.stat() if path.is_file() else None
        stamped.append((str(path), state.st_size if state else -1, state.st_mtime_ns if state else -1))
    return _gazetteer(tuple(stamped))


def timezone_of(lat: float | None = None, lon: float | None = None, *, adm0: str | None = None) -> str | None:
    """Give the IANA time zone at a point, else that of a country's capital; see `Gazetteer.timezone_of`.

    Examples
    --------
    >>> timezone_of(adm0="SYR"), timezone_of(adm0="USA"), timezone_of(36.34, 43.13)
    ('Asia/Damascus', 'America/New_York', 'Asia/Baghdad')
    """
    return default_gazetteer().timezone_of(lat, lon, adm0=adm0)
