"""`afterstrike read` and `afterstrike incidents`, as a user runs them."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from afterstrike.cli import cli, main

TEXT = "An airstrike hit Raqqa, Syria, killing 3 civilians, residents said on Monday."
ARABIC = "قُتل مدنيان بغارة روسية على مدينة إدلب السورية، الجمعة."
FIELDS = {
    "kind", "date_start", "date_end", "date_precision", "place", "lat", "lon", "geo_precision", "side_a", "side_b",
    "initiator", "strikes", "targets", "fatalities_low", "fatalities_best", "fatalities_high",
    "civilian_fatalities_low", "civilian_fatalities_best", "civilian_fatalities_high", "injured_low", "injured_high",
    "weapon", "hedging", "source", "spans",
}  # fmt: skip


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=stdin)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_one_line_a_document_with_every_field(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl"
    rows = [
        {"id": 7, "text": TEXT, "published": "2017-05-08"},
        {"text": ARABIC, "lang": "ar", "published": "2021-12-31"},
    ]
    source.write_bytes(gzip.compress("\n".join(json.dumps(r) for r in rows).encode()))
    result = run("read", "--jsonl", str(source), "-o", str(out))
    assert result.exit_code == 0, result.output
    english, arabic = lines(out.read_text(encoding="utf-8"))
    assert (english["id"], english["lang"], arabic["id"], arabic["lang"]) == (
        "7",
        "en",
        "in.jsonl.gz:2",
        "ar",
    )
    for line in (english, arabic):
        assert {"id", "lang", "claims", "events", "places"} <= set(line)
        assert line["events"][0].keys() >= FIELDS
        place = line["places"][0]
        assert place.keys() >= {
            "start",
            "end",
            "surface",
            "name",
            "lat",
            "lon",
            "geo_precision",
            "gazetteer",
            "gazetteer_id",
        }
        assert place["candidates"][0]["reason"]
    assert (english["events"][0]["date_start"], arabic["events"][0]["initiator"]) == (
        "2017-05-08",
        "Government of Russia",
    )
    (country,) = [p for p in english["places"] if p["surface"] == "Syria"]
    assert country["geo_precision"] == 6 and 32 < country["lat"] < 38


def test_faults_of_lines_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(
        '\ufeff{"id": "a", "text": "' + TEXT + '"}\n[1]\n{"id": "b"}\n\n{"id": "c", "text": " "}\n',
        encoding="utf-8",
    )
    result = run("read", "--jsonl", str(source))
    assert result.exit_code == 0
    found = lines(result.stdout)
    assert [line["id"] for line in found] == ["a", "in.jsonl:2", "b", "c"]
    assert ["error" in line for line in found] == [False, True, True, True]
    assert "an object with `text`" in found[1]["error"]


def test_a_publication_that_is_no_iso_date_is_understood_or_left_aside(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    days = ["2017-05-08T10:00:00+03:00", "8 May 2017", "8 أيار 2017", "soon"]
    source.write_text("\n".join(json.dumps({"id": d, "text": TEXT, "published": d}) for d in days))
    found = lines(run("read", "--jsonl", str(source)).stdout)
    assert [line["published"] for line in found] == ["2017-05-08"] * 3 + [None]
    assert "left aside" in found[3]["notes"][0]


def test_files_standard_input_and_a_readable_summary(tmp_path: Path) -> None:
    file = tmp_path / "story.txt"
    file.write_text(TEXT, encoding="utf-8")
    result = run("read", str(file), "--published", "2017-05-08", "--summary")
    assert "strike, 2017-05-08, Raqqa, civilians killed 3, killed 3; reported, residents" in result.stdout
    assert lines(run("read", "-", stdin=TEXT.encode()).stdout)[0]["id"] == "-"


def test_a_geonames_file_of_the_users_own_resolves_what_ships_unresolved(tmp_path: Path) -> None:
    # the nineteen columns of a GeoNames country dump
    dump = tmp_path / "SY.txt"
    row = [
        "99000001",
        "Zayzafun",
        "Zayzafun",
        "الزيزفون,Zayzafoun",
        "36.123",
        "37.456",
        "P",
        "PPL",
        "SY",
        "",
        "09",
        "",
        "",
        "",
        "0",
    ]
    dump.write_text("\t".join([*row, "", "300", "Asia/Damascus", "2020-01-01"]) + "\n", encoding="utf-8")
    text = "Shelling of Zayzafun village in Syria killed two farmers."
    file = tmp_path / "a.txt"
    file.write_text(text, encoding="utf-8")
    before = lines(run("read", str(file)).stdout)[0]["events"][0]
    after = lines(run("read", str(file), "--gazetteer", str(dump)).stdout)[0]["events"][0]
    assert before["lat"] is None
    assert (after["lat"], after["lon"], after["geo_precision"]) == (36.123, 37.456, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["read", "nowhere.txt"], "give a file"),
        (["read", "--jsonl", "nowhere.txt"], "nowhere.txt"),
        (["read", "{file}", "--published", "May"], "YYYY-MM-DD"),
        (["read", "{file}", "-o", "{file}"], "another name"),
        (["read", "{empty}"], "documents not read"),
        (["incidents", "show", "--record", "none.duckdb"], "does not exist"),
    ],
)
def test_bad_input_ends_in_one_line(arguments: list[str], words: str, tmp_path: Path, capfd: Any) -> None:
    (tmp_path / "f.txt").write_text(TEXT)
    (tmp_path / "e.txt").write_text(" ")
    filled = [a.format(file=tmp_path / "f.txt", empty=tmp_path / "e.txt") for a in arguments]
    assert main(filled) == 2
    told = capfd.readouterr().err
    assert words in told and "Traceback" not in told


def test_incidents_from_the_command_line(tmp_path: Path) -> None:
    source, record = tmp_path / "r.jsonl", str(tmp_path / "r.duckdb")
    rows = [
        {"id": "a", "text": TEXT, "published": "2017-05-08", "outlet": "One"},
        {"id": "b", "text": TEXT.replace("3", "5"), "published": "2017-05-08", "outlet": "Two"},
        {
            "id": "c",
            "text": "A car bomb killed two policemen in Aden, Yemen, on Sunday.",
            "published": "2017-05-08",
        },
    ]
    source.write_text("\n".join(json.dumps(r) for r in rows))
    added = run("record", "add", str(source), "--record", record)
    assert added.exit_code == 0 and "are 2 incidents" in added.stdout
    shown = json.loads(run("incidents", "show", "--record", record, "--json").stdout)
    two = next(one for one in shown if len(one["tellings"]) == 2)
    told = run("incidents", "show", two["incident_id"], "--record", record).stdout
    assert "killed 3" in told and "killed 5" in told and "fair (rule)" in told and "characters 0 to" in told
    assert run("incidents", "split", two["incident_id"], "b#0", "--record", record).exit_code == 0
    graded = run(
        "incidents", "grade", two["incident_id"], "discounted", "--because", "an error", "--record", record
    )
    assert graded.exit_code == 0
    assert "split" in run("incidents", "decisions", "--record", record).stdout
    assert run("incidents", "show", "--grade", "discounted", "--record", record).stdout.count("analyst") == 1
    ids = [
        one["incident_id"]
        for one in json.loads(run("incidents", "show", "--record", record, "--json").stdout)
    ]
    assert run("incidents", "merge", *ids[:2], "--record", record).exit_code == 0
    assert run("incidents", "decisions", "--withdraw", "1", "--record", record).exit_code == 0
    assert run("incidents", "build", "--record", record).exit_code == 0


def test_one_missing_file_costs_neither_the_others_nor_what_stood_there(tmp_path: Path, capfd: Any) -> None:
    good, out = tmp_path / "f.txt", tmp_path / "o.jsonl"
    good.write_text(TEXT)
    out.write_text("precious")
    assert main(["read", str(good), "nowhere.txt", str(good), "-o", str(out)]) == 2
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert ["error" in line for line in lines] == [False, True, False]
    out.write_text("precious")
    assert main(["read", str(good), "-o", str(out), "--gazetteer", "nowhere.csv"]) == 2
    assert out.read_text() == "precious" and sorted(p.name for p in tmp_path.iterdir()) == [
        "f.txt",
        "o.jsonl",
    ]
    (tmp_path / "bad.jsonl.gz").write_text("no gzip")
    assert main(["read", "--jsonl", str(tmp_path / "bad.jsonl.gz")]) == 2
    (tmp_path / "none.jsonl").write_text("")
    capfd.readouterr()
    assert main(["read", "--jsonl", str(tmp_path / "none.jsonl")]) == 0
    assert "no records" in capfd.readouterr().err


def test_lines_from_standard_input_are_those_of_a_file(tmp_path: Path, capfd: Any, monkeypatch: Any) -> None:
    body = "\ufeff" + json.dumps(
        {"id": "a\ud800", "text": TEXT + "\u2028 Calm.", "media_type": 5}, ensure_ascii=False
    )
    raw = body.encode("utf-8", "surrogatepass").replace(b"\xed\xa0\x80", b"\\ud800")
    (tmp_path / "r.jsonl").write_bytes(raw)
    assert main(["read", "--jsonl", str(tmp_path / "r.jsonl")]) == 0
    by_name = capfd.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert main(["read", "--jsonl", "-"]) == 0
    assert capfd.readouterr().out == by_name and len(by_name.split("\n")) == 2
    assert json.loads(by_name)["id"] == "a?"
