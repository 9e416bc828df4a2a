"""Files of places that a user brings: told apart by what is in them, not by how they are called."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from afterstrike.errors import SourceError
from afterstrike.reading.gazetteer._cache import FORMAT, Index, Place
from afterstrike.reading.gazetteer._user_rows import (
    columns_of,
    place_from_geonames,
    place_from_row,
    places_from_json,
)
from afterstrike.sources._cache_dir import cache_dir

__all__ = ["load_user_index"]

# A larger file is indexed once on disk instead of at every start.
_LARGE_BYTES = 8_000_000
_ALLOWED = (
    "a table with columns for name, lat and lon, JSON or JSON Lines with the same, GeoJSON points, "
    "or a GeoNames dump (19 tab-separated columns)"
)


def load_user_index(path: Path, shipped: Index) -> Index:
    """Read a file of places into an index.

    Parameters
    ----------
    path
        CSV (comma, semicolon or tab), JSON, JSON Lines, GeoJSON or GeoNames dump; plain or gzipped.
    shipped
        The places known anyway: they give the country of a row that states none, and the position of a row
        that only adds names to a known place.

    Raises
    ------
    SourceError
        The file cannot be read, or holds no places that are understood.
    """
    try:
        size, stamp = path.stat().st_size, path.stat().st_mtime_ns
        if size < _LARGE_BYTES:
            return Index.in_memory(_completed(path, shipped))
    except OSError as error:
        raise SourceError(
            f"cannot read the gazetteer {path}: {error.strerror or error}; give the path of a file of places"
        ) from error
    state = f"{path.resolve()}|{size}|{stamp}|{FORMAT}"
    cached = cache_dir() / f"places-{hashlib.sha256(state.encode()).hexdigest()[:16]}.sqlite"
    return Index.cached(cached, lambda: (_completed(path, shipped), ()))


def _completed(path: Path, shipped: Index) -> Iterator[Place]:
    """Give the places of a file with country and position filled in; raise where there is none."""
    count = seen = 0
    for place in _places(path):
        seen += 1
        if (whole := _complete(place, shipped)) is not None:
            count += 1
            yield whole
    if not count:
        what = f"{seen} names but no position for any" if seen else "no row with a name and a position"
        raise SourceError(f"{path} holds {what}; allowed is {_ALLOWED}")


def _complete(place: Place, shipped: Index) -> Place | None:
    if place.lat is None or place.lon is None:
        return _as_names_of_known(place, shipped)
    if place.adm0 is not None and place.adm1_code is not None:
        return place
    around = shipped.divisions_near(place.lat, place.lon)
    if around is None or place.adm0 not in (None, around[0]):
        return place
    adm0, adm1, code = around
    return replace(place, adm0=adm0, adm1=place.adm1 or adm1, adm1_code=code)


def _as_names_of_known(place: Place, shipped: Index) -> Place | None:
    """Give a row without a position the place of the one known settlement it names, else drop it."""
    from afterstrike.reading.gazetteer._names import bare

    names = (place.name, *place.names)
    hits = [
        hit
        for hits in shipped.find([k + bare(name) for name in names for k in "pb"]).values()
        for hit in hits
    ]
    known = {h.gazetteer_id: h for h in hits if h.adm0 == place.adm0 and h.geo_precision == 1}
    if place.adm0 is None or len(known) != 1:
        return None
    hit = next(iter(known.values()))
    return replace(
        place, lat=hit.lat, lon=hit.lon, adm1=hit.adm1, adm1_code=hit.adm1_code, feature=hit.feature,
        geo_precision=hit.geo_precision, timezone=hit.timezone, population=hit.population,
        gazetteer_id=f"{place.gazetteer_id} at {hit.gazetteer}:{hit.gazetteer_id}",
    )  # fmt: skip


def _places(path: Path) -> Iterator[Place]:
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    opened: IO[bytes] = gzip.open(path) if zipped else path.open("rb")  # type: ignore[assignment] # noqa: SIM115
    with opened:
        try:
            head = opened.read(65536)
            opened.seek(0)
            yield from _by_content(path, opened, head)
        except (EOFError, gzip.BadGzipFile) as error:
            raise SourceError(f"{path} is a damaged gzip file ({error}); fetch it again") from error


def _by_content(path: Path, file: IO[bytes], head: bytes) -> Iterator[Place]:
    if not head.strip():
        raise SourceError(f"{path} is empty; allowed is {_ALLOWED}")
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        kind = (
            "a Parquet file"
            if head[:4] == b"PAR1"
            else "a ZIP archive"
            if head[:2] == b"PK"
            else "binary data"
        )
        raise SourceError(f"{path} is {kind}, not a file of places; allowed is {_ALLOWED}")
    name = path.name.split(".")[0]
    encoding = _encoding(head)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    start = head.decode(encoding, errors="replace").lstrip("\ufeff \t\r\n")
    if start[:1] in "[{":
        yield from _from_json(path, text, name)
    elif _is_geonames(start):
        for line in text:
            if (place := place_from_geonames(line.rstrip("\r\n").split("\t"), name)) is not None:
                yield place
    else:
        yield from _from_table(path, text, start, name)


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        # A cut through the middle of a character at the end is no sign of another encoding.
        head[: len(head) - 4 if len(head) == 65536 else len(head)].decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) < 65536 or error.start < len(head) - 8:
            import charset_normalizer

            best = charset_normalizer.from_bytes(head).best()
            return best.encoding if best else "cp1252"
    return "utf-8-sig"


def _is_geonames(start: str) -> bool:
    row = start.splitlines()[0].split("\t")
    return len(row) == 19 and row[0].isdigit() and len(row[8]) <= 2


def _from_json(path: Path, text: IO[str], name: str) -> Iterator[Place]:
    content = text.read().lstrip("\ufeff")
    try:
        tree: Any = json.loads(content)
    except json.JSONDecodeError as whole:
        try:
            tree = [json.loads(line) for line in content.splitlines() if line.strip()]
        except json.JSONDecodeError:
            raise SourceError(
                f"{path} starts like JSON but is damaged at line {whole.lineno} ({whole.msg}); "
                f"allowed is {_ALLOWED}"
            ) from whole
    yield from places_from_json(tree, name)


def _from_table(path: Path, text: IO[str], start: str, name: str) -> Iterator[Place]:
    first = start.splitlines()[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(text, delimiter=delimiter)
    try:
        header = next(reader)
        found = columns_of(header)
        if "name" not in found or "lat" not in found or "lon" not in found:
            shown = ", ".join(h.strip()[:30] for h in header[:12]) or "nothing"
            raise SourceError(f"{path} is a table with the columns {shown}; a file of places is {_ALLOWED}")
        for number, row in enumerate(_rows(reader), start=1):
            if (place := place_from_row(found, row, name, number)) is not None:
                yield place
    except csv.Error as error:
        raise SourceError(
            f"{path} breaks off as a table at line {reader.line_num} ({error}); check its quotes"
        ) from error


def _rows(reader: Iterable[list[str]]) -> Iterator[list[str]]:
    return itertools.filterfalse(lambda row: not any(cell.strip() for cell in row), reader)
