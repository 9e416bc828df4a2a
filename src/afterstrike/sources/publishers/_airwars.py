"""Airwars: civilian harm incidents.

Airwars publishes no description of an interface. Its site runs on WordPress, whose REST interface is public
and documented (https://developer.wordpress.org/rest-api/): `/wp-json/wp/v2/civ` lists incidents, at most 100
a page, the number of pages stands in the header X-WP-TotalPages, and `/wp-json/wp/v2/<taxonomy>` names the
terms. The fields taken here were seen in use in autumn 2026; where one is missing this module says so.

Only codes, counts, dates and places are asked for (`_fields`): no narratives, and no lists of victims.
"""

from __future__ import annotations

import contextlib
import csv
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from afterstrike.errors import LayoutError, SourceError, UsageError
from afterstrike.sources._web import Got, WebFetcher
from afterstrike.sources.publishers._countries import country
from afterstrike.sources.publishers._publisher import Delivery, Request, Tell
from afterstrike.sources.publishers._tables import json_of, kept, whole_file

__all__ = ["AIRWARS"]

_SITE = "https://airwars.org"
_MOST_PAGES = 1000
_ACF = (
    "unique_reference_code", "incident_date", "incident_date_end", "location_name", "region", "governorate",
    "province", "district", "latitude", "longitude", "geolocations", "killed_injured_civilian_non_combatants",
)  # fmt: skip
_FIELDS = ("id", "link", "modified", "country", "belligerent", "strike_type", "civilian_harm_status",
           *(f"acf.{name}" for name in _ACF))  # fmt: skip
_TAXONOMIES = ("country", "belligerent", "strike_type", "civilian_harm_status")
# what is written, by the keys of the layout that reads it
_COLUMNS = (
    "airwars_id", "code", "incident_date", "incident_date_end", "location_en", "region_original",
    "governorate_original", "province_original", "district_original", "country_ar", "latitude", "longitude",
    "geolocation_accuracy", "belligerents_original", "strike_type_original", "civilian_harm_status_original",
    "civilians_killed_min", "civilians_killed_max", "civilians_injured_min", "civilians_injured_max",
    "incident_url", "last_modified",
)  # fmt: skip
# Names that Airwars may list and ISO does not; whether it has them only its own list tells.
_OWN_NAME = re.compile(r"\b(gaza|west bank|palestin\w+|kurdistan|kosovo|somaliland|nagorno)\b", re.IGNORECASE)
_STATED = {
    "code": "unique_reference_code", "location_en": "location_name", "region_original": "region",
    "governorate_original": "governorate", "province_original": "province", "district_original": "district",
}  # fmt: skip
_COUNTS = ("killed_min", "killed_max", "injured_min", "injured_max")
_POINT = ("latitude", "longitude", "geolocation_accuracy")

Terms = dict[str, dict[int, tuple[str, str]]]


@dataclass(frozen=True)
class _Airwars:
    name: str = "airwars"
    title: str = "Airwars civilian harm incidents"
    licence: str = "see the publisher's terms (airwars.org)"
    citation: str = "Airwars, civilian harm incidents, https://airwars.org/."
    environment: tuple[str, ...] = ()

    def plan(self, request: Request) -> list[str]:
        """Say what would be asked."""
        for text in request.countries:
            if not _OWN_NAME.search(text):
                country(text)  # what nobody knows is refused before anything is asked
        site = _site(request)
        lists = [f"{site}/{name}?{_page_query(1, ('id', 'name', 'slug'))}" for name in _TAXONOMIES]
        return [*lists, f"{site}/civ?{_page_query(1, _FIELDS)} (by country; and its further pages)"]

    def fetch(self, request: Request, web: WebFetcher, folder: Path, tell: Tell) -> Delivery:
        """Get the incidents of the countries and days asked for into one CSV file."""
        terms: Terms = {name: self._terms(request, web, name) for name in _TAXONOMIES}
        wanted: list[int | None] = [_term_of(text, terms["country"]) for text in request.countries]
        wanted = wanted or [None]
        parts = ["airwars", *(one.upper() for one in request.countries)]
        parts += [str(day) for day in (request.date_from, request.date_to) if day is not None]
        target = folder / ("-".join(parts).replace(" ", "_") + ".csv")
        rows, seen = 0, set()
        with whole_file(target) as out:
            writer = csv.DictWriter(out, _COLUMNS)
            writer.writeheader()
            for term in wanted:
                query = {} if term is None else {"country": str(term)}
                for got, page, pages, incidents in self._pages(request, web, "civ", _FIELDS, query):
                    tell("Airwars: pages", page, pages)
                    for incident in incidents:
                        row = _row(incident, terms, got)
                        # an incident that is published meanwhile moves others to the next page
                        if row["airwars_id"] not in seen and _asked(row, request):
                            seen.add(row["airwars_id"])
                            writer.writerow(row)
                            rows += 1
            if not rows:
                raise SourceError("Airwars has no incident that fits; nothing was written")
        return Delivery(
            (target,), rows, self.licence, self.citation, "afterstrike record add FILE --record RECORD",
            ("place names may say whose house was hit; the record keeps the house and drops the name",),
        )  # fmt: skip

    def _terms(self, request: Request, web: WebFetcher, name: str) -> dict[int, tuple[str, str]]:
        """Read the names and short names of a taxonomy."""
        found: dict[int, tuple[str, str]] = {}
        for _, _, _, terms in self._pages(request, web, name, ("id", "name", "slug"), {}):
            for term in terms:
                found[int(term["id"])] = (html.unescape(str(term["name"])), str(term.get("slug", "")))
        return found

    def _pages(
        self, request: Request, web: WebFetcher, what: str, fields: tuple[str, ...], query: Mapping[str, str]
    ) -> Iterator[tuple[Got, int, int | None, list[dict[str, Any]]]]:
        """Give page after page of a WordPress list."""
        site = _site(request)
        pages: int | None = None
        for page in range(1, _MOST_PAGES + 1):
            address = f"{site}/{what}?{_page_query(page, fields, query)}"
            got = web.get(address, licence=self.licence, citation=self.citation)
            found = json_of(got, "a list of incidents")
            if not isinstance(found, list) or not all(isinstance(one, dict) and "id" in one for one in found):
                raise LayoutError(f"{got.address} gave JSON that is no list of entries with id; {kept(got)}")
            total = got.headers.get("x-wp-totalpages", "")
            pages = int(total) if total.isdecimal() else pages
            yield got, page, pages, found
            if not found or (page >= pages if pages is not None else len(found) < 100):
                return


