"""Whole articles: six invented ones from six theatres, and the one the project began with."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from afterstrike.reading import Claim, Ledger, read_document

ARTICLES = Path(__file__).with_name("articles")


def article(name: str, published: str) -> Ledger:
    return read_document((ARTICLES / f"{name}.txt").read_bytes(), published=published)


def claim(ledger: Ledger, words: str) -> Claim:
    (found,) = [c for c in ledger.claims if words in " ".join(c.quote.split())]
    return found


def counts(found: Claim) -> list[tuple[float | None, float | None, float | None, str]]:
    return [(q.low, q.value, q.high, q.unit) for q in found.quantities]


def test_yemen() -> None:
    ledger = article("yemen", "2022-03-14")
    raid = claim(ledger, "A drone strike killed")
    assert counts(raid) == [(7, 7, None, "soldiers"), (15, None, 20, "people"), (2, 2, 2, "months")]
    assert (raid.kind, raid.source, raid.source_kind, raid.hedging) == (
        "figure",
        "medics",
        "anonymous",
        "reported",
    )
    assert [(p.text, p.adm0, p.geo_precision) for p in raid.places] == [("Marib", "YEM", 2)]
    assert [d.date_start for d in raid.dates] == ["2022-03-12", "2022-01-01"]
    denial = claim(ledger, "denied")
    assert (denial.source, denial.hedging) == ("Saudi-led coalition", "denied")
    assert claim(ledger, "flour").quantities[0].unit == "percent"
    assert [c.in_headline for c in ledger.claims].count(True) == 1
    assert all("Fuel ship" not in c.quote and "Photo" not in c.quote for c in ledger.claims)


def test_somalia() -> None:
    ledger = article("somalia", "2023-05-10")
    raid = claim(ledger, "carried out one airstrike")
    assert counts(raid)[0] == (1, 1, 1, "strikes")
    assert counts(raid)[-1] == (24, 24, 24, "fighters")
    assert raid.source == "US Africa Command"
    assert raid.dates[0].date_start == "2023-05-09"
    assert counts(claim(ledger, "Fighters killed")) == [(112, 112, None, "fighters")]
    assert counts(claim(ledger, "Strikes this year")) == [(9, 9, 9, "strikes")]
    assert counts(claim(ledger, "two farmers")) == [(2, 2, 2, "farmers")]
    harm = claim(ledger, "no civilians were harmed")
    assert (harm.kind, harm.source_kind) == ("event", "official")
    june = claim(ledger, "second offensive")
    assert (june.kind, june.hedging, june.dates[0].date_start) == ("forecast", "possible", "2023-06-01")


def test_mali() -> None:
    ledger = article("mali", "2024-02-01")
    raid = claim(ledger, "attacked a convoy")
    assert counts(raid) == [(4, 4, 4, "vehicles"), (None, 50, 50, "soldiers")]
    assert raid.source == "two diplomats"
    assert raid.dates[0].date_start == "2023-12-03"
    assert claim(ledger, "retook Kidal").places[0].adm0 == "MLI"
    assert counts(claim(ledger, "put the toll")) == [(9, 9, 9, "people")]
    assert all(q.figure_of_speech for q in claim(ledger, "hundred-dollar").quantities)
    assert claim(ledger, "elections").kind == "forecast"
    assert claim(ledger, "absurd").kind == "opinion"


def test_iraq_2007() -> None:
    ledger = article("iraq2007", "2007-04-19")
    blast = claim(ledger, "Five car bombs")
    assert (blast.kind, blast.source_kind, blast.hedging) == ("figure", "official", "approximate")
    assert counts(blast) == [(5, 5, 5, "bombs"), (None, 200, None, "people")]
    assert [d.date_start for d in blast.dates] == ["2007-04-18"]  # the dateline's is no date of the event
    market = claim(ledger, "Sadriya")
    assert counts(market) == [(140, 140, 140, "people"), (150, 150, 150, "people")]
    assert market.dates[0].time == "16:00"
    assert claim(ledger, "no one was hurt").quantities == ()
    assert claim(ledger, "17 bodies").places[0].adm0 == "IRQ"


def test_ukraine() -> None:
    ledger = article("ukraine", "2024-03-22")
    barrage = claim(ledger, "93 missiles")
    assert counts(barrage) == [(93, 93, 93, "missiles"), (None, 200, None, "drones")]
    assert barrage.source == "Government of Ukraine"
    assert counts(claim(ledger, "shot down"))[0] == (81, 81, 81, "missiles")
    assert not [c for c in ledger.claims if "Moscow" in c.quote and c.source == "Government of Ukraine"]
    assert claim(ledger, "9-storey").quantities == ()
    stock = claim(ledger, "600 to 800")
    assert (counts(stock), stock.hedging) == ([(600, None, 800, "missiles")], "likely")
    assert claim(ledger, "If the grid").kind == "forecast"


def test_afghanistan() -> None:
    ledger = article("afghanistan", "2025-10-04")
    event = claim(ledger, "opened fire")
    assert event.kind == "event"
    assert [(d.date_start, d.time) for d in event.dates] == [("2015-10-03", None), (None, "02:08")]
    dead = claim(ledger, "42 dead")
    assert [q.value for q in dead.quantities] == [42, 24, 14, 4]
    assert dead.source == "MSF"
    paid = claim(ledger, "$6,000")
    assert counts(paid) == [(6000, 6000, 6000, "USD"), (3000, 3000, 3000, "USD")]
    assert all(not q.figure_of_speech for q in paid.quantities)
    assert paid.places == ()


@pytest.fixture(scope="module")
def first_article(shared: Path) -> Ledger:
    return read_document((shared / "articles/caliphate-ghost.txt").read_bytes(), published="2026-01-20")


def test_every_figure_of_the_first_article(first_article: Ledger) -> None:
    found = [(q.value, q.unit, q.figure_of_speech) for c in first_article.claims for q in c.quantities]
    assert found == [
        (40, "tons", False), (7, "years", False), (7, "years", False), (14, "locations", False),
        (900, "troops", False), (10_000, "fighters", False), (10_000, "veterans", False),
        (1e6, "USD", True), (10, "USD", True), (0.1, "USD", True),
    ]  # fmt: skip
    (headline,) = [c for c in first_article.claims if c.in_headline]
    assert (headline.start, headline.quantities[0].text) == (0, "40")
    assert "in SDF-controlled prisons" in next(
        q.about for c in first_article.claims for q in c.quantities if q.value == 10_000
    )


def test_names_times_and_kinds_of_the_first_article(first_article: Ledger) -> None:
    at_two = claim(first_article, "02:00")
    assert (at_two.source, at_two.source_kind) == ("US Central Command", "official")
    assert at_two.dates[0].time == "02:00"
    assert ("Washington", "USA") in [(p.text, p.adm0) for p in at_two.places]
    places = {p.text for c in first_article.claims for p in c.places}
    assert {"Tower 22", "Conoco gas field", "Hasakah", "Homs desert", "Al-Hol displacement camp"} <= places
    actors = {a.text: a.name for c in first_article.claims for a in c.actors}
    assert actors["Assad regime"] == "Government of Syria"
    assert actors["Operation Inherent Resolve"] == "US-led coalition"
    assert claim(first_article, "temporary lull").kind == "forecast"
    assert claim(first_article, "temporary lull").hedging == "likely"
    assert claim(first_article, "2027, 2028").kind == "forecast"
    assert claim(first_article, "it buys time").kind == "causal"
    assert claim(first_article, "nothing to dismantle").kind == "causal"
    assert claim(first_article, "reminiscent of").kind == "figure"
    assert claim(first_article, "According to").source_kind == "anonymous"


def test_furniture_of_the_first_article(first_article: Ledger) -> None:
    left_out = [first_article.text[a:b] for a, b in first_article.furniture]
    for words in ("Insights", "5 min read", "Share:", "Next Steps for the Reader:"):
        assert words in left_out
    assert first_article.title is not None
    assert left_out.count(first_article.title) == 1
    assert len(left_out) == 7


def test_strikes_of_official_release_lines(shared: Path) -> None:
    """The number of strikes in lines such as "Near X, nine strikes hit ..." is read as written."""
    import gzip
    import json

    right = lines = 0
    path = shared / "data/text/centcom_strike_lines/dev.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in map(json.loads, list(rows)[:300]):
            if row["strikes"] == 1:  # "an airstrike" is an article, not a number
                continue
            found = read_document(row["text"]).claims
            units = [q for c in found for q in c.quantities if q.unit == "strikes"]
            lines += 1
            right += bool(units) and units[0].value == float(row["strikes"])
    assert right / lines > 0.95


def test_line_ends_and_indents_do_not_change_what_is_read() -> None:
    text = (ARTICLES / "yemen.txt").read_text(encoding="utf-8")

    def essence(ledger: Ledger) -> list[object]:
        return [(" ".join(c.quote.split()), c.kind, c.source, counts(c)) for c in ledger.claims]

    plain = essence(read_document(text, published="2022-03-14"))
    assert essence(read_document(text.replace("\n", "\r\n"), published="2022-03-14")) == plain
    assert essence(read_document(text.replace("\n", "\n   "), published="2022-03-14")) == plain
    assert essence(read_document("\n\n" + text, published="2022-03-14")) == plain


def test_moving_the_publication_date_moves_relative_dates_only() -> None:
    a, b = article("yemen", "2022-03-14"), article("yemen", "2022-03-21")
    assert [c.quote for c in a.claims] == [c.quote for c in b.claims]
    assert claim(a, "A drone strike").dates[0].date_start == "2022-03-12"
    assert claim(b, "A drone strike").dates[0].date_start == "2022-03-19"


def test_speed() -> None:
    text = "\n\n".join(
        (ARTICLES / f"{name}.txt").read_text(encoding="utf-8")
        for name in ("yemen", "somalia", "ukraine", "iraq2007")
    )
    read_document(text)
    times = []
    for _ in range(5):
        began = time.process_time()
        read_document(text)
        times.append(time.process_time() - began)
    assert min(times) < 0.2  # 0.03 s on a quiet machine


@pytest.mark.parametrize(
    "piece",
    [
        "one and ",
        "1,",
        "A.B.",
        "the strike killed 12 people in Homs, and ",
        '" ',
        "( ",
        "in March 3 ",
        "said, the ",
    ],
)
def test_time_grows_with_length_only(piece: str) -> None:
    def seconds(size: int) -> float:
        text = "The army was in the town. " * 3 + piece * (size // len(piece))
        began = time.process_time()
        read_document(text, published="2024-02-01")
        return time.process_time() - began

    seconds(5_000)
    small, large = seconds(20_000), seconds(160_000)
    assert large < 8 * max(small, 0.02) * 3
