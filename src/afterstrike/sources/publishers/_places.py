"""Places: boundaries of divisions from geoBoundaries, and names from GeoNames.

geoBoundaries rests on https://www.geoboundaries.org/api.html as of autumn 2026:
`/api/current/gbOpen/<ISO3>/ADM<level>/` gives one JSON object, whose `gjDownloadURL` is the GeoJSON file and
whose `boundaryLicense`, `boundarySource` and `boundaryYearRepresented` differ from country to country.

GeoNames rests on https://download.geonames.org/export/dump/readme.txt: `<ISO2>.zip` holds `<ISO2>.txt`, 19
tab-separated columns without a header, in UTF-8, renewed every day.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from afterstrike.errors import LayoutError, SourceError, UsageError
from afterstrike.sources._unpack import unzip_member
from afterstrike.sources._web import WebFetcher
from afterstrike.sources.publishers._countries import country
from afterstrike.sources.publishers._publisher import Delivery, Request, Tell
from afterstrike.sources.publishers._tables import copy_whole, json_of, kept, refuse_page

__all__ = ["BOUNDARIES", "GEONAMES"]

_GEONAMES_COLUMNS = 19


@dataclass(frozen=True)
class _Boundaries:
    name: str = "boundaries"
    title: str = "geoBoundaries"
    licence: str = "differs by country; stated with each file"
    citation: str = (
        "Runfola D. et al. (2020), geoBoundaries: A global database of political administrative boundaries, "
        "PLoS ONE 15(4): e0231866; doi:10.1371/journal.pone.0231866"
    )
    environment: tuple[str, ...] = ()

    def plan(self, request: Request) -> list[str]:
        """Say what would be asked."""
        return [f"{one} (and the file it names)" for _, one in self._addresses(request)]

    def fetch(self, request: Request, web: WebFetcher, folder: Path, tell: Tell) -> Delivery:
        """Get the boundaries of each country at one level, as GeoJSON."""
        found, licences, rows = [], [], 0
        for iso3, address in self._addresses(request):
            got = web.get(address, citation=self.citation)
            about = json_of(got, "a description of boundaries", "check the country and --level")
            place = about.get("gjDownloadURL") if isinstance(about, dict) else None
            if not isinstance(place, str):
                has = ", ".join(sorted(about)[:12]) if isinstance(about, dict) else "no object"
                raise LayoutError(
                    f"geoBoundaries has changed its answer: missing gjDownloadURL; it has {has}; {kept(got)}"
                )
            licence = str(about.get("boundaryLicense") or "not stated")
            shapes = web.get(
                place, licence=licence, citation=self.citation,
                progress=partial(tell, f"geoBoundaries {iso3}"),
            )  # fmt: skip
            collection = json_of(shapes, "GeoJSON")
            features = collection.get("features") if isinstance(collection, dict) else None
            if not isinstance(features, list) or not features:
                raise LayoutError(f"{shapes.address} is no GeoJSON with features; {kept(shapes)}")
            target = folder / f"geoBoundaries-{iso3}-ADM{request.level}.geojson"
            assert shapes.path is not None
            copy_whole(shapes.path, target)
            found.append(target)
            rows += len(features)
            year, source = about.get("boundaryYearRepresented"), about.get("boundarySource")
            licences.append(f"{iso3}: {licence} (source: {source}; shows {year})")
        return Delivery(
            tuple(found), rows, "; ".join(licences), self.citation,
            "afterstrike effect EVENTS.csv --region FILE",
        )  # fmt: skip

    def _addresses(self, request: Request) -> list[tuple[str, str]]:
        if not request.countries:
            raise UsageError("boundaries are got by country; give --country, e.g. --country SYR")
        if not 0 <= request.level <= 5:
            raise UsageError(f"--level {request.level} is no level of divisions; allowed: 0 (country) to 5")
        site = request.base or "https://www.geoboundaries.org"
        isos = [country(text).iso3 for text in request.countries]
        return [(iso3, f"{site}/api/current/gbOpen/{iso3}/ADM{request.level}/") for iso3 in isos]


@dataclass(frozen=True)
class _GeoNames:
    name: str = "geonames"
    title: str = "GeoNames country file"
    licence: str = "CC BY 4.0"
    citation: str = "GeoNames, https://www.geonames.org/, CC BY 4.0."
    environment: tuple[str, ...] = ()

    def plan(self, request: Request) -> list[str]:
        """Say what would be asked."""
        return [address for _, address in self._addresses(request)]

    def fetch(self, request: Request, web: WebFetcher, folder: Path, tell: Tell) -> Delivery:
        """Get the places of each country, as GeoNames writes them."""
        found, rows = [], 0
        for iso2, address in self._addresses(request):
            got = web.get(
                address, licence=self.licence, citation=self.citation,
                progress=partial(tell, f"GeoNames {iso2}"),
            )  # fmt: skip
            refuse_page(got, "a zip file", "check the country")
            assert got.path is not None
            target, plain = folder / f"{iso2}.txt", folder / f".{got.sha256}.part"
            try:
                unzip_member(
                    got.path, plain, what=address, max_bytes=4_000_000_000,
                    choose=f"{iso2}.txt".__eq__,
                )  # fmt: skip
                rows += self._count(plain, address, kept(got))
                plain.replace(target)
            finally:
                plain.unlink(missing_ok=True)
            found.append(target)
        return Delivery(
            tuple(found), rows, self.licence, self.citation,
            "afterstrike read REPORT.txt --gazetteer FILE",
        )  # fmt: skip

    def _count(self, plain: Path, address: str, where: str) -> int:
        """Count the places and check the width of the table."""
        rows = 0
        with plain.open("rb") as stream:
            for line in stream:
                width = line.count(b"\t") + 1
                if width != _GEONAMES_COLUMNS:
                    raise LayoutError(
                        f"GeoNames has changed its columns: line {rows + 1} of {address} has {width}, its readme "
                        f"says {_GEONAMES_COLUMNS}. Nothing was written; {where}"
                    )
                rows += 1
        if not rows:
            raise SourceError(f"{address} holds no places; nothing was written; {where}")
        return rows

    def _addresses(self, request: Request) -> list[tuple[str, str]]:
        if not request.countries:
            raise UsageError("GeoNames files are got by country; give --country, e.g. --country SYR")
        site = f"{request.base or 'https://download.geonames.org'}/export/dump"
        isos = [country(text).iso2 for text in request.countries]
        return [(iso2, f"{site}/{iso2}.zip") for iso2 in isos]


BOUNDARIES = _Boundaries()
GEONAMES = _GeoNames()
