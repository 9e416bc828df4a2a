"""What two reports have in common, and what it says of whether they tell of one event."""

from __future__ import annotations

import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.reading._batch import read_batch
from afterstrike.record import open_record
from afterstrike.record.incidents import Told, pair_score
from afterstrike.record.incidents._build import _scored
from afterstrike.record.incidents._score import SAME, best_pair, rarity, report_score, why_barred
from afterstrike.record.incidents._told import of_address, report_words, told_of, word_hashes

MILL = (
    "قُتل مدنيان وجُرح خمسة بقصف مدفعي لقوات النظام على طاحونة قرية زعترانة في ريف إدلب السورية، اليوم الاثنين."
)
MILL_AGAIN = "أفاد مراسلنا بأن مدفعية قوات النظام استهدفت طاحونة زعترانة جنوبي إدلب، ما أدى إلى مقتل مدنيين اثنين الاثنين."
BRIDGE = "أصيب ثلاثة أطفال بغارة تركية بطائرة مسيرة على جسر بلدة قنطرية بريف الحسكة السورية، اليوم الخميس."
MENU = "الرئيسية\nرياضة\nاتصل بنا\nالأكثر قراءة\nحالة الطقس\nأسعار العملات\nتابعنا عبر مواقع التواصل"
OTHERS = (
    "افتتح المجلس المحلي مدرسة جديدة في مدينة {} بحضور الأهالي.",
    "ارتفعت أسعار الخبز في أسواق {} خلال الأسبوع الماضي.",
    "انقطعت الكهرباء عن أحياء {} بسبب عطل في المحطة.",
)
TOWNS = ("حلب", "حماة", "حمص", "الرقة", "دير الزور", "درعا", "اللاذقية", "طرطوس", "السويداء", "القامشلي")


def told(texts: list[str], urls: dict[int, str] | None = None) -> list[list[Told]]:
    """Read texts, and what makes the words of a record common ones, into tellings."""
    more = [form.format(town) for form, town in itertools.product(OTHERS, TOWNS)]
    records = [{"id": str(n), "text": text} for n, text in enumerate(texts + more + more)]
    lines = read_batch(records, candidates=False)
    return [
        told_of(str(n), line, str(record["text"]), url=(urls or {}).get(n))
        for n, (record, line) in enumerate(zip(records, lines, strict=True))
    ]


def score(found: list[list[Told]], a: int, b: int) -> float:
    words, places = rarity(t[0].words for t in found), rarity(t[0].places for t in found)
    return best_pair(found[a], found[b], words, places).score


def test_two_reports_of_one_strike_in_other_words_are_one() -> None:
    found = told([MILL, MILL_AGAIN, BRIDGE])
    assert score(found, 0, 1) >= SAME
    assert score(found, 0, 2) < 0 > score(found, 1, 2)


def test_a_page_that_holds_no_event_is_no_evidence_either_way() -> None:
    found = told([MILL, BRIDGE, MENU])
    for strike in (0, 1):
        assert abs(score(found, strike, 2)) < 0.5  # not low, which reports of two strikes are
        assert score(found, 0, 1) < score(found, strike, 2) - 1 < SAME


def plain(name: str, **event: Any) -> dict[str, Any]:
    return {"told_id": name, "report_id": name, "event": {"kind": "strike", **event}, "words": frozenset()}


