"""The tasks that reading is measured on: each reads human-coded text in ../shared and counts what is right."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from afterstrike.reading import Ledger, PlaceMention, default_gazetteer, read_document
from afterstrike.reading._number import word_number
from afterstrike.reading._place_article import read_article
from afterstrike.reading._place_context import states_named
from afterstrike.reading.arabic._fold import fold_words, tokens
from afterstrike.reading.arabic._number import number_at
from afterstrike.reading.gazetteer._names import bare, folded
from afterstrike.reading.gazetteer._rank import distance_km
from afterstrike.reading.gazetteer._shipped import country_point

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "text"


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Give the rows of one corpus file."""
    path = DATA / f"{name}.jsonl"
    text = path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
    for line in text.decode("utf-8").splitlines():
        yield json.loads(line)


def same_name(a: str, b: str) -> bool:
    """Say whether two spellings are of one name, by what the gazetteer takes for one."""
    return bool(a and b) and (bare(a) == bare(b) or folded(a) == folded(b))


def centcom(half: str) -> Counter[str]:
    """Read release lines: strikes, the place as a string, and how many lines give targets by type."""
    count: Counter[str] = Counter()
    for row in rows(f"centcom_strike_lines/{half}"):
        ledger = read_document(row["text"], published=row["release_date"])
        event = next((e for e in ledger.events if e.kind == "strike"), None)
        count["lines"] += 1
        count["strikes exact"] += event is not None and event.strikes == row["strikes"]
        names = [event.place or ""] if event else []
        coded = row["place_normalised"]
        count["place as a string"] += any(name == coded for name in names)
        count["place, spellings of one name alike"] += any(
            name.casefold() == coded.casefold()
            or same_name(name, coded)
            or same_name(resolved(name, row["country"]), resolved(coded, row["country"]))
            for name in names
        )
        count["targets by type"] += event is not None and bool(event.target_types)
    return count


@cache
def resolved(name: str, country: str) -> str:
    """Give the gazetteer row that a name resolves to in a country, or an empty text."""
    from afterstrike.reading.gazetteer import PlaceQuery

    answer = default_gazetteer().resolve(PlaceQuery(name, adm0=country))
    return f"{answer.gazetteer_id}" if answer.gazetteer_id else ""


def killed(ledger: Ledger) -> tuple[int | None, int | None]:
    """Give the least and most killed of the first event that says: civilians, or else people."""
    for event in ledger.events:
        for low, high in (
            (event.civilian_fatalities_low, event.civilian_fatalities_high),
            (event.fatalities_low, event.fatalities_high),
        ):
            if low is not None or high is not None:
                return low, high
    return None, None


def leads(half: str) -> Counter[str]:
    """Read Airwars Gaza leads: least number of civilians killed."""
    count: Counter[str] = Counter()
    for row in rows(f"airwars_gaza_leads/{half}"):
        if row["killed_min"] is None:
            continue
        ledger = read_document(row["excerpt"], published=row["date"])
        low, high = killed(ledger)
        given = low if low is not None else high
        count["leads"] += 1
        count["exact"] += given == row["killed_min"]
        count["inside the range"] += given is not None and row["killed_min"] <= given <= (
            row["killed_max"] or row["killed_min"]
        )
        count["no answer"] += given is None
        strict = next(
            (e.civilian_fatalities_low for e in ledger.events if e.civilian_fatalities_low is not None), None
        )
        count["exact, only what the words call civilians"] += strict == row["killed_min"]
    return count


_DEATH_EN = re.compile(r"kill|dead|death|die[sd]|martyr|bodies|lives|toll|fatal", re.I)
_DEATH_AR = re.compile("قتل|قتيل|قتلي|استشه|شهيد|شهداء|ضحي|ضحايا|جث|مصرع|حتف|قضي|توفي|ارتقا|مجزره|وفاه|بحياه")


