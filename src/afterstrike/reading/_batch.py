"""Reads many documents, one output line each: claims, events and places, or what was wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from afterstrike.errors import AfterstrikeError, SourceError
from afterstrike.reading._claim import Ledger, PlaceMention
from afterstrike.reading._place import PlaceResolver
from afterstrike.reading.gazetteer._shipped import country_point
from afterstrike.reading.models import incident_type, relevance, relevant_from

__all__ = ["count_lines", "document_line", "parse_lines", "read_batch", "read_lines"]

_MOST_CANDIDATES = 5

Record = dict[str, Any]


def document_line(name: str, ledger: Ledger, *, gazetteer: PlaceResolver | None = None) -> Record:
    """Give what was read of one document as plain JSON values.

    Parameters
    ----------
    name : str
        The document's id.
    ledger : Ledger
        What was read.
    gazetteer : PlaceResolver, optional
        What names the candidates of each place; without it `candidates` is empty.

    Returns
    -------
    dict
        `id, lang, published, title, claims, events, places, relevance, incident_type, notes`. `relevance` (0
        to 1) and `incident_type` are a model's, for sorting English texts (see `afterstrike.reading.models`).
        A place has `start, end, surface, name, lat, lon, geo_precision, adm0, adm1, gazetteer, gazetteer_id,
        candidates`; a candidate says why it ranks where it does. A country (`geo_precision` 6) has a point in
        its middle, good for a map of the world and nothing finer.

    Examples
    --------
    >>> from afterstrike.reading import read_document
    >>> line = document_line("a", read_document("A strike hit Raqqa in Syria, killing 3 civilians."))
    >>> line["id"], line["lang"], line["events"][0]["civilian_fatalities_low"], line["places"][0]["surface"]
    ('a', 'en', 3, 'Raqqa')
    """
    context = [p.adm0 for p in ledger.places if p.adm0]
    is_english = ledger.language == "en"
    chance = relevance(ledger.text) if is_english else None
    return {
        "id": name,
        "lang": ledger.language,
        "published": ledger.published,
        "title": ledger.title,
        "claims": [claim.to_dict() for claim in ledger.claims],
        "events": [event.to_dict() for event in ledger.events],
        "places": [_place(place, gazetteer, context) for place in ledger.places],
        "relevance": round(chance, 3) if chance is not None else None,
        "incident_type": incident_type(ledger.text)
        if chance is not None and chance > relevant_from()
        else None,
        "notes": list(ledger.notes),
    }


def _place(place: PlaceMention, gazetteer: PlaceResolver | None, context: list[str]) -> Record:
    found = asdict(place)
    found["surface"] = found.pop("text")
    found["candidates"] = []
    if place.geo_precision == 6 and place.lat is None and place.adm0:
        found["lat"], found["lon"] = country_point(place.adm0)
    if gazetteer is not None and (place.geo_precision or 0) < 6:
        from afterstrike.reading.gazetteer import PlaceQuery

        adm0 = place.adm0 or (context[0] if context else None)
        answer = gazetteer.resolve(PlaceQuery(place.text, adm0=adm0))
        found["candidates"] = [
            {"name": c.name, "lat": c.lat, "lon": c.lon, "adm0": c.adm0, "adm1": c.adm1, "gazetteer": c.gazetteer,
             "gazetteer_id": c.gazetteer_id, "score": round(c.score, 1), "reason": c.reason}
            for c in answer.candidates[:_MOST_CANDIDATES]
        ]  # fmt: skip
    return found


def count_lines(path: Path) -> int:
    """Count the lines of a file that hold something, to say how far a long run is."""
    try:
        with _opened(path) as file:
            return sum(1 for line in file if line.strip())
    except (OSError, EOFError):
        return 0  # `read_lines` says what is wrong with it


def _opened(path: Path) -> Any:
    if path.suffix == ".gz":
        import gzip

        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace")
    return path.open(encoding="utf-8-sig", errors="replace")


def read_lines(path: Path) -> Iterator[Record]:
    """Give the records of a JSON Lines file, one at a time; a line that is none comes as an error.

    A record is an object with `text`, and may have `id`, `lang` and `published`. Lines are numbered from 1.

    Raises
    ------
    SourceError
        The file cannot be opened.
    """
    try:
        with _opened(path) as file:
            yield from parse_lines(file, path.name)
    except (OSError, EOFError) as error:
        raise SourceError(
            f"{path}: cannot be read ({error}); give a JSON Lines file, plain or gzipped"
        ) from None


def parse_lines(lines: Iterable[str], name: str) -> Iterator[Record]:
    """Give the records of lines; `line` says in which each stands, and names it where it has no id."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield {**_parse_line(line, f"{name}:{number}", number), "line": number}


