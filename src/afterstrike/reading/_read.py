"""Reads a document into a ledger: claims, places and events, each with the exact span it stands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from afterstrike.errors import UsageError
from afterstrike.reading._assemble import assemble
from afterstrike.reading._claim import Claim, Ledger, PlaceMention
from afterstrike.reading._clean import clean
from afterstrike.reading._document import MAX_BYTES, Document, language_of, note_on, open_document
from afterstrike.reading._event import Event, Span
from afterstrike.reading._furniture import sort_page
from afterstrike.reading._place import PlaceResolver
from afterstrike.reading._sentence import blocks
from afterstrike.sources import RawDocument

__all__ = ["read_document"]


def read_document(
    raw: RawDocument | str | bytes,
    *,
    published: str | None = None,
    title: str | None = None,
    media_type: str | None = None,
    gazetteer: PlaceResolver | None = None,
    language: str | None = None,
) -> Ledger:
    """Read a document and write down its claims, the places it names and the events it tells of.

    Parameters
    ----------
    raw : RawDocument, str or bytes
        The document. A str is taken as plain text that is already decoded.
    published : str, optional
        The publication date, YYYY-MM-DD. Left out, the page's own date is taken where it states one, in its
        metadata or on a line of its own; without any, relative dates stay unresolved.
    title : str, optional
        The headline; left out, the page's title or the first line that has the shape of one.
    media_type : str, optional
        What the document is, where its content leaves that open: text/plain, text/markdown or text/html.
    gazetteer : PlaceResolver, optional
        What resolves place names; the default gazetteer when left out.
    language : str, optional
        "en" or "ar" where the script leaves it open; told from the text when left out.

    Returns
    -------
    Ledger
        Claims in text order, with ids c1, c2, ... Every span satisfies ``text[start:end] == quote``.

    Raises
    ------
    ReadingError
        The document holds no text that can be read.
    UsageError
        `published` is not a date, or `language` not one that is read.

    Examples
    --------
    >>> text = "Officials said 14 boats sank near Hodeidah on Monday."
    >>> ledger = read_document(text, published="2024-05-08")
    >>> claim = ledger.claims[0]
    >>> claim.kind, claim.source, claim.quantities[0].unit, claim.dates[0].date_start
    ('figure', 'Officials', 'boats', '2024-05-06')
    >>> event = read_document("قُتل مدنيان بغارة روسية على مدينة إدلب السورية، الجمعة", published="2021-12-31").events[0]
    >>> event.kind, event.civilian_fatalities_low, event.initiator, event.place, event.date_start
    ('strike', 2, 'Government of Russia', 'إدلب', '2021-12-31')
    """
    if language not in (None, "en", "ar"):
        raise UsageError(f"language={language!r}; allowed: en, ar, or left out")
    day = _published(published)
    document = _open(raw, media_type)
    if language and document.language != language:
        document = replace(document, language=language, notes=())
    published_from = "given by the user" if day else None
    if day is None and document.published:
        day = _published(document.published)
        published_from = "page metadata"
    if gazetteer is None and document.language in ("en", "ar"):
        from afterstrike.reading.gazetteer import default_gazetteer

        gazetteer = default_gazetteer()
    read = _READERS.get(document.language, _read_nothing)(document, day, title, gazetteer)
    if read.published and not day:
        day, published_from = read.published, "a line of the text"
    own_title = document.text[slice(*read.title_span)] if read.title_span else None
    return Ledger(
        text=document.text,
        claims=read.claims,
        title=own_title if own_title and not (title or document.title) else read.title,
        title_span=read.title_span,
        published=day.isoformat() if day else None,
        published_from=published_from,
        language=document.language,
        media_type=document.media_type,
        encoding=document.encoding,
        furniture=read.furniture,
        notes=document.notes,
        places=read.places,
        events=read.events,
    )


@dataclass(frozen=True)
class _Read:
    claims: tuple[Claim, ...] = ()
    places: tuple[PlaceMention, ...] = ()
    events: tuple[Event, ...] = ()
    furniture: tuple[Span, ...] = ()
    title: str | None = None
    title_span: Span | None = None
    published: date | None = None


def _read_nothing(
    document: Document, day: date | None, title: str | None, gazetteer: PlaceResolver | None
) -> _Read:
    page = sort_page(document.text, blocks(document.text), title or document.title)
    return _Read(furniture=page.furniture, title=page.title, title_span=page.title_span)


def _read_english(
    document: Document, day: date | None, title: str | None, gazetteer: PlaceResolver | None
) -> _Read:
    from afterstrike.reading._english import EnglishReader

    cleaned = clean(document.text)
    page = sort_page(cleaned.text, blocks(cleaned.text), title or document.title)
    reader = EnglishReader(cleaned.text, day, gazetteer)
    claims = tuple(map(cleaned.claim_back, reader.read(page)))
    return _Read(
        claims,
        tuple(_moved(place, cleaned.back, document.text) for place in reader.places),
        tuple(_event_moved(e, cleaned.back, document.text) for e in assemble(reader.statements)),
        tuple(cleaned.back(*span) for span in page.furniture),
        page.title,
        cleaned.back(*page.title_span) if page.title_span else None,
    )


def _read_arabic(
    document: Document, day: date | None, title: str | None, gazetteer: PlaceResolver | None
) -> _Read:
    from afterstrike.reading.arabic._date import standing_date
    from afterstrike.reading.arabic._fold import fold
    from afterstrike.reading.arabic._reader import ArabicReader

    assert gazetteer is not None
    folded = fold(document.text)
    stated = None if day else standing_date(folded.text)
    reader = ArabicReader(folded, day or stated, gazetteer)
    claims = tuple(_claim_moved(claim, folded.back, document.text) for claim in reader.read())
    head = folded.back(*reader.title_span) if reader.title_span else None
    return _Read(
        claims,
        tuple(_moved(place, folded.back, document.text) for place in reader.places),
        tuple(_event_moved(e, folded.back, document.text) for e in assemble(reader.statements)),
        tuple(folded.back(*span) for span in reader.furniture),
        title or document.title or (document.text[slice(*head)] if head else None),
        head,
        stated,
    )


_READERS = {"en": _read_english, "ar": _read_arabic}
_Back = Callable[[int, int], Span]


def _moved(mention, back: _Back, text: str):  # type: ignore[no-untyped-def]
    """Give a mention of the working copy with its span and words in the text as it came."""
    a, b = back(mention.start, mention.end)
    return replace(mention, start=a, end=b, text=text[a:b])


def _claim_moved(claim: Claim, back: _Back, text: str) -> Claim:
    a, b = back(claim.start, claim.end)
    return replace(
        claim,
        start=a,
        end=b,
        quote=text[a:b],
        source_span=back(*claim.source_span) if claim.source_span else None,
        quantities=tuple(_moved(m, back, text) for m in claim.quantities),
        places=tuple(_moved(m, back, text) for m in claim.places),
        dates=tuple(_moved(m, back, text) for m in claim.dates),
        actors=tuple(_moved(m, back, text) for m in claim.actors),
        relayed_by=tuple(_moved(m, back, text) for m in claim.relayed_by),
    )


def _event_moved(event: Event, back: _Back, text: str) -> Event:
    spans = {name: [back(*span) for span in found] for name, found in event.spans.items()}
    counts = []
    for count in event.counts:
        a, b = back(count.start, count.end)
        counts.append(replace(count, start=a, end=b))
    place = text[slice(*spans["place"][0])] if "place" in spans else event.place
    return replace(event, spans=spans, counts=tuple(counts), place=place)


def _published(words: str | None) -> date | None:
    if words is None:
        return None
    try:
        return date.fromisoformat(words)
    except (TypeError, ValueError):
        raise UsageError(f"published={words!r}; allowed: a date YYYY-MM-DD, such as 2026-01-20") from None


def _open(raw: RawDocument | str | bytes, media_type: str | None) -> Document:
    if isinstance(raw, RawDocument):
        return open_document(raw.bytes, media_type=media_type or raw.media_type)
    if isinstance(raw, bytes):
        return open_document(raw, media_type=media_type)
    if media_type or len(raw) > MAX_BYTES or not raw.strip("\x00 \t\r\n"):
        # surrogates cannot be encoded; they are kept out rather than ending in a traceback
        return open_document(raw.encode("utf-8", "replace"), media_type=media_type)
    if any("\ud800" <= c <= "\udfff" for c in raw):
        raw = raw.encode("utf-8", "replace").decode()  # half characters cannot be written to any file
    language = language_of(raw)
    return Document(raw, "text/plain", None, language, notes=note_on(language))