def states(text: str, language: str, number: int) -> bool:
    """Say whether a text has this number within 60 characters of a word of death, by digits, words or a
    dual.
    """
    if language == "ar":
        plain = fold_words(text)
        row = tokens(plain)
        near = [m.start() for m in _DEATH_AR.finditer(plain)]
        for place, token in enumerate(row):
            amount = number_at(row, place)
            value = amount.value if amount else None
            if number == 1 and token.stems[-1] in _ONE:
                value = 1
            if number == 2 and token.stems[-1] in _TWO:
                value = 2
            if value == number and any(abs(token.start - at) <= 60 for at in near):
                return True
        return False
    near = [m.start() for m in _DEATH_EN.finditer(text)]
    for match in re.finditer(r"\d+|[a-z]+(?:-[a-z]+)?", text.lower()):
        word = match.group()
        value = int(word) if word.isdigit() else word_number(word)
        if number == 1 and word in ("a", "an"):
            value = (
                1
                if re.match(
                    r"an?\s+(?:\w+\s+){0,2}(?:civilian|man|woman|child|boy|girl|person)\b",
                    text[match.start() : match.start() + 40].lower(),
                )
                else None
            )
        if value == number and any(abs(match.start() - at) <= 60 for at in near):
            return True
    return False


_ONE = frozenset(
    fold_words(w)
    for w in (
        "مدني",
        "طفل",
        "طفلة",
        "امرأة",
        "سيدة",
        "شاب",
        "شخص",
        "مواطن",
        "قتيل",
        "رجل",
        "مدنيا",
        "شخصا",
        "طفلا",
    )
)
_TWO = frozenset(
    fold_words(w)
    for w in ("مدنيان", "طفلان", "طفلين", "امرأتان", "شخصان", "شخصين", "شابان", "شابين", "قتيلان", "قتيلين")
)


def excerpts(half: str, language: str) -> Counter[str]:
    """Read news excerpts coded by Airwars: killed where the text states it, the place, the day.

    Codes are of the incident, not of the excerpt. The incident's day stands in for the publication date,
    which most rows lack: what is measured is whether words of time lead to it.
    """
    count: Counter[str] = Counter()
    for row in rows(f"airwars_source_excerpts/{half}"):
        coded = row["coded"]
        if row["lang"] != language:
            continue
        ledger = read_document(row["excerpt"], published=coded["date"], language=language)
        count["excerpts"] += 1
        low = coded["killed_min"]
        if low and states(row["excerpt"], language, low):
            count["state the killed"] += 1
            given = {e.fatalities_low for e in ledger.events} | {
                e.civilian_fatalities_low for e in ledger.events
            }
            given |= {e.fatalities_best for e in ledger.events}
            count["killed exact"] += low in given
            first = killed(ledger)
            count["killed exact, first event"] += low in first
        if row["place_in_text"]:
            count["have the place"] += 1
            count["place found"] += found_place(ledger.places, coded)
        days = [e.date_start for e in ledger.events if e.date_start and (e.date_precision or 9) <= 2]
        if days:
            count["have a day"] += 1
            gaps = [abs((date.fromisoformat(day) - date.fromisoformat(coded["date"])).days) for day in days]
            count["day within one"] += gaps[0] <= 1
    return count


def found_place(places: tuple[PlaceMention, ...], coded: dict[str, Any]) -> bool:
    """Say whether one of the places read is the coded one: by name, or within 10 km of its point."""
    names = [n for n in (coded["place_ar"], coded["place_en"]) if n]
    for place in places:
        for name in names:
            if same_name(tidy(place.text), tidy(name)) or (place.name and same_name(place.name, name)):
                return True
            whole, said = fold_words(name), fold_words(place.text)
            if len(said) > 3 and said in whole:
                return True
        if place.lat is None or place.lon is None or coded["lat"] is None or (place.geo_precision or 9) > 3:
            continue
        if distance_km(place.lat, place.lon, coded["lat"], coded["lon"]) <= 10:
            return True
    return False


