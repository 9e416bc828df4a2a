"""What does not add up inside an article: each flag by an example, and a clean article that has few."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterstrike.brief._check import check_claims
from afterstrike.brief._flag import flag_article
from afterstrike.brief._model import SEVERITIES, Flag
from afterstrike.reading import read_document


def flags_of(text: str, published: str | None = "2026-01-20") -> list[Flag]:
    """The flags of an article."""
    ledger = read_document(text, published=published)
    return flag_article(ledger, check_claims(ledger))


def kinds(text: str, published: str | None = "2026-01-20") -> set[str]:
    """The kinds of flag an article gets."""
    return {f.kind for f in flags_of(text, published)}


CLEAN = """Army says nine killed in clash near Gao

The Malian army said on 14 March 2025 that nine of its soldiers were killed in a clash near Gao on
12 March 2025.

A spokesman said 40 fighters had attacked a convoy of 12 vehicles at 06:30 local time (0630 GMT). The
United Nations said four of the dead were found the next day.

The governor said the road would be closed until 30 March 2025.
"""


def test_a_clean_article_has_no_grave_flags() -> None:
    assert [f for f in flags_of(CLEAN, "2025-03-15") if f.severity != "low"] == []


def test_a_headline_number_the_body_never_gives() -> None:
    text = "Forty tons of bombs dropped on the desert\n\nAircraft struck the desert on 3 May 2025, the army said."
    found = [f for f in flags_of(text, "2025-05-04") if f.kind == "headline_only"]
    assert len(found) == 1 and found[0].severity == "high"


@pytest.mark.parametrize(
    "body",
    [
        "The army said 45 fighters were killed on 3 May 2025.",
        "The army said at least 45 people died on 3 May 2025.",
    ],
)
def test_a_headline_number_in_other_words_is_in_the_body(body: str) -> None:
    assert "headline_only" not in kinds(f"Drone strike kills 45 militants near Gao\n\n{body}", "2025-05-04")


def test_figures_nobody_is_named_for() -> None:
    text = "The army counts its men\n\nSome 3,000 soldiers are in the valley."
    sourced = "The army counts its men\n\nSome 3,000 soldiers are in the valley, the United Nations said."
    found = [f for f in flags_of(text) if f.kind == "unsourced_figure"]
    assert len(found) == 1 and "3,000" in found[0].what
    assert "unsourced_figure" not in kinds(sourced)


def test_one_flag_lists_all_figures_of_one_weight() -> None:
    text = "The valley\n\n" + " ".join(f"There are {n} soldiers in camp {n}." for n in (110, 220, 330, 440))
    found = [f for f in flags_of(text) if f.kind == "unsourced_figure"]
    assert len(found) <= len(SEVERITIES)
    assert sum(len(f.claims) for f in found) >= 4


def test_an_event_without_a_printed_date() -> None:
    text = (
        "Jets strike the desert\n\nThis morning aircraft bombed three camps in the desert near Homs in Syria."
    )
    found = [f for f in flags_of(text) if f.kind == "missing_event_date"]
    assert len(found) == 1
    assert "this morning" in found[0].what.lower() and "assuming publication on 2026-01-20" in found[0].what
    unknown = [f for f in flags_of(text, None) if f.kind == "missing_event_date"]
    assert "publication is not known" in unknown[0].what


def test_a_printed_date_is_a_date() -> None:
    text = "Jets strike the desert\n\nOn 19 January 2026 aircraft bombed three camps near Homs in Syria, the army said."
    assert "missing_event_date" not in kinds(text)


def test_an_essay_without_an_event_needs_no_date() -> None:
    text = "On wells\n\nThe wells of the desert are old. The herders of the valley share them with the towns."
    assert "missing_event_date" not in kinds(text)


def test_clock_conflict_and_its_absence() -> None:
    text = "Jets strike\n\nAt {} local time, while Washington slept, jets struck two camps in Syria."
    assert "clock_conflict" in kinds(text.format("02:00"))
    assert "clock_conflict" not in kinds(text.format("08:00"))


@pytest.mark.parametrize(
    ("sentence", "conflict"),
    [
        ("A total of 70 people were killed in March: 45 fighters, 12 civilians and 9 soldiers.", True),
        ("A total of 66 people were killed in March: 45 fighters, 12 civilians and 9 soldiers.", False),
        ("The list has 12,241 strikes: 7,959 in Iraq and 3,282 in Syria.", True),
        ("The list has 11,241 strikes: 7,959 in Iraq and 3,282 in Syria.", False),
        ("The three rounds together struck 70, 35 and 1 targets, or 140 in all.", True),
        ("Residents said 12 people, including 15 children, were killed.", True),
        ("Residents said 12 people, including five children, were killed.", False),
        ("The army made 200 strikes, made up of 420 engagements.", False),
        ("Of the drones launched, 30 of 90 drones, or 50 percent, were shot down.", True),
        ("Of the drones launched, 30 of 90 drones, or 33 percent, were shot down.", False),
    ],
)
def test_numbers_against_each_other(sentence: str, conflict: bool) -> None:
    text = f"The count\n\n{sentence} The ministry said so on 3 May 2025."
    assert ("totals_conflict" in kinds(text, "2025-05-04")) is conflict


def test_one_count_given_twice() -> None:
    text = (
        "The camp\n\nThe camp guards hold 300 captured fighters of the northern brigade. It is a quiet place.\n\n"
        "The camp guards hold {} captured fighters of the northern brigade."
    )
    assert "totals_conflict" in kinds(text.format("800"))
    assert "totals_conflict" not in kinds(text.format("310"))


def test_a_forecast_nobody_could_be_held_to() -> None:
    assert "undated_forecast" in kinds("Calm ahead\n\nThe strikes will bring a lull in attacks.")
    assert "undated_forecast" not in kinds(
        "Calm ahead\n\nThe strikes will bring a lull in attacks by June 2026."
    )
    assert "undated_forecast" not in kinds(
        "Calm ahead\n\nIf the prisons fall, the army will lose the valley."
    )


def test_figures_of_speech_are_marked_and_not_checked() -> None:
    text = "Costs\n\nWe are dropping million-dollar bombs on ten-dollar tents."
    found = [f for f in flags_of(text) if f.kind == "figure_of_speech"]
    assert len(found) == 1 and found[0].severity == "low"
    assert "million-dollar" in found[0].what


def test_an_outdated_name_is_flagged_once_with_its_fact() -> None:
    text = (
        "Syria\n\nThe Assad regime holds the roads of Syria. The Assad regime guards Palmyra in Syria. "
        "The Assad regime sells the oil of Syria."
    )
    found = [f for f in flags_of(text) if f.kind == "outdated_term"]
    assert len(found) == 1 and len(found[0].claims) >= 2
    assert found[0].evidence[0].date_start == "2024-12-08"
    assert "outdated_term" not in kinds(text, "2020-01-20")


def test_unlike_measures_across_years_and_inside_a_sentence() -> None:
    across = "Air war\n\nUS aircraft over Syria are flying sortie rates reminiscent of 2017."
    inside = "Air war\n\nThe air force flew 300 sorties in May 2025, compared with 900 strikes in May 2017, it said."
    alike = "Air war\n\nThe air force flew 300 sorties in May 2025, compared with 900 sorties in May 2017, it said."
    assert "unlike_measures" in kinds(across)
    assert "unlike_measures" in kinds(inside)
    assert "unlike_measures" not in kinds(alike)


def test_an_event_that_rests_on_one_source() -> None:
    one = (
        "Raid\n\nThe army said 14 fighters were killed in a raid on 3 May 2025. "
        "The army said 20 houses were destroyed in the strike."
    )
    two = one + " The United Nations said six civilians were killed in the strike."
    assert "single_source" in kinds(one, "2025-05-04")
    assert "single_source" not in kinds(two, "2025-05-04")


def test_the_gravest_come_first() -> None:
    text = Path(__file__).with_name("test_flag.py").read_text(encoding="utf-8")[:0] + (
        "Forty tons on the desert\n\nThis morning aircraft bombed three camps near Homs in Syria. "
        "It was a million-dollar show. Some 30 men were there. The strikes will bring calm."
    )
    found = [SEVERITIES.index(f.severity) for f in flags_of(text)]
    assert found == sorted(found) and len(found) >= 4


def test_the_shared_article(shared: Path) -> None:
    text = (shared / "articles" / "caliphate-ghost.txt").read_text(encoding="utf-8")
    found = flags_of(text)
    by_kind = {f.kind: f for f in reversed(found)}
    assert {
        "headline_only", "unsourced_figure", "missing_event_date", "clock_conflict", "outdated_term",
        "undated_forecast", "figure_of_speech", "unlike_measures",
    } <= set(by_kind)  # fmt: skip
    assert "40" in by_kind["headline_only"].what
    assert "40" in by_kind["unsourced_figure"].what
    assert len(found) <= 14, "a flood of flags tells nobody anything"
    ledger = read_document(text, published="2026-01-20")
    verdicts = {c.claim_id: c for c in check_claims(ledger)}
    of = {q.text: verdicts[c.id] for c in ledger.claims for q in c.quantities}
    assert of["900"].verdict == "outdated"
    assert "about 9,000" in of["10,000"].sentence
    assert "6 years 9 months" in " ".join(c.sentence for c in verdicts.values())
