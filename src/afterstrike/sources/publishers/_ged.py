"""UCDP: the yearly Georeferenced Event Dataset and the monthly candidate events.

Rests on https://ucdp.uu.se/downloads/ and https://ucdp.uu.se/apidocs/ as of autumn 2026. The downloads page
links `ged/ged261-csv.zip` (release 26.1) and `candidateged/GEDEvent_v26_0_8.csv` (August 2026); the newest
link is taken where no release is asked for. The API (https://ucdpapi.pcr.uu.se/api/gedevents/RELEASE) needs a
token since February 2026, given by UCDP on request and read here from UCDP_ACCESS_TOKEN; it takes countries
(Gleditsch-Ward codes) and days, pages of at most 1000 rows, and 5,000 requests a day. With a token and a
narrowed request the API is asked; otherwise the whole file is got and cut here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO
from urllib.parse import urlencode, urlsplit

from afterstrike.errors import SourceError, UsageError
from afterstrike.sources._unpack import unzip_member
from afterstrike.sources._web import Got, WebFetcher
from afterstrike.sources.publishers._countries import country
from afterstrike.sources.publishers._publisher import Delivery, Request, Tell
from afterstrike.sources.publishers._tables import (
    JoinedTable,
    check_columns,
    columns_of,
    filter_csv,
    json_of,
    refuse_page,
    whole_file,
    within,
)

__all__ = ["CANDIDATE", "GED"]

_SITE, _API = "https://ucdp.uu.se", "https://ucdpapi.pcr.uu.se"
_TOKEN = "UCDP_ACCESS_TOKEN"
_MOST_PAGES = 5000  # requests a day
NEEDED, KNOWN = columns_of("ged")


@dataclass(frozen=True)
class _Ucdp:
    name: str
    title: str
    licence: str = "CC BY 4.0"
    citation: str = (
        "Uppsala Conflict Data Program, UCDP Georeferenced Event Dataset, Department of Peace and Conflict "
        "Research, Uppsala University; doi:10.1177/0022343313484347"
    )
    environment: tuple[str, ...] = (_TOKEN,)

    @property
    def is_candidate(self) -> bool:
        return self.name == "ged-candidate"

    def plan(self, request: Request) -> list[str]:
        """Say what would be asked."""
        _codes(request)
        version = self._checked(request.version) or "RELEASE"
        asked = [] if request.version else [f"{request.base or _SITE}/downloads/ (for the newest release)"]
        if _by_api(request):
            return [*asked, _api_address(request, version) + " (and its further pages)"]
        return [*asked, self._file(request, version)]

    def fetch(self, request: Request, web: WebFetcher, folder: Path, tell: Tell) -> Delivery:
        """Get one release, cut to the countries and days asked for."""
        codes = _codes(request)
        version = self._checked(request.version) or self._newest(request, web)
        parts = [f"GEDEvent_v{version.replace('.', '_')}"]
        parts += [one.upper() for one in request.countries]
        parts += [str(day) for day in (request.date_from, request.date_to) if day is not None]
        target = folder / ("-".join(parts).replace(" ", "_") + ".csv")
        got = None if _by_api(request) else self._whole(request, web, version, tell)
        with whole_file(target) as out:
            if got is None:
                rows = self._pages(request, web, version, JoinedTable(out, self.title), tell)
            else:
                rows = self._unpacked(request, got, out, codes, folder)
            if not rows:
                raise SourceError(f"{self.title} {version} has no event that fits; nothing was written")
        return Delivery(
            (target,), rows, self.licence, f"{self.citation}; release {version}",
            "afterstrike record add FILE --record RECORD",
        )  # fmt: skip

    def _checked(self, version: str | None) -> str | None:
        """Refuse what is no release number."""
        form = r"\d{2}\.0\.\d{1,2}|\d{2}\.\d{2}\.\d{2}\.\d{2}" if self.is_candidate else r"\d{1,2}\.\d"
        if version is not None and not re.fullmatch(form, version):
            example = "26.0.8 (a month) or 26.01.26.06 (several)" if self.is_candidate else "26.1"
            raise UsageError(f"--version {version} is no release of {self.title}; write e.g. {example}")
        return version

    def _newest(self, request: Request, web: WebFetcher) -> str:
        """Read the newest release from the downloads page."""
        got = web.get(f"{request.base or _SITE}/downloads/", licence=self.licence, citation=self.citation)
        page = got.bytes().decode("utf-8", "replace")
        form = r"candidateged/GEDEvent_v(\d{2})_(0)_(\d{1,2})\.csv" if self.is_candidate else (
            r"ged/ged(\d{1,2})(\d)-csv\.zip"
        )  # fmt: skip
        found = [tuple(int(part) for part in one) for one in re.findall(form, page)]
        if not found:
            raise SourceError(
                f"{got.address} links no release of {self.title} any more; give one with --version"
            )
        return ".".join(str(part) for part in max(found))

    def _file(self, request: Request, version: str) -> str:
        site = f"{request.base or _SITE}/downloads"
        if self.is_candidate:
            return f"{site}/candidateged/GEDEvent_v{version.replace('.', '_')}.csv"
        return f"{site}/ged/ged{version.replace('.', '')}-csv.zip"

    def _whole(self, request: Request, web: WebFetcher, version: str, tell: Tell) -> Got:
        """Get the whole file of a release."""
        got = web.get(
            self._file(request, version), licence=self.licence, citation=self.citation,
            progress=partial(tell, f"{self.title} {version}"),
        )  # fmt: skip
        refuse_page(got, "a table", "check --version")
        return got

    def _unpacked(self, request: Request, got: Got, out: IO[str], codes: frozenset[str], folder: Path) -> int:
        """Keep the rows of a whole file that are asked for."""
        assert got.path is not None
        if self.is_candidate:
            return self._cut(request, got, got.path, out, codes)
        plain = folder / f".{got.sha256}.part"
        try:
            unzip_member(
                got.path, plain, what=got.address, max_bytes=8_000_000_000,
                choose=lambda name: name.lower().endswith(".csv") and not name.startswith("__MACOSX"),
            )  # fmt: skip
            return self._cut(request, got, plain, out, codes)
        finally:
            plain.unlink(missing_ok=True)

    def _cut(self, request: Request, got: Got, source: Path, out: IO[str], codes: frozenset[str]) -> int:
        def check(header: Sequence[str]) -> None:
            check_columns(header, NEEDED, KNOWN, what=self.title, got=got)

        def keep(row: dict[str, str]) -> bool:
            return (not codes or row.get("country_id", "").removesuffix(".0") in codes) and within(
                row.get("date_start", ""), row.get("date_end", ""), request.date_from, request.date_to
            )

        return filter_csv(source, out, keep=keep, check=check, what=got.address)

    def _pages(self, request: Request, web: WebFetcher, version: str, table: JoinedTable, tell: Tell) -> int:
        for got, rows, total in self._walk(request, web, version):
            if rows:
                check_columns(rows[0], NEEDED, KNOWN, what=f"the API of {self.title}", got=got)
            table.add(rows, got)
            tell(f"{self.title} {version}: events", table.rows, total)
        return table.rows

    def _walk(
        self, request: Request, web: WebFetcher, version: str
    ) -> Iterator[tuple[Got, list[dict[str, object]], int | None]]:
        """Give page after page as the API names them; only its query is followed, never its host."""
        address = _api_address(request, version)
        headers = {"x-ucdp-access-token": os.environ[_TOKEN]}
        seen: set[str] = set()
        while address not in seen and len(seen) < _MOST_PAGES:
            seen.add(address)
            got = web.get(address, headers=headers, licence=self.licence, citation=self.citation)
            page = json_of(got, "a page of events", f"check {_TOKEN}")
            rows = page.get("Result") if isinstance(page, dict) else None
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise SourceError(f"{got.address} gave JSON without a list of events; check --version")
            total = page.get("TotalCount")
            yield got, rows, total if isinstance(total, int) else None
            following = page.get("NextPageUrl")
            if not following or not isinstance(following, str):
                return
            address = address.partition("?")[0] + "?" + urlsplit(following).query


def _by_api(request: Request) -> bool:
    narrowed = request.countries or request.date_from or request.date_to
    return bool(narrowed and os.environ.get(_TOKEN))


def _codes(request: Request) -> frozenset[str]:
    """Give the Gleditsch-Ward codes of the countries."""
    codes: set[str] = set()
    for text in request.countries:
        found = country(text)
        if not found.gleditsch_ward:
            raise UsageError(
                f"UCDP has no country code for {found.name}; leave --country out and filter later"
            )
        codes.update(found.gleditsch_ward)
    return frozenset(codes)


def _api_address(request: Request, version: str) -> str:
    query: dict[str, str] = {"pagesize": "1000"}
    if codes := _codes(request):
        query["Country"] = ",".join(sorted(codes))
    if request.date_from:
        query["StartDate"] = request.date_from.isoformat()
    if request.date_to:
        query["EndDate"] = request.date_to.isoformat()
    return f"{request.base or _API}/api/gedevents/{version}?{urlencode(query)}"


GED = _Ucdp("ged", "UCDP GED")
CANDIDATE = _Ucdp("ged-candidate", "UCDP candidate events")
