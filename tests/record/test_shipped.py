"""The shipped tables say what they claim to say, and their loader refuses what it must."""

from __future__ import annotations

import csv
import importlib.util
import re
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.errors import SourceError, UsageError
from afterstrike.record import shipped
from afterstrike.record.shipped._load import FIGURE_COLUMNS

HEADER = ",".join(FIGURE_COLUMNS)


def tool(root: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, root / "tools" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def own_table(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "own.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


# ---------------------------------------------------------------- figures


def test_every_figure_is_whole() -> None:
    ids = Counter(f.figure_id for f in shipped.figures())
    assert max(ids.values()) == 1
    for figure in shipped.figures():
        measure = shipped.measures()[figure.measure]
        assert figure.area in measure.areas, figure.figure_id
        assert figure.area in shipped.areas(), figure.figure_id
        assert figure.unit == measure.unit, figure.figure_id
        if measure.kind == "stock":
            span = (figure.period_end - figure.period_start).days
            assert span <= 31, f"{figure.figure_id}: a stock stands for a day, or a stated part of a month"
        if figure.source_url is None:
            assert figure.note and "weak" in figure.note, figure.figure_id


def test_no_figure_is_given_twice() -> None:
    seen = Counter(
        (f.measure, f.area, f.period_start, f.period_end, f.value, f.low, f.high, f.origin)
        for f in shipped.figures()
    )
    assert [key for key, count in seen.items() if count > 1] == []


def test_a_publication_is_no_origin_of_its_own_where_the_page_names_none() -> None:
    for figure in shipped.figures():
        if figure.note and "origin not named" in figure.note:
            assert "taken to be" in figure.note and figure.origin != figure.source, figure.figure_id


def test_addresses_look_like_addresses() -> None:
    for url in [row.source_url for row in (*shipped.figures(), *shipped.facts()) if row.source_url]:
        parts = urlsplit(url)
        assert parts.scheme in ("http", "https") and "." in parts.netloc and not re.search(r"\s", url), url


def test_conflicting_counts_are_kept() -> None:
    october = [f for f in shipped.figures("is_detainees") if f.period_start.isoformat().startswith("2019-10")]
    assert {f.value for f in october} == {10000, 11000}
    escaped = shipped.figures("detainees_escaped")
    assert {f.value for f in escaped} == {120, 200, 1500}
    assert len({f.origin for f in escaped}) == 3


def test_filters() -> None:
    before = shipped.figures("us_troops", area="SYR", as_of="2024-12-18")
    assert [f.value for f in before][-1] == 900
    assert shipped.figures("us_troops", area="SYR", as_of=date(2024, 12, 19))[-1].value == 2000
    assert all(f.area == "SYR" for f in shipped.figures(area="SYR"))
    assert len(shipped.figures("us_troops")) < len(shipped.figures())
    with pytest.raises(UsageError, match="allowed are weapons_released"):
        shipped.figures("tonnage")


def test_a_user_may_add_a_table(tmp_path: Path) -> None:
    path = own_table(
        tmp_path,
        "mine.1,us_troops,SYR,2026-05-01,2026-05-01,10,,,people,about,My paper,an official,,seen by me",
    )
    added = [f for f in shipped.figures("us_troops", extra=[path]) if f.figure_id == "mine.1"]
    assert added[0].value == 10 and added[0].source_url is None
    assert len(shipped.figures("us_troops", extra=[path])) == len(shipped.figures("us_troops")) + 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("x,tonnage,SYR,2026-01-01,2026-01-01,1,,,tons,exact,s,o,,", "got the measure 'tonnage'"),
        ("x,us_troops,SYR,1 Jan,2026-01-01,1,,,people,exact,s,o,,", "write it as YYYY-MM-DD"),
        ("x,us_troops,SYR,2026-01-02,2026-01-01,1,,,people,exact,s,o,,", "before it starts"),
        ("x,us_troops,SYR,2026-01-01,2026-01-01,5,6,7,people,exact,s,o,,", "order them upwards"),
        ("x,us_troops,SYR,2026-01-01,2026-01-01,,,,people,exact,s,o,,", "neither a value"),
        ("x,us_troops,SYR,2026-01-01,2026-01-01,many,,,people,exact,s,o,,", "where a number is needed"),
        ("x,us_troops,SYR,2026-01-01,2026-01-01,1,,,people,roughly,s,o,,", "allowed are exact"),
        ("x,us_troops,SYR,2026-01-01,2026-01-01,1,,,people,exact,s,,,", "origin is empty"),
        ("us_troops.SYR.2024-12-19,us_troops,SYR,2026-01-01,2026-01-01,1,,,people,exact,s,o,,", "twice"),
    ],
)
def test_bad_rows_are_refused_with_their_place(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(SourceError, match=re.escape(message)):
        shipped.figures(extra=[own_table(tmp_path, row)])


def test_bad_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        shipped.figures(extra=[tmp_path / "none.csv"])
    (tmp_path / "bare.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceError, match="got no column figure_id"):
        shipped.figures(extra=[tmp_path / "bare.csv"])
    (tmp_path / "latin.csv").write_bytes(HEADER.encode() + b"\nx,\xe9\xff\n")
    with pytest.raises(SourceError, match="not UTF-8"):
        shipped.figures(extra=[tmp_path / "latin.csv"])


# ---------------------------------------------------------------- measures


def test_measures_refer_to_what_exists() -> None:
    known = shipped.measures()
    used = {f.measure for f in shipped.figures()}
    assert used == set(known), "every measure has a figure"
    for measure in known.values():
        assert set(measure.areas) <= set(shipped.areas())
        assert set(measure.comparable_with) <= set(known)
        assert 0 <= measure.tolerance <= 0.25 and len(measure.tolerance_reason) > 10
        assert (measure.stands_for_days is not None) == (measure.kind == "stock"), measure.id
        if measure.closest_to:
            assert measure.unlike, f"{measure.id}: a nearest measure needs its caveat"
        assert measure.phrase_terms and measure.terms


CASES = """
900 US troops | There are 900 US troops near 10,000 detained ISIS fighters in Syria. | us_troops
10,000 detained ISIS fighters | There are 900 US troops near 10,000 detained ISIS fighters. | is_detainees
2,500 American soldiers | About 2,500 American soldiers are still in Iraq. | us_troops
Two US soldiers | Two US soldiers were killed near Palmyra. | us_soldiers_killed
three Americans | In the attack three Americans were killed, two of them in uniform. | us_personnel_killed
Two US soldiers | Two US soldiers were wounded near Palmyra. |
900 of us | He told 900 of us about the forces of nature. |
39,577 weapons | Coalition aircraft released 39,577 weapons in 2017. | weapons_released
100 munitions | The US operation used 100 munitions against 70 targets. | munitions_employed
40 tons of bombs | US aircraft dropped 40 tons of bombs on targets. |
11,825 sorties | 11,825 sorties released at least one weapon. | sorties_with_release
4,741 sorties | The coalition flew 4,741 sorties of close air support. | close_air_support_sorties
34,917 strikes | The coalition carried out 34,917 strikes. | air_strikes
200 strikes | Israeli jets flew 200 strikes, US officials said. |
153 attacks | IS claimed 153 attacks in Iraq and Syria. | is_attacks_claimed
24,000 people | The al-Hol camp holds 24,000 people. | al_hol_population
5,700 men | More than 5,700 men were moved from Syria to Iraq. | detainees_transferred
1,335 civilians | The coalition says it has killed 1,335 civilians since 2014. | civilian_deaths_confirmed
8,220 civilians | Airwars puts the coalition toll at 8,220 civilians killed. | civilian_deaths_estimated
two civilians | The monitor said a coalition raid killed two civilians on Friday. |
30 civilians | Coalition officials said the strike killed 30 civilians in the village. |
3,000 inmates | IS militants attacked the prison that houses over 3,000 inmates. |
3,000 POLITICAL PRISONERS | IT IS NECESSARY TO FREE THE 3,000 POLITICAL PRISONERS HELD HERE. |
200 TROOPS | A SPOKESMAN TOLD US THAT 200 TROOPS ATTACKED. |
200 Troops | 200 US Troops Leave Syria, 900 Stay |
three ISIS members | Three ISIS members were arrested with aircraft of the coalition overhead. |
six fighter jets | Six fighter jets struck targets during the Turkish operation. |
12 goals | The coalition of players scored 12 goals. |
"""


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_words_find_their_measure(case: str) -> None:
    phrase, sentence, expected = (part.strip() for part in case.split("|"))
    assert [m.id for m in shipped.matching_measures(phrase, sentence)] == expected.split()


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_is_matched_without_a_fault(phrase: str, sentence: str) -> None:
    for measure in shipped.matching_measures(phrase, sentence):
        assert all(term.search(phrase) for term in measure.phrase_terms)


def test_sortie_rates_are_set_beside_other_measures_with_a_caveat() -> None:
    found = shipped.closest_measures("why are they flying at the sortie rates of 2017")
    assert "weapons_released" in [m.id for m, _ in found]
    assert {match.group().lower() for _, match in found} >= {"sortie rates"}
    assert all(m.unlike for m, _ in found)
    assert shipped.closest_measures("the rate of inflation") == ()


# ---------------------------------------------------------------- facts


def spoken(text: str, as_of: str) -> set[str]:
    return {f.fact_id for f in shipped.facts(as_of=as_of) if any(True for _ in f.mentions(text))}


def test_facts_are_whole() -> None:
    for fact in shipped.facts():
        assert fact.area in shipped.areas(), fact.fact_id
        assert fact.phrases and fact.statement.endswith(".") and fact.source
        assert fact.source_url or "wide reporting" in f"{fact.source} {fact.note}", fact.fact_id
        if fact.role == "overtakes":
            assert fact.before and fact.after and fact.not_phrases, fact.fact_id
    days = [f.date for f in shipped.facts()]
    assert days == sorted(days) and shipped.facts(as_of=days[3])[-1].date <= days[3]


@pytest.mark.parametrize(
    "term", ["the Assad regime", "Assad's government", "regime-held land", "the Syrian Regime"]
)
def test_a_term_is_overtaken_only_after_the_day(term: str) -> None:
    text = f"Soldiers of {term} watch the road."
    assert "assad_government_fell" in spoken(text, "2026-01-20")
    assert "assad_government_fell" not in spoken(text, "2024-12-07")


@pytest.mark.parametrize(
    "text", ["the former Assad regime", "since the fall of the Assad government", "the ousted Syrian regime"]
)
def test_a_writer_who_knows_is_not_corrected(text: str) -> None:
    assert "assad_government_fell" not in spoken(text, "2026-01-20")


def test_troop_number_is_overtaken_but_not_its_correction() -> None:
    assert "us_troops_2000_disclosed" in spoken("There are 900 US troops in Syria.", "2026-01-20")
    assert "us_troops_2000_disclosed" not in spoken("There are 900 US troops in Syria.", "2024-12-18")
    assert "us_troops_2000_disclosed" not in spoken("Not the 900 US troops it had stated.", "2026-01-20")
    assert "us_troops_2000_disclosed" not in spoken("There are 900 US dollars in Syria.", "2026-01-20")


def test_a_fact_may_stop_to_hold() -> None:
    # Stated: 503 until December 2017, about 2,000 in 2018, 500 to 600 from November 2019.
    text = "About 500 US troops are in Syria."
    assert "us_troops_503_corrected" not in spoken(text, "2017-11-30")
    assert "us_troops_503_corrected" in spoken(text, "2018-03-05")
    assert "us_troops_503_corrected" not in spoken(text, "2019-11-15")
    for fact in shipped.facts():
        assert fact.until is None or fact.date < fact.until, fact.fact_id


def test_years_ago_can_be_counted_from_an_anchor() -> None:
    (fact,) = [f for f in shipped.facts(role="anchor") if f.fact_id == "is_territorial_defeat_syria"]
    assert any(True for _ in fact.mentions('ISIS was "territorially defeated" seven years ago'))
    assert round((date(2026, 1, 20) - fact.date).days / 365.25, 1) == 6.8


# ---------------------------------------------------------------- series, outline, simulated set


def test_series_are_weeks_and_keep_missing_apart() -> None:
    for name in shipped.series_names():
        one = shipped.series(name)
        assert one.licence and one.citation and one.notes and one.unit
        for row in one.rows:
            assert date.fromisoformat(str(row["week"])).weekday() == 0
        assert (one.first, one.last) == (
            min(date.fromisoformat(str(r["week"])) for r in one.rows),
            max(date.fromisoformat(str(r["week"])) for r in one.rows),
        )
    us = shipped.series("us_strikes_weekly")
    assert sum(int(r["strikes"] or 0) for r in us.rows) == 12241
    assert all(r["complete"] is (r["release_days"] == 7) for r in us.rows)
    events = shipped.series("is_events_weekly_adm1")
    assert sum(int(r["events"] or 0) for r in events.rows) == 6031 - 107
    for row in events.rows:
        assert int(row["deaths_low"] or 0) <= int(row["deaths_best"] or 0) <= int(row["deaths_high"] or 0)
    dutch = shipped.series("dutch_strikes_weekly")
    assert sum(int(r["strikes"] or 0) for r in dutch.rows) == 1392
    assert sum(int(r["rows_released"] or 0) for r in dutch.rows) == 2188
    with pytest.raises(UsageError, match="allowed are us_strikes_weekly"):
        shipped.series("none")


def test_series_are_made_anew_byte_for_byte(root: Path, shared: Path, tmp_path: Path) -> None:
    make = tool(root, "make_series")
    assert make.main(["--data", str(shared / "data"), "--target", str(tmp_path)]) == 0
    folder = root / "src/afterstrike/record/shipped/series"
    for name in make.SERIES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name
    assert make.main(["--data", str(shared / "data"), "--check"]) == 0
    (tmp_path / "dutch_strikes_weekly.csv").write_text("week\n")
    assert make.main(["--data", str(shared / "data"), "--target", str(tmp_path), "--check"]) == 1


def test_series_folder_is_small(root: Path) -> None:
    folder = root / "src/afterstrike/record/shipped"
    assert sum(p.stat().st_size for p in (folder / "series").iterdir()) < 300_000
    assert (folder / "countries_110m.geojson.gz").stat().st_size <= 120_000


def test_outline_is_drawable(root: Path) -> None:
    area = tool(root, "make_outline").spherical_area
    shapes = {f["properties"]["iso3"]: f["geometry"] for f in shipped.outline()["features"]}
    assert len(shipped.outline()["features"]) == 177 and {"SYR", "IRQ", "TUR"} <= set(shapes)
    for feature in shipped.outline()["features"]:
        geometry = feature["geometry"]
        polygons = (
            geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        )
        for outer, *holes in polygons:
            assert outer[0] == outer[-1], feature["properties"]
            assert area(outer) < 6.3, f"{feature['properties']}: outer ring winds the wrong way"
            assert all(area(hole) > 6.3 for hole in holes), feature["properties"]
    ring = shapes["SYR"]["coordinates"][0]
    assert 35 < min(x for x, _ in ring) < max(x for x, _ in ring) < 43
    assert 32 < min(y for _, y in ring) < max(y for _, y in ring) < 38
    # 185,000 km2, of a globe of 510 million.
    assert area(ring) * 6371.0**2 == pytest.approx(185_000, rel=0.05)


def test_simulated_set_is_labelled_and_has_its_lull(root: Path, tmp_path: Path) -> None:
    make = tool(root, "make_simulated")
    assert make.main(["--target", str(tmp_path / "again.csv")]) == 0
    assert (tmp_path / "again.csv").read_bytes() == shipped.simulated_path().read_bytes()
    with shipped.simulated_path().open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert all(
        r["dataset"] == "simulated" and r["adm0"] == "XXX" and r["place"].startswith("Sim") for r in rows
    )
    assert all(-33 < float(r["lat"]) < -29 and -21 < float(r["lon"]) < -15 for r in rows), "open ocean"
    strikes = {(r["place"], date.fromisoformat(r["date_start"])) for r in rows if r["kind"] == "strike"}
    attacks = Counter(
        (r["place"], date.fromisoformat(r["date_start"])) for r in rows if r["kind"] == "attack"
    )
    inside = [0, 0]
    outside = [0, 0]
    for place, *_ in make.PLACES:
        for n in range((make.LAST - make.FIRST).days + 1):
            day = make.FIRST + timedelta(days=n)
            struck = any((place, day - timedelta(days=k)) in strikes for k in range(1, make.LULL_DAYS + 1))
            target = inside if struck else outside
            target[0] += attacks[place, day]
            target[1] += 1
    ratio = (inside[0] / inside[1]) / (outside[0] / outside[1])
    assert ratio == pytest.approx(make.LULL_RATIO, abs=0.15), f"observed ratio {ratio:.2f}"


def test_simulated_set_goes_into_a_record_whole(tmp_path: Path) -> None:
    from afterstrike.record import LayoutOptions, open_record
    from afterstrike.record.layouts._mapping import load_mapping

    path = shipped.simulated_path()
    mapping = load_mapping(path.with_suffix(".mapping.toml"))
    with open_record(tmp_path / "simulated.duckdb") as record:
        report = record.add(
            path, layout="mapping", options=LayoutOptions(dataset="simulated", mapping=mapping)
        )
    assert (report.read, report.added, report.rejected) == (954, 954, 0)


def test_hashes_change_with_the_bytes() -> None:
    hashes = shipped.hashes()
    assert {
        "figures.csv",
        "facts.csv",
        "measures.toml",
        "simulated_events.csv",
        "countries_110m.geojson.gz",
    } < set(hashes)
    assert len(set(hashes.values())) == len(hashes) and all(len(h) == 64 for h in hashes.values())


def test_loading_needs_no_heavy_library() -> None:
    code = (
        "import sys; from afterstrike.record import shipped as s; s.figures(); s.facts(); s.outline();"
        "s.series('us_strikes_weekly'); print([m for m in ('pandas', 'duckdb', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_data_page_counts_right(root: Path) -> None:
    page = (root / "docs" / "data.md").read_text(encoding="utf-8")
    counted = {
        "figures.csv": len(shipped.figures()),
        "facts.csv": len(shipped.facts()),
        "countries_110m.geojson.gz": len(shipped.outline()["features"]),
        "simulated_events.csv": len(shipped.simulated_path().read_text(encoding="utf-8").splitlines()) - 1,
        **{name: len(shipped.series(name).rows) for name in shipped.series_names()},
    }
    for name, count in counted.items():
        assert re.search(rf"\(`{re.escape(name)}`\) \| {count:,} \|", page), f"{name}: {count:,}"
    assert f"{len(shipped.measures())} measures, {len(shipped.areas())} areas" in page
