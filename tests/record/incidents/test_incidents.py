"""From reports to incidents: joined, graded, decided on, and led back to their sentences."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from afterstrike.errors import RecordError, SourceError, UsageError
from afterstrike.record import Record, open_record
from afterstrike.record.incidents import Told, pair_score
from afterstrike.record.incidents._build import _group
from afterstrike.record.incidents._row import incident_row
from afterstrike.record.incidents._score import rarity
from afterstrike.record.incidents._told import word_hashes

DAY = "2024-05-08"
REPORTS: list[dict[str, Any]] = [
    {
        "id": "a",
        "url": "https://www.first.example/1",
        "text": "An airstrike hit the vegetable market of Raqqa in Syria on Monday and killed nine civilians, medics said.",
    },
    {
        "id": "b",
        "url": "https://second.example/x",
        "text": "Eleven civilians were killed when an airstrike hit Raqqa's vegetable market, Syria, on Monday, locals said.",
    },
    {"id": "c", "outlet": "Third", "text": "Clashes near Mosul, Iraq, on Monday killed four soldiers."},
    {"id": "d", "text": "قُتل تسعة مدنيين بغارة على سوق الخضار في مدينة الرقة السورية، الاثنين."},
    {"id": "e", "text": "A car bomb killed two policemen in Aden, Yemen, on Sunday."},
]


def write(path: Path, reports: list[dict[str, Any]]) -> Path:
    lines = [json.dumps({"published": DAY} | report, ensure_ascii=False) for report in reports]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def record(tmp_path: Path) -> Any:
    with open_record(tmp_path / "r.duckdb") as opened:
        opened.add(write(tmp_path / "reports.jsonl", REPORTS))
        yield opened


def by_member(record: Record) -> dict[str, dict[str, Any]]:
    return {told["told_id"]: one for one in record.incidents() for told in one["tellings"]}


def test_reports_of_one_event_are_one_incident_and_one_row(record: Record) -> None:
    found = by_member(record)
    market = found["a#0"]
    assert {t["told_id"] for t in market["tellings"]} >= {"a#0", "b#0"}
    assert found["c#0"]["incident_id"] != market["incident_id"] != found["e#0"]["incident_id"]
    rows = record.rows(dataset="incidents")
    assert len(rows) == len(record.incidents())  # one row an incident, whatever the number of reports
    (row,) = [r for r in rows if r["event_id"] == f"incidents:{market['incident_id']}"]
    assert (row["kind"], row["civilian_fatalities_low"], row["civilian_fatalities_high"]) == ("strike", 9, 11)
    assert row["confidence"] == "moderate" and row["coding_evidence"].startswith("fair: 3 sources")


def test_a_row_spans_the_least_and_the_most_told(record: Record) -> None:
    market = by_member(record)["a#0"]
    (row,) = [
        r for r in record.rows(dataset="incidents") if r["event_id"] == f"incidents:{market['incident_id']}"
    ]
    assert (row["fatalities_low"], row["fatalities_best"], row["fatalities_high"]) == (9, 9, 11)


def test_two_events_of_one_report_never_become_one() -> None:
    event = {"date_start": "2024-05-06", "date_precision": 1, "lat": 36.0, "lon": 38.0, "geo_precision": 1}
    one = told("a", "a strike on the mill", **event)
    tellings = [
        replace(one, told_id=f"{report}#{n}", report_id=report)
        for report, n in (("a", 0), ("a", 1), ("b", 0))
    ]
    groups, _ = _group(tellings, [])
    assert sorted(sorted(t.told_id for t in group) for group in groups) in (
        [["a#0"], ["a#1", "b#0"]],
        [["a#0", "b#0"], ["a#1"]],
    )


def test_the_low_of_a_row_is_the_least_told() -> None:
    tellings = [
        told(name, "x", **{f"fatalities_{bound}": count for bound in ("low", "best", "high")})
        for name, count in (("a", 11), ("b", 9))
    ]
    row = incident_row("i", tellings, "fair", "two")
    assert (row["fatalities_low"], row["fatalities_best"], row["fatalities_high"]) == (9, 9, 11)


def test_a_chain_of_days_is_no_single_incident(tmp_path: Path) -> None:
    text = (
        "An airstrike hit the bakery of Raqqa in Syria on {} May 2024 and killed nine civilians, medics said."
    )
    reports = [{"id": str(day), "text": text.format(day)} for day in range(1, 6)]
    with open_record(tmp_path / "r.duckdb") as opened:
        opened.add(write(tmp_path / "r.jsonl", reports))
        for one in opened.incidents():
            days = [int(t["report_id"]) for t in one["tellings"]]
            assert max(days) - min(days) <= 1


def test_copies_of_one_text_are_one_source(tmp_path: Path) -> None:
    reports = [{**REPORTS[0], "id": "x", "url": None}, {**REPORTS[0], "id": "y", "url": None}]
    with open_record(tmp_path / "r.duckdb") as opened:
        opened.add(write(tmp_path / "r.jsonl", reports))
        assert [(one["grade"], len(one["tellings"])) for one in opened.incidents()] == [("weak", 2)]


def test_an_id_given_twice_costs_that_line_and_a_strange_type_nothing(tmp_path: Path) -> None:
    reports = [REPORTS[0], {**REPORTS[2], "id": "a"}, {**REPORTS[4], "media_type": 5}]
    with open_record(tmp_path / "r.duckdb") as opened:
        report = opened.add(write(tmp_path / "r.jsonl", reports))
        assert (report.read, report.added, report.rejected) == (3, 2, 1)


def test_injured_people_are_not_nobody(tmp_path: Path) -> None:
    text = "An airstrike hit Idlib, Syria, on Monday. Nobody was killed. At least 24 people were injured."
    with open_record(tmp_path / "r.duckdb") as opened:
        opened.add(write(tmp_path / "r.jsonl", [{"id": "a", "text": text}]))
        assert [one["grade"] for one in opened.incidents()] == ["weak"]


def test_conflicting_counts_stand_side_by_side_with_their_sentences(record: Record) -> None:
    market = by_member(record)["a#0"]
    values = {t["told_id"]: t["fatalities_low"] for t in market["tellings"]}
    assert (values["a#0"], values["b#0"]) == (9, 11)
    for told in market["tellings"]:
        text = next(r["text"] for r in REPORTS if r["id"] == told["report_id"])
        assert hashlib.sha256(text.encode()).hexdigest() == told["text_sha256"]
        (start, end), *_ = told["statements"]
        assert text[start:end].strip()
    assert market["links"]


def test_no_text_of_a_report_is_kept(record: Record, tmp_path: Path) -> None:
    record.close()
    body = (tmp_path / "r.duckdb").read_bytes()
    assert b"vegetable market" not in body and "سوق الخضار".encode() not in body


def test_adding_again_changes_nothing_and_a_changed_text_replaces(record: Record, tmp_path: Path) -> None:
    before = record.rows(dataset="incidents")
    again = record.add(tmp_path / "reports.jsonl")
    assert (again.unchanged, again.added, again.updated) == (5, 0, 0)
    assert record.rows(dataset="incidents") == before
    changed = {**REPORTS[0], "text": REPORTS[0]["text"].replace("nine", "twelve")}
    report = record.add(write(tmp_path / "more.jsonl", [changed]))
    assert report.updated == 1
    assert by_member(record)["a#0"]["fatalities_high"] == 12


def test_bad_lines_are_named_and_the_others_kept(tmp_path: Path) -> None:
    file = write(tmp_path / "r.jsonl", REPORTS[:2])
    file.write_text(file.read_text() + 'not json\n{"id": "z"}\n{"id": "y", "text": ""}\n')
    with open_record(tmp_path / "r.duckdb") as record:
        report = record.add(file)
        assert (report.read, report.added, report.rejected) == (5, 2, 3)
        assert len(record.rejected(report.import_id)) == 3


def test_decisions_hold_and_outlive_what_comes_in_later(record: Record, tmp_path: Path) -> None:
    found = by_member(record)
    first, other = found["a#0"]["incident_id"], found["c#0"]["incident_id"]
    record.decide("merge", first, other, reason="same wave")
    assert by_member(record)["c#0"]["incident_id"] == by_member(record)["a#0"]["incident_id"]
    merged = by_member(record)["a#0"]["incident_id"]
    record.decide("split", merged, tellings=["b#0"])
    record.decide("grade", by_member(record)["a#0"]["incident_id"], grade="confirmed", reason="own inquiry")
    record.add(
        write(tmp_path / "late.jsonl", [{"id": "f", "text": "Two boats sank off Aden, Yemen, on Sunday."}])
    )
    record.add(tmp_path / "reports.jsonl")
    found = by_member(record)
    assert found["c#0"]["incident_id"] == found["a#0"]["incident_id"] != found["b#0"]["incident_id"]
    assert (found["a#0"]["grade"], found["a#0"]["graded_by"], found["a#0"]["reason"]) == (
        "confirmed",
        "analyst",
        "own inquiry",
    )


def test_a_grade_outlives_a_second_report_and_stays_with_its_event(tmp_path: Path) -> None:
    idlib = "An airstrike hit a market in Idlib, Syria, on Monday and killed nine civilians."
    homs = "An airstrike hit a school in Homs, Syria, on Sunday and killed two civilians."
    with open_record(tmp_path / "r.duckdb") as opened:
        opened.add(write(tmp_path / "a.jsonl", [{"id": "s", "text": idlib}]))
        (one,) = opened.incidents()
        opened.decide("grade", one["incident_id"], grade="discounted", reason="old film")
        opened.add(write(tmp_path / "b.jsonl", [{"id": "t", "text": idlib.replace("nine", "ten")}]))
        (one,) = opened.incidents()
        assert (one["grade"], len(one["tellings"])) == ("discounted", 2)
        # the same report, with another event put in front
        opened.add(write(tmp_path / "c.jsonl", [{"id": "s", "text": f"{homs} {idlib}"}]))
        assert {one["place"]: one["grade"] for one in opened.incidents()} == {
            "Idlib": "discounted",
            "Homs": "weak",
        }


def test_what_a_person_coded_stays_and_stops_no_build(record: Record, tmp_path: Path) -> None:
    row = next(r for r in record.rows(dataset="incidents") if r["kind"] == "clash")
    codes = tmp_path / "codes.csv"
    codes.write_text(f"event_id,kind,initiator\n{row['event_id']},attack,Islamic State\n")
    record.recode(codes)
    record.add(
        write(
            tmp_path / "more.jsonl", [{"id": "f", "text": "A car bomb killed two in Homs, Syria, on Sunday."}]
        )
    )
    assert len(record.rows(dataset="incidents")) == len(record.incidents())
    (again,) = [r for r in record.rows(dataset="incidents") if r["event_id"] == row["event_id"]]
    assert (again["kind"], again["initiator"]) == ("attack", "Islamic State")


def test_undo_that_is_stopped_half_way_has_done_nothing(record: Record, monkeypatch: Any) -> None:
    before = record.rows(dataset="incidents"), record.incidents()
    import_id = next(i["import_id"] for i in record.log() if i["layout"] == "reports")

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("afterstrike.record.incidents._build.build_incidents", stop)
        with pytest.raises(KeyboardInterrupt):
            record.undo(import_id)
    assert (record.rows(dataset="incidents"), record.incidents()) == before
    record.undo(import_id)
    assert record.incidents() == []


def test_a_day_of_publication_that_is_put_right_is_taken(tmp_path: Path) -> None:
    text = "An airstrike hit Idlib, Syria, on Monday."
    with open_record(tmp_path / "r.duckdb") as opened:
        for published in (None, DAY):
            report = opened.add(
                write(tmp_path / "r.jsonl", [{"id": "a", "text": text, "published": published}])
            )
        assert (report.updated, report.unchanged) == (1, 0)
        assert [str(one["date_start"]) for one in opened.incidents()] == ["2024-05-06"]


def test_reports_without_an_id_are_told_apart_by_their_texts(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    texts = "An airstrike hit Idlib, Syria.", "A car bomb hit Aden, Yemen."
    with open_record(tmp_path / "r.duckdb") as opened:
        for folder, text in zip((tmp_path, tmp_path / "other"), texts, strict=True):
            report = opened.add(write(folder / "r.jsonl", [{"text": text}]))
            assert (report.added, report.updated) == (1, 0)
        assert {one["place"] for one in opened.incidents()} == {"Idlib", "Aden"}


def test_a_side_that_may_have_struck_confirms_nothing(tmp_path: Path) -> None:
    text = "Russia said its warplanes may have hit a school in Homs, Syria, on Monday, killing four people."
    with open_record(tmp_path / "r.duckdb") as opened:
        opened.add(write(tmp_path / "r.jsonl", [{"id": "a", "text": text}]))
        assert [one["grade"] for one in opened.incidents()] == ["weak"]


def test_a_decision_withdrawn_no_longer_holds(record: Record) -> None:
    from afterstrike.record.incidents import decisions, withdraw

    found = by_member(record)
    record.decide("merge", found["a#0"]["incident_id"], found["c#0"]["incident_id"])
    withdraw(record.connection, 1)
    record.build_incidents()
    found = by_member(record)
    assert found["a#0"]["incident_id"] != found["c#0"]["incident_id"]
    assert [d["withdrawn_at"] is not None for d in decisions(record.connection)] == [True]
    with pytest.raises(RecordError, match="withdrawn before"):
        withdraw(record.connection, 1)


def test_undo_takes_out_reports_and_their_incidents(record: Record, tmp_path: Path) -> None:
    before = {one["incident_id"] for one in record.incidents()}
    added = record.add(
        write(
            tmp_path / "g.jsonl",
            [{"id": "g", "text": "Shelling killed five men in Taiz, Yemen."}],
        )
    )
    assert len(record.incidents()) == len(before) + 1
    record.undo(added.import_id)
    assert {one["incident_id"] for one in record.incidents()} == before


def test_undo_of_a_changed_text_has_the_old_one_back(record: Record, tmp_path: Path) -> None:
    changed = {**REPORTS[0], "text": REPORTS[0]["text"].replace("nine", "twelve")}
    later = record.add(write(tmp_path / "more.jsonl", [changed]))
    with pytest.raises(RecordError, match=f"{later.import_id} later brought newer texts"):
        record.undo("import-1")
    assert record.undo(later.import_id) == {"deleted": 0, "restored": 1}
    assert by_member(record)["a#0"]["fatalities_low"] == 9
    assert record.undo("import-1") == {"deleted": 5, "restored": 0}
    assert record.incidents() == [] == record.rows(dataset="incidents")


@pytest.mark.parametrize(
    ("verb", "given", "words"),
    [
        ("merge", {}, "two or more"),
        ("split", {"tellings": ["zz"]}, "some, not all"),
        ("grade", {"grade": "sure"}, "confirmed, fair"),
    ],
)
def test_decisions_that_cannot_be(record: Record, verb: Any, given: dict[str, Any], words: str) -> None:
    one = record.incidents()[0]["incident_id"]
    with pytest.raises(UsageError, match=words):
        record.decide(verb, one, **given)
    with pytest.raises(RecordError, match="incidents show"):
        record.decide(verb, "incident-none", **given)


@pytest.mark.parametrize(
    ("texts", "grade"),
    [
        (["An airstrike hit Homs, Syria, on Monday and killed two civilians."], "weak"),
        (
            [
                "A Turkish airstrike hit Manbij, Syria, on Monday and killed two civilians at the mill.",
                "A Russian airstrike hit Manbij, Syria, on Monday and killed two civilians at the mill.",
            ],
            "contested",
        ),
        (["A strike hit Homs, Syria, on Monday. Nobody was killed or injured."], "discounted"),
        (
            [
                "US Central Command said it carried out an airstrike near Palmyra, Syria, on Monday. No civilians were harmed.",
                "An airstrike near Palmyra, Syria, on Monday killed two civilians, residents said.",
            ],
            "contested",
        ),
    ],
)
def test_grades(tmp_path: Path, texts: list[str], grade: str) -> None:
    reports = [{"id": str(n), "outlet": f"o{n}", "text": text} for n, text in enumerate(texts)]
    with open_record(tmp_path / "r.duckdb") as record:
        record.add(write(tmp_path / "r.jsonl", reports))
        found = record.incidents()
        assert [one["grade"] for one in found] == [grade], [(one["grade"], one["reason"]) for one in found]
        assert found[0]["reason"] and found[0]["graded_by"] == "rule"


def told(name: str, text: str, **event: Any) -> Told:
    return Told(name, name, {"kind": "strike", **event}, frozenset(word_hashes(text)))


def test_what_bars_two_tellings_from_being_one() -> None:
    words = rarity([word_hashes("a strike on the mill"), word_hashes("a strike on the mill")])
    a = told(
        "a",
        "a strike on the mill",
        date_start="2024-05-06",
        date_precision=1,
        lat=36.0,
        lon=38.0,
        geo_precision=1,
    )
    far = told(
        "b",
        "a strike on the mill",
        date_start="2024-05-06",
        date_precision=1,
        lat=33.0,
        lon=44.0,
        geo_precision=1,
    )
    late = told("c", "a strike on the mill", date_start="2024-05-20", date_precision=1)
    other = told("d", "a strike on the mill", kind="displacement")
    assert [pair_score(a, b, words, {}).is_barred for b in (far, late, other)] == [True, True, True]
    near = told(
        "e",
        "a strike on the mill",
        date_start="2024-05-06",
        date_precision=1,
        lat=36.01,
        lon=38.0,
        geo_precision=1,
    )
    assert not pair_score(a, near, words, {}).is_barred
    assert pair_score(a, near, words, {}).score == pair_score(near, a, words, {}).score


def test_a_place_the_reader_left_open_stays_open(tmp_path: Path) -> None:
    text = "قُتل عامل بقصف على قرية الزعتر بريف مجهول، الاثنين."
    with open_record(tmp_path / "r.duckdb") as record:
        record.add(
            write(
                tmp_path / "r.jsonl",
                [{"id": "a", "text": text}, {"id": "b", "text": "A strike killed two men."}],
            )
        )
        (row,) = record.rows(dataset="incidents")  # what has neither day nor place makes no row
        assert (row["place"], row["lat"], row["geo_precision"]) == ("الزعتر", None, None)


def test_a_record_without_reports_has_no_incidents(tmp_path: Path) -> None:
    with open_record(tmp_path / "r.duckdb") as record:
        assert record.incidents() == []
        assert record.build_incidents().incidents == 0


def test_a_report_taken_back_counts_no_more_and_undo_puts_it_back(record: Record) -> None:
    from afterstrike.record.incidents import store_reports

    done = store_reports(record.connection, [], name="taken back", digest="-", retracted=["a", "unknown"])
    assert (done.read, done.updated, done.added) == (1, 1, 0)
    record.build_incidents()
    assert "a#0" not in by_member(record)
    assert record.undo(done.import_id) == {"deleted": 0, "restored": 1}
    assert "a#0" in by_member(record)
    with pytest.raises(SourceError, match="holds no reports"):
        store_reports(record.connection, [], name="nothing", digest="-", retracted=["unknown"])


def test_an_import_that_renews_adds_and_takes_back_is_undone_whole(record: Record) -> None:
    from afterstrike.reading import read_batch
    from afterstrike.record.incidents import store_reports

    before = record.connection.execute("FROM reports ORDER BY report_id").fetchall()
    rows = [
        {**REPORTS[1], "text": REPORTS[1]["text"].replace("Eleven", "Twelve"), "line": 1},
        {**REPORTS[2], "id": "new", "line": 2},
    ]
    pairs = zip(rows, read_batch(rows, candidates=False), strict=True)
    done = store_reports(record.connection, pairs, name="mixed", digest="-", retracted=["e"])
    assert (done.read, done.added, done.updated) == (3, 1, 2)
    assert record.undo(done.import_id) == {"deleted": 1, "restored": 2}
    assert record.connection.execute("FROM reports ORDER BY report_id").fetchall() == before