def _parse_line(line: str, place: str, number: int) -> Record:
    """Give the record of one line, or a record that holds only what is wrong with it."""
    try:
        record = json.loads(line)
        if "\\ud" in line.lower():  # half of a surrogate pair is no character and could not be written
            record = json.loads(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        return {"id": place, "error": f"line {number} is not JSON ({error}); a line is an object with `text`"}
    if isinstance(record, dict) and isinstance(record.get("text"), str):
        return {**record, "id": str(record["id"]) if record.get("id") is not None else place}
    given = record.get("id") if isinstance(record, dict) else None
    what = "without `text`" if isinstance(record, dict) else "no object"
    return {
        "id": str(given) if given is not None else place,
        "error": f"line {number} is {what}; a line is an object with `text`, and may have `id`, `lang` (en, ar) and "
        "`published` (YYYY-MM-DD)",
    }


def read_batch(
    records: Iterable[Record],
    *,
    published: str | None = None,
    gazetteer: PlaceResolver | None = None,
    candidates: bool = True,
    progress: Callable[[], None] = lambda: None,
) -> Iterator[Record]:
    """Read records one by one; a record that cannot be read gives a line with `error` and the run goes on.

    Parameters
    ----------
    records : iterable of dict
        Each with `id` and `text` (str or bytes); `lang` and `published` where known.
    published : str, optional
        The publication date of records that state none.
    gazetteer : PlaceResolver, optional
        What resolves place names; the default gazetteer when left out.
    candidates : bool
        Whether places carry the gazetteer's candidates.
    progress : callable
        Called after each record.

    Returns
    -------
    iterator of dict
        One line a record, in order; see `document_line`. Nothing is kept between records.

    Examples
    --------
    >>> lines = read_batch([{"id": 1, "text": "Two raids hit Homs, Syria."}, {"id": 2, "text": ""}])
    >>> [(line["id"], line.get("error", "")[:21]) for line in lines]
    [(1, ''), (2, 'the document is empty')]
    """
    from afterstrike.reading._read import read_document
    from afterstrike.reading.gazetteer import default_gazetteer

    gazetteer = gazetteer or default_gazetteer()
    for record in records:
        if "error" in record and "text" not in record:
            yield {
                "id": record["id"],
                "lang": None,
                "claims": [],
                "events": [],
                "places": [],
                "error": record["error"],
            }
            progress()
            continue
        language = record.get("lang")
        notes: list[str] = []
        day = _day(record.get("published"))
        if day is None and record.get("published"):
            notes.append(
                f"published {str(record['published'])[:60]!r} is no date that is understood and was left aside"
            )
        day = day or published
        try:
            ledger = read_document(
                record["text"],
                published=day,
                title=record.get("title") if isinstance(record.get("title"), str) else None,
                media_type=record["media_type"] if isinstance(record.get("media_type"), str) else None,
                gazetteer=gazetteer,
                language=language if language in ("en", "ar") else None,
            )
        except AfterstrikeError as error:
            yield {
                "id": record["id"],
                "lang": None,
                "claims": [],
                "events": [],
                "places": [],
                "error": str(error),
            }
        else:
            line = document_line(record["id"], ledger, gazetteer=gazetteer if candidates else None)
            line["notes"] += notes
            yield line
        progress()


def _day(words: object) -> str | None:
    """Give the day that words of publication name: ISO with or without a time, or a date written out."""
    if not isinstance(words, str) or not words.strip():
        return None
    try:
        return date.fromisoformat(words.strip()[:10]).isoformat()
    except ValueError:
        pass
    from afterstrike.reading._date import find_dates
    from afterstrike.reading.arabic._date import find_dates as find_arabic_dates
    from afterstrike.reading.arabic._fold import fold

    text = words[:200]
    found = [*find_dates(text), *find_arabic_dates(fold(text).text)]
    return next(
        (d.date_start for d in found if d.date_start and d.date_precision == 1 and not d.relative), None
    )
