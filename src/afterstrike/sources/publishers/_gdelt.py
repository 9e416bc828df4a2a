"""GDELT 2.0 events: a file every 15 minutes since 19 February 2015.

Rests on the GDELT Event Database Data Format Codebook V2.0 (19 February 2015) and
http://data.gdeltproject.org/gdeltv2/: `lastupdate.txt` names the newest files and `masterfilelist.txt` all of
them, one a line as size, MD5 and address. An event file is a zip of one tab-separated table of 61 columns
without a header. Files never change, so one that is in the archive is not asked for again: a broken-off
fetch of a long period goes on where it stopped. The address is http, as documented: the host has no
certificate of its own; the MD5 comes the same way, so it tells damage, not forgery.

GDELT codes news by machine. One row is one mention of an act in the news, not one verified event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import IO

from afterstrike.errors import LayoutError, SourceError, UsageError
from afterstrike.sources._archive import digest_of
from afterstrike.sources._unpack import unzip_member
from afterstrike.sources._web import Got, WebFetcher
from afterstrike.sources.publishers._countries import country
from afterstrike.sources.publishers._publisher import Delivery, Request, Tell
from afterstrike.sources.publishers._tables import kept, refuse_page, whole_file

__all__ = ["GDELT", "Listed", "read_file_list"]

_SITE = "http://data.gdeltproject.org"
_FIRST = date(2015, 2, 18)
_VIOLENT = (b"18", b"19", b"20")  # CAMEO: assault, fight, unconventional mass violence
_LINE = re.compile(r"(\d+)\s+([0-9a-fA-F]{32})\s+(\S*/(\d{14})\.export\.CSV\.zip)\s*")
_MOST_BYTES = 500_000_000  # of one unpacked file; a usual one has 1 MB


@dataclass(frozen=True)
class Listed:
    """One line of a file list."""

    size: int
    md5: str
    address: str
    moment: datetime  # UTC; when the 15 minutes end


def read_file_list(lines: Iterator[str] | list[str]) -> Iterator[Listed]:
    """Read the event files that a list names; lines of other tables and broken lines are left out.

    Parameters
    ----------
    lines : iterable of str
        `lastupdate.txt` or `masterfilelist.txt`.

    Yields
    ------
    Listed
        Size, MD5, address and time.

    Examples
    --------
    >>> line = "1 " + "0" * 32 + " http://data.gdeltproject.org/gdeltv2/20150218230000.export.CSV.zip"
    >>> [one.moment.isoformat() for one in read_file_list([line, "2 nothing", ""])]
    ['2015-02-18T23:00:00+00:00']
    """
    for line in lines:
        found = _LINE.fullmatch(line.strip())
        if found is None:
            continue
        try:
            moment = datetime.strptime(found[4], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            continue
        yield Listed(int(found[1]), found[2].lower(), found[3], moment)


@dataclass(frozen=True)
class _Gdelt:
    name: str = "gdelt"
    title: str = "GDELT 2.0 events"
    licence: str = "GDELT terms of use: free for any use with citation and a link to gdeltproject.org"
    citation: str = "The GDELT Project, GDELT 2.0 Event Database, https://www.gdeltproject.org/."
    environment: tuple[str, ...] = ()

    def plan(self, request: Request) -> list[str]:
        """Say what would be asked."""
        self._check(request)
        site = f"{request.base or _SITE}/gdeltv2"
        if request.date_from is None:
            return [f"{site}/lastupdate.txt", f"{site}/YYYYMMDDHHMMSS.export.CSV.zip (the newest)"]
        first, last = request.date_from, request.date_to or datetime.now(UTC).date()
        days = (last - first).days + 1
        return [
            f"{site}/masterfilelist.txt (more than 100 MB)",
            f"{site}/{first:%Y%m%d}000000.export.CSV.zip to {last:%Y%m%d}234500.export.CSV.zip "
            f"(about {96 * days:,} files of some 0.1 MB)",
        ]

    def fetch(self, request: Request, web: WebFetcher, folder: Path, tell: Tell) -> Delivery:
        """Get the files of a period (or the newest one) and join what is asked for into one table."""
        self._check(request)
        fips = frozenset(code.encode() for text in request.countries for code in country(text).fips)
        listed = self._listed(request, web, tell)
        first, last = listed[0].moment, listed[-1].moment
        parts = ["gdelt", *(one.upper() for one in request.countries)]
        parts += [f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"] if request.date_from else [f"{last:%Y%m%d%H%M%S}"]
        target = folder / ("-".join(parts).replace(" ", "_") + ".csv")
        rows = 0
        with whole_file(target, binary=True) as out:
            out.write(("\t".join(columns()) + "\n").encode())
            for number, one in enumerate(listed):
                tell("GDELT: files", number, len(listed))
                got = self._file(request, web, one)
                rows += _append(got, out, fips, request.everything, folder)
            if not rows:
                raise SourceError("GDELT has no event that fits; nothing was written")
        notes = ["each row is one mention in the news, coded by machine; it is no verified event"]
        if not request.everything:
            notes.append("kept: assault, fighting and mass violence (CAMEO 18 to 20); --all keeps every kind")
        return Delivery(
            (target,), rows, self.licence, self.citation, "afterstrike record add FILE --record RECORD",
            tuple(notes),
        )  # fmt: skip

    def _check(self, request: Request) -> None:
        if request.date_to is not None and request.date_from is None:
            raise UsageError("GDELT needs --from with --to; without both, the newest 15 minutes are got")
        if request.date_from is not None and request.date_from < _FIRST:
            raise UsageError(f"GDELT 2.0 begins on {_FIRST}; --from {request.date_from} is before that")
        for text in request.countries:
            country(text)

    def _listed(self, request: Request, web: WebFetcher, tell: Tell) -> list[Listed]:
        """Give the files to get, oldest first, each once."""
        site = f"{request.base or _SITE}/gdeltv2"
        name = "lastupdate.txt" if request.date_from is None else "masterfilelist.txt"
        got = web.get(
            f"{site}/{name}", licence=self.licence, citation=self.citation,
            progress=partial(tell, f"GDELT: {name}"),
        )  # fmt: skip
        refuse_page(got, "a list of files")
        assert got.path is not None
        with got.path.open(encoding="utf-8", errors="replace") as stream:
            found = {one.moment: one for one in read_file_list(iter(stream)) if _asked(one, request)}
        if not found:
            raise SourceError(f"{got.address} names no event file that fits; check --from and --to")
        return [found[moment] for moment in sorted(found)]

    def _file(self, request: Request, web: WebFetcher, one: Listed) -> Got:
        """Get one file, or take it from the archive where it is there unchanged."""
        # only the file's name is taken from the list, so that it cannot lead elsewhere
        address = f"{request.base or _SITE}/gdeltv2/{one.moment:%Y%m%d%H%M%S}.export.CSV.zip"
        archive = web.archive
        earlier = archive.latest(address) if archive is not None else None
        if archive is not None and earlier is not None and archive.holds(earlier.sha256):
            path = archive.path(earlier.sha256)
            if digest_of(path, "md5")[0] == one.md5:
                return Got(
                    earlier, 200, True, False, path, address, address, earlier.headers, earlier.sha256,
                    earlier.size,
                )  # fmt: skip
        return web.get(address, md5=one.md5, conditional=False, licence=self.licence, citation=self.citation)


def _asked(one: Listed, request: Request) -> bool:
    day = one.moment.date()
    return (request.date_from is None or day >= request.date_from) and (
        request.date_to is None or day <= request.date_to
    )


def columns() -> list[str]:
    """Give the 61 column names of the codebook, in their order."""
    text = files(__package__).joinpath("gdelt_columns.csv").read_text(encoding="utf-8")
    return text.split()[1:]


def _append(got: Got, out: IO[bytes], fips: frozenset[bytes], everything: bool, folder: Path) -> int:
    """Add the rows of one file that are asked for; a row of another width means another format."""
    names = columns()
    root, where = names.index("EventRootCode"), names.index("ActionGeo_CountryCode")
    assert got.path is not None
    plain = folder / f".{got.sha256}.part"
    rows = 0
    try:
        unzip_member(
            got.path, plain, choose=lambda name: name.lower().endswith(".csv"), what=got.address,
            max_bytes=_MOST_BYTES,
        )  # fmt: skip
        with plain.open("rb") as stream:
            for line in stream:
                line = line.rstrip(b"\r\n")
                if not line:
                    continue
                cells = line.split(b"\t")
                if len(cells) != len(names):
                    raise LayoutError(
                        f"GDELT has changed its columns: {got.address} has {len(cells)}, the codebook "
                        f"{len(names)}. Nothing was written; {kept(got)}"
                    )
                if (everything or cells[root] in _VIOLENT) and (not fips or cells[where] in fips):
                    # a quotation mark is a letter there, and would open a quoted cell in a table with a header
                    out.write(line.replace(b'"', b"'") + b"\n")
                    rows += 1
    finally:
        plain.unlink(missing_ok=True)
    return rows


GDELT = _Gdelt()
