"""The sample articles hold what samples.toml says is planted in them, and nobody else's sentences."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from afterstrike.record import shipped

FOLDER = Path(__file__).resolve().parents[2] / "src/afterstrike/brief/samples"
TABLE = tomllib.loads((FOLDER / "samples.toml").read_text(encoding="utf-8"))
TEXTS = {name: (FOLDER / entry["file"]).read_text(encoding="utf-8") for name, entry in TABLE.items()}


@pytest.mark.parametrize("name", TABLE)
def test_samples_are_labelled_and_of_article_length(name: str) -> None:
    title, *_, label = TEXTS[name].splitlines()
    assert "written for afterstrike" in label and "invented" in label
    assert title == TABLE[name]["title"] and "invented" in TABLE[name]["outlet"]
    assert (400 if TABLE[name]["language"] == "ar" else 500) <= len(TEXTS[name].split()) <= 720
    assert date.fromisoformat(TABLE[name]["published"])
    assert TABLE[name]["language"] in ("en", "ar")


@pytest.mark.parametrize(
    ("name", "text", "kind"), [(name, p["text"], p["kind"]) for name in TABLE for p in TABLE[name]["planted"]]
)
def test_what_is_planted_is_in_the_text(name: str, text: str, kind: str) -> None:
    assert text in TEXTS[name]
    if kind == "headline_only":
        assert TEXTS[name].count(text.split()[0]) == 1


def test_planted_sums_are_wrong_as_said() -> None:
    desert, war = TEXTS["desert-strikes"], TEXTS["air-war-by-numbers"]
    assert "70, 35 and 1 targets, or 140" in desert and 70 + 35 + 1 != 140
    assert "together 11,918" in war and 3600 + 3440 + 3878 == 10918
    stated = [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) in (?:Iraq|Syria)\.?", war)]
    assert stated == [7959, 3282] and sum(stated) != 12241
    rows = shipped.series("us_strikes_weekly").rows
    in_syria = sum(int(r["strikes"] or 0) for r in rows if r["adm0"] == "SYR")
    assert (in_syria, 12241 - in_syria) == (4282, 7959)


def test_planted_clock_is_wrong_as_said() -> None:
    there = datetime(2026, 1, 10, 20, 30, tzinfo=ZoneInfo("Asia/Damascus"))
    assert there.astimezone(ZoneInfo("America/New_York")).hour == 12


def test_dated_facts_apply_from_their_day_on() -> None:
    found = {
        name: {
            fact.fact_id
            for fact in shipped.facts(as_of=TABLE[name]["published"], role="overtakes")
            if any(True for _ in fact.mentions(text))
        }
        for name, text in TEXTS.items()
    }
    assert {"assad_government_fell", "us_troops_2000_disclosed"} <= found["desert-strikes"]
    # The government of 2018 was still there in 2018; the troop number of 2017 had been corrected.
    assert found["air-war-by-numbers"] == {"us_troops_503_corrected"}


def test_one_sample_has_an_arabic_quote_with_its_translation() -> None:
    arabic = re.findall(r"[\u0600-\u06ff][\u0600-\u06ff\s،]+[\u0600-\u06ff]", TEXTS["desert-strikes"])
    assert len(arabic) == 1 and len(arabic[0].split()) > 8
    after = TEXTS["desert-strikes"].split(arabic[0])[1]
    assert "We do not know the number of victims" in after[:200]


def test_no_sentence_is_taken_from_the_shared_articles(shared: Path) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[a-z0-9]+", text.lower())
        return {tuple(words[n : n + 7]) for n in range(len(words) - 6)}

    ours = set().union(*(runs(text) for text in TEXTS.values()))
    for path in sorted((shared / "articles").glob("*.txt")):
        assert not ours & runs(path.read_text(encoding="utf-8")), path.name
