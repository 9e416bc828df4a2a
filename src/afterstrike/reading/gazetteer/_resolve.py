"""From a query to an answer: the words around the name, the context, the candidates, the doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from afterstrike.reading.gazetteer._answer import PlaceQuery, Resolution, unresolved
from afterstrike.reading.gazetteer._cache import Country, keys_of
from afterstrike.reading.gazetteer._lookup import Lookup, close_keys
from afterstrike.reading.gazetteer._names import plain
from afterstrike.reading.gazetteer._phrase import Phrase, WordKind, parse, tidy
from afterstrike.reading.gazetteer._rank import SAME_PLACE_KM, Candidate, Context, distance_km, rank, rivals
from afterstrike.reading.gazetteer._shipped import country_of, division_of

__all__ = ["NOWHERE", "Resolver"]

# What a shown answer carries at most; more would only be noise.
_SHOWN = 8
# A place outside the division that the report names is another place when it is this far from the
# division's centre; the looser the spelling, the nearer it must be.
_FAR_FROM_DIVISION_KM = {"p": 120.0, "b": 120.0, "f": 60.0, "s": 40.0}
NOWHERE = frozenset(
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


class Resolver:
    """Answers queries from the places looked up."""

    def __init__(self, lookup: Lookup, countries: Mapping[str, Country]) -> None:
        self._lookup = lookup
        self._countries = countries

    def resolve(self, query: PlaceQuery) -> Resolution:
        """Answer one query whose context is already in codes."""
        name = tidy(query.name)
        if plain(name) in NOWHERE:
            return unresolved(
                query, (), "no place is named" if not plain(name) else f"{name!r} names no place"
            )
        code = country_of(name)
        # "Georgia" or "Lebanon" inside the United States is a town; the country only stands for itself.
        if code is not None and query.adm0 in (None, code):
            return self._as_country(query, code)
        phrase = parse(name)
        # "the Syrian desert" is a place of its own, not a desert at a place called Syrian.
        for step in (Phrase((name,)), *phrase.steps):
            whole = self._one(step.names[0], query, step, close_only=True)
            if whole.geo_precision is not None:
                return whole
        return self._phrase(query, phrase)

    def _as_country(self, query: PlaceQuery, code: str) -> Resolution:
        country = self._countries.get(code)
        reason = "the name of a country, which is no point"
        label = country.name if country else code
        return Resolution(query, label, None, None, 6, code, None, "geonames", None, (), reason)

    def _phrase(self, query: PlaceQuery, phrase: Phrase) -> Resolution:
        query, within = self._absorb(query, phrase)
        if not phrase.names or not plain(phrase.names[0]):
            return unresolved(query, (), f"{query.name!r} holds no place name")
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
            if adm0 and not query.adm1 and self._division(adm0, name):
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

    def _single(self, larger: str, query: PlaceQuery, kinds: frozenset[WordKind] = frozenset()) -> Resolution:
        inner = parse(larger)
        if not inner.names:
            return unresolved(query, (), "")
        # The division named on the row is that of the small place and of the large one alike.
        at_larger = replace(inner, kinds=inner.kinds | kinds, notes=())
        return self._one(inner.names[0], replace(query, near=None), at_larger)

    def _fall_back(
        self, query: PlaceQuery, phrase: Phrase, within: list[str], failed: Resolution
    ) -> Resolution:
        """Take the larger place named with an unknown one, at the precision that this leaves."""
        for larger in within:
            answer = self._single(larger, query, phrase.kinds & {"sensitive"})
            if not answer.is_resolved:
                continue
            is_part = "part" in phrase.kinds
            inner = parse(larger)
            division = self._division(answer.adm0, inner.names[0])
            if division and not is_part and not {"settlement", "part"} & inner.kinds:
                # "X, Aleppo": an unknown village may lie anywhere in the governorate of that name.
                return self._as_division(query, answer, division, f"{phrase.names[0]!r} is not known here; ")
            # A quarter or school is in the town it is named with; a village may lie anywhere in its district.
            floor = max(2 if is_part else 3, phrase.floor, answer.geo_precision or 2)
            unknown = f"{phrase.names[0]!r} is not known here"
            reason = f"{unknown}; placed at {answer.name}, named with it ({answer.reason})"
            return replace(answer, query=query, geo_precision=floor, reason=reason)
        return failed

    def _as_division(
        self, query: PlaceQuery, answer: Resolution, division: tuple[str, str, float, float], why: str
    ) -> Resolution:
        code, name, lat, lon = division
        return Resolution(
            query, name, lat, lon, 4, answer.adm0, name, _table_of(answer.adm0, name), f"{answer.adm0}.{code}",
            answer.candidates, f"{why}placed at the rough centre of {name}",
        )  # fmt: skip

    def _two(self, query: PlaceQuery, phrase: Phrase) -> Resolution:
        """Place something at the middle of two places that lie close together."""
        first, second = (
            self._one(name, query, Phrase((name,), kinds=phrase.kinds)) for name in phrase.names[:2]
        )
        candidates = (*first.candidates[:3], *second.candidates[:3])
        if first.lat is None or first.lon is None or second.lat is None or second.lon is None:
            missing = first if first.lat is None else second
            return unresolved(
                query, candidates, f"two places are named and one is not resolved ({missing.reason})"
            )
        if first.gazetteer_id == second.gazetteer_id:
            return replace(first, query=query)
        km = distance_km(first.lat, first.lon, second.lat, second.lon)
        if km > 2 * SAME_PLACE_KM and phrase.relation == "and":
            return unresolved(
                query, candidates, f"names two places {km:.0f} km apart: {first.name} and {second.name}"
            )
        floor = 2 if km <= 2 * SAME_PLACE_KM else 5
        return Resolution(
            query, f"{first.name} - {second.name}",
            (first.lat + second.lat) / 2, (first.lon + second.lon) / 2,
            max(floor, phrase.floor, first.geo_precision or 2, second.geo_precision or 2), first.adm0,
            first.adm1 if first.adm1 == second.adm1 else None, first.gazetteer,
            f"{first.gazetteer_id}+{second.gazetteer_id}", candidates,
            f"the middle of {first.name} and {second.name}, {km:.0f} km apart",
        )  # fmt: skip

    def _one(self, name: str, query: PlaceQuery, phrase: Phrase, *, close_only: bool = False) -> Resolution:
        """Resolve one name that stands without any words around it."""
        context = self._context(query, phrase)
        candidates = self._candidates(name, context, close_only=close_only)
        if not candidates:
            return unresolved(query, (), f"no place called {name!r} is known here" + _where(query))
        first, shown = candidates[0], tuple(candidates[:_SHOWN])
        if (
            context.adm0
            and first.adm0 not in (None, context.adm0)
            and not self._may_be_across(first, context)
        ):
            return unresolved(
                query, shown, f"{name!r} is only known in {first.adm0}, and the report says {context.adm0}"
            )
        if reason := self._contradiction(first, context):
            return unresolved(query, shown, reason)
        if others := rivals(candidates):
            return self._ambiguous(name, query, first, others, shown)
        return self._answer(name, query, phrase, first, shown, context)

    def _context(self, query: PlaceQuery, phrase: Phrase) -> Context:
        division = self._division(query.adm0, query.adm1)
        wants, is_part = "division" in phrase.kinds, "part" in phrase.kinds
        if division is None:
            return Context(query.adm0, near=query.near, wants_division=wants, is_part=is_part)
        code, name, lat, lon = division
        return Context(query.adm0, code, name, (lat, lon), query.near, wants, is_part)

    def _division(self, adm0: str | None, name: str | None) -> tuple[str, str, float, float] | None:
        """Give code, name and rough centre of a first-order division: of the shipped table, else of the index."""
        if not adm0 or not name:
            return None
        if shipped := division_of(adm0, name):
            return shipped
        for _, _, hit in self._lookup.found(close_keys(name)):
            if (
                hit.feature == "adm1"
                and hit.adm0 == adm0
                and hit.adm1_code
                and hit.lat is not None
                and hit.lon is not None
            ):
                return hit.adm1_code, hit.name, hit.lat, hit.lon
        return None

    def _candidates(self, name: str, context: Context, *, close_only: bool) -> list[Candidate]:
        """Look under ever more forgiving keys until one holds a place in the right country."""
        ranked = rank(name, self._lookup.found(close_keys(name)), context)
        if ranked and (context.adm0 is None or any(c.adm0 in (None, context.adm0) for c in ranked)):
            inside = [c for c in ranked if context.adm0 is None or c.adm0 in (None, context.adm0)]
            return self._town_first(name, inside, context)
        if close_only:
            return ranked
        return self._by_sound(name, context) or (self._town_first(name, ranked, context) if ranked else [])

    def _by_sound(self, name: str, context: Context) -> list[Candidate]:
        """Look for other transliterations, then for the same consonants, in the country if one is known."""
        for level in "fs":
            found = rank(name, self._lookup.found([key for key in keys_of(name) if key[0] == level]), context)
            inside = [c for c in found if context.adm0 is None or c.adm0 in (None, context.adm0)]
            if inside:
                return inside
        return []

    def _town_first(self, name: str, found: list[Candidate], context: Context) -> list[Candidate]:
        """Put a town before the division that is named after it, unless the words say the division.

        The town may be spelled otherwise in its own row: a division's alias names both.
        """
        first = found[0]
        if not first.feature.startswith("adm") or context.wants_division or first.lat is None:
            return found
        namesakes = rank(first.name, self._lookup.found(close_keys(first.name)), context)
        for town in (*found[1:], *namesakes, *self._by_sound(name, context)):
            if town.geo_precision < first.geo_precision and _is_seat(town, first):
                reason = f"{town.reason}; rather than {first.feature} {first.name}, named after it"
                best = replace(town, score=max(town.score, first.score), reason=reason)
                return [best, *(c for c in found if c.gazetteer_id != town.gazetteer_id)]
        return found

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
        if km <= _FAR_FROM_DIVISION_KM[first.match]:
            return None
        where = first.adm1 or first.adm1_code
        return f"the {first.name} that is known is in {where}, {km:.0f} km from {context.adm1_name}"

    def _ambiguous(
        self,
        name: str,
        query: PlaceQuery,
        first: Candidate,
        others: list[Candidate],
        shown: tuple[Candidate, ...],
    ) -> Resolution:
        all_of_them = [first, *others]
        division = self._division(first.adm0, first.adm1)
        listed = ", ".join(dict.fromkeys(map(_label, all_of_them[:4])))
        reason = f"ambiguous: {name!r} may be {listed}"
        if division and len({(c.adm0, c.adm1_code) for c in all_of_them}) == 1:
            base = unresolved(query, shown, reason)
            return self._as_division(query, replace(base, adm0=first.adm0), division, f"{reason}; ")
        return unresolved(query, shown, f"{reason}; say the country or division")

    def _answer(
        self, name: str, query: PlaceQuery, phrase: Phrase, first: Candidate, shown: tuple[Candidate, ...],
        context: Context,
    ) -> Resolution:  # fmt: skip
        notes = [
            f'{name!r} is {first.gazetteer}:{first.gazetteer_id} "{first.name}" ({first.reason})',
            *phrase.notes,
        ]
        precision = max(phrase.floor, first.geo_precision)
        if context.adm0 and first.adm0 not in (None, context.adm0):
            precision = max(precision, 2)
            notes.append(f"the report says {context.adm0}; its neighbour {first.adm0} has the place")
        if first.geo_precision <= 3 and (words := self._why_coarser(phrase, name, first)):
            return self._at_division(query, first, shown, "; ".join((*notes, words)), max(precision, 4))
        return Resolution(
            query, first.name, first.lat, first.lon, precision, first.adm0, first.adm1,
            first.gazetteer, first.gazetteer_id, shown, "; ".join(notes),
        )  # fmt: skip

    def _why_coarser(self, phrase: Phrase, name: str, first: Candidate) -> str | None:
        """Say why only the division of a place is meant or may be told, None where the place itself is."""
        if "sensitive" in phrase.kinds:
            return "a military site or prison, placed at its division only"
        if {"rural", "division"} & phrase.kinds and self._division(first.adm0, name) is not None:
            return f"somewhere in {first.adm1}"
        return None

    def _at_division(
        self, query: PlaceQuery, first: Candidate, shown: tuple[Candidate, ...], reason: str, precision: int
    ) -> Resolution:
        """Give the division of a place in its stead, at the division's rough centre."""
        division = self._division(first.adm0, first.adm1)
        if division:
            code, label, lat, lon = division
            return Resolution(
                query, label, lat, lon, precision, first.adm0, label,
                _table_of(first.adm0, label), f"{first.adm0}.{code}", shown, reason,
            )  # fmt: skip
        known = first.adm0 and first.adm1_code
        centre = self._lookup.shipped.centre_of(str(first.adm0), str(first.adm1_code)) if known else None
        if centre is None:
            return unresolved(query, shown, f"{reason}; the centre of its division is not known")
        return Resolution(
            query, first.name, round(centre[0], 2), round(centre[1], 2), precision, first.adm0, first.adm1,
            first.gazetteer, first.gazetteer_id, shown, reason,
        )  # fmt: skip


def _table_of(adm0: str | None, name: str) -> str:
    return "afterstrike-divisions" if division_of(adm0 or "", name) else "geonames-divisions"


def _label(candidate: Candidate) -> str:
    # GeoNames numbers most divisions, which tells a reader nothing; some countries have letters.
    code = candidate.adm1_code if (candidate.adm1_code or "").isalpha() else None
    return f"{candidate.name} ({', '.join(filter(None, (candidate.adm1 or code, candidate.adm0)))})"


def _is_seat(town: Candidate, division: Candidate) -> bool:
    """Say whether a town lies in a division, or near the middle of a small one."""
    if town.adm0 != division.adm0 or town.lat is None or town.lon is None:
        return False
    if division.feature == "adm1":
        return town.adm1_code == division.adm1_code
    if division.lat is None or division.lon is None:
        return False
    return distance_km(division.lat, division.lon, town.lat, town.lon) <= 2 * SAME_PLACE_KM


def _where(query: PlaceQuery) -> str:
    return f" in {query.adm0}" if query.adm0 else ""