def geoparsing(corpus: str, half: str) -> Counter[str]:
    """Read toponyms: found at all, and with a point within 161 km of the coded one; and what else was read.

    "Given" is what the reader would take each coded name for, whether or not it saw a place there.
    """
    count: Counter[str] = Counter()
    for row in rows(f"geoparsing/{corpus}_{half}"):
        ledger = read_document(row["text"], published=None, language="en")
        article = read_article(row["text"], default_gazetteer(), states_named(row["text"]))
        spans = [(t["start"], t["end"]) for t in row["toponyms"]]
        for coded in row["toponyms"]:
            if coded.get("lat") is None:
                continue
            count["toponyms"] += 1
            over = [p for p in ledger.places if p.start < coded["end"] and coded["start"] < p.end]
            points = [at for p in over if (at := point(p)) is not None]
            is_right = any(distance_km(*at, coded["lat"], coded["lon"]) <= 161 for at in points)
            count["found"] += bool(over)
            count["with a point"] += bool(points)
            count["within 161 km"] += is_right
            sense = article.senses.get(coded["surface"])
            if not points and sense is not None and sense.hit.lat is not None and sense.hit.lon is not None:
                is_right = distance_km(sense.hit.lat, sense.hit.lon, coded["lat"], coded["lon"]) <= 161
            count["given, within 161 km"] += is_right
        count["places read"] += len(ledger.places)
        count["places read that are coded"] += sum(
            any(p.start < b and a < p.end for a, b in spans) for p in ledger.places
        )
    return count


_FEATURES = re.compile(
    r"\b(?:town|village|city|camp|refugee|IDP|neighbou?rhood|countryside|district|governorate|province)\b|^(?:قرية|مدينة|بلدة|مخيم|ناحية|حي)\s",
    re.I,
)


def tidy(name: str) -> str:
    """Give a name without the word that says what it is: "X village" and "قرية X" are X."""
    return " ".join(_FEATURES.sub(" ", name).split())


def point(place: PlaceMention) -> tuple[float, float] | None:
    """Give the point of a place, a country's middle for a country."""
    if place.lat is not None and place.lon is not None:
        return place.lat, place.lon
    lat, lon = country_point(place.adm0) if place.geo_precision == 6 and place.adm0 else (None, None)
    return (lat, lon) if lat is not None and lon is not None else None


def main_type(row: dict[str, Any]) -> str:
    """Give the type of the first coded incident of a MUC-4 text: attack, bombing, kidnapping, arson,
    robbery.
    """
    if not row["templates"]:
        return ""
    coded = row["templates"][0].get("incident_type") or []
    first = (coded[0] if isinstance(coded, list) and coded else coded) or ""
    return str(first).split("/")[0].replace("?", "").replace('"', "").strip().lower()


def muc(half: str) -> Counter[str]:
    """Read MUC-4 texts: which report an incident, and its type."""
    from afterstrike.reading.models import incident_type, relevance, relevant_from

    threshold = relevant_from()
    count: Counter[str] = Counter()
    for row in rows(f"muc4/{half}"):
        count["texts"] += 1
        truth, said = bool(row["relevant"]), relevance(row["text"]) > threshold
        count["both"] += truth and said
        count["coded relevant"] += truth
        count["said relevant"] += said
        if main_type(row):
            count["coded incidents"] += 1
            count["type right"] += incident_type(row["text"]) == main_type(row)
    return count


def uncertain(half: str) -> Counter[str]:
    """Judge sentences certain or uncertain."""
    from afterstrike.reading.models import TextModel, uncertainty

    threshold = TextModel.load("uncertainty").threshold
    count: Counter[str] = Counter()
    for row in rows(f"conll2010_wiki_uncertainty/{half}"):
        truth, said = not row["certain"], uncertainty(row["text"]) > threshold
        count["both"] += truth and said
        count["coded uncertain"] += truth
        count["said uncertain"] += said
    return count
