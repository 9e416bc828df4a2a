"""The gazetteer: from a place as a report names it to a place on the map, or to an honest "not resolved"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from afterstrike.reading.gazetteer._cache import Country, Hit, Index, keys_of
from afterstrike.reading.gazetteer._names import bare, plain
from afterstrike.reading.gazetteer._phrase import Phrase, parse, tidy
from afterstrike.reading.gazetteer._rank import SAME_PLACE_KM, Candidate, Context, distance_km, rank, rivals
from afterstrike.reading.gazetteer._shipped import country_of, division_of, shipped_index

__all__ = ["Gazetteer", "PlaceQuery", "Resolution", "default_gazetteer", "timezone_of"]

# What a shown answer carries at most; more would only be noise.
_SHOWN = 8
# A place this far from the centre of the division that the report names is another place.
_FAR_FROM_DIVISION_KM = 150.0
_NOWHERE = frozenset(
    {
        "",
        "unknown",
        "not specified",
        "unspecified",
        "various",
        "multiple",
        "undisclosed",
        "n a",
        "nd",
        "none",
        "غير معروف",
        "غير محدد",
    }
)


@dataclass(frozen=True)
class PlaceQuery:
    """A place name and what is known beside it.

    `adm0` is an ISO alpha-3 code or a country's name, `adm1` the name of a first-order division, `near` a
    point (latitude, longitude) in degrees that the place is thought to be close to.
    """

    name: str
    adm0: str | None = None
    adm1: str | None = None
    near: tuple[float, float] | None = None


@dataclass(frozen=True)
class Resolution:
    """The answer to one query. Where it is not resolved, `lat`, `lon` and `name` are None and `reason` says why.

    A country is an answer without a point: `name` and `adm0` are set, `geo_precision` is 6.
    """

    query: PlaceQuery
    name: str | None
    lat: float | None
    lon: float | None
    geo_precision: int | None
    adm0: str | None
    adm1: str | None
    gazetteer: str | None
    gazetteer_id: str | None
    candidates: tuple[Candidate, ...]
    reason: str

    @property
    def is_resolved(self) -> bool:
        """Say whether the answer is a point."""
        return self.lat is not None


class Gazetteer:
    """Places from the package and from the user's own files; the user's win.

    Examples
    --------
    >>> gazetteer = default_gazetteer()
    >>> answer = gazetteer.resolve(PlaceQuery("الرقة", adm0="SYR"))
    >>> answer.name, answer.geo_precision, answer.gazetteer_id
    ('Ar Raqqah', 1, '169577')
    >>> gazetteer.resolve("Tripoli").reason.split(":")[0]
    'ambiguous'
    """

    def __init__(self, shipped: Index | None = None, users: Sequence[Index] = ()) -> None:
        self._shipped = shipped or shipped_index()
        self._users = tuple(users)
        self._countries: Mapping[str, Country] = self._shipped.countries()
        self._hits: dict[str, list[tuple[bool, Hit]]] = {}
        self._answers = lru_cache(maxsize=20_000)(self._resolve)

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
        self._fetch(key for query in dict.fromkeys(asked) for key in _first_keys(query.name))
        return [self._answers(query) for query in asked]

    def lookup_exact(self, keys: Iterable[str]) -> dict[str, list[Candidate]]:
        """Give the places whose name or alias equals each text but for case, marks and articles; absent if none."""
        texts = list(dict.fromkeys(keys))
        self._fetch(k for text in texts for k in _close_keys(text))
        found = {text: rank(text, self._found(_close_keys(text)), Context()) for text in texts}
        return {text: candidates for text, candidates in found.items() if candidates}

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
        """Give the IANA time zone at a point (that of the nearest place within about 100 km), else of a country.

        A country's zone is its capital's. None where neither is known.
        """
        if lat is not None and lon is not None:
            near = [(distance_km(lat, lon, a, b), zone) for a, b, zone in self._shipped.around(lat, lon)]
            if near:
                return min(near)[1]
        country = self._countries.get(country_of(adm0) or adm0) if adm0 else None
        return country.timezone if country else None

    # -- how an answer is found ------------------------------------------------------------------------

    def _normal(self, query: PlaceQuery) -> PlaceQuery:
        """Bring the context into codes; words that name no country count as no context."""
        adm0 = country_of(query.adm0) if query.adm0 else None
        adm1 = query.adm1 if query.adm1 and plain(query.adm1) not in _NOWHERE else None
        return replace(query, name=query.name or "", adm0=adm0, adm1=adm1)

    def _resolve(self, query: PlaceQuery) -> Resolution:
        name = tidy(query.name)
        if plain(name) in _NOWHERE:
            return _unresolved(
                query, (), "no place is named" if not plain(name) else f"{name!r} names no place"
            )
        code = country_of(name)
        # "Georgia" or "Lebanon" inside the United States is a town; the country only stands for itself.
        if code is not None and query.adm0 in (None, code):
            return self._as_country(query, code)
        whole = self._one(name, query, Phrase((name,)), close_only=True)
        if whole.is_resolved:
            return whole
        return self._phrase(query, parse(name))

    def _as_country(self, query: PlaceQuery, code: str) -> Resolution:
        country = self._countries.get(code)
        reason = "the name of a country, which is no point"
        label = country.name if country else code
        return Resolution(query, label, None, None, 6, code, None, "geonames", None, (), reason)

    def _phrase(self, query: PlaceQuery, phrase: Phrase) -> Resolution:
        query, within = self._absorb(query, phrase)
        if not phrase.names or not plain(phrase.names[0]):
            return _unresolved(query, (), f"{query.name!r} holds no place name")
        code = country_of(phrase.names[0])
        if code is not None and query.adm0 in (None, code):
            return self._as_country(query, code)
        if phrase.relation in ("between", "and"):
            return self._two(query, phrase)
        query = self._near_parent(query, within)
        answer = self._one(phrase.names[0], query, phrase)
        for other in phrase.names[1:]:
            if not answer.is_resolved:
                answer = self._one(other, query, phrase)
        if answer.is_resolved or not within:
            return answer
        return self._fall_back(query, phrase, within, answer)

    def _absorb(self, query: PlaceQuery, phrase: Phrase) -> tuple[PlaceQuery, list[str]]:
        """Take country and division out of the larger places named; give back what else is named."""
        rest: list[str] = []
        for larger in reversed(phrase.within):
            inner = parse(larger)
            name = inner.names[0] if inner.names else larger
            code = country_of(name)
            if code is not None:
                query = query if query.adm0 else replace(query, adm0=code)
                continue
            adm0 = query.adm0
            if adm0 and not query.adm1 and division_of(adm0, name):
                query = replace(query, adm1=name)
            rest.insert(0, larger)
        return query, rest

    def _near_parent(self, query: PlaceQuery, within: list[str]) -> PlaceQuery:
        """Take the nearest larger place that resolves as a point as the place to be near."""
        if query.near is not None:
            return query
        for larger in within:
            parent = self._single(larger, query)
            if parent.lat is not None and parent.lon is not None and (parent.geo_precision or 9) <= 3:
                return replace(query, near=(parent.lat, parent.lon))
        return query

    def _single(self, larger: str, query: PlaceQuery) -> Resolution:
        inner = parse(larger)
        if not inner.names:
            return _unresolved(query, (), "")
        # The division named on the row is that of the small place and of the large one alike.
        return self._one(inner.names[0], replace(query, near=None), replace(inner, notes=()))

    def _fall_back(
        self, query: PlaceQuery, phrase: Phrase, within: list[str], failed: Resolution
    ) -> Resolution:
        """Take the larger place named with an unknown one, at the precision that this leaves."""
        for larger in within:
            answer = self._single(larger, query)
            if not answer.is_resolved:
                continue
            is_part = bool({"part", "settlement"} & phrase.kinds) and "part" in phrase.kinds
            inner = parse(larger)
            division = division_of(answer.adm0 or "", inner.names[0]) if answer.adm0 else None
            if division and not is_part and not {"settlement", "part"} & inner.kinds:
                # "X, Aleppo": an unknown village may lie anywhere in the governorate of that name.
                return self._as_division(query, answer, division, f"{phrase.names[0]!r} is not known here; ")
            floor = max(2, phrase.floor, answer.geo_precision or 2)
            reason = f"{phrase.names[0]!r} is not known here; placed at {answer.name}, named with it ({answer.reason})"
            return replace(answer, query=query, geo_precision=floor, reason=reason)
        return failed

    def _as_division(
        self, query: PlaceQuery, answer: Resolution, division: tuple[str, str, float, float], why: str
    ) -> Resolution:
        code, name, lat, lon = division
        return Resolution(
            query, name, lat, lon, 4, answer.adm0, name, "afterstrike-divisions", f"{answer.adm0}.{code}",
            answer.candidates, f"{why}placed at the rough centre of {name}",
        )  # fmt: skip

    def _two(self, query: PlaceQuery, phrase: Phrase) -> Resolution:
        """Place something at the middle of two places that lie close together."""
        first, second = (self._one(name, query, Phrase((name,))) for name in phrase.names[:2])
        candidates = (*first.candidates[:3], *second.candidates[:3])
        if first.lat is None or first.lon is None or second.lat is None or second.lon is None:
            missing = first if first.lat is None else second
            return _unresolved(
                query, candidates, f"two places are named and one is not resolved ({missing.reason})"
            )
        km = distance_km(first.lat, first.lon, second.lat, second.lon)
        if km > 2 * SAME_PLACE_KM and phrase.relation == "and":
            return _unresolved(
                query, candidates, f"names two places {km:.0f} km apart: {first.name} and {second.name}"
            )
        floor = 2 if km <= 2 * SAME_PLACE_KM else 5
        return Resolution(
            query, f"{first.name} - {second.name}", (first.lat + second.lat) / 2, (first.lon + second.lon) / 2,
            max(floor, first.geo_precision or 2, second.geo_precision or 2), first.adm0,
            first.adm1 if first.adm1 == second.adm1 else None, first.gazetteer,
            f"{first.gazetteer_id}+{second.gazetteer_id}", candidates,
            f"the middle of {first.name} and {second.name}, {km:.0f} km apart",
        )  # fmt: skip

    def _one(self, name: str, query: PlaceQuery, phrase: Phrase, *, close_only: bool = False) -> Resolution:
        """Resolve one name that stands without any words around it."""
        context = self._context(query, phrase)
        candidates = self._candidates(name, context, close_only=close_only)
        if not candidates:
            return _unresolved(query, (), f"no place called {name!r} is known here" + _where(query))
        first, shown = candidates[0], tuple(candidates[:_SHOWN])
        if (
            context.adm0
            and first.adm0 not in (None, context.adm0)
            and not self._may_be_across(first, context)
        ):
            return _unresolved(
                query, shown, f"{name!r} is only known in {first.adm0}, and the report says {context.adm0}"
            )
        if reason := self._contradiction(first, context):
            return _unresolved(query, shown, reason)
        if others := rivals(candidates):
            return self._ambiguous(name, query, first, others, shown)
        return self._answer(name, query, phrase, first, shown, context)

    def _context(self, query: PlaceQuery, phrase: Phrase) -> Context:
        division = division_of(query.adm0, query.adm1) if query.adm0 and query.adm1 else None
        wants = bool({"division"} & phrase.kinds)
        if division is None:
            return Context(query.adm0, near=query.near, wants_division=wants)
        code, name, lat, lon = division
        return Context(query.adm0, code, name, (lat, lon), query.near, wants)

    def _candidates(self, name: str, context: Context, *, close_only: bool) -> list[Candidate]:
        """Look under ever more forgiving keys until one holds a place in the right country."""
        ranked = rank(name, self._found(_close_keys(name)), context)
        if ranked and (context.adm0 is None or any(c.adm0 in (None, context.adm0) for c in ranked)):
            return [c for c in ranked if context.adm0 is None or c.adm0 in (None, context.adm0)]
        if close_only:
            return ranked
        for level in "fs":
            keys = [key for key in keys_of(name) if key[0] == level]
            self._fetch(keys)
            by_sound = rank(name, self._found(keys), context)
            inside = [c for c in by_sound if context.adm0 is None or c.adm0 in (None, context.adm0)]
            if inside:
                return inside
        return ranked

    def _may_be_across(self, candidate: Candidate, context: Context) -> bool:
        """Allow a place just across a border: reports often name the wrong side."""
        country = self._countries.get(context.adm0 or "")
        return country is not None and candidate.adm0 in country.neighbours and context.adm1_code is None

    def _contradiction(self, first: Candidate, context: Context) -> str | None:
        if context.adm1_centre is None or first.lat is None or first.lon is None:
            return None
        if first.adm1_code == context.adm1_code or first.adm0 != context.adm0 or first.geo_precision >= 5:
            return None
        km = distance_km(*context.adm1_centre, first.lat, first.lon)
        if km <= _FAR_FROM_DIVISION_KM:
            return None
        return f"the {first.name} that is known is in {first.adm1 or first.adm1_code}, {km:.0f} km from {context.adm1_name}"

    def _ambiguous(
        self,
        name: str,
        query: PlaceQuery,
        first: Candidate,
        others: list[Candidate],
        shown: tuple[Candidate, ...],
    ) -> Resolution:
        all_of_them = [first, *others]
        division = division_of(first.adm0, first.adm1) if first.adm0 and first.adm1 else None
        listed = ", ".join(
            dict.fromkeys(f"{c.name} ({', '.join(filter(None, (c.adm1, c.adm0)))})" for c in all_of_them[:4])
        )
        reason = f"ambiguous: {name!r} may be {listed}"
        if division and len({(c.adm0, c.adm1_code) for c in all_of_them}) == 1:
            base = _unresolved(query, shown, reason)
            return self._as_division(query, replace(base, adm0=first.adm0), division, f"{reason}; ")
        return _unresolved(query, shown, f"{reason}; say the country or division")

    def _answer(
        self, name: str, query: PlaceQuery, phrase: Phrase, first: Candidate, shown: tuple[Candidate, ...],
        context: Context,
    ) -> Resolution:  # fmt: skip
        notes = [
            f'{name!r} is {first.gazetteer}:{first.gazetteer_id} "{first.name}" ({first.reason})',
            *phrase.notes,
        ]
        precision = max(phrase.floor, first.geo_precision)
        lat, lon = first.lat, first.lon
        if context.adm0 and first.adm0 not in (None, context.adm0):
            precision = max(precision, 2)
            notes.append(f"the report says {context.adm0}; its neighbour {first.adm0} has the place")
        if first.geo_precision <= 3 and (coarse := self._coarser(phrase, name, first)):
            lat, lon, words = coarse
            precision = max(precision, 4)
            notes.append(words)
        return Resolution(
            query, first.name, lat, lon, precision, first.adm0, first.adm1, first.gazetteer, first.gazetteer_id,
            shown, "; ".join(notes),
        )  # fmt: skip

    def _coarser(
        self, phrase: Phrase, name: str, first: Candidate
    ) -> tuple[float | None, float | None, str] | None:
        """Give the centre of the division where the words do not mean the town itself."""
        is_site = "sensitive" in phrase.kinds
        is_division_name = first.adm0 is not None and division_of(first.adm0, name) is not None
        if not is_site and not (is_division_name and {"rural", "division"} & phrase.kinds):
            return None
        words = (
            "a military site or prison, given only to its division"
            if is_site
            else f"somewhere in {first.adm1}"
        )
        if first.adm0 and first.adm1 and (division := division_of(first.adm0, first.adm1)):
            return division[2], division[3], words
        if (
            first.adm0
            and first.adm1_code
            and (centre := self._shipped.centre_of(first.adm0, first.adm1_code))
        ):
            return round(centre[0], 2), round(centre[1], 2), words
        return None, None, words

    # -- looking up ------------------------------------------------------------------------------------

    def _fetch(self, keys: Iterable[str]) -> None:
        """Read keys not read before, all in few statements."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._hits]
        if not wanted:
            return
        if len(self._hits) > 200_000:
            self._hits.clear()
        for key in wanted:
            self._hits[key] = []
        for index in (*self._users, self._shipped):
            is_users = index is not self._shipped
            for key, hits in index.find(wanted).items():
                self._hits[key] += [(is_users, hit) for hit in hits]

    def _found(self, keys: Sequence[str]) -> list[tuple[str, bool, Hit]]:
        self._fetch(keys)
        return [(key, is_users, hit) for key in keys for is_users, hit in self._hits.get(key, ())]


def _first_keys(name: str) -> list[str]:
    """Give the keys that an answer to this name will look under first."""
    phrase = parse(name)
    texts = [tidy(name), *phrase.names]
    for larger in phrase.within:
        texts += parse(larger).names
    return [key for text in texts for key in _close_keys(text)]


def _close_keys(text: str) -> list[str]:
    return [key for key in ("p" + plain(text), "b" + bare(text)) if len(key) > 1]


def _where(query: PlaceQuery) -> str:
    return f" in {query.adm0}" if query.adm0 else ""


def _unresolved(query: PlaceQuery, candidates: tuple[Candidate, ...], reason: str) -> Resolution:
    return Resolution(query, None, None, None, None, None, None, None, None, candidates, reason)


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
