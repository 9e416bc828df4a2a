"""Reads 1,000 news articles of 700 words on one core: articles a minute, memory, and a baseline beside.

The articles are made of the sentences of open and internal corpora in ../shared (read in place), cut to 700 words
each, 4 in 5 English and 1 in 5 Arabic. The baseline is what the floor table of the corpora was made with: one regular
expression over number words in front of words of death. Writes benchmarks/results/reading.json.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from afterstrike.reading._batch import read_batch

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "text"
OUT = ROOT / "benchmarks" / "results" / "reading.json"
ENGLISH = (
    "muc4/train",
    "geoparsing/lgl_train",
    "geoparsing/trnews_train",
    "giveme5w1h_gold/train",
    "airwars_gaza_leads/train",
)
BASELINE = re.compile(
    r"\b(\d+|one|two|three|four|five|six|seven|eight|nine|ten|dozens?)\b[^.]{0,60}\b(?:killed|dead|died)\b",
    re.I,
)


def texts(name: str) -> Iterator[str]:
    """Give the texts of a corpus file."""
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row.get("text") or row.get("excerpt") or ""


def articles(count: int, words: int) -> Iterator[dict[str, Any]]:
    """Give articles of so many words, each made of whole texts of one language."""
    pools = {
        "en": [word for name in ENGLISH for text in texts(name) for word in text.split(" ")],
        "ar": [word for row in _arabic() for word in row.split(" ")],
    }
    at = {"en": 0, "ar": 0}
    for number in range(count):
        language = "ar" if number % 5 == 4 else "en"
        pool, start = pools[language], at[language]
        body = [pool[(start + n) % len(pool)] for n in range(words)]
        at[language] = (start + words) % len(pool)
        yield {"id": str(number), "text": " ".join(body), "lang": language, "published": "2024-05-08"}


def _arabic() -> Iterator[str]:
    with gzip.open(DATA / "airwars_source_excerpts" / "train.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["lang"] == "ar":
                yield row["excerpt"]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    count = parser.parse_args().articles
    if not DATA.is_dir():
        print("../shared/data/text is not here: nothing measured")
        return
    process = psutil.Process()
    load = [round(x, 1) for x in os.getloadavg()]
    made = list(articles(count, 700))
    list(read_batch(made[:10]))  # tables and the gazetteer are read once
    before = process.memory_info().rss
    seen: list[int] = []
    begun, spent = time.perf_counter(), time.process_time()
    claims = events = 0
    for number, line in enumerate(read_batch(iter(made)), 1):
        json.dumps(line, ensure_ascii=False)
        claims += len(line["claims"])
        events += len(line["events"])
        if number % (count // 4) == 0:
            seen.append(process.memory_info().rss)
    wall, spent = time.perf_counter() - begun, time.process_time() - spent
    begun = time.process_time()
    hits = sum(len(BASELINE.findall(row["text"])) for row in made)
    baseline = time.process_time() - begun
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load_before": load,
        "articles": count,
        "words": 700 * count,
        "claims": claims,
        "events": events,
        "wall_s": round(wall, 2),
        "cpu_s": round(spent, 2),
        "articles_per_minute_of_one_core": round(60 * count / spent),
        "memory_mb_before": round(before / 1e6),
        "memory_mb_at_each_quarter": [round(x / 1e6) for x in seen],
        "baseline_regular_expression_s": round(baseline, 2),
        "baseline_hits": hits,
        "times_the_baseline": round(spent / baseline, 1),
    }
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
