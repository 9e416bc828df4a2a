"""Measure the reader against human-coded text, on the shared test data: prints Markdown tables.

Run `python tools/measure_reading.py`. Reads ../shared/data/text in place and prints counts only, no text.
The first table is on the development halves, which tests use as floors too, so it is no held-back score; the
second reads a seeded sample of seven training halves, some of which were read while rules were mended.
"""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from afterstrike.reading import Ledger, read_document
from afterstrike.reading._actor import find_actors
from afterstrike.reading._attribution import attribute
from afterstrike.reading._place import context_countries, find_places
from afterstrike.reading._sentence import sentences

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "text"
SEED = 7
SAMPLED = (
    "giveme5w1h_gold/train", "geoparsing/lgl_train", "geoparsing/trnews_train", "muc4/train",
    "polnear_attribution/train", "airwars_gaza_leads/train", "case2021_task2/train",
)  # fmt: skip
HARM = ("kill", "dead", "died", "death", "toll", "bodies", "lives", "martyr")


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Give the rows of one corpus file."""
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def centcom() -> tuple[int, int]:
    """Count release lines whose number of strikes is read right; lines of a single strike left out."""
    lines = [row for row in rows("centcom_strike_lines/dev") if row["strikes"] > 1]
    right = 0
    for row in lines:
        found = [q for c in read_document(row["text"]).claims for q in c.quantities if q.unit == "strikes"]
        right += bool(found) and found[0].value == float(row["strikes"])
    return right, len(lines)


def killed_of(ledger: Ledger) -> float | None:
    """Give the largest lower bound of people that a claim of somebody's death counts."""
    best: float | None = None
    for claim in ledger.claims:
        if any(word in claim.quote.lower() for word in HARM):
            for q in claim.quantities:
                low = q.low if q.low is not None else q.value
                if q.unit in PEOPLE and low is not None and low < 1000:
                    best = max(best or 0, low)
    return best


PEOPLE = {"people", "civilians", "palestinians", "men", "women", "children", "bodies", "deaths", "members"}


def leads() -> tuple[int, int, int]:
    """Count leads whose least number of killed is read exactly, and those where none is read."""
    exact = none = total = 0
    for row in rows("airwars_gaza_leads/dev"):
        if row["killed_min"] is None:
            continue
        total += 1
        read = killed_of(read_document(row["excerpt"]))
        none += read is None
        exact += read == float(row["killed_min"])
    return exact, none, total


def geovirus() -> tuple[int, int, int, int, int]:
    """Count coded, found and shared place spans, and those of them with a point within 161 km."""
    from afterstrike.reading.gazetteer._rank import distance_km

    gold = found = hits = points = near = 0
    for row in rows("geoparsing/geovirus_dev"):
        text = row["text"]
        context = context_countries(text)
        places = [p for a, b in sentences(text) for p in find_places(text, a, b, context=context)]
        gold += len(row["toponyms"])
        found += len(places)
        for place in places:
            coded = [t for t in row["toponyms"] if place.start < t["end"] and t["start"] < place.end]
            hits += bool(coded)
            if coded and place.lat is not None and place.lon is not None and coded[0]["lat"] is not None:
                points += 1
                near += distance_km(place.lat, place.lon, coded[0]["lat"], coded[0]["lon"]) <= 161
    return gold, found, hits, points, near


def polnear() -> tuple[int, int]:
    """Count attributions with a source and a cue in one sentence whose source the reader overlaps."""
    seen = right = 0
    for row in rows("polnear_attribution/dev"):
        if not row["source"] or not row["cue"]:
            continue
        text, at = row["text"], row["cue"][0][0]
        for a, b in sentences(text):
            if not (a <= at < b and any(a <= x < b for x, _ in row["source"])):
                continue
            seen += 1
            span = attribute(text, a, b, actors=tuple(find_actors(text, a, b))).span
            right += bool(span and any(span[0] < y and x < span[1] for x, y in row["source"]))
    return right, seen


def holds(ledger: Ledger) -> bool:
    """Say whether every span of a ledger points at its own words."""
    for claim in ledger.claims:
        spans = [(claim.start, claim.end, claim.quote)]
        for group in (claim.quantities, claim.places, claim.dates, claim.actors):
            spans += [(m.start, m.end, m.text) for m in group]
        if any(ledger.text[a:b] != words for a, b, words in spans):
            return False
    return True


def sample(name: str) -> tuple[int, int, int, int, float]:
    """Read 60 documents: count them, their words, claims and faults; give milliseconds per 700 words."""
    documents = list(rows(name))
    random.Random(SEED).shuffle(documents)
    words = claims = faults = 0
    begun = time.process_time()
    for row in documents[:60]:
        text = row.get("text") or row.get("excerpt") or ""
        words += len(text.split())
        try:
            ledger = read_document(text, published="2026-01-20")
        except Exception:
            faults += 1
            continue
        claims += len(ledger.claims)
        faults += not holds(ledger)
    spent = time.process_time() - begun
    return len(documents[:60]), words, claims, faults, 1000 * spent / max(words, 1) * 700


def share(part: int, whole: int) -> str:
    """Write a share as a number with two decimals and its count."""
    return f"{part / whole:.2f} ({part:,} of {whole:,})" if whole else "-"


def main() -> None:
    """Print the tables."""
    if not DATA.is_dir():
        print("../shared/data/text is not here: nothing measured")
        return
    exact, none, total = leads()
    gold, found, hits, points, near = geovirus()
    print("| Task (development half) | Measure | Reader |\n|---|---|---|")
    print(f"| CENTCOM release lines | number of strikes exact | {share(*centcom())} |")
    print(f"| Airwars Gaza leads | least number killed exact | {share(exact, total)} |")
    print(f"| Airwars Gaza leads | no number read | {share(none, total)} |")
    print(f"| GeoVirus places | found spans that are coded (precision) | {share(hits, found)} |")
    print(f"| GeoVirus places | coded spans that are found (recall) | {share(min(hits, gold), gold)} |")
    print(f"| GeoVirus places | points within 161 km, of those with a point | {share(near, points)} |")
    print(f"| PolNeAR sources | overlap with the coded source | {share(*polnear())} |")
    print("\n| Sample of 60 | documents | words | claims | crashes or false spans | ms per 700 words |")
    print("|---|---|---|---|---|---|")
    for name in SAMPLED:
        documents, words, claims, faults, pace = sample(name)
        print(f"| {name} | {documents} | {words:,} | {claims:,} | {faults} | {pace:.0f} |")


if __name__ == "__main__":
    main()