def _site(request: Request) -> str:
    return f"{request.base or _SITE}/wp-json/wp/v2"


def _page_query(page: int, fields: tuple[str, ...], query: Mapping[str, str] | None = None) -> str:
    # in the order of ids, so that a new incident does not move the others while pages are read
    base = {
        "per_page": "100",
        "page": str(page),
        "orderby": "id",
        "order": "asc",
        "_fields": ",".join(fields),
    }
    return urlencode({**(query or {}), **base}, quote_via=quote, safe=",")


def _term_of(text: str, terms: Mapping[int, tuple[str, str]]) -> int:
    """Find a country among Airwars' own names; it has names that are no ISO country's."""
    wanted = {text.strip().casefold()}
    with contextlib.suppress(UsageError):
        wanted.add(country(text).name.casefold())
    for number, (name, slug) in terms.items():
        if wanted & {name.casefold(), slug.casefold()}:
            return number
    names = ", ".join(sorted(name for name, _ in terms.values()))
    raise UsageError(f"Airwars has no country {text!r}; it has {names}")


def _row(incident: Mapping[str, Any], terms: Terms, got: Got) -> dict[str, str]:
    """Write one incident by the keys of the layout; what is not stated stays empty."""
    acf = incident.get("acf")
    if not isinstance(acf, dict) or "incident_date" not in acf:
        raise LayoutError(
            f"Airwars has changed its columns: missing acf.incident_date; it has {', '.join(sorted(incident))}. "
            f"Nothing was written; {kept(got)}"
        )
    counts = acf.get("killed_injured_civilian_non_combatants")
    counts = counts if isinstance(counts, dict) else {}
    place = _point(acf)

    def names(taxonomy: str) -> str:
        numbers = incident.get(taxonomy) or []
        return ", ".join(terms[taxonomy][one][0] for one in numbers if one in terms[taxonomy])

    return {
        "airwars_id": str(incident["id"]),
        **{column: _text(acf.get(key)) for column, key in _STATED.items()},
        **{f"civilians_{key}": _text(counts.get(key)) for key in _COUNTS},
        **{key: _text(place.get(key)) for key in _POINT},
        "incident_date": _day(acf.get("incident_date")),
        "incident_date_end": _day(acf.get("incident_date_end")),
        "country_ar": names("country"),
        "belligerents_original": names("belligerent"),
        "strike_type_original": names("strike_type"),
        "civilian_harm_status_original": names("civilian_harm_status"),
        "incident_url": _text(incident.get("link")),
        "last_modified": _text(incident.get("modified")),
    }


def _point(acf: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the main point of an incident; of several points that are not marked, none is the incident's."""
    points = [one for one in acf.get("geolocations") or [] if isinstance(one, dict)]
    primary = [one for one in points if one.get("primary_coordinate")]
    if primary:
        return primary[0]
    if len(points) == 1:
        return points[0]
    return acf if not points else {}


def _text(value: object) -> str:
    """Write a value as text; null and false are how the site says nothing."""
    return "" if value is None or isinstance(value, bool | dict | list) else html.unescape(str(value)).strip()


def _day(value: object) -> str:
    """Write 20231010 as 2023-10-10; anything else as it is."""
    text = _text(value)
    found = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    return "-".join(found.groups()) if found else text


def _asked(row: Mapping[str, str], request: Request) -> bool:
    if request.date_from is None and request.date_to is None:
        return True
    try:
        first = date.fromisoformat(row["incident_date"])
        last = date.fromisoformat(row["incident_date_end"] or row["incident_date"])
    except ValueError:
        return False
    return (request.date_from is None or last >= request.date_from) and (
        request.date_to is None or first <= request.date_to
    )


AIRWARS = _Airwars()