def common(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[float, tuple[str, ...]]:
    made = rarity([ours.get("words", ()), theirs.get("words", ())])
    return report_score(Told(**{**plain("a"), **ours}), Told(**{**plain("b"), **theirs}), made, {})


@pytest.mark.parametrize(
    ("ours", "theirs", "sign", "reason"),
    [
        ({"days": frozenset({"اثنين"})}, {"days": frozenset({"اثنين"})}, 1, "a day in common"),
        ({"days": frozenset({"اثنين"})}, {"days": frozenset({"خميس"})}, -1, "no day in common"),
        ({"days": frozenset({"2024-05-06"})}, {"days": frozenset({"خميس"})}, 0, "no day in common"),
        ({"published": date(2024, 5, 6)}, {"published": date(2024, 5, 10)}, -1, "published 4 days apart"),
        ({"published": date(2024, 5, 6)}, {"published": date(2024, 5, 8)}, 0, ""),
        ({"sides": frozenset("xy")}, {"sides": frozenset("z")}, -1, "no side in common"),
        ({"sides": frozenset("xy")}, {"sides": frozenset()}, 0, ""),
        ({"weapons": frozenset("x")}, {"weapons": frozenset("z")}, -1, "no weapon in common"),
        ({"places": frozenset("x")}, {"places": frozenset("z")}, -1, "no place in common"),
        ({"places": frozenset("xz")}, {"places": frozenset("z")}, 1, "1 places in common"),
        ({"places": frozenset("x")}, {"places": frozenset()}, 0, ""),
        ({"divisions": frozenset("x")}, {"divisions": frozenset("z")}, -1, "no governorate in common"),
    ],
)
def test_what_speaks_for_and_against(
    ours: dict[str, Any], theirs: dict[str, Any], sign: int, reason: str
) -> None:
    found, reasons = common(ours, theirs)
    assert (found > 0) - (found < 0) == sign
    assert reasons[1:] == ((reason,) if reason else ())
    assert common(theirs, ours) == (found, reasons)


def test_two_whole_reports_with_nothing_in_common_stand_below_two_that_say_little() -> None:
    side = {"sides": frozenset("x")}
    assert common(side, side)[0] < common({}, {})[0] == 0


def test_a_village_that_one_reader_missed_counts_by_its_words() -> None:
    village = frozenset(word_hashes("زعترانة"))
    many = [frozenset(word_hashes(f"كلمة{n} زعترانة" if n < 2 else f"كلمة{n}")) for n in range(60)]
    words = rarity(many)
    a, b = (Told(**{**plain(str(n)), "words": many[n], "places": frozenset({str(n)})}) for n in (0, 1))
    unnamed, _ = report_score(a, b, words, {})
    seen = Told(**{**a.__dict__, "names": village})
    named, reasons = report_score(seen, b, words, {})
    assert named > unnamed + 0.8 and "words of a place name in common" in reasons


@pytest.mark.parametrize(
    ("reports", "rarest_shared", "first_common"), [(2, 1, 2), (8, 3, 4), (60, 6, 10), (1000, 49, 51)]
)
def test_what_is_rare_in_records_of_any_size(reports: int, rarest_shared: int, first_common: int) -> None:
    found = {}
    for count in (rarest_shared, first_common):
        words = rarity([["x"]] * count + [["y"]] * (reports - count))
        found[count] = words.rare(frozenset("x")) == frozenset("x")
    assert found == {count: count == rarest_shared for count in found}
    assert words["no such word"] == 0.0 and "no such word" not in words


@pytest.mark.parametrize(
    ("ours", "theirs", "reason"),
    [
        ("كفر زعتر", "كفرزعتر", "the same place name"),
        ("زعترانا", "زعترانة", "the same place name"),
        ("زعترانة", "قنطرية", "other place names"),
    ],
)
def test_spellings_of_a_village_are_one_place(ours: str, theirs: str, reason: str) -> None:
    a, b = (Told(**plain(name, place=place)) for name, place in (("a", ours), ("b", theirs)))
    pair = pair_score(a, b, rarity([]), {})
    assert reason in pair.reasons
    assert (pair.score > 0) == (reason == "the same place name")


def test_a_build_scores_pairs_as_they_are_scored_alone() -> None:
    found = told([f"{MILL} {BRIDGE}", f"{MILL_AGAIN} {BRIDGE}", MILL, BRIDGE])[:4]
    tellings = [one for report in found for one in report]
    tellings = [Told(**{**one.__dict__, "published": date(2024, 5, 6)}) for one in tellings]
    words, places = rarity(t.words for t in tellings), rarity(t.places for t in tellings)
    scored = _scored(tellings, set(), words, places)
    assert len(scored) > 2
    for value, a, b, pair in scored:
        assert pair == pair_score(tellings[a], tellings[b], words, places)
        assert value >= SAME and not why_barred(tellings[a].event, tellings[b].event)


def test_a_bar_forbids_joining_and_only_weighs_for_sorting() -> None:
    near, far = ({"lat": lat, "lon": 38.0, "geo_precision": 1} for lat in (36.0, 33.0))
    a, b = Told(**plain("a", **near)), Told(**plain("b", **far))
    pair = pair_score(a, b, rarity([]), {})
    assert (pair.is_barred, pair.score, pair.reasons) == (True, -1.0, ("334 km apart",))


@pytest.mark.parametrize(
    ("url", "day", "headline"),
    [
        ("https://a.example/2022/11/06/shelling-near-the-mill/", date(2022, 11, 6), "shelling near the mill"),
        ("https://a.example/world/2021/9/7/x", date(2021, 9, 7), ""),
        ("https://a.example/2021-09-07/a-b-c.html?fbclid=x", date(2021, 9, 7), "a b c"),
        ("https://a.example/%D9%82%D8%B5%D9%81-%D8%B9%D9%84%D9%89-%D9%82%D8%B1%D9%8A%D8%A9/77/", None, "قصف على قرية"),
        ("https://a.example/2022/13/45/x", None, ""),
        ("https://a.example/news/article/149734", None, ""),
        ("https://[bad/2022/11/06/a-b-c", None, ""),
        (None, None, ""),
        (7, None, ""),
    ],
)  # fmt: skip
def test_the_day_and_headline_of_an_address(url: Any, day: date | None, headline: str) -> None:
    assert of_address(url) == (day, headline)


@given(st.text(max_size=60), st.sampled_from(["", "https://a.example/", "//", "http://["]))
def test_no_address_stops_it(text: str, start: str) -> None:
    day, headline = of_address(start + text)
    assert day is None or day.year >= 1900
    assert isinstance(report_words(text, headline), list)


def test_the_headline_of_an_address_is_compared_too() -> None:
    url = "https://a.example/قصف-طاحونة-زعترانة-جنوبي-إدلب"
    without, with_address = told([MILL, MENU]), told([MILL, MENU], {1: url})
    assert score(with_address, 0, 1) > score(without, 0, 1) + 0.5


@pytest.mark.parametrize(("given_day", "read"), [(None, "2024-05-06"), ("2024-05-15", "2024-05-13")])
def test_an_address_dates_a_report_that_states_no_day(
    tmp_path: Path, given_day: str | None, read: str
) -> None:
    report = {
        "id": "a",
        "text": "An airstrike hit Idlib, Syria, on Monday.",
        "url": "https://a.example/2024/05/08/x",
    }
    file = tmp_path / "r.jsonl"
    file.write_text(json.dumps(report | ({"published": given_day} if given_day else {})) + "\n")
    with open_record(tmp_path / "r.duckdb") as record:
        assert record.add(file).added == 1
        assert [str(one["date_start"]) for one in record.incidents()] == [read]
        again = record.add(file)
        assert (again.unchanged, again.updated) == (1, 0)
