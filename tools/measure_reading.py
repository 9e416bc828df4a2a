"""Measure the reader against human-coded text, on the shared test data: prints Markdown tables.

    python tools/measure_reading.py            # the development halves
    python tools/measure_reading.py --half test

Reads ../shared/data/text in place and prints counts only, no text. Tests use some of the development figures
as floors, and misses on the training halves were looked at while rules were written; the development halves
were not read. The last table is a seeded sample of training halves, read for crashes, false spans and pace.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter

from afterstrike.reading import Ledger, find_attributions, read_document
from reading_more import ARTICLE, SURENESS, ScoredPair, auc, gold, linked, pairs, perpetrators, polnear
from reading_tasks import DATA, centcom, excerpts, geoparsing, leads, muc, rows, uncertain

SEED = 7
SAMPLED = (
    "giveme5w1h_gold/train", "geoparsing/lgl_train", "geoparsing/trnews_train", "muc4/train",
    "polnear_attribution/train", "airwars_gaza_leads/train", "airwars_source_excerpts/train", "case2021_task2/train",
)  # fmt: skip


def holds(ledger: Ledger) -> bool:
    """Say whether every span of a ledger points at its own words."""
    for claim in ledger.claims:
        spans = [(claim.start, claim.end, claim.quote)]
        for group in (claim.quantities, claim.places, claim.dates, claim.actors):
            spans += [(m.start, m.end, m.text) for m in group]
        if any(ledger.text[a:b] != words for a, b, words in spans):
            return False
    if any(ledger.text[a.cue_start : a.cue_end] != a.cue for a in find_attributions(ledger)):
        return False
    return all(ledger.text[p.start : p.end] == p.text for p in ledger.places)


def sample(name: str) -> tuple[int, int, int, int, int, float]:
    """Read 60 documents: count them, their words, claims, events and faults; give milliseconds per 700
    words.
    """
    documents = list(rows(name))
    random.Random(SEED).shuffle(documents)
    words = claims = events = faults = 0
    ledgers: list[Ledger] = []
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
        events += len(ledger.events)
        ledgers.append(ledger)
    spent = time.process_time() - begun
    faults += sum(not holds(ledger) for ledger in ledgers)
    return len(documents[:60]), words, claims, events, faults, 1000 * spent / max(words, 1) * 700


def share(part: int, whole: int) -> str:
    """Write a share as a number with two decimals and its count."""
    return f"{part / whole:.2f} ({part:,} of {whole:,})" if whole else "-"


def f1(both: int, coded: int, said: int) -> str:
    """Write an F1 with precision and recall."""
    return f"{2 * both / (coded + said):.2f} (precision {both / said:.2f}, recall {both / coded:.2f}, {coded:,} coded)"


def table(half: str) -> None:
    """Print the first table."""

    def row(task: str, measure: str, value: str, bar: str = "") -> None:
        print(f"| {task} | {measure} | {value} | {bar} |")

    print(f"| Task ({half} half) | Measure | Reader | Bar |\n|---|---|---|---|")
    c = centcom(half)
    row("CENTCOM release lines", "number of strikes exact", share(c["strikes exact"], c["lines"]), "1.00")
    row("CENTCOM release lines", "place, letter by letter", share(c["place as a string"], c["lines"]))
    row(
        "CENTCOM release lines", "place, spellings of one name alike",
        share(c["place, spellings of one name alike"], c["lines"]), "0.99",
    )  # fmt: skip
    row("CENTCOM release lines", "lines with targets by type", share(c["targets by type"], c["lines"]))
    c = leads(half)
    row("Airwars Gaza leads", "civilians killed, least, exact", share(c["exact"], c["leads"]), "0.65")
    row("Airwars Gaza leads", "inside the coded range", share(c["inside the range"], c["leads"]), "0.75")
    row("Airwars Gaza leads", "no answer", share(c["no answer"], c["leads"]), "0.15 at most")
    whole: Counter[str] = Counter()
    for language, name in (("ar", "Arabic"), ("en", "English")):
        c = excerpts(half, language)
        whole.update(c)
        row(
            f"Syria excerpts, {name}",
            "killed exact, where stated",
            share(c["killed exact"], c["state the killed"]),
        )
        row(
            f"Syria excerpts, {name}",
            "place found, where named",
            share(c["place found"], c["have the place"]),
        )
        row(
            f"Syria excerpts, {name}",
            "day within one, of events with a day",
            share(c["day within one"], c["have a day"]),
        )
    row(
        "Syria excerpts, both",
        "killed exact, where stated",
        share(whole["killed exact"], whole["state the killed"]),
        "0.70",
    )
    row(
        "Syria excerpts, both",
        "place found, where named",
        share(whole["place found"], whole["have the place"]),
        "0.85",
    )
    row(
        "Syria excerpts, both",
        "day within one, of events with a day",
        share(whole["day within one"], whole["have a day"]),
        "0.80",
    )
    if half == "dev":
        have, right = gold()
        for field in have:
            row("Arabic coded by hand", field, share(right[field], have[field]))
        row("Arabic coded by hand", "all fields", share(sum(right.values()), sum(have.values())), "0.80")
    c = muc(half)
    row(
        "MUC-4",
        "texts that report an incident, F1",
        f1(c["both"], c["coded relevant"], c["said relevant"]),
        "0.85",
    )
    row("MUC-4", "type of the first incident", share(c["type right"], c["coded incidents"]), "0.75")
    c = perpetrators(half)
    row("MUC-4", "how surely the perpetrating organisation is named", share(c["right"], c["coded"]))
    row("MUC-4", "the same, of those that a claim names", share(c["right"], c["answered"]))
    for name in SURENESS:
        row("MUC-4", f"the same, coded {name}", share(c[f"right {name}"], c[f"coded {name}"]))
    for name, c in polnear(half).items():
        bar = "" if name == "statements only" else "0.65"
        row("PolNeAR", f"source span, {name}, overlap, F1", f1(c["overlap"], c["coded"], c["given"]), bar)
    c = uncertain(half)
    row(
        "CoNLL-2010 sentences",
        "uncertain, F1",
        f1(c["both"], c["coded uncertain"], c["said uncertain"]),
        "0.75",
    )
    for corpus, bar in (("geovirus", "0.48"), ("lgl", "0.62"), ("trnews", "0.34"), ("geowebnews", "0.30")):
        c = geoparsing(corpus, half)
        for measure, part, whole_of, asked in (
            ("coded toponyms within 161 km", "within 161 km", "toponyms", bar),
            ("given the coded name, within 161 km", "given, within 161 km", "toponyms", ""),
            ("coded toponyms read with a point, within 161 km", "within 161 km", "with a point", ""),
            ("places read that are coded ones", "places read that are coded", "places read", ""),
        ):
            row(f"Geoparsing, {corpus}", measure, share(c[part], c[whole_of]), asked)
    pair_rows(half)


def pair_rows(half: str) -> None:
    """Print how well pairs of reports of one incident are told from others."""

    def rows_of(name: str, found: list[ScoredPair], whole: str, bar: str = "") -> None:
        print(f"| {name} | {whole} | {auc(found):.2f} ({len(found):,} pairs) | {bar} |")

    name = "Pairs of Arabic reports"
    found = pairs(half)
    rows_of(name, found, "same incident, ROC AUC", "0.90")
    named = [pair for pair in found if pair.both_name_place]
    rows_of(name, named, "both name the coded place, ROC AUC")
    rows_of(name, pairs(half, by_address=True), "with the day and headline of the address, ROC AUC")
    round_ups = [pair for pair in found if pair.is_round_up]
    for part, measure in (
        (found, "linked as one incident"),
        (round_ups, "linked, one tells of three events or more"),
    ):
        right, said, coded = linked(part)
        print(f"| {name} | {measure}: precision | {share(right, said)} |  |")
        print(f"| {name} | {measure}: recall | {share(right, coded)} |  |")
    rows_of("Pairs of English reports", pairs(half, "en"), "same incident, ROC AUC")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", default="dev", help="train, dev, or the name of another half that is there")
    half = parser.parse_args().half
    if not DATA.is_dir():
        print("../shared/data/text is not here: nothing measured")
        return
    table(half)
    print(
        "\n| Sample of 60 | documents | words | claims | events | crashes or false spans | ms per 700 words |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in SAMPLED:
        documents, words, claims, events, faults, pace = sample(name)
        print(f"| {name} | {documents} | {words:,} | {claims:,} | {events:,} | {faults} | {pace:.0f} |")
    if ARTICLE.exists():
        ledger = read_document(ARTICLE.read_text(encoding="utf-8"))
        kinds = Counter(claim.kind for claim in ledger.claims)
        print(
            f"\ncaliphate-ghost.txt: {len(ledger.claims)} claims ({dict(kinds)}), {len(ledger.events)} events"
        )


if __name__ == "__main__":
    main()
